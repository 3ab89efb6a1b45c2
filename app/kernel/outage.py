"""When the database goes away in the middle of a request: 503, in words that say what to do, and nothing typed lost.

Whether the act was carried out may be unknown: the connection can break while COMMIT is under way. The answer to
that is the act's idempotency key, so the page offers to send the very same request once more.
"""

import logging
from typing import Any

import psycopg
from flask import Response, current_app, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from . import navigation, problems
from .db import db
from .errors import XingquanError

log = logging.getLogger(__name__)
RETRY_AFTER = 5
LONGEST = 512 * 1024
"""What is sent back to be sent again: more than any form of the platform takes, files aside."""
UNKNOWN = "数据库暂时不可用，这次操作的结果尚未确认。请稍后按原样重新提交：已经办成的不会重复办理，没有办成的会继续办理。"
UNREAD = "数据库暂时不可用，请稍后刷新页面。"


class Unavailable(XingquanError):
    """The database does not answer. Repeating the same request with the same key is safe."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, *, retry_after: int = RETRY_AFTER, **kw: Any):
        super().__init__(message, **kw)
        self.retry_after = retry_after


ERRORS = (
    OperationalError,
    InterfaceError,
    PendingRollbackError,
    PoolTimeout,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
"""A lost or refused connection, a shutdown, a lock waited for in vain, a deadlock, no free connection."""


UNDEFINED = {"42P01", "42703", "3F000"}
"""SQLSTATE of a table, a column or a schema that is not there."""
UNPREPARED = (
    "数据库还没有建立数据表，或者数据表不是本版的。请先运行 script/xq prepare（建立或者升级数据表，并按需载入演示数据）；"
    "只升级数据表的，运行 script/xq migrate。"
)
UNREACHED = (
    "数据库连接不上，或者没有及时答复。请检查数据库是否在运行、DATABASE_URL 是否正确，然后重新运行命令。"
)


def at_the_terminal(cause: Exception) -> str:
    """What a command says when the database is not prepared or does not answer; empty: it is something else."""
    found = getattr(cause, "orig", None) or cause
    if getattr(found, "sqlstate", None) in UNDEFINED:
        return UNPREPARED
    return UNREACHED if isinstance(cause, ERRORS) else ""


def error() -> Unavailable:
    """What to tell the caller of the present request."""
    return Unavailable(UNREAD if request.method in ("GET", "HEAD") else UNKNOWN)


def page(error: Unavailable) -> Response:
    """The page, drawn without asking the database anything."""
    template = current_app.jinja_env.get_template("unavailable.html")  # without the context processors
    files = any(f.filename for f in request.files.values())
    body = template.render(error=error, again=_again(), files=files, display=navigation.display())
    return Response(body, status=error.status)


def _again() -> list[tuple[str, str]]:
    """The fields of an act as they were sent, to be sent again; empty where there is no key to make that safe."""
    if request.method != "POST" or not request.form.get("_key"):
        return []
    fields = [(name, value) for name, value in request.form.items(multi=True) if "password" not in name]
    return fields if sum(len(name) + len(value) for name, value in fields) <= LONGEST else []


def show(cause: Exception) -> Any:
    """The handler of these errors. What the request had begun is given up; the pool forgets dead connections."""
    log.warning("the database is unavailable: %s", type(cause).__name__)
    forget()
    told = error()
    return problems.answer(told) if request.path.startswith("/api/") else page(told)


def forget() -> None:
    """Give back this request's connection, dead as it may be."""
    try:
        db.session.rollback()
    except (DBAPIError, psycopg.Error):
        db.session.invalidate()
    db.session.remove()
