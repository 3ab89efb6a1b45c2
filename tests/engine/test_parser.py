"""Reading diagrams: lanes, extensions, hostile files, the cache."""

import threading

import pytest

from app.engine import service
from app.engine.parser import build
from app.kernel.errors import Invalid
from tests.engine.diagrams import HEAD, MONDAY, Diagram, due, simple


def lanes(inner: str) -> bytes:
    body = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="outer" name="outer" xq:position="team_lead">'
        f"<bpmn:flowNodeRef>u</bpmn:flowNodeRef>{inner}</bpmn:lane></bpmn:laneSet>"
        '<bpmn:startEvent id="s"/><bpmn:userTask id="u"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="u"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="u" targetRef="e"/>'
    )
    return f'{HEAD}<bpmn:process id="p">{body}</bpmn:process></bpmn:definitions>'.encode()


def position(content: bytes) -> str:
    spec = build("lanes", service.Source(content))
    (task,) = service.start(spec, {}, MONDAY, due).live
    return task.position


def test_the_innermost_lane_gives_the_position():
    nested = (
        '<bpmn:childLaneSet id="c"><bpmn:lane id="inner" xq:position="investigator">'
        "<bpmn:flowNodeRef>u</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet>"
    )
    assert position(lanes("")) == "team_lead"
    assert position(lanes(nested)) == "investigator"
    assert position(lanes(nested.replace(' xq:position="investigator"', ""))) == "team_lead"


def test_no_lane_is_lost_over_many_parses():
    for i in range(100):
        content = simple().xml().replace(b"investigator", f"position{i}".encode())
        assert position(content) == f"position{i}"


def test_tasks_inside_a_sub_process_take_its_lane():
    diagram = Diagram().start().end()
    with diagram.sub("sub"):
        diagram.start("is").add("userTask", "u", lane=False).end("ie").chain("is", "u", "ie")
    diagram.refs.append("sub")
    diagram.chain("s", "sub", "e")
    assert diagram.problems() == {}
    assert position(diagram.xml()) == "investigator"


def test_attributes_and_documents_reach_the_live_task():
    documents = (
        '<bpmn:extensionElements><xq:document code="LA-06" when="complete" if="ok == True"/>'
        '<xq:document code="LA-07" when="open"/></bpmn:extensionElements>'
    )
    diagram = Diagram().start().end()
    diagram.add("userTask", "u", documents, xq_step="file.approve", xq_limit="1wd", xq_form="approve")
    diagram.chain("s", "u", "e")
    spec = build("x", service.Source(diagram.xml()))
    (task,) = service.start(spec, {}, MONDAY, due).live
    assert task.attributes == {"step": "file.approve", "limit": "1wd", "form": "approve"}
    assert [d["code"] for d in task.documents] == ["LA-06", "LA-07"]
    assert task.documents[0]["if"] == "ok == True"
    info = service.nodes(spec)
    assert (info["u"].kind, info["s"].kind, info["e"].kind) == ("user", "start", "end")


def test_flows_are_tried_in_document_order_wherever_their_targets_are_drawn():
    diagram = Diagram().start().users("low", "high", "other").end()
    diagram.add("exclusiveGateway", "g", default="d").chain("s", "g").chain("low", "e").chain("high", "e")
    diagram.flow("g", "low", "n > 1")
    diagram.flow("g", "high", "n > 0")
    diagram.flow("g", "other", ident="d")
    diagram.chain("other", "e")
    content = diagram.xml().replace(
        b"</bpmn:definitions>",
        b'<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
        b'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><bpmndi:BPMNPlane>'
        b'<bpmndi:BPMNShape bpmnElement="low"><dc:Bounds x="0" y="900"/></bpmndi:BPMNShape>'
        b'<bpmndi:BPMNShape bpmnElement="high"><dc:Bounds x="0" y="10"/></bpmndi:BPMNShape>'
        b"</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>",
    )
    spec = build("order", service.Source(content))
    assert [task.node for task in service.start(spec, {"n": 5}, MONDAY, due).live] == ["low"]


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "xxxxxxxxxx">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("doctype", BOMB.encode() + simple().xml().replace(b'name="a"', b'name="&i;"')),
        ("doctype", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + simple().xml()),
        ("doctype", b'<!DOCTYPE d SYSTEM "http://localhost/x.dtd">' + simple().xml()),
        ("encoding", '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE d><d/>'.encode("utf-16")),
        ("malformed", b"<a><b></a>"),
        ("malformed", b""),
        ("malformed", b"<a>" * 2000 + b"</a>" * 2000),
        ("too_large", b" " * 2_000_001),
    ],
)
def test_hostile_files_are_refused_before_they_are_interpreted(code, content):
    assert [p.code for p in service.check(service.Source(content), (), ())] == [code]
    with pytest.raises(Invalid) as refused:
        service.spec(f"hostile {code} {len(content)}", lambda: service.Source(content))
    assert refused.value.code == code


def test_an_unsupported_element_cannot_even_be_parsed():
    diagram = Diagram().start().add("scriptTask", "x", "<bpmn:script>1</bpmn:script>").end()
    with pytest.raises(Invalid) as refused:
        build("x", service.Source(diagram.chain("s", "x", "e").xml()))
    assert refused.value.code == "unsupported"


def test_a_version_is_parsed_once_however_many_threads_ask():
    loads = []

    def load() -> service.Source:
        loads.append(1)
        return service.Source(simple().xml())

    specs: list[service.Spec] = []
    threads = [threading.Thread(target=lambda: specs.append(service.spec("once", load))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len({id(spec) for spec in specs}) == 1
