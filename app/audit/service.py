"""Append to the record, and read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel import chain, writes
from app.kernel.events import (
    CaseEvent,
    CaseNoted,
    CaseOpened,
    ClockMoved,
    ClockTurned,
    DocumentDemanded,
    DocumentIssued,
    StepCompleted,
)

from . import jobs as _jobs  # noqa: F401 - importing registers the daily anchor
from .anchors import covering, leaves_between, restored, sign_export, store, take
from .chains import Chain, Finding, walk, walk_anchors
from .lines import Entry, Unreadable, canonical, chained, digest_of, entry_of, genesis, moment
from .models import RecordEntry

__all__ = [
    "Chain",
    "Entry",
    "Finding",
    "Unreadable",
    "by_people",
    "canonical",
    "covering",
    "digest_of",
    "entry_of",
    "gather",
    "genesis",
    "leaves_between",
    "moment",
    "of_case",
    "of_kinds",
    "on_clock_moved",
    "on_clock_turned",
    "on_demanded",
    "on_document",
    "on_noted",
    "on_opened",
    "on_step",
    "restored",
    "rows_of",
    "sign_export",
    "store",
    "take",
    "walk",
    "walk_anchors",
]

GATHERED = "record.documents"


def write(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put finished rows into the table. The one place where the record is written."""
    for row in rows:
        entry = RecordEntry()
        entry.__dict__.update(row)  # never attached to a session: nobody need watch its attributes
        writes.insert(session, entry)


def _append(
    session: Session,
    event: CaseEvent | ClockTurned | ClockMoved,
    kind: str,
    content: Mapping[str, Any],
    documents: Sequence[Mapping[str, Any]] = (),
    files: Sequence[str] = (),
) -> None:
    """Write the next entry of a case whose row this act has locked: one statement, nothing read.

    Raises:
        LookupError: the act has not locked the case.
    """
    head = chain.held(session, event.case_id)
    entry = Entry(
        event.case_id,
        head.seq + 1,
        event.at,
        kind,
        getattr(event, "actor_id", None),
        getattr(event, "actor_name", ""),
        getattr(event, "actor_position", ""),
        content,
        documents,
        files,
    )
    digest = chained(head.digest or genesis(entry.case_id), entry.line())
    row = {name: getattr(entry, name) for name in ("case_id", "seq", "at", "kind", "actor_id")}
    write(session, [row | {"digest": digest, "packed": entry.packed()}])
    head.advance(digest)


def gather(session: Session, event: CaseOpened | StepCompleted | DocumentDemanded) -> None:
    """From now on the documents of this act belong to the entry that comes last (flow subscriber, the first)."""
    session.info.setdefault(GATHERED, {})[event.case_id] = []


def _gathered(session: Session, case_id: int) -> list[Mapping[str, Any]]:
    return session.info.get(GATHERED, {}).pop(case_id, [])


def on_opened(session: Session, event: CaseOpened) -> None:
    """Record that the case was opened."""
    case = event.context["case"]
    content = {
        "no": case["no"],
        "item": case["item"],
        "procedure": event.procedure,
        "opened": [task.node for task in event.opened],
    }
    if event.item_version:
        content["item_version"] = event.item_version
    _append(session, event, "case.opened", content, _gathered(session, event.case_id))


def on_step(session: Session, event: StepCompleted) -> None:
    """Record a completed task, a registered message or a fired timer: what was handed in by its digest, what
    it changed and opened, the documents it issued."""
    if event.task is None:
        kind = "timer.fired"
        content: dict[str, Any] = {}
    else:
        kind = "message.registered" if event.task.kind == "message" else "step.completed"
        content = {"node": event.task.node, "form": event.form, "work": event.work_item_id}
        if not event.handed_in:  # else the entry of the handing in has it
            content["data"] = digest_of(event.data)
    told = {
        "with": [s["id"] for s in event.context.get("signers", ())][1:],
        "steps": list(event.steps),
        "actions": list(event.actions),
        "opened": [task.node for task in event.opened],
        "set": dict(event.changed),
        "finished": event.finished,
    }
    if standing := [[s["id"], *s["for"]] for s in event.context.get("signers", ()) if s.get("for")]:
        told["for"] = standing  # who signed for whom, as a substitute
    told["standards"] = [{"band": s["band"], **s["kept"]} for s in event.sums if s.get("kept")]
    content |= {name: value for name, value in told.items() if value}
    for name, many in event.noted.items():
        content[name] = [{**one, "data": digest_of(one["data"])} for one in many]
    files = [] if event.handed_in else _brought_first(event.data, event.context, event.form)
    _append(session, event, kind, content, _gathered(session, event.case_id), files)


def _brought_first(data: Mapping[str, Any], context: Mapping[str, Any], own: str) -> list[str]:
    """The files that no form before this one brought: each is named by the entry of the form that did, and the digest of
    this data covers it too."""
    files = brought(data)
    if not files:
        return []
    known = set(brought({form: each for form, each in context["forms"].items() if form != own}))
    return [digest for digest in files if digest not in known]


