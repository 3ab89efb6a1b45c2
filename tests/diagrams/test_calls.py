"""A procedure calls shared sub-procedures: laid into one diagram, pinned by its digest, told when they cannot be."""

import dataclasses
import itertools
import shutil

import pytest
from cases.conftest import cheap_hashes, desk, town
from lxml import etree

from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import calls, diff, package
from app.diagrams import service as diagrams
from app.diagrams.rules import parse
from app.engine import service as engine
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.verify import reader

__all__ = ["cheap_hashes", "desk", "town"]

HEAD = '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xq="urn:xingquan:bpmn:1">'
APPROVED = diagrams.approved(1, "枣司案〔2026〕1号")
PENALTY = "penalty/ordinary"


def chain(name: str, *middle: str, lane: str = "hearing") -> str:
    """A process of nodes one after the other."""
    ids = [f"{name}_begin", *(m.split('id="')[1].split('"')[0] for m in middle), f"{name}_end"]
    refs = "".join(f"<bpmn:flowNodeRef>{i}</bpmn:flowNodeRef>" for i in ids)
    flows = "".join(
        f'<bpmn:sequenceFlow id="f_{name}_{a}" sourceRef="{a}" targetRef="{b}" />'
        for a, b in itertools.pairwise(ids)
    )
    return (
        f'{HEAD}<bpmn:process id="{name}" name="{name}流程" isExecutable="true"><bpmn:laneSet id="lanes_{name}">'
        f'<bpmn:lane id="lane_{name}" name="岗位" xq:position="{lane}">{refs}</bpmn:lane></bpmn:laneSet>'
        f'<bpmn:startEvent id="{ids[0]}" />{"".join(middle)}<bpmn:endEvent id="{ids[-1]}" />{flows}'
        "</bpmn:process></bpmn:definitions>"
    )


def task(ident: str, name: str = "办理") -> str:
    return f'<bpmn:userTask id="{ident}" name="{name}" xq:step="{ident}" xq:form="f_{ident}" />'


def call(ident: str, called: str, inner: str = "") -> str:
    more = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>" if inner else ""
    return (
        f'<bpmn:callActivity id="{ident}" name="{ident}" calledElement="{called}">{more}</bpmn:callActivity>'
    )


def nodes(internal: str, called: dict[str, str]) -> dict[str, reader.Node]:
    [process] = reader.read(calls.linked(internal.encode(), called))
    return dict(process.nodes)


INNER = {"inner": chain("inner", task("ask"))}


def test_what_is_called_stands_in_the_place_of_its_call():
    found = nodes(chain("outer", call("first", "inner")), INNER)
    assert (found["first"].tag, found["ask"].scope) == ("subProcess", "first")
    assert (found["ask"].position, found["first"].position) == ("hearing", "hearing")
    assert [flow.target for flow in found["first"].outgoing] == ["outer_end"]


def test_what_is_called_calls_in_turn():
    called = {"middle": chain("middle", call("deep", "inner")), **INNER}
    outer = chain("outer", call("first", "middle"))
    found = nodes(outer, called)
    assert found["ask"].scope == "deep"
    assert found["deep"].scope == "first"
    assert calls.reached(outer, {**called, "unused": INNER["inner"]}) == dict(sorted(called.items()))
    whole = calls.linked(outer.encode(), called)
    assert calls.shown_at(whole)["ask"] == "first"
    assert calls.with_calls(["ask"], whole) == ["ask", "deep", "first"]


def test_a_process_called_at_two_places_has_nodes_of_its_own_at_each():
    outer = chain("outer", call("first", "inner"), call("second", "inner"))
    assert calls.problems(outer, INNER) == []
    found = nodes(outer, INNER)
    assert (found["ask"].scope, found["ask__second"].scope) == ("first", "second")
    assert found["ask"].attributes == found["ask__second"].attributes
    drawings = calls.drawings(calls.linked(outer.encode(), INNER))
    assert [(d.call, d.nodes.get("ask__second")) for d in drawings] == [("first", None), ("second", "ask")]
    spec = engine.spec("two places", lambda: engine.Source(calls.linked(outer.encode(), INNER)))
    assert engine.nodes(spec)["ask__second"].position == "hearing"


