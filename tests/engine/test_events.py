"""Messages, timers, boundary events, event gateways, service tasks."""

from datetime import UTC, datetime, timedelta

import pytest

from app.engine import service
from app.kernel.errors import Conflict
from tests.engine.diagrams import MONDAY, Diagram, Run, due


def hosted(interrupting: bool, sub: bool = False) -> Diagram:
    diagram = Diagram().start().users("w", "z").end().end("e2")
    if sub:
        with diagram.sub("a"):
            diagram.start("is").users("inner").end("ie").chain("is", "inner", "ie")
    else:
        diagram.users("a")
    diagram.boundary_timer("t", "a", "5wd", interrupting)
    return diagram.chain("s", "a", "z", "e").chain("t", "w", "e2")


@pytest.mark.parametrize("sub", [False, True])
@pytest.mark.parametrize("interrupting", [False, True])
def test_a_boundary_timer_fires_when_due_and_not_before(interrupting, sub):
    diagram = hosted(interrupting, sub)
    assert diagram.problems() == {}
    run, host = Run(diagram), "inner" if sub else "a"
    assert run.last.next_due == MONDAY + timedelta(days=5)
    assert run.wait(days=5, seconds=-1).live == [host]
    gone = run.find(host)
    run.wait(seconds=1)
    assert run.live == (["w"] if interrupting else [host, "w"])
    assert run.last.closed == ((gone,) if interrupting else ())
    assert run.last.next_due is None
    run.do("w")
    if not interrupting:
        run.do(host).do("z")
    assert run.last.finished


def test_completing_the_host_disarms_its_timer():
    run = Run(hosted(True)).do("a")
    assert run.last.next_due is None
    assert run.wait(days=30).live == ["z"]


def test_a_due_timer_fires_before_a_late_completion_which_then_finds_its_task_gone():
    run = Run(hosted(True))
    run.now += timedelta(days=6)
    with pytest.raises(Conflict) as late:
        run.do("a")
    assert late.value.code == "task_gone"
    assert run.wait().live == ["w"]


def test_of_two_interrupting_timers_due_together_only_the_earlier_fires():
    diagram = Diagram().start().users("a", "w1", "w2").end().end("e1").end("e2")
    diagram.boundary_timer("late", "a", "3d").boundary_timer("early", "a", "2d")
    diagram.chain("s", "a", "e").chain("late", "w1", "e1").chain("early", "w2", "e2")
    assert Run(diagram).wait(days=9).live == ["w2"]


def gateway(anchor: str = "") -> Diagram:
    diagram = Diagram().start().users("serve", "heard", "quiet").end().xor("m")
    diagram.add("eventBasedGateway", "g").add("exclusiveGateway", "x", default="back")
    diagram.message("party", xq_step="plea.received", xq_form="party_response")
    diagram.timer("expired", "5wd", xq_step="plea.expired", **({"xq_from": anchor} if anchor else {}))
    diagram.chain("s", "serve", "m", "g", "party", "x").chain("g", "expired", "quiet", "e")
    diagram.flow("x", "heard", "final == True")
    diagram.flow("x", "m", ident="back")
    return diagram.chain("heard", "e")


def test_an_event_gateway_shows_its_message_as_a_live_task_with_a_stable_id():
    diagram = gateway()
    assert diagram.problems({"final"}) == {}
    run = Run(diagram, final=False).do("serve")
    (message,) = run.last.live
    assert (message.kind, message.node, message.position) == ("message", "party", "investigator")
    assert message.attributes["form"] == "party_response"
    assert service.live(run.spec, run.last.state) == run.last.live
    assert run.wait(days=1).last.live == (message,)
    assert (run.last.opened, run.last.closed) == ((), ())


