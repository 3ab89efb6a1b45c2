"""What the two kinds of change orders have in common, as the rest of the room sees it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from app.kernel.errors import Invalid

from . import law, roster
from .models import ChangeOrder, Kind


class Basis(Protocol):
    """One kind of base data: what an order of it says, and what it does once it is confirmed."""

    @property
    def at_once(self) -> bool:
        """Whether it is recorded on the day it is confirmed (what is recorded has its own day), not on its day."""
        ...

    def matter(self, session: Session, order: ChangeOrder) -> str:
        """What it is about, in a line."""
        ...

    def rows(self, session: Session, order: ChangeOrder) -> Sequence[Mapping[str, str]]:
        """What changes: `part`, `before`, `after`."""
        ...

    def impact(self, session: Session, order: ChangeOrder) -> str:
        """What it touches, in a sentence."""
        ...

    def problems(self, session: Session, order: ChangeOrder) -> Sequence[str]:
        """Why it cannot be carried out as things stand."""
        ...

    def wrong_day(self, order: ChangeOrder, day: date) -> str:
        """Why it may not be confirmed for this day; empty: it may."""
        ...

    def subjects(self, order: ChangeOrder) -> Collection[int]:
        """The officers it is about: they have no hand in it."""
        ...

    def carry_out(self, session: Session, order: ChangeOrder, on: date) -> None:
        """Change what was confirmed.

        Raises:
            Invalid: it does not fit any more.
        """
        ...


_KINDS: Mapping[str, Basis] = {Kind.LAW: law.KIND, Kind.ROSTER: roster.KIND}


def of(order: ChangeOrder) -> Basis:
    """The kind of an order."""
    return _KINDS[order.kind]


def checked(session: Session, order: ChangeOrder) -> None:
    """Go on only with an order that can be carried out.

    Raises:
        Invalid: names every reason.
    """
    if found := of(order).problems(session, order):
        raise Invalid("；".join(text.rstrip("。") for text in found) + "。", errors={"order": list(found)})
