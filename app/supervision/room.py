"""The blueprint of the supervision room, who may enter, and which of its pages a person has."""

from app.cases import service as cases
from app.kernel.auth import Role, actor_or_none, roles
from app.kernel.web import Room

room = Room("supervision", __name__)
SUPERVISOR = roles(Role.SUPERVISOR)


@room.context_processor
def tabs() -> dict[str, bool]:
    """Which tabs stand above the pages of this person."""
    actor = actor_or_none()
    if actor is None:
        return {}
    return {
        "supervises": Role.SUPERVISOR in actor.roles,
        "oversees": cases.deviations.oversees(actor),
        "sets_for_region": cases.threshold_editing.sets_for_region(actor),
    }
