"""What was kept from the scene because its task had changed: shown with both states, and used where somebody decides so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import WorkItem, WorkStatus
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound
from app.people import service as people

from .models import ItemKind, ItemState, SceneItem
from .receiving import WORDS
from .taking import scope_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer that differs: as it was brought, and as it stands."""

    label: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class View:
    """One thing brought from the scene. `differences` compares what was typed with what stands now; `usable` whether
    this person may put it into their draft."""

    item: SceneItem
    word: str
    person: str
    marks: Sequence[str]
    differences: Sequence[Difference]
    usable: bool


def of_work(session: Session, actor: Actor, work: WorkItem) -> list[View]:
    """Everything brought for a task, newest first; the task exists for this person."""
    found = session.scalars(
        select(SceneItem).where(SceneItem.work_item_id == work.id).order_by(SceneItem.id.desc())
    ).all()
    names = people.officers(session, {item.officer_id for item in found})
    running = cases.running(session, work)
    form = cases.form_of(running, work)
    now = _stands(session, actor, work)
    mine = work.status == WorkStatus.OPEN and work.assignee_id == actor.officer_id
    return [
        View(
            item,
            WORDS[item.kind],
            names[item.officer_id].name,
            [cases.evidence.MARKS[mark] for mark in item.marks],
            list(differences(form, item.said.get("answers", {}), now)) if item.kind == ItemKind.FORM else [],
            mine and item.state == ItemState.KEPT and item.kind == ItemKind.FORM,
        )
        for item in found
    ]


def use(session: Session, actor: Actor, work_item_id: int, item_id: int) -> None:
    """Put what was typed at the scene into this person's draft. The draft that stood there is kept like it.

    Raises:
        NotFound: there is no such thing for this person.
        Conflict: the task is not this person's to fill in.
    """
    work = cases.work_item(session, actor, work_item_id)
    chosen = (
        select(SceneItem).where(SceneItem.id == item_id, SceneItem.work_item_id == work.id).with_for_update()
    )
    item = session.scalar(chosen)
    if item is None or item.kind != ItemKind.FORM:
        raise NotFound("没有这份现场记录。")
    if item.state != ItemState.KEPT:
        return  # used already: a repetition changes nothing
    if work.status != WorkStatus.OPEN or work.assignee_id != actor.officer_id:
        raise Conflict("这项任务现在不由您填写，不能取用。", code="moved_on")
    scope, now = scope_of(work.id), clock.now()
    before = forms.load_draft(session, actor.account_id, scope)
    if before:
        session.add(
            SceneItem(
                account_id=actor.account_id,
                key=f"before{item.id:020d}",
                case_id=item.case_id,
                work_item_id=work.id,
                agency_id=item.agency_id,
                officer_id=actor.officer_id,
                kind=ItemKind.FORM,
                state=ItemState.KEPT,
                client_at=now,
                offset_ms=0,
                occurred_at=now,
                entered_at=now,
                marks=[],
                said={"answers": before, "why": "取用现场记录以前的草稿。", "theirs": {}},
            )
        )
    forms.save_draft(session, actor.account_id, scope, item.said["answers"])
    item.state = ItemState.TAKEN


def differences(form: forms.Form, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Any:
    """The answers of a form that differ, in its order."""
    for item in form.keyed():
        one, other = words(mine.get(item.key)), words(theirs.get(item.key))
        if one != other:
            yield Difference(item.label, one, other)


def words(value: Any) -> str:
    """An answer as it was typed, checked or not, in words."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, Mapping):
        if "digest" in value:
            return str(value.get("name", ""))
        return "；".join(words(inner) for inner in value.values() if words(inner))
    if isinstance(value, list):
        parts = [words(each) for each in value]
        return "\n".join(f"{n}. {part}" for n, part in enumerate(parts, 1)) if len(parts) > 1 else parts[0]
    return {"yes": "是", "no": "否"}.get(str(value), str(value))


def _stands(session: Session, actor: Actor, work: WorkItem) -> Mapping[str, Any]:
    """What the task holds now: what was handed in, is waiting, or stands in this person's draft."""
    handed = cases.handed_in(session, work.id)
    if handed is not None:
        return handed
    return work.pending or forms.load_draft(session, actor.account_id, scope_of(work.id)) or {}
