"""The door of the catalogue room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock, editions, jobs
from app.kernel.auth import Actor
from app.kernel.errors import NotFound
from app.people import service as people
from app.people.models import Agency

from . import baselines, discretion, importing, item_rules, proposing, standards
from . import item_versions as versions
from .baselines import in_force as baseline_in_force
from .baselines import of_agency as baselines_of
from .baselines import own as own_baseline
from .baselines import publish as publish_baseline
from .changes import Task as LawTask
from .changes import changes_for, due_on, install_calendar, load_known
from .choosing import Compared as ComparedLaw
from .choosing import compare as compare_law
from .choosing import of_contents as basis_of_contents
from .choosing import ranges_on
from .citations import Piece as Piece
from .citations import article_name as article_name
from .citations import pieces as cited
from .citations import same_law as same_law
from .citing import PROCEDURE, TEMPLATE, Source
from .citing import Text as CitingWords
from .citing import install as install_source
from .citing import refresh as refresh_citations
from .citing_sources import install as install_own_sources
from .impact import Cases as OpenCases
from .impact import Impact, OpenCase, install_cases
from .impact import of as impact_of
from .law_room import agencies_of as _agencies_of
from .law_room import seen_by as _seen_by
from .library import held as articles_of
from .library import holdings as law_holdings
from .library import load as load_statutes
from .library import register as register_statutes
from .library import resolve as resolve_citations
from .library import texts as article_texts
from .models import CATALOGUE, ItemVersion, PowerItem
from .standards import Pair as Standards
from .standards import Standard
from .standards import name_of as standard_name
from .statutes import Article as Article
from .statutes import Statute as Statute

__all__ = [
    "NO_ITEM", "PROCEDURE", "TEMPLATE", "Article", "CitingWords", "ComparedLaw", "Impact", "Item", "ItemStatus",
    "LawTask", "OpenCase", "OpenCases", "Piece", "Source", "Standard", "Standards", "Statute", "add",
    "agencies_below", "agencies_seen", "article_name", "article_texts", "articles_of", "baseline_in_force",
    "baselines_of", "basis_of_contents", "changes_for", "cited", "compare_law", "discretion", "due_on",
    "impact_of", "install_calendar", "install_cases", "install_own_sources", "install_source", "item",
    "item_rules", "items_of", "law_holdings", "load_known", "load_statutes", "of_procedure", "own_baseline",
    "procedures_in", "proposing", "publish_baseline", "published", "ranges_on", "refresh_citations",
    "register_jobs", "register_statutes", "resolve_citations", "same_law", "standard_changes", "standard_name",
    "standard_on", "standards_of", "versions",
]  # fmt: skip


def agencies_seen(session: Session, actor: Actor) -> dict[int, str]:
    """The agencies whose items this person of the catalogue sees: their ids and names."""
    return _agencies_of(session, _seen_by(session, actor))


def agencies_below(session: Session, region: str) -> dict[int, str]:
    """The agencies of a region and of those below it: their ids and names."""
    return _agencies_of(session, people.Scope(None, people.subtree(session, region)))


NO_ITEM = "没有这个事项，或者它还没有公布。"


class ItemStatus(StrEnum):
    """Where an item stands; only a published one can be exercised."""

    DRAFT = "draft"  # not in force yet
    PUBLISHED = "published"
    ABOLISHED = "abolished"
    TRANSFERRED = "transferred"


def items_of(session: Session, agency_id: int) -> Sequence[PowerItem]:
    """The agency's published items, in the order of their codes."""
    return session.scalars(
        select(PowerItem)
        .where(PowerItem.agency_id == agency_id, PowerItem.status == ItemStatus.PUBLISHED)
        .order_by(PowerItem.code)
    ).all()


def of_kind(session: Session, kind: str) -> Sequence[PowerItem]:
    """The first published item of this kind of each agency."""
    chosen = select(PowerItem).where(PowerItem.kind == kind, PowerItem.status == ItemStatus.PUBLISHED)
    chosen = chosen.distinct(PowerItem.agency_id).order_by(PowerItem.agency_id, PowerItem.code)
    return session.scalars(chosen).all()


def procedures_in(session: Session, scope: people.Scope) -> list[str]:
    """The procedures on which published items of the agencies in a scope run."""
    chosen = select(PowerItem.procedure).join(Agency, Agency.id == PowerItem.agency_id)
    chosen = chosen.where(PowerItem.status == ItemStatus.PUBLISHED, scope.condition(Agency))
    return sorted(set(session.scalars(chosen)))


def of_procedure(session: Session, key: str, limit: int = 200) -> Sequence[PowerItem]:
    """Published items, of any agency, that run on a procedure; each name once."""
    chosen = select(PowerItem).where(PowerItem.procedure == key, PowerItem.status == ItemStatus.PUBLISHED)
    chosen = chosen.distinct(PowerItem.name).order_by(PowerItem.name, PowerItem.id).limit(limit)
    return session.scalars(chosen).all()


@dataclass(frozen=True, slots=True)
class Item:
    """An item as cases see it: plain values, kept in the process until the catalogue changes. `content` is what
    documents and gates may use of it; where it names a baseline, `tiers` are those of the version in force today.
    `version` is the number of the version it is of, None where none counts yet; `digest` the SHA-256 of what that says."""

    id: int
    agency_id: int
    name: str
    procedure: str
    status: str
    content: Mapping[str, Any]
    version: int | None = None
    digest: str = ""


_kept: tuple[tuple[str, date], dict[int, list[tuple[date, Item]]]] = (("", date.min), {})
"""Only a cache, of a day: every question asks the database for the edition first."""


