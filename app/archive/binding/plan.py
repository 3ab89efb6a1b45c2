"""What is bound, and in which order: decisions first, other documents as they came about, evidence after them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, Handler, Submission
from app.documents import service as documents
from app.documents.models import Document, Status
from app.kernel import clock
from app.people import service as people

from ..retention import kept

DATA = Path(__file__).parent.parent / "data" / "binding.yaml"
ROLES = {"lead": "主办", "second": "协办"}


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the table of contents: a document (`document` its id) or a file of evidence (`digest`, `media`,
    `size`); neither: evidence that has no file."""

    title: str
    number: str
    by: str
    day: date | None
    remark: str = ""
    document: int | None = None
    digest: str = ""
    media: str = ""
    size: int = 0
    name: str = ""

    @property
    def evidence(self) -> bool:
        return self.document is None


@dataclass(frozen=True, slots=True)
class Plan:
    """A file to bind. `cover` and `notes` are rows of label and text; `moment` is that of its last content: the same
    contents have the same."""

    no: str
    title: str
    agency: str
    cover: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    notes: Sequence[tuple[str, str]]
    moment: Any


@cache
def settings() -> Mapping[str, Any]:
    """The order and the rows (`data/binding.yaml`)."""
    return yaml.safe_load(DATA.read_text(encoding="utf-8"))


def of_case(session: Session, case: Case) -> Plan:
    """The plan of a case's file as it stands."""
    agency = people.agency(session, case.agency_id)
    issued = documents.texts(session, case.id)
    told = settings()["decisions"]
    first = [d for d in issued if d.data["meta"].get("seal") and cases.matches(d.step, told)]
    papers = [*first, *(d for d in issued if d not in first)]
    chosen = select(Submission).where(Submission.case_id == case.id, Submission.void_at.is_(None))
    handed_in = session.scalars(chosen.order_by(Submission.id)).all()
    archived = _archived(handed_in)
    sections = [*(_paper(d, agency.name) for d in papers), *_evidence(session, case)]
    moments = [case.opened_at, *(s.at for s in handed_in), *(d.issued_at for d in issued)]
    return Plan(
        case.no,
        case.title,
        agency.name,
        _cover(session, case, agency.name, archived),
        sections,
        _notes(session, case, sections, archived),
        max(moments),
    )


def archived_of(session: Session, case_id: int) -> dict[str, str]:
    """What the archivist said of a case's file, by the labels of `settings()`."""
    chosen = select(Submission).where(Submission.case_id == case_id, Submission.void_at.is_(None))
    return _archived(session.scalars(chosen.order_by(Submission.id)).all())


def _archived(handed_in: Sequence[Submission]) -> dict[str, str]:
    """What the archivist said of the file, by the labels of `settings()`; empty before it is archived."""
    told = settings()["archive"]
    for submission in reversed(handed_in):
        if cases.matches(submission.step, told["steps"]):
            data = submission.data
            return {label: _said(data.get(key)) for key, label in told["fields"].items()}
    return {}


def _said(value: Any) -> str:
    """An answer in words: a person by name, the rows of a table one after the other."""
    if isinstance(value, Mapping):
        return str(value.get("name") or "")
    if isinstance(value, list):
        rows = (row.values() if isinstance(row, Mapping) else [row] for row in value)
        return "；".join("，".join(str(cell) for cell in row if cell) for row in rows)
    return "" if value is None else str(value)


def _paper(document: Document, agency: str) -> Section:
    title = " ".join(document.title.split())
    return Section(title, document.number or "", agency, document.issued_on, "", document.id)


def _evidence(session: Session, case: Case) -> list[Section]:
    listing = cases.evidence.listing(session, case)
    found = []
    for line in [*listing.lines, *listing.unlisted]:
        file = line.file or {}
        collected = line.piece.collected_at if line.piece else None
        found.append(
            Section(
                line.title or file.get("name", ""),
                "",
                str(line.piece.said.get("by") or "") if line.piece else "",
                clock.legal_day(collected) if collected else None,
                line.kind,
                None,
                file.get("digest", ""),
                file.get("type", ""),
                int(file.get("size") or 0),
                file.get("name", ""),
            )
        )
    return found


def _cover(session: Session, case: Case, agency: str, archived: Mapping[str, str]) -> list[tuple[str, str]]:
    running = cases.running_case(session, case)
    facts = dict(cases.key_facts(running, cases.steps(session, case, running.procedure)))
    results = [f"{label}：{facts[label]}" for label in settings()["results"] if facts.get(label)]
    handlers = session.scalars(select(Handler).where(Handler.case_id == case.id).order_by(Handler.role)).all()
    names = people.officers(session, {h.officer_id for h in handlers})
    return [
        ("立卷机关", agency),
        ("案由", case.cause or running.item["name"]),
        ("当事人", str(case.party.get("name") or "")),
        ("办件编号", case.no),
        ("立案日期", _day(case.opened_at)),
        ("结案日期", _day(case.closed_at) if case.closed_at else "（尚未结案）"),
        (settings()["result"], "；".join(results) or "见卷内文书"),
        ("承办人", "、".join(f"{names[h.officer_id].name}（{ROLES.get(h.role, h.role)}）" for h in handlers)),
        ("保管期限", kept.on_cover(session, case.id) or archived.get("保管期限") or "（归档时填写）"),
        ("卷数", archived.get("卷数") or "1"),
    ]


def _day(moment: Any) -> str:
    day = clock.legal_day(moment)
    return f"{day.year}年{day.month}月{day.day}日"


def _notes(
    session: Session, case: Case, sections: Sequence[Section], archived: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The sheet of notes (卷内备考表): what is in the file, what is not and where it is, who bound and who checked."""
    gone = [d for d in documents.of_case(session, case.id) if d.status != Status.ISSUED]
    left_out = "；".join(
        f"《{d.title}》{d.number or d.ident_code}（{documents.STATES[d.status]}：{d.void_reason}）"
        for d in gone
    )
    papers = sum(not s.evidence for s in sections)
    rows = [
        ("本卷情况", f"本卷共文书{papers}件、证据材料{len(sections) - papers}件。"),
        ("未装订的文书", left_out or "无"),
        *(
            (label, archived[label])
            for label in ("音像和电子证据", "存放位置", "说明")
            if archived.get(label)
        ),
        ("立卷人", ""),
        ("检查人", archived.get("检查人", "")),
        ("立卷时间", _day(case.closed_at) if case.closed_at else ""),
    ]
    return [row for row in rows if row[1] or row[0] in ("立卷人", "检查人", "立卷时间")]
