"""Work that happens later: jobs, periodic work, and sweeps over due rows.

Three ways, all safe with any number of workers on one database:

* `enqueue` writes a job in the caller's transaction. A job whose work is in the database only (`register`) is
  carried out and removed in one transaction: it happens exactly once. A job that reaches outside
  (`register_effect`) is leased, carried out outside any transaction, then settled: it may happen again after
  a crash, so it gets a key that stays the same on every attempt.
* `periodic` does something once per slot of time, whoever inserts the slot's row first.
* `register_sweep` adds a function that claims its own due rows with FOR UPDATE SKIP LOCKED.

Handlers register when their room is imported; a worker takes only the kinds it knows, so that an older
worker never fails the jobs of a newer release.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from . import clock, logs, metrics
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
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=6)
KEEP_DONE = timedelta(days=30)
KEEP_SLOTS = timedelta(days=7)
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

    `key` is the same on every attempt; the other system must recognise it. What `act` returns goes to
    `record(session, payload, result)` in the transaction that settles the job.
    """
    _registry.effects[kind] = Effect(act, record, lease)


def register_sweep(name: str, sweep: Sweep) -> None:
    """Call `sweep(session, now, limit) -> number done` on every tick, again while it fills its limit.

    Each call is one transaction. The sweep claims its rows with FOR UPDATE SKIP LOCKED, in a stable order,
    and must get past a row it cannot handle (a savepoint per row), else that row stops all behind it.
    """
    _registry.sweeps[name] = sweep


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
    id: int
    kind: str
    payload: Mapping[str, Any]
    key: str | None
    attempts: int
    state: str


def _claim(session: Session, kinds: Mapping[str, Any], now: datetime, limit: int) -> list[_Claimed]:
    statement = (
        select(Job.id, Job.kind, Job.payload, Job.key, Job.attempts, Job.state)
        .where(
            # literal, as in the partial index, so that a prepared statement can use it; for a leased job
            # `run_at` is the end of the lease
            text("job.state in ('queued', 'leased')"),
            Job.run_at <= now,
            Job.kind.in_(list(kinds)),
        )
        .order_by(Job.run_at, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_Claimed(*row) for row in session.execute(statement)] if kinds else []


def _settle(session: Session, job: _Claimed, now: datetime) -> None:
    if job.key is None:
        session.execute(delete(Job).where(Job.id == job.id))
    else:
        session.execute(
            update(Job).where(Job.id == job.id).values(state=JobState.DONE, finished_at=now, error="")
        )


def _fail(session: Session, job_id: int, attempts: int, error: BaseException, now: datetime) -> None:
    log.error("job %s failed, attempt %s", job_id, attempts, exc_info=error, extra={"job": job_id})
    values: dict[str, Any] = {"attempts": attempts, "error": logs.told(error)[:2000]}
    if attempts >= MAX_ATTEMPTS:
        values |= {"state": JobState.FAILED, "finished_at": now}
    else:
        values |= {"state": JobState.QUEUED, "run_at": now + backoff(attempts)}
    session.execute(update(Job).where(Job.id == job_id).values(values))


def run_due(now: datetime, limit: int = BATCH) -> int:
    """Carry out one batch of due database jobs in one transaction; how many were taken.

    A job that raises is rolled back alone and tried again later.
    """
    with transaction() as session:
        # a row somebody holds for long must fail one job, not hold up the batch
        session.execute(text("set local lock_timeout = '5s'"))
        claimed = _claim(session, _registry.handlers, now, limit)
        for job in claimed:
            with logs.bound(job=job.id, job_kind=job.kind):
                try:
                    with session.begin_nested():
                        _registry.handlers[job.kind](session, job.payload)
                        _settle(session, job, now)
                    metrics.JOBS.labels(job.kind, "done").inc()
                except Exception as error:
                    metrics.JOBS.labels(job.kind, "failed").inc()
                    _fail(session, job.id, job.attempts + 1, error, now)
    return len(claimed)


def run_effects(now: datetime, limit: int = BATCH) -> int:
    """Carry out due outside work, each under its own lease; how many were taken."""
    for done in range(limit):
        with transaction() as session:
            claimed = _claim(session, _registry.effects, now, 1)
            if not claimed:
                return done
            job = claimed[0]
            if job.state == JobState.LEASED and job.attempts >= MAX_ATTEMPTS:
                _fail(session, job.id, job.attempts, TimeoutError("the last attempt never came back"), now)
                continue
            effect, attempt = _registry.effects[job.kind], job.attempts + 1
            session.execute(
                update(Job)
                .where(Job.id == job.id)
                .values(state=JobState.LEASED, attempts=attempt, run_at=now + effect.lease)
            )
        with logs.bound(job=job.id, job_kind=job.kind):
            _carry_out(effect, job, attempt)
    return limit


def _carry_out(effect: Effect, job: _Claimed, attempt: int) -> None:
    failure: Exception | None = None
    result = None
    try:
        result = effect.act(job.payload, job.key or f"job:{job.id}")
    except Exception as error:
        failure = error
    try:
        with transaction() as session:
            # the number of the attempt fences: whoever outlived its lease no longer speaks for the job
            mine = session.execute(
                select(Job.id)
                .where(Job.id == job.id, Job.state == JobState.LEASED, Job.attempts == attempt)
                .with_for_update()
            ).first()
            if mine is None:
                metrics.JOBS.labels(job.kind, "lost").inc()
                log.warning("job %s was taken over before attempt %s came back", job.id, attempt)
            elif failure is not None:
                metrics.JOBS.labels(job.kind, "failed").inc()
                _fail(session, job.id, attempt, failure, clock.now())
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


def run_sweeps(now: datetime, limit: int = BATCH) -> int:
    """Run every sweep until it finds less than a full batch; how many rows were handled."""
    handled = 0
    for name, sweep in _registry.sweeps.items():
        try:
            with logs.bound(sweep=name):
                handled += _sweep(name, sweep, now, limit)
        except Exception:
            log.exception("sweep %s failed and was rolled back", name)
    return handled


def _sweep(name: str, sweep: Sweep, now: datetime, limit: int) -> int:
    handled = 0
    for _ in range(ROUNDS):
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
    handled = run_sweeps(now)
    for part in (run_periodic, run_due, run_effects):
        try:
            for _ in range(ROUNDS):
                n = part(now)
                handled += n
                if n < BATCH or part is run_periodic:
                    break
        except Exception:
            log.exception("%s failed", part.__name__)
    return handled


def prune(session: Session, now: datetime) -> None:
    """Forget what is long done. Failed jobs stay until a person has looked."""
    session.execute(delete(Job).where(Job.state == JobState.DONE, Job.finished_at < now - KEEP_DONE))
    session.execute(delete(PeriodicRun).where(PeriodicRun.at < now - KEEP_SLOTS))


@dataclass(frozen=True, slots=True)
class Health:
    """The queue as an administrator should see it. `oldest` is the due moment of the longest waiting job."""

    waiting: int
    failed: int
    oldest: datetime | None


def health(session: Session, now: datetime) -> Health:
    """How many jobs are due and waiting, how many were given up, and since when the oldest waits."""
    row = session.execute(
        text(
            "select count(*) filter (where state <> 'failed' and run_at <= :now),"
            " count(*) filter (where state = 'failed'),"
            " min(run_at) filter (where state <> 'failed' and run_at <= :now)"
            " from job where state <> 'done'"
        ),
        {"now": now},
    ).one()
    return Health(*row)


periodic("jobs.prune", 24 * 3600, prune)
