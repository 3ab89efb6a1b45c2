"""What goes into a case's exported file: everything the record names, in forms a program and a person can read."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.audit import service as audit
from app.cases import service as cases
from app.cases.models import Case, Handler, Submission, WorkItem
from app.catalogue import service as catalogue
from app.catalogue.models import PowerItem
from app.deadlines import service as deadlines
from app.documents.models import Document, Status
from app.engine import service as engine
from app.kernel import clock, sealed
from app.people import service as people
from app.studio import service as studio

from . import words

PACKAGE = Path(__file__).parent / "package"
SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the store, by its digest."""

    digest: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the list of contents shows it."""

    seq: int
    at: Any
    who: str
    position: str
    words: str
    digest: str


@sealed.looking_for_damage()
def of_case(session: Session, case_id: int) -> dict[str, bytes | Stored]:
    """The contents of a case's file by path, the list of contents (manifest) excepted. What does not open is
    empty: the script inside will name it."""
    case = session.get_one(Case, case_id)
    rows = audit.rows_of(session, case_id, case_id).get(case_id, [])
    entries = [_entry(case_id, row) for row in rows]
    submitted = session.scalars(
        select(Submission).where(Submission.case_id == case_id).order_by(Submission.id)
    ).all()
    issued = session.scalars(
        select(Document)
        .where(Document.case_id == case_id)
        .order_by(Document.id)
        .options(undefer(Document.data))
    ).all()
    anchors = [
        {
            "line": anchor.line,
            "mac": anchor.mac.hex(),
            "leaf": {"case": leaf.case_id, "seq": leaf.seq, "digest": leaf.digest.hex()},
            "proof": way,
        }
        for anchor, leaf, way in audit.covering(session, case_id)
    ]
    suffixes = dict(_suffixes([s.data for s in submitted]))
    found: dict[str, bytes | Stored] = {
        "record.jsonl": b"".join(entry.line() + b"\n" for entry in entries),
        "record.json": readable(
            {
                "case": case_id,
                "genesis": audit.genesis(case_id).hex(),
                "head": {"seq": case.record_seq, "digest": case.record_digest.hex()},
                "entries": [{"seq": row.seq, "digest": row.digest.hex()} for row in rows],
            }
        ),
        "anchors.json": readable(anchors),
        "case.json": readable(_case(session, case, submitted, issued)),
        "clocks.json": readable(_clocks(session, case_id)),
        "item.json": readable(_item(session, case)),
        "verify.py": (PACKAGE / "verify.py").read_bytes(),
    }
    found |= {f"submissions/{s.work_item_id}.json": audit.canonical(s.data) for s in submitted}
    for document in issued:
        found[f"documents/{document.id}.json"] = _exact(document.data)
        if document.pdf_digest and document.status == Status.ISSUED:
            found[f"documents/{document.id}.pdf"] = Stored(document.pdf_digest)
    pdfs = {d.pdf_digest for d in issued}
    for digest in dict.fromkeys(d for entry in entries for d in entry.files):
        if digest not in pdfs:
            found[f"files/{digest}{suffixes.get(digest, '')}"] = Stored(digest)
    found |= studio.case_file(session, case_id)
    found["index.html"] = _index(session, case, entries, rows, issued, anchors, found)
    return found


def readable(value: Any) -> bytes:
    """JSON for program and person."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=str).encode() + b"\n"


def _exact(data: Mapping[str, Any]) -> bytes:
    """A document's data in the very spelling its digest is made from."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _entry(case_id: int, row: Any) -> audit.Entry:
    """A stored entry, also one that somebody has made unreadable: the file shows the record as it is."""
    try:
        return audit.entry_of(case_id, row.seq, row.at, row.kind, row.actor_id, row.packed)
    except audit.Unreadable:
        return audit.Entry(case_id, row.seq, row.at, UNREADABLE)


def _suffixes(value: Any) -> Iterator[tuple[str, str]]:
    """The ending of every file's name, where it is a harmless one."""
    if isinstance(value, Mapping):
        if isinstance(value.get("digest"), str) and isinstance(value.get("name"), str):
            suffix = PurePath(value["name"]).suffix.lower()
            yield value["digest"], suffix if SUFFIX.fullmatch(suffix) else ""
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _suffixes(inner)


def _item(session: Session, case: Case) -> dict[str, Any]:
    """The power item as the case was opened on it; empty where no version counted then."""
    opened = clock.legal_day(case.opened_at)
    version, until = catalogue.versions.on_day(session, case.item_id, opened)
    if version is None:
        return {}
    code = session.get_one(PowerItem, case.item_id).code
    return {"code": code} | catalogue.versions.told(version, until)


