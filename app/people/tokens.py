"""Personal access tokens: the way in of a program that acts for one officer of its own agency.

Only the SHA-256 of a token is stored. A token has an end, is good for the API alone, and reads unless it was
also given the right to act. Changing or resetting the password ends every token of the account.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from . import rules
from .holding import HELD
from .models import AccessToken, Account, AccountAct, Agency, SignInAttempt
from .rules import LIMITS, SignInOutcome
from .sessions import token_digest

PREFIX = "xqt_"
"""So that a token is known for what it is wherever it turns up."""
LENGTH = len(PREFIX) + 43


class TokenScope(StrEnum):
    """What a token is good for. `act` includes `read`."""

    READ = "read"
    ACT = "act"


SCOPE_NAMES = {TokenScope.READ: "只查询", TokenScope.ACT: "查询和办理"}


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made. `secret` exists nowhere else and is shown once."""

    id: int
    name: str
    expires_at: datetime
    secret: str


@dataclass(frozen=True, slots=True)
class TokenCard:
    """A token as its owner sees it."""

    id: int
    name: str
    scope: TokenScope
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_ip: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """The token of a request and whose it is."""

    id: int
    name: str
    scope: TokenScope
    expires_at: datetime
    last_used_at: datetime | None
    actor: Actor


def create(
    session: Session,
    account_id: int,
    name: str,
    *,
    scope: TokenScope = TokenScope.READ,
    days: int = LIMITS.token_days,
    by: int | None = None,
) -> NewToken:
    """Make a token for an officer's account. `by` is the account that asks, None the command line.

    Raises:
        Forbidden: the account is no officer's, or is suspended.
        Invalid: name or days are not acceptable.
        Conflict: the account has as many tokens as it may.
    """
    account = session.scalars(select(Account).where(Account.id == account_id).with_for_update()).one()
    if not account.active or Role.OFFICER not in account.roles:
        raise Forbidden("只有在用的执法人员账号可以建立程序访问令牌。", code="token_account")
    name = name.strip()
    errors: dict[str, list[str]] = {}
    if not 1 <= len(name) <= 60 or not name.isprintable():
        errors["name"] = ["请写明令牌给哪个程序使用，1 到 60 个字。"]
    if not 1 <= days <= LIMITS.token_days_max:
        errors["days"] = [f"有效期为 1 到 {LIMITS.token_days_max} 天。"]
    if errors:
        raise Invalid(errors=errors)
    if len(live(session, account_id)) >= LIMITS.tokens:
        raise Conflict(f"每个账号最多 {LIMITS.tokens} 个有效令牌，请先撤销不用的令牌。", code="token_limit")
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    row = AccessToken(
        token_digest=token_digest(secret),
        account_id=account_id,
        name=name,
        scope=scope,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    detail = {"token": row.id, "name": name, "scope": str(scope), "days": days}
    _record(session, account_id, by, "token_created", detail)
    return NewToken(row.id, name, row.expires_at, secret)


def live(session: Session, account_id: int) -> list[TokenCard]:
    """The account's tokens that may still be used, newest first."""
    rows = session.scalars(
        select(AccessToken)
        .where(
            AccessToken.account_id == account_id,
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > clock.now(),
        )
        .order_by(AccessToken.id.desc())
    )
    return [
        TokenCard(t.id, t.name, TokenScope(t.scope), t.created_at, t.expires_at, t.last_used_at, t.last_ip)
        for t in rows
    ]


def revoke(session: Session, account_id: int, token_id: int, *, by: int | None = None) -> None:
    """End one token of an account at once.

    Raises:
        NotFound: it is not there, ended already, or somebody else's.
    """
    ended = session.execute(
        update(AccessToken)
        .where(
            AccessToken.id == token_id, AccessToken.account_id == account_id, AccessToken.revoked_at.is_(None)
        )
        .values(revoked_at=clock.now())
        .returning(AccessToken.name)
    ).scalar_one_or_none()
    if ended is None:
        raise NotFound("没有这个令牌，或者它已经撤销。")
    _record(session, account_id, by, "token_revoked", {"token": token_id, "name": ended})


def revoke_all(session: Session, account_id: int) -> None:
    """End every token of an account: its password is another one."""
    session.execute(
        update(AccessToken)
        .where(AccessToken.account_id == account_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def find(session: Session, secret: str) -> Bearer | None:
    """Whose living token this is, as of now; None for any other text."""
    if len(secret) != LENGTH or not secret.startswith(PREFIX):
        return None
    held = text(HELD.format(officer="account.officer_id", today=":today")).bindparams(today=clock.today())
    row = session.execute(
        select(AccessToken, Account, Agency.name, Agency.region_code, held)
        .join(Account, Account.id == AccessToken.account_id)
        .join(Agency, Agency.id == Account.agency_id)
        .where(
            AccessToken.token_digest == token_digest(secret),
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > clock.now(),
            Account.active,
        )
    ).one_or_none()
    if row is None:
        return None
    token, account, agency_name, region, positions = row
    return Bearer(
        token.id,
        token.name,
        TokenScope(token.scope),
        token.expires_at,
        token.last_used_at,
        _actor(account, agency_name, region, positions),
    )


def _actor(account: Account, agency_name: str, region: str, positions: Collection[str]) -> Actor:
    expiry = rules.password_expiry(account.password_changed_at, expires=account.expires)
    return Actor(
        account_id=account.id,
        officer_id=account.officer_id,
        name=account.name,
        agency_id=account.agency_id,
        agency_name=agency_name,
        region=region,
        roles=frozenset(Role(role) for role in account.roles),
        positions=frozenset(positions),
        must_change_password=account.must_change or (expiry is not None and clock.now() >= expiry),
    )


def touch(session: Session, token_id: int, ip: str) -> None:
    """Note that a token was used."""
    session.execute(
        update(AccessToken)
        .where(AccessToken.id == token_id)
        .values(last_used_at=clock.now(), last_ip=ip[:45])
    )


def throttled(session: Session, ip: str) -> bool:
    """Whether this address has sent so many unknown tokens that it must wait."""
    recent = select(func.count()).where(
        SignInAttempt.ip == ip,
        SignInAttempt.outcome == SignInOutcome.TOKEN,
        SignInAttempt.at > clock.now() - LIMITS.ip_window,
    )
    return bool(ip) and session.execute(recent).scalar_one() >= LIMITS.ip_failures


def mark_failure(session: Session, ip: str) -> None:
    """Record an unknown token, like a failed sign-in."""
    session.add(SignInAttempt(at=clock.now(), login="", ip=ip[:45], outcome=SignInOutcome.TOKEN))
    session.flush()


def _record(session: Session, account_id: int, by: int | None, act: str, detail: dict) -> None:
    session.add(AccountAct(at=clock.now(), account_id=account_id, by_account_id=by, act=act, detail=detail))
    session.flush()
