"""A bundle and its tree of text files say the same, in the order and with the comments in which it was written."""

import dataclasses
import json
from datetime import date, timedelta

import pytest
import yaml
from cases.conftest import cheap_hashes, desk, town
from diagrams.tables.made import table
from sqlalchemy import text, update

from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import provenance, texts
from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion
from app.diagrams.tables import write
from app.kernel import clock
from app.kernel.errors import Invalid, NotFound, Refused
from app.kernel.settings import ROOT

__all__ = ["cheap_hashes", "desk", "town"]

KEY = "penalty/ordinary"
APPROVED = diagrams.approved(1, "枣司案〔2026〕1号")
DMN = write(table("harsh", {"grave": "boolean"}, "true => true", "false => false", name="裁量阶次"))
MORE = {
    "tables/裁量阶次.dmn": DMN,
    "runs/罚款-从轻.json": '{"steps": [],\n "name": "罚款-从轻"}\n',
}


@pytest.fixture(scope="module")
def real() -> bundles.Bundle:
    return diagrams.from_folder(KEY)


@pytest.fixture(scope="module")
def tree(real) -> dict[str, str]:
    """The shipped procedure with a table and a saved run of its own."""
    return diagrams.to_tree(real) | MORE


def with_text(tree: dict[str, str], path: str, content: str) -> dict[str, str]:
    return {**tree, path: content}


def test_the_round_trip_loses_no_sign(tree):
    made = diagrams.from_tree(tree)
    assert diagrams.to_tree(made) == tree
    assert diagrams.from_tree(diagrams.to_tree(made)) == made
    assert set(made.tables) == {"裁量阶次"}
    assert set(made.runs) == {"罚款-从轻", *diagrams.from_folder(KEY).runs}


def test_the_shipped_folder_is_the_tree_it_is_written_as(real):
    tree = diagrams.to_tree(real)
    folder = ROOT / "bpmn" / KEY
    for path in ("external.bpmn", "internal.bpmn", "rules.yaml"):
        assert tree[path].encode() == (folder / path).read_bytes()
    assert tree["forms/penalty_lead.json"].encode() == (ROOT / "forms/penalty_lead.json").read_bytes()


def test_a_bundle_without_more_is_named_as_before_there_was_more(real):
    simple = diagrams.from_folder("penalty/simple")  # calls nothing
    parts = (simple.key, simple.external, simple.internal, simple.rules, simple.forms)
    bare = dataclasses.replace(simple, runs={})
    assert bundles.digest(*parts) == bundles.digest(*parts, {}) == bundles.named(bare) != simple.digest
    assert provenance.shipped()["penalty/simple"] == simple.digest
    assert provenance.shipped()[KEY] == real.digest


@pytest.mark.parametrize("path", MORE)
def test_everything_of_it_is_in_its_name(tree, path):
    assert diagrams.from_tree(tree).digest != diagrams.from_tree(with_text(tree, path, "{}")).digest
    less = {name: content for name, content in tree.items() if name != path}
    assert diagrams.from_tree(less).digest != diagrams.from_tree(tree).digest


def test_comments_are_kept_and_no_part_of_the_name(tree):
    commented = with_text(tree, "rules.yaml", "# 只是说明\n" + tree["rules.yaml"])
    assert diagrams.from_tree(commented).digest == diagrams.from_tree(tree).digest
    assert diagrams.to_tree(diagrams.from_tree(commented))["rules.yaml"].startswith("# 只是说明\n")


def test_a_published_version_gives_the_tree_back(desk, tree):
    version = diagrams.publish(desk, diagrams.from_tree(tree), gate, APPROVED)
    desk.expire_all()
    back = diagrams.bundle_of(desk, version.id)
    assert diagrams.to_tree(back) == tree
    assert back.digest == version.digest == bundles.named(back)
    found = diagrams.procedure(desk, version.id)
    assert (found.tables, found.provenance) == ({"裁量阶次": DMN}, APPROVED)


