"""What a batch would do, in numbers and case by case: for those who propose it and those who decide."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.deadlines.models import Clock, ClockState
from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion
from app.engine import service as engine
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden
from app.kernel.words import day
from app.people import service as people
from app.people.models import Agency

from . import locking, moving
from .kept_out import open_to
from .models import BatchStatus, Case, CaseStatus, Move, MoveBatch, MoveStatus, WorkItem, WorkStatus
from .queries import LATER

PAGE = 30
WAITING = (WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.SIGNING)


@dataclass(frozen=True, slots=True)
class Running:
    """How many cases of an agency run on a version; `newest` is the procedure's newest version."""

    agency_id: int
    agency: str
    procedure: diagrams.Procedure
    newest: diagrams.Procedure
    cases: int


@dataclass(frozen=True, slots=True)
class ClockCount:
    """A running limit of a batch's cases: on how many, paused on how many, and when the first is due."""

    name: str
    cases: int
    paused: int
    first_due: date


@dataclass(frozen=True, slots=True)
class Preview:
    """A batch as it stands. `counts` by `MoveStatus`; `reasons` and `changes` with the number of cases each stands
    for, the most frequent first; `places` where the cases wait; `versions` what differs for every case from its
    next step on."""

    batch: MoveBatch
    agency: str
    source: diagrams.Procedure
    target: diagrams.Procedure
    counts: Mapping[str, int]
    reasons: Sequence[tuple[str, int]]
    changes: Sequence[tuple[str, int]]
    places: Sequence[tuple[str, int]]
    clocks: Sequence[ClockCount]
    versions: Sequence[str]
    reverted: int

    @property
    def total(self) -> int:
        """How many cases the batch is about."""
        return sum(self.counts.values())

    @property
    def handled(self) -> int:
        """How many of them the work under way has dealt with."""
        if self.batch.status == BatchStatus.CHECKING:
            return self.total - self.counts.get(MoveStatus.UNCHECKED, 0)
        return self.counts.get(MoveStatus.MOVED, 0) + self.counts.get(MoveStatus.REFUSED, 0)

    @property
    def concerned(self) -> int:
        """How many of them the work under way is about."""
        if self.batch.status == BatchStatus.CHECKING:
            return self.total
        return self.handled + self.counts.get(MoveStatus.WAITING, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a batch: where it waits, and which of its limits run until when."""

    move: Move
    case: Case
    places: Sequence[str]
    clocks: Sequence[tuple[str, str]]


def running(session: Session, actor: Actor) -> Sequence[Running]:
    """How many cases run on which version, by agency: numbers alone, for whoever prepares.

    Raises:
        Forbidden: see `moving.agencies_of`.
    """
    scope = moving.agencies_of(session, actor)
    counts = (
        select(Case.agency_id, Case.procedure_id, func.count().label("cases"))
        .where(Case.status == CaseStatus.OPEN, scope.condition(Case))
        .group_by(Case.agency_id, Case.procedure_id)
        .subquery()
    )
    rows = session.execute(
        select(Agency.id, Agency.name, counts.c.procedure_id, counts.c.cases)
        .join(counts, counts.c.agency_id == Agency.id)
        .join(ProcedureVersion, ProcedureVersion.id == counts.c.procedure_id)
        .order_by(Agency.code, ProcedureVersion.key, ProcedureVersion.number)
    ).all()
    found = []
    for agency_id, agency, version_id, cases in rows:
        version = diagrams.procedure(session, version_id)
        found.append(Running(agency_id, agency, version, diagrams.current(session, version.key), cases))
    return found


def versions(session: Session, key: str) -> Sequence[diagrams.Procedure]:
    """Every published version of a procedure, the newest first."""
    chosen = select(ProcedureVersion.id).where(ProcedureVersion.key == key)
    ids = session.scalars(chosen.order_by(ProcedureVersion.number.desc())).all()
    return [diagrams.procedure(session, version_id) for version_id in ids]


def preview(session: Session, actor: Actor, batch_id: int) -> Preview:
    """A batch in numbers.

    Raises:
        NotFound, Forbidden: see `moving.batch`.
    """
    batch = moving.batch(session, actor, batch_id)
    source, target = (
        diagrams.procedure(session, batch.source_id),
        diagrams.procedure(session, batch.target_id),
    )
    mine = Move.batch_id == batch.id
    counts = session.execute(select(Move.status, func.count()).where(mine).group_by(Move.status))
    return Preview(
        batch=batch,
        agency=people.agency(session, batch.agency_id).name,
        source=source,
        target=target,
        counts=dict(counts.tuples().all()),
        reasons=_grouped(session, batch.id, Move.reasons),
        changes=_grouped(session, batch.id, Move.changes),
        places=_places(session, batch.id),
        clocks=_clocks(session, batch.id),
        versions=tuple(_versions(source, target)),
        reverted=session.scalar(
            select(func.count())
            .select_from(Move)
            .join(MoveBatch, MoveBatch.id == Move.batch_id)
            .where(MoveBatch.reverts_id == batch.id, Move.status == MoveStatus.MOVED)
        )
        or 0,
    )


def lines(
    session: Session, actor: Actor, batch_id: int, statuses: Sequence[str], after: int = 0
) -> tuple[Sequence[Line], int | None]:
    """The cases of a batch with one of these statuses, in the order of their opening, and from where the next page
    goes on: for the heads of the agency, who see all its cases. Analysts see numbers alone.

    Raises:
        NotFound, Forbidden: see `moving.batch`; also for who is no head of this agency.
    """
    batch = moving.batch(session, actor, batch_id)
    if not moving.is_head(actor) or actor.agency_id != batch.agency_id:
        raise Forbidden("案件名单只供本机关负责人审阅；流程配置人员看到的是数量。")
    chosen = (
        select(Move, Case)
        .join(Case, Case.id == Move.case_id)
        .where(Move.batch_id == batch.id, Move.status.in_(statuses), Move.case_id > after)
        .where(open_to(actor, Case.id))
        .order_by(Move.case_id)
        .limit(PAGE + 1)
        .options(*LATER)
    )
    rows = session.execute(chosen).all()
    ids = [case.id for _, case in rows[:PAGE]]
    places: dict[int, list[str]] = {}
    works = select(WorkItem.case_id, WorkItem.name).where(
        WorkItem.case_id.in_(ids), WorkItem.status.in_(WAITING)
    )
    for case_id, name in session.execute(works.order_by(WorkItem.id)):
        places.setdefault(case_id, []).append(name)
    clocks: dict[int, list[tuple[str, str]]] = {}
    open_clocks = select(Clock).where(Clock.case_id.in_(ids), Clock.stopped_at.is_(None))
    for one in session.scalars(open_clocks.order_by(Clock.due_at, Clock.id)):
        due = "已暂停" if one.state == ClockState.PAUSED else f"{day(one.due_on)}到期"
        clocks.setdefault(one.case_id, []).append((one.name, due))
    shown = [Line(one, case, places.get(case.id, []), clocks.get(case.id, [])) for one, case in rows[:PAGE]]
    return shown, (ids[-1] if len(rows) > PAGE else None)


def _grouped(session: Session, batch_id: int, column: object) -> Sequence[tuple[str, int]]:
    each = func.jsonb_array_elements_text(column).label("told")
    rows = select(each).where(Move.batch_id == batch_id).subquery()
    counted = select(rows.c.told, func.count().label("n")).group_by(rows.c.told)
    return [(told, n) for told, n in session.execute(counted.order_by(func.count().desc(), rows.c.told))]


def _places(session: Session, batch_id: int) -> Sequence[tuple[str, int]]:
    joined = and_(WorkItem.case_id == Move.case_id, WorkItem.status.in_(WAITING))
    chosen = select(WorkItem.name, func.count()).select_from(Move).join(WorkItem, joined)
    counted = chosen.where(Move.batch_id == batch_id).group_by(WorkItem.name)
    return [(name, n) for name, n in session.execute(counted.order_by(func.count().desc(), WorkItem.name))]


def _clocks(session: Session, batch_id: int) -> Sequence[ClockCount]:
    joined = and_(Clock.case_id == Move.case_id, Clock.stopped_at.is_(None))
    paused = func.count().filter(Clock.state == ClockState.PAUSED)
    chosen = select(Clock.name, func.count(), paused, func.min(Clock.due_on)).select_from(Move)
    counted = chosen.join(Clock, joined).where(Move.batch_id == batch_id).group_by(Clock.name)
    return [ClockCount(*row) for row in session.execute(counted.order_by(func.min(Clock.due_on)))]


def _versions(source: diagrams.Procedure, target: diagrams.Procedure) -> Iterator[str]:
    """What differs in the limits. What runs keeps the limit it began with (`Clock.rule`)."""
    before, after = ({str(c["id"]): c for c in one.rules.clocks} for one in (source, target))
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        name = str((new or old or {}).get("name", key))
        if new is None:
            yield f"法定期限“{name}”不再起算；已经开始的照常计时"
        elif old is None:
            yield f"新增法定期限“{name}”（{_limit(new)}），从以后的环节起算"
        elif _limit(old) != _limit(new):
            yield f"法定期限“{name}”由{_limit(old)}改为{_limit(new)}；已经开始的照原期限计时"
    was, new_nodes = (_tasks(one) for one in (source, target))
    redrawn = {info.name for node, info in was.items() if node not in new_nodes}
    redrawn &= {info.name for node, info in new_nodes.items() if node not in was}
    for node, info in new_nodes.items():
        earlier = was.get(node)
        limit = info.attributes.get("limit", "")
        if earlier is None:
            drawn = f"环节“{info.name}”重新绘制，停留在这里的案件须先办完这一环节"
            yield drawn if info.name in redrawn else f"新增环节“{info.name}”"
        elif limit != (before_limit := earlier.attributes.get("limit", "")):
            told = f"“{info.name}”的岗位时限由{_words(before_limit)}改为{_words(limit)}"
            yield f"{told}；已经开始的照原时限计时"
    for node, info in was.items():
        if node not in new_nodes and info.name not in redrawn:
            yield f"取消环节“{info.name}”"


def _tasks(procedure: diagrams.Procedure) -> Mapping[str, engine.NodeInfo]:
    nodes = engine.nodes(locking.spec_of(procedure)).items()
    return {node: info for node, info in nodes if info.kind == "user"}


def _limit(clock: Mapping[str, object]) -> str:
    return _words(str(clock.get("limit", "")))


def _words(limit: str) -> str:
    return deadlines.parse_limit(limit).words if limit else "无"
