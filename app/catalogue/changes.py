"""Repeals and amendments of statutes, and the work they make: every item that cites one is to be looked at by its agency
before the change takes effect."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.people.models import Agency
from app.people.service import Scope

from . import citations, citing, library
from .law_models import LawArticle, LawChange, LawTask
from .models import PowerItem
from .statutes import Statute
from .validity import Change, ChangeKind

DATA = Path(__file__).parent / "data" / "legal_basis.yaml"
PAGE = 50
NOTE = 500
"""Characters of a note."""
_REPEALING = re.compile(r"[^。；\n]*同时废止")


class TaskState(StrEnum):
    """Where the work for an item stands."""

    OPEN = "open"
    ADJUSTED = "adjusted"
    UNAFFECTED = "unaffected"


TASK_WORDS = {
    TaskState.OPEN: "待处理",
    TaskState.ADJUSTED: "已申报调整",
    TaskState.UNAFFECTED: "不需调整",
}
WorkingDays = Callable[[Session, date, int], date]


def _no_calendar(session: Session, day: date, n: int) -> date:
    raise RuntimeError("the calendar is not connected")


_before: WorkingDays = _no_calendar


def install_calendar(nth_working_day_before: WorkingDays) -> None:
    """How the n-th working day before a day is found (port: the calendar stands above the catalogue)."""
    global _before
    _before = nth_working_day_before


@cache
def facts() -> dict[str, Any]:
    """The data file: the period for submitting, and known changes."""
    return yaml.safe_load(DATA.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change to be recorded."""

    law: str
    kind: ChangeKind
    on: date
    by: str
    basis: str
    source: str
    articles: tuple[str, ...] = ()


def load_known(session: Session) -> int:
    """Record the changes that the product knows of, with their work; how many were new."""
    known = [
        NewChange(
            row["law"], ChangeKind(row["kind"]), date.fromisoformat(row["since"]), row["by"], row["basis"], row["source"]
        )
        for row in facts()["changes"]
    ]  # fmt: skip
    return sum(record(session, each)[1] for each in known)


def record(session: Session, new: NewChange, order_no: str = "") -> tuple[LawChange, bool]:
    """Record a change once, and open the work for every item that cites what is changed. The row, and whether it is new.
    An item that comes to cite the statute later gets its work when the change is recorded again. `order_no`: by which
    confirmed change order; only the installation records without one."""
    values = {
        "law_key": citations.same_law(new.law),
        "law": new.law,
        "kind": new.kind,
        "on_date": new.on,
        "by_law": new.by,
        "basis": new.basis,
        "articles": list(new.articles),
        "source": new.source,
        "order_no": order_no,
        "recorded_at": clock.now(),
    }
    row = insert(LawChange).values(values).on_conflict_do_nothing().returning(LawChange.id)
    fresh = session.scalar(row) is not None
    kept = session.scalars(
        select(LawChange).where(
            LawChange.law_key == values["law_key"],
            LawChange.kind == new.kind,
            LawChange.on_date == new.on,
        )
    ).one()
    open_tasks(session, kept)
    return kept, fresh


def open_tasks(session: Session, change: LawChange) -> int:
    """The work of a change for items that have none yet; how many were opened."""
    touched = citing.touched(session, change.law, change.articles, kinds=(citing.ITEM,))
    alive = set(
        session.scalars(
            select(PowerItem.id).where(
                PowerItem.id.in_([int(each.ref) for each in touched]), PowerItem.status == "published"
            )
        )
    )
    rows = [
        {
            "change_id": change.id,
            "item_id": int(each.ref),
            "agency_id": each.agency_id,
            "cited": list(each.cited),
            "due_on": due_on(session, change.on_date),
            "opened_at": clock.now(),
        }
        for each in touched
        if int(each.ref) in alive
    ]
    if not rows:
        return 0
    made = insert(LawTask).on_conflict_do_nothing().returning(LawTask.id)
    return len(session.execute(made, rows).all())


def come_into_force(session: Session, items: Collection[PowerItem], today: date) -> int:
    """The work of changes still to come for items that count from now on and cite what will change; how much was opened."""
    laws = {
        citations.same_law(law)
        for item in items
        for words in item.basis
        for law in citations.laws(str(words))
    }
    coming = select(LawChange).where(LawChange.law_key.in_(laws), LawChange.on_date > today)
    return sum(open_tasks(session, change) for change in session.scalars(coming.order_by(LawChange.id)).all())


def due_on(session: Session, on: date) -> date:
    """The last day for submitting the adjustment that a change from this day on asks for."""
    return _before(session, on, int(facts()["submit_before"]["working_days"]))


def repeals(statute: Statute) -> list[NewChange]:
    """The repeals that a statute itself pronounces (……同时废止), from the day on which it takes effect."""
    if statute.stated_on is None:
        return []
    found = []
    for article in statute.articles:
        for sentence in _REPEALING.findall(article.text):
            for law in re.findall(r"《([^《》]+)》", sentence):
                basis = f"《{statute.law}》{article.name}"
                found.append(
                    NewChange(law, ChangeKind.REPEALED, statute.stated_on, statute.law, basis, article.source)
                )
    return found


