"""The evidence list of a case as a page: what is listed, what is not, and whether both agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.diagrams.rules import EvidenceList
from app.kernel import files
from app.people import service as people

from .. import overview
from ..evidence_models import Evidence, EvidenceState
from ..models import Case, Submission, WorkItem
from . import facts, register


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: a piece of evidence with its file (`name`, `digest`, `size`, `type`), and what the register
    says of it. `state` is `ok`, `listed` (its file was not read to the end on this page), `no_file`, `unlisted`, `broken`
    or `out`."""

    title: str
    kind: str
    proves: str
    pages: str
    file: Mapping[str, Any] | None
    where: str
    state: str
    piece: "Entry | None" = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of a file, in words."""

    id: int
    said: Mapping[str, Any]
    collected_at: datetime | None
    entered_at: datetime
    entered_by: str
    marks: Sequence[str]
    out: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole page. `declared`: whether the procedure demands that list and files agree; `handed_in`: whether the list
    was handed in (else it is what the forms say so far)."""

    lines: Sequence[Line]
    unlisted: Sequence[Line]
    out: Sequence[Line]
    declared: EvidenceList | None
    handed_in: bool
    checked: bool

    @property
    def agrees(self) -> bool:
        """Whether nothing is missing on either side."""
        return not self.unlisted and all(line.state in ("ok", "listed") for line in self.lines)


def of_case(session: Session, case: Case, *, check: bool = False) -> Listing:
    """The evidence of a case. `check`: every file is read to its end and compared with its digest."""
    procedure = diagrams.procedure(session, case.procedure_id)
    declared = next(iter(procedure.rules.evidence_lists), None)
    entries = entries_of(session, case.id)
    known = overview.files_of(session, case.id)
    newest = _newest(session, case.id, declared) if declared else None
    rows = newest if newest is not None else overview.evidence_of(session, case.id, procedure)
    lines = [_line(row, entries, check) for row in rows]
    held = {line.file["digest"] for line in lines if line.file}
    rest = list(facts.of_case(session, case.id, declared)) if declared else []
    unlisted = [
        _of_file(known.get(e.digest) or {"name": e.name, "digest": e.digest}, e.where, entries, "unlisted")
        for e in rest
        if e.digest not in held
    ]
    out = [
        _of_file(known[digest], "证据登记", entries, "out")
        for digest, entry in entries.items()
        if entry.out and digest in known
    ]
    return Listing(lines, unlisted, out, declared, newest is not None, check)


def entries_of(session: Session, case_id: int) -> dict[str, Entry]:
    """The register of a case by the files' digests, in the order of entry."""
    found = session.scalars(select(Evidence).where(Evidence.case_id == case_id).order_by(Evidence.id)).all()
    names = people.officers(session, {row.entered_by for row in found})
    return {
        row.digest: Entry(
            row.id,
            row.said,
            row.collected_at,
            row.entered_at,
            names[row.entered_by].name,
            [register.MARKS[mark] for mark in row.marks],
            row.state == EvidenceState.OUT,
        )
        for row in found
    }


def _newest(session: Session, case_id: int, declared: EvidenceList) -> Sequence[Mapping[str, Any]] | None:
    form = declared.answer.partition(".")[0]
    chosen = (
        select(Submission.data)
        .join(WorkItem, WorkItem.id == Submission.work_item_id)
        .where(Submission.case_id == case_id, WorkItem.case_id == case_id, WorkItem.form == form)
        .order_by(Submission.id.desc())
        .limit(1)
    )
    data = session.scalar(chosen)
    return None if data is None else facts.rows(data, declared.answer)


def _line(row: Mapping[str, Any], entries: Mapping[str, Entry], check: bool) -> Line:
    file = row.get("file")
    state = "listed" if file else "no_file"
    if file and check:
        state = "ok" if files.intact(file["digest"]) else "broken"
    return Line(
        row.get("name", ""),
        row.get("kind", ""),
        row.get("proves", "") or "",
        str(row.get("pages") or ""),
        file,
        row.get("step", ""),
        state,
        entries.get(file["digest"]) if file else None,
    )


def _of_file(file: Mapping[str, Any], where: str, entries: Mapping[str, Entry], state: str) -> Line:
    entry = entries.get(file["digest"])
    said = entry.said if entry else {}
    return Line(
        said.get("title") or file["name"],
        said.get("kind", ""),
        said.get("proves", ""),
        "",
        file,
        where,
        state,
        entry,
    )
