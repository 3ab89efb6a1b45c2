"""What the agency decided before in like cases: the tier, its range, and a few decisions to compare with.

Bounded: of the newest cases of the same item in the reviewer's own agency those that were decided. Shown are the
number, what was chosen from lists, and the amount: nothing of the persons, no free text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, Submission, WorkItem
from app.diagrams.rules import Band
from app.forms import service as forms
from app.kernel.auth import Actor

LOOKED = 300
"""So many of the item's newest cases are looked at."""
SHOWN = 10
CHOSEN = frozenset({"checkboxes", "select", "radio"})
DECIDED = """
select c.id, d.number, d.issued_on
from (select id from "case" where agency_id = :agency and item_id = :item and id <> :own
      order by id desc limit :looked) c
join lateral (select number, issued_on, id from document
    where case_id = c.id and agency_id = :agency and (step = 'decide' or step like 'decide.%')
      and number is not null and status = 'issued' order by id desc limit 1) d on true
order by c.id desc limit :decided
"""
"""Found by ix_case_item and ix_document_case."""


@dataclass(frozen=True, slots=True)
class Precedent:
    """A decided case: what it is compared by. `like` says in which respects it is like the one at hand."""

    case_id: int
    number: str
    decided_on: date
    same_cause: bool
    tier: str
    amount: Any
    chosen: Sequence[tuple[str, str]]
    deviates: bool
    visible: bool


@dataclass(frozen=True, slots=True)
class Discretion:
    """The discretion of the case at hand beside that of others. `low` ... `middle` are of the same tier."""

    band: str
    tier: str
    amount: Any
    ranges: Sequence[Mapping[str, Any]]
    tiers: Sequence[Mapping[str, Any]]
    chosen: Sequence[tuple[str, str]]
    reason: str
    precedents: Sequence[Precedent]
    article: str
    standard: str = ""
    """The discretion standard that the tiers are of."""
    standing: Sequence[str] = ()
    """What has become of it since the sum was proposed."""
    laws: Sequence[cases.AppliedLaw] = ()
    """How law and standard of the day of the act stand against today's, where they differ."""
    low: Any = None
    high: Any = None
    middle: Any = None
    compared: int = 0


def discretion(session: Session, actor: Actor, desk: cases.Desk, ahead: cases.Ahead) -> Discretion | None:
    """The discretion of the case, None where its procedure has no amounts to weigh."""
    running = desk.running
    band = next((b for b in running.procedure.rules.bands if b.tier), None)
    if band is None:
        return None
    form_name, _, field = band.tier.partition(".")
    own = next((s.data for s in reversed(desk.handed_in) if s.form == form_name), {})
    tier = str(own.get(field) or "")
    form = running.procedure.forms.get(form_name)
    chosen = _chosen(cases.form_named(running.procedure, form_name), own, field) if form else []
    found = decided(session, actor, running.case, band, running.procedure)
    found.sort(key=lambda p: (not p.same_cause, p.tier != tier, -p.case_id))
    sums = sorted(p.amount for p in found if p.tier == tier and p.same_cause and p.amount)
    filed = {s.form: s.data for s in desk.handed_in if s.void_at is None}
    counted = cases.standards.counted(running, filed, desk.work.step)
    item = cases.standards.item_of(running, counted)
    return Discretion(
        band=band.name,
        tier=tier,
        amount=ahead.attributes.get(band.amount),
        ranges=[r for r in item.get(band.item_range) or () if isinstance(r, Mapping)],
        tiers=[t for t in item.get(band.item_tiers) or () if isinstance(t, Mapping)],
        chosen=chosen,
        reason=str(ahead.answers.get(band.reason) or own.get(band.reason) or "") if band.reason else "",
        precedents=found[:SHOWN],
        article=band.article,
        standard=str(counted.told.get("name") or ""),
        standing=cases.standards.since_proposed(
            running,
            desk.work.step,
            filed,
            cases.standards.of_case(session, running.case.id),
            ahead.attributes,
        ),
        laws=cases.applied_laws(running, desk.work.step, filed),
        low=sums[0] if sums else None,
        high=sums[-1] if sums else None,
        middle=median(sums) if sums else None,
        compared=len(sums),
    )


def decided(session: Session, actor: Actor, case: Case, band: Band, procedure: Any) -> list[Precedent]:
    """Decided cases of the same item in the person's own agency, newest first."""
    if case.agency_id != actor.agency_id:
        return []
    asked = {
        "agency": actor.agency_id,
        "item": case.item_id,
        "own": case.id,
        "looked": LOOKED,
        "decided": 4 * SHOWN,
    }
    rows = session.execute(text(DECIDED), asked).all()
    ids = [row.id for row in rows]
    if not ids:
        return []
    known = {
        c.id: c
        for c in session.execute(
            select(Case.id, Case.cause, Case.attributes, cases.visible(actor).label("mine")).where(
                Case.id.in_(ids)
            )
        )
    }
    form_name, _, field = band.tier.partition(".")
    filed: dict[int, Mapping[str, Any]] = {}
    for row in session.execute(
        select(Submission.case_id, Submission.data)
        .join(WorkItem, WorkItem.id == Submission.work_item_id)
        .where(Submission.case_id.in_(ids), WorkItem.form == form_name)
        .order_by(Submission.id)
    ):
        filed[row.case_id] = row.data
    form = cases.form_named(procedure, form_name)
    found = []
    for row in rows:
        data, mine = filed.get(row.id, {}), known[row.id]
        found.append(
            Precedent(
                row.id,
                row.number,
                row.issued_on,
                mine.cause == case.cause,
                str(data.get(field) or ""),
                mine.attributes.get(band.amount),
                _chosen(form, data, field),
                bool(band.reason and data.get(band.reason)),
                bool(mine.mine),
            )
        )
    return found


def _chosen(form: forms.Form, data: Mapping[str, Any], field: str) -> list[tuple[str, str]]:
    """What was chosen from lists in the part of the form that holds the tier, the tier itself left out."""
    answers = forms.summary(form, {k: v for k, v in data.items() if k in {i.key for i in form.keyed()}})
    section = next((a.section for a in answers if a.key == field), None)
    return [
        (a.label, a.text) for a in answers if a.section == section and a.kind in CHOSEN and a.key != field
    ]
