"""Rounds of signing as a page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.forms import service as forms
from app.people import service as people

from . import sign_rules, signing, stepping
from .desk import Desk
from .locking import Running
from .models import Involvement, PartState, SignRound, WorkItem, WorkStatus
from .sign_models import RoundKind, RoundState

STATES = {
    RoundState.OPEN: ("等待签署", "info"),
    RoundState.AGREED: ("达成同意", "ok"),
    RoundState.FAILED: ("没有达成同意", "danger"),
}


@dataclass(frozen=True, slots=True)
class MemberView:
    """A signer: the stance in words, empty where it is awaited (`turn`: from this one now)."""

    name: str
    positions: str
    stance: str
    tone: str
    opinion: str
    at: datetime | None
    turn: bool


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round: `proposal` is what the assignee had entered when it was asked for."""

    id: int
    kind: str
    rule: str
    state: str
    tone: str
    by: str
    at: datetime
    note: str
    minutes: str
    explained: str
    members: Sequence[MemberView]
    proposal: Sequence[forms.Answer]


TONES = {"agree": "ok", "amend": "warn", "disagree": "danger", "abstain": "info"}


def rounds(session: Session, desk: Desk) -> list[RoundView]:
    """The rounds of a task, newest first."""
    known = desk.running.sign_rounds or ()
    if not known:
        return []
    parts = [p for p in desk.parts if p.round_id]
    cards = people.officers(session, {p.officer_id for p in parts} | {found.by_id for found in known})
    positions = people.position_names(session)

    def member(found: SignRound, part: Involvement) -> MemberView:
        card = cards[part.officer_id]
        awaited = part.state == PartState.OPEN
        return MemberView(
            card.name,
            "、".join(positions[key] for key in positions if key in card.positions),
            sign_rules.STANCES.get(part.stance, ""),
            TONES.get(part.stance, ""),
            (part.said or {}).get("opinion", ""),
            part.answered_at,
            awaited and signing.turn_of(desk.work, [found], parts, part.officer_id) is part,
        )

    said = select(SignRound).where(SignRound.id.in_([found.id for found in known]))
    result = []
    for found in session.scalars(said.order_by(SignRound.id.desc())):
        word, tone = STATES[RoundState(found.state)]
        told = found.said or {}
        members = sorted((p for p in parts if p.round_id == found.id), key=lambda p: (p.place, p.id))
        result.append(
            RoundView(
                id=found.id,
                kind=signing.KINDS[RoundKind(found.kind)],
                rule=signing.rule_words(found),
                state=word,
                tone=tone,
                by=cards[found.by_id].name,
                at=found.at,
                note=told.get("note", ""),
                minutes=told.get("minutes", ""),
                explained=told.get("explained", ""),
                members=[member(found, part) for part in members],
                proposal=_entered(desk.running, desk.work, told.get("proposal")),
            )
        )
    return result


def _entered(running: Running, work: WorkItem, data: dict[str, Any] | None) -> list[forms.Answer]:
    """What was entered, as far as it can be read: a draft may be wrong, and its files are nobody else's yet."""
    if not data or work.status != WorkStatus.OPEN:
        return []
    form = stepping.form_of(running, work)
    readable = {key: value for key, value in data.items() if _readable(form, key, value)}
    return [answer for answer in forms.summary(form, readable) if not answer.files]


def _readable(form: forms.Form, key: str, value: Any) -> bool:
    try:
        forms.summary(form, {key: value})
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
        return False
    return True


def waits_for(desk: Desk, officer_id: int | None) -> Involvement | None:
    """The part in which this person may sign the task now."""
    known = desk.running.sign_rounds or ()
    return signing.turn_of(desk.work, known, desk.parts, officer_id) if known and officer_id else None
