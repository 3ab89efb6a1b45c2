"""The blueprint of the room, who may enter, and by which procedures items come about."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.kernel.auth import Actor, Role, roles
from app.kernel.errors import Forbidden
from app.kernel.web import Room

DATA = Path(__file__).parent / "data"
room = Room("items", __name__)
KEEPER = roles(Role.OFFICER)
"""Whoever draws items up or examines them; the services ask for positions."""
READER = roles(Role.OFFICER, Role.SUPERVISOR)
"""Officers see their own agency's items, supervisors those of their region."""


@lru_cache(maxsize=1)
def life() -> Mapping[str, Any]:
    """`data/life.yaml`."""
    return yaml.safe_load((DATA / "life.yaml").read_text(encoding="utf-8"))


def draws(actor: Actor) -> bool:
    """Whether this person draws up the agency's items."""
    return Role.OFFICER in actor.roles and life()["drawn_by"] in actor.positions


def for_drawers(actor: Actor) -> None:
    """Only who draws items up goes on.

    Raises:
        Forbidden: everybody else.
    """
    if not draws(actor):
        raise Forbidden("权力事项由本机关权力事项管理岗编制，您目前没有担任。")
