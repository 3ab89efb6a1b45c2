"""Agencies and officers as values: what other rooms get to see of them."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from .models import Certificate
from .rules import CERTIFICATE_NAMES, CertificateKind, certificate_valid, suspended


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """A certificate of an officer; `valid_to` is None for one without an end."""

    id: int
    kind: CertificateKind
    number: str
    valid_from: date
    valid_to: date | None
    revoked_on: date | None
    suspended_from: date | None = None
    suspended_to: date | None = None

    @property
    def name(self) -> str:
        """The certificate's Chinese name."""
        return CERTIFICATE_NAMES[self.kind]

    @property
    def last(self) -> date | None:
        """Its last day, whether it runs out or was revoked."""
        before = self.revoked_on - timedelta(days=1) if self.revoked_on else None
        return min((day for day in (self.valid_to, before) if day), default=None)

    def valid(self, on: date) -> bool:
        """Whether it holds on a day."""
        withheld = (self.suspended_from, self.suspended_to)
        return certificate_valid(self.valid_from, self.valid_to, self.revoked_on, on, withheld)

    def suspended(self, on: date) -> bool:
        """Whether it is withheld on a day."""
        return suspended(self.suspended_from, self.suspended_to, on)


@dataclass(frozen=True, slots=True)
class PostingCard:
    """A position an officer holds."""

    id: int
    key: str
    name: str
    valid_from: date
    valid_to: date | None
    group: str = ""


@dataclass(frozen=True, slots=True)
class CoverCard:
    """Whom an officer stands in for on a day: in which positions of theirs, and until which day, included."""

    officer_id: int
    name: str
    positions: frozenset[str]
    until: date


@dataclass(frozen=True, slots=True)
class OfficerCard:
    """An officer on a day: positions held and certificates that count on that day. `positions` are the own ones and those
    of the people the officer stands in for (`covers`); certificates are always the own. Left out is what does not count:
    every certificate of a kind of which one is withheld (another number is no way around 暂扣), and what does not count
    for want of training; `barred` says which, by kind, and why."""

    id: int
    name: str
    positions: frozenset[str]
    certificates: tuple[CertificateCard, ...]
    agency_id: int = 0
    postings: tuple[PostingCard, ...] = ()
    covers: tuple[CoverCard, ...] = ()
    barred: tuple[tuple[str, str], ...] = ()

    def why_barred(self, kind: str) -> str:
        """Why a certificate of a kind does not count although it is valid; empty: no such reason."""
        return next((why for barred, why in self.barred if barred == kind), "")

    @property
    def own(self) -> frozenset[str]:
        """The positions the officer was posted to."""
        return frozenset(p.key for p in self.postings)

    def stands_for(self, position: str) -> tuple[CoverCard, ...]:
        """For whom the officer acts at a position; nobody where it is one of the own."""
        if position in self.own:
            return ()
        return tuple(c for c in self.covers if position in c.positions)

    def certificate(self, kind: str = CertificateKind.ENFORCEMENT) -> str:
        """The number of the certificate of a kind, empty when there is none valid."""
        return next((c.number for c in self.certificates if c.kind == kind), "")


@dataclass(frozen=True, slots=True)
class AccountCard:
    """The account behind an officer; `handles`: it is in use and may handle tasks of cases."""

    id: int
    officer_id: int
    active: bool
    handles: bool


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


def certificate_card(row: Certificate) -> CertificateCard:
    """A certificate as a value."""
    return CertificateCard(
        row.id, CertificateKind(row.kind), row.number, row.valid_from, row.valid_to, row.revoked_on,
        row.suspended_from, row.suspended_to,
    )  # fmt: skip
