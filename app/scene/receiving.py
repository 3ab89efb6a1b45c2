"""What comes back from the scene: each thing once, under the lock of its case, through the same gates as at the desk.

Nothing is overwritten. Where the task has moved on, was given to somebody else or its draft was changed elsewhere, what
was brought is kept beside it with both states, to be used by whoever works on the task.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import WorkItem, WorkStatus
from app.forms import service as forms
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people import service as people

from .models import ItemKind, ItemState, SceneItem
from .taking import at_scene, scope_of

DOCUMENT = "勘验笔录、现场笔录"
WORDS = {"form": "现场记录", "photo": "照片", "signature": "签名", "refusal": "拒绝签名的情况"}
MOST = {"title": 200, "place": 200, "name": 60, "role": 60, "reason": 300, "witness": 100, "position": 200}
MAX_OFFSET = 400 * 24 * 3600 * 1000
"""Milliseconds by which a device's clock may be wrong before its times are of no use at all."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A thing as the device hands it in: when it happened by its clock, how far that clock was behind ours, the version
    of the task and the moment of the draft it began with, and what it is."""

    kind: ItemKind
    client_at: datetime
    offset_ms: int
    version: int
    draft_at: str = ""
    answers: Mapping[str, Any] | None = None
    file: Mapping[str, Any] | None = None
    told: Mapping[str, str] | None = None

    @property
    def occurred_at(self) -> datetime:
        """When it happened by our clock, as far as the device can say."""
        return self.client_at + timedelta(milliseconds=self.offset_ms)


def receive(session: Session, actor: Actor, work_item_id: int, key: str, brought: Brought) -> dict[str, Any]:
    """Take in one thing from the scene; done again with the same key it gives the same answer.

    Raises:
        NotFound: the task does not exist for this person (any more).
        Invalid: what is told of it is wrong.
    """
    running, work, repeated = cases.begin(session, actor, work_item_id, key, "scene")
    if repeated:
        return told(session, _by_key(session, actor, key))
    if not at_scene(running.procedure, work.step):
        raise NotFound("这项任务不能在现场办理。")
    why = _changed(session, actor, running, work, brought)
    said: dict[str, Any] = dict(brought.told or {})
    marks = cases.evidence.marks_of(brought.occurred_at, running.at, work.opened_at)
    if brought.kind is ItemKind.FORM:
        said["answers"] = dict(brought.answers or {})
        if not why:
            saved = forms.save_draft(session, actor.account_id, scope_of(work.id), said["answers"])
            said["draft_at"] = saved.isoformat()
    elif brought.file is not None:
        said["file"] = dict(brought.file)
        why = why or _into_register(running, work, actor, brought)
    if why:
        said |= {"why": why, "theirs": _theirs(session, actor, work)}
    item = SceneItem(
        account_id=actor.account_id,
        key=key,
        case_id=running.case.id,
        work_item_id=work.id,
        agency_id=running.case.agency_id,
        officer_id=actor.officer_id,
        kind=brought.kind,
        state=ItemState.KEPT if why else ItemState.USED,
        client_at=brought.client_at,
        offset_ms=brought.offset_ms,
        occurred_at=brought.occurred_at,
        entered_at=running.at,
        marks=marks,
        said=said,
    )
    session.add(item)
    session.flush()
    detail = {
        "node": work.node,
        "item": item.id,
        "what": brought.kind,
        "state": item.state,
        "occurred_at": brought.occurred_at.isoformat(),
        "client_at": brought.client_at.isoformat(),
        "offset_ms": brought.offset_ms,
        "marks": marks,
        **({"why": why} if why else {}),
        **{name: said[name] for name in ("name", "reason", "witness") if said.get(name)},
    }
    digests = [brought.file["digest"]] if brought.file else []
    cases.note(running, actor, "scene.brought", detail, digests, position=work.position_key)
    answer = told(session, item)
    cases.remember(
        session, actor, key, cases.ActResult("scene", running.case.id, work.id, answer["message"], [], [])
    )
    return answer


def told(session: Session, item: SceneItem) -> dict[str, Any]:
    """A thing as the device is told of it."""
    kept = item.state == ItemState.KEPT
    word = WORDS[item.kind]
    message = f"{word}没有覆盖任何内容，已另行保留：{item.said.get('why', '')}" if kept else f"{word}已保存。"
    return {
        "id": item.id,
        "state": item.state,
        "message": message,
        "why": item.said.get("why", ""),
        "theirs": item.said.get("theirs", {}),
        "draft_at": item.said.get("draft_at", ""),
        "marks": [cases.evidence.MARKS[mark] for mark in item.marks],
        "digest": (item.said.get("file") or {}).get("digest", ""),
    }


def checked(given: Mapping[str, str], kind: ItemKind) -> dict[str, str]:
    """What is told of a thing, checked.

    Raises:
        Invalid: something is missing or too long.
    """
    said = {name: str(given.get(name) or "").strip() for name in MOST}
    errors = {name: [f"不得超过 {most} 字。"] for name, most in MOST.items() if len(said[name]) > most}
    needed = {ItemKind.SIGNATURE: ("name",), ItemKind.REFUSAL: ("name", "reason", "witness")}.get(kind, ())
    errors |= {name: ["不能为空。"] for name in needed if not said[name]}
    if errors:
        raise Invalid("现场记录的内容不完整，请补充后再同步。", errors=errors)
    return {name: value for name, value in said.items() if value}


def _changed(session: Session, actor: Actor, running: Any, work: WorkItem, brought: Brought) -> str:
    """Why what was brought may not simply go where it belongs, in Chinese; empty: it may."""
    if work.status != WorkStatus.OPEN:
        words = {WorkStatus.COSIGN: "已经提交，正等待协办人员确认", WorkStatus.DONE: "已经办结"}
        return f"任务{words.get(WorkStatus(work.status), '已经终止')}。"
    if work.assignee_id != actor.officer_id:
        name = people.officer(session, work.assignee_id).name if work.assignee_id else ""
        return f"任务已由{name}办理。" if name else "任务已放回公共待办。"
    if brought.kind is not ItemKind.FORM:
        return ""
    if work.version != brought.version:
        return "您带走任务以后，任务发生了变化（例如被退回修改）。"
    saved = forms.draft_saved_at(session, actor.account_id, scope_of(work.id))
    if (saved.isoformat() if saved else "") != brought.draft_at:
        return "您带走任务以后，草稿在别处修改过。"
    return ""


def _into_register(running: Any, work: WorkItem, actor: Actor, brought: Brought) -> str:
    said = brought.told or {}
    if brought.kind is ItemKind.SIGNATURE:
        title = f"签名：{said['name']}" + (f"（{said['role']}）" if said.get("role") else "")
    else:
        title = said.get("title") or "现场照片"
    description = {
        "title": title,
        "kind": DOCUMENT,
        "copy": "original",
        "by": actor.name,
        "source": "现场采集",
    }
    for name in ("place", "position"):
        if said.get(name):
            description[name] = said[name]
    piece = cases.evidence.Piece(brought.file or {}, description, brought.occurred_at)
    try:
        cases.evidence.add(running, work, actor, piece)
    except Conflict:  # the very file is in the register: it came before, by another way
        return ""
    except (Forbidden, Refused) as refused:
        return refused.message
    return ""


def _theirs(session: Session, actor: Actor, work: WorkItem) -> dict[str, Any]:
    """How the task stands now, as values: for showing both states."""
    names = people.officers(session, {o for o in (work.assignee_id, work.done_by) if o})
    return {
        "status": work.status,
        "version": work.version,
        "person": names[work.done_by or work.assignee_id].name if names else "",
        "at": work.done_at.isoformat() if work.done_at else "",
    }


def _by_key(session: Session, actor: Actor, key: str) -> SceneItem:
    return session.scalars(
        select(SceneItem).where(SceneItem.account_id == actor.account_id, SceneItem.key == key)
    ).one()
