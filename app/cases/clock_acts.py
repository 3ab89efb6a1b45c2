"""Acts on the clocks of a case: suspend with cause and proof, resume, extend. Each is recorded."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.forms import service as forms
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, NotFound

from . import acts, locking, queries
from .answers import ActResult, answered, checked_key, remember
from .handling import handler_of
from .models import Done

SUSPENDERS = frozenset({"deputy", "head"})
"""Who decides that days do not count: a head of the agency (a stay of the case is a decision of its head)."""


@cache
def form(name: str) -> forms.Form:
    """The form of an act on a clock: `suspend`, `resume` or `extend`."""
    text = (Path(__file__).parent / "data" / "clock_forms.json").read_text(encoding="utf-8")
    return forms.load(json.loads(text)[name])


def view(session: Session, actor: Actor, case_id: int, clock_id: int) -> deadlines.ClockView:
    """One clock of a case this person may see.

    Raises:
        NotFound: the case or the clock does not exist for this person.
    """
    queries.case(session, actor, case_id)
    for clock in deadlines.of_case(session, case_id):
        if clock.id == clock_id:
            return clock
    raise NotFound("本案没有这项计时。")


def suspend(
    session: Session, actor: Actor, case_id: int, clock_id: int, key: str, data: Mapping[str, Any]
) -> ActResult:
    """Stop a clock for a lawful cause, with its proof.

    Raises:
        Forbidden: the actor is no head of the agency.
        Invalid, Refused, Conflict: see `deadlines.service.suspend`.
    """
    running, clock, repeated = _begin(session, actor, case_id, clock_id, key, "suspended")
    if repeated:
        return repeated
    _heads_only(actor)
    proof = (data["proof"] or [{}])[0].get("digest", "")
    since = date.fromisoformat(data["from_day"])
    deadlines.suspend(session, clock.id, data["cause"], data["basis"] or "", proof, since, actor)
    detail = {"clock": clock.id, "name": clock.name, "cause": data["cause"], "from": data["from_day"]}
    acts.note(running, actor, "clock.suspended", detail, [proof])
    return _end(running, actor, key, "suspended", clock, "已暂停计时。")


def resume(
    session: Session, actor: Actor, case_id: int, clock_id: int, key: str, data: Mapping[str, Any]
) -> ActResult:
    """End every open suspension of a clock from a day on."""
    running, clock, repeated = _begin(session, actor, case_id, clock_id, key, "resumed")
    if repeated:
        return repeated
    _heads_only(actor)
    until = date.fromisoformat(data["until_day"])
    open_ones = [s for s in clock.suspensions if s.until_day is None]
    if not open_ones:
        raise NotFound("这项计时没有暂停。")
    for suspension in open_ones:
        deadlines.resume(session, suspension.id, until, actor)
    detail = {"clock": clock.id, "name": clock.name, "until": data["until_day"]}
    acts.note(running, actor, "clock.resumed", detail)
    return _end(running, actor, key, "resumed", clock, "已恢复计时。")


def extend(
    session: Session, actor: Actor, case_id: int, clock_id: int, key: str, data: Mapping[str, Any]
) -> ActResult:
    """Approve an extension in the clock's own unit, within its cap.

    Raises:
        Refused: the law allows none, not so long, not by this person, or not any more.
    """
    running, clock, repeated = _begin(session, actor, case_id, clock_id, key, "extended")
    if repeated:
        return repeated
    limit = f"{int(data['number'])}{clock.unit}"
    deadlines.extend(session, clock.id, limit, data["reason"], actor)
    detail = {"clock": clock.id, "name": clock.name, "limit": limit, "reason": data["reason"]}
    acts.note(running, actor, "clock.extended", detail)
    return _end(running, actor, key, "extended", clock, "已批准延长。")


ACTS = {"suspend": suspend, "resume": resume, "extend": extend}


def _begin(
    session: Session, actor: Actor, case_id: int, clock_id: int, key: str, outcome: str
) -> tuple[locking.Running, deadlines.ClockView, ActResult | None]:
    queries.case(session, actor, case_id)
    own = checked_key(key)
    running = locking.lock(session, case_id)
    done = session.get(Done, own, populate_existing=True)
    repeated = answered(done, actor, (outcome,), clock_id)
    if repeated is None:
        locking.keep_out(running, handler_of(actor, running.procedure.kind))
    return running, view(session, actor, case_id, clock_id), repeated


def _end(
    running: locking.Running, actor: Actor, key: str, outcome: str, clock: deadlines.ClockView, told: str
) -> ActResult:
    message = f"“{clock.name}”{told}"
    return remember(
        running.session, actor, key, ActResult(outcome, running.case.id, clock.id, message, [], [])
    )


def _heads_only(actor: Actor) -> None:
    if not actor.positions & SUSPENDERS:
        raise Forbidden("暂停和恢复计时由机关分管负责人或主要负责人决定，请报请批准。")
