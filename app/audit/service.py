"""Append to the record, and read it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.events import (
    CaseEvent,
    CaseNoted,
    CaseOpened,
    ClockMoved,
    ClockTurned,
    DocumentIssued,
    StepCompleted,
)

from .models import RecordEntry


def _append(
    session: Session,
    event: CaseEvent | ClockTurned | ClockMoved,
    kind: str,
    content: Mapping[str, Any],
    digests: Sequence[str] = (),
) -> None:
    seq = session.scalar(
        select(func.coalesce(func.max(RecordEntry.seq), 0) + 1).where(RecordEntry.case_id == event.case_id)
    )
    session.add(
        RecordEntry(
            case_id=event.case_id,
            agency_id=event.agency_id,
            seq=seq,
            at=event.at,
            actor_id=getattr(event, "actor_id", None),
            kind=kind,
            content=dict(content),
            digests=list(digests),
        )
    )
    session.flush()


def on_opened(session: Session, event: CaseOpened) -> None:
    """Record that the case was opened."""
    case = event.context["case"]
    _append(
        session,
        event,
        "case.opened",
        {"no": case["no"], "item": case["item"], "procedure": event.procedure, "tasks": _tasks(event.opened)},
    )


def on_step(session: Session, event: StepCompleted) -> None:
    """Record a completed task, a registered message or a fired timer with everything that was handed in."""
    if event.task is None:
        kind = "timer.fired"
        content: dict[str, Any] = {}
    else:
        kind = "message.registered" if event.task.kind == "message" else "step.completed"
        content = {
            "node": event.task.node,
            "name": event.task.name,
            "form": event.form,
            "data": dict(event.data),
        }
        content["with"] = list(event.context.get("signers", ()))
    content |= {
        "steps": list(event.steps),
        "actions": list(event.actions),
        "opened": _tasks(event.opened),
        "attributes": dict(event.context["attributes"]),
        "finished": event.finished,
    }
    _append(session, event, kind, content, _brought(event.data))


def on_noted(session: Session, event: CaseNoted) -> None:
    """Record an act that leaves the procedure where it is."""
    digests = dict.fromkeys([*event.files, *_brought(event.detail)])
    _append(session, event, event.kind, event.detail, list(digests))


def on_document(session: Session, event: DocumentIssued) -> None:
    """Record the number and the digest of an issued document."""
    _append(
        session,
        event,
        "document.issued",
        {"document": event.document_id, "code": event.code, "number": event.number},
        [event.digest],
    )


def on_clock_turned(session: Session, event: ClockTurned) -> None:
    """Record that a light turned by itself. The sweep has locked the case."""
    content = {"clock": event.clock_id, "name": event.name, "light": event.light}
    _append(session, event, "clock.light", content)


def on_clock_moved(session: Session, event: ClockMoved) -> None:
    """Record that a due moment changed, and why."""
    content = {"clock": event.clock_id, "name": event.name, "cause": event.cause}
    _append(session, event, "clock.due", content | {"due_at": event.due_at.isoformat(), "light": event.light})


def of_case(session: Session, case_id: int) -> Sequence[RecordEntry]:
    """The record of a case, oldest first."""
    return session.scalars(
        select(RecordEntry).where(RecordEntry.case_id == case_id).order_by(RecordEntry.seq)
    ).all()


def _brought(value: Any) -> list[str]:
    """The SHA-256 of every file that was handed in, each once, in the order of the form."""
    if isinstance(value, Mapping):
        mine = [value["digest"]] if isinstance(value.get("digest"), str) else []
        inner: Sequence[Any] = list(value.values())
    else:
        mine, inner = [], value if isinstance(value, (list, tuple)) else []
    return list(dict.fromkeys(mine + [digest for each in inner for digest in _brought(each)]))


def _tasks(tasks: Sequence[Any]) -> list[dict[str, str]]:
    return [{"node": t.node, "name": t.name, "position": t.position} for t in tasks]
