"""Whatever the proof does not understand is named, with what to draw instead."""

import pytest

from app.verify import reader
from app.verify.refusals import MAX_ELEMENTS, notes, refusals
from tests.engine.diagrams import HEAD, Diagram

LINKED = (
    '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="u"/><bpmn:sequenceFlow id="f2" sourceRef="u" targetRef="e"/>'
)


def read(body: str, beside: str = "") -> reader.Process:
    text = f'{HEAD}{beside}<bpmn:process id="p">{body}</bpmn:process></bpmn:definitions>'
    return reader.read(text.encode())[0]


def codes(process: reader.Process, **called: reader.Process) -> list[tuple[str, str]]:
    found = refusals(process, called)
    assert all(refusal.message.endswith("。") for refusal in found)
    return [(refusal.code, refusal.element) for refusal in found]


def event(tag: str, definition: str, attributes: str = "") -> str:
    return f'<bpmn:{tag} id="u" {attributes}>{definition}</bpmn:{tag}>'


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ('<bpmn:scriptTask id="u"><bpmn:script>x</bpmn:script></bpmn:scriptTask>', "script_task"),
        ('<bpmn:businessRuleTask id="u"/>', "rule_task"),
        ('<bpmn:complexGateway id="u"/>', "complex_gateway"),
        ('<bpmn:transaction id="u"/>', "transaction"),
        ('<bpmn:adHocSubProcess id="u"/>', "ad_hoc"),
        ('<bpmn:implicitThrowEvent id="u"/>', "event_kind"),
        ('<bpmn:sendTask id="u"/>', "message_task"),
        ('<bpmn:receiveTask id="u"/>', "message_task"),
        ('<bpmn:userTask id="u" isForCompensation="true"/>', "compensation"),
        ('<bpmn:userTask id="u" completionQuantity="2"/>', "token_quantity"),
        ('<bpmn:userTask id="u" startQuantity="3"/>', "token_quantity"),
        ('<bpmn:userTask id="u"><bpmn:standardLoopCharacteristics/></bpmn:userTask>', "standard_loop"),
        ('<bpmn:userTask id="u" default="nowhere"/>', "default_unknown"),
        ('<bpmn:userTask id="u"><bpmn:strange/></bpmn:userTask>', "unknown_element"),
        ('<bpmn:userTask id="u"><o:rule xmlns:o="urn:other"/></bpmn:userTask>', "unknown_element"),
        ('<bpmn:subProcess id="u"><o:step xmlns:o="urn:other"/></bpmn:subProcess>', "unknown_element"),
        (event("intermediateCatchEvent", ""), "event_kind"),
        (event("intermediateCatchEvent", "<bpmn:signalEventDefinition/>"), "signal"),
        (event("intermediateCatchEvent", "<bpmn:linkEventDefinition/>"), "link_event"),
        (event("intermediateThrowEvent", "<bpmn:linkEventDefinition/>"), "link_event"),
        (event("intermediateThrowEvent", "<bpmn:compensateEventDefinition/>"), "compensation"),
        (event("intermediateThrowEvent", "<bpmn:escalationEventDefinition/>"), "escalation_event"),
        (event("intermediateThrowEvent", "<bpmn:terminateEventDefinition/>"), "event_kind"),
        (event("intermediateCatchEvent", "<bpmn:conditionalEventDefinition/>"), "conditional_event"),
        (event("intermediateCatchEvent", "<bpmn:cancelEventDefinition/>"), "cancel_event"),
        (event("intermediateCatchEvent", "<bpmn:errorEventDefinition/>"), "event_kind"),
        (event("intermediateCatchEvent", "<bpmn:oddEventDefinition/>"), "event_kind"),
        (event("intermediateCatchEvent", "<bpmn:timerEventDefinition/>"), "timer"),
        (
            event(
                "intermediateCatchEvent",
                "<bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>",
            ),
            "timer_cycle",
        ),
        (event("intermediateCatchEvent", "<bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef>"), "event_reference"),
        (event("intermediateCatchEvent", "<bpmn:messageEventDefinition/>" * 2), "multiple_events"),
        (
            event("intermediateCatchEvent", "<bpmn:messageEventDefinition/>", 'parallelMultiple="true"'),
            "multiple_events",
        ),
    ],
)  # fmt: skip
def test_an_element_without_a_meaning_is_refused(element, code):
    assert codes(read(LINKED + element)) == [(code, "u")]