def item(session: Session, item_id: int, on: date | None = None) -> Item:
    """An item as it is on a day (None: today), published or not. A case asks for the day of its opening: it goes on
    under what it was opened on when the item is changed, transferred or abolished.

    Raises:
        NotFound: there is none.
    """
    global _kept
    edition = (editions.current(session, CATALOGUE), clock.legal_day(clock.now()))
    if _kept[0] != edition:
        _kept = (edition, {})
    known = _kept[1]
    if item_id not in known:
        known[item_id] = _line(session, item_id, edition[1])
    line, day = known[item_id], on or edition[1]
    return next((found for since, found in reversed(line) if since <= day), line[0][1])


def _line(session: Session, item_id: int, today: date) -> list[tuple[date, Item]]:
    """The item by the days from which its versions count, the first as the row says where none counted before."""
    row = session.get(PowerItem, item_id)
    if row is None:
        raise NotFound(NO_ITEM)
    line = [
        (version.effective_on or date.min, _of_version(session, row, version, today))
        for version in versions.approved(session, item_id)
    ]
    line.sort(key=lambda each: (each[0], each[1].version or 0))
    if not line or line[0][0] > date.min:
        content = _content(session, row, row, today)
        line.insert(
            0, (date.min, Item(row.id, row.agency_id, row.name, row.procedure, ItemStatus.DRAFT, content))
        )
    return line


def _of_version(session: Session, row: PowerItem, version: ItemVersion, today: date) -> Item:
    content = _content(session, row, version, today)
    status = versions.STATUS[version.change]
    return Item(
        row.id,
        row.agency_id,
        version.name,
        version.procedure,
        status,
        content,
        version.number,
        version.digest,
    )


def _content(
    session: Session, row: PowerItem, says: PowerItem | ItemVersion, today: date
) -> Mapping[str, Any]:
    content = {"id": row.id, "code": row.code, "name": says.name, "basis": says.basis, **says.content}
    if key := says.content.get("baseline"):
        baseline = baselines.in_force(session, row.agency_id, str(key), today)
        content["tiers"] = baselines.tiers_of(discretion.read(baseline.content)) if baseline else []
        content["baseline_version"] = baselines.told(baseline) if baseline else None
    return content


def standard_on(session: Session, item_id: int, opened: date, day: date) -> Standard | None:
    """The discretion standard on a day, of the item as it was on the day a case was opened."""
    found = item(session, item_id, opened)
    return standards.on(session, found.agency_id, found.content, found.version, day)


def standards_of(
    session: Session, item_id: int, acted: date, decided: date, opened: date | None = None
) -> Standards | None:
    """The discretion standards of an item on the day of an act and on that of the decision; None: it has none at all.

    Args:
        opened: the day on which a case was opened on the item: its version of that day says which baseline was the item's
            where none counted on the day of the act.
    """
    before, after = item(session, item_id, acted), item(session, item_id, decided)
    if before.version is None and opened:
        before = item(session, item_id, opened)
        lists_itself = not before.content.get("baseline")
        before = replace(before, version=None) if lists_itself else before
    old, new = (
        standards.on(session, each.agency_id, each.content, each.version, day)
        for each, day in ((before, acted), (after, decided))
    )
    return Standards(acted, decided, old, new) if old or new else None


def standard_changes(
    session: Session, item_id: int, opened: date, after: date, until: date
) -> Sequence[Standard]:
    """The versions of an item's baseline that came into force after one day and up to another."""
    found = item(session, item_id, opened)
    key = found.content.get("baseline")
    line = standards.line(session, found.agency_id, str(key)) if key else ()
    return [each for each in line if after < each.since <= until]


def published(session: Session, agency_id: int, item_id: int) -> Item:
    """One item of this agency that may be exercised today: it went through its approval, its day has come, and it is
    neither abolished nor another agency's by now.

    Raises:
        NotFound: it does not exist, may not be exercised, or is another agency's.
    """
    found = item(session, item_id)
    if found.agency_id != agency_id or found.status != ItemStatus.PUBLISHED:
        raise NotFound(NO_ITEM)
    return found


def add(session: Session, agency_id: int, values: Mapping[str, Any], approval: str = "") -> PowerItem:
    """Take over a published item as its first version, or return the one with the same code (loading twice changes
    nothing). What an agency changes of it later goes the way of every change.

    `values["elements"]` are further elements as the drawing-up has them, `approval` (or `values["approved"]`) the paper of
    the examination from before; of an item that is known already it is noted, if the item is still what was taken over.
    """
    paper = str(approval or values.get("approved") or "")
    known = session.scalar(
        select(PowerItem).where(PowerItem.agency_id == agency_id, PowerItem.code == values["code"])
    )
    new = known or PowerItem(agency_id=agency_id, code=values["code"], status=ItemStatus.PUBLISHED)
    told = {
        "name": values["name"],
        "kind": values["type"],
        "procedure": values["procedure"],
        "basis": list(values.get("basis") or ()),
        "content": dict(values.get("content") or {}),
    }
    further = dict(values.get("elements") or {})
    elements = {**item_rules.elements_of({**told, "code": values["code"]}), **further} if further else {}
    if known:
        versions.examined_before(session, known, {**told, "elements": elements}, paper)
        return known
    for name, value in told.items():
        setattr(new, name, value)
    session.add(new)
    session.flush()
    versions.taken_over(session, new, "文件录入", elements, paper)
    return new


def register_jobs() -> None:
    """Let the worker bring items to the versions whose day has come."""
    due = "select min(effective_on)::timestamp at time zone 'Asia/Shanghai' from power_item_version"
    due += " where state = 'approved' and applied_at is null"
    jobs.register_sweep("catalogue.items", versions.apply_due, due)
    importing.register_jobs()