def test_the_first_event_closes_the_other_branch():
    run = Run(gateway(), final=True).do("serve")
    message = run.find("party")
    run.do("party")
    assert (run.live, run.last.steps, run.last.closed) == (["heard"], ("plea.received",), (message,))
    assert run.last.next_due is None

    run = Run(gateway(), final=True).do("serve")
    message = run.find("party")
    run.wait(days=5)
    assert (run.live, run.last.steps, run.last.closed) == (["quiet"], ("plea.expired",), (message,))
    with pytest.raises(Conflict):
        service.register(run.spec, run.last.state, message, {}, run.now, run.due)


def test_a_message_after_the_period_is_too_late():
    run = Run(gateway(), final=True).do("serve")
    run.now += timedelta(days=5)
    with pytest.raises(Conflict) as late:
        run.do("party")
    assert late.value.code == "task_gone"


def test_a_timer_counts_from_its_anchor_and_does_not_begin_again():
    asked = []

    def calendar(limit: str, anchor: str, entered: datetime) -> datetime:
        asked.append((limit, anchor))
        return due(limit, anchor, MONDAY if anchor else entered)

    diagram = gateway(anchor="notice")
    served = diagram.parts[0]
    served[1] = served[1].replace('id="serve"', 'id="serve" xq:step="notice"')
    assert diagram.problems({"final"}) == {}
    run = Run(diagram, final=False)
    run.due = calendar
    run.do("serve")
    # The caller knows when the step it completes happened in law, and is asked for it.
    assert asked == [("5wd", "notice")]
    first = run.last.next_due
    run.wait(days=2).do("party")
    assert asked == [("5wd", "notice"), ("5wd", "notice")]
    assert run.last.next_due == first == MONDAY + timedelta(days=5)
    assert run.live == ["party"]


def test_an_anchored_timer_that_is_already_due_fires_in_the_same_act():
    run = Run(hosted(True))
    late = Diagram().start().users("u", "z").end().timer("t", "5wd", xq_from="gone")
    late.chain("s", "u", "t", "z", "e")
    run = Run(late)
    run.due = lambda limit, anchor, entered: entered - timedelta(days=1)
    assert run.do("u").live == ["z"]


def test_an_unknown_anchor_is_refused():
    assert gateway(anchor="nowhere").problems({"final"})["anchor"] == "expired"


def test_two_timers_at_an_event_gateway_are_refused():
    diagram = Diagram().start().end().add("eventBasedGateway", "g").timer("t1", "10d").timer("t2", "1h")
    diagram.chain("s", "g", "t1", "e").chain("g", "t2", "e")
    assert diagram.problems()["two_timers"] == "g"


def test_an_intermediate_timer_waits():
    diagram = Diagram().start().users("z").end().timer("t", "24h").chain("s", "t", "z", "e")
    assert diagram.problems() == {}
    run = Run(diagram)
    assert (run.live, run.last.next_due) == ([], MONDAY + timedelta(hours=24))
    assert run.wait(hours=24).live == ["z"]


def test_no_clock_but_the_callers_is_read(monkeypatch):
    """A due moment far in the past of the machine's clock, yet in the future of the act."""
    run = Run(hosted(True))
    run.now = datetime(1999, 1, 1, tzinfo=UTC)
    run.last = service.start(run.spec, {}, run.now, run.due)
    assert run.wait(days=4).live == ["a"]
    assert run.wait(days=1).live == ["w"]


@pytest.mark.parametrize("text", ["P5D", '"P5D"', "PT36H", "5", "5 wd", "0d", "99999d", "5m", "due(7)", ""])
def test_durations_in_any_other_syntax_are_refused(text):
    diagram = Diagram().start().users("z").end().timer("t", text).chain("s", "t", "z", "e")
    assert diagram.problems()["limit"] == "t"