def test_a_call_gives_a_node_the_form_and_papers_of_the_caller():
    own = '<xq:with node="ask" form="own" limit="9wd" documents="own"><xq:document code="XK-08" /></xq:with>'
    found = nodes(chain("outer", call("first", "inner", own), call("second", "inner")), INNER)
    assert (found["ask"].attributes["form"], found["ask"].attributes["limit"]) == ("own", "9wd")
    assert [paper["code"] for paper in found["ask"].documents] == ["XK-08"]
    assert (found["ask__second"].attributes["form"], found["ask__second"].documents) == ("f_ask", ())


def test_without_calls_nothing_is_written_anew():
    text = chain("outer", task("ask")).encode()
    assert calls.linked(text, {}) == text


WRONG = {
    "nothing chosen": (chain("outer", call("first", "")), INNER, "没有选择被调用流程"),
    "missing": (chain("outer", call("first", "gone")), INNER, "调用的流程“gone”不存在"),
    "itself": (
        chain("outer", call("first", "ring")),
        {"ring": chain("ring", task("ask"), call("again", "ring"))},
        "直接或间接调用自己",
    ),
    "round a corner": (
        chain("outer", call("first", "one")),
        {"one": chain("one", call("to_two", "two")), "two": chain("two", call("to_one", "one"))},
        "直接或间接调用自己",
    ),
    "another id": (chain("outer", call("first", "inner")), {"inner": chain("other", task("ask"))}, "应当是“inner”"),
    "unreadable": (chain("outer", call("first", "inner")), {"inner": "<"}, "不能读取"),
    "a node that is not there": (
        chain("outer", call("first", "inner", '<xq:with node="nobody" form="own" />')),
        INNER,
        "没有这个环节",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_called_is_told_in_chinese(name):
    internal, called, word = WRONG[name]
    assert any(word in told for told in calls.problems(internal, called))


def test_calls_that_double_at_every_level_are_refused():
    called = {
        f"p{n}": chain(f"p{n}", call(f"a{n}", f"p{n + 1}"), call(f"b{n}", f"p{n + 1}")) for n in range(9)
    }
    called["p9"] = chain("p9", task("ask"))
    with pytest.raises(Invalid, match="调用超过"):
        calls.linked(chain("outer", call("first", "p0")).encode(), called)


# ---------------------------------------------------------------- the shipped ones


def test_penalty_and_licence_call_the_same_hearing():
    penalty, licence = diagrams.from_folder(PENALTY), diagrams.from_folder("licence/ordinary")
    assert set(penalty.called) == {"hearing", "legality_review", "deliberation"}
    assert licence.called == {"hearing": penalty.called["hearing"]}
    forms = [
        {
            n: node.attributes["form"]
            for n, node in reader.read(b.whole)[0].nodes.items()
            if n == "hearing_hold"
        }
        for b in (penalty, licence)
    ]
    assert forms == [{"hearing_hold": "penalty_hearing_hold"}, {"hearing_hold": "licence_hear_hold"}]
    assert "penalty_hearing_hold" not in licence.forms


def test_every_shared_one_is_called_and_named_as_its_folder():
    used = {name for key in bundles.on_disk() for name in diagrams.from_folder(key).called}
    assert used == set(calls.of_release())
    for name, text in calls.of_release().items():
        [process] = reader.read(text.encode())
        assert (process.id, calls.title(text)) == (name, process.name)


@pytest.fixture
def newer(tmp_path) -> bundles.Bundle:
    """The penalty procedure with a later edition of the hearing beside it."""
    for part in ("bpmn", "forms"):
        shutil.copytree(ROOT / part, tmp_path / part)
    path = tmp_path / "bpmn" / calls.FOLDER / "hearing" / "internal.bpmn"
    path.write_text(path.read_text().replace('name="听证报告"', 'name="听证情况报告"'))
    return bundles.from_folder(PENALTY, tmp_path)


def test_the_digest_of_the_caller_pins_the_edition(newer):
    real = diagrams.from_folder(PENALTY)
    assert newer.digest != real.digest
    assert newer.internal == real.internal
    assert bundles.named(dataclasses.replace(newer, called=real.called)) == real.digest


def test_a_version_keeps_the_edition_it_was_published_with(desk, newer):
    first = diagrams.publish(desk, diagrams.from_folder(PENALTY), gate)
    second = diagrams.publish(desk, newer, gate, APPROVED)
    assert first.id != second.id
    for version, word in ((first, "听证报告"), (second, "听证情况报告")):
        procedure = diagrams.procedure(desk, version.id)
        spec = engine.spec(procedure.digest, lambda p=procedure: engine.Source(p.whole))
        assert engine.nodes(spec)["hearing_report"].name == word
        assert diagrams.bundle_of(desk, version.id).called == procedure.called


def test_a_changed_row_is_no_published_version(desk, newer):
    version = diagrams.publish(desk, newer, gate, APPROVED)
    version.called = diagrams.from_folder(PENALTY).called
    desk.flush()
    diagrams._cache.pop(version.id, None)
    assert diagrams.digest_of(desk, version.id) == ""


def test_a_missing_or_recursive_one_is_not_published(desk):
    real = diagrams.from_folder(PENALTY)
    none = dataclasses.replace(real, called={k: v for k, v in real.called.items() if k != "hearing"})
    ring = {**real.called, "hearing": real.called["hearing"].replace("userTask", "callActivity")}
    ring["hearing"] = ring["hearing"].replace(
        'id="hearing_hold"', 'id="hearing_hold" calledElement="hearing"'
    )
    for bundle, word in ((none, "不存在"), (dataclasses.replace(real, called=ring), "调用自己")):
        reasons = gate(bundle, parse(bundle.rules, bundle.tables))
        assert any(word in reason for reason in reasons), reasons


def test_a_tree_and_a_zip_carry_what_is_called(newer):
    tree = diagrams.to_tree(newer)
    assert {path for path in tree if path.startswith("called/")} == {
        f"called/{name}.bpmn" for name in ("deliberation", "hearing", "legality_review")
    }
    about = {"key": newer.key, "name": "行政处罚", "digest": newer.digest, "number": 1, "release": "1"}
    assert diagrams.from_tree(package.read(package.write(tree, about)).tree).digest == newer.digest


def test_what_nothing_calls_any_more_is_no_part_of_the_procedure():
    tree = diagrams.to_tree(diagrams.from_folder(PENALTY))
    more = {**tree, "called/unused.bpmn": INNER["inner"].replace('"inner"', '"unused"')}
    assert diagrams.from_tree(more).digest == diagrams.from_tree(tree).digest


def test_the_differences_tell_the_called_one_by_its_name(newer):
    before, after = (diagrams.to_tree(b) for b in (diagrams.from_folder(PENALTY), newer))
    [change] = diff.compare(before, after)
    assert (change.path, change.file) == ("called/hearing.bpmn", "被调用流程“听证”")
    assert change.text == "任务“听证报告”改名为“听证情况报告”。"


def test_the_differences_tell_what_a_call_says_anew():
    before = diagrams.to_tree(diagrams.from_folder("licence/ordinary"))
    text = before["internal.bpmn"].replace(
        'form="licence_hear_notice" limit="2wd"', 'form="licence_hear_notice" limit="3wd"'
    )
    [change] = diff.compare(before, {**before, "internal.bpmn": text})
    assert change.text == "“听证”的被调用流程中“hearing_notice”的时限由 2 个工作日改为 3 个工作日。"


def test_a_linked_diagram_is_well_formed_for_every_reader():
    for key in bundles.on_disk():
        root = etree.fromstring(diagrams.from_folder(key).whole)
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), key
