"""Remarks in the texts of a file: one a request, found in the text, closed with the review, sealed."""

import re

import pytest
from cases.town import Town
from sqlalchemy import select, text

from app.documents.models import Document
from app.review.models import ReviewedDraft, ReviewRemark

from .rounds import answers, hand_in, key, remark, take


@pytest.fixture(scope="module")
def case_id(town: Town) -> int:
    return town.open("stone-mill", "legal_review")


@pytest.fixture(scope="module")
def work_id(town: Town, case_id: int) -> int:
    return take(town, case_id, "hb-legal")


def passage_of(page: str, source: str, words: str) -> str:
    """The name of the passage of a text that says these words."""
    article = page[page.index(f'data-source="{source}"') :]
    article = article[: article.index("</article>")]
    for name, said in re.findall(r'data-passage="([^"]+)">(.*?)</(?:p|div)>', article):
        if words in re.sub(r"<[^>]+>", "", said):
            return name
    raise AssertionError(f"{source} does not say {words}")


def test_a_remark_is_marked_where_it_stands(town: Town, work_id: int):
    who = town.caller("hb-legal")
    page = who.get(f"/review/legal/{work_id}").get_data(as_text=True)
    name = passage_of(page, "draft:JD-01", "65.2毫克")
    answer = remark(who, work_id, "draft:JD-01", name, "65.2毫克/立方米", kind="problem", point="facts")
    assert answer.status_code == 200
    said = answer.get_data(as_text=True)
    assert re.search(r'<mark class="mark-problem" id="mark-\d+"[^>]*>65.2毫克/立方米</mark>', said)
    assert "请补充依据。" in said


def test_the_same_request_again_is_the_same_remark(town: Town, case_id: int, work_id: int):
    who, mine = town.caller("hb-legal"), key()
    for _ in range(2):
        assert (
            remark(who, work_id, "draft:JD-01", "p1", "决定书", _key=mine, kind="support").status_code == 200
        )
    with town.read() as session:
        found = session.scalars(select(ReviewRemark).where(ReviewRemark.key == mine)).all()
        assert len(found) == 1
        assert found[0].case_id == case_id


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quote": "草案里没有的话"}, "没有找到选中的文字"),
        ({"quote": " "}, "请选中要批注的文字"),
        ({"text": " "}, "请写明问题"),
        ({"kind": "other"}, "类别"),
        ({"point": "nothing"}, "要点"),
        ({"source": "document:1"}, "没有找到选中的文字"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(town: Town, work_id: int, change: dict, words: str):
    who = town.caller("hb-legal")
    with town.read() as session:
        before = session.scalars(select(ReviewRemark.id)).all()
    answer = remark(who, work_id, **{"source": "draft:JD-01", "passage": "p1", "quote": "决定书", **change})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    with town.read() as session:
        assert session.scalars(select(ReviewRemark.id)).all() == before


def test_a_remark_is_changed_and_taken_back(town: Town, work_id: int):
    who = town.caller("hb-legal")
    remark(who, work_id, "draft:JD-01", "p1", "决定书", text="先写的话。", _key=(mine := key()))
    with town.read() as session:
        remark_id = session.scalar(select(ReviewRemark.id).where(ReviewRemark.key == mine))
    path = f"/review/legal/{work_id}/remarks/{remark_id}"
    changed = {"kind": "change", "point": "document", "text": "后写的话。"}
    assert "后写的话。" in who.post(path, changed, page=f"/review/legal/{work_id}").get_data(as_text=True)
    for _ in range(2):
        assert who.post(f"{path}/remove", {}, page=f"/review/legal/{work_id}").status_code == 200
    assert who.post(path, changed, page=f"/review/legal/{work_id}").status_code == 404


def test_words_typed_are_sealed(town: Town, work_id: int):
    remark(town.caller("hb-legal"), work_id, "draft:JD-01", "p1", "决定书", text="只有审核人员写的话。")
    with town.read() as session:
        rows = " ".join(session.scalars(text("select r::text from review_remark r")))
        assert "只有审核人员写的话" not in rows
        assert "只有审核人员写的话".encode().hex() not in rows


def test_a_text_set_anew_is_searched_for_the_words(town: Town, case_id: int, work_id: int):
    """The number of blocks before it changed: the remark stands where its words stand."""
    who = town.caller("hb-legal")
    page = who.get(f"/review/legal/{work_id}").get_data(as_text=True)
    name = passage_of(page, "draft:JD-01", "65.2毫克")
    remark(who, work_id, "draft:JD-01", name, "8.7毫克/立方米", text="复测依据。", _key=(mine := key()))
    with town.act() as session:
        found = session.scalars(select(ReviewRemark).where(ReviewRemark.key == mine)).one()
        found.passage, found.start, found.source_digest = "p3", 500, "0" * 64
    page = who.get(f"/review/legal/{work_id}").get_data(as_text=True)
    assert re.search(r'<mark class="mark-problem" id="mark-\d+"[^>]*>8.7毫克/立方米</mark>', page)
    with town.act() as session:
        found = session.scalars(select(ReviewRemark).where(ReviewRemark.key == mine)).one()
        found.said = {**found.said, "quote": "原来有过的话"}
    assert "原文已改动" in who.get(f"/review/legal/{work_id}").get_data(as_text=True)


def test_after_the_review_remarks_are_closed_and_read_by_the_handlers(town: Town, case_id: int, work_id: int):
    who = town.caller("hb-legal")
    token = who.token(f"/review/legal/{work_id}")
    result = hand_in(
        town,
        case_id,
        "legal_review",
        "hb-legal",
        answers(town, "stone-mill", "penalty_legal_review", prefix="hb"),
    )
    assert result.documents[0]["title"] == "重大执法决定法制审核意见书"
    late = {"source": "draft:JD-01", "passage": "p1", "start": "0", "quote": "决定书", "kind": "support", "point": "",
            "text": "", "_key": key(), "_csrf": token}  # fmt: skip
    assert who.bare_post(f"/review/legal/{work_id}/remarks", late).status_code == 409
    with town.read() as session:
        assert session.scalars(select(ReviewedDraft).where(ReviewedDraft.work_item_id == work_id)).all() == []
        issued = session.scalars(select(Document.code).where(Document.case_id == case_id)).all()
    assert "SH-01" in issued
    told = town.caller("hb-officer1").get(f"/review/legal/cases/{case_id}/remarks")
    assert told.status_code == 200
    assert "复测依据。" in told.get_data(as_text=True)
    assert town.caller("szzf-officer1").get(f"/review/legal/cases/{case_id}/remarks").status_code == 404
