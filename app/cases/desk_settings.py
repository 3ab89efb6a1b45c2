"""What the acts of the desk go by: `data/desk.yaml`, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.kernel.auth import Actor, Role

DATA = Path(__file__).parent / "data" / "desk.yaml"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the desk. `heads` give out every task of their agency, `allocates` says who besides gives out
    those of which positions; `urge_again` is how long one person waits before urging one task again. `sets_for_region`
    are the positions of a supervising office that decide the thresholds of its region."""

    heads: frozenset[str]
    allocates: Mapping[str, frozenset[str]]
    urge_again: timedelta
    urges_shown: int
    copies: int
    handed_over: int
    sets_for_region: frozenset[str]
    region_years: int


@cache
def settings() -> Settings:
    """The settings as shipped."""
    told: Mapping[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return Settings(
        heads=frozenset(told["heads"]),
        allocates={key: frozenset(positions) for key, positions in told["allocates"].items()},
        urge_again=timedelta(hours=told["urging"]["again_after_hours"]),
        urges_shown=told["urging"]["shown"],
        copies=told["copying"]["most"],
        handed_over=told["handover"]["most"],
        sets_for_region=frozenset(told["sets_for_region"]),
        region_years=int(told["region_years"]),
    )


def is_head(actor: Actor) -> bool:
    """Whether this person answers for all tasks of the agency."""
    return bool(actor.positions & settings().heads) and Role.OFFICER in actor.roles


def led(actor: Actor) -> frozenset[str]:
    """The positions whose tasks this person gives out without being a head."""
    mine = settings().allocates
    return frozenset(key for position in actor.positions for key in mine.get(position, ()))


def gives_out(actor: Actor, position: str) -> bool:
    """Whether this person gives out the tasks of a position."""
    return is_head(actor) or (position in led(actor) and Role.OFFICER in actor.roles)


def reach(actor: Actor) -> list[str]:
    """The positions by whose tasks cases become visible to this person: those held, and those given out."""
    return sorted(actor.positions | led(actor))