def amendment(session: Session, statute: Statute) -> NewChange | None:
    """What a version that has just been taken in changes of the one before it: the articles that read differently, and,
    where the file is a whole statute, those that are gone. None: there is no version before it, or nothing differs."""
    history = library.histories(session, [statute.law])[citations.same_law(statute.law)]
    versions = [each for each in history.versions if each.loaded]
    places = [n for n, each in enumerate(versions) if each.adopted_on == statute.adopted_on]
    if not places or places[0] == 0:
        return None
    new, old = versions[places[0]], versions[places[0] - 1]
    if new.effective_on is None:
        return None
    before, after = _bodies(session, old.id), _bodies(session, new.id)
    changed = [
        number
        for number, body in before.items()
        if after.get(number, body if not statute.whole else None) != body
    ]
    if not changed:
        return None
    ordered = sorted(changed, key=lambda number: [int(part) for part in number.split("-")])
    by = f"{statute.law}（{statute.adopted_on}）" if statute.adopted_on else statute.law
    return NewChange(
        statute.law, ChangeKind.AMENDED, new.effective_on, by, statute.doc_no or by, statute.source, tuple(ordered)
    )  # fmt: skip


def _bodies(session: Session, version_id: int) -> dict[str, str]:
    rows = session.execute(
        select(LawArticle.article, LawArticle.body).where(LawArticle.version_id == version_id)
    )
    return dict(rows.tuples().all())


@dataclass(frozen=True, slots=True)
class Task:
    """The work for one item as a list shows it."""

    id: int
    change: Change
    law: str
    agency_id: int
    agency: str
    item_id: int
    code: str
    item: str
    cited: tuple[str, ...]
    due_on: date
    state: TaskState
    note: str

    @property
    def told(self) -> str:
        """The state in words."""
        return TASK_WORDS[self.state]


def changes_for(
    session: Session,
    *,
    scope: Scope | None = None,
    item_ids: Collection[int] | None = None,
    change_id: int | None = None,
    open_only: bool = False,
    after: int = 0,
    most: int = PAGE,
) -> list[Task]:
    """The work that changes of law have made: of what a person sees (`scope`), of items, of one change; by due day."""
    chosen = (
        select(LawTask, LawChange, PowerItem.code, PowerItem.name, Agency.name)
        .join(LawChange, LawChange.id == LawTask.change_id)
        .join(PowerItem, PowerItem.id == LawTask.item_id)
        .join(Agency, Agency.id == LawTask.agency_id)
        .order_by(LawTask.state != "open", LawTask.due_on, LawTask.id)
    )
    if scope is not None:
        chosen = chosen.where(scope.condition(Agency))
    if item_ids is not None:
        chosen = chosen.where(LawTask.item_id.in_(item_ids))
    if change_id is not None:
        chosen = chosen.where(LawTask.change_id == change_id)
    if open_only:
        chosen = chosen.where(LawTask.state == TaskState.OPEN)
    return [_task(*row) for row in session.execute(chosen.offset(after).limit(most)).tuples()]


def _task(row: LawTask, change: LawChange, code: str, name: str, agency: str) -> Task:
    return Task(
        row.id, library.change_of(change), change.law, row.agency_id, agency, row.item_id, code, name, tuple(row.cited),
        row.due_on, TaskState(row.state), row.note,
    )  # fmt: skip


def counts(
    session: Session, change_ids: Sequence[int], scope: Scope | None = None
) -> dict[int, dict[str, int]]:
    """How many tasks of each change stand where, of the agencies that a person sees."""
    chosen = select(LawTask.change_id, LawTask.state, func.count()).where(LawTask.change_id.in_(change_ids))
    if scope is not None:
        chosen = chosen.join(Agency, Agency.id == LawTask.agency_id).where(scope.condition(Agency))
    found: dict[int, dict[str, int]] = {}
    for change_id, state, number in session.execute(chosen.group_by(LawTask.change_id, LawTask.state)):
        found.setdefault(change_id, {})[state] = number
    return found


def close(session: Session, actor: Actor, scope: Scope, task_id: int, state: str, note: str) -> None:
    """Say what became of the work for an item.

    Raises:
        NotFound: it is not the person's agency's. Invalid: no state, or no reason. Conflict: it is closed already.
    """
    row = session.get(LawTask, task_id, with_for_update=True)
    agency = session.get(Agency, row.agency_id) if row else None
    if row is None or agency is None or not scope.sees(agency.id, agency.region_code):
        raise NotFound("没有找到这项调整工作。它可能不存在，或者不属于您的机关。")
    if state not in (TaskState.ADJUSTED, TaskState.UNAFFECTED):
        raise Invalid("请选择处理结果。", field="state")
    note = note.strip()
    if not 2 <= len(note) <= NOTE:
        raise Invalid(f"请写明处理情况和理由（2 至 {NOTE} 字）。", field="note")
    if row.state != TaskState.OPEN:
        raise Conflict("这项调整工作已经处理，请刷新页面查看。")
    session.execute(
        update(LawTask)
        .where(LawTask.id == task_id)
        .values(state=state, note=note, closed_at=clock.now(), closed_by=actor.account_id)
    )


def recorded(session: Session, most: int = 200) -> list[LawChange]:
    """All recorded changes, the latest first."""
    return list(
        session.scalars(select(LawChange).order_by(LawChange.on_date.desc(), LawChange.law).limit(most))
    )
