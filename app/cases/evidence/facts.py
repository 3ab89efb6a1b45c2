"""What the gate of the evidence list looks at: the files of evidence a case has, and whether those listed are whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams.rules import EvidenceList
from app.kernel import files

from ..evidence_models import Evidence, EvidenceState
from ..gates.base import Exhibit, Exhibits
from ..models import Submission, WorkItem

if TYPE_CHECKING:
    from ..locking import Running


def gather(
    running: "Running", declared: Iterable[EvidenceList], data: Mapping[str, Any] | None
) -> dict[str, Exhibits]:
    """For each list (by its answer) what there is to be listed. Files named in `data` are read to the end: this is the
    moment at which their digests must be true."""
    found = {}
    for entry in declared:
        listed = {row["file"]["digest"] for row in rows(data, entry.answer) if row.get("file")}
        broken = frozenset(digest for digest in sorted(listed) if not files.intact(digest))
        found[entry.answer] = Exhibits(tuple(of_case(running.session, running.case.id, entry)), broken)
    return found


def rows(data: Mapping[str, Any] | None, answer: str) -> Sequence[Mapping[str, Any]]:
    """The lines of a list in what is handed in."""
    value = (data or {}).get(answer.partition(".")[2]) or ()
    return [row for row in value if isinstance(row, Mapping)]


def of_case(session: Session, case_id: int, entry: EvidenceList) -> Iterator[Exhibit]:
    """Every file that counts as evidence of a case, each once: handed in with the declared answers or registered, and
    not set aside."""
    registered = session.scalars(
        select(Evidence).where(Evidence.case_id == case_id).order_by(Evidence.id)
    ).all()
    out = {piece.digest for piece in registered if piece.state == EvidenceState.OUT}
    seen: set[str] = set()
    for name, digest, where in (*_handed_in(session, case_id, entry.files), *map(_registered, registered)):
        if digest not in out and digest not in seen:
            seen.add(digest)
            yield Exhibit(name, digest, where)


def _registered(piece: Evidence) -> tuple[str, str, str]:
    return piece.said.get("title") or piece.said["name"], piece.digest, "证据登记"


def _handed_in(session: Session, case_id: int, paths: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    wanted: dict[str, list[str]] = {}
    for path in paths:
        form, _, key = path.partition(".")
        wanted.setdefault(form, []).append(key)
    if not wanted:
        return
    chosen = (
        select(WorkItem.form, WorkItem.name, Submission.data)
        .join(WorkItem, WorkItem.id == Submission.work_item_id)
        .where(Submission.case_id == case_id, WorkItem.case_id == case_id, WorkItem.form.in_(wanted))
    )
    for form, step, data in session.execute(chosen.order_by(Submission.id)):
        for key in wanted[form]:
            for stored in _stored(data.get(key)):
                yield stored["name"], stored["digest"], step


def _stored(value: Any) -> Iterator[Mapping[str, Any]]:
    """The stored files in an answer: of a `file` item, or of the lines of an `evidence` item."""
    for each in value if isinstance(value, list) else ():
        file = each.get("file", each) if isinstance(each, Mapping) else None
        if isinstance(file, Mapping) and {"digest", "name"} <= file.keys():
            yield file
