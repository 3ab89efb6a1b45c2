"""Joins: the defects of the stock gateways, and that ours do not have them."""

import itertools

import pytest

from app.engine import service
from app.kernel.errors import Conflict, Invalid
from tests.engine.diagrams import Diagram, Run


def looped(branches: int, gateway: str = "parallelGateway") -> Diagram:
    """A split and join inside a rework loop."""
    diagram = Diagram().start().users("first", "review", "after").xor("head").end()
    diagram.add("exclusiveGateway", "again", default="onward").add(gateway, "split").add(gateway, "join")
    diagram.chain("s", "first", "head", "split")
    for i in range(branches):
        diagram.users(f"u{i}")
        condition = "go == True" if gateway == "inclusiveGateway" else ""
        diagram.flow("split", f"u{i}", condition)
        diagram.flow(f"u{i}", "join")
    diagram.chain("join", "review", "again")
    diagram.flow("again", "head", "more == True")
    diagram.flow("again", "after", ident="onward")
    diagram.chain("after", "e")
    return diagram


@pytest.mark.parametrize("gateway", ["parallelGateway", "inclusiveGateway"])
@pytest.mark.parametrize(("branches", "rounds"), [(2, 4), (3, 2)])
def test_a_join_in_a_loop_waits_for_every_branch_in_every_round_and_order(gateway, branches, rounds):
    diagram = looped(branches, gateway)
    orders = list(itertools.permutations(range(branches)))
    for journey in itertools.product(orders, repeat=rounds):
        run = Run(diagram, more=True, go=True).do("first")
        for number, order in enumerate(journey):
            for i in order:
                assert "review" not in run.live
                run.do(f"u{i}")
            assert run.live == ["review"]
            run.do("review", more=number < rounds - 1)
        assert run.live == ["after"]
        assert run.do("after").last.finished


def inclusive(*conditions: str) -> Diagram:
    diagram = Diagram().start().end().users("z")
    diagram.add("inclusiveGateway", "split", default="always").inclusive("join")
    diagram.chain("s", "split")
    for i, condition in enumerate(("", *conditions)):
        diagram.users(f"u{i}")
        diagram.flow("split", f"u{i}", condition, "" if condition else "always")
        diagram.flow(f"u{i}", "join")
    return diagram.chain("join", "z", "e")


def test_an_inclusive_join_waits_for_the_branches_taken_and_no_others():
    diagram = inclusive("a == True", "b == True")
    assert diagram.problems({"a", "b"}) == {}
    assert Run(diagram, a=False, b=False).do("u0").live == ["z"]
    both = Run(diagram, a=True, b=True)
    assert both.live == ["u1", "u2"]
    assert both.do("u2").live == ["u1"]
    assert both.do("u1").live == ["z"]


def test_an_inclusive_join_waits_for_a_branch_that_is_inside_a_sub_process():
    diagram = Diagram().start().end().users("a", "b1", "b2", "z").inclusive("join")
    diagram.add("inclusiveGateway", "split", default="d").add("exclusiveGateway", "x", default="dx")
    with diagram.sub("sub"):
        diagram.start("is").users("inner").end("ie").chain("is", "inner", "ie")
    diagram.chain("s", "split").chain("sub", "x").chain("a", "join", "z", "e")
    diagram.flow("split", "a", "go == True")
    diagram.flow("split", "sub", "also == True")
    diagram.flow("split", "z0", ident="d")
    diagram.users("z0").chain("z0", "join")
    diagram.flow("x", "b1", ident="dx")
    diagram.flow("x", "b2", "never == True")
    diagram.chain("b1", "join")
    diagram.chain("b2", "join")
    run = Run(diagram, go=True, also=True, never=False)
    assert run.do("a").live == ["inner"]
    assert run.do("inner").live == ["b1"]
    assert run.do("b1").live == ["z"]
    assert run.do("z").last.finished


def test_an_inclusive_join_lets_go_when_the_awaited_token_takes_another_way():
    diagram = Diagram().start().end().end("other").users("a", "b", "z").inclusive("join")
    diagram.add("inclusiveGateway", "split", default="d").add("exclusiveGateway", "x", default="dx")
    diagram.chain("s", "split")
    diagram.flow("split", "a", "go == True")
    diagram.flow("split", "b", ident="d2", condition="go == True")
    diagram.flow("split", "join", ident="d")
    diagram.chain("a", "join", "z", "e")
    diagram.chain("b", "x")
    diagram.flow("x", "join", "join_too == True")
    diagram.flow("x", "other", ident="dx")
    run = Run(diagram, go=True, join_too=False)
    assert run.do("a").live == ["b"]
    assert run.do("b").live == ["z"]


