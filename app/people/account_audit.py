"""账号审计导出: who has which account, position, certificate and right, since when and by whom, who signed in and what they
did, for a period and the agencies that the person looks after. The export itself is kept in the account of who asks."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from app.kernel import clock, sheets, words
from app.kernel.auth import Actor, Role
from app.kernel.errors import Invalid, NotFound

from .administration import record
from .cards import certificate_card
from .models import (
    Account,
    AccountAct,
    Agency,
    Certificate,
    Officer,
    Position,
    Posting,
    SignInAttempt,
    Substitution,
)
from .rules import CERTIFICATE_NAMES, CertificateKind, SignInOutcome, suspended
from .scope import Scope, administered, subtree

MOST_DAYS = 366
MOST_ROWS = 100_000
"""Rows of a table: what a spreadsheet still opens."""
LONGEST = 200
ACT = "audit_exported"
CSV, XLSX = "csv", "xlsx"
Did = tuple[datetime, int, str, str]
Doings = Callable[[Session, Sequence[int], datetime, datetime, int], list[Did]]
_doings: Doings | None = None


def install_doings(doings: Doings) -> None:
    """How it is found what officers did to cases in a period (when, who, number of the case, what) (port: the record)."""
    global _doings
    _doings = doings


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be exported: the tables (keys of `PARTS`), first and last day, the agencies (none: all the person looks
    after), the one account it is about (empty: all), CSV or XLSX, and what for."""

    parts: tuple[str, ...]
    since: date
    until: date
    agencies: tuple[int, ...]
    login: str
    format: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Export:
    """A finished file."""

    name: str
    mimetype: str
    content: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Words:
    """What roles, acts and outcomes are called."""

    roles: Any
    acts: Any
    outcomes: Any


@dataclass(frozen=True, slots=True)
class _Work:
    session: Session
    asked: Asked
    agencies: tuple[int, ...]
    words: Words
    numbers: bool
    """Whether cases are named: no administrator sees any."""

    @property
    def began(self) -> datetime:
        return datetime.combine(self.asked.since, datetime.min.time(), clock.CHINA)

    @property
    def ended(self) -> datetime:
        return datetime.combine(self.asked.until + timedelta(days=1), datetime.min.time(), clock.CHINA)

    def mine(self) -> Any:
        """The accounts that the export is about."""
        chosen = Account.agency_id.in_(self.agencies)
        return chosen & (Account.login == self.asked.login) if self.asked.login else chosen


def looked_after(session: Session, actor: Actor) -> Scope:
    """The agencies whose accounts this person may examine: an administrator's own ones, a supervisor's region."""
    regions = administered(session, actor).regions
    if Role.SUPERVISOR in actor.roles:
        regions |= subtree(session, actor.region)
    return Scope(None, regions)


def agencies(session: Session, actor: Actor) -> list[Agency]:
    """These agencies, by code."""
    where = looked_after(session, actor).condition(Agency)
    return list(session.scalars(select(Agency).where(where).order_by(Agency.region_code, Agency.code)))


