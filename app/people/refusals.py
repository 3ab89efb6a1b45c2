"""被拒绝的办理: that somebody tried what the law of persons keeps them from, for the heads of the agency to see."""

from collections.abc import Collection, Sequence
from datetime import datetime

from flask import has_request_context, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, actor_or_none
from app.kernel.errors import Forbidden, Refused
from app.kernel.transaction import note_refusals

from . import substitution
from .models import Officer, RefusedAct

SHOWN = 100
_codes: frozenset[str] = frozenset()


def install(codes: Collection[str]) -> None:
    """Keep refusals of these codes: those of the gates about persons."""
    global _codes
    _codes = frozenset(codes)
    note_refusals(_note)


def _note(session: Session, error: Refused) -> None:
    if error.code not in _codes or not has_request_context():
        return
    actor = actor_or_none()
    if actor is None or actor.officer_id is None:
        return
    session.add(
        RefusedAct(
            at=clock.now(),
            agency_id=actor.agency_id,
            officer_id=actor.officer_id,
            code=error.code,
            told=error.message,
            article=error.article[:200],
            endpoint=(request.endpoint or "")[:80],
        )
    )


def listed(session: Session, actor: Actor) -> Sequence[tuple[datetime, str, str, str]]:
    """The last refusals of an agency: when, who, what was told, the article.

    Raises:
        Forbidden: the person is no head.
    """
    if not substitution.heads(session, actor):
        raise Forbidden("被拒绝的办理由本机关分管负责人或者主要负责人查看。")
    chosen = select(RefusedAct.at, Officer.name, RefusedAct.told, RefusedAct.article).join(
        Officer, Officer.id == RefusedAct.officer_id
    )
    mine = chosen.where(RefusedAct.agency_id == actor.agency_id).order_by(RefusedAct.id.desc())
    return session.execute(mine.limit(SHOWN)).tuples().all()
