"""裁量偏离: every sum off its tier is an anomaly that heads and supervisors see, with its reason and who decided it.

Written with the act itself (`app/flow.py`) in the act's own pipeline: no question, no round trip more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from app.kernel import clock, writes
from app.kernel.auth import Actor, Role
from app.kernel.errors import Forbidden
from app.kernel.events import StepCompleted
from app.people import service as people
from app.people.models import Agency

from .desk_settings import is_head
from .deviation_models import STATES, Deviation, DeviationState

__all__ = [
    "STATES",
    "Count",
    "Deviation",
    "Filter",
    "Page",
    "counted",
    "listed",
    "of_case",
    "on_step",
    "oversees",
]
PAGE = 30
MOST_WORDS = 8
OVERSEERS_ONLY = "裁量偏离由本机关负责人和执法监督人员查看。"
KEEP = """
insert into discretion_deviation (case_id, agency_id, region_code, band, kind, state, case_no, item, tier, spans, amount,
    standard, reason, proposed_by, proposed_at, approved_by, approved_at)
values (%(case)s, %(agency)s, %(region)s, %(band)s, %(kind)s, %(state)s, %(no)s, %(item)s, %(tier)s, %(spans)s,
    %(amount)s, %(standard)s, %(reason)s, %(by)s, %(at)s, %(approved_by)s, %(approved_at)s)
on conflict (case_id, band) do update set kind = excluded.kind, state = excluded.state, item = excluded.item,
    tier = excluded.tier, spans = excluded.spans, standard = excluded.standard, amount = excluded.amount,
    reason = excluded.reason,
    proposed_by = case when excluded.state = 'proposed' or discretion_deviation.state = 'ended'
        then excluded.proposed_by else discretion_deviation.proposed_by end,
    proposed_at = case when excluded.state = 'proposed' or discretion_deviation.state = 'ended'
        then excluded.proposed_at else discretion_deviation.proposed_at end,
    approved_by = excluded.approved_by, approved_at = excluded.approved_at
"""
NAMED = ("band", "kind", "tier", "spans", "amount", "reason")
END = "update discretion_deviation set state = 'ended' where case_id = %(case)s and band = %(band)s"
LAPSE = "update discretion_deviation set state = 'ended' where case_id = %(case)s and state = 'proposed'"


def on_step(session: Session, event: StepCompleted) -> None:
    """Keep what the act sets off its tier, and end what it does so no longer."""
    for sum_ in event.sums:
        if not sum_["kind"]:
            writes.run(session, END, {"case": event.case_id, "band": sum_["band"]})
            continue
        who = "、".join(str(signer["name"]) for signer in event.context["signers"]) or event.actor_name
        decided = bool(sum_["decides"])
        values = {
            "case": event.case_id, "agency": event.agency_id, "region": event.region, "by": who, "at": event.at,
            "no": event.context["case"]["no"], "item": event.context["case"]["item"],
            "state": DeviationState.APPROVED if decided else DeviationState.PROPOSED,
            "standard": str((sum_.get("standard") or {}).get("name") or ""),
            "approved_by": who if decided else "", "approved_at": event.at if decided else None,
        }  # fmt: skip
        writes.run(session, KEEP, {**{k: sum_[k] for k in NAMED}, **values})
    if event.finished:
        writes.run(session, LAPSE, {"case": event.case_id})


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for: an agency, a state, words of number or item or reason, days of the proposal (both included)."""

    agency_id: int | None = None
    state: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of deviations, the newest first, each with its agency's name; `before` asks for the next one."""

    rows: Sequence[tuple[Deviation, str]]
    before: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many deviations an agency has, by state."""

    agency_id: int
    agency: str
    proposed: int
    approved: int
    ended: int

    @property
    def all(self) -> int:
        """All of them."""
        return self.proposed + self.approved + self.ended


def oversees(actor: Actor) -> bool:
    """Whether this person is shown deviations: a head those of the agency, a supervisor those of the region."""
    return is_head(actor) or Role.SUPERVISOR in actor.roles


def _seen(session: Session, actor: Actor) -> ColumnElement[bool]:
    if not oversees(actor):
        raise Forbidden(OVERSEERS_ONLY)
    parts = [Deviation.agency_id == actor.agency_id] if is_head(actor) else []
    if Role.SUPERVISOR in actor.roles:
        parts.append(Deviation.region_code.in_(sorted(people.subtree(session, actor.region))))
    return or_(false(), *parts)


def listed(session: Session, actor: Actor, wanted: Filter, before: int | None = None) -> Page:
    """The deviations that this person is shown and that fit.

    Raises:
        Forbidden: the person is neither head nor supervisor.
    """
    query = select(Deviation, Agency.name).join(Agency, Agency.id == Deviation.agency_id)
    query = query.where(_seen(session, actor), *_fitting(wanted))
    if wanted.state:
        query = query.where(Deviation.state == wanted.state)
    if before is not None:
        query = query.where(Deviation.id < before)
    rows = session.execute(query.order_by(Deviation.id.desc()).limit(PAGE + 1)).all()
    shown = [(row[0], row[1]) for row in rows[:PAGE]]
    return Page(shown, shown[-1][0].id if len(rows) > PAGE else None)


def _fitting(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.agency_id is not None:
        found.append(Deviation.agency_id == wanted.agency_id)
    for word in wanted.words.split()[:MOST_WORDS]:
        columns = (Deviation.case_no, Deviation.item, Deviation.reason)
        found.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if wanted.since:
        found.append(Deviation.proposed_at >= _midnight(wanted.since))
    if wanted.until:
        found.append(Deviation.proposed_at < _midnight(wanted.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.CHINA)


def counted(session: Session, actor: Actor, wanted: Filter) -> list[Count]:
    """How many there are of each agency, whatever the state; agencies without one are left out.

    Raises:
        Forbidden: the person is neither head nor supervisor.
    """
    states = [
        func.count().filter(Deviation.state == state)
        for state in (DeviationState.PROPOSED, DeviationState.APPROVED, DeviationState.ENDED)
    ]
    query = select(Agency.id, Agency.name, *states).join(Agency, Agency.id == Deviation.agency_id)
    query = query.where(_seen(session, actor), *_fitting(wanted)).group_by(Agency.id)
    rows = session.execute(query.order_by(func.count().desc(), Agency.region_code, Agency.code)).all()
    return [Count(*row) for row in rows]


def of_case(session: Session, case_id: int) -> Sequence[Deviation]:
    """What a case sets or set off its tiers, for whoever may see the case."""
    return session.scalars(select(Deviation).where(Deviation.case_id == case_id).order_by(Deviation.id)).all()
