"""Every process that serves or works says in the database, every few seconds, that it is alive.

It hands over its slow statements on the way, so that the administrator's page shows those of all processes.
"""

import logging
import os
import socket
import threading
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from . import clock, metrics, statements, worker
from .db import db
from .models import ProcessBeat, SlowStatement
from .transaction import transaction

log = logging.getLogger(__name__)
INTERVAL = 10.0
"""Seconds between two beats."""
ALIVE = timedelta(seconds=60)
"""A process that has been silent for longer is taken for dead."""
KEEP = timedelta(days=7)
"""How long slow statements are kept."""


def start(app: Flask, kind: str) -> None:
    """Let this process beat from a thread of its own, for as long as it lives; not in tests."""
    if not app.config.get("TESTING"):
        threading.Thread(
            target=_beat, args=(app, kind, threading.Event()), name="heartbeat", daemon=True
        ).start()


def _beat(app: Flask, kind: str, end: threading.Event) -> None:
    started = clock.now()
    while True:
        try:
            with app.app_context(), transaction() as session:
                once(session, kind, started)
        except SQLAlchemyError as error:
            log.warning("no heartbeat: %s", type(error).__name__)
        except Exception:
            log.exception("no heartbeat")
        if end.wait(INTERVAL):
            return


def once(session: Session, kind: str, started: datetime) -> None:
    """One beat: this process is alive, and these were its slow statements."""
    now, host, pid = clock.now(), socket.gethostname(), os.getpid()
    row = {"kind": kind, "host": host, "pid": pid, "started_at": started, "beat_at": now}
    row |= {"id": f"{host}:{pid}:{started.timestamp():.0f}", "ticked_at": worker.ticked_at()}
    new = insert(ProcessBeat).values(row)
    changed = {"beat_at": new.excluded.beat_at, "ticked_at": new.excluded.ticked_at}
    session.execute(new.on_conflict_do_update(index_elements=["id"], set_=changed))
    session.execute(delete(ProcessBeat).where(ProcessBeat.beat_at < now - timedelta(hours=1)))
    if slow := statements.take_slow():
        session.add_all(
            SlowStatement(
                at=each.at,
                milliseconds=each.milliseconds,
                statement=each.statement,
                route=each.route,
                request=each.request,
            )
            for each in slow
        )
        session.execute(delete(SlowStatement).where(SlowStatement.at < now - KEEP))
    pool = db.engine.pool
    used = getattr(pool, "checkedout", int)()
    metrics.POOL.labels("used").set(used)
    metrics.POOL.labels("idle").set(getattr(pool, "checkedin", int)())
