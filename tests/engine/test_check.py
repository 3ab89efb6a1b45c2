"""The publication gate: what SpiffWorkflow ignores or breaks is refused, with the element and a reason."""

import pytest

from app.engine import service
from app.engine.check_conditions import overlap
from tests.engine.diagrams import HEAD, Diagram, simple

DMN = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">'
    '<decision id="grade"><decisionTable id="table" hitPolicy="{}"/></decision></definitions>'
)


def between(tag: str, body: str = "", **attributes: str) -> Diagram:
    """start -> the element `x` -> end"""
    return Diagram().start().add(tag, "x", body, **attributes).end().chain("s", "x", "e")


def test_a_sound_diagram_passes():
    assert simple().problems() == {}


def test_every_message_is_chinese_and_names_the_element():
    for problem in service.check(service.Source(between("scriptTask").xml()), (), ()):
        assert problem.element == "x"
        assert any("\u4e00" <= sign <= "\u9fff" for sign in problem.message)


@pytest.mark.parametrize(
    ("code", "tag", "body"),
    [
        ("script_task", "scriptTask", "<bpmn:script>1</bpmn:script>"),
        ("untyped_task", "task", ""),
        ("message_task", "sendTask", ""),
        ("message_task", "receiveTask", ""),
        ("rule_task", "businessRuleTask", ""),
        ("complex_gateway", "complexGateway", ""),
        ("transaction", "transaction", ""),
        ("ad_hoc", "adHocSubProcess", ""),
        ("link_event", "intermediateThrowEvent", '<bpmn:linkEventDefinition name="L"/>'),
        ("link_event", "intermediateCatchEvent", '<bpmn:linkEventDefinition name="L"/>'),
        ("compensation", "intermediateThrowEvent", "<bpmn:compensateEventDefinition/>"),
        ("event_kind", "intermediateThrowEvent", "<bpmn:messageEventDefinition/>"),
        ("event_kind", "intermediateCatchEvent", "<bpmn:conditionalEventDefinition/>"),
        ("event_kind", "intermediateCatchEvent", ""),
        ("action", "serviceTask", ""),
        ("marker", "userTask", "<bpmn:multiInstanceLoopCharacteristics/>"),
        ("marker", "userTask", "<bpmn:standardLoopCharacteristics/>"),
    ],
)
def test_elements_the_engine_does_not_run_are_refused(code, tag, body):
    assert between(tag, body).problems().get(code) == "x"


def test_event_sub_processes_are_refused():
    diagram = simple()
    with diagram.sub("esp", triggeredByEvent="true"):
        diagram.start("es").users("b").end("ee").chain("es", "b", "ee")
    assert diagram.problems()["event_subprocess"] == "esp"


def test_signal_end_events_are_refused():
    diagram = Diagram().start().users("a").add("endEvent", "e", "<bpmn:signalEventDefinition/>")
    assert diagram.chain("s", "a", "e").problems()["signal_end"] == "e"


def test_compensation_boundaries_are_refused():
    diagram = simple().add("boundaryEvent", "b", "<bpmn:compensateEventDefinition/>", attachedToRef="a")
    assert diagram.problems()["compensation"] == "b"


@pytest.mark.parametrize("ident", ["Start", "End", "Root", "x.BoundaryEventSplit"])
def test_reserved_ids_are_refused(ident):
    diagram = Diagram().start().users(ident).end().chain("s", ident, "e")
    assert diagram.problems()["reserved_id"] == ident


@pytest.mark.parametrize("policy", ["FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER"])
def test_hit_policies_that_are_run_as_others_are_refused(policy):
    source = service.Source(simple().xml(), {"grade.dmn": DMN.format(policy).encode()})
    assert [(p.code, p.element) for p in service.check(source, (), ())] == [("hit_policy", "table")]


@pytest.mark.parametrize("policy", ["UNIQUE", "COLLECT"])
def test_hit_policies_that_work_pass(policy):
    source = service.Source(simple().xml(), {"grade.dmn": DMN.format(policy).encode()})
    assert service.check(source, (), ()) == []


def test_tasks_and_messages_need_a_lane_with_a_position():
    bare = Diagram(lanes=False).start().users("a").end().chain("s", "a", "e")
    assert bare.problems()["no_lane"] == "a"
    lane = simple().xml().replace(b' xq:position="investigator"', b"")
    codes = {p.code for p in service.check(service.Source(lane), (), ())}
    assert codes == {"no_position"}
    assert between("intermediateCatchEvent", "<bpmn:messageEventDefinition/>", lane=False).problems()[
        "no_lane"
    ]


