"""What the gates look at beyond the case row: read once for an act, and only what its step asks for."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, null, or_, select

from app.deadlines import service as deadlines
from app.diagrams.rules import FOLLOWING, Reckoned, Rules
from app.documents import service as documents
from app.forms import service as forms
from app.kernel import clock
from app.people import service as people

from . import applied, following, noting
from . import rules as law
from .evidence import facts as exhibits
from .gates.base import people_in
from .models import Submission, WorkItem
from .money import accounts
from .money.reading import day_of

if TYPE_CHECKING:
    from .stepping import Running


def gather(
    running: "Running", step: str, form: str = "", data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The facts of `rules.ActFacts` that come from rows of their own, for an act at `step` that hands in the answers
    `data` to a form.

    Without a form only who took part so far: what decides whether a person may take a task.
    """
    declared = running.procedure.rules
    found = _submissions(running, step, bool(form))
    if not form:
        return {"took_part": found["took_part"]}
    limits = {(p.after, p.limit) for p in declared.periods if law.matches(step, p.before)}
    limits |= {(b.after, b.limit) for b in declared.in_time if b.step == step}
    papers = any(law.matches(step, p.before) for p in declared.documents_before)
    clocks = {b.clock for b in declared.clock_bars if law.matches(step, b.before)}
    lists = [entry for entry in declared.evidence_lists if law.matches(step, entry.before)]
    return {
        **found,
        "ends": ends(running, limits),
        "documents": documents.present(running.session, running.case.id) if papers else {},
        "clocks": _clocks(running, clocks) if clocks else {},
        "disputes": following.under_way(running)
        if any(law.matches(step, p.before) for p in declared.pending)
        else (),
        "exhibits": exhibits.gather(running, lists, data) if lists else {},
        "at": running.at,
        **applied.facts(running, step, {**found["filed"], form: data or {}}),
        **_reckoning(running, step, form, data or {}),
    }


def _reckoning(running: "Running", step: str, form: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What is reckoned from earlier answers: the account, the ends of terms, which days are no working days."""
    declared = running.procedure.rules
    money = any(step in each.steps for each in declared.settled) or any(
        step == each.step for each in declared.stated
    )
    terms = [each for each in declared.reckoned if each.step == step]
    found: dict[str, Any] = {}
    if money or terms:
        filed = accounts.filed(running, form, data)
        found["account"] = accounts.of(running, filed) if money else None
        found["terms"] = {
            (each.start, each.term): accounts.last_day(running, day, each.term)
            for each in terms
            if (day := _start(running, each, dict(filed)))
        }
    if quiet := [each for each in declared.quiet if step in each.steps]:
        days = deadlines.calendar(running.session, running.case.region_code)
        told = {day_of(data.get(key)) for each in quiet for key in (each.first, each.last)}
        found["rest_days"] = frozenset(
            day for day in told if day and days.covers(day) and not days.is_working(day)
        )
    return found


def _start(running: "Running", each: Reckoned, answers: Mapping[str, Mapping[str, Any]]) -> date | None:
    """The day on which a term begins: an answer of the case, or the latest of those that follow its decision."""
    if each.of != FOLLOWING:
        return day_of(_answer(answers, each.start))
    cases = following.filed(running.session, following.ids(running.session, running.case.id))
    return max((day for found in cases if (day := day_of(_answer(dict(found), each.start)))), default=None)


def _answer(answers: Mapping[str, Mapping[str, Any]], path: str) -> Any:
    form, _, key = path.partition(".")
    return answers.get(form, {}).get(key)


def _submissions(running: "Running", step: str, full: bool) -> dict[str, Any]:
    """What the gates want to know of what was handed in so far: counted with the lock, and read only where this
    step asks for what was written."""
    session, declared = running.session, running.procedure.rules
    proofs = [p for p in (*declared.reviews, *declared.hearings) if full and law.matches(step, p.before)]
    tiers = {b.tier.partition(".")[0] for b in declared.bands if full and b.tier and step in b.steps}
    tiers |= applied.forms_at(declared, step) if full else set()
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
        WorkItem.done_at.label("at"),
        WorkItem.done_by.label("by_id"),
        Submission.with_ids,
        Submission.void_at,
        case((readable, Submission.data), else_=null()).label("data"),
    )
    took_part = {step: set(who) for step, who in running.took_part.items()}  # delegates among them
    rounds: dict[str, int] = {}
    newest: dict[str, Any] = {}
    last: dict[str, Any] = {}
    filed: dict[str, Mapping[str, Any]] = {}
    chosen = chosen.join(WorkItem, WorkItem.id == Submission.work_item_id)
    mine = (Submission.case_id == running.case.id, WorkItem.case_id == running.case.id)
    for row in session.execute(chosen.where(*mine).order_by(Submission.id)):
        took_part.setdefault(row.step, set()).update((row.by_id, *row.with_ids))
        rounds[row.step] = rounds.get(row.step, 0) + 1
        last[row.step] = row
        if (
            row.void_at is not None
        ):  # returned or withdrawn: who signed it took part, what it says does not count
            continue
        newest[row.step] = row
        if row.form in tiers:
            filed[row.form] = row.data
    for other, answers in named.items():
        if other in last:  # whom an earlier round named and the newest does not, has no part any more
            for answer in answers:
                took_part[other] |= people_in(last[other].data.get(answer))
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


def ends(running: "Running", limits: set[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
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
        detail = {"node": facts.node, "name": facts.name, "marks": list(found)}
        noting.note(
            running,
            "gate.marked",
            detail,
            officer_id=signer.officer_id,
            name=signer.name,
            position=facts.position,
        )
