"""Turning the lights of running clocks whose moment has come: the worker's sweep."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text, update
from sqlalchemy.orm import Session

from app.kernel import writes
from app.kernel.events import ClockTurned, publish

from .clocks import lock_cases
from .lights import PATIENCE
from .models import Clock

log = logging.getLogger(__name__)

DUE = text("""
select id, case_id from clock where next_light_at <= :now order by next_light_at, id limit :limit
for update skip locked
""")
TURN = text("""
update clock set
    light = case when due_at <= :now then 'overdue' else 'warning' end,
    next_light_at = case when due_at <= :now then null else due_at end
where id = any(:ids)
returning case_id, agency_id, region_code as region, id as clock_id, light, name, work_item_id
""")
FAILURES = 3
"""So many lights of a batch may fail before each of the others is tried alone."""


def turn_lights(session: Session, now: datetime, limit: int) -> int:
    """Turn the lights that are due; how many turned. Nothing else is looked at.

    A case somebody is working on is left for the next tick. A batch is one savepoint; a light whose subscriber
    fails is put off and the rest of the batch told anew.
    """
    claimed = session.execute(DUE, {"now": now, "limit": limit}).all()
    if not claimed:
        return 0
    free = lock_cases(session, [case_id for _, case_id in claimed], wait=False)
    ids = [clock_id for clock_id, case_id in claimed if case_id in free]
    turned = sorted(session.execute(TURN, {"now": now, "ids": ids}).all(), key=lambda row: row.clock_id)
    failed = _tell_all(session, now, turned, free)
    if failed:
        again = update(Clock).where(Clock.id.in_(failed)).values(next_light_at=now + PATIENCE)
        session.execute(again)
    return len(ids)


def _tell_all(
    session: Session, now: datetime, turned: Sequence[Row[Any]], free: Collection[int]
) -> list[int]:
    """Tell the other rooms; the clocks that could not be told of."""
    failed: list[int] = []
    for _ in range(FAILURES):
        rest = [row for row in turned if row.clock_id not in failed]
        known = len(failed)
        if _told(session, now, rest, free, failed):
            return failed
        if len(failed) == known:  # the database refused the batch and does not say which of them
            break
    for row in turned:
        if row.clock_id not in failed and not _told(session, now, [row], free, failed):
            failed.append(row.clock_id)
    return failed


def _told(
    session: Session, now: datetime, turned: Sequence[Row[Any]], free: Collection[int], failed: list[int]
) -> bool:
    """Tell of some lights, all or none. A light whose subscriber fails is noted in `failed`."""
    present = None
    try:
        with writes.nested(session):
            for row in turned:
                present = row.clock_id
                publish(session, ClockTurned(at=now, **row._mapping))
            present = None
        return True
    except Exception:
        log.exception("clock %s could not be turned", present or [row.clock_id for row in turned])
        if present is not None and len(turned) > 1:
            failed.append(present)
        # what the act held was rolled back with it: the cases are taken up anew, their locks still stand
        lock_cases(session, free, wait=True)
        return False
