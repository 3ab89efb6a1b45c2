"""What each element of BPMN does to tokens, on diagrams whose outcome anybody can check by hand."""

import pytest

from app.kernel.errors import Invalid
from app.verify import reader
from app.verify.game import Game
from app.verify.net import Net
from app.verify.search import Fault, explore
from tests.engine.diagrams import Diagram

ERROR = "<bpmn:errorEventDefinition{}/>"


def holds(condition: str, attributes: dict) -> bool:
    return bool(attributes.get(condition))


def process(diagram: Diagram) -> reader.Process:
    return reader.read(diagram.xml())[0]


def play(diagram: Diagram, *moves: str, **attributes: bool) -> Game:
    game = Game(Net(process(diagram)), holds, attributes)
    for move in moves:
        game.play(move)
    return game


def test_start_events_of_a_process_are_alternatives():
    diagram = Diagram().start("s1").message("s2", "startEvent").users("a", "b").end()
    diagram.chain("s1", "a", "e").chain("s2", "b", "e")
    assert play(diagram).moves() == ["s1", "s2"]
    assert play(diagram, "s2").live() == ["b"]
    assert play(diagram, "s1", "a").finished()


def test_without_a_start_event_everything_nothing_leads_to_begins():
    diagram = Diagram().users("a", "b", "c").parallel("j").end()
    diagram.chain("a", "j", "c", "e").chain("b", "j")
    assert play(diagram).moves() == ["a", "b"]
    assert play(diagram, "a", "b").moves() == ["c"]


def test_beside_a_start_event_what_nothing_leads_to_never_begins():
    diagram = Diagram().start().users("a", "lost").end().chain("s", "a", "e").chain("lost", "e")
    assert play(diagram).moves() == ["a"]


def test_a_path_may_end_without_an_end_event():
    assert play(Diagram().start().users("a").xor("x").chain("s", "a", "x"), "a").finished()


def test_two_flows_from_a_task_are_a_parallel_split():
    diagram = Diagram().start().users("a", "b", "c").parallel("j").end()
    diagram.chain("s", "a", "b", "j", "e").chain("a", "c", "j")
    assert play(diagram, "a").moves() == ["b", "c"]
    assert play(diagram, "a", "b", "c").finished()


def test_a_task_with_conditional_flows_decides_when_it_ends():
    diagram = Diagram().start().add("userTask", "a", default="d").users("b", "c", "z").end()
    diagram.chain("s", "a").chain("b", "e").chain("c", "e").chain("z", "e")
    diagram.flow("a", "b", "x")
    diagram.flow("a", "c", "y")
    diagram.flow("a", "z", ident="d")
    assert play(diagram, "a", x=True, y=True).live() == ["b", "c"]
    assert play(diagram, "a").live() == ["z"]
    game = play(diagram)
    game.attributes["y"] = True  # written by the act itself
    game.play("a")
    assert (game.live(), game.passed) == (["c"], ["s", "a"])


def test_an_inclusive_split_takes_its_default_only_where_nothing_else_is_taken():
    diagram = Diagram().start().add("inclusiveGateway", "g", default="d").users("a", "b", "z").end()
    diagram.chain("s", "g").chain("g", "a")
    diagram.flow("g", "b", "x")
    diagram.flow("g", "z", ident="d")
    assert play(diagram).live() == ["a"]
    assert play(diagram, x=True).live() == ["a", "b"]


def failing(code: str, *caught: str) -> Diagram:
    """A sub-process with a parallel task beside an error end, and boundary events for some codes."""
    diagram = Diagram().start().end()
    with diagram.sub("sub"):
        diagram.start("is").users("try", "beside").parallel("g").end("ie")
        diagram.add("endEvent", "bad", ERROR.format(f' errorRef="{code}"' if code else ""))
        diagram.chain("is", "g", "try", "bad").chain("g", "beside", "ie")
    for name in caught:
        body = ERROR.format(f' errorRef="{name}"' if name != "any" else "")
        diagram.add("boundaryEvent", f"on_{name}", body, attachedToRef="sub")
        diagram.users(f"after_{name}").chain(f"on_{name}", f"after_{name}", "e")
    return diagram.chain("s", "sub", "e")


def test_an_error_end_empties_its_sub_process_and_goes_on_at_the_event_that_catches_it():
    game = play(failing("E1", "any", "E1"), "try")
    assert game.live() == ["after_E1"]
    assert game.passed[-2:] == ["bad", "on_E1"]
    assert play(failing("E2", "any", "E1"), "try").live() == ["after_any"]
    assert play(failing("E1", "any", "E1")).moves() == ["beside", "on_any", "try"]


def test_an_error_that_nobody_catches_ends_the_case():
    diagram = Diagram().start().users("a", "b").parallel("g").add("endEvent", "bad", ERROR.format(""))
    diagram.end().chain("s", "g", "a", "bad").chain("g", "b", "e")
    assert play(diagram, "a").finished()
    assert play(failing("E1", "E2"), "try").finished()


