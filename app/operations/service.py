"""How the installation does, asked of the database: every process gives the same answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, cast, delete, func, select, true, update
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.deadlines.models import CalendarAlert, Clock, ClockState
from app.documents.models import Document
from app.kernel import clock, heartbeat, job_health, resealing
from app.kernel.auth import Actor
from app.kernel.errors import NotFound
from app.kernel.models import Job, JobDecision, JobState, ProcessBeat, SlowStatement
from app.people import service as people
from app.people.models import Agency

BackupAge = Callable[[], tuple[str, datetime | None] | None]
SHOWN = 20


def _no_backup() -> None:
    return None


_backup: BackupAge = _no_backup


def install_backup(health: BackupAge) -> None:
    """Tell this room how backups do: (`ok`, `stale`, `none`, `unreadable`; the last one), None: not set up."""
    global _backup
    _backup = health


def backup() -> tuple[str, datetime | None] | None:
    """How backups do."""
    return _backup()


@dataclass(frozen=True, slots=True)
class State:
    """The state of things at one moment. `lags` are the seconds by which the oldest due timer of a kind is
    late; `lights` how many running clocks show which."""

    at: datetime
    lights: Mapping[str, int]
    jobs: job_health.Health
    kinds: Mapping[tuple[str, str], int]
    lags: Mapping[str, float]
    calendar_missing: Sequence[int]
    processes: int
    workers: int


def state(session: Session) -> State:
    """What is to be watched, in a handful of indexed queries."""
    now = clock.now()
    lights = select(Clock.light, func.count()).where(Clock.state.in_((ClockState.RUNNING, ClockState.PAUSED)))
    kinds = select(Job.kind, Job.state, func.count()).where(Job.state != JobState.DONE)
    oldest = {
        "timers": session.scalar(select(func.min(Case.next_due)).where(Case.next_due <= now)),
        "lights": session.scalar(select(func.min(Clock.next_light_at)).where(Clock.next_light_at <= now)),
    }
    alive = session.scalars(select(ProcessBeat).where(ProcessBeat.beat_at > now - heartbeat.ALIVE)).all()
    return State(
        now,
        dict(session.execute(lights.group_by(Clock.light)).all()),
        job_health.health(session, now),
        {(kind, at): count for kind, at, count in session.execute(kinds.group_by(Job.kind, Job.state))},
        {name: (now - due).total_seconds() if due else 0.0 for name, due in oldest.items()},
        list(session.scalars(select(CalendarAlert.year).where(CalendarAlert.cleared_at.is_(None)))),
        len(alive),
        sum(works(beat, now) for beat in alive),
    )


def works(beat: ProcessBeat, now: datetime) -> bool:
    """Whether a process does background work, and lately did."""
    return beat.ticked_at is not None and beat.ticked_at > now - heartbeat.ALIVE


def reseal_pending(session: Session) -> bool:
    """Whether data are being sealed anew right now."""
    kinds = (resealing.ROWS_JOB, resealing.FILES_JOB)
    under_way = (JobState.QUEUED, JobState.LEASED)
    chosen = select(Job.id).where(Job.kind.in_(kinds), Job.state.in_(under_way))
    return session.scalar(chosen.limit(1)) is not None


def processes(session: Session) -> Sequence[ProcessBeat]:
    """The processes that are alive, workers first."""
    alive = select(ProcessBeat).where(ProcessBeat.beat_at > clock.now() - heartbeat.ALIVE)
    return session.scalars(alive.order_by(ProcessBeat.ticked_at.is_(None), ProcessBeat.id)).all()


def failed_jobs(session: Session, actor: Actor) -> Sequence[Job]:
    """The jobs that were given up and are this administrator's to decide about, newest first."""
    chosen = select(Job).where(Job.state == JobState.FAILED, _in_hand(session, actor))
    return session.scalars(chosen.order_by(Job.finished_at.desc(), Job.id.desc()).limit(SHOWN)).all()


def _in_hand(session: Session, actor: Actor) -> ColumnElement[bool]:
    """An administrator of every agency there is decides about all jobs; one of a region about those of the documents
    that agencies there have issued."""
    regions = sorted(people.administered(session, actor).regions)
    if session.scalar(select(Agency.id).where(Agency.region_code.not_in(regions)).limit(1)) is None:
        return true()
    issued = select(Document.id).where(cast(Document.id, Text) == Job.payload["document_id"].astext)
    return issued.where(Document.region_code.in_(regions)).exists()


def decisions(session: Session) -> Sequence[JobDecision]:
    """What was decided about failed jobs, newest first."""
    return session.scalars(select(JobDecision).order_by(JobDecision.id.desc()).limit(SHOWN)).all()


@dataclass(frozen=True, slots=True)
class SlowLine:
    """A statement that was slow in the last day: how often, how slow at worst, and from where."""

    statement: str
    times: int
    worst: int
    route: str
    last: datetime


def slow(session: Session) -> list[SlowLine]:
    """The slowest statements of the last 24 hours, over all processes."""
    s = SlowStatement
    chosen = (
        select(s.statement, func.count(), func.max(s.milliseconds), func.min(s.route), func.max(s.at))
        .where(s.at > clock.now() - timedelta(hours=24))
        .group_by(s.statement)
        .order_by(func.max(s.milliseconds).desc())
        .limit(10)
    )
    return [SlowLine(*row) for row in session.execute(chosen)]


def decide(session: Session, actor: Actor, job_id: int, retry: bool) -> None:
    """Try a failed job again from the beginning, or leave it for good; who decided is kept.

    Raises:
        NotFound: there is no such failed job (somebody else was faster), or it is not this administrator's.
    """
    chosen = select(Job).where(Job.id == job_id, Job.state == JobState.FAILED, _in_hand(session, actor))
    job = session.scalars(chosen.with_for_update(of=Job)).one_or_none()
    if job is None:
        raise NotFound("这项任务已经处理过，或者正在重试。请刷新页面查看。")
    decision = "retried" if retry else "dropped"
    session.add(
        JobDecision(
            job_id=job.id,
            kind=job.kind,
            error=job.error,
            decision=decision,
            account_id=actor.account_id,
            at=clock.now(),
        )
    )
    if retry:
        again = {"state": JobState.QUEUED, "attempts": 0, "run_at": clock.now(), "finished_at": None}
        session.execute(update(Job).where(Job.id == job_id).values(again))
    else:
        session.execute(delete(Job).where(Job.id == job_id))
