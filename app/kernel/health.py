"""Is this process up (`/healthz`), and can it do its work (`/readyz`)? For load balancers and supervisors.

Both are public and say nothing a stranger could use: no addresses, no versions, no error texts.
"""

import logging
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from . import clock, keys, migrations
from .auth import PUBLIC
from .backup import schedule as _  # noqa: F401 - importing registers the periodic look
from .backup import service as backup
from .db import db
from .web import Room

log = logging.getLogger(__name__)
room = Room("health", __name__)


@room.get("/healthz", access=PUBLIC)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@room.get("/readyz", access=PUBLIC)
def readyz() -> ResponseReturnValue:
    """200 when the database answers, has every migration, and its data keys are here; else 503.

    `backup` (where a place is set) is `ok`, `stale`, `none` or `unreadable`, with the age of the last one in
    hours; it never makes the platform unready.
    """
    database, schema, ring = "unreachable", "unknown", "unknown"
    try:
        with db.engine.connect() as connection:
            connection.execute(text("set local statement_timeout = '3s'"))
            schema = "current" if migrations.applied(connection) == migrations.heads() else "behind"
            database = "ok"
            ring = _ring(migrations.known_keys(connection))
    except SQLAlchemyError as error:
        log.warning("not ready: %s", error)
    ready = (database, schema, ring) == ("ok", "current", "ok")
    told = {
        "status": "ok" if ready else "not ready",
        "database": database,
        "migrations": schema,
        "keys": ring,
    }
    return jsonify(told | _backup()), 200 if ready else 503


def _ring(known: dict[str, str] | None) -> str:
    try:
        keys.check(known)
    except keys.KeysError as error:
        log.warning("not ready: %s", error.code)
        return error.code
    return "ok"


def _backup() -> dict[str, Any]:
    found = backup.health_soon(clock.now())
    if found is None:
        return {}
    age = (clock.now() - found.last).total_seconds() / 3600 if found.last else None
    return {"backup": found.state, "backup_age_hours": None if age is None else round(age, 1)}
