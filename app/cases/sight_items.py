"""What the cases of a version tell of the items and of the agencies: steps, rework and blanks of each item (S4-36), and how
long after an event its entry is made, agency by agency (S0-22). Part of `sight`; a few cases are not described.

Blanks are counted in what was handed in last, at most `MOST` submissions: they are sealed and have to be opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.catalogue.models import PowerItem
from app.diagrams import service as diagrams
from app.people.models import Agency

from . import stepping
from .models import Case, Submission, WorkItem

MOST = 2000
ITEMS = """
with task as (
    select k.item_id, w.case_id, w.node from "case" k join work_item w on w.case_id = k.id
    where k.procedure_id = :version and k.agency_id = any(:agencies) and w.kind = 'user' and w.status = 'done'
        and w.done_at >= :since and w.done_at < :until and {counted}
), node as (select item_id, case_id, node, count(*) as n from task group by item_id, case_id, node)
select item_id, count(distinct case_id) as cases, sum(n) as done, sum(n - 1) as again from node group by item_id
"""
LAGS = """
select k.agency_id, count(distinct k.id) as cases, count(*) as entries,
    avg(greatest(0, extract(epoch from w.done_at - case jsonb_typeof(k.passed -> w.step)
        when 'number' then to_timestamp((k.passed ->> w.step)::numeric / 1000000)
        else (k.passed ->> w.step)::timestamptz end))) / 3600 as hours
from "case" k join (
    select distinct on (case_id, step) case_id, step, done_at from work_item
    where status = 'done' and step = any(:entered) order by case_id, step, done_at desc
) w on w.case_id = k.id
where k.procedure_id = :version and k.agency_id = any(:agencies) and k.passed ? w.step
    and w.done_at >= :since and w.done_at < :until and {counted}
group by k.agency_id
"""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item. `steps`: tasks done for each case; `again`: the share of them that were done once more in the same case;
    `blank`: the share of answers asked for that were left empty. None where there are too few cases, or nothing asked."""

    code: str
    name: str
    cases: int
    steps: float | None
    again: float | None
    blank: float | None


@dataclass(frozen=True, slots=True)
class LagRow:
    """One agency. `hours`: from the moment that was stated of an event to its entry, on average over `entries`; None where
    there are too few cases."""

    agency: str
    cases: int
    entries: int
    hours: float | None


def compute(session: Session, values: Mapping[str, Any], counted: str) -> dict[str, Any]:
    """The bare numbers, as they are kept: `items` and `lags` by id."""
    procedure = diagrams.procedure(session, values["version"])
    items = {
        str(row.item_id): [row.cases, int(row.done), int(row.again), 0, 0]
        for row in session.execute(text(ITEMS.format(counted=counted)), values)
    }
    for item_id, blank, asked in _blanks(session, procedure, values):
        if item_id in items:
            items[item_id][3] += blank
            items[item_id][4] += asked
    entered = sorted(procedure.rules.moments)
    lags = session.execute(text(LAGS.format(counted=counted)), {**values, "entered": entered})
    return {"items": items, "lags": {str(r.agency_id): [r.cases, r.entries, float(r.hours)] for r in lags}}


def _blanks(
    session: Session, procedure: diagrams.Procedure, values: Mapping[str, Any]
) -> list[tuple[str, int, int]]:
    """Of the last submissions: the item, how many answers were left empty, how many were asked for."""
    chosen = (
        select(Case.item_id, WorkItem.form, Submission.data)
        .join(WorkItem, WorkItem.id == Submission.work_item_id)
        .join(Case, Case.id == Submission.case_id)
        .where(
            Case.procedure_id == values["version"],
            Case.agency_id.in_(values["agencies"]),
            WorkItem.done_at >= values["since"],
            WorkItem.done_at < values["until"],
            Submission.void_at.is_(None),
        )
    )
    found = []
    for item_id, name, data in session.execute(chosen.order_by(Submission.id.desc()).limit(MOST)):
        if name not in procedure.forms:
            continue
        form = stepping.form_named(procedure, name)
        shown = {item.key for item in form.keyed()} - form.hidden(data)
        found.append((str(item_id), sum(data.get(key) in (None, "", [], {}) for key in shown), len(shown)))
    return found


def item_rows(session: Session, found: Mapping[str, Any], few: int) -> Sequence[ItemRow]:
    """The items in the order of their codes."""
    kept = found.get("items", {})
    chosen = select(PowerItem.id, PowerItem.code, PowerItem.name).where(
        PowerItem.id.in_([int(i) for i in kept])
    )
    rows = []
    for number, code, name in session.execute(chosen.order_by(PowerItem.code, PowerItem.id)):
        cases, done, again, blank, asked = kept[str(number)]
        enough = cases >= few
        rows.append(
            ItemRow(
                code,
                name,
                cases,
                done / cases if enough else None,
                again / done if enough else None,
                blank / asked if enough and asked else None,
            )
        )
    return rows


def lag_rows(session: Session, found: Mapping[str, Any], few: int) -> Sequence[LagRow]:
    """The agencies in the order of their codes."""
    kept = found.get("lags", {})
    chosen = select(Agency.id, Agency.name).where(Agency.id.in_([int(i) for i in kept])).order_by(Agency.code)
    return [
        LagRow(name, cases, entries, hours if cases >= few else None)
        for number, name in session.execute(chosen)
        for cases, entries, hours in [kept[str(number)]]
    ]
