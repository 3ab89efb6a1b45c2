"""The door of the supervision room."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.auth import Actor, Role
from app.kernel.events import StepCompleted
from app.people import service as people

from .foresight import register_jobs as register_jobs
from .models import Reminder

MAJOR_REMINDER = "supervision.major_reminder"
"""The named action of a procedure: tell the supervising office that a major decision is about to be made."""


def on_step(session: Session, event: StepCompleted) -> None:
    """Carry out the named actions of this room, in the transaction of the step that caused them."""
    for action in event.actions:
        if action == MAJOR_REMINDER:
            case = event.context["case"]
            session.add(
                Reminder(
                    case_id=event.case_id,
                    agency_id=event.agency_id,
                    region_code=event.region,
                    action=action,
                    at=event.at,
                    content={
                        "no": case["no"],
                        "cause": case["cause"],
                        "item": case["item"],
                        "agency": event.context["agency"]["name"],
                    },
                )
            )


def reminded_at(session: Session, case_id: int, action: str) -> datetime | None:
    """When the supervising office was last reminded of a case by this action; None: not so far."""
    chosen = select(func.max(Reminder.at)).where(Reminder.case_id == case_id, Reminder.action == action)
    return session.scalar(chosen)


def reminders(
    session: Session, actor: Actor, before: int | None = None, limit: int = 31
) -> Sequence[Reminder]:
    """The reminders from the agencies this supervisor looks after, newest first; none for others."""
    if Role.SUPERVISOR not in actor.roles:
        return []
    query = select(Reminder).where(people.scope(session, actor).condition(Reminder))
    if before is not None:
        query = query.where(Reminder.id < before)
    return session.scalars(query.order_by(Reminder.id.desc()).limit(limit)).all()
