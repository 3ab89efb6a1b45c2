"""Today's engine reads every state that a released version has stored, and goes on from it as that one did."""

import json

import pytest

from app.engine import service, state
from app.engine.parser import build
from app.kernel.errors import Conflict

from . import history
from .history import FOLDER, History

RECORDED = [(number, each) for number, path in history.formats().items() for each in history.load(path)]
each_history = pytest.mark.parametrize(
    ("number", "recorded"), RECORDED, ids=[f"{number}-{each.name}" for number, each in RECORDED]
)


def spec_of(recorded: History) -> service.Spec:
    return build(recorded.name, service.Source(recorded.diagram))


def outcome(call: history.Call, number: int) -> tuple:
    """What must come of a call, whichever format its state was in; the bytes too, while it is today's."""
    same = call.live, call.steps, call.actions, call.attributes, call.next_due, call.finished
    return (*same, call.state) if number == state.CURRENT else same


@each_history
def test_every_stored_state_shows_the_same_live_tasks(number, recorded):
    spec = spec_of(recorded)
    for call in recorded.calls:
        assert call.state[0] == number
        assert [f"{t.id} {t.node} {t.kind}" for t in service.live(spec, call.state)] == call.live


@each_history
def test_going_on_from_every_stored_state_reaches_the_same_end(number, recorded):
    spec = spec_of(recorded)
    for begin in range(len(recorded.calls)):
        now = recorded.calls[begin].state
        for call in recorded.calls[begin + 1 :]:
            made = history.repeat(spec, now, call)
            assert outcome(made, number) == outcome(call, number), f"from {begin}: {call.name} {call.task}"
            now = made.state
    assert recorded.calls[-1].finished


@each_history
def test_the_whole_history_begins_and_ends_as_it_did(number, recorded):
    spec, now = spec_of(recorded), b""
    for call in recorded.calls:
        made = history.repeat(spec, now, call)
        assert outcome(made, number) == outcome(call, number)
        now = made.state


def test_the_histories_hold_what_an_engine_must_do():
    kinds = {call.name for _, each in RECORDED for call in each.calls}
    assert kinds == {"start", "complete", "register", "refresh"}
    stored = b"".join(call.state for _, each in RECORDED for call in each.calls)
    assert b'"$decimal"' in stored
    assert b'"inside"' in stored  # inside a sub-process
    assert any(call.next_due for _, each in RECORDED for call in each.calls)


def test_every_format_has_histories_and_they_never_change():
    """A change of what is stored needs a new format: raise `state.CURRENT`, add the step to `state.UPGRADES`,
    run `python -m tests.histories.record`, and write the digest it prints into `digests.json`."""
    known = {int(number): each for number, each in json.loads((FOLDER / "digests.json").read_text()).items()}
    assert known.keys() == history.formats().keys() == state.FORMATS
    assert {number: history.digest(path) for number, path in history.formats().items()} == known


def test_the_histories_are_small():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*.gz")) < 200_000


@pytest.mark.parametrize(
    ("first", "words"), [(b"\xff", "更新版本"), (b"\x02", "更新版本"), (b"\x00", "不是平台"), (b"", "不是")]
)
def test_a_format_of_the_future_is_refused_in_plain_words(first, words):
    _, recorded = RECORDED[0]
    with pytest.raises(Conflict, match=words) as refused:
        service.live(spec_of(recorded), first + recorded.calls[0].state[1:] if first else b"")
    assert refused.value.code == "state_version"


def test_an_old_format_is_read_through_every_step_up_to_today(monkeypatch):
    """With two formats invented on top of today's, today's histories are the old ones."""
    monkeypatch.setattr(state, "CURRENT", state.CURRENT + 2)
    steps = {state.CURRENT - 2: lambda content: ["one", content], state.CURRENT - 1: lambda found: found[1]}
    monkeypatch.setattr(state, "UPGRADES", {**state.UPGRADES, **steps})
    monkeypatch.setattr(state, "FORMATS", frozenset({state.CURRENT, *state.UPGRADES}))
    _, recorded = RECORDED[0]
    spec = spec_of(recorded)
    assert [t.id for t in service.live(spec, recorded.calls[0].state)] == [
        line.split()[0] for line in recorded.calls[0].live
    ]
