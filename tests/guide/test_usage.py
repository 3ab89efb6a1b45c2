"""使用说明: every shipped procedure has its page, true to its diagrams, short enough for one sheet."""

import re

import pytest
from cases.town import Town
from sqlalchemy import select

from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion
from app.guide import usage
from app.kernel.errors import Invalid

KEYS = diagrams.on_disk()
SECTIONS = ["用途", "什么时候用，什么时候不用", "谁参加", "时限和闸门", "采用前需要决定", "只能收紧", "依据"]
WIDTH, LINES = 40, 48
"""Characters in a line and lines on an A4 page, as the page prints."""


def named_in(bundle: diagrams.Bundle) -> set[str]:
    """What the diagrams call their steps."""
    drawn = (diagrams.safe_xml(text).iter() for text in (bundle.whole, bundle.external))
    return {name for nodes in drawn for node in nodes if (name := node.get("name"))}


def lines_of(text: tuple[usage.Section, ...]) -> int:
    """How many lines it takes in print; a heading takes two."""
    blocks = [block for section in text for block in (*section.paragraphs, *section.items)]
    return 2 * len(text) + sum(-(-len(block) // WIDTH) for block in blocks)


@pytest.mark.parametrize("key", KEYS)
def test_every_shipped_procedure_says_on_one_page_what_it_is_for(key: str):
    text = usage.of_release(key)
    assert [section.title for section in text] == SECTIONS
    assert all(section.paragraphs or section.items for section in text)
    assert lines_of(text) <= LINES
    said = re.findall("“([^”]+)”", str(text))
    assert said, "it names the steps it speaks of"
    assert set(said) <= named_in(diagrams.from_folder(key))


def test_a_procedure_of_an_agency_s_own_has_no_text_of_the_release_and_none_is_read_elsewhere(tmp_path):
    assert usage.of_release("penalty/own") == ()
    (tmp_path / "bpmn").mkdir()
    (tmp_path / "guide.md").write_text("## 别处\n", encoding="utf-8")
    assert usage.of_release("..", tmp_path) == ()


@pytest.mark.parametrize("text", ["没有标题。", "# 一级\n", "## 甲\n| a | b |", "## 甲\n<b>粗</b>\n> 引用"])
def test_what_the_page_cannot_set_is_refused(text: str):
    with pytest.raises(Invalid, match="使用说明第"):
        usage.parsed(text)


def test_the_page_shows_the_text_and_what_the_version_says(town: Town):
    with town.read() as session:
        chosen = select(ProcedureVersion.id).where(ProcedureVersion.key == "compulsion/seizure")
        version = session.scalars(chosen).one()
    reader = town.caller("sj-officer1")
    page = reader.get(f"/help/procedures/{version}/usage").get_data(as_text=True)
    for word in (
        *SECTIONS,
        "查封、扣押期限",
        "30日",
        "补办批准",
        "24小时",
        "分管负责人岗",
        "《实施行政强制措施决定书》",
    ):
        assert word in page, word
    assert "本版本经本地送审公布" not in page
    assert f'href="/help/procedures/{version}/usage"' in reader.get("/help").get_data(as_text=True)
    manual = reader.get(f"/help/procedures/{version}").get_data(as_text=True)
    assert f'href="/help/procedures/{version}/usage"' in manual
    studio = town.caller("sf-analyst").get("/studio").get_data(as_text=True)
    assert f'href="/help/procedures/{version}/usage"' in studio
    assert reader.get("/help/procedures/999999/usage").status_code == 404
