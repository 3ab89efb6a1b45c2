"""What the page of a task shows of its rounds of signing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.forms import service as forms
from app.kernel.auth import Actor


@dataclass(frozen=True, slots=True)
class Signing:
    """The rounds, newest first. Where this person is to sign: who asked for what, with what was entered (`proposal`), and
    what the act asks and causes (`offer`)."""

    rounds: Sequence[cases.RoundView] = ()
    mode: str = ""
    """`sign` (it is this person's turn), `signing` (it waits for others), empty: neither."""
    by: str = ""
    note: str = ""
    proposal: Sequence[forms.Answer] = ()
    offer: Any = None
    advice: str = ""
    """What the assignee has to know before handing in."""


NONE = Signing()


def of(session: Session, actor: Actor, desk: cases.Desk) -> Signing:
    """The rounds of a task; `NONE` where it has none, which costs nothing."""
    found = cases.rounds(session, desk)
    if not found:
        return NONE
    if mine := cases.waits_for(desk, actor.officer_id):
        own = next(r for r in found if r.id == mine.round_id)
        _, _, offer = cases.desk_offer(session, actor, desk.work.id, "sign_answer")
        return Signing(found, "sign", own.by, own.note, own.proposal, offer)
    mode = "signing" if desk.work.status == cases.WorkStatus.SIGNING else ""
    return Signing(found, mode, advice=cases.signing_advice(desk.running))
