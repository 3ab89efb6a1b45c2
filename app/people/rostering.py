"""The roster of officers (人员名录): positions and certificates come, are renewed and given back by a change order that the
legal office has confirmed. This is the one place that writes what adds to it; the installation writes it at set-up
(`script/xq people import`). What takes away (注销、暂扣、免去、停用) protects, needs no order, and stands elsewhere.

The orders themselves stand above this room (`app/orders`) and are asked through a port.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock, words
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid

from .administration import NewAccount, NewCertificate, change, officer_of, record
from .administration import create as enter_account
from .cards import CertificateCard, certificate_card
from .models import Account, AccountAct, Certificate, Officer, Position, Posting
from .rules import CERTIFICATE_NAMES, CertificateKind

PROPOSED, INSTALLED = "roster_proposed", "installed"


class Act(StrEnum):
    """What an entry does."""

    POSTING = "posting"  # 任职
    CERTIFICATE = "certificate"  # 登记证件, or renew its days
    RESTORE = "restore"  # 解除暂扣


ACT_OF = {
    Act.POSTING: "posting_added",
    Act.CERTIFICATE: "certificate_added",
    Act.RESTORE: "certificate_restored",
}
"""What each is called in the history of an account."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the roster, as plain values. A position, or a certificate by kind and number with its days as ISO
    dates (`valid_to` empty: without an end)."""

    act: str
    officer_id: int
    name: str
    position: str = ""
    kind: str = ""
    number: str = ""
    valid_from: str = ""
    valid_to: str = ""

    def as_json(self) -> dict[str, Any]:
        """It as an order keeps it."""
        return {name: value for name, value in asdict(self).items() if value != ""}


def posting(officer_id: int, name: str, position: str) -> Entry:
    """Somebody is to hold a position."""
    return Entry(Act.POSTING, officer_id, name, position=position)


def certificate(officer_id: int, name: str, new: NewCertificate) -> Entry:
    """A certificate is to be entered, or renewed."""
    last = new.valid_to.isoformat() if new.valid_to else ""
    first = new.valid_from.isoformat()
    return Entry(Act.CERTIFICATE, officer_id, name, "", str(new.kind), new.number, first, last)


def restored(officer_id: int, name: str, paper: CertificateCard) -> Entry:
    """A withheld certificate is to be given back."""
    return Entry(Act.RESTORE, officer_id, name, kind=str(paper.kind), number=paper.number)


@dataclass(frozen=True, slots=True)
class Pending:
    """What an open order says of somebody: its number, how it stands in words, and what it changes."""

    order: str
    state: str
    entry: Entry


class Orders(Protocol):
    """Where orders are drawn up and known (port: they stand above this room)."""

    def draft(self, session: Session, actor: Actor, agency_id: int, entries: Sequence[Entry]) -> str:
        """Put these into a draft of the agency; the order's number."""
        ...

    def pending(self, session: Session, officer_ids: Collection[int], number: str = "") -> Sequence[Pending]:
        """What open orders say of these officers, or of a certificate with this number."""
        ...


_orders: Orders | None = None


def install(orders: Orders) -> None:
    """Who draws up orders."""
    global _orders
    _orders = orders


def pending(session: Session, officer_ids: Collection[int], number: str = "") -> Sequence[Pending]:
    """What open orders say of these officers, or of a certificate with this number."""
    return _orders.pending(session, officer_ids, number) if _orders else ()


def taken(session: Session, kind: str, number: str, officer_id: int | None = None) -> str:
    """Why a certificate number is not this officer's to have: somebody else has it, or an open order gives it to somebody
    else. Empty: it is free."""
    paper = session.scalar(select(Certificate).where(Certificate.kind == kind, Certificate.number == number))
    if paper is not None and paper.officer_id != officer_id:
        return "这个证号已经登记在他人名下。"
    for each in pending(session, (), number):
        if each.entry.kind == kind and each.entry.officer_id != officer_id:
            return f"这个证号已经登记在他人名下（{each.order}，{each.state}）。"
    return ""


