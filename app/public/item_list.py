"""Which power items the public sees: the list that pages, embedded pages and programs read (目录公示, S4-26).

Seen is what counts today, was examined by its department and by a legal office (S4-28), says all eleven fields (S4-27) and
is on a procedure in force (S4-23), and is neither on trial, classified, transferred nor abolished. Only here it is decided.
The list is kept in the process until the catalogue, the procedures or the agencies change, or another day begins.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import CATALOGUE, ItemVersion, PowerItem
from app.diagrams import service as diagrams
from app.diagrams.models import PROCEDURES
from app.items import service as items
from app.kernel import clock, editions
from app.kernel.errors import NotFound
from app.people.models import DIRECTORY, Agency, Region

PAGE = 50
MOST_WORDS = 8
REMEMBERED = 40
"""Answers that are kept beside the list."""
MISSING = "没有公开的这个事项。它可能已经变更、取消或者划转，请到权力事项目录中查找。"


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as the public's list shows it; `since` is None for what was in force when it was taken over."""

    item_id: int
    version_id: int
    agency_id: int
    agency_code: str
    agency: str
    region: str
    code: str
    name: str
    kind: str
    procedure: str
    number: int
    since: date | None
    digest: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands in the list: by region, agency and code."""
        return self.region, self.agency_code, self.code


@dataclass(frozen=True, slots=True)
class Listing:
    """All that is public today, in its order. `regions` are all regions with their names and what lies above them."""

    entries: Sequence[Entry]
    places: Sequence[tuple[str, str, str]]
    by_code: Mapping[tuple[str, str], Entry]
    regions: Mapping[str, tuple[str, str | None]]
    edition: str
    words: Sequence[str] = ()
    """Name and code of each entry as they are searched."""
    found: dict["Wish", "Found"] = field(default_factory=dict)
    """What was looked for lately: portals ask for the same again and again."""

    def within(self, region: str) -> frozenset[str]:
        """A region and everything below it."""
        return frozenset(code for code in self.regions if self._lies_in(code, region))

    def inhabited(self) -> list[tuple[str, str]]:
        """The regions in which or below which anything is public, with their names, in their order."""
        seen: set[str] = set()
        for code in {region for region, _, _ in self.places}:
            here: str | None = code
            while here is not None and here in self.regions and here not in seen:
                seen.add(here)
                here = self.regions[here][1]
        return [(code, self.regions[code][0]) for code in sorted(seen)]

    def _lies_in(self, code: str | None, region: str) -> bool:
        while code is not None and code in self.regions:
            if code == region:
                return True
            code = self.regions[code][1]
        return False


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; empty: everything. `q`: parts of words of name or code, each of which must be there."""

    region: str = ""
    agency: str = ""
    kind: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and how it is spread over agencies and kinds: of each what there would be without that choice."""

    entries: Sequence[Entry]
    agencies: Sequence[tuple[str, str, int]]
    kinds: Mapping[str, int]


_kept = Listing((), (), {}, {}, "")


def listing(session: Session) -> Listing:
    """The list of today."""
    global _kept
    today = clock.today()
    read = [editions.current(session, name) for name in (CATALOGUE, PROCEDURES, DIRECTORY)]
    edition = "/".join((*read, today.isoformat()))
    if _kept.edition != edition:
        _kept = _read(session, today, edition)
    return _kept


def _read(session: Session, today: date, edition: str) -> Listing:
    newest = (
        select(ItemVersion.id)
        .distinct(ItemVersion.item_id)
        .where(
            ItemVersion.state == "approved",
            or_(ItemVersion.effective_on.is_(None), ItemVersion.effective_on <= today),
        )
        .order_by(
            ItemVersion.item_id, ItemVersion.effective_on.desc().nulls_last(), ItemVersion.number.desc()
        )
    )
    v = ItemVersion
    rows = session.execute(
        select(
            PowerItem.id, v.id, Agency.id, Agency.code, Agency.name, Agency.region_code, PowerItem.code, v.name,
            v.kind, v.procedure, v.number, v.effective_on, v.digest,
        )
        .join_from(v, PowerItem, PowerItem.id == v.item_id)
        .join(Agency, Agency.id == PowerItem.agency_id)
        .where(v.id.in_(newest), examined(), v.change.in_(catalogue.versions.EXERCISED), ~v.trial)
        .where(v.kind.in_(public_kinds()), v.procedure.in_(_in_force(session, today)))
    )  # fmt: skip
    found = sorted((Entry(*row) for row in rows), key=lambda entry: entry.place)
    regions = {r.code: (r.name, r.parent_code) for r in session.scalars(select(Region))}
    by_code = {(entry.agency_code, entry.code): entry for entry in found}
    words = [f"{entry.name}¶{entry.code}".casefold() for entry in found]
    return Listing(found, [entry.place for entry in found], by_code, regions, edition, words)


def examined():  # type: ignore[no-untyped-def]
    """The condition that a version was examined on two levels and says all that is made public: by a case of its own,
    whose publication nothing but a legal office's signed opinion brings about, or by a paper from before."""
    own_case = ItemVersion.case_id.is_not(None)
    return ItemVersion.publishable & (own_case | (ItemVersion.approval != ""))


