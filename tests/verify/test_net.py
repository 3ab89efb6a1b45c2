"""The token net and its game, on small diagrams whose outcome anybody can check by hand."""

import pytest

from app.verify import reader
from app.verify.game import Game
from app.verify.net import Net
from app.verify.search import Fault, explore
from tests.engine.diagrams import Diagram


def holds(condition: str, attributes: dict) -> bool:
    return bool(attributes.get(condition))


def play(diagram: Diagram, *moves: str, **attributes: bool) -> Game:
    game = Game(Net(reader.read(diagram.xml())[0]), holds, attributes)
    for move in moves:
        game.play(move)
    return game


def faults(diagram: Diagram) -> set[tuple[Fault, str]]:
    found = explore(Net(reader.read(diagram.xml())[0]))
    assert found is not None
    return {(finding.fault, finding.element) for finding in found}


def test_tasks_follow_each_other():
    diagram = Diagram().start().users("a", "b").end().chain("s", "a", "b", "e")
    game = play(diagram, "a")
    assert (game.live(), game.finished()) == (["b"], False)
    game.play("b")
    assert game.finished()
    assert game.passed == ["s", "a", "b", "e"]
    with pytest.raises(LookupError):
        game.play("b")


def test_an_exclusive_gateway_takes_the_first_that_holds():
    diagram = Diagram().start().users("a", "b", "c").end().add("exclusiveGateway", "g", default="d")
    diagram.chain("s", "g")
    diagram.flow("g", "c", ident="d")
    diagram.flow("g", "a", "x")
    diagram.flow("g", "b", "y")
    assert play(diagram, x=True, y=True).live() == ["a"]
    assert play(diagram, y=True).live() == ["b"]
    assert play(diagram).live() == ["c"]


def inclusive() -> Diagram:
    diagram = Diagram().start().users("a", "b", "z").end().inclusive("j")
    diagram.add("inclusiveGateway", "g", default="d").chain("s", "g")
    diagram.flow("g", "a", ident="d")
    diagram.flow("g", "b", "x")
    diagram.flow("g", "j", "y")
    return diagram.chain("a", "j", "z", "e").chain("b", "j")


def test_an_inclusive_join_waits_for_the_tokens_that_can_come():
    assert play(inclusive(), "a").live() == ["z"]
    assert play(inclusive(), x=True, y=True).live() == ["b"]
    assert play(inclusive(), "b", x=True, y=True).live() == ["z"]
    assert faults(inclusive()) == set()


def test_an_event_gateway_is_one_choice():
    diagram = Diagram().start().users("a", "b").end().add("eventBasedGateway", "g").message("m")
    diagram.timer("t", "5wd").chain("s", "g", "m", "a", "e").chain("g", "t", "b", "e")
    game = play(diagram)
    assert (game.live(), game.moves()) == (["g"], ["m", "t"])
    game.play("m")
    assert game.moves() == ["a"]


def test_an_interrupting_event_clears_a_sub_process_and_the_other_kind_does_not():
    def diagram(interrupting: bool) -> Diagram:
        drawn = Diagram().start().users("w").end().end("e2")
        with drawn.sub("sub"):
            drawn.start("is").users("a", "b").parallel("g").end("ie")
            drawn.chain("is", "g", "a", "ie").chain("g", "b", "ie")
        drawn.boundary_message("m", "sub", interrupting)
        return drawn.chain("s", "sub", "e").chain("m", "w", "e2")

    assert play(diagram(True), "m").live() == ["w"]
    assert play(diagram(False), "m").live() == ["a", "b", "w"]
    assert play(diagram(False), "m", "a", "b", "w").finished()


def test_a_terminate_end_clears_its_scope():
    diagram = Diagram().start().users("a", "b").parallel("g").end().end("stop", terminate=True)
    diagram.chain("s", "g", "a", "stop").chain("g", "b", "e")
    assert play(diagram, "a").finished()


def test_a_called_process_is_unfolded_at_each_call():
    called = reader.read(Diagram("c").start("cs").users("u").end("ce").chain("cs", "u", "ce").xml())[0]
    diagram = Diagram().start().end().parallel("g", "j")
    for call in ("one", "two"):
        diagram.add("callActivity", call, calledElement="c").chain("g", call, "j")
    diagram.chain("s", "g").chain("j", "e")
    game = Game(Net(reader.read(diagram.xml())[0], {"c": called}), holds, {})
    assert game.live() == ["u", "u"]
    game.play("u")
    game.play("u")
    assert game.finished()


def test_search_finds_the_second_token_and_the_stuck_join_with_a_way_to_them():
    diagram = Diagram().start().users("a", "b", "z").parallel("g").xor("m").end()
    diagram.chain("s", "g", "a", "m", "z", "e").chain("g", "b", "m")
    found = explore(Net(reader.read(diagram.xml())[0]))
    twice = [finding for finding in found or () if finding.fault is Fault.TWICE]
    assert twice
    assert twice[0].path[:2] == ("s", "g")

    stuck = Diagram().start().users("a", "b").xor("x").parallel("j").end()
    stuck.chain("s", "x").chain("a", "j", "e").chain("b", "j")
    stuck.flow("x", "a", "p")
    stuck.flow("x", "b", "q")
    assert {fault for fault, _ in faults(stuck)} == {Fault.STUCK}


def test_search_gives_up_rather_than_run_for_ever():
    diagram = Diagram().start().parallel("g", "j").end().chain("s", "g").chain("j", "e")
    for i in range(12):
        diagram.users(f"u{i}").chain("g", f"u{i}", "j")
    assert explore(Net(reader.read(diagram.xml())[0]), limit=500) is None
