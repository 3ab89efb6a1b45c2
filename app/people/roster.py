"""人员名册导入: people, positions and certificates from a table, one certificate a row. Entering twice changes nothing, and
nothing is ever ended or removed by it. Every row is entered or none, and each says what it does or what is wrong.

An administrator enters accounts by it; positions and certificates become change orders of the agencies (`rostering`). From
the command line, at set-up, everything is entered and recorded as the installation's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.transaction import transaction

from . import passwords, roster_rows, rostering
from .administration import agencies as administered_agencies
from .administration import officer_of
from .directory import pinyin
from .models import Account, AccountAct, Agency, Certificate, Officer, Position, Posting
from .roster_rows import Line
from .rostering import Entry
from .rules import CERTIFICATE_NAMES


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row did, or would do."""

    number: int
    login: str
    name: str
    told: str


@dataclass(slots=True)
class Report:
    """What an import did, or would do; `passwords` are the one-time passwords of new accounts, stored nowhere."""

    outcomes: list[Outcome] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """How many rows change something."""
        return sum(one.told != UNCHANGED for one in self.outcomes)


UNCHANGED = "无变化"


class _Entering:
    """One import under way: what is known, what is entered."""

    def __init__(self, session: Session, actor: Actor | None, dry: bool):
        self.session, self.actor, self.dry = session, actor, dry
        self.positions = dict(session.execute(select(Position.key, Position.name)).tuples().all())
        mine = administered_agencies(session, actor) if actor else session.scalars(select(Agency)).all()
        self.agencies: Mapping[str, int] = {agency.code: agency.id for agency in mine}
        self.errors: dict[str, list[str]] = {}
        self.report = Report()
        self.accounts: dict[str, Account] = {}

    def wrong(self, line: Line, message: str) -> None:
        self.errors.setdefault(f"第 {line.number} 行", []).append(message)

    def line(self, line: Line) -> None:
        agency = self.agencies.get(line.agency)
        if agency is None:
            return self.wrong(line, f"机关代码“{line.agency}”不存在，或者这个机关不归您管理。")
        found = self._account(line.login)
        did = []
        if found is None:
            if not line.positions:
                return self.wrong(line, "新录入的人员至少要有一个岗位。")
            found = self._new(line, agency)
            did.append("新建账号")
        elif problem := _other(found, line, agency):
            return self.wrong(line, problem)
        elif found.id == (self.actor.account_id if self.actor else None):
            return self.wrong(line, "不能录入自己的岗位和证件，请由另一名管理员办理。")
        did += self._positions(found, line)
        did += self._certificate(found, line)
        told = "；".join(did) or UNCHANGED
        self.report.outcomes.append(Outcome(line.number, line.login, line.name, told))
        if did:
            self._record(found, line, told)
        return None

    def _account(self, login: str) -> Account | None:
        if login not in self.accounts:
            found = self.session.scalar(select(Account).where(Account.login == login))
            if found is None:
                return None
            self.accounts[login] = found
        return self.accounts[login]

    def _new(self, line: Line, agency: int) -> Account:
        person = Officer(agency_id=agency, name=line.name, pinyin=pinyin(line.name))
        self.session.add(person)
        self.session.flush()
        password = passwords.one_time()
        made = Account(
            login=line.login,
            agency_id=agency,
            officer_id=person.id,
            name=line.name,
            roles=sorted(line.roles),
            password_hash="" if self.dry else passwords.digest(password),
            must_change=True,
            password_changed_at=clock.now(),
        )
        self.session.add(made)
        self.session.flush()
        self.accounts[line.login] = made
        if not self.dry:
            self.report.passwords[line.login] = password
        return made

    def _positions(self, found: Account, line: Line) -> list[str]:
        today, person = clock.today(), officer_of(found)
        held = self.session.scalars(
            select(Posting.position_key).where(
                Posting.officer_id == person,
                (Posting.valid_to.is_(None)) | (Posting.valid_to >= today),
            )
        ).all()
        new = [key for key in line.positions if key not in held]
        made = self._put(found, [rostering.posting(person, found.name, key) for key in new])
        names = "、".join(self.positions[entry.position] for entry in made)
        if not made:
            return []
        return [f"自今日起任{names}" if self.actor is None else f"提出任{names}"]

    def _certificate(self, found: Account, line: Line) -> list[str]:
        given = line.certificate
        if given is None:
            return []
        entry = rostering.certificate(officer_of(found), found.name, given)
        name = CERTIFICATE_NAMES[given.kind]
        if message := rostering.taken(self.session, given.kind, given.number, found.officer_id):
            self.wrong(line, f"{name}：{message}")
            return []
        same = (Certificate.kind == given.kind, Certificate.number == given.number)
        paper = self.session.scalar(select(Certificate).where(*same))
        if paper and (paper.valid_from, paper.valid_to) == (given.valid_from, given.valid_to):
            return []
        if found.active and (wrong := rostering.problems(self.session, found.agency_id, [entry])):
            self.wrong(line, wrong[0].partition("：")[2] or wrong[0])
            return []
        if not self._put(found, [entry]):
            return []
        does = f"更新{name}有效期" if paper else f"登记{name}"
        return [does if self.actor is None else f"提出{does}"]

    def _put(self, found: Account, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Enter changes of the roster at set-up; else draw up those that no open order has. What was new."""
        if self.actor is None:
            for entry in entries:
                rostering.write(self.session, entry, clock.today())
            return entries
        return rostering.draft_missing(self.session, self.actor, found, entries)

    def _record(self, found: Account, line: Line, told: str) -> None:
        self.session.add(
            AccountAct(
                at=clock.now(),
                account_id=found.id,
                by_account_id=self.actor.account_id if self.actor else None,
                act="imported" if self.actor else rostering.INSTALLED,
                detail={"row": line.number, "told": told},
            )
        )


def _other(found: Account, line: Line, agency: int) -> str:
    """Why an account that is there is not the one of a row; empty where it is."""
    if found.agency_id != agency:
        return f"登录名“{line.login}”属于其他机关的人员，请换一个登录名。"
    if found.name != line.name:
        return f"登录名“{line.login}”已经是另一姓名的账号，请核对姓名或者换一个登录名。"
    if found.officer_id is None:
        return f"登录名“{line.login}”不是执法人员的账号，不能登记岗位和证件。"
    if not found.active:
        return f"登录名“{line.login}”的账号已停用，请先恢复账号。"
    return ""


def enter(session: Session, actor: Actor | None, rows: Sequence[Sequence[str]], dry: bool = False) -> Report:
    """Enter the people of a table (its rows with the head); what each row did. `actor` None: from the command line, for
    every agency. With `dry` no password is made: the caller takes everything back.

    Raises:
        Invalid: by row, what is wrong; nothing may be kept then.
        Conflict: somebody else entered the same at the same time.
    """
    at_work = _Entering(session, actor, dry)
    lines, at_work.errors = roster_rows.read(rows, at_work.positions)
    try:
        for line in lines:
            at_work.line(line)
        session.flush()
    except IntegrityError as error:
        raise Conflict("刚才有人登记了同样的人员或者证件，请重新核对后导入。") from error
    if at_work.errors:
        raise Invalid("名册没有导入，请改正后重新上传。", errors=at_work.errors)
    return at_work.report


class _TakenBack(Exception):
    """What was rehearsed is taken back."""


def carry_out(actor: Actor | None, rows: Sequence[Sequence[str]], dry: bool) -> Report:
    """`enter` in a transaction of its own; with `dry` nothing of it is kept."""
    return rehearsed(lambda session: enter(session, actor, rows, dry), dry)


def rehearsed(entering: Callable[[Session], Report], dry: bool) -> Report:
    """Enter something in a transaction of its own; with `dry` nothing of it is kept."""
    report = Report()
    try:
        with transaction() as session:
            report = entering(session)
            if dry:
                raise _TakenBack
    except _TakenBack:
        pass
    return report