def export(session: Session, actor: Actor, asked: Asked, told: Words) -> Export:
    """Make the file and keep that it was made: by whom, of what, what for, and its SHA-256.

    Raises:
        NotFound: an agency or the account is not this person's to examine.
        Invalid: messages by field; also where a table would be too long.
    """
    mine = {agency.id for agency in agencies(session, actor)}
    if not mine or set(asked.agencies) - mine:
        raise NotFound("没有找到所选的机关，或者它不归您管理和监督。")
    _check(asked)
    chosen = tuple(sorted(asked.agencies or mine))
    work = _Work(session, asked, chosen, told, Role.SUPERVISOR in actor.roles)
    if asked.login and session.scalar(select(Account.id).where(work.mine())) is None:
        raise NotFound(f"没有找到登录名为“{asked.login}”的账号，或者它不归您管理和监督。")
    tables = [(PARTS[part][0], PARTS[part][1], list(PARTS[part][2](work))) for part in asked.parts]
    for title, _, rows in tables:
        if len(rows) > MOST_ROWS:
            raise Invalid(
                errors={"until": [f"“{title}”超过 {MOST_ROWS} 行，请缩短期间或者少选机关后分次导出。"]}
            )
    if asked.format == CSV:
        content, mimetype = sheets.as_csv(tables[0][1], tables[0][2]), "text/csv"
    else:
        content, mimetype = sheets.as_book(tables), sheets.XLSX_TYPE
    number = sum(len(rows) for _, _, rows in tables)
    detail = {
        "parts": [title for title, _, _ in tables],
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "agencies": list(asked.agencies),
        "login": asked.login,
        "format": asked.format,
        "rows": number,
        "reason": asked.purpose.strip(),
        "digest": hashlib.sha256(content).hexdigest(),
    }
    record(session, actor, actor.account_id, ACT, detail)
    name = f"账号审计_{asked.since:%Y%m%d}-{asked.until:%Y%m%d}.{asked.format}"
    return Export(name, mimetype, content, number)


def _check(asked: Asked) -> None:
    errors: dict[str, list[str]] = {}
    if not asked.parts or set(asked.parts) - PARTS.keys():
        errors["parts"] = ["请至少选择一项内容。"]
    elif asked.format == CSV and len(asked.parts) > 1:
        errors["parts"] = ["CSV 一次导出一项内容，请只选一项，或者选择 XLSX。"]
    if asked.format not in (CSV, XLSX):
        errors["format"] = ["请选择 XLSX 或者 CSV。"]
    if asked.until < asked.since:
        errors["until"] = ["结束日期不能早于开始日期。"]
    elif asked.until > clock.today():
        errors["until"] = ["结束日期不能晚于今天。"]
    elif (asked.until - asked.since).days >= MOST_DAYS:
        errors["until"] = [f"一次最多导出 {MOST_DAYS} 天，请分次导出。"]
    if not 2 <= len(asked.purpose.strip()) <= LONGEST:
        errors["purpose"] = [f"请写明导出的用途（2 至 {LONGEST} 字）。"]
    if errors:
        raise Invalid(errors=errors)


WHO = ("机关", "登录名", "姓名")


def _accounts(work: _Work) -> Iterator[list[str]]:
    at = SignInAttempt
    within = (at.account_id == Account.id, at.at >= work.began, at.at < work.ended)
    last = select(func.max(at.at)).where(at.account_id == Account.id, at.outcome == SignInOutcome.OK)
    good = select(func.count()).where(*within, at.outcome == SignInOutcome.OK)
    bad = select(func.count()).where(*within, at.outcome.not_in([SignInOutcome.OK, SignInOutcome.OUT]))
    stopped = select(func.max(AccountAct.at)).where(
        AccountAct.account_id == Account.id, AccountAct.act == "suspended"
    )
    query = select(Agency.name, Account, *(each.scalar_subquery() for each in (last, good, bad, stopped)))
    query = query.join(Agency, Agency.id == Account.agency_id).where(work.mine())
    query = query.where(Account.created_at < work.ended).order_by(Agency.code, Account.login)
    for agency, account, last_in, signed, failed, closed in work.session.execute(query.limit(MOST_ROWS + 1)):
        roles = "、".join(work.words.roles[Role(role)] for role in account.roles)
        state = "在用" if account.active else f"已停用（{_moment(closed)}）" if closed else "已停用"
        yield [
            agency, account.login, account.name, roles, state, _moment(account.created_at), _moment(last_in),
            str(signed), str(failed), "是" if account.must_change else "否",
        ]  # fmt: skip


def _postings(work: _Work) -> Iterator[list[str]]:
    query = _of_people(
        work, select(Agency.name, Account.login, Officer.name, Position.name, Posting), Posting
    )
    query = query.join(Position, Position.key == Posting.position_key)
    for agency, login, name, position, row in _rows(work, query, Posting):
        yield [agency, login or "", name, position, row.valid_from.isoformat(), _day(row.valid_to)]


