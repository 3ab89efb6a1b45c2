"""The lines of a list as people read them: due, who has it, why it came back, who urged it with which words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.deadlines import service as deadlines
from app.kernel.sealed import unseal
from app.people import service as people

from . import filters, returns
from .queries import Row


@dataclass(frozen=True, slots=True)
class Urged:
    """How often a task was urged, and the last word."""

    times: int
    at: datetime
    by: str
    said: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of an inbox list: a task (`id`; None where none waits in the case) and its case. `due` is None where
    the task has no limit, and for what is done unless it was asked for. `returned` says why the task came back (None:
    it did not), `said` what came with a copy or a request, and from whom. `kept_out`: the person was recused from the
    case; only its number, and what they did when, is told."""

    id: int | None
    name: str
    status: str
    position: str
    opened_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    case_id: int
    no: str
    title: str
    case_status: str
    due: cases.DueView | None
    waits_for_me: bool
    place: int = 0
    version: int = 0
    holder: str = ""
    second: str = ""
    two: bool = False
    item: str = ""
    begun_at: datetime | None = None
    returned: returns.Returned | None = None
    urged: Urged | None = None
    said: str = ""
    said_by: str = ""
    unread: bool = False
    kept_out: bool = False


IDLE = {cases.CaseStatus.OPEN: "等待当事人或者期限", cases.CaseStatus.CLOSED: "已归档"}
"""What a case does in which no task waits."""


def rows(
    session: Session, found: Sequence[Row], *, past: bool = False, agency_id: int | None = None
) -> list[RowView]:
    """The lines of a list. `past`: with the clocks of tasks that are done, too; `agency_id`: with the names of this
    agency's items."""
    positions = people.position_names(session)
    due = cases.dues_of(
        deadlines.lines_of(session, {row.id: row.clock for row in found if row.clock and row.id})
    )
    if past:
        due |= cases.dues(
            session, (row.id for row in found if row.id and row.status == cases.WorkStatus.DONE)
        )
    names = _names(session, found)
    items = filters.items_of(session, agency_id) if agency_id is not None else {}
    back = returns.reasons(session, [row for row in found if row.returned])
    return [
        _kept_out(row)
        if row.kept_out
        else RowView(
            id=row.id,
            name=row.name or IDLE[cases.CaseStatus(row.case_status)],
            status=row.status or "",
            position=positions.get(row.position_key or "", ""),
            opened_at=row.opened_at,
            due_at=row.due_at,
            done_at=row.done_at,
            case_id=row.case_id,
            no=row.no,
            title=row.title,
            case_status=row.case_status,
            due=due.get(row.id) if row.id else None,
            waits_for_me=row.status == cases.WorkStatus.COSIGN,
            place=row.place,
            version=row.version or 0,
            holder=names.get(row.assignee_id or 0, ""),
            second=names.get(row.cosigner_id or 0, ""),
            two=(row.officers or 0) > 1,
            item=items[row.item_id].name if row.item_id in items else "",
            begun_at=row.begun_at,
            returned=back.get(row.id or 0),
            urged=_urged(row, names),
            said=_said(row.said, "involvement.said"),
            said_by=names.get(row.said_by or 0, ""),
            unread=row.unread,
        )
        for row in found
    ]


def _kept_out(row: Row) -> RowView:
    """What somebody handled in a case they were recused from later: number and step."""
    return RowView(
        id=row.id, name=row.name or "", status=row.status or "", position="", opened_at=None, due_at=None,
        done_at=row.done_at, case_id=row.case_id, no=row.no, title="", case_status="", due=None,
        waits_for_me=False, place=row.place, kept_out=True,
    )  # fmt: skip


def _names(session: Session, found: Iterable[Row]) -> Mapping[int, str]:
    people_in_it = {
        one
        for row in found
        for one in (row.assignee_id, row.cosigner_id, row.urged_by, row.said_by)
        if one is not None
    }
    return {number: card.name for number, card in people.officers(session, people_in_it).items()}


def _urged(row: Row, names: Mapping[int, str]) -> Urged | None:
    if not row.urgings or row.urged_at is None:
        return None
    return Urged(
        row.urgings, row.urged_at, names.get(row.urged_by or 0, ""), _said(row.urged_said, "urging.said")
    )


def _said(sealed: bytes | None, where: str) -> str:
    return str(unseal(sealed, where).get("note") or "") if sealed else ""


__all__ = ["RowView", "Urged", "rows"]
