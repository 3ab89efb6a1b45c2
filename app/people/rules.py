"""Rules of accounts and certificates, as functions of values: no database, no Flask, no clock.

Sources: 《中山市行政执法网上运行监督管理暂行办法》(2014) 第29条 (change the first password at once, letters
and digits, change it regularly); 第7条 (follow the rules of sign-in); GB/T 22239—2019 8.1.4.1 身份鉴别
(complexity, regular change, handling of failed sign-ins, automatic end of idle sessions). Neither gives
figures: those of `Limits` are ours, with their reason beside them.
"""

import re
import string
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class RegionLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"


class CertificateKind(StrEnum):
    ENFORCEMENT = "enforcement"  # 行政执法证件: 行政处罚法第四十二条
    SUPERVISION = "supervision"  # 行政执法监督证件
    LEGAL = "legal"  # 国家统一法律职业资格: 行政处罚法第五十八条第二款
    HEARING = "hearing"  # 听证主持资格


CERTIFICATE_NAMES = {
    CertificateKind.ENFORCEMENT: "行政执法证",
    CertificateKind.SUPERVISION: "行政执法监督证",
    CertificateKind.LEGAL: "法律职业资格证",
    CertificateKind.HEARING: "听证主持人证",
}


class SignInOutcome(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    LOCKED = "locked"
    THROTTLED = "throttled"
    INACTIVE = "inactive"
    TOKEN = "token"  # noqa: S105 - an access token nobody was given
    OUT = "out"  # signed out


@dataclass(frozen=True, slots=True)
class Limits:
    """Every figure of sign-in, in one place."""

    password_min: int = 10  # GB/T 22239 asks for complexity; ten characters resist an online guess for years
    password_max: int = 128  # bounds the work of one hash
    password_distinct: int = 5  # refuses aaaaaaaaa1
    password_history: int = 5  # 暂行办法第29条 "定期修改": changing back and forth is no change
    password_days: int = 90  # usual reading of "定期" in government systems
    password_warn_days: int = 7  # one working week to choose a new one in peace
    failures: int = 5  # five mistakes are a person, more are a guess
    failure_memory: timedelta = timedelta(hours=24)  # yesterday's slip does not count today
    lock: timedelta = timedelta(minutes=15)  # doubles with every further five failures
    lock_max: timedelta = timedelta(hours=24)
    ip_failures: int = 60  # an office of hundreds shares one address
    ip_window: timedelta = timedelta(minutes=15)
    session_idle: timedelta = timedelta(minutes=30)  # an unattended desk at a service window
    session_whole: timedelta = timedelta(hours=8)  # one working day
    session_touch: timedelta = timedelta(minutes=1)  # last_seen is written at most this often
    token_days: int = 30  # an access token's usual life
    token_days_max: int = 90  # no longer than a password's
    substitution_days: int = 366  # who is away for longer hands the position over (任职), not a substitution
    tokens: int = 10  # of one account at a time; more are not looked after


LIMITS = Limits()


_LOGIN = re.compile(r"[a-z][a-z0-9.-]{2,39}")


def login_well_formed(login: str) -> bool:
    """Whether a login is 3 to 40 lower-case letters, digits, dots and hyphens, a letter first."""
    return _LOGIN.fullmatch(login) is not None


def password_problems(
    password: str, *, login: str, name: str, common: Collection[str], limits: Limits = LIMITS
) -> list[str]:
    """Why this password is not good enough, in Chinese; empty when it is.

    `common` holds lower-case passwords known to everybody. Reuse of earlier passwords needs their hashes
    and is judged by the caller.
    """
    problems = []
    if len(password) < limits.password_min:
        problems.append(f"密码至少 {limits.password_min} 个字符，现在只有 {len(password)} 个。")
    if len(password) > limits.password_max:
        problems.append(f"密码最多 {limits.password_max} 个字符。")
    if not any(c in string.ascii_letters for c in password) or not any(c in string.digits for c in password):
        problems.append("密码必须同时含有英文字母和数字。")
    if len(set(password)) < limits.password_distinct:
        problems.append("密码中重复的字符太多。")
    folded = password.casefold()
    if any(part and part.casefold() in folded for part in (login, name)):
        problems.append("密码不能包含登录名或者姓名。")
    if folded in common or folded.rstrip(string.punctuation) in common:
        problems.append("这个密码太常见，容易被猜中。")
    return problems


def password_expiry(
    changed_at: datetime, *, expires: bool = True, limits: Limits = LIMITS
) -> datetime | None:
    """The moment from which the password must be changed, or None when it never must."""
    return changed_at + timedelta(days=limits.password_days) if expires else None


def password_days_left(
    changed_at: datetime, now: datetime, *, expires: bool = True, limits: Limits = LIMITS
) -> int | None:
    """Whole days until the password must be changed, once they are few enough to warn about; else None."""
    expiry = password_expiry(changed_at, expires=expires, limits=limits)
    if expiry is None or expiry - now > timedelta(days=limits.password_warn_days):
        return None
    return max(0, (expiry - now).days)


@dataclass(frozen=True, slots=True)
class Lockout:
    """The failures of one login so far."""

    count: int = 0
    last_at: datetime | None = None
    until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        """Whether sign-in is closed at this moment."""
        return self.until is not None and now < self.until


def after_failure(state: Lockout, now: datetime, limits: Limits = LIMITS) -> Lockout:
    """One more failure: every fifth closes sign-in, each time for twice as long."""
    forgotten = state.last_at is None or now - state.last_at > limits.failure_memory
    count = min(1 if forgotten else state.count + 1, 10_000)
    until = state.until
    if count % limits.failures == 0:
        doublings = min(count // limits.failures - 1, 16)  # beyond it the cap holds anyway
        until = now + min(limits.lock * 2**doublings, limits.lock_max)
    return Lockout(count, now, until)


def replay_failures(moments: Iterable[datetime], limits: Limits = LIMITS) -> Lockout:
    """The lockout after failures at these moments, oldest first.

    Logins without an account are locked by the same rule as the others: an attacker learns nothing from it.
    """
    state = Lockout()
    for moment in moments:
        state = after_failure(state, moment, limits)
    return state


def session_alive(
    last_seen_at: datetime, expires_at: datetime, now: datetime, limits: Limits = LIMITS
) -> bool:
    """Whether a session may still be used."""
    return now < expires_at and now - last_seen_at < limits.session_idle


def suspended(suspended_from: date | None, suspended_to: date | None, on: date) -> bool:
    """Whether a certificate is withheld (暂扣) on a day; first and last day count, no last day means until further
    notice."""
    if suspended_from is None or on < suspended_from:
        return False
    return suspended_to is None or on <= suspended_to


def certificate_valid(
    valid_from: date,
    valid_to: date | None,
    revoked_on: date | None,
    on: date,
    withheld: tuple[date | None, date | None] = (None, None),
) -> bool:
    """Whether a certificate holds on a day; the last day counts, the day of revocation does not, nor the days from
    and to which it is `withheld`."""
    if revoked_on is not None and on >= revoked_on:
        return False
    if suspended(*withheld, on):
        return False
    return valid_from <= on and (valid_to is None or on <= valid_to)


def warned_at(valid_to: date, today: date, warn_days: Collection[int]) -> str | None:
    """For which of the days before the end of a certificate a warning is due: the nearest one that has come, `ended`
    where it is past, None where it is still too early."""
    left = (valid_to - today).days
    if left < 0:
        return "ended"
    return next((str(days) for days in sorted(warn_days) if left <= days), None)


def substitution_holds(valid_from: date, valid_to: date, ended_on: date | None, on: date) -> bool:
    """Whether a substitution is in force on a day; the last day counts, the day on which it was ended does not."""
    return valid_from <= on <= valid_to and (ended_on is None or on < ended_on)


def roles_conflict(roles: Collection[str]) -> str | None:
    """Why these roles must not meet in one account, in Chinese, or None.

    Who manages accounts or draws the procedure never decides a case.
    """
    held = set(roles)
    if "admin" in held and held & {"officer", "supervisor"}:
        return "系统管理员不得兼任执法或者监督工作。"
    if "analyst" in held and held & {"officer", "admin"}:
        return "流程配置人员不得兼任执法工作或者系统管理员。"
    return None


_BROWSERS = (("Edg/", "Edge"), ("MicroMessenger", "微信"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
             ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("Windows", "Windows"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"),
            ("iPad", "iPad"), ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def agent_label(user_agent: str) -> str:
    """A User-Agent header as a person would name the device, e.g. `Chrome · Windows`."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "其他浏览器")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "其他设备")
    return f"{browser} · {system}"
