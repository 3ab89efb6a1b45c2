"""The queue as an administrator sees it, and forgetting what is long done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from .jobs import periodic
from .models import Job, JobState, PeriodicRun

KEEP_DONE = timedelta(days=30)
KEEP_SLOTS = timedelta(days=7)


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