def create(session: Session, actor: Actor, new: NewAccount) -> tuple[int, str, str]:
    """Enter a person's account, and draw up the order for the positions and certificates: the account's id, the one-time
    password, the order's number (empty: nothing to confirm).

    Raises:
        NotFound: the agency is not this administrator's. Invalid: messages by field.
    """
    errors = {
        f"{c.kind}_number": [message]
        for c in new.certificates
        if (message := taken(session, c.kind, c.number))
    }
    if errors:
        raise Invalid(errors=errors)
    account_id, password = enter_account(session, actor, new)
    account = session.get_one(Account, account_id)
    person = account.officer_id
    if person is None:
        return account_id, password, ""
    entries = [posting(person, new.name, key) for key in sorted(new.positions)]
    entries += [certificate(person, new.name, each) for each in new.certificates]
    number = propose(session, actor, account, entries) if entries else ""
    return account_id, password, number


def propose(session: Session, actor: Actor, account: Account, entries: Sequence[Entry]) -> str:
    """Draw an order up for the account's agency, which sends it in; the order's number. Nothing of it counts yet.

    Raises:
        Invalid: what it would do cannot be done. Conflict: an open order says the same.
    """
    if found := problems(session, account.agency_id, entries):
        raise Conflict(found[0])
    for each in pending(session, {entry.officer_id for entry in entries}):
        if each.entry in entries:
            raise Conflict(f"{each.order}（{each.state}）已经提出同样的变更。")
    return _drafted(session, actor, account, entries)


def _drafted(session: Session, actor: Actor, account: Account, entries: Sequence[Entry]) -> str:
    if _orders is None:
        raise RuntimeError("the orders are not connected")
    number = _orders.draft(session, actor, account.agency_id, entries)
    told = "；".join(said(session, entry) for entry in entries)
    record(session, actor, account.id, PROPOSED, {"told": f"{told}（{number}）"})
    return number


def draft_missing(
    session: Session, actor: Actor, account: Account, entries: Sequence[Entry]
) -> Sequence[Entry]:
    """Draw up those of the entries that no open order has; which they are."""
    known = [each.entry for each in pending(session, {entry.officer_id for entry in entries})]
    if new := [entry for entry in entries if entry not in known]:
        _drafted(session, actor, account, new)
    return new


def add_posting(session: Session, actor: Actor, account_id: int, position: str) -> str:
    """Propose that an officer holds a position; the order's number.

    Raises:
        Conflict: the officer holds it already. Invalid: there is no such position.
    """
    account = change(session, actor, account_id)
    person = officer_of(account)
    if session.get(Position, position) is None:
        raise Invalid("请选择岗位。", field="position")
    return propose(session, actor, account, [posting(person, account.name, position)])


def add_certificate(session: Session, actor: Actor, account_id: int, new: NewCertificate) -> str:
    """Propose that a certificate of an officer is entered; the order's number.

    Raises:
        Conflict: the number is entered already.
    """
    account = change(session, actor, account_id)
    entry = certificate(officer_of(account), account.name, new)
    if _paper(session, entry) is not None:
        raise Conflict("这个证号已经登记。")
    if message := taken(session, new.kind, new.number, entry.officer_id):
        raise Conflict(message)
    return propose(session, actor, account, [entry])


def restore_certificate(session: Session, actor: Actor, account_id: int, certificate_id: int) -> str:
    """Propose that a withheld certificate is given back; the order's number.

    Raises:
        Conflict: it is not withheld.
    """
    account = change(session, actor, account_id)
    person = officer_of(account)
    paper = session.get(Certificate, certificate_id)
    if paper is None or paper.officer_id != person or not certificate_card(paper).suspended(clock.today()):
        raise Conflict("这份证件现在没有暂扣。")
    entry = restored(person, account.name, certificate_card(paper))
    return propose(session, actor, account, [entry])


def problems(session: Session, agency_id: int, entries: Sequence[Entry]) -> list[str]:
    """Why entries cannot be carried out as things stand, in the order of the entries."""
    rows = {
        row.id: row
        for row in session.scalars(select(Officer).where(Officer.id.in_({e.officer_id for e in entries})))
    }
    found = []
    for entry in entries:
        person = rows.get(entry.officer_id)
        if person is None or person.agency_id != agency_id:
            found.append(f"{entry.name}不是本机关的人员。")
        elif not person.active:
            found.append(f"{entry.name}的账号已停用，请先由系统管理员恢复账号。")
        elif message := _CHECKS[Act(entry.act)](session, entry):
            found.append(f"{entry.name}：{message}")
    return found


def _posting_problem(session: Session, entry: Entry) -> str:
    if session.get(Position, entry.position) is None:
        return "没有这个岗位。"
    today = clock.today()
    held = select(Posting.id).where(
        Posting.officer_id == entry.officer_id,
        Posting.position_key == entry.position,
        (Posting.valid_to.is_(None)) | (Posting.valid_to >= today),
    )
    return "这名人员已经在这个岗位上。" if session.scalar(held) is not None else ""


