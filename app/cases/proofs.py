"""What the gates look at beyond the case row: read once for an act, and only what its step asks for."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, null, or_, select

from app.deadlines import service as deadlines
from app.diagrams.rules import Rules
from app.documents import service as documents
from app.forms import service as forms
from app.kernel import clock, events
from app.people import service as people

from . import rules as law
from .gates.base import people_in
from .models import Submission, WorkItem

if TYPE_CHECKING:
    from .stepping import Running


def gather(running: "Running", step: str, full: bool = True) -> dict[str, Any]:
    """The facts of `rules.ActFacts` that come from rows of their own, for an act at `step`.

    Without `full` only who took part so far: what decides whether a person may take a task.
    """
    declared = running.procedure.rules
    found = _submissions(running, step, full)
    if not full:
        return {"took_part": found["took_part"]}
    limits = {(p.after, p.limit) for p in declared.periods if law.matches(step, p.before)}
    limits |= {(b.after, b.limit) for b in declared.in_time if b.step == step}
    papers = any(law.matches(step, p.before) for p in declared.documents_before)
    clocks = {b.clock for b in declared.clock_bars if law.matches(step, b.before)}
    return {
        **found,
        "ends": _ends(running, limits),
        "documents": documents.present(running.session, running.case.id) if papers else {},
        "clocks": _clocks(running, clocks) if clocks else {},
        "item": running.item,
        "at": running.at,
    }


def _submissions(running: "Running", step: str, full: bool) -> dict[str, Any]:
    """What the gates want to know of what was handed in so far: counted with the lock, and read only where this
    step asks for what was written."""
    session, declared = running.session, running.procedure.rules
    proofs = [p for p in (*declared.reviews, *declared.hearings) if full and law.matches(step, p.before)]
    tiers = {b.tier.partition(".")[0] for b in declared.bands if full and b.tier and step in b.steps}
    parted = any(law.matches(step, group.steps) for group in declared.separation)
    named = _named(declared) if parted else {}
    if not proofs and not tiers and not any(other in running.rounds for other in named):
        return {"took_part": running.took_part, "rounds": running.rounds, "handed": {}, "filed": {}}
    readable = or_(
        WorkItem.step.in_({p.step for p in proofs} | set(named)), WorkItem.form.in_(tiers)
    ).self_group()
    chosen = select(
        Submission.id,
        WorkItem.step,
        WorkItem.form,
        Submission.at,
        Submission.by_id,
        Submission.with_ids,
        case((readable, Submission.data), else_=null()).label("data"),
    )
    took_part: dict[str, set[int]] = {}
    rounds: dict[str, int] = {}
    newest: dict[str, Any] = {}
    filed: dict[str, Mapping[str, Any]] = {}
    chosen = chosen.join(WorkItem, WorkItem.id == Submission.work_item_id)
    mine = (Submission.case_id == running.case.id, WorkItem.case_id == running.case.id)
    for row in session.execute(chosen.where(*mine).order_by(Submission.id)):
        took_part.setdefault(row.step, set()).update((row.by_id, *row.with_ids))
        rounds[row.step] = rounds.get(row.step, 0) + 1
        newest[row.step] = row
        if row.form in tiers:
            filed[row.form] = row.data
    for other, answers in named.items():
        if other in newest:  # whom an earlier round named and the newest does not, has no part any more
            for answer in answers:
                took_part[other] |= people_in(newest[other].data.get(answer))
    by_step = {p.step: p for p in proofs}
    handed = {
        name: _handed(running, row) if name in by_step else law.Handed(row.id, (), {})
        for name, row in newest.items()
    }
    return {"took_part": took_part, "rounds": rounds, "handed": handed if proofs else {}, "filed": filed}


def _named(declared: Rules) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for named in declared.named:
        found.setdefault(named.step, []).append(named.field)
    return found


def _handed(running: "Running", row: Any) -> law.Handed:
    form = forms.published(running.procedure.digest, running.procedure.forms, row.form)
    signers = []
    for officer_id in (row.by_id, *row.with_ids):
        card = people.officer(running.session, officer_id, clock.legal_day(row.at))
        kinds = frozenset(c.kind for c in card.certificates)
        signers.append(law.Signer(card.id, card.name, card.positions, kinds))
    return law.Handed(row.id, tuple(signers), form.routing(row.data))


def _ends(running: "Running", limits: set[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
    """When each limit after a step that was passed has run out (a party's time: never too early)."""
    passed = running.passed
    wanted = [(after, limit) for after, limit in limits if after in passed]
    due = running.due() if wanted else None
    return {(after, limit): due(limit, after, passed[after]) for after, limit in wanted} if due else {}


def _clocks(running: "Running", keys: set[str]) -> dict[str, law.ClockFact]:
    return {
        key: law.ClockFact(name, paused, due_at <= running.at)
        for key, name, paused, due_at in deadlines.standing(running.session, running.case.id, keys)
    }


def mark(running: "Running", facts: law.ActFacts, signer: law.Signer) -> None:
    """Record what did not stand in the way of this act but must be seen (a limit that has run out)."""
    if found := law.marks(facts):
        case = running.case
        events.publish(
            running.session,
            events.CaseNoted(
                case_id=case.id,
                agency_id=case.agency_id,
                region=case.region_code,
                at=running.at,
                actor_id=signer.officer_id,
                actor_name=signer.name,
                actor_position=facts.position,
                procedure=running.procedure.version,
                context={},
                kind="gate.marked",
                detail={"node": facts.node, "name": facts.name, "marks": list(found)},
            ),
        )