def two_branches() -> Diagram:
    diagram = Diagram().start().users("u", "a", "b", "z").parallel("g", "j").end()
    return diagram.chain("s", "u", "g", "a", "j", "z", "e").chain("g", "b", "j")


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_what_one_branch_wrote_is_not_undone_by_the_other_at_the_join(order):
    run = Run(two_branches(), fine=1)
    run.do("u")
    for task in order:
        run.do(task, **({"fine": 999} if task == "a" else {}))
    assert run.live == ["z"]
    assert run.last.attributes == {"fine": 999}


def test_a_task_is_completed_once_only():
    run = Run(two_branches())
    state, task = run.last.state, run.find("u")
    run.do("u")
    with pytest.raises(Conflict) as conflict:
        service.complete(run.spec, run.last.state, task, {}, run.now, run.due)
    assert conflict.value.code == "task_gone"
    assert state != run.last.state


def test_a_split_merged_by_an_exclusive_gateway_is_refused_for_its_node_would_run_twice():
    diagram = Diagram().start().users("a", "b", "z").parallel("g").xor("m").end()
    diagram.chain("s", "g", "a", "m", "z", "e").chain("g", "b", "m")
    assert "multi_merge" in diagram.problems()


def test_a_join_fed_from_outside_its_loop_is_refused_for_it_would_wait_for_ever():
    diagram = Diagram().start().users("a").parallel("j").end()
    diagram.add("exclusiveGateway", "x", default="d").chain("s", "j", "a", "x")
    diagram.flow("x", "j", "again == True")
    diagram.flow("x", "e", ident="d")
    assert diagram.problems({"again"})["starved_join"] == "j"


def test_a_reminder_may_be_open_twice():
    diagram = Diagram().start().users("a", "remind").end().end("e2").xor("m")
    diagram.add("exclusiveGateway", "x", default="d").boundary_timer("t", "a", "1d", interrupting=False)
    diagram.chain("s", "m", "a", "x").chain("t", "remind", "e2")
    diagram.flow("x", "m", "again == True")
    diagram.flow("x", "e", ident="d")
    assert diagram.problems({"again"}) == {}
    run = Run(diagram, again=True).wait(days=1).do("a").wait(days=2)
    assert run.live == ["a", "remind", "remind"]
    run.do("remind").do("remind").do("a", again=False)
    assert run.last.finished


def test_a_gateway_whose_conditions_all_fail_stops_the_act_and_leaves_the_state_usable():
    diagram = Diagram().start().users("u", "v").xor("g").end().chain("s", "u", "g")
    diagram.flow("g", "v", "x == 1")
    diagram.flow("g", "e", "x == 2")
    diagram.chain("v", "e")
    assert diagram.problems({"x"})["no_default"] == "g"
    run = Run(diagram, x=0)
    with pytest.raises(Invalid) as refused:
        run.do("u", x=3)
    assert refused.value.code == "no_branch"
    assert run.live == ["u"]
    assert run.do("u", x=2).last.finished


def test_a_missing_attribute_is_never_taken_for_no():
    diagram = Diagram().start().users("u", "v").end().add("exclusiveGateway", "g", default="d")
    diagram.chain("s", "u", "g").chain("v", "e")
    diagram.flow("g", "v", "major == True")
    diagram.flow("g", "e", ident="d")
    run = Run(diagram)
    with pytest.raises(Invalid) as refused:
        run.do("u")
    assert refused.value.code == "condition_failed"
    assert run.do("u", major=True).live == ["v"]


def test_a_terminate_end_ends_its_own_process_only():
    diagram = Diagram().start().users("z").end()
    with diagram.sub("sub"):
        diagram.start("is").users("a", "b").parallel("g").end("ie").end("stop", terminate=True)
        diagram.chain("is", "g", "a", "stop").chain("g", "b", "ie")
    diagram.chain("s", "sub", "z", "e")
    run = Run(diagram)
    gone = run.find("b")
    run.do("a")
    assert run.live == ["z"]
    assert gone in run.last.closed


def test_a_loop_in_which_nobody_is_asked_is_refused_and_stopped():
    diagram = Diagram().start().users("u").end().xor("m").add("exclusiveGateway", "x", default="d")
    diagram.chain("s", "u", "m", "x")
    diagram.flow("x", "m", "again == True")
    diagram.flow("x", "e", ident="d")
    assert "endless_loop" in diagram.problems({"again"})
    with pytest.raises(Invalid) as stopped:
        Run(diagram, again=True).do("u")
    assert stopped.value.code == "endless_loop"