def decision(first: str, second: str, default: bool = True) -> Diagram:
    diagram = Diagram().start().users("a", "b", "c").xor("m").end()
    diagram.add("exclusiveGateway", "g", **({"default": "d"} if default else {})).chain("s", "g")
    diagram.flow("g", "a", first, "one")
    diagram.flow("g", "b", second, "two")
    diagram.flow("g", "c", "" if default else "z == 9", "d")
    for task in "abc":
        diagram.flow(task, "m")
    return diagram.chain("m", "e")


def test_gateways_need_a_default_and_conditions_elsewhere():
    assert decision("x == 1", "x == 2", default=False).problems({"x", "z"})["no_default"] == "g"
    assert decision("x == 1", "").problems({"x"})["no_condition"] == "two"
    assert decision("x == 1", "x == 2").problems({"x"}) == {}


def test_conditions_may_read_declared_names_only():
    assert decision("x == 1", "y == 2").problems({"x"})["unknown_name"] == "two"
    assert decision("x == 1", "len(x) == 2").problems({"x"})["expression"] == "two"


def test_conditions_where_nothing_is_decided_are_refused():
    diagram = Diagram().start().users("a").end()
    diagram.chain("s", "a").flow("a", "e", "x == 1", "c")
    assert diagram.problems({"x"})["condition_ignored"] == "c"


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("n > 5", "n >= 3", True),
        ("n > 5", "n <= 5", False),
        ("a == True", "b == True", True),
        ("a == True", "b == True and not a", False),
        ('kind == "person"', 'kind == "organisation"', False),
        ('kind != "person"', 'kind in ("organisation", "other")', True),
        ("hearing", "plea and hearing == False", False),
        ("fine >= 10000 and fine < 50000", "fine >= 50000", False),
        ("x == y", "x == 1", None),
        ("x + 1 > 2", "x > 2", None),
    ],
)
def test_overlapping_conditions_are_found_where_that_can_be_decided(first, second, together):
    found = overlap((first, second))
    assert found is None if together is None else bool(found) == together
    names = {"n", "a", "b", "kind", "hearing", "plea", "fine", "x", "y"}
    assert ("overlap" in decision(first, second).problems(names)) == bool(together)


def test_connections_that_lead_nowhere_are_refused():
    assert Diagram().start().users("a").end().chain("s", "a").problems()["dead_end"] == "a"
    assert simple().users("b").chain("b", "e").problems()["unreachable"] == "b"
    assert simple().end("e2").chain("a", "e2").problems()["implicit_split"] == "a"
    assert simple().start("s2").chain("s2", "a").problems()["start_count"] == "p"
    lost = simple()
    lost.flow("a", "nowhere", ident="f")
    assert lost.problems()["dangling_flow"] == "f"


def test_two_flows_into_the_same_join_from_one_node_are_refused():
    diagram = Diagram().start().parallel("g", "j").users("a").end().chain("s", "g", "j", "a", "e")
    assert diagram.chain("g", "j").problems()["double_flow"] == "j"


def test_boundary_events_belong_on_what_waits():
    diagram = Diagram().start().add("serviceTask", "x", xq_action="act").end().users("w").end("e2")
    diagram.boundary_timer("t", "x").chain("s", "x", "e").chain("t", "w", "e2")
    assert diagram.problems(actions=["act"])["boundary_host"] == "t"


def test_limits_officers_and_documents_are_checked():
    assert between("userTask", xq_limit="P3D").problems()["limit"] == "x"
    assert between("userTask", xq_officers="two").problems()["officers"] == "x"
    wrap = "<bpmn:extensionElements>{}</bpmn:extensionElements>"
    assert between("userTask", wrap.format('<xq:document code="LA-06" when="never"/>')).problems()["document"]
    assert between("userTask", wrap.format('<xq:document code="LA-06" if="x == 1"/>')).problems()[
        "unknown_name"
    ]
    assert between("userTask", wrap.format('<xq:document code="A" if="x.y"/>')).problems({"x"})["expression"]
    good = between("userTask", wrap.format('<xq:document code="LA-06" if="x == 1"/>'), xq_limit="3wd")
    assert good.problems({"x"}) == {}


def test_a_file_without_exactly_one_process_is_refused():
    empty = service.Source(f"{HEAD}</bpmn:definitions>".encode())
    assert [p.code for p in service.check(empty, (), ())] == ["process_count"]
