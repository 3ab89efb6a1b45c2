"""The register of files (案卷登记簿) of an agency: every closed case with how long its file is kept and when that ends,
and those whose time is over, for people to appraise."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, distinct, extract, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case
from app.kernel import sheets
from app.kernel.auth import Actor

from ..models import CaseRetention

PAGE = 50
MOST = 100_000
"""Lines an export may have."""
OVER, SOON = "over", "soon"
STATES = {OVER: "保管期满", SOON: "一年内期满"}
HEAD = (
    *("办件编号", "案卷题名", "当事人", "办结日期", "保管期限", "期满之日", "状态"),
    *("依据", "归档时所填", "存放位置", "延长的理由"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for: a term, the year of closing, `state` (期满 or soon), words of number or title."""

    term: str = ""
    year: int | None = None
    state: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A file. `state` is a word with its shape for the light."""

    case_id: int
    no: str
    title: str
    party: str
    closed_on: date
    term: str
    ends_on: date | None
    light: str
    word: str
    ground: str
    asked: str
    place: str
    reason: str


def _soon(today: date) -> date:
    return today.replace(year=today.year + 1, day=min(today.day, 28))


def _state(ends_on: date | None, today: date) -> tuple[str, str]:
    """The light and the word."""
    if ends_on is None:
        return "ok", "● 永久保管"
    if ends_on < today:
        return "danger", "■ 保管期满"
    return ("warn", "▲ 一年内期满") if ends_on <= _soon(today) else ("ok", "● 保管中")


def _wanted(actor: Actor, asked: Asked, today: date) -> ColumnElement[bool]:
    kept = CaseRetention
    chosen = [kept.agency_id == actor.agency_id, cases.visible(actor)]
    if asked.term:
        chosen.append(kept.term == asked.term)
    if asked.year is not None:
        chosen.append(extract("year", kept.closed_on) == asked.year)
    if asked.state == OVER:
        chosen.append(kept.ends_on < today)
    elif asked.state == SOON:
        chosen.append(kept.ends_on.between(today, _soon(today)))
    for word in asked.words.split()[:5]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        chosen.append(or_(Case.no.like(like), Case.title.like(like)))
    return and_(*chosen)


def lines(
    session: Session,
    actor: Actor,
    asked: Asked,
    today: date,
    after: tuple[date, int] | None = None,
    most: int = PAGE,
) -> list[Line]:
    """The files that were asked for, the last closed first; those before the one `after` (closed on, case)."""
    kept = CaseRetention
    chosen = (
        select(kept, Case.no, Case.title, Case.party)
        .join(Case, Case.id == kept.case_id)
        .where(_wanted(actor, asked, today))
    )
    if after is not None:
        chosen = chosen.where(tuple_(kept.closed_on, kept.case_id) < after)
    rows = session.execute(chosen.order_by(kept.closed_on.desc(), kept.case_id.desc()).limit(most))
    return [
        Line(
            row.case_id,
            no,
            title,
            str(party.get("name") or ""),
            row.closed_on,
            row.term,
            row.ends_on,
            *_state(row.ends_on, today),
            row.ground,
            row.asked,
            row.place,
            row.reason,
        )
        for row, no, title, party in rows
    ]


def counts(session: Session, actor: Actor, today: date) -> dict[str, int]:
    """How many files are over, and how many within a year."""
    kept = CaseRetention
    over = func.count().filter(kept.ends_on < today)
    soon = func.count().filter(kept.ends_on.between(today, _soon(today)))
    mine = and_(kept.agency_id == actor.agency_id, cases.visible(actor))
    chosen = select(over, soon).select_from(kept).join(Case, Case.id == kept.case_id).where(mine)
    found = session.execute(chosen).one()
    return {OVER: found[0], SOON: found[1]}


def years(session: Session, actor: Actor) -> Sequence[int]:
    """The years in which cases with files were closed, the newest first."""
    year = extract("year", CaseRetention.closed_on)
    mine = and_(CaseRetention.agency_id == actor.agency_id, cases.visible(actor))
    chosen = select(distinct(year)).join(Case, Case.id == CaseRetention.case_id).where(mine)
    return sorted((int(found) for found in session.scalars(chosen)), reverse=True)


def as_csv(session: Session, actor: Actor, asked: Asked, today: date) -> Iterator[str]:
    """The files as CSV for a spreadsheet, the first closed first. What would be taken for a formula is not."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for line in reversed(lines(session, actor, asked, today, most=MOST)):
        row = (
            *(line.no, line.title, line.party, line.closed_on.isoformat(), line.term),
            *(line.ends_on.isoformat() if line.ends_on else "", line.word[2:]),
            *(line.ground, line.asked, line.place, line.reason),
        )
        writer.writerow([sheets.harmless(str(value)) for value in row])
    yield "\ufeff"  # spreadsheets take the file for UTF-8 by it
    yield out.getvalue()
