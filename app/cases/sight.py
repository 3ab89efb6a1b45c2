"""What running cases tell of their procedure (运行分析): how long each step takes, how long it waits for somebody to
take it, how often it is done again. Numbers about many cases, never about one: a group of fewer than five cases
shows its count alone.

Working time leaves out rest days: a moment of a working day counts as far as the day has come, so that Friday
17:00 to Monday 9:00 is two thirds of a working day. Where a scope has few cases the answer is worked out at once;
else by a job, and what was worked out last is shown with its moment.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion
from app.engine import service as engine
from app.kernel import clock, jobs
from app.kernel.auth import Actor, Role
from app.kernel.errors import Forbidden, Invalid
from app.people import service as people
from app.people.models import Agency

from . import locking, moving_rights, sight_items
from .models import Case, CaseStatus, SightSnapshot

JOB = "cases.sight"
FEW = 5
"""Fewer cases than this are not described: their durations would tell of a single one."""
AT_ONCE = 3000
"""Cases in the scope up to which the answer is worked out while the page waits."""
FRESH = timedelta(hours=1)
KEPT = timedelta(days=60)
LONGEST = 5 * 366
"""Days of the longest period."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look at: the cases of these agencies that now run on a version, tasks done from `since` to `until`
    (legal days, both included), in working days or else in days of the calendar."""

    version_id: int
    agencies: tuple[int, ...]
    since: date
    until: date
    working: bool = True

    @property
    def key(self) -> str:
        """The same question, the same key."""
        told = [self.version_id, sorted(self.agencies), str(self.since), str(self.until), self.working]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """One task of the diagram. Times in days (see `Filter.working`), None where there are too few cases; `waited` from
    opening to being taken, `worked` from there to being done; tasks that came to somebody by themselves waited for
    nobody. `again` is how often it was done once more in the same case, `again_cases` in how many cases."""

    node: str
    name: str
    position: str
    limit: str
    done: int
    cases: int
    median: float | None
    ninetieth: float | None
    waited: float | None
    worked: float | None
    again: int | None
    again_cases: int | None
    standing: int
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class Sight:
    """The steps of a version in the order of its diagram, the items and the agencies (`sight_items`), and the cases as a
    whole. `computed_at` is the moment the numbers are of."""

    steps: Sequence[Step]
    opened: int
    closed: int
    whole: float | None
    computed_at: datetime
    items: Sequence[sight_items.ItemRow] = ()
    lags: Sequence[sight_items.LagRow] = ()


def scope_of(session: Session, actor: Actor) -> people.Scope:
    """The agencies of which this person may see numbers: an analyst's or supervisor's region, a head's own agency.

    Raises:
        Forbidden: for anybody else.
    """
    if Role.ANALYST in actor.roles:
        return people.analysed(session, actor)
    if Role.SUPERVISOR in actor.roles:
        return people.scope(session, actor)
    if moving_rights.is_head(actor):
        return people.Scope(actor.agency_id)
    raise Forbidden("运行分析供流程配置人员、执法监督人员和机关负责人使用。")


def agencies(session: Session, actor: Actor) -> Sequence[tuple[int, str]]:
    """The agencies a person can choose from: id and name."""
    chosen = select(Agency.id, Agency.name).where(scope_of(session, actor).condition(Agency))
    return session.execute(chosen.order_by(Agency.code)).tuples().all()


def versions(session: Session, actor: Actor) -> Sequence[diagrams.Procedure]:
    """Every published version: those on which cases of a person's agencies run, then the others, the newest of each
    procedure first."""
    mine = scope_of(session, actor).condition(Case)
    used = exists().where(Case.procedure_id == ProcedureVersion.id, Case.status == CaseStatus.OPEN, mine)
    chosen = select(ProcedureVersion.id).order_by(
        used.desc(), ProcedureVersion.key, ProcedureVersion.number.desc()
    )
    return [diagrams.procedure(session, number) for number in session.scalars(chosen)]


def filter_of(
    session: Session,
    actor: Actor,
    version_id: int,
    agency_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
    working: bool = True,
) -> Filter:
    """A person's question, kept within what the person may see. Without an agency all of them; without a period the
    last twelve months.

    Raises:
        Forbidden: see `scope_of`.
        Invalid: the agency is not theirs, or the period makes no sense.
    """
    mine = [number for number, _ in agencies(session, actor)]
    if agency_id is not None and agency_id not in mine:
        raise Invalid(errors={"agency": ["没有这个机关，或者它不在您的范围内。"]})
    until = until or clock.today()
    since = since or until - timedelta(days=365)
    if since > until:
        raise Invalid(errors={"since": ["开始日期不能晚于结束日期。"]})
    if (until - since).days > LONGEST:
        raise Invalid(errors={"since": ["最多分析五年，请缩短期间。"]})
    return Filter(version_id, (agency_id,) if agency_id is not None else tuple(mine), since, until, working)


def sight(session: Session, asked: Filter) -> Sight | None:
    """The numbers, at once or as worked out last; None while they are being worked out for the first time. The caller
    is in a transaction: it may ask for the work."""
    some = select(Case.id).where(Case.agency_id.in_(asked.agencies)).limit(AT_ONCE + 1).subquery()
    if (session.scalar(select(func.count()).select_from(some)) or 0) <= AT_ONCE:
        return _sight(session, asked, compute(session, asked), clock.now())
    kept = session.get(SightSnapshot, asked.key)
    if kept is None or kept.computed_at < clock.now() - FRESH:
        slot = int(clock.now().timestamp() // FRESH.total_seconds())
        payload = {**asdict(asked), "since": str(asked.since), "until": str(asked.until)}
        jobs.enqueue(session, JOB, payload, key=f"sight:{asked.key}:{slot}")
    return _sight(session, asked, kept.result, kept.computed_at) if kept else None


def work_out(session: Session, payload: Mapping[str, Any]) -> None:
    """Work one question out and keep the answer. A job."""
    days = {name: date.fromisoformat(payload[name]) for name in ("since", "until")}
    asked = Filter(payload["version_id"], tuple(payload["agencies"]), working=payload["working"], **days)
    session.execute(text("set local statement_timeout = '10min'"))
    values = {"result": compute(session, asked), "computed_at": clock.now()}
    row = insert(SightSnapshot).values(key=asked.key, **values)
    session.execute(row.on_conflict_do_update(index_elements=[SightSnapshot.key], set_=values))


def forget(session: Session, now: datetime) -> None:
    """Answers nobody has asked for anew are dropped (daily)."""
    session.execute(delete(SightSnapshot).where(SightSnapshot.computed_at < now - KEPT))


def register_jobs() -> None:
    """Let the workers know the work of this file."""
    jobs.register(JOB, work_out)
    jobs.periodic("cases.sight_forget", 24 * 3600, forget)


COUNTED = """(k.item_id <> all(:trials) or not coalesce((
        select v.trial from power_item_version v where v.item_id = k.item_id and v.state = 'approved'
            and (v.effective_on is null or v.effective_on <= (k.opened_at at time zone 'Asia/Shanghai')::date)
        order by v.effective_on desc nulls last, v.number desc limit 1), false))"""
"""A case `k` that was not opened in trial operation (试运行). `trials` are the items that ever were in it."""
MEASURED = f"""
with days as materialized (
    select * from unnest(cast(:days as date[]), cast(:before as int[]), cast(:work as int[])) as t(d, before, work)
), task as (
    select w.case_id, w.node, w.opened_at at time zone 'Asia/Shanghai' as o,
        w.claimed_at at time zone 'Asia/Shanghai' as c, w.done_at at time zone 'Asia/Shanghai' as e
    from "case" k join work_item w on w.case_id = k.id
    where k.procedure_id = :version and k.agency_id = any(:agencies) and w.kind = 'user' and w.status = 'done'
        and w.done_at >= :since and w.done_at < :until and {COUNTED}
), measured as (
    select case_id, node,
        greatest(0, eb.before + eb.work * extract(epoch from e::time) / 86400
            - ob.before - ob.work * extract(epoch from o::time) / 86400) as span,
        greatest(0, cb.before + cb.work * extract(epoch from c::time) / 86400
            - ob.before - ob.work * extract(epoch from o::time) / 86400) as waited
    from task join days ob on ob.d = o::date join days eb on eb.d = e::date left join days cb on cb.d = c::date
), repeated as (
    select node, sum(n - 1) as again, count(*) filter (where n > 1) as again_cases, count(*) as cases
    from (select node, case_id, count(*) as n from task group by node, case_id) t group by node
)
select m.node, count(*) as done, r.cases, r.again, r.again_cases,
    percentile_cont(0.5) within group (order by span) as median,
    percentile_cont(0.9) within group (order by span) as ninetieth,
    percentile_cont(0.5) within group (order by coalesce(waited, 0)) as waited,
    percentile_cont(0.5) within group (order by span - coalesce(waited, 0)) as worked
