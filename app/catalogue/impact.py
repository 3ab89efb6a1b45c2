"""What a repeal or an amendment of a statute touches: items, baselines, procedures, templates, open cases."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.auth import Actor

from . import citing, library
from .citing import Touched
from .models import DiscretionBaseline
from .validity import Held


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that goes on while the law changes."""

    id: int
    no: str
    agency_id: int
    item_id: int
    procedure_id: int


@dataclass(frozen=True, slots=True)
class Cases:
    """The open cases on items and procedures: how many of each agency, and the first of them."""

    by_agency: Mapping[int, int]
    first: tuple[OpenCase, ...] = ()

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_agency.values())


Ports = Callable[[Session, Sequence[tuple[int, int]], Sequence[int], int, Actor | None], Cases]
"""(item, agency) pairs, procedure versions, how many cases to name, who looks -> the open cases."""
Alive = Callable[[Session, Sequence[int]], Collection[int]]
"""Of these procedure versions those on which cases begin or run."""


def _no_cases(*_: object) -> Cases:
    return Cases({})


def _all_alive(_: Session, ids: Sequence[int]) -> Collection[int]:
    return ids


_cases: Ports = _no_cases
_alive: Alive = _all_alive


def install_cases(cases: Ports, alive: Alive) -> None:
    """How open cases and living procedures are found (port: cases stand above the catalogue)."""
    global _cases, _alive
    _cases, _alive = cases, alive


@dataclass(frozen=True, slots=True)
class Impact:
    """What is touched, of each kind."""

    history: library.History
    held: Held
    items: tuple[Touched, ...]
    baselines: tuple[Touched, ...]
    procedures: tuple[Touched, ...]
    templates: tuple[Touched, ...]
    cases: Cases

    @property
    def nothing(self) -> bool:
        """Whether nothing cites it."""
        return not (self.items or self.baselines or self.procedures or self.templates)


def of(
    session: Session,
    law: str,
    day: date,
    articles: Collection[str] = (),
    agencies: Collection[int] | None = None,
    most_cases: int = 50,
    actor: Actor | None = None,
) -> Impact:
    """What a change of the statute (of these articles of it) on a day touches. `agencies`: only what is theirs, and what
    is everybody's; `actor`: cases are named as far as this person may see them."""
    found = citing.touched(session, law, articles)
    if agencies is not None:
        found = [each for each in found if each.agency_id is None or each.agency_id in agencies]
    kinds = {kind: tuple(each for each in found if each.kind == kind) for kind in
             (citing.ITEM, citing.BASELINE, citing.PROCEDURE, citing.TEMPLATE)}  # fmt: skip
    alive = set(_alive(session, _ids(kinds[citing.PROCEDURE])))
    procedures = tuple(each for each in kinds[citing.PROCEDURE] if int(each.ref) in alive)
    baselines = _current(session, kinds[citing.BASELINE], day)
    pairs = [(int(each.ref), each.agency_id or 0) for each in kinds[citing.ITEM]]
    cases = _cases(session, pairs, _ids(procedures), most_cases, actor)
    if agencies is not None:
        cases = Cases(
            {agency: n for agency, n in cases.by_agency.items() if agency in agencies},
            tuple(case for case in cases.first if case.agency_id in agencies),
        )
    history = next(iter(library.histories(session, [law]).values()))
    return Impact(
        history, history.on(day), kinds[citing.ITEM], baselines, procedures, kinds[citing.TEMPLATE], cases
    )


def _ids(touched: Iterable[Touched]) -> list[int]:
    return [int(each.ref) for each in touched]


def _current(session: Session, touched: Sequence[Touched], day: date) -> tuple[Touched, ...]:
    """Those baselines that are in force on the day or will be: none that a later version has replaced by then."""
    rows = session.execute(
        select(
            DiscretionBaseline.id, DiscretionBaseline.agency_id, DiscretionBaseline.key, DiscretionBaseline.number,
            DiscretionBaseline.effective_from,
        ).where(DiscretionBaseline.agency_id.in_({each.agency_id for each in touched}))
    ).all()  # fmt: skip
    by_id = {row.id: row for row in rows}

    def replaced(row_id: int) -> bool:
        mine = by_id[row_id]
        return any(
            (row.agency_id, row.key) == (mine.agency_id, mine.key)
            and row.number > mine.number
            and (row.effective_from or date.min) <= day
            for row in rows
        )

    return tuple(each for each in touched if int(each.ref) in by_id and not replaced(int(each.ref)))
