"""The first-day tour: which one suits a person, and whether it is still to be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Invalid

from .models import TourSeen

DATA = Path(__file__).parent / "data" / "tours.yaml"
OUTCOMES = ("finished", "dismissed")


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: what is shown (`at`, a selector), and the link to follow first where it stands on another page."""

    title: str
    text: str
    at: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Tour:
    """A tour of four to eight stops. `page` is the endpoint it begins on."""

    key: str
    name: str
    page: str
    roles: frozenset[str]
    positions: frozenset[str]
    stops: tuple[Stop, ...]

    def suits(self, actor: Actor) -> bool:
        """Whether it is made for this person."""
        fits = not self.roles or bool(self.roles & {str(role) for role in actor.roles})
        return fits and (not self.positions or bool(self.positions & actor.positions))


@lru_cache(maxsize=1)
def all_tours() -> tuple[Tour, ...]:
    """The tours of the data file, in its order."""
    raw: Mapping[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return tuple(
        Tour(
            t["key"],
            t["name"],
            t["page"],
            frozenset(t.get("roles") or ()),
            frozenset(t.get("positions") or ()),
            tuple(Stop(**stop) for stop in t["stops"]),
        )
        for t in raw["tours"]
    )


def of(actor: Actor) -> Tour | None:
    """The tour made for this person, None where there is none."""
    return next((tour for tour in all_tours() if tour.suits(actor)), None)


def pending(session: Session, actor: Actor) -> bool:
    """Whether the person's tour is still to be shown by itself: no tour was seen with this account."""
    return of(actor) is not None and not seen(session, actor.account_id)


def seen(session: Session, account_id: int) -> Sequence[str]:
    """The tours this account went through or put away."""
    return session.scalars(select(TourSeen.tour).where(TourSeen.account_id == account_id)).all()


def note(session: Session, actor: Actor, outcome: str) -> None:
    """The person went through the tour, or put it away. Saying so twice changes nothing more.

    Raises:
        Invalid: an unknown outcome.
    """
    tour = of(actor)
    if outcome not in OUTCOMES or tour is None:
        raise Invalid("提交的内容不完整，请刷新页面后重试。", code="tour")
    row = insert(TourSeen).values(account_id=actor.account_id, tour=tour.key, outcome=outcome, at=clock.now())
    session.execute(row.on_conflict_do_nothing())