def _certificates(work: _Work) -> Iterator[list[str]]:
    query = _of_people(work, select(Agency.name, Account.login, Officer.name, Certificate), Certificate)
    for agency, login, name, row in _rows(work, query, Certificate):
        card, last = certificate_card(row), work.asked.until
        if row.revoked_on and row.revoked_on <= last:
            state = "已注销"
        elif suspended(row.suspended_from, row.suspended_to, last):
            state = "暂扣"
        else:
            state = "有效" if card.valid(last) else "已过期"
        yield [
            agency, login or "", name, CERTIFICATE_NAMES[CertificateKind(row.kind)], row.number,
            row.valid_from.isoformat(), _day(row.valid_to), state, _day(row.suspended_from), _day(row.suspended_to),
            _day(row.revoked_on),
        ]  # fmt: skip


def _substitutions(work: _Work) -> Iterator[list[str]]:
    away, there, setter, ender = (aliased(Officer) for _ in range(4))
    query = (
        select(Agency.name, away.name, there.name, Substitution, setter.name, ender.name)
        .join(Agency, Agency.id == Substitution.agency_id)
        .join(away, away.id == Substitution.officer_id)
        .join(there, there.id == Substitution.substitute_id)
        .join(setter, setter.id == Substitution.set_by)
        .outerjoin(ender, ender.id == Substitution.ended_by)
        .where(Substitution.agency_id.in_(work.agencies))
        .where(Substitution.valid_from <= work.asked.until, Substitution.valid_to >= work.asked.since)
    )
    if work.asked.login:
        own = select(Account.officer_id).where(work.mine()).scalar_subquery()
        query = query.where(or_(Substitution.officer_id == own, Substitution.substitute_id == own))
    names = dict(work.session.execute(select(Position.key, Position.name)).tuples().all())
    for agency, absent, substitute, row, by, ended_by in work.session.execute(
        query.order_by(Agency.code, Substitution.id).limit(MOST_ROWS + 1)
    ):
        positions = "、".join(names.get(key, key) for key in row.positions) or "全部岗位"
        yield [
            agency, absent, substitute, positions, row.valid_from.isoformat(), row.valid_to.isoformat(), by,
            _moment(row.set_at), _day(row.ended_on), ended_by or "",
        ]  # fmt: skip


def _acts(work: _Work) -> Iterator[list[str]]:
    by = aliased(Account)
    query = (
        select(AccountAct, Agency.name, Account.login, Account.name, by.login, by.name)
        .join(Account, Account.id == AccountAct.account_id)
        .join(Agency, Agency.id == Account.agency_id)
        .outerjoin(by, by.id == AccountAct.by_account_id)
        .where(work.mine(), AccountAct.at >= work.began, AccountAct.at < work.ended)
        .order_by(AccountAct.at, AccountAct.id)
    )
    names = dict(work.session.execute(select(Position.key, Position.name)).tuples().all())
    for act, agency, login, name, by_login, by_name in work.session.execute(query.limit(MOST_ROWS + 1)):
        who = f"{by_name}（{by_login}）" if by_login else "经变更单" if act.detail.get("order") else "命令行"
        told = work.words.acts.get(act.act, act.act)
        yield [_moment(act.at), agency, login, name, told, _detail(act.detail, names, work.words), who]


def _detail(detail: dict[str, Any], positions: dict[str, str], told: Words) -> str:
    """What was given, taken or done, in words: positions, roles, a certificate's number, the reason."""
    found = []
    if roles := detail.get("roles"):
        found.append("、".join(told.roles[Role(role)] for role in roles))
    if keys := detail.get("positions") or ([detail["position"]] if detail.get("position") else []):
        found.append("、".join(positions.get(key, key) for key in keys))
    if detail.get("kind") in list(CertificateKind):
        found.append(CERTIFICATE_NAMES[CertificateKind(detail["kind"])])
    if parts := detail.get("parts"):
        found.append(f"{'、'.join(parts)}，{detail['since']} 至 {detail['until']}，{detail['rows']} 行")
    elif until := detail.get("until"):
        found.append(f"至{until}")
    if hours := detail.get("hours"):
        found.append(f"{hours} 学时")
    labels = {"number": "", "told": "", "topic": "", "name": "", "order": "", "reason": "理由："}
    found += [f"{label}{detail[key]}" for key, label in labels.items() if detail.get(key)]
    return "；".join(found)


