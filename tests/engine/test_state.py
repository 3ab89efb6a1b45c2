"""The stored state: complete, small, versioned, and free of case data."""

import random
from decimal import Decimal

import orjson
import pytest

from app.engine import service, state
from app.kernel.errors import Conflict, Invalid
from tests.engine.diagrams import MONDAY, Diagram, Run, due, simple
from tests.engine.test_joins import looped


def test_the_first_byte_is_the_format_version():
    run = Run(simple())
    assert run.last.state[:1] == state.VERSION
    with pytest.raises(Conflict) as foreign:
        service.live(run.spec, b"\x00" + run.last.state[1:])
    assert foreign.value.code == "state_version"


def test_dump_after_load_gives_the_same_bytes():
    diagram = looped(3)
    with diagram.sub("unused"):
        diagram.start("is").end("ie").chain("is", "ie")
    run, dice = Run(diagram, more=True), random.Random(1)
    for _ in range(60):
        case = state.load(run.spec, run.last.state, MONDAY, due)
        assert state.dump(case) == run.last.state
        if run.last.finished:
            break
        run.do(dice.choice(run.live), more=dice.random() < 0.8)


def test_the_state_stays_flat_over_forty_rework_rounds():
    run = Run(looped(3), more=True).do("first")
    sizes = []
    for _ in range(40):
        for i in range(3):
            run.do(f"u{i}")
        run.do("review")
        sizes.append(len(run.last.state))
    assert max(sizes) - min(sizes) <= 12  # only the ids of tasks gain digits
    assert len(state.load(run.spec, run.last.state, MONDAY, due).tasks) < 10


def test_a_finished_case_holds_no_token():
    run = Run(simple(), fine=1).do("a")
    assert orjson.loads(run.last.state[1:])[1:] == [{"fine": 1}, []]
    assert run.last.live == ()
    assert run.wait(days=9).last.finished


def test_nothing_but_routing_attributes_is_kept():
    values = {"flag": True, "grade": "serious", "fine": 12, "rate": 0.5, "none": None, "sum": Decimal("9.90")}
    run = Run(simple(), **values).wait()
    assert run.last.attributes == values
    assert isinstance(run.last.attributes["sum"], Decimal)


@pytest.mark.parametrize(
    "value", [{"typename": "BpmnProcessSpec"}, [1, 2], b"x", MONDAY, object(), "长" * 201, {"$decimal": "1"}]
)
def test_case_data_is_refused(value):
    run = Run(simple())
    with pytest.raises(Invalid) as refused:
        run.do("a", form=value)
    assert refused.value.code == "attribute"


@pytest.mark.parametrize("name", ["__builtins__", "a.b", "a b", "", "_x"])
def test_names_that_no_condition_could_read_are_refused(name):
    with pytest.raises(Invalid):
        Run(simple()).do("a", **{name: 1})


def test_an_attribute_called_typename_is_an_attribute_like_any_other():
    assert Run(simple(), typename="timedelta").wait().last.attributes == {"typename": "timedelta"}


def test_an_error_leaves_the_callers_state_usable():
    diagram = Diagram().start().users("a", "b").end().add("exclusiveGateway", "x", default="d")
    diagram.chain("s", "a", "x").chain("b", "e")
    diagram.flow("x", "b", "fine > 5")
    diagram.flow("x", "e", ident="d")
    run = Run(diagram, fine=0)
    before = bytes(run.last.state)
    with pytest.raises(Invalid):
        run.do("a", fine="much")
    assert run.last.state == before
    assert run.do("a", fine=9).live == ["b"]


def test_a_state_of_another_diagram_is_refused():
    run = Run(simple())
    other = Run(Diagram().start().users("b").end().chain("s", "b", "e"))
    with pytest.raises(Conflict) as refused:
        service.live(other.spec, run.last.state)
    assert refused.value.code == "state_mismatch"


def test_the_same_acts_give_the_same_bytes():
    def journey() -> bytes:
        run = Run(looped(2), more=True).do("first").do("u1").do("u0").do("review").do("u0")
        return bytes(run.last.state)

    assert journey() == journey()
