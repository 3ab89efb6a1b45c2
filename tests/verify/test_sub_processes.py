"""What stands around a sub-process is proven as if it stood in its place: time inside it, conditions behind it."""

from app.engine.migrate import unavoidable
from app.engine.parser import build as parsed
from app.engine.service import Source
from app.verify.findings import Severity
from app.verify.net import Net
from app.verify.orders import Orders
from app.verify.settling import Settling
from app.verify.space import Space
from app.verify.states import Explorer
from app.verify.steps import Program
from app.verify.subject import build
from app.verify.timing import Budget, budgets, timing
from tests.engine.diagrams import Diagram

CLOCK = {"id": "main", "name": "办案期限", "limit": "10wd", "basis": "测试", "starts": ["a"], "stops": ["z"]}


def space(diagram: Diagram, rules, forms=None) -> Space:
    subject, problems = build(diagram.xml(), None, rules, forms or {})
    assert problems == []
    return Explorer(Program(subject, Net(subject.internal), Orders((), subject.names))).run()


def timed(first: str = "", inside: str = "4wd") -> Space:
    """甲 starts the clock, a sub-process of two tasks (`inside` the second one's limit), 丁 stops it. `first`: the step
    of the first task inside."""
    drawn = Diagram().start().end()
    drawn.add("userTask", "甲", xq_step="" if first else "a").add(
        "userTask", "丁", xq_step="z", xq_limit="2wd"
    )
    with drawn.sub("sub"):
        drawn.start("is").end("ie").add("userTask", "乙", xq_limit="3wd", xq_step=first)
        drawn.add("userTask", "丙", xq_limit=inside).chain("is", "乙", "丙", "ie")
    return space(drawn.chain("s", "甲", "sub", "丁", "e"), {"clocks": [CLOCK]})


def measured(found: Space) -> Budget:
    (only,) = budgets(found)
    return only


def test_the_time_inside_a_sub_process_counts():
    assert measured(timed()).chain == (("乙", 3), ("丙", 4), ("丁", 2))
    assert measured(timed()).longest == 9
    assert list(timing(timed())) == []
    (told,) = timing(timed(inside="6wd"))
    assert (told.rule, told.severity) == ("G04", Severity.BLOCK)
    assert set(told.elements) == {"乙", "丙", "丁"}


def test_a_clock_that_starts_inside_goes_on_outside():
    assert measured(timed(first="a")).chain == (("丙", 4), ("丁", 2))


def test_what_runs_side_by_side_inside_is_counted_once():
    drawn = Diagram().start().end()
    drawn.add("userTask", "甲", xq_step="a").add("userTask", "丁", xq_step="z", xq_limit="2wd")
    with drawn.sub("sub"):
        drawn.start("is").end("ie").end("ie2").parallel("g")
        drawn.add("userTask", "乙", xq_limit="3wd").add("userTask", "丙", xq_limit="5wd")
        drawn.chain("is", "g", "乙", "ie").chain("g", "丙", "ie2")
    found = measured(space(drawn.chain("s", "甲", "sub", "丁", "e"), {"clocks": [CLOCK]}))
    assert (found.longest, found.slack) == (7, {"乙": 5, "丙": 3, "丁": 3})


def branching() -> tuple[Diagram, dict, dict]:
    """What is asked for before a sub-process decides behind it."""
    drawn = Diagram().start().users("小", "大").end().add("userTask", "甲", xq_form="f")
    drawn.add("exclusiveGateway", "x", default="d")
    with drawn.sub("sub"):
        drawn.start("is").users("乙").end("ie").chain("is", "乙", "ie")
    drawn.chain("s", "甲", "sub", "x").chain("小", "e").chain("大", "e")
    drawn.flow("x", "小", ident="d")
    drawn.flow("x", "大", "big == True")
    rules = {"attributes": {"big": {"type": "boolean", "default": False, "label": "大"}}}
    items = [{"key": "big", "type": "radio", "label": "大", "options": ["yes", "no"]}]
    forms = {"f": {"items": items, "writes": {"big": {"field": "big", "equals": "yes"}}}}
    return drawn, rules, forms


def test_conditions_behind_a_sub_process_are_asked_with_what_is_known_before_it():
    drawn, rules, forms = branching()
    found = space(drawn, rules, forms)
    program = found.program
    settling, seen = Settling(Space(program.net, program), 100), set()
    for state in range(1, len(found.order)):
        marking, data = found.marking(state), found.data(state)
        for settled in program.regions.settle(data, ("big",)):
            for group in program.grouping.enabled(marking):
                went = settling.alike(group, marking, settled)
                assert went == settling.after(0, group, marking, settled)
                seen |= {program.net.waits.get(place[0]) for place in went}
    assert {"小", "大"} <= seen


def test_legal_steps_before_a_sub_process_are_before_what_is_in_it_and_behind_it():
    drawn = Diagram().start().end().xor("y").users("丁").add("exclusiveGateway", "x", default="d")
    drawn.add("userTask", "甲", xq_step="a").add("userTask", "乙", xq_step="b")
    with drawn.sub("sub"):
        drawn.start("is").end("ie").add("userTask", "丙", xq_step="c").users("丙二").chain(
            "is", "丙", "丙二", "ie"
        )
    drawn.chain("s", "甲", "x").chain("乙", "y", "sub", "丁", "e")
    drawn.flow("x", "y", ident="d")
    drawn.flow("x", "乙", "big == True")
    spec = parsed("before a sub-process", Source(drawn.xml()))
    assert unavoidable(spec, "丙") == {"a"}
    assert unavoidable(spec, "丙二") == unavoidable(spec, "丁") == {"a", "c"}
