"""The tolerant reader."""

from app.verify import reader
from tests.engine.diagrams import HEAD, Diagram


def process(body: str) -> reader.Process:
    text = f'{HEAD}<bpmn:process id="p" xq:kind="penalty">{body}</bpmn:process></bpmn:definitions>'
    return reader.read(text.encode())[0]


def test_what_the_platform_does_not_run_is_still_read():
    read = process(
        '<bpmn:complexGateway id="c"/><bpmn:scriptTask id="x"><bpmn:script>1</bpmn:script></bpmn:scriptTask>'
        '<bpmn:startEvent id="s"><bpmn:signalEventDefinition/></bpmn:startEvent><other id="o"/>'
    )
    assert list(read.nodes) == ["c", "x", "s"]
    assert read.nodes["s"].event("signal") is not None
    assert read.attributes == {"kind": "penalty"}


def test_flows_that_end_nowhere_and_repeated_ids_are_reported():
    read = process(
        '<bpmn:startEvent id="s"/><bpmn:userTask id="s"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="lost"/>'
    )
    assert read.duplicates == ("s",)
    assert [flow.id for flow in read.dangling] == ["f"]
    assert "f" not in read.flows


def test_a_boundary_event_takes_the_position_of_its_host():
    diagram = Diagram().start().users("a").end().boundary_message("b", "a")
    diagram.refs.remove("b")
    read = reader.read(diagram.xml())[0]
    assert read.nodes["b"].position == "investigator"
    assert read.boundary("a") == (read.nodes["b"],)


def test_nodes_of_sub_processes_know_their_scope():
    diagram = Diagram().start().end()
    with diagram.sub("sub"):
        diagram.start("is").end("ie").chain("is", "ie")
    read = reader.read(diagram.chain("s", "sub", "e").xml())[0]
    assert read.nodes["is"].scope == "sub"
    assert [node.id for node in read.inside("sub")] == ["is", "ie"]


def test_xq_attributes_of_flows_are_read():
    read = process(
        '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e" xq:rounds="1"/>'
    )
    assert read.flows["f"].attributes == {"rounds": "1"}
