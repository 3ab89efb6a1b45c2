"""What a process keeps of the organisation: agencies, officers, positions, by edition.

Every act asks for the same few people again and again, and they change a few times a week. What is read stays
in the process under the edition it was read at (`kernel.editions`); any change of the tables is a new one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import editions

from . import rules, training_rules
from .cards import AgencyCard, CertificateCard, CoverCard, OfficerCard, PostingCard, certificate_card
from .models import (
    DIRECTORY,
    Agency,
    Certificate,
    Officer,
    Position,
    Posting,
    Region,
    Substitution,
    Training,
    TrainingRule,
)
from .scope import regions_above

MOST_DAYS = 8
"""Cards are made per day; a process that lives long forgets the days before."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """A substitution for somebody else: the absent officer with every position ever held, whatever the day. Only
    postings of theirs: what they hold as a substitute themself goes no further."""

    officer_id: int
    name: str
    positions: frozenset[str]
    valid_from: date
    valid_to: date
    ended_on: date | None
    postings: tuple[PostingCard, ...]

    def on(self, day: date) -> CoverCard | None:
        if not rules.substitution_holds(self.valid_from, self.valid_to, self.ended_on, day):
            return None
        keys = frozenset(p.key for p in _current(self.postings, day))
        return CoverCard(self.officer_id, self.name, keys & (self.positions or keys), self.valid_to)


def _current(postings: Iterable[PostingCard], day: date) -> tuple[PostingCard, ...]:
    return tuple(p for p in postings if p.valid_from <= day and (p.valid_to or day) >= day)


@dataclass(frozen=True, slots=True)
class _Trained:
    """The training of an officer, and what is asked for at the agency."""

    taken: tuple[training_rules.Taken, ...]
    versions: tuple[training_rules.Version, ...]
    places: frozenset[int | str]

    def barred(
        self, postings: Iterable[PostingCard], papers: Iterable[CertificateCard], day: date
    ) -> dict[str, str]:
        """The kinds of certificates that do not count on a day, each with why."""
        return training_rules.barred(held(postings, papers), self.taken, self.versions, self.places, day)


def held(
    postings: Iterable[PostingCard], papers: Iterable[CertificateCard]
) -> tuple[training_rules.Held, ...]:
    """Postings and certificates as the rules of training see them."""
    posted = [training_rules.Held(p.valid_from, p.valid_to, group=p.group) for p in postings]
    certified = [training_rules.Held(c.valid_from, c.last, certificate=c.kind) for c in papers]
    return (*posted, *certified)


@dataclass(frozen=True, slots=True)
class _Person:
    """An officer with everything ever held, whatever the day."""

    id: int
    name: str
    agency_id: int
    active: bool
    pinyin: str
    postings: tuple[PostingCard, ...]
    certificates: tuple[CertificateCard, ...]
    stands: tuple[_Stand, ...]
    training: "_Trained | None" = None
    """What was asked and taken; None where no training bars anybody."""

    def on(self, day: date) -> OfficerCard:
        held = _current(self.postings, day)
        withheld = {c.kind for c in self.certificates if c.suspended(day)}
        barred = self.training.barred(self.postings, self.certificates, day) if self.training else {}
        covers = tuple(cover for stand in self.stands if (cover := stand.on(day)))
        return OfficerCard(
            id=self.id,
            name=self.name,
            positions=frozenset(p.key for p in held).union(*(c.positions for c in covers)),
            certificates=tuple(
                c
                for c in self.certificates
                if c.valid(day) and c.kind not in withheld and c.kind not in barred
            ),
            agency_id=self.agency_id,
            postings=held,
            covers=covers,
            barred=tuple(barred.items()),
        )


@dataclass(slots=True)
class Register:
    """One edition of the organisation, read as far as it was asked for."""

    edition: str
    _people: dict[int, _Person] = field(default_factory=dict)
    _rosters: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _agencies: dict[int, AgencyCard] = field(default_factory=dict)
    _positions: dict[str, str] = field(default_factory=dict)
    _cards: dict[date, dict[int, OfficerCard]] = field(default_factory=dict)
    _lists: dict[tuple[int, date], tuple[OfficerCard, ...]] = field(default_factory=dict)
    _versions: tuple[training_rules.Version, ...] | None = None
    _places: dict[int, frozenset[int | str]] = field(default_factory=dict)

    def training_versions(self, session: Session) -> tuple[training_rules.Version, ...]:
        """What regions and agencies ask of training beyond what is asked everywhere, oldest first."""
        if self._versions is None:
            rows = session.scalars(select(TrainingRule).order_by(TrainingRule.id))
            self._versions = tuple(training_version(row) for row in rows)
        return self._versions

    def places(self, session: Session, agency_id: int) -> frozenset[int | str]:
        """Whose versions count for an agency: its own, its region's and those above."""
        if agency_id not in self._places:
            found = self.agency(session, agency_id)
            above = regions_above(session, found.region) if found else frozenset()
            self._places[agency_id] = frozenset({agency_id, *above})
        return self._places[agency_id]

    def held(self, session: Session, ids: Collection[int]) -> dict[int, tuple[training_rules.Held, ...]]:
        """Postings and certificates of officers, whatever the day, as the rules of training see them."""
        if missing := set(ids) - self._people.keys():
            self._learn(session, session.scalars(select(Officer).where(Officer.id.in_(sorted(missing)))))
        known = {i: self._people[i] for i in ids if i in self._people}
        return {i: held(person.postings, person.certificates) for i, person in known.items()}

    def training_bars(self, session: Session) -> bool:
        """Whether anybody may be barred for want of training at all."""
        return any(kind.asked.bars for kind in training_rules.figures().kinds) or any(
            one.asked.bars for one in self.training_versions(session)
        )

    def roster(self, session: Session, agency_id: int, on: date) -> tuple[OfficerCard, ...]:
        """The active officers of an agency, by pinyin."""
        if agency_id not in self._rosters:
            found = session.scalars(
                select(Officer)
                .where(Officer.agency_id == agency_id, Officer.active)
                .order_by(Officer.pinyin, Officer.id)
            ).all()
            self._learn(session, found)
            self._rosters[agency_id] = tuple(person.id for person in found)
        if (agency_id, on) not in self._lists:
            cards = self.cards(session, self._rosters[agency_id], on)
            if len(self._lists) > MOST_DAYS * 64:
                self._lists.clear()
            self._lists[agency_id, on] = tuple(cards[i] for i in self._rosters[agency_id])
        return self._lists[agency_id, on]

    def cards(self, session: Session, ids: Iterable[int], on: date) -> dict[int, OfficerCard]:
        """Officers by id as they are on a day; those that do not exist are left out."""
        wanted = set(ids)
        if missing := wanted - self._people.keys():
            self._learn(session, session.scalars(select(Officer).where(Officer.id.in_(sorted(missing)))))
        if on not in self._cards and len(self._cards) >= MOST_DAYS:
            self._cards.clear()
        day = self._cards.setdefault(on, {})
        for i in wanted & self._people.keys():
            if i not in day:
                day[i] = self._people[i].on(on)
        return {i: day[i] for i in wanted if i in day}

    def agency(self, session: Session, agency_id: int) -> AgencyCard | None:
        """One agency, or None."""
        if agency_id not in self._agencies:
            row = session.execute(
                select(Agency, Region.name)
                .join(Region, Region.code == Agency.region_code)
                .where(Agency.id == agency_id)
            ).one_or_none()
            if row is None:
                return None
            self._agencies[agency_id] = _agency(*row)
        return self._agencies[agency_id]

    def positions(self, session: Session) -> dict[str, str]:
        """The Chinese name of every position, by key, in the order of their groups."""
        if not self._positions:
            rows = session.execute(
                select(Position.key, Position.name).order_by(Position.group_name, Position.key)
            )
            self._positions = {row.key: row.name for row in rows}
        return self._positions

    def _learn(self, session: Session, found: Iterable[Officer]) -> None:
        people = list(found)
        ids = [person.id for person in people]
        if not ids:
            return
        rows = session.execute(  # an absent officer who left the service is nobody's to stand in for
            select(Substitution, Officer.name)
            .join(Officer, Officer.id == Substitution.officer_id)
            .where(Substitution.substitute_id.in_(ids), Officer.active)
            .order_by(Substitution.id)
        ).all()
        postings = _postings(session, {*ids, *(row.officer_id for row, _ in rows)})
        stands: dict[int, list[_Stand]] = defaultdict(list)
        for row, name in rows:
            stands[row.substitute_id].append(
                _Stand(
                    row.officer_id,
                    name,
                    frozenset(row.positions),
                    row.valid_from,
                    row.valid_to,
                    row.ended_on,
                    tuple(postings[row.officer_id]),
                )
            )
        certificates: dict[int, list[CertificateCard]] = defaultdict(list)
        papers = select(Certificate).where(Certificate.officer_id.in_(ids)).order_by(Certificate.id)
        for paper in session.scalars(papers):
            certificates[paper.officer_id].append(certificate_card(paper))
        taken = taken_by(session, ids) if self.training_bars(session) else None
        for p in people:
            trained = None
            if taken is not None:
                versions, places = self.training_versions(session), self.places(session, p.agency_id)
                trained = _Trained(taken[p.id], versions, places)
            self._people[p.id] = _Person(
                p.id,
                p.name,
                p.agency_id,
                p.active,
                p.pinyin,
                tuple(postings[p.id]),
                tuple(certificates[p.id]),
                tuple(stands[p.id]),
                trained,
            )


