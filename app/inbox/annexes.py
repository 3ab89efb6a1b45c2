"""What lies beside a task's case in another room: a few lines and a page, for those who decide on it.

The inbox stands below the rooms that know more of a case (what a publication is about to publish, say). They leave it
here (`install`), by the kind of procedure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from app.cases.models import WorkItem


@dataclass(frozen=True, slots=True)
class Annex:
    """A card on the task page. `lines` are label and value, `points` what must be seen, `url` the whole of it."""

    title: str
    lines: Sequence[tuple[str, str]]
    points: Sequence[tuple[str, str]]
    more: str
    url: str


class Bench(Protocol):
    """A page of another room on which a task is worked on, offered at the head of the task's own page."""

    @property
    def label(self) -> str: ...

    @property
    def hint(self) -> str: ...

    @property
    def url(self) -> str: ...


FindBench = Callable[[WorkItem], Bench | None]
_benches: list[FindBench] = []


def install_bench(find: FindBench) -> None:
    """Tell the inbox which tasks have a page of their own in another room (done once a room)."""
    if find not in _benches:
        _benches.append(find)


def bench_of(work: WorkItem) -> Bench | None:
    """The page of another room for this task; None: there is none."""
    return next((bench for find in _benches if (bench := find(work))), None)


Find = Callable[[Session, int], Annex | None]
_finders: dict[str, Find] = {}


def install(kind: str, find: Find) -> None:
    """Tell the inbox what lies beside cases of this kind of procedure (done once)."""
    _finders[kind] = find


def of(session: Session, kind: str, case_id: int) -> Annex | None:
    """What lies beside a case that this person may see; None: nothing."""
    return _finders[kind](session, case_id) if kind in _finders else None
