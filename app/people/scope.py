"""Which agencies' business exists for a person.

An officer sees the own agency; a supervisor all agencies of the own region and the regions below it; an
administrator or analyst no case at all. What lies outside the scope is answered with "not found".
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from app.kernel.auth import Actor, Role

from .models import Agency, Region


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person may see: one agency, and every agency of some regions."""

    agency_id: int | None = None
    regions: frozenset[str] = frozenset()

    def condition(self, table: Any) -> ColumnElement[bool]:
        """The restriction for a query on a table with `agency_id` and `region_code` columns (or `Agency`)."""
        agency = table.id if table is Agency else table.agency_id
        parts: list[ColumnElement[bool]] = []
        if self.agency_id is not None:
            parts.append(agency == self.agency_id)
        if self.regions:
            parts.append(table.region_code.in_(sorted(self.regions)))
        return or_(*parts) if parts else false()

    def sees(self, agency_id: int, region: str) -> bool:
        """Whether something of this agency in this region exists for the person."""
        return agency_id == self.agency_id or region in self.regions


def subtree(session: Session, region: str) -> frozenset[str]:
    """The codes of a region and of everything below it.

    Follows the stored tree, not the digits: development zones have no code of their own place.
    """
    below = select(Region.code).where(Region.code == region).cte("below", recursive=True)
    below = below.union(select(Region.code).join(below, Region.parent_code == below.c.code))
    return frozenset(session.scalars(select(below.c.code)))


def regions_above(session: Session, region: str) -> frozenset[str]:
    """The codes of a region and of everything above it."""
    above = select(Region.code, Region.parent_code).where(Region.code == region).cte("above", recursive=True)
    above = above.union(
        select(Region.code, Region.parent_code).join(above, Region.code == above.c.parent_code)
    )
    return frozenset(session.scalars(select(above.c.code)))


def scope(session: Session, actor: Actor) -> Scope:
    """The cases that exist for this person."""
    own = actor.agency_id if Role.OFFICER in actor.roles else None
    regions = subtree(session, actor.region) if Role.SUPERVISOR in actor.roles else frozenset()
    return Scope(own, regions)


def administered(session: Session, actor: Actor) -> Scope:
    """The agencies whose accounts this administrator keeps: those of the region and below; no cases."""
    return Scope(None, subtree(session, actor.region) if Role.ADMIN in actor.roles else frozenset())


def analysed(session: Session, actor: Actor) -> Scope:
    """The agencies whose procedures this analyst prepares: those of the region and below; counts, never cases."""
    return Scope(None, subtree(session, actor.region) if Role.ANALYST in actor.roles else frozenset())