@pytest.mark.parametrize(
    ("body", "code", "element"),
    [
        (event("endEvent", "<bpmn:signalEventDefinition/>"), "signal", "u"),
        (event("endEvent", "<bpmn:cancelEventDefinition/>"), "cancel_event", "u"),
        (event("startEvent", "<bpmn:conditionalEventDefinition/>"), "conditional_event", "u"),
        (event("startEvent", "<bpmn:signalEventDefinition/>"), "signal", "u"),
        ('<bpmn:subProcess id="u" triggeredByEvent="true"/>', "event_subprocess", "u"),
        ('<bpmn:task id="t"/><bpmn:dance id="u"/>', "unknown_element", "u"),
        ('<bpmn:task id="t"/><v:node xmlns:v="urn:vendor" id="u"/>', "unknown_element", "u"),
        ('<bpmn:userTask id="a/b"/>', "identifier", "a/b"),
        ('<bpmn:userTask id="x"/><bpmn:userTask id="x"/>', "duplicate_id", "x"),
        ('<bpmn:userTask id="p"/><bpmn:task id="x"/>', "duplicate_id", "p"),
        ('<bpmn:task id="x"/><bpmn:sequenceFlow id="f" sourceRef="x" targetRef="y"/>', "dangling_flow", "f"),
        ('<bpmn:boundaryEvent id="u"><bpmn:messageEventDefinition/></bpmn:boundaryEvent>', "boundary_host", "u"),
        (
            '<bpmn:task id="t"/><bpmn:boundaryEvent id="u" attachedToRef="t"/>',
            "event_kind",
            "u",
        ),
        ('<bpmn:eventBasedGateway id="u"/>', "event_target", "u"),
        (
            '<bpmn:subProcess id="sub"><bpmn:startEvent id="u"><bpmn:messageEventDefinition/></bpmn:startEvent>'
            "</bpmn:subProcess>",
            "sub_start",
            "u",
        ),
        (
            '<bpmn:subProcess id="sub"><bpmn:startEvent id="o"/><bpmn:startEvent id="u"/></bpmn:subProcess>',
            "sub_start",
            "u",
        ),
        (
            '<bpmn:subProcess id="sub"><bpmn:endEvent id="u"><bpmn:errorEventDefinition/></bpmn:endEvent>'
            "</bpmn:subProcess>",
            "error_uncaught",
            "u",
        ),
        (
            '<bpmn:subProcess id="sub"><bpmn:task id="i"/></bpmn:subProcess><bpmn:task id="o"/>'
            '<bpmn:sequenceFlow id="f" sourceRef="i" targetRef="o"/>',
            "flow_crosses",
            "f",
        ),
        (
            '<bpmn:task id="t"/><bpmn:startEvent id="u"/><bpmn:sequenceFlow id="f" sourceRef="t" targetRef="u"/>',
            "event_entered",
            "u",
        ),
        (
            '<bpmn:task id="t"/><bpmn:endEvent id="u"/><bpmn:sequenceFlow id="f" sourceRef="u" targetRef="t"/>',
            "end_continues",
            "u",
        ),
    ],
)  # fmt: skip
def test_a_shape_without_a_meaning_is_refused(body, code, element):
    assert codes(read(body)) == [(code, element)]


def test_conditions_where_nothing_is_decided_and_unreadable_ones():
    diagram = Diagram().start().users("a").parallel("g").end().inclusive("o")
    diagram.flow("s", "g", "x == 1", "f1")
    diagram.flow("g", "a", "x == 1", "f2")
    diagram.flow("a", "o", "${x > 1}", "f3")
    diagram.flow("o", "e", "", "f4")
    diagram.flow("o", "e", "x == 2", "f5")
    found = codes(reader.read(diagram.xml())[0])
    assert found == [
        ("condition_here", "f1"),
        ("condition", "f3"),
        ("condition_here", "f2"),
        ("no_condition", "f4"),
    ]


def test_event_gateways():
    diagram = Diagram().start().add("eventBasedGateway", "g").timer("t1", "5wd").timer("t2", "6wd").end()
    diagram.users("u").chain("s", "g", "t1", "e").chain("g", "t2", "e").chain("g", "u", "e")
    assert codes(reader.read(diagram.xml())[0]) == [("event_target", "u"), ("two_timers", "g")]
    diagram = Diagram().start().users("u").add("eventBasedGateway", "g", eventGatewayType="Parallel")
    diagram.message("m").end().chain("s", "u", "g", "m", "e").chain("u", "m")
    assert codes(reader.read(diagram.xml())[0]) == [("parallel_events", "g"), ("event_target", "m")]


def call(ident: str, target: str) -> reader.Process:
    diagram = Diagram(ident).start(f"s{ident}").add("callActivity", f"c{ident}", calledElement=target)
    return reader.read(diagram.end(f"e{ident}").chain(f"s{ident}", f"c{ident}", f"e{ident}").xml())[0]


def test_a_process_that_calls_itself_is_refused_and_an_unknown_one_noted():
    one, two, three = call("one", "two"), call("two", "three"), call("three", "two")
    assert codes(call("p", "p")) == [("called_recursive", "cp")]
    assert codes(one, two=two, three=three) == [("called_recursive", "cthree")]
    assert codes(one, two=two) == []
    assert [(note.code, note.element) for note in notes(one)] == [("called_contract", "cone")]


def test_what_is_refused_in_a_called_process_is_refused():
    called = read('<bpmn:complexGateway id="g"/>')
    assert codes(call("one", "p"), p=called) == [("complex_gateway", "g")]


def test_very_large_diagrams_are_refused_before_they_are_looked_at():
    body = "".join(f'<bpmn:scriptTask id="u{i}"/>' for i in range(MAX_ELEMENTS + 1))
    assert codes(read(body)) == [("too_large", "p")]


def test_data_notes_and_people_move_no_token():
    silent = (
        '<bpmn:dataObject id="d"/><bpmn:dataObjectReference id="dr" dataObjectRef="d"/><bpmn:property id="pr"/>'
        '<bpmn:dataStoreReference id="ds"/><bpmn:textAnnotation id="ta"><bpmn:text>注</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="as" sourceRef="u" targetRef="ta"/><bpmn:group id="gr"/>'
        '<bpmn:userTask id="u"><bpmn:documentation>说明</bpmn:documentation><bpmn:potentialOwner/>'
        "<bpmn:ioSpecification><bpmn:inputSet/></bpmn:ioSpecification></bpmn:userTask>"
    )
    assert codes(read(LINKED + silent)) == []