def on_demanded(session: Session, event: DocumentDemanded) -> None:
    """Record a document that was made because an officer asked for it at a task, or that an act on the case brought. What
    it says is in the document's own digest."""
    content = {"node": event.node, "form": event.form, "work": event.work_item_id} if event.node else {}
    kind = "document.made" if event.node else "document.issued"
    _append(session, event, kind, content, _gathered(session, event.case_id))


def on_noted(session: Session, event: CaseNoted) -> None:
    """Record an act that leaves the procedure where it is. Data of a form is named by its digest."""
    detail = dict(event.detail)
    data = detail.pop("data", None)
    files = [*event.files, *brought(detail)]
    if data is not None:
        files += (
            _brought_first(data, event.context, detail.get("form", "")) if event.context else brought(data)
        )
        detail["data"] = digest_of(data)
    _append(session, event, event.kind, detail, files=list(dict.fromkeys(files)))


def on_document(session: Session, event: DocumentIssued) -> None:
    """Record an issued document: in the entry of the act it belongs to, else in one of its own."""
    document = {
        "id": event.document_id,
        "code": event.code,
        "number": event.number,
        "digest": event.digest,
    }
    gathered = session.info.get(GATHERED, {}).get(event.case_id)
    if gathered is None:
        _append(session, event, "document.issued", {}, [document])
    else:
        gathered.append(document)


def on_clock_turned(session: Session, event: ClockTurned) -> None:
    """Record that a light turned by itself. The sweep has locked the case."""
    content = {"clock": event.clock_id, "name": event.name, "light": event.light}
    _append(session, event, "clock.light", content)


def on_clock_moved(session: Session, event: ClockMoved) -> None:
    """Record that a due moment changed, and why."""
    content = {"clock": event.clock_id, "name": event.name, "cause": event.cause}
    _append(session, event, "clock.due", content | {"due_at": event.due_at.isoformat(), "light": event.light})


def rows_of(session: Session, low: int, high: int) -> dict[int, list[Any]]:
    """The stored rows of the cases with these ids (both included) by case, in order of `seq`."""
    columns = (RecordEntry.case_id, RecordEntry.seq, RecordEntry.at, RecordEntry.kind, RecordEntry.actor_id)
    chosen = select(*columns, RecordEntry.digest, RecordEntry.packed)
    chosen = chosen.where(RecordEntry.case_id.between(low, high))
    found: dict[int, list[Any]] = {}
    for row in session.execute(chosen.order_by(RecordEntry.case_id, RecordEntry.seq)):
        found.setdefault(row.case_id, []).append(row)
    return found


def of_case(session: Session, case_id: int, after: int = 0, limit: int | None = None) -> list[Entry]:
    """The record of a case, oldest first: all of it, or so many entries after a number.

    Raises:
        Unreadable: somebody has changed an entry; `script/xq audit verify` names it.
    """
    columns = (RecordEntry.case_id, RecordEntry.seq, RecordEntry.at, RecordEntry.kind, RecordEntry.actor_id)
    chosen = select(*columns, RecordEntry.packed).where(
        RecordEntry.case_id == case_id, RecordEntry.seq > after
    )
    return [entry_of(*row) for row in session.execute(chosen.order_by(RecordEntry.seq).limit(limit))]


def of_kinds(session: Session, case_ids: Sequence[int], kinds: Sequence[str]) -> dict[int, list[Entry]]:
    """The entries of some kinds (patterns of `like`) in the records of several cases, oldest first, by case.

    Raises:
        Unreadable: somebody has changed an entry.
    """
    columns = (RecordEntry.case_id, RecordEntry.seq, RecordEntry.at, RecordEntry.kind, RecordEntry.actor_id)
    chosen = select(*columns, RecordEntry.packed).where(
        RecordEntry.case_id.in_(case_ids), or_(*(RecordEntry.kind.like(kind) for kind in kinds))
    )
    found: dict[int, list[Entry]] = {}
    for row in session.execute(chosen.order_by(RecordEntry.case_id, RecordEntry.seq)):
        found.setdefault(row.case_id, []).append(entry_of(*row))
    return found


def by_people(
    session: Session, officer_ids: Sequence[int], since: datetime, until: datetime, limit: int
) -> list[tuple[datetime, int, int, str]]:
    """What officers did to cases from a moment until before another: when, who, the case, the kind; oldest first."""
    chosen = select(RecordEntry.at, RecordEntry.actor_id, RecordEntry.case_id, RecordEntry.kind).where(
        RecordEntry.at >= since, RecordEntry.at < until, RecordEntry.actor_id.in_(officer_ids)
    )
    rows = session.execute(chosen.order_by(RecordEntry.at, RecordEntry.id).limit(limit))
    return [(at, actor or 0, case_id, kind) for at, actor, case_id, kind in rows]


def brought(value: Any) -> list[str]:
    """The SHA-256 of every file in what was handed in, each once, in the order of the form."""
    if isinstance(value, Mapping):
        mine = [value["digest"]] if isinstance(value.get("digest"), str) else []
        inner: Sequence[Any] = list(value.values())
    else:
        mine, inner = [], value if isinstance(value, (list, tuple)) else []
    return list(dict.fromkeys(mine + [digest for each in inner for digest in brought(each)]))