EDITS = {
    "a table": {"tables": {}},
    "a run": {"runs": {"罚款-从轻": "{}"}},
    "whence": {"origin": "shipped"},
    "an earlier release": {"origin": "earlier"},
    "who approved it": {"note": "枣司案〔2026〕2号"},
    "the case": {"case_id": 7},
    "from when": {"effective_on": None},
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_part_is_not_what_was_published(desk, tree, name):
    day = clock.today() + timedelta(days=9)
    version = diagrams.publish(desk, diagrams.from_tree(tree), gate, APPROVED, day)
    desk.execute(update(ProcedureVersion).where(ProcedureVersion.id == version.id).values(**EDITS[name]))
    desk.expire_all()
    for read in (diagrams.bundle_of, diagrams.procedure):
        with pytest.raises(Refused) as caught:
            read(desk, version.id)
        assert caught.value.code == "procedure_changed"


def test_an_edited_comment_is_not_shown_as_the_rule_set(desk, tree):
    version = diagrams.publish(desk, diagrams.from_tree(tree), gate, APPROVED)
    lie = {**version.written, "rules.yaml": tree["rules.yaml"].replace("limit: 15wd", "limit: 20wd", 1)}
    desk.execute(update(ProcedureVersion).where(ProcedureVersion.id == version.id).values(written=lie))
    desk.expire_all()
    shown = diagrams.to_tree(diagrams.bundle_of(desk, version.id))["rules.yaml"]
    assert yaml.safe_load(shown) == yaml.safe_load(tree["rules.yaml"])


def test_a_version_of_before_is_a_tree_too(real):
    bare = dataclasses.replace(real, written={})
    tree = diagrams.to_tree(bare)
    assert diagrams.from_tree(tree).digest == real.digest
    assert tree["rules.yaml"].startswith(f"key: {KEY}\nname: ")


# what is no procedure


REFUSED = {
    "a place out of the tree": ({"../rules.yaml": "x"}, "不认识它的位置"),
    "an absolute path": ({"/etc/passwd": "x"}, "不认识它的位置"),
    "a folder of its own": ({"scripts/a.py": "x"}, "不认识它的位置"),
    "a document without code": ({"documents/决定书.yaml": "x"}, "不认识它的位置"),
    "a form within": ({"forms/a/b.json": "{}"}, "不认识它的位置"),
    "no diagram": ({"internal.bpmn": None}, "缺少文件“internal.bpmn”"),
    "no rules": ({"rules.yaml": None}, "缺少文件“rules.yaml”"),
    "rules without key": ({"rules.yaml": "name: x\n"}, "没有写明流程代码"),
    "rules of a wild key": ({"rules.yaml": "key: ../../etc\n"}, "没有写明流程代码"),
    "rules that are none": ({"rules.yaml": "[1, 2"}, "rules.yaml"),
    "a form that is no JSON": ({"forms/penalty_lead.json": "{'a': 1}"}, "第 1 行不是有效的 JSON"),
    "a form that is a list": ({"forms/penalty_lead.json": "[]"}, "应当是一个对象"),
    "a key that stands twice": ({"forms/penalty_lead.json": '{"key": 1, "key": 2}'}, "“key”写了两次"),
    "a rule that stands twice": ({"rules.yaml": "key: a\nreviews: [1]\nreviews: []\n"}, "“reviews”写了两次"),
    "an alias": ({"rules.yaml": "a: &x [1]\nb: *x\n"}, "使用了引用"),
    "a number that is none": ({"runs/a.json": '{"a": NaN}'}, "不是数字的数"),
    "nested without end": ({"runs/a.json": "[" * 100_000}, "嵌套过深"),
    "rules nested without end": ({"rules.yaml": "[" * 100}, "嵌套过深"),
    "a day": ({"rules.yaml": "key: a\nday: 2026-01-01\n"}, "日期请加引号"),
    "a sign no database holds": ({"tables/a.dmn": "a\0b"}, "不能保存的字符"),
    "too large": ({"tables/a.dmn": "x" * 1_500_001}, "超过 1464 KB"),
    "too many": ({f"tables/t{n}.dmn": "x" for n in range(600)}, "超过 600 个"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_procedure_is_refused_in_words(tree, name):
    changes, words = REFUSED[name]
    odd = {path: content for path, content in {**tree, **changes}.items() if content is not None}
    with pytest.raises(Invalid, match=words):
        diagrams.from_tree(odd)


def test_a_tree_of_another_procedure_is_refused(tree):
    with pytest.raises(Invalid, match="应当是“licence/ordinary”"):
        diagrams.from_tree(tree, "licence/ordinary")


def test_the_strict_readers_read_what_the_tolerant_ones_read(real):
    shipped = (ROOT / "bpmn" / KEY / "rules.yaml").read_text(encoding="utf-8")
    assert texts.read_yaml(shipped, "x") == yaml.safe_load(shipped)
    for name, form in real.forms.items():
        assert texts.read_json(json.dumps(form), name) == form


# what may be started


def renamed(real: bundles.Bundle, name: str) -> bundles.Bundle:
    new = dataclasses.replace(real, rules={**real.rules, "name": name}, written={})
    return dataclasses.replace(new, digest=bundles.named(new))


def test_what_nobody_approved_is_not_published(desk, real):
    with pytest.raises(Refused) as caught:
        diagrams.publish(desk, renamed(real, "未经批准"), gate)
    assert caught.value.code == "unapproved"
    assert "送审" in caught.value.message
    assert diagrams.current(desk, KEY).number == 1


def test_the_release_ships_what_it_publishes(desk):
    shipped = diagrams.current(desk, KEY)
    assert shipped.provenance.origin is diagrams.Origin.SHIPPED
    assert shipped.provenance.note
    assert shipped.effective_on is None


def test_a_version_begins_on_its_day(desk, real):
    day = clock.today() + timedelta(days=5)
    version = diagrams.publish(desk, renamed(real, "将来的"), gate, APPROVED, day)
    assert diagrams.current(desk, KEY).number == 1
    assert not diagrams.in_force(diagrams.procedure(desk, version.id))
    with clock.at(clock.now() + timedelta(days=4)):
        assert diagrams.current(desk, KEY).number == 1
    with clock.at(clock.now() + timedelta(days=5)):
        assert diagrams.current(desk, KEY).number == 2
        assert diagrams.in_force(diagrams.procedure(desk, version.id))
    assert diagrams.current(desk, KEY).number == 1


def test_a_procedure_that_is_to_come_says_when(desk, real):
    rules = {**real.rules, "key": "penalty/other", "scope": "penalty.ordinary"}
    other = dataclasses.replace(real, key="penalty/other", rules=rules, written={})
    other = dataclasses.replace(other, digest=bundles.named(other))
    diagrams.publish(desk, other, gate, APPROVED, date(2099, 5, 1))
    with pytest.raises(NotFound, match="自 2099年5月1日起施行"):
        diagrams.current(desk, "penalty/other")


def test_the_list_of_versions_says_whence(desk, real):
    diagrams.publish(desk, renamed(real, "新的"), gate, APPROVED)
    newest, first = diagrams.versions(desk, KEY)
    assert (newest.number, newest.origin, newest.note) == (2, diagrams.Origin.APPROVED, "枣司案〔2026〕1号")
    assert (first.number, first.origin) == (1, diagrams.Origin.SHIPPED)


def test_no_other_origin_is_stored(desk):
    with pytest.raises(Exception, match="ck_procedure_version_origin"), desk.begin_nested():
        desk.execute(text("update procedure_version set origin = 'found on the street'"))