from measured m join repeated r using (node) group by m.node, r.cases, r.again, r.again_cases
"""  # noqa: S608 - ours
STANDING = f"""
select w.node, count(*) from "case" k join work_item w on w.case_id = k.id
where k.procedure_id = :version and k.agency_id = any(:agencies) and k.status = 'open' and w.kind = 'user'
    and w.status in ('open', 'cosign', 'signing') and {COUNTED} group by w.node
"""  # noqa: S608
WHOLE = f"""
with days as materialized (
    select * from unnest(cast(:days as date[]), cast(:before as int[]), cast(:work as int[])) as t(d, before, work)
), ended as (
    select k.opened_at at time zone 'Asia/Shanghai' as o, k.closed_at at time zone 'Asia/Shanghai' as e from "case" k
    where k.procedure_id = :version and k.agency_id = any(:agencies)
        and k.closed_at >= :since and k.closed_at < :until and {COUNTED}
)
select (select count(*) from "case" k where k.procedure_id = :version and k.agency_id = any(:agencies)
        and k.opened_at >= :since and k.opened_at < :until and {COUNTED}) as opened,
    count(*) as closed,
    percentile_cont(0.5) within group (order by eb.before + eb.work * extract(epoch from e::time) / 86400
        - ob.before - ob.work * extract(epoch from o::time) / 86400) as whole
