"""Looking up agencies, officers and what they may do on a day."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import NotFound

from . import register
from .cards import AccountCard, AgencyCard, CertificateCard, OfficerCard, PostingCard, certificate_card
from .models import Account, Agency, Certificate, Officer, Position, Posting


def pinyin(name: str) -> str:
    """The key by which a name is sorted in every list."""
    from pypinyin import (
        lazy_pinyin,  # its dictionary takes longer to read than most processes that never write a name
    )

    return " ".join(lazy_pinyin(name))[:120].lower()


def current(table: type[Posting] | type[Certificate], on: date) -> ColumnElement[bool]:
    """Rows whose period contains the day."""
    return (table.valid_from <= on) & (table.valid_to.is_(None) | (table.valid_to >= on))


def officers_at(
    session: Session, agency_id: int, position: str | None = None, on: date | None = None
) -> list[OfficerCard]:
    """The active officers of an agency, by pinyin; with `position` only its holders on that day."""
    everybody = register.of(session).roster(session, agency_id, on or clock.today())
    return [card for card in everybody if position is None or position in card.positions]


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
    """Several officers by id."""
    return register.of(session).cards(session, set(ids), on or clock.today())


def certificates_of(session: Session, officer_id: int) -> list[CertificateCard]:
    """Every certificate of an officer, also those no longer valid, by kind and newest first."""
    rows = session.scalars(
        select(Certificate)
        .where(Certificate.officer_id == officer_id)
        .order_by(Certificate.kind, Certificate.valid_from.desc())
    )
    return [certificate_card(row) for row in rows]


def certified(session: Session, officer_id: int, kind: str, on: date) -> bool:
    """Whether an officer holds a certificate of this kind on this day."""
    return bool(certified_among(session, [officer_id], kind, on))


def certified_among(session: Session, ids: Collection[int], kind: str, on: date) -> frozenset[int]:
    """Those of the officers who hold a certificate of this kind on this day."""
    cards = officers(session, ids, on)
    holding = [i for i, card in cards.items() if any(c.kind == kind for c in card.certificates)]
    at_work = select(Officer.id).where(Officer.id.in_(sorted(holding)), Officer.active)
    return frozenset(session.scalars(at_work))


def barred(session: Session, agency_id: int | None = None) -> list[int]:
    """The active officers (of one agency) of whom a certificate does not count today for want of training."""
    known = register.of(session)
    if not known.training_bars(session):
        return []
    agencies = session.scalars(select(Agency.id).order_by(Agency.id)) if agency_id is None else [agency_id]
    return [card.id for place in agencies for card in officers_at(session, place) if card.barred]


def agency(session: Session, agency_id: int) -> AgencyCard:
    """One agency as documents print it.

    Raises:
        NotFound: there is no such agency.
    """
    found = register.of(session).agency(session, agency_id)
    if found is None:
        raise NotFound("没有找到这个机关。")
    return found


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


def history(session: Session, officer_id: int) -> list[PostingCard]:
    """Every position an officer has held or is to hold, the latest first."""
    held = select(Posting, Position.name).join(Position, Position.key == Posting.position_key)
    rows = session.execute(
        held.where(Posting.officer_id == officer_id).order_by(Posting.valid_from.desc(), Posting.id.desc())
    )
    return [PostingCard(row.id, row.position_key, name, row.valid_from, row.valid_to) for row, name in rows]


def staff_on(session: Session, agency_id: int, on: date) -> list[OfficerCard]:
    """Everybody who held a position of an agency on a day, with positions and certificates of that day, by pinyin: also
    those who have left since."""
    held = select(Posting.officer_id).join(Officer, Officer.id == Posting.officer_id)
    held = held.where(Officer.agency_id == agency_id, current(Posting, on)).distinct()
    cards = officers(session, session.scalars(held).all(), on)
    return sorted(cards.values(), key=lambda card: (pinyin(card.name), card.id))


def accounts_of(session: Session, officer_ids: Collection[int]) -> dict[int, AccountCard]:
    """The accounts of these officers by officer; who has none is left out."""
    chosen = select(Account.id, Account.officer_id, Account.active, Account.roles)
    rows = session.execute(chosen.where(Account.officer_id.in_(sorted(set(officer_ids)))))
    at_work = {Role.OFFICER, Role.ANALYST}
    return {
        row.officer_id: AccountCard(
            row.id, row.officer_id, row.active, row.active and bool(at_work & set(row.roles))
        )
        for row in rows
    }


def position_names(session: Session) -> dict[str, str]:
    """The Chinese name of every position, by key, in the order of their groups."""
    return dict(register.of(session).positions(session))