def _certificate_problem(session: Session, entry: Entry) -> str:
    paper, name = _paper(session, entry), CERTIFICATE_NAMES[CertificateKind(entry.kind)]
    if paper is None:
        return ""
    if paper.officer_id != entry.officer_id:
        return f"{name}证号“{entry.number}”已经登记在他人名下。"
    if paper.revoked_on is not None:
        return f"{name}“{entry.number}”已经注销，换发的证件请用新的证号。"
    first, last = _days(entry)
    if (paper.valid_from, paper.valid_to) == (first, last):
        return f"{name}“{entry.number}”已经登记。"
    today = clock.today()
    if last is not None and last < today and certificate_card(paper).valid(today):
        return f"{name}“{entry.number}”现在有效，名册不能使其失效。请在账号管理中注销或者暂扣。"
    return ""


def _restore_problem(session: Session, entry: Entry) -> str:
    paper = _paper(session, entry)
    if paper is None or paper.officer_id != entry.officer_id or paper.revoked_on is not None:
        return "没有这份有效的证件。"
    return "" if certificate_card(paper).suspended(clock.today()) else "这份证件现在没有暂扣。"


_CHECKS = {
    Act.POSTING: _posting_problem,
    Act.CERTIFICATE: _certificate_problem,
    Act.RESTORE: _restore_problem,
}


def _paper(session: Session, entry: Entry) -> Certificate | None:
    same = (Certificate.kind == entry.kind, Certificate.number == entry.number)
    return session.scalar(select(Certificate).where(*same))


def _days(entry: Entry) -> tuple[date, date | None]:
    last = date.fromisoformat(entry.valid_to) if entry.valid_to else None
    return date.fromisoformat(entry.valid_from), last


def said(session: Session, entry: Entry) -> str:
    """What an entry does, in words."""
    name = CERTIFICATE_NAMES[CertificateKind(entry.kind)] if entry.kind else ""
    if entry.act == Act.POSTING:
        found = session.get(Position, entry.position)
        return f"任{found.name if found else entry.position}"
    if entry.act == Act.RESTORE:
        return f"解除{name}（{entry.number}）暂扣"
    renewed = _paper(session, entry) is not None
    first, last = _days(entry)
    until = words.day(last) if last else "长期"
    return f"{'更新' if renewed else '登记'}{name}（{entry.number}），有效期{words.day(first)}至{until}"


def carry_out(session: Session, entries: Sequence[Entry], on: date, order_no: str) -> None:
    """Write what was confirmed, from a day on, with the order in the history of each account."""
    accounts = dict(
        session.execute(
            select(Account.officer_id, Account.id).where(
                Account.officer_id.in_({entry.officer_id for entry in entries})
            )
        )
        .tuples()
        .all()
    )
    for entry in entries:
        write(session, entry, on)
        detail = (
            {"position": entry.position} if entry.position else {"kind": entry.kind, "number": entry.number}
        )
        session.add(
            AccountAct(
                at=clock.now(),
                account_id=accounts[entry.officer_id],
                by_account_id=None,
                act=ACT_OF[Act(entry.act)],
                detail={**detail, "order": order_no},
            )
        )
    session.flush()


def write(session: Session, entry: Entry, on: date) -> None:
    """Write one entry: a position from a day on, a certificate with its days, the end of a withholding."""
    if entry.act == Act.POSTING:
        session.add(Posting(officer_id=entry.officer_id, position_key=entry.position, valid_from=on))
    else:
        _write_certificate(session, entry, on)
    session.flush()


def _write_certificate(session: Session, entry: Entry, on: date) -> None:
    paper = _paper(session, entry)
    if entry.act == Act.RESTORE and paper is not None:
        if paper.suspended_from is not None and paper.suspended_from >= on:
            paper.suspended_from = paper.suspended_to = None
        else:
            paper.suspended_to = on - timedelta(days=1)
        return
    first, last = _days(entry)
    if paper is not None:
        paper.valid_from, paper.valid_to = first, last
        return
    session.add(
        Certificate(
            officer_id=entry.officer_id, kind=entry.kind, number=entry.number, valid_from=first, valid_to=last
        )
    )  # fmt: skip


def from_json(raw: Mapping[str, Any]) -> Entry:
    """An entry as an order keeps it."""
    return Entry(**raw)
