"""Looking up agencies, officers and what they may do on a day."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import NotFound

from .models import Account, Agency, Certificate, Officer, Position, Posting, Region
from .rules import CERTIFICATE_NAMES, CertificateKind, certificate_valid


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """A certificate of an officer; `valid_to` is None for one without an end."""

    id: int
    kind: CertificateKind
    number: str
    valid_from: date
    valid_to: date | None
    revoked_on: date | None

    @property
    def name(self) -> str:
        """The certificate's Chinese name."""
        return CERTIFICATE_NAMES[self.kind]

    def valid(self, on: date) -> bool:
        """Whether it holds on a day."""
        return certificate_valid(self.valid_from, self.valid_to, self.revoked_on, on)


@dataclass(frozen=True, slots=True)
class PostingCard:
    """A position an officer holds."""

    id: int
    key: str
    name: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class OfficerCard:
    """An officer on a day: positions held and certificates valid on that day."""

    id: int
    name: str
    positions: frozenset[str]
    certificates: tuple[CertificateCard, ...]
    agency_id: int = 0
    postings: tuple[PostingCard, ...] = ()

    def certificate(self, kind: str = CertificateKind.ENFORCEMENT) -> str:
        """The number of the certificate of a kind, empty when there is none valid."""
        return next((c.number for c in self.certificates if c.kind == kind), "")


@dataclass(frozen=True, slots=True)
class AgencyCard:
    """An agency as documents print it; plain values only. `region` is the code, `region_name` its name."""

    id: int
    code: str
    name: str
    abbreviation: str
    region: str
    region_name: str
    level: str
    kind: str
    uscc: str
    address: str
    phone: str
    review_organ: str
    court: str
    payment: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """The card as the context of a document."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def pinyin(name: str) -> str:
    """The key by which a name is sorted in every list."""
    return " ".join(lazy_pinyin(name))[:120].lower()


def current(table: type[Posting] | type[Certificate], on: date) -> ColumnElement[bool]:
    """Rows whose period contains the day."""
    return (table.valid_from <= on) & (table.valid_to.is_(None) | (table.valid_to >= on))


MEMO = "people.memo"


def remember(session: Session) -> None:
    """Look people up once for the rest of this act: an act on a case asks for the same few again and again,
    and changes none of them. The memory ends with the act (`kernel.transaction`)."""
    session.info.setdefault(MEMO, {})


def _once(session: Session, key: tuple, look_up: Callable[[], Any]) -> Any:
    memo = session.info.get(MEMO)
    if memo is None:
        return look_up()
    if key not in memo:
        memo[key] = look_up()
    return memo[key]


def officers_at(
    session: Session, agency_id: int, position: str | None = None, on: date | None = None
) -> list[OfficerCard]:
    """The active officers of an agency, by pinyin; with `position` only its holders on that day."""
    on = on or clock.today()
    if MEMO in session.info:
        everybody = _once(
            session, ("roster", agency_id, on), lambda: _officers_at(session, agency_id, None, on)
        )
        return [c for c in everybody if position is None or position in c.positions]
    return _officers_at(session, agency_id, position, on)


def _officers_at(session: Session, agency_id: int, position: str | None, on: date) -> list[OfficerCard]:
    chosen = select(Officer).where(Officer.agency_id == agency_id, Officer.active)
    if position is not None:
        holders = select(Posting.officer_id).where(Posting.position_key == position, current(Posting, on))
        chosen = chosen.where(Officer.id.in_(holders))
    return _cards(session, list(session.scalars(chosen.order_by(Officer.pinyin, Officer.id))), on)


def officer(session: Session, officer_id: int, on: date | None = None) -> OfficerCard:
    """One officer, active or not: an old document still names its handlers.

    Raises:
        NotFound: there is no such officer.
    """
    found = officers(session, [officer_id], on)
    if not found:
        raise NotFound("没有找到这名执法人员。")
    return found[officer_id]


def officers(session: Session, ids: Collection[int], on: date | None = None) -> dict[int, OfficerCard]:
    """Several officers by id, in three queries however many they are."""
    wanted, day = set(ids), on or clock.today()
    known = {
        card.id: card
        for key, value in session.info.get(MEMO, {}).items()
        if (key[0] == "roster" and key[2] == day) or (key[0] == "card" and key[2] == day)
        for card in (value if key[0] == "roster" else [value])
        if card.id in wanted
    }
    if missing := wanted - known.keys():
        found = list(session.scalars(select(Officer).where(Officer.id.in_(sorted(missing)))))
        for card in _cards(session, found, day):
            known[card.id] = _once(session, ("card", card.id, day), lambda card=card: card)
    return known


def certificates_of(session: Session, officer_id: int) -> list[CertificateCard]:
    """Every certificate of an officer, also those no longer valid, by kind and newest first."""
    rows = session.scalars(
        select(Certificate)
        .where(Certificate.officer_id == officer_id)
        .order_by(Certificate.kind, Certificate.valid_from.desc())
    )
    return [_certificate(row) for row in rows]


def certified(session: Session, officer_id: int, kind: str, on: date) -> bool:
    """Whether an officer holds a certificate of this kind on this day."""
    return bool(certified_among(session, [officer_id], kind, on))


def certified_among(session: Session, ids: Collection[int], kind: str, on: date) -> frozenset[int]:
    """Those of the officers who hold a certificate of this kind on this day."""
    rows = session.execute(
        select(Certificate.officer_id)
        .join(Officer, Officer.id == Certificate.officer_id)
        .where(
            Certificate.officer_id.in_(sorted(set(ids))),
            Certificate.kind == kind,
            current(Certificate, on),
            Certificate.revoked_on.is_(None) | (Certificate.revoked_on > on),
            Officer.active,
        )
    )
    return frozenset(row[0] for row in rows)


def agency(session: Session, agency_id: int) -> AgencyCard:
    """One agency as documents print it.

    Raises:
        NotFound: there is no such agency.
    """
    return _once(session, ("agency", agency_id), lambda: _agency(session, agency_id))


def _agency(session: Session, agency_id: int) -> AgencyCard:
    row = session.execute(
        select(Agency, Region.name)
        .join(Region, Region.code == Agency.region_code)
        .where(Agency.id == agency_id)
    ).one_or_none()
    if row is None:
        raise NotFound("没有找到这个机关。")
    found, region_name = row
    return AgencyCard(
        id=found.id,
        code=found.code,
        name=found.name,
        abbreviation=found.abbreviation,
        region=found.region_code,
        region_name=region_name,
        level=found.level,
        kind=found.kind,
        uscc=found.uscc,
        address=found.address,
        phone=found.phone,
        review_organ=found.review_organ,
        court=found.court,
        payment=dict(found.payment),
    )


def agency_id_of(session: Session, code: str) -> int:
    """The agency with this code.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(select(Agency.id).where(Agency.code == code))
    if found is None:
        raise NotFound(f"没有代码为“{code}”的机关。")
    return found


