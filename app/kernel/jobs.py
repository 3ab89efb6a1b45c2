"""Work that happens later: jobs, periodic work, and sweeps over due rows.

Three ways, all safe with any number of workers on one database:

* `enqueue` writes a job in the caller's transaction. A job whose work is in the database only (`register`) is
  carried out and removed in one transaction: it happens exactly once. A job that reaches outside
  (`register_effect`) is carried out outside any transaction, then settled: it may happen again after a crash,
  so it gets a key that stays the same on every attempt. Either is claimed first: the attempt is counted and a
  fencing token drawn, and only who still holds the newest token may settle it.
* `periodic` does something once per slot of time, whoever inserts the slot's row first.
* `register_sweep` adds a function that claims its own due rows with FOR UPDATE SKIP LOCKED.

Handlers register when their room is imported; a worker takes only the kinds it knows, so that an older
worker never fails the jobs of a newer release.
"""

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError, PendingRollbackError
from sqlalchemy.orm import Session

from . import clock, logs, metrics, writes
from .db import db
from .models import Job, JobState, PeriodicRun
from .transaction import transaction

log = logging.getLogger(__name__)

Handler = Callable[[Session, Mapping[str, Any]], None]
Act = Callable[[Mapping[str, Any], str], Any]
Record = Callable[[Session, Mapping[str, Any], Any], None]
Sweep = Callable[[Session, datetime, int], int]
Periodic = Callable[[Session, datetime], None]

BATCH = 100
ROUNDS = 50
"""Batches of one kind of work in one tick, so that a flood of it does not starve the rest."""
MAX_ATTEMPTS = 8
LEASE = timedelta(seconds=30)
"""From when on a database job is taken over that was claimed but is not being carried out: one under way is
kept by the lock of its row."""
NEVER_CAME_BACK = "最后一次执行没有结束：执行它的进程可能内存不足或者被终止。"
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=6)
CHINA_OFFSET = 8 * 3600
"""Slots are cut at Chinese wall-clock time: a daily slot begins at 0:00 in China."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A kind of job that reaches outside the database. `lease` must exceed the longest honest attempt."""

    act: Act
    record: Record | None
    lease: timedelta


@dataclass(slots=True)
class _Registry:
    handlers: dict[str, Handler] = field(default_factory=dict)
    effects: dict[str, Effect] = field(default_factory=dict)
    sweeps: dict[str, Sweep] = field(default_factory=dict)
    batches: dict[str, int] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    periodics: dict[str, tuple[int, Periodic]] = field(default_factory=dict)
    inserted: dict[str, int] = field(default_factory=dict)
    """The last slot this process saw taken: only spares it a useless insert."""


_registry = _Registry()


def register(kind: str, handler: Handler) -> None:
    """Carry out jobs of a kind with `handler(session, payload)`, in the transaction that removes the job."""
    _registry.handlers[kind] = handler


def register_effect(
    kind: str, act: Act, record: Record | None = None, lease: timedelta = timedelta(minutes=5)
) -> None:
    """Carry out jobs of a kind with `act(payload, key)`, outside any transaction.

    `key` is the same on every attempt; the other system must recognise it. `token()` tells it which of two
    workers is the later one. What `act` returns goes to `record(session, payload, result)` in the transaction
    that settles the job, unless another worker took the job over meanwhile.
    """
    _registry.effects[kind] = Effect(act, record, lease)


def register_sweep(name: str, sweep: Sweep, due: str = "", batch: int = BATCH) -> None:
    """Call `sweep(session, now, limit) -> number done` on every tick, again while it fills its limit.

    Each call is one transaction. The sweep claims its rows with FOR UPDATE SKIP LOCKED, in a stable order,
    and must get past a row it cannot handle (a savepoint per row), else that row stops all behind it.
    `batch` caps the limit: 1 where a row takes locks of its own that must not add up (number series).

    `due` is a query for the earliest moment at which one of its rows is due, answered by an index alone
    (`select min(next_light_at) from clock`): the sweep is only called when that moment has come.
    """
    _registry.sweeps[name] = sweep
    _registry.batches[name] = batch
    if due:
        _registry.questions[name] = due
    else:
        _registry.questions.pop(name, None)


def periodic(name: str, seconds: int, work: Periodic) -> None:
    """Do `work(session, now)` once in every slot of so many seconds, on whichever worker is first.

    The slot and the job that does the work are written together, so a failure is retried like any job.
    Missed slots are not made up for.
    """
    _registry.periodics[name] = (seconds, work)
    register(f"periodic:{name}", lambda session, payload: work(session, clock.now()))


