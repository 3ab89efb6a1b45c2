"""The blueprint of the room, who may enter, and by which procedure change orders are examined."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.kernel.auth import Actor, Role, roles
from app.kernel.errors import Forbidden
from app.kernel.web import Room

DATA = Path(__file__).parent / "data"
room = Room("orders", __name__)
KEEPER = roles(Role.OFFICER)
"""Whoever proposes; the services ask for the position."""
READER = roles(Role.OFFICER, Role.SUPERVISOR, Role.ADMIN)


@lru_cache(maxsize=1)
def settings() -> Mapping[str, Any]:
    """`data/orders.yaml`."""
    return yaml.safe_load((DATA / "orders.yaml").read_text(encoding="utf-8"))


def proposes(actor: Actor) -> bool:
    """Whether this person proposes changes for the agency."""
    return Role.OFFICER in actor.roles and settings()["proposed_by"] in actor.positions


def for_proposers(actor: Actor) -> None:
    """Only who proposes goes on.

    Raises:
        Forbidden: everybody else.
    """
    if not proposes(actor):
        raise Forbidden("变更单由本机关权力事项管理岗提出，您目前没有担任。")
