"""Web sessions: from a cookie to the person behind the request."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import g, has_request_context, request
from sqlalchemy import ARRAY, Text, cast, delete, func, select, update
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.transaction import transaction

from . import rules
from .models import Account, Agency, Posting, WebSession

COOKIE = "xq_session"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The session of this request and whose it is. `password_days` is set when the password soon expires."""

    id: int
    csrf_token: str
    actor: Actor
    password_days: int | None


@dataclass(frozen=True, slots=True)
class SessionCard:
    """One signed-in device, as its owner sees it."""

    id: int
    agent: str
    ip: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


def token_digest(token: str) -> bytes:
    """What is stored of a session's token: its SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def open_session(session: Session, account_id: int, *, ip: str, agent: str) -> str:
    """Begin a session and return its token, which exists nowhere else."""
    now = clock.now()
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            token_digest=token_digest(token),
            account_id=account_id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=now,
            last_seen_at=now,
            expires_at=now + rules.LIMITS.session_whole,
            ip=ip[:45],
            agent=rules.agent_label(agent),
        )
    )
    session.flush()
    return token


def current_session() -> OpenSession | None:
    """The live session of this request, found once per request."""
    if not has_request_context():
        return None
    if "web_session" not in g:
        g.web_session = _find(request.cookies.get(COOKIE))
    return g.web_session


def actor_from_request() -> Actor | None:
    """The loader of `app.kernel.auth`: the person behind this request, or None."""
    found = current_session()
    return found.actor if found else None


def _find(token: str | None) -> OpenSession | None:
    if not token:
        return None
    now, today = clock.now(), clock.today()
    held = (
        select(func.coalesce(func.array_agg(Posting.position_key), cast([], ARRAY(Text))))
        .where(Posting.officer_id == Account.officer_id, *_holds(today))
        .scalar_subquery()
    )
    row = db.session.execute(
        select(WebSession, Account, Agency.name, Agency.region_code, held)
        .join(Account, Account.id == WebSession.account_id)
        .join(Agency, Agency.id == Account.agency_id)
        .where(WebSession.token_digest == token_digest(token), Account.active)
    ).one_or_none()
    if row is None:
        return None
    web, account, agency_name, region, positions = row
    if not rules.session_alive(web.last_seen_at, web.expires_at, now):
        return None
    expiry = rules.password_expiry(account.password_changed_at, expires=account.expires)
    found = OpenSession(
        id=web.id,
        csrf_token=web.csrf_token,
        actor=Actor(
            account_id=account.id,
            officer_id=account.officer_id,
            name=account.name,
            agency_id=account.agency_id,
            agency_name=agency_name,
            region=region,
            roles=frozenset(Role(role) for role in account.roles),
            positions=frozenset(positions),
            must_change_password=account.must_change or (expiry is not None and now >= expiry),
        ),
        password_days=rules.password_days_left(account.password_changed_at, now, expires=account.expires),
    )
    if now - web.last_seen_at >= rules.LIMITS.session_touch:
        _touch(web.id, now)
    return found


def _holds(day) -> tuple:
    return (
        Posting.valid_from <= day,
        (Posting.valid_to.is_(None)) | (Posting.valid_to >= day),
    )


def _touch(session_id: int, now: datetime) -> None:
    if db.session().info.get("act"):
        return  # somebody asks for the actor inside an act: the next request writes it
    with transaction() as session:
        session.execute(update(WebSession).where(WebSession.id == session_id).values(last_seen_at=now))


def live_sessions(session: Session, account_id: int, current_id: int | None) -> list[SessionCard]:
    """The account's sessions that may still be used, newest use first."""
    now = clock.now()
    rows = session.scalars(
        select(WebSession).where(WebSession.account_id == account_id).order_by(WebSession.last_seen_at.desc())
    )
    return [
        SessionCard(w.id, w.agent, w.ip, w.created_at, w.last_seen_at, w.id == current_id)
        for w in rows
        if rules.session_alive(w.last_seen_at, w.expires_at, now)
    ]


def end_by_token(session: Session, token: str | None) -> None:
    """End the session with this token, if there is one."""
    if token:
        session.execute(delete(WebSession).where(WebSession.token_digest == token_digest(token)))


def end_all(session: Session, account_id: int, keep: int | None = None) -> None:
    """End every session of an account, except one."""
    ended = delete(WebSession).where(WebSession.account_id == account_id)
    if keep is not None:
        ended = ended.where(WebSession.id != keep)
    session.execute(ended)


def end_one(session: Session, account_id: int, session_id: int) -> None:
    """End one session of one's own.

    Raises:
        NotFound: it is not there, or somebody else's.
    """
    found = session.execute(
        delete(WebSession)
        .where(WebSession.account_id == account_id, WebSession.id == session_id)
        .returning(WebSession.id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("这个登录已经结束。")