def enqueue(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    run_at: datetime | None = None,
    key: str | None = None,
) -> int | None:
    """Ask for work, in the caller's transaction. The job's id, or None where the key was asked for before.

    A key is remembered for thirty days after the job is done: name in it what makes the work different
    (`pdf:<document>:<digest>`, not `pdf`).
    """
    now = clock.now()
    values = {"kind": kind, "payload": dict(payload), "key": key, "run_at": run_at or now, "created_at": now}
    statement = insert(Job).values(values).on_conflict_do_nothing(index_elements=[Job.key]).returning(Job.id)
    return session.execute(statement).scalar_one_or_none()


def backoff(attempts: int) -> timedelta:
    """How long to wait after the n-th failed attempt: 15 s, doubled each time, six hours at most."""
    return min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A job this worker holds until its lease ends. Its `token` is greater than that of everybody who held it before."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    key: str | None
    attempts: int
    token: int


# literal states, as in the partial index; for a leased job `run_at` is the end of the lease
CLAIM = text("""
with due as (
    select id from job
    where state in ('queued', 'leased') and run_at <= :now and kind = any(:kinds)
    order by run_at, id limit 1 for update skip locked
)
update job set state = 'leased', attempts = attempts + 1, token = nextval('job_token'),
    run_at = :now + make_interval(secs => greatest(
        (cast(:leases as jsonb) ->> kind)::float8, least(:first * 2 ^ least(attempts, 20), :longest)))
from due where job.id = due.id
returning job.id, kind, payload, key, attempts, token
""")


def _claim(session: Session, leases: Mapping[str, timedelta], now: datetime) -> _Claimed | None:
    """Take the next due job of these kinds. The attempt counts from here on, so that one which ends with its
    process counts too; after the last the job is given up instead of being taken again."""
    values = {
        "now": now,
        "kinds": list(leases),
        "leases": json.dumps({kind: lease.total_seconds() for kind, lease in leases.items()}),
        "first": FIRST_DELAY.total_seconds(),
        "longest": LONGEST_DELAY.total_seconds(),
    }
    while leases and (row := session.execute(CLAIM, values).first()):
        job = _Claimed(*row)
        if job.attempts <= MAX_ATTEMPTS:
            return job
        _fail(session, replace(job, attempts=MAX_ATTEMPTS), TimeoutError(NEVER_CAME_BACK), now)
    return None


def _is_mine(session: Session, job: _Claimed) -> bool:
    """Whether nobody took the job over since it was claimed; then its row stays locked."""
    chosen = select(Job.id).where(Job.id == job.id, Job.state == JobState.LEASED, Job.token == job.token)
    if session.execute(chosen.with_for_update()).first():
        return True
    metrics.JOBS.labels(job.kind, "lost").inc()
    log.warning("job %s was taken over before attempt %s came back", job.id, job.attempts)
    return False


def _settle(session: Session, job: _Claimed, now: datetime) -> None:
    if job.key is None:
        session.execute(delete(Job).where(Job.id == job.id))
    else:
        session.execute(
            update(Job).where(Job.id == job.id).values(state=JobState.DONE, finished_at=now, error="")
        )


def _fail(session: Session, job: _Claimed, error: BaseException, now: datetime) -> None:
    log.error("job %s failed, attempt %s", job.id, job.attempts, exc_info=error, extra={"job": job.id})
    values: dict[str, Any] = {"attempts": job.attempts, "error": logs.told(error)[:2000]}
    if job.attempts >= MAX_ATTEMPTS:
        values |= {"state": JobState.FAILED, "finished_at": now}
    else:
        values |= {"state": JobState.QUEUED, "run_at": now + backoff(job.attempts)}
    session.execute(update(Job).where(Job.id == job.id).values(values))


def run_due(now: datetime, limit: int = BATCH) -> int:
    """Carry out due database jobs, each in a transaction of its own; how many were taken.

    A job that raises is rolled back alone and tried again later. The commit that settles a job claims the next
    one, so that a job costs one commit, and no job holds the rows of another.
    """
    leases = dict.fromkeys(_registry.handlers, LEASE)
    with transaction() as session:
        job = _claim(session, leases, now)
    taken = 0
    while job is not None:
        taken += 1
        with logs.bound(job=job.id, job_kind=job.kind), transaction() as session:
            # a row somebody holds for long must fail one job, not hold up the others
            session.execute(text("set local lock_timeout = '5s'"))
            if _is_mine(session, job):
                _handle(session, job, now)
            job = _claim(session, leases, now) if taken < limit else None
    return taken


def _handle(session: Session, job: _Claimed, now: datetime) -> None:
    try:
        with writes.nested(session):
            _registry.handlers[job.kind](session, job.payload)
            _settle(session, job, now)
        metrics.JOBS.labels(job.kind, "done").inc()
    except Exception as error:
        metrics.JOBS.labels(job.kind, "failed").inc()
        _fail(session, job, error, now)


_token: ContextVar[int] = ContextVar("token", default=0)


def token() -> int:
    """The fencing token of the outside work under way: it only grows. A system that remembers the greatest it
    was shown refuses a worker that slept past its lease."""
    return _token.get()