def actor_of(session: Session, officer_id: int) -> Actor:
    """An officer as the person behind an act, without a request: for loading the demonstration's cases.

    Raises:
        NotFound: the officer has no account.
    """
    row = session.execute(
        select(Account, Agency)
        .join(Agency, Agency.id == Account.agency_id)
        .where(Account.officer_id == officer_id)
    ).one_or_none()
    if row is None:
        raise NotFound("这名执法人员没有账号。")
    account, found = row
    return Actor(
        account_id=account.id,
        officer_id=officer_id,
        name=account.name,
        agency_id=found.id,
        agency_name=found.name,
        region=found.region_code,
        roles=frozenset(Role(role) for role in account.roles),
        positions=officer(session, officer_id).positions,
    )


def position_names(session: Session) -> dict[str, str]:
    """The Chinese name of every position, by key, in the order of their groups."""
    return _once(session, ("positions",), lambda: _position_names(session))


def _position_names(session: Session) -> dict[str, str]:
    rows = session.execute(select(Position.key, Position.name).order_by(Position.group_name, Position.key))
    return {row.key: row.name for row in rows}


def _certificate(row: Certificate) -> CertificateCard:
    return CertificateCard(
        row.id, CertificateKind(row.kind), row.number, row.valid_from, row.valid_to, row.revoked_on
    )


def _cards(session: Session, found: list[Officer], on: date) -> list[OfficerCard]:
    ids = [person.id for person in found]
    postings: dict[int, list[PostingCard]] = {i: [] for i in ids}
    certificates: dict[int, list[CertificateCard]] = {i: [] for i in ids}
    if ids:
        held = select(Posting, Position.name).join(Position, Position.key == Posting.position_key)
        held = held.where(Posting.officer_id.in_(ids), current(Posting, on)).order_by(Posting.id)
        for row, name in session.execute(held):
            card = PostingCard(row.id, row.position_key, name, row.valid_from, row.valid_to)
            postings[row.officer_id].append(card)
        papers = select(Certificate).where(Certificate.officer_id.in_(ids)).order_by(Certificate.id)
        for paper in session.scalars(papers):
            card_of = _certificate(paper)
            if card_of.valid(on):
                certificates[paper.officer_id].append(card_of)
    return [
        OfficerCard(
            id=person.id,
            name=person.name,
            positions=frozenset(p.key for p in postings[person.id]),
            certificates=tuple(certificates[person.id]),
            agency_id=person.agency_id,
            postings=tuple(postings[person.id]),
        )
        for person in found
    ]