def test_an_error_leaves_a_called_process():
    called = Diagram("c").start("cs").users("try").add("endEvent", "bad", ERROR.format(' errorRef="E"'))
    inner = process(called.chain("cs", "try", "bad"))
    diagram = Diagram().start().users("w").end().add("callActivity", "call", calledElement="c")
    diagram.add("boundaryEvent", "b", ERROR.format(' errorRef="E"'), attachedToRef="call")
    diagram.chain("s", "call", "e").chain("b", "w", "e")
    game = Game(Net(process(diagram), {"c": inner}), holds, {})
    game.play("try")
    assert game.live() == ["w"]
    # By contract alone the error may occur at any time.
    assert play(diagram).moves() == ["b", "call"]


def test_a_terminate_end_in_a_sub_process_ends_only_that():
    diagram = Diagram().start().users("out").parallel("fork", "join").end()
    with diagram.sub("sub"):
        diagram.start("is").users("a", "b").parallel("g").end("ie").end("stop", terminate=True)
        diagram.chain("is", "g", "a", "stop").chain("g", "b", "ie")
    diagram.chain("s", "fork", "sub", "join", "e").chain("fork", "out", "join")
    assert play(diagram, "a").live() == ["out"]
    assert play(diagram, "a", "out").finished()


def test_a_service_task_with_a_boundary_event_takes_time_and_one_without_does_not():
    diagram = Diagram().start().add("serviceTask", "z").add("serviceTask", "y").users("w").end()
    diagram.boundary_timer("t", "z").chain("s", "y", "z", "e").chain("t", "w", "e")
    assert play(diagram).moves() == ["t", "z"]
    assert play(diagram, "t").live() == ["w"]
    assert play(diagram, "z").finished()


def test_receive_and_send_tasks():
    diagram = Diagram().start().add("sendTask", "out", messageRef="m").end()
    diagram.add("receiveTask", "in", messageRef="m").chain("s", "out", "in", "e")
    assert play(diagram).passed == ["s", "out"]
    assert play(diagram, "in").finished()


def test_an_activity_with_several_instances_is_done_once():
    body = '<bpmn:multiInstanceLoopCharacteristics isSequential="true"/>'
    diagram = Diagram().start().add("userTask", "a", body).end().chain("s", "a", "e")
    assert play(diagram, "a").finished()


def test_an_inclusive_join_waits_for_tokens_of_every_kind():
    """A running event gateway, a task that has yet to decide, an implicit start."""
    diagram = Diagram().users("a").add("eventBasedGateway", "g").message("m").message("n").inclusive("o", "j")
    diagram.users("b", "z").chain("a", "o")
    diagram.flow("o", "g", "x")
    diagram.flow("o", "b", "y")
    diagram.chain("g", "m", "j", "z").chain("g", "n", "j").chain("b", "j")
    assert play(diagram, "a", "b", x=True, y=True).moves() == ["m", "n"]
    assert play(diagram, "a", "b", "n", x=True, y=True).live() == ["z"]
    found = explore(Net(process(diagram)))
    assert found is not None
    assert Fault.TWICE not in {finding.fault for finding in found}


def test_a_process_that_calls_itself_is_refused():
    diagram = Diagram("c").start().add("callActivity", "again", calledElement="c").end()
    inner = process(diagram.chain("s", "again", "e"))
    with pytest.raises(Invalid, match="调用自己"):
        Net(inner, {"c": inner})


def nested(depth: int) -> Diagram:
    diagram = Diagram()

    def put(level: int) -> None:
        with diagram.sub(f"s{level}"):
            put(level + 1) if level < depth else diagram.users("u")

    put(1)
    return diagram


def test_what_is_too_deep_or_too_wide_is_refused():
    assert play(nested(30)).moves() == ["u"]
    with pytest.raises(Invalid, match="套叠"):
        Net(process(nested(45)))
    for tag, count in (("inclusiveGateway", 11), ("exclusiveGateway", 201)):
        diagram = Diagram().start().add(tag, "g").end().chain("s", "g")
        for i in range(count):
            diagram.flow("g", "e", f"x == {i}")
        with pytest.raises(Invalid, match="超过"):
            Net(process(diagram))


def test_calls_that_multiply_are_refused():
    called = {}
    for level in range(12):
        diagram = Diagram(f"c{level}").start().users("u").end().parallel("g")
        for i in range(4):
            diagram.add("callActivity", f"call{i}", calledElement=f"c{level + 1}").chain("g", f"call{i}")
        called[f"c{level}"] = process(diagram.chain("s", "u", "g"))
    with pytest.raises(Invalid, match="过大"):
        Net(called["c0"], called)
