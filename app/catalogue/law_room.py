"""The blueprint of the legal basis, and who may enter."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.auth import Actor, Role, roles
from app.kernel.web import Room
from app.people import service as people
from app.people.models import Agency

room = Room("law", __name__)
READERS = roles(Role.OFFICER, Role.ANALYST, Role.SUPERVISOR)
KEEPERS = roles(Role.OFFICER, Role.ANALYST)
"""Who says what became of the work that a change of law makes."""
ITEM_READERS = roles(Role.OFFICER, Role.SUPERVISOR)
"""Whom the pages of items are for."""


def seen_by(session: Session, actor: Actor) -> people.Scope:
    """The agencies whose items a person of the catalogue sees: the own one; a supervisor's and an analyst's region."""
    own, analysed = people.scope(session, actor), people.analysed(session, actor)
    return people.Scope(own.agency_id, own.regions | analysed.regions)


def agencies_of(session: Session, scope: people.Scope) -> dict[int, str]:
    """Their ids and names."""
    chosen = select(Agency.id, Agency.name).where(or_(scope.condition(Agency)))
    return dict(session.execute(chosen.order_by(Agency.region_code, Agency.code)).tuples().all())
