"""公开完整度: how complete the items in force are, by agency and by level, with the list of what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.items import service as items
from app.kernel import sheets
from app.kernel.auth import Actor
from app.kernel.errors import NotFound
from app.people import service as people
from app.people.models import Agency
from app.public import service as public

LEVELS = {"province": "省级", "city": "市级", "county": "县级", "town": "乡镇（街道）级"}


@dataclass(frozen=True, slots=True)
class Row:
    """Of an agency: its items in force, how many lack nothing, and how many things are missing."""

    id: int
    agency: str
    level: str
    items: Sequence[items.Missing]
    withheld: Sequence[public.Withheld] = ()
    """Of these, what the public does not see."""

    @property
    def complete(self) -> int:
        """Items that lack nothing."""
        return sum(one.complete for one in self.items)

    @property
    def lacking(self) -> int:
        """Things that are missing."""
        return sum(lack.blocks for one in self.items for lack in one.lacks)


@dataclass(frozen=True, slots=True)
class Level:
    """The agencies of a level together."""

    name: str
    agencies: int
    items: int
    complete: int


def rows(session: Session, actor: Actor, agency_id: int | None = None) -> list[Row]:
    """The agencies this person sees (or one of them) that have items in force.

    Raises:
        NotFound: the agency is none of them.
    """
    chosen = select(Agency).where(people.scope(session, actor).condition(Agency))
    if agency_id is not None:
        chosen = chosen.where(Agency.id == agency_id)
    agencies = session.scalars(chosen.order_by(Agency.region_code, Agency.code)).all()
    if agency_id is not None and not agencies:
        raise NotFound("没有找到这个机关，或者它不归您监督。")
    hidden: dict[int, list[public.Withheld]] = {agency.id: [] for agency in agencies}
    for one in public.withheld(session, hidden):
        hidden[one.agency_id].append(one)
    found = [Row(a.id, a.name, a.level, items.missing(session, a.id), hidden[a.id]) for a in agencies]
    return [row for row in found if row.items or agency_id is not None]


def levels(found: Sequence[Row]) -> list[Level]:
    """The same, level by level."""
    told = []
    for key, name in LEVELS.items():
        mine = [row for row in found if row.level == key]
        if mine:
            whole, complete = sum(len(row.items) for row in mine), sum(row.complete for row in mine)
            told.append(Level(name, len(mine), whole, complete))
    return told


def listed(found: Sequence[Row]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The list of what is missing as a table: heads and rows."""
    heads = ("层级", "机关", "事项代码", "事项", "缺少或者不符", "说明", "依据")
    return heads, [
        (
            LEVELS.get(row.level, row.level),
            row.agency,
            one.code,
            one.name,
            lack.label,
            lack.message,
            lack.source,
        )
        for row in found
        for one in row.items
        for lack in one.lacks
        if lack.blocks
    ]


def sheet(found: Sequence[Row], xlsx: bool) -> bytes:
    """The list of what is missing as a file."""
    heads, told = listed(found)
    return sheets.as_xlsx("缺项列表", heads, told) if xlsx else sheets.as_csv(heads, told)