@pytest.mark.parametrize("form", ["timeDate", "timeCycle"])
def test_dates_and_cycles_are_refused(form):
    diagram = Diagram().start().users("z").end()
    body = f"<bpmn:timerEventDefinition><bpmn:{form}>5wd</bpmn:{form}></bpmn:timerEventDefinition>"
    diagram.add("intermediateCatchEvent", "t", body).chain("s", "t", "z", "e")
    assert diagram.problems()["limit"] == "t"


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_message_on_a_sub_process(interrupting):
    diagram = Diagram().start().users("w", "z").end().end("e2")
    with diagram.sub("main"):
        diagram.start("is").users("a", "b").end("ie").chain("is", "a", "b", "ie")
    diagram.boundary_message("withdraw", "main", interrupting)
    diagram.chain("s", "main", "z", "e").chain("withdraw", "w", "e2")
    assert diagram.problems() == {}
    run = Run(diagram).do("a")
    assert run.live == ["b", "withdraw"]
    inner = run.find("b")
    run.do("withdraw")
    if interrupting:
        assert run.live == ["w"]
        assert inner in run.last.closed
    else:
        assert run.live == ["b", "w"]
        run.do("b").do("z")
    assert run.do("w").last.finished


def test_a_timer_cannot_be_registered_by_hand():
    run = Run(hosted(True))
    timer = str(int(run.find("a")) + 1)
    with pytest.raises(Conflict):
        service.register(run.spec, run.last.state, timer, {}, run.now, run.due)
    with pytest.raises(Conflict):
        service.register(run.spec, run.last.state, run.find("a"), {}, run.now, run.due)


def test_service_tasks_are_reported_by_name_and_passed_at_once():
    diagram = Diagram().start().end()
    diagram.add("userTask", "u", xq_step="decide").add(
        "serviceTask", "remind", xq_action="supervision.reminder", xq_step="reminded"
    )
    diagram.add("intermediateThrowEvent", "mark", xq_step="marked").chain("s", "u", "remind", "mark", "e")
    assert diagram.problems(actions=["supervision.reminder"]) == {}
    assert diagram.problems(actions=["other"])["action"] == "remind"
    run = Run(diagram).do("u")
    assert run.last.actions == ("supervision.reminder",)
    assert run.last.steps == ("decide", "reminded", "marked")
    assert run.last.finished


def test_a_called_process_runs_inside_and_its_nodes_are_known():
    called = Diagram("review").start("cs").users("opinion").end("ce").chain("cs", "opinion", "ce").xml()
    diagram = Diagram().start().users("z").end().add("callActivity", "call", calledElement="review")
    diagram.chain("s", "call", "z", "e")
    source = service.Source(diagram.xml(), {"review.bpmn": called})
    assert service.check(source, (), ()) == []
    spec = service.spec("called", lambda: source)
    assert service.nodes(spec)["opinion"].position == "investigator"
    first = service.start(spec, {}, MONDAY, due)
    assert [task.node for task in first.live] == ["opinion"]
    second = service.complete(spec, first.state, first.live[0].id, {}, MONDAY, due)
    assert [task.node for task in second.live] == ["z"]


def test_a_missing_or_recursive_call_is_refused():
    diagram = Diagram().start().end().add("callActivity", "call", calledElement="nowhere")
    assert diagram.chain("s", "call", "e").problems()["called_missing"] == "call"
    diagram = Diagram("p").start().end().add("callActivity", "call", calledElement="p")
    assert "called_recursive" in diagram.chain("s", "call", "e").problems()


def test_ids_of_tasks_are_stable_across_acts_and_never_used_again():
    diagram = Diagram().start().users("a", "b").end().xor("m")
    diagram.add("exclusiveGateway", "x", default="d").parallel("g", "j")
    diagram.chain("s", "m", "g", "a", "j", "x").chain("g", "b", "j")
    diagram.flow("x", "m", "again == True")
    diagram.flow("x", "e", ident="d")
    run, used = Run(diagram, again=True), set()
    for _ in range(5):
        ids = {run.find("a"), run.find("b")}
        assert not ids & used
        used |= ids
        kept = run.find("b")
        assert run.do("a").find("b") == kept
        run.do("b")