def public_kinds() -> dict[str, str]:
    """The kinds of power there are, by name; those that were done away with are shown nowhere."""
    gone = catalogue.item_rules.asked()["historic"]["kinds"]
    return {key: name for key, name in items.kinds().items() if key not in gone}


def _in_force(session: Session, today: date) -> list[str]:
    rows = diagrams.versions(session)
    return sorted({row.key for row in rows if row.effective_on is None or row.effective_on <= today})


def find(known: Listing, wish: Wish) -> Found:
    """What is wished for, with the numbers of agencies and kinds."""
    if (done := known.found.get(wish)) is not None:
        return done
    if len(known.found) >= REMEMBERED:
        known.found.clear()
    return known.found.setdefault(wish, _find(known, wish))


def _find(known: Listing, wish: Wish) -> Found:
    words = [word.casefold() for word in wish.q.split()[:MOST_WORDS]]
    regions = known.within(wish.region) if wish.region else frozenset(known.regions)
    told = [
        entry
        for entry, text in zip(known.entries, known.words, strict=True)
        if entry.region in regions and all(word in text for word in words)
    ]
    of_kind = [entry for entry in told if wish.kind in ("", entry.kind)]
    of_agency = [entry for entry in told if wish.agency in ("", entry.agency_code)]
    agencies = Counter((entry.agency_code, entry.agency) for entry in of_kind)
    kinds = Counter(entry.kind for entry in of_agency)
    return Found(
        [entry for entry in of_kind if wish.agency in ("", entry.agency_code)],
        [(code, name, number) for (code, name), number in agencies.items()],
        {kind: kinds[kind] for kind in public_kinds() if kinds[kind]},
    )


def after(found: Sequence[Entry], place: tuple[str, str, str] | None) -> Sequence[Entry]:
    """The next page behind a place in the list: it stays where it is when other items come or go."""
    start = bisect_right([entry.place for entry in found], place) if place else 0
    return found[start : start + PAGE]


def entry(known: Listing, agency_code: str, code: str) -> Entry:
    """One item that the public sees.

    Raises:
        NotFound: there is none, or the public does not see it: which of the two is not told.
    """
    found = known.by_code.get((agency_code, code))
    if found is None:
        raise NotFound(MISSING)
    return found


def former(session: Session, shown: Entry) -> Sequence[tuple[ItemVersion, date | None]]:
    """The versions of an item that were public before, the newest first, each with the day on which the next began."""
    known = sorted(
        catalogue.versions.approved(session, shown.item_id),
        key=lambda version: (version.effective_on or date.min, version.number or 0),
    )
    until = {v.id: later.effective_on for v, later in pairwise(known)}
    open_before = [
        (v, until.get(v.id))
        for v in known
        if v.id != shown.version_id
        and (v.effective_on or date.min) <= (shown.since or date.min)
        and v.publishable
        and (v.case_id is not None or v.approval)
        and not v.trial
        and v.change in catalogue.versions.EXERCISED
    ]
    return list(reversed(open_before))
