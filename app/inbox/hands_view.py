"""What a task page says of whose hands the task is in: who prepares it, who gave it out by which rule, who urged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Involvement, Part, PartState
from app.kernel.auth import Actor
from app.people import service as people


@dataclass(frozen=True, slots=True)
class Asked:
    """A delegation: who was asked by whom, and what each said. `answered_at` is set once it was given back."""

    name: str
    by: str
    note: str
    at: datetime
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose hands a task is in. `mine`: this person was asked to prepare it; `others`: the assignee waits for somebody
    else; `prepared`: what came back last. `copied`: it was copied to this person, `unread` until now."""

    mine: Asked | None = None
    others: Asked | None = None
    prepared: Asked | None = None
    copied: Asked | None = None
    unread: bool = False
    allotted: str = ""
    urged: int = 0
    urgings: Sequence[cases.UrgedBy] = ()


def hands(session: Session, actor: Actor, desk: cases.Desk) -> Hands:
    """What the page of a task tells this person about it."""
    parts = [p for p in desk.parts if p.part in (Part.DELEGATE, Part.COPY)]
    if not parts and not desk.urged:
        return Hands(allotted=desk.allotted)
    names = people.officers(session, {i for p in parts for i in (p.officer_id, p.by_id)})

    def told(part: Involvement | None) -> Asked | None:
        if part is None:
            return None
        said = part.said or {}
        return Asked(
            names[part.officer_id].name,
            names[part.by_id].name,
            said.get("note", ""),
            part.at,
            said.get("opinion", ""),
            part.answered_at,
        )

    def last(kind: Part, state: PartState | None, mine: bool | None) -> Involvement | None:
        return next(
            (
                p
                for p in reversed(parts)
                if p.part == kind
                and (state is None or p.state == state)
                and (mine is None or (p.officer_id == actor.officer_id) is mine)
            ),
            None,
        )

    copied = last(Part.COPY, None, True)
    return Hands(
        mine=told(last(Part.DELEGATE, PartState.OPEN, True)),
        others=told(last(Part.DELEGATE, PartState.OPEN, False)),
        prepared=told(last(Part.DELEGATE, PartState.DONE, None)),
        copied=told(copied),
        unread=copied is not None and copied.read_at is None,
        allotted=desk.allotted,
        urged=desk.urged,
        urgings=cases.urgings(session, desk.work.id) if desk.urged else (),
    )
