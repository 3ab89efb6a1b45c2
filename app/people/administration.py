"""Keeping accounts: what an administrator does for the agencies of the own region.

Every act leaves a row in `account_act`. Nobody keeps the own account: that takes a second administrator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from . import at_once, passwords, rules, sessions, sign_in, tokens
from .cards import CertificateCard, OfficerCard
from .directory import certificates_of, officer, pinyin
from .models import (
    Account,
    AccountAct,
    Agency,
    Certificate,
    Officer,
    Position,
    Posting,
    Region,
    SignInAttempt,
)
from .rules import CertificateKind
from .scope import administered

PAGE = 50


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """A certificate to enter. `valid_to` None: without an end."""

    kind: CertificateKind
    number: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person to enter: the account, and, where the roles are about cases, the officer behind it."""

    login: str
    name: str
    agency_id: int
    roles: frozenset[Role]
    positions: frozenset[str] = frozenset()
    certificates: tuple[NewCertificate, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One line of the list of accounts."""

    id: int
    login: str
    name: str
    agency: str
    roles: tuple[str, ...]
    active: bool
    locked_until: datetime | None
    must_change: bool


@dataclass(frozen=True, slots=True)
class AccountCard:
    """An account with everything its administrator may know of it."""

    row: AccountRow
    officer: OfficerCard | None
    certificates: tuple[CertificateCard, ...]
    attempts: tuple[SignInAttempt, ...]
    acts: tuple[AccountAct, ...]


def agencies(session: Session, actor: Actor) -> list[Agency]:
    """The agencies whose accounts this administrator keeps, by code."""
    where = administered(session, actor).condition(Agency)
    return list(session.scalars(select(Agency).where(where).order_by(Agency.region_code, Agency.code)))


def accounts(session: Session, actor: Actor, query: str = "", after: str = "") -> list[AccountRow]:
    """Accounts by login, one more than a page holds.

    `query` matches login, name or agency; `after` is the last login of the page before.
    """
    found = (
        select(Account, Agency.name)
        .join(Agency, Agency.id == Account.agency_id)
        .where(administered(session, actor).condition(Agency), Account.login > after)
    )
    if query:
        found = found.where(
            or_(*(c.icontains(query, autoescape=True) for c in (Account.login, Account.name, Agency.name)))
        )
    rows = session.execute(found.order_by(Account.login).limit(PAGE + 1))
    return [_row(account, agency) for account, agency in rows]


def account(session: Session, actor: Actor, account_id: int) -> AccountCard:
    """One account of the administrator's region.

    Raises:
        NotFound: it does not exist for this administrator.
    """
    found, agency = _find(session, actor, account_id)
    attempts = session.scalars(
        select(SignInAttempt)
        .where(SignInAttempt.account_id == account_id)
        .order_by(SignInAttempt.at.desc())
        .limit(20)
    )
    acts = session.scalars(
        select(AccountAct).where(AccountAct.account_id == account_id).order_by(AccountAct.at.desc()).limit(20)
    )
    return AccountCard(
        row=_row(found, agency),
        officer=officer(session, found.officer_id) if found.officer_id else None,
        certificates=tuple(certificates_of(session, found.officer_id)) if found.officer_id else (),
        attempts=tuple(attempts),
        acts=tuple(acts),
    )


def create(session: Session, actor: Actor, new: NewAccount) -> tuple[int, str]:
    """Enter a person; the account's id and the one-time password, which is stored nowhere. Positions and certificates are
    the roster's: they are proposed (`rostering`), and nothing of them counts before it is confirmed.

    Raises:
        NotFound: the agency is not this administrator's.
        Invalid: messages by field.
    """
    if new.agency_id not in {a.id for a in agencies(session, actor)}:
        raise NotFound("没有找到这个机关，或者它不归您管理。")
    errors: dict[str, list[str]] = {}
    if session.scalar(select(Account.id).where(Account.login == new.login)):
        errors["login"] = ["这个登录名已经有人使用。"]
    if conflict := rules.roles_conflict(new.roles):
        errors["roles"] = [conflict]
    known = set(session.scalars(select(Position.key)))
    if new.positions - known:
        errors["positions"] = ["所选岗位不存在。"]
    if Role.OFFICER in new.roles and not new.positions:
        errors["positions"] = ["执法工作人员至少要有一个岗位。"]
    for certificate in new.certificates:
        taken = select(Certificate.id).where(
            Certificate.kind == certificate.kind, Certificate.number == certificate.number
        )
        if session.scalar(taken):
            errors[f"{certificate.kind}_number"] = ["这个证号已经登记在他人名下。"]
    if errors:
        raise Invalid(errors=errors)

    password = passwords.one_time()
    person_id = None
    if new.roles & {Role.OFFICER, Role.SUPERVISOR} or new.positions:
        person_id = enter_officer(session, new.agency_id, new.name)
    entered = Account(
        login=new.login,
        agency_id=new.agency_id,
        officer_id=person_id,
        name=new.name,
        roles=sorted(new.roles),
        password_hash=passwords.digest(password),
        must_change=True,
        password_changed_at=clock.now(),
    )
    session.add(entered)
    session.flush()
    detail = {"roles": sorted(new.roles), "positions": sorted(new.positions)}
    record(session, actor, entered.id, "created", detail)
    return entered.id, password


def enter_first_admin(session: Session, login: str, name: str, agency_code: str) -> str:
    """Enter an administrator where there is none yet (from the command line); the one-time password.

    Raises:
        Conflict: the agency's region has an administrator, who enters the others.
        NotFound: there is no such agency.
        Invalid: the login is taken or not well formed.
    """
    agency = session.scalar(select(Agency).where(Agency.code == agency_code))
    if agency is None:
        raise NotFound("没有找到这个机关。")
    # Two administrators entered at the same moment would both be the first: the region's row is the queue.
    session.execute(select(Region.code).where(Region.code == agency.region_code).with_for_update())
    there = (
        select(Account.login)
        .join(Agency, Agency.id == Account.agency_id)
        .where(Agency.region_code == agency.region_code, Account.active, Account.roles.contains([Role.ADMIN]))
    )
    if session.scalar(there):
        raise Conflict("这个区域已经有系统管理员，请由其建立账号。")
    if not rules.login_well_formed(login) or session.scalar(select(Account.id).where(Account.login == login)):
        raise Invalid(errors={"login": ["登录名已被使用或者格式不对。"]})
    password = passwords.one_time()
    session.add(
        Account(
            login=login,
            agency_id=agency.id,
            name=name,
            roles=[str(Role.ADMIN)],
            password_hash=passwords.digest(password),
            must_change=True,
            password_changed_at=clock.now(),
        )
    )
    session.flush()
    return password


def enter_officer(session: Session, agency_id: int, name: str) -> int:
    """Enter the officer behind an account, who holds nothing yet; the officer's id."""
    person = Officer(agency_id=agency_id, name=name, pinyin=pinyin(name))
    session.add(person)
    session.flush()
    return person.id


def set_active(session: Session, actor: Actor, account_id: int, active: bool) -> None:
    """Suspend an account (its sessions end at once) or restore it (its lock-out ends too)."""
    found = change(session, actor, account_id)
    found.active = active
    if found.officer_id:
        session.get_one(Officer, found.officer_id).active = active
    if active:
        found.failed_count, found.last_failed_at, found.locked_until = 0, None, None
    else:
        sessions.end_all(session, account_id)
        tokens.revoke_all(session, account_id)
    record(session, actor, account_id, "restored" if active else "suspended")
    if not active and found.officer_id:
        at_once.ended(session, found.officer_id, "账号已停用")


def unlock(session: Session, actor: Actor, account_id: int) -> None:
    """End the lock-out after too many failed sign-ins."""
    found = change(session, actor, account_id)
    found.failed_count, found.last_failed_at, found.locked_until = 0, None, None
    record(session, actor, account_id, "unlocked")


def reset_password(session: Session, actor: Actor, account_id: int) -> str:
    """Set a one-time password, to be changed at once, and return it: it is stored nowhere."""
    found = change(session, actor, account_id)
    password = passwords.one_time()
    sign_in.replace_password(session, found, password, must_change=True)
    found.failed_count, found.last_failed_at, found.locked_until = 0, None, None
    record(session, actor, account_id, "password_reset")
    return password


def end_posting(session: Session, actor: Actor, account_id: int, posting_id: int) -> None:
    """End a position: yesterday was its last day; one begun today is removed.

    Raises:
        NotFound: the officer does not hold it.
    """
    person_id = officer_of(change(session, actor, account_id))
    found = session.get(Posting, posting_id)
    if found is None or found.officer_id != person_id:
        raise NotFound("没有找到这项任职。")
    today = clock.today()
    if found.valid_from >= today:
        session.delete(found)
    else:
        found.valid_to = today - timedelta(days=1)
    record(session, actor, account_id, "posting_ended", {"position": found.position_key})
    name = session.get_one(Position, found.position_key).name
    at_once.ended(session, person_id, f"不再担任{name}")


def officer_of(found: Account) -> int:
    """The officer behind an account.

    Raises:
        Conflict: there is none.
    """
    if found.officer_id is None:
        raise Conflict("这个账号没有对应的执法人员，不能登记岗位和证件。")
    return found.officer_id


def _find(session: Session, actor: Actor, account_id: int, lock: bool = False) -> tuple[Account, str]:
    query = (
        select(Account, Agency.name)
        .join(Agency, Agency.id == Account.agency_id)
        .where(Account.id == account_id, administered(session, actor).condition(Agency))
    )
    row = session.execute(query.with_for_update(of=Account) if lock else query).one_or_none()
    if row is None:
        raise NotFound("没有找到这个账号，或者它不归您管理。")
    return row[0], row[1]


def change(session: Session, actor: Actor, account_id: int) -> Account:
    """An account that this administrator is about to change, locked.

    Raises:
        NotFound: it does not exist for this administrator. Forbidden: it is the own one.
    """
    if account_id == actor.account_id:
        raise Forbidden("不能管理自己的账号。请由另一名管理员办理。", code="own_account")
    return _find(session, actor, account_id, lock=True)[0]


def record(
    session: Session, actor: Actor, account_id: int, act: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Keep what was done to an account."""
    session.add(
        AccountAct(
            at=clock.now(),
            account_id=account_id,
            by_account_id=actor.account_id,
            act=act,
            detail=dict(detail or {}),
        )
    )
    session.flush()


def _row(found: Account, agency: str) -> AccountRow:
    locked = found.locked_until if found.locked_until and found.locked_until > clock.now() else None
    return AccountRow(
        id=found.id,
        login=found.login,
        name=found.name,
        agency=agency,
        roles=tuple(found.roles),
        active=found.active,
        locked_until=locked,
        must_change=found.must_change,
    )