from ended join days ob on ob.d = o::date join days eb on eb.d = e::date
"""  # noqa: S608


def compute(session: Session, asked: Filter) -> dict[str, Any]:
    """The bare numbers, as they are kept: `steps` by node, and the cases as a whole."""
    values = {
        "version": asked.version_id,
        "agencies": list(asked.agencies),
        "since": datetime.combine(asked.since, time(), clock.CHINA),
        "until": datetime.combine(asked.until + timedelta(days=1), time(), clock.CHINA),
        "trials": catalogue.versions.on_trial(session),
    }
    counted = values | _days(session, asked)
    steps = {row.node: _plain(row) for row in session.execute(text(MEASURED), counted)}
    for node, standing in session.execute(text(STANDING), values):
        steps.setdefault(node, {})["standing"] = standing
    whole = _plain(session.execute(text(WHOLE), counted).one())
    return {"steps": steps, **whole, **sight_items.compute(session, values, COUNTED)}


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value if value is None or isinstance(value, int | str) else float(value)
        for name, value in row._mapping.items()
    }


def _days(session: Session, asked: Filter) -> dict[str, list[Any]]:
    """Every day a task may have begun or ended on: how many days that count came before it, and whether it counts."""
    oldest = session.scalar(
        select(func.min(Case.opened_at)).where(
            Case.procedure_id == asked.version_id, Case.agency_id.in_(asked.agencies)
        )
    )
    first = min(clock.legal_day(oldest) if oldest else asked.since, asked.since)
    calendar = deadlines.calendar(session)
    days, before, work, total = [], [], [], 0
    for number in range((asked.until - first).days + 1):
        day = first + timedelta(days=number)
        known = calendar.covers(day)
        counts = not asked.working or (calendar.is_working(day) if known else day.weekday() < 5)
        days.append(day)
        before.append(total)
        work.append(int(counts))
        total += counts
    return {"days": days, "before": before, "work": work}


def _sight(session: Session, asked: Filter, found: Mapping[str, Any], at: datetime) -> Sight:
    procedure = diagrams.procedure(session, asked.version_id)
    positions = people.position_names(session)
    known = dict(found["steps"])
    steps = []
    for node, info in engine.nodes(locking.spec_of(procedure)).items():
        if info.kind == "user":
            position = positions.get(info.position, info.position)
            limit = info.attributes.get("limit", "")
            steps.append(_step(node, info.name, position, limit, known.pop(node, {})))
    steps += [_step(node, node, "", "", row, drawn=False) for node, row in sorted(known.items())]
    enough = found["closed"] >= FEW
    whole = found["whole"] if enough else None
    items, lags = (rows(session, found, FEW) for rows in (sight_items.item_rows, sight_items.lag_rows))
    return Sight(steps, found["opened"], found["closed"], whole, at, items, lags)


def _step(
    node: str, name: str, position: str, limit: str, row: Mapping[str, Any], drawn: bool = True
) -> Step:
    told = {key: row.get(key) for key in ("median", "ninetieth", "waited", "worked", "again", "again_cases")}
    if row.get("cases", 0) < FEW:
        told = dict.fromkeys(told)
    else:
        told |= {key: int(row[key]) for key in ("again", "again_cases")}
    return Step(
        node,
        name,
        position,
        deadlines.parse_limit(limit).words if limit else "",
        row.get("done", 0),
        row.get("cases", 0),
        **told,  # type: ignore[arg-type]
        standing=row.get("standing", 0),
        drawn=drawn,
    )


SLOWEST = text("""
select k.id, k.no, k.title, w.done_at - w.opened_at as span from "case" k join work_item w on w.case_id = k.id
where k.procedure_id = :version and k.agency_id = :agency and w.node = :node and w.kind = 'user'
    and w.status = 'done' and w.done_at >= :since and w.done_at < :until
    and k.id not in (select r.case_id from recusal r where r.officer_id = :me and r.state = 'approved')
order by span desc, k.id limit 10
""")


def slowest(session: Session, actor: Actor, asked: Filter, node: str) -> Sequence[Any]:
    """The cases in which a step took longest, for the heads of their agency, who see all its cases: id, number, title
    and `span`. Nobody else gets any."""
    if not moving_rights.is_head(actor) or asked.agencies != (actor.agency_id,):
        return []
    values = {
        "version": asked.version_id,
        "agency": actor.agency_id,
        "me": actor.officer_id,
        "node": node,
        "since": datetime.combine(asked.since, time(), clock.CHINA),
        "until": datetime.combine(asked.until + timedelta(days=1), time(), clock.CHINA),
    }
    return session.execute(SLOWEST, values).all()
