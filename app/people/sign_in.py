"""The way in and the change of password.

A wrong password must leave its mark (count, lock, record), so these functions answer with a value instead of
an exception: an exception would roll the mark back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.kernel import clock

from . import passwords, rules, sessions, tokens
from .models import AccessToken, Account, FormerPassword, SignInAttempt, WebSession
from .rules import LIMITS, Lockout, SignInOutcome

KEEP_ATTEMPTS = timedelta(days=183)
"""网络安全法第二十一条第三项: logs are kept for no less than six months."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The answer to an attempt. `token` is set only for `ok`, `until` only for `locked`."""

    outcome: SignInOutcome
    token: str | None = field(default=None, repr=False)
    must_change: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The answer to a change of password: Chinese messages by field, or the token of the new session."""

    errors: Mapping[str, list[str]] = field(default_factory=dict)
    token: str | None = field(default=None, repr=False)


def normal_login(login: str) -> str:
    """A login as it is stored and compared."""
    return login.strip().lower()[:40]


def sign_in(
    session: Session, login: str, password: str, *, ip: str = "", agent: str = "", ends: str | None = None
) -> SignIn:
    """Try to sign in.

    Does the same work whether or not the login exists, and locks both alike, so that neither the time nor the
    answer tells which logins exist. `ends` is the token the browser came with: it never survives a sign-in
    (session fixation).
    """
    now, login = clock.now(), normal_login(login)
    recent = select(func.count()).where(
        SignInAttempt.ip == ip,
        SignInAttempt.outcome == SignInOutcome.WRONG,
        SignInAttempt.at > now - LIMITS.ip_window,
    )
    if ip and session.execute(recent).scalar_one() >= LIMITS.ip_failures:
        return _answer(session, now, login, ip, None, SignIn(SignInOutcome.THROTTLED))

    # The row lock makes parallel guesses count one after the other.
    account = session.scalar(select(Account).where(Account.login == login).with_for_update())
    state = _lockout(account) if account else _unknown_lockout(session, login, now)
    if state.locked(now):
        return _answer(session, now, login, ip, account, SignIn(SignInOutcome.LOCKED, until=state.until))

    decoy = passwords.decoy()  # also for a login that exists: the first sign-in of a process makes it
    fits = passwords.verify(account.password_hash if account else decoy, password[:1024])
    if account is None or not fits:
        if account is not None:
            _mark_failure(account, now)
        return _answer(session, now, login, ip, account, SignIn(SignInOutcome.WRONG))
    if not account.active:
        return _answer(session, now, login, ip, account, SignIn(SignInOutcome.INACTIVE))

    _forget_failures(account)
    if passwords.outdated(account.password_hash):
        account.password_hash = passwords.digest(password)
    sessions.end_by_token(session, ends)
    session.execute(
        delete(WebSession).where(WebSession.account_id == account.id, WebSession.expires_at <= now)
    )
    expiry = rules.password_expiry(account.password_changed_at, expires=account.expires)
    answer = SignIn(
        SignInOutcome.OK,
        token=sessions.open_session(session, account.id, ip=ip, agent=agent),
        must_change=account.must_change or (expiry is not None and now >= expiry),
    )
    return _answer(session, now, login, ip, account, answer)


def sign_out(session: Session, token: str | None, ip: str = "") -> None:
    """End the session with this token, and keep that it was ended; unknown tokens are no error."""
    account_id = sessions.end_by_token(session, token)
    if account_id is not None:
        login = session.get_one(Account, account_id).login
        answer = SignInAttempt(
            at=clock.now(), login=login, ip=ip[:45], outcome=SignInOutcome.OUT, account_id=account_id
        )
        session.add(answer)
        session.flush()


def change_password(
    session: Session, account_id: int, current: str, new: str, again: str, *, ip: str = "", agent: str = ""
) -> PasswordChange:
    """Change one's own password: every session ends, a new one begins.

    A wrong current password counts like a failed sign-in, so an unattended desk is no place to guess.
    """
    account = session.scalars(select(Account).where(Account.id == account_id).with_for_update()).one()
    if problem := password_problem(account, current):
        return PasswordChange({"current": [problem]})
    errors: dict[str, list[str]] = {}
    problems = rules.password_problems(new, login=account.login, name=account.name, common=passwords.common())
    if not problems and _used_before(session, account, new):
        problems = [f"不能使用最近 {LIMITS.password_history} 次用过的密码。"]
    if problems:
        errors["new"] = problems
    if new != again:
        errors["again"] = ["两次输入的新密码不一致。"]
    if errors:
        return PasswordChange(errors)
    replace_password(session, account, new, must_change=False)
    _forget_failures(account)
    return PasswordChange(token=sessions.open_session(session, account.id, ip=ip, agent=agent))


def password_problem(account: Account, current: str) -> str | None:
    """Why this is not taken for the password of a locked account row, in Chinese, or None. A wrong one counts."""
    now = clock.now()
    if _lockout(account).locked(now):
        return "输错次数过多，账号已暂时锁定，请稍后再试。"
    if not passwords.verify(account.password_hash, current[:1024]):
        _mark_failure(account, now)
        return "当前密码不正确。"
    return None


def replace_password(session: Session, account: Account, new: str, *, must_change: bool) -> None:
    """Set a password that has been judged, remember the old one, end every session and token of the account."""
    now = clock.now()
    session.add(FormerPassword(account_id=account.id, password_hash=account.password_hash, replaced_at=now))
    account.password_hash = passwords.digest(new)
    account.password_changed_at = now
    account.must_change = must_change
    sessions.end_all(session, account.id)
    tokens.revoke_all(session, account.id)
    session.flush()
    kept = (
        select(FormerPassword.id)
        .where(FormerPassword.account_id == account.id)
        .order_by(FormerPassword.replaced_at.desc(), FormerPassword.id.desc())
        .limit(LIMITS.password_history)
    )
    session.execute(
        delete(FormerPassword).where(
            FormerPassword.account_id == account.id, FormerPassword.id.not_in(kept.scalar_subquery())
        )
    )


def sweep(session: Session, limit: int = 1000) -> int:
    """Remove dead sessions, and attempts and ended tokens older than the statutory six months; how many rows."""
    now = clock.now()
    removed = 0
    for table, old in (
        (WebSession, WebSession.expires_at <= now),
        (SignInAttempt, SignInAttempt.at < now - KEEP_ATTEMPTS),
        (AccessToken, AccessToken.expires_at < now - KEEP_ATTEMPTS),
    ):
        batch = select(table.id).where(old).limit(limit).with_for_update(skip_locked=True)
        removed += len(session.execute(delete(table).where(table.id.in_(batch)).returning(table.id)).all())
    return removed


def _lockout(account: Account) -> Lockout:
    return Lockout(account.failed_count, account.last_failed_at, account.locked_until)


def _unknown_lockout(session: Session, login: str, now: datetime) -> Lockout:
    moments = session.scalars(
        select(SignInAttempt.at)
        .where(
            SignInAttempt.login == login,
            SignInAttempt.outcome == SignInOutcome.WRONG,
            SignInAttempt.at > now - 2 * LIMITS.failure_memory,
        )
        .order_by(SignInAttempt.at)
    )
    return rules.replay_failures(moments)


def _mark_failure(account: Account, now: datetime) -> None:
    state = rules.after_failure(_lockout(account), now)
    account.failed_count, account.last_failed_at, account.locked_until = (
        state.count,
        state.last_at,
        state.until,
    )


def _forget_failures(account: Account) -> None:
    account.failed_count, account.last_failed_at, account.locked_until = 0, None, None


def _used_before(session: Session, account: Account, new: str) -> bool:
    former = session.scalars(
        select(FormerPassword.password_hash)
        .where(FormerPassword.account_id == account.id)
        .order_by(FormerPassword.replaced_at.desc(), FormerPassword.id.desc())
        .limit(LIMITS.password_history - 1)
    )
    return any(passwords.verify(stored, new) for stored in (account.password_hash, *former))


def _answer(
    session: Session, now: datetime, login: str, ip: str, account: Account | None, answer: SignIn
) -> SignIn:
    session.add(
        SignInAttempt(
            at=now,
            login=login,
            ip=ip[:45],
            outcome=answer.outcome,
            account_id=account.id if account else None,
        )
    )
    session.flush()
    return answer