def taken_by(session: Session, ids: Collection[int]) -> dict[int, tuple[training_rules.Taken, ...]]:
    """The training of officers, whatever the year, by officer."""
    found: dict[int, list[training_rules.Taken]] = {officer_id: [] for officer_id in ids}
    chosen = select(Training.officer_id, Training.counts_for, Training.hours, Training.examination)
    for officer_id, year, hours, examination in session.execute(
        chosen.where(Training.officer_id.in_(sorted(ids))).order_by(Training.id)
    ).tuples():
        passed = examination == training_rules.PASSED
        found[officer_id].append(training_rules.Taken(year, float(hours), passed))
    return {officer_id: tuple(rows) for officer_id, rows in found.items()}


def training_version(row: TrainingRule) -> training_rules.Version:
    """A stored version as a value."""
    asked = training_rules.Requirement(row.hours, row.examination, row.bars)
    return training_rules.Version(
        row.id, row.agency_id or row.region_code or "", row.kind, asked, row.valid_from
    )


def _postings(session: Session, ids: Collection[int]) -> Mapping[int, list[PostingCard]]:
    """Every position ever held, by officer."""
    found: dict[int, list[PostingCard]] = defaultdict(list)
    chosen = select(Posting, Position.name, Position.group_name)
    chosen = chosen.join(Position, Position.key == Posting.position_key)
    for row, name, group in session.execute(
        chosen.where(Posting.officer_id.in_(sorted(ids))).order_by(Posting.id)
    ):
        card = PostingCard(row.id, row.position_key, name, row.valid_from, row.valid_to, group)
        found[row.officer_id].append(card)
    return found


_kept: Register | None = None
"""Only a cache: every question asks the database for the edition first."""


def of(session: Session) -> Register:
    """The organisation as it stands now."""
    global _kept
    edition = editions.current(session, DIRECTORY)
    kept = _kept
    if kept is None or kept.edition != edition:
        kept = _kept = Register(edition)
    return kept


def _agency(found: Agency, region_name: str) -> AgencyCard:
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
