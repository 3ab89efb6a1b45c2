"""What lies beside a task's case in another room: a few lines and a page, for those who decide on it.

The inbox stands below the rooms that know more of a case (what a publication is about to publish, say). They leave it
here (`install`), by the kind of procedure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Annex:
    """A card on the task page. `lines` are label and value, `points` what must be seen, `url` the whole of it."""

    title: str
    lines: Sequence[tuple[str, str]]
    points: Sequence[tuple[str, str]]
    more: str
    url: str


Find = Callable[[Session, int], Annex | None]
_finders: dict[str, Find] = {}


def install(kind: str, find: Find) -> None:
    """Tell the inbox what lies beside cases of this kind of procedure (done once)."""
    _finders[kind] = find


def of(session: Session, kind: str, case_id: int) -> Annex | None:
    """What lies beside a case that this person may see; None: nothing."""
    return _finders[kind](session, case_id) if kind in _finders else None