def _case(
    session: Session, case: Case, submitted: Sequence[Submission], issued: Sequence[Document]
) -> dict[str, Any]:
    running = cases.running_case(session, case)
    officers = {o for s in submitted for o in (s.by_id, *s.with_ids)}
    handlers = session.scalars(
        select(Handler).where(Handler.case_id == case.id).order_by(Handler.role, Handler.officer_id)
    ).all()
    names = people.officers(session, officers | {h.officer_id for h in handlers} | {case.opened_by})
    fields = ("id", "no", "title", "cause", "party", "status", "attributes", "passed", "held")
    return {name: getattr(case, name) for name in fields} | {
        "agency": people.agency(session, case.agency_id).as_dict(),
        "item": {k: running.item[k] for k in ("code", "name", "basis")},
        "standards": [
            {"band": row.band, "decided": row.decided, "at": _moment(row.at), **row.told}
            for row in cases.standards.of_case(session, case.id)
        ],
        "procedure": {"version": running.procedure.version, "digest": running.procedure.digest},
        "opened_at": _moment(case.opened_at),
        "closed_at": _moment(case.closed_at),
        "handlers": [{"role": h.role, "id": h.officer_id} for h in handlers],
        "officers": {str(card.id): card.name for card in names.values()},
        "submissions": [
            {"work": s.work_item_id, "node": s.node, "name": s.name, "form": s.form}
            | {"by": [s.by_id, *s.with_ids], "at": _moment(s.at)}
            | ({"void_at": _moment(s.void_at)} if s.void_at else {})
            for s in submitted
        ],
        "documents": [
            {"id": d.id, "code": d.code, "title": d.title, "number": d.number, "status": d.status}
            | {"issued_on": d.issued_on.isoformat(), "ident_code": d.ident_code}
            for d in issued
        ],
        "waiting": [{"node": w.node, "name": w.name} for w in cases.open_work(session, case.id)],
    }


def _moment(at: Any) -> str | None:
    return audit.moment(at) if at else None


def _clocks(session: Session, case_id: int) -> list[dict[str, Any]]:
    names = ("id", "kind", "key", "name", "basis", "limit", "extended", "state", "started_on", "due_on")
    return [
        {name: getattr(clock, name) for name in (*names, "due_at", "stopped_on", "excluded_days")}
        | {
            "light": clock.light.word,
            "suspensions": [
                {n: getattr(s, n) for n in ("cause", "basis", "from_day", "until_day", "proof_digest")}
                for s in clock.suspensions
            ],
            "extensions": [
                {n: getattr(e, n) for n in ("limit_text", "basis", "reason", "approved_by_name", "at")}
                for e in clock.extensions
            ],
        }
        for clock in deadlines.of_case(session, case_id)
    ]


def _index(
    session: Session,
    case: Case,
    entries: Sequence[audit.Entry],
    rows: Sequence[Any],
    issued: Sequence[Document],
    anchors: Sequence[Mapping[str, Any]],
    contents: Mapping[str, bytes | Stored],
) -> bytes:
    """The page a person opens first. Static: no script, nothing from elsewhere."""
    running = cases.running_case(session, case)
    nodes = {node: info.name for node, info in engine.nodes(running.spec).items()}
    nodes |= dict(
        session.execute(select(WorkItem.node, WorkItem.name).where(WorkItem.case_id == case.id))
        .tuples()
        .all()
    )
    positions = people.position_names(session)
    labels = {name: declared.label for name, declared in running.procedure.rules.attributes.items()}
    labels |= running.procedure.rules.labels
    history = cases.steps(session, case, running.procedure)
    work = dict(
        session.execute(select(Submission.id, Submission.work_item_id).where(Submission.case_id == case.id))
        .tuples()
        .all()
    )
    lines = [
        Line(
            entry.seq,
            entry.at,
            entry.actor_name or "平台",
            "、".join(positions.get(key, key) for key in entry.position.split()),
            "内容无法识别" if entry.kind == UNREADABLE else words.about(entry, nodes, labels),
            row.digest.hex(),
        )
        for entry, row in zip(entries, rows, strict=True)
    ]
    page = current_app.jinja_env.get_template("archive/index.html")
    return page.render(
        case=case,
        agency=people.agency(session, case.agency_id),
        item=running.item,
        version=_item(session, case),
        facts=cases.key_facts(running, history),
        lines=lines,
        steps=[(step, f"submissions/{work[step.id]}.json") for step in reversed(history)],
        documents=issued,
        paths=contents,
        files=sorted(path for path in contents if path.startswith("files/")),
        clocks=deadlines.of_case(session, case.id),
        anchors=[json.loads(anchor["line"]) for anchor in anchors],
    ).encode()