def run_effects(now: datetime, limit: int = BATCH) -> int:
    """Carry out due outside work, each under its own lease; how many were taken."""
    leases = {kind: effect.lease for kind, effect in _registry.effects.items()}
    for done in range(limit):
        with transaction() as session:
            job = _claim(session, leases, now)
        if job is None:
            return done
        with logs.bound(job=job.id, job_kind=job.kind):
            _carry_out(_registry.effects[job.kind], job)
    return limit


def _carry_out(effect: Effect, job: _Claimed) -> None:
    failure: Exception | None = None
    result = None
    before = _token.set(job.token)
    try:
        result = effect.act(job.payload, job.key or f"job:{job.id}")
    except Exception as error:
        failure = error
    finally:
        _token.reset(before)
    try:
        with transaction() as session:
            if not _is_mine(session, job):
                return
            if failure is not None:
                metrics.JOBS.labels(job.kind, "failed").inc()
                _fail(session, job, failure, clock.now())
            else:
                metrics.JOBS.labels(job.kind, "done").inc()
                if effect.record is not None:
                    effect.record(session, job.payload, result)
                _settle(session, job, clock.now())
    except Exception:
        # what it did stays done; the lease runs out and the same key is presented again
        log.exception("the outcome of job %s could not be recorded", job.id)


def run_periodic(now: datetime) -> int:
    """Open the present slot of every periodic work that nobody opened yet; how many were opened."""
    opened = 0
    for name, (seconds, _) in _registry.periodics.items():
        slot = (int(now.timestamp()) + CHINA_OFFSET) // seconds
        if _registry.inserted.get(name) == slot:
            continue
        with transaction() as session:
            statement = insert(PeriodicRun).values(name=name, slot=slot, at=now).on_conflict_do_nothing()
            if session.execute(statement.returning(PeriodicRun.slot)).first():
                enqueue(session, f"periodic:{name}", {}, run_at=now)
                opened += 1
        _registry.inserted[name] = slot
    return opened


JOBS = "jobs"
FIRST_JOB = (
    "select run_at from job where state in ('queued', 'leased') and kind = any(%(kinds)s)"
    " order by run_at, id limit 1"
)


def idle(now: datetime) -> set[str]:
    """The sweeps, and `JOBS`, for which nothing is due: one short question to the database for all of them."""
    questions = {**_registry.questions, JOBS: FIRST_JOB}
    query = ", ".join(f"({question})" for question in questions.values())
    values = {"kinds": [*_registry.handlers, *_registry.effects]}
    pooled = db.engine.raw_connection()
    try:
        plain = pooled.driver_connection
        plain.autocommit = True  # a transaction would be two more round trips
        try:
            answers = plain.execute(f"select {query}", values).fetchone()
        finally:
            plain.autocommit = False
    finally:
        pooled.close()
    firsts = zip(questions, answers, strict=True)
    return {name for name, first in firsts if first is None or first > now}


def run_sweeps(now: datetime, limit: int = BATCH, without: Collection[str] = ()) -> int:
    """Run every sweep until it finds less than a full batch, `without` some; how many rows were handled."""
    handled = 0
    for name, sweep in _registry.sweeps.items():
        if name in without:
            continue
        try:
            with logs.bound(sweep=name):
                handled += _sweep(name, sweep, now, limit)
        except (OperationalError, PendingRollbackError) as error:
            log.error("sweep %s failed and was rolled back: %s", name, logs.told(error))
        except Exception:
            log.exception("sweep %s failed and was rolled back", name)
    return handled


def _sweep(name: str, sweep: Sweep, now: datetime, limit: int) -> int:
    handled, rounds = 0, ROUNDS * limit
    limit = min(limit, _registry.batches.get(name, limit))
    for _ in range(rounds // limit):
        began = time.perf_counter()
        with transaction() as session:
            n = sweep(session, now, limit)
        metrics.SWEEP_SECONDS.labels(name).observe(time.perf_counter() - began)
        if n:
            metrics.SWEEP_TAKEN.labels(name).inc(n)
        handled += n
        if n < limit:
            break
    return handled


def tick(now: datetime) -> int:
    """Everything that is due: sweeps, periodic work, jobs, outside work. One failing part stops no other."""
    nothing = idle(now)
    handled = run_sweeps(now, without=nothing)
    for part in (run_periodic, run_due, run_effects):
        if part is not run_periodic and not handled and JOBS in nothing:
            continue  # whatever was handled may have asked for more
        try:
            for _ in range(ROUNDS):
                n = part(now)
                handled += n
                if n < BATCH or part is run_periodic:
                    break
        except (OperationalError, PendingRollbackError) as error:  # the database is away: told in a line
            log.error("%s failed: %s", part.__name__, logs.told(error))
        except Exception:
            log.exception("%s failed", part.__name__)
    return handled
