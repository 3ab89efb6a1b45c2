"""Why a task came back: the words of whoever gave it back, from the record, else the last opinion before it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.cases.service import full_text
from app.kernel import reads
from app.kernel.sealed import unseal

from .queries import Row

SENT_BACK = "step.sent_back"
RETURNED = "work.return"
"""What an entry of the record is called whose reason is one of coming back; acts of this kind may go on with a dot or
another word (`work.return_to`)."""

Reader = Callable[[Session, Sequence[int], Sequence[str]], Mapping[int, Sequence[Any]]]


def _no_record(
    session: Session, case_ids: Sequence[int], kinds: Sequence[str]
) -> Mapping[int, Sequence[Any]]:
    raise LookupError("the application has not said how the record is read")


_record: Reader = _no_record


def install_record(reader: Reader) -> None:
    """Tell the inbox how the newest entries of some kinds are read from the record (done once, by `app.ports`)."""
    global _record
    _record = reader


@dataclass(frozen=True, slots=True)
class Returned:
    """Why a task came back, who gave it back and when; empty where nobody said it."""

    reason: str
    by: str = ""
    at: datetime | None = None


OPINIONS = """
select distinct on (w.id) w.id, s.data, s.opinion_field, d.done_at as at, o.name from work_item w
join submission s on s.case_id = w.case_id and s.opinion_field <> ''
join work_item d on d.id = s.work_item_id and d.done_at <= w.opened_at
join officer o on o.id = d.done_by where w.id = any(%(ids)s::bigint[]) order by w.id, s.id desc
"""


def reasons(session: Session, found: Sequence[Row]) -> dict[int, Returned]:
    """Why these tasks came back, by task."""
    tasks = {row.id: row for row in found if row.id is not None}
    if not tasks:
        return {}
    told = _record(session, sorted({row.case_id for row in tasks.values()}), (SENT_BACK, f"{RETURNED}%"))
    (opinions,) = reads.fetch(session, (OPINIONS, {"ids": list(tasks)}))
    made = {number: Returned("") for number in tasks}
    for row in opinions:
        text = full_text.opinion_text(unseal(row["data"], "submission.data"), row["opinion_field"])
        made[row["id"]] = Returned(text, row["name"], row["at"])
    for number, row in tasks.items():
        entry = next((one for one in reversed(told.get(row.case_id, ())) if _is_about(one, row)), None)
        if entry is not None:
            made[number] = Returned(str(entry.content.get("reason", "")), entry.actor_name, entry.at)
    return made


def _is_about(entry: Any, row: Row) -> bool:
    """Whether an entry tells of this task's coming back: of its node, and not older than its last opening but one."""
    detail = entry.content
    if entry.kind == SENT_BACK:
        return detail.get("node") == row.node
    return bool(row.opened_at and entry.at >= row.opened_at) or row.node in (
        detail.get("to"),
        detail.get("target"),
    )