def _signins(work: _Work) -> Iterator[list[str]]:
    query = (
        select(SignInAttempt, Agency.name, Account.name)
        .join(Account, Account.id == SignInAttempt.account_id)
        .join(Agency, Agency.id == Account.agency_id)
        .where(work.mine(), SignInAttempt.at >= work.began, SignInAttempt.at < work.ended)
        .order_by(SignInAttempt.at, SignInAttempt.id)
    )
    for row, agency, name in work.session.execute(query.limit(MOST_ROWS + 1)):
        outcome = work.words.outcomes.get(row.outcome, row.outcome)
        yield [_moment(row.at), agency, row.login, name, outcome, row.ip]


def _cases(work: _Work) -> Iterator[list[str]]:
    query = select(Account.officer_id, Agency.name, Account.login, Account.name)
    query = query.join(Agency, Agency.id == Account.agency_id).where(
        work.mine(), Account.officer_id.is_not(None)
    )
    people = {row[0]: list(row[1:]) for row in work.session.execute(query)}
    if not people or _doings is None:
        return
    for at, officer_id, number, told in _doings(
        work.session, sorted(people), work.began, work.ended, MOST_ROWS + 1
    ):
        yield [_moment(at), *people[officer_id], number if work.numbers else "", told]


def _of_people(work: _Work, query: Any, table: type[Posting] | type[Certificate]) -> Any:
    query = query.select_from(table).join(Officer, Officer.id == table.officer_id)
    query = query.join(Agency, Agency.id == Officer.agency_id)
    query = query.outerjoin(Account, Account.officer_id == Officer.id)
    chosen = Officer.agency_id.in_(work.agencies)
    if work.asked.login:
        chosen &= Account.login == work.asked.login
    ends = table.valid_to.is_(None) | (table.valid_to >= work.asked.since)
    return query.where(chosen, table.valid_from <= work.asked.until, ends)


def _rows(work: _Work, query: Any, table: type[Posting] | type[Certificate]) -> Any:
    ordered = query.order_by(Agency.code, Officer.pinyin, Officer.id, table.valid_from, table.id)
    return work.session.execute(ordered.limit(MOST_ROWS + 1))


def _moment(at: datetime | None) -> str:
    return words.china(at) if at else ""


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


PARTS: dict[str, tuple[str, Sequence[str], Callable[[_Work], Iterator[list[str]]]]] = {
    "accounts": (
        "账号",
        (*WHO, "账号类型", "状态", "建立时间", "最近登录", "期间登录次数", "期间登录失败次数", "须修改密码"),
        _accounts,
    ),
    "postings": ("任职", (*WHO, "岗位", "自", "至"), _postings),
    "certificates": (
        "证件",
        (*WHO, "证件", "证号", "有效期起", "有效期止", "期末状态", "暂扣自", "暂扣至", "注销日期"),
        _certificates,
    ),
    "substitutions": (
        "代理",
        ("机关", "被代理人", "代理人", "岗位", "自", "至", "设置人", "设置时间", "提前结束", "结束人"),
        _substitutions,
    ),
    "acts": ("授权和管理记录", ("时间", *WHO, "事由", "内容", "办理人"), _acts),
    "signins": ("登录", ("时间", *WHO, "结果", "网络地址"), _signins),
    "cases": ("办理操作", ("时间", *WHO, "案号", "操作"), _cases),
}
"""The tables: title, columns, rows."""
