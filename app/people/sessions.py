"""Web sessions: from a cookie to the person behind the request."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import g, has_request_context, request
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.kernel import clock, editions, reads
from app.kernel.auth import Actor, Role
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.transaction import transaction

from . import rules
from .holding import HELD
from .models import WebSession

COOKIE = "xq_session"
FIND = f"""
select s.id, s.csrf_token, s.last_seen_at, s.expires_at, a.id as account_id, a.officer_id, a.name, a.agency_id,
    a.roles, a.must_change, a.password_changed_at, a.expires, g.name as agency_name, g.region_code,
    {HELD.format(officer="a.officer_id", today="%(today)s")} as positions,
    (select o.ip from web_session o where o.account_id = s.account_id and o.ip <> s.ip and o.expires_at > %(now)s
        and o.last_seen_at > %(idle)s order by o.last_seen_at desc limit 1) as elsewhere,
    ({editions.CURRENT}) as editions
from web_session s join account a on a.id = s.account_id join agency g on g.id = a.agency_id
where s.token_digest = %(digest)s and a.active
"""  # noqa: S608 - our own question
"""The person, another address from which the account is used just now (S2-29), and on the way which editions are in force
(`kernel.editions`): nearly every page asks for them."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The session of this request and whose it is. `password_days` is set when the password soon expires, `elsewhere` to
    the other address where the account is signed in as well."""

    id: int
    csrf_token: str
    actor: Actor
    password_days: int | None
    elsewhere: str = ""


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
    idle = now - rules.LIMITS.session_idle
    asked = {"digest": token_digest(token), "today": today, "now": now, "idle": idle}
    rows = reads.ask(db.session(), FIND, asked)
    if not rows or not rules.session_alive(rows[0]["last_seen_at"], rows[0]["expires_at"], now):
        return None
    row = rows[0]
    editions.told(db.session(), row["editions"])
    changed_at = row["password_changed_at"]
    expiry = rules.password_expiry(changed_at, expires=row["expires"])
    found = OpenSession(
        id=row["id"],
        csrf_token=row["csrf_token"],
        actor=Actor(
            account_id=row["account_id"],
            officer_id=row["officer_id"],
            name=row["name"],
            agency_id=row["agency_id"],
            agency_name=row["agency_name"],
            region=row["region_code"],
            roles=frozenset(Role(role) for role in row["roles"]),
            positions=frozenset(row["positions"]),
            must_change_password=row["must_change"] or (expiry is not None and now >= expiry),
        ),
        password_days=rules.password_days_left(changed_at, now, expires=row["expires"]),
        elsewhere=row["elsewhere"] or "",
    )
    if now - row["last_seen_at"] >= rules.LIMITS.session_touch:
        _touch(row["id"], now)
    return found


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


def end_by_token(session: Session, token: str | None) -> int | None:
    """End the session with this token; the account it was of, None where there was none."""
    if not token:
        return None
    ended = delete(WebSession).where(WebSession.token_digest == token_digest(token))
    return session.scalar(ended.returning(WebSession.account_id))


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
