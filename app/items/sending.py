"""Sending a version in: its case is opened at the agency, or the returned one goes on, with what the platform states."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.catalogue import service as catalogue
from app.catalogue.models import ItemVersion, PowerItem, VersionState
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid, Refused

from . import drawing
from .room import for_drawers

ARTICLE = "《规范行政权力网上运行的规定》九（二）：部门初审后报合法性审核，须提供法律依据（S4-15）"
MOST_ROWS = 50
"""Of a list in the form that is sent in."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a person adds when sending in."""

    reason: str
    effective_on: str

    def checked(self) -> "Given":
        """The same, if it is complete.

        Raises:
            Invalid: names what is wrong.
        """
        errors: dict[str, list[str]] = {}
        if not self.reason.strip():
            errors["reason"] = ["请填写调整理由。"]
        elif len(self.reason) > 4000:
            errors["reason"] = ["调整理由不超过 4000 字。"]
        try:
            day = date.fromisoformat(self.effective_on)
        except ValueError:
            errors["effective_on"] = ["请填写拟生效日期，例如 2026-12-31。"]
        else:
            if day <= clock.today():
                errors["effective_on"] = ["拟生效日期应当晚于今天。"]
        if errors:
            raise Invalid(errors=errors)
        return self


def statement(session: Session, version: ItemVersion) -> dict[str, Any]:
    """The part of the form that the platform writes, and that must still be so when the version is locked.

    Raises:
        Refused: it may not be sent in; every reason is named.
    """
    reasons = [lack.message.rstrip("。") for lack in drawing.lacks(session, version) if lack.blocks]
    changes = drawing.changes(session, version)
    if not changes:
        reasons.append("与现行版本完全相同，没有变化")
    if reasons:
        listed = "；".join(reasons)
        raise Refused(f"事项还不能送审：{listed}。请补正后再送审。", code="item_unready", article=ARTICLE)
    item = session.get_one(PowerItem, version.item_id)
    return {
        "power_name": version.name,
        "code": item.code,
        "change": drawing.CHANGES[version.change],
        "version": version.id,
        "revision": version.revision,
        "fingerprint": catalogue.versions.digest_of(version),
        "basis": "；".join(str(text) for text in version.basis)[:4000],
        "changes": _bounded(changes),
    }


def _bounded(changes: list[catalogue.item_rules.Difference]) -> list[dict[str, str]]:
    """No more rows than the form takes: the last one says how many there are besides."""
    rows = [
        {"part": each.label[:100], "before": each.before[:1000], "after": each.after[:1000]}
        for each in changes
    ]
    if len(rows) <= MOST_ROWS:
        return rows
    rest = len(rows) - MOST_ROWS + 1
    return [*rows[: MOST_ROWS - 1], {"part": "…", "after": f"另有 {rest} 项，见任务页的送审内容"}]


def send(
    session: Session, actor: Actor, version_id: int, revision: int, key: str, given: Given
) -> cases.ActResult:
    """Send a version in. A repeated request gets the same answer.

    Raises:
        Forbidden: the actor does not draw items up.
        NotFound: there is no such version for this person.
        Conflict: it was changed since the person looked, or is under examination.
        Invalid: reason or day are missing.
        Refused: it is not complete; every reason is named.
    """
    drawing.version_of(session, actor, version_id)
    for_drawers(actor)
    if done := cases.done(session, actor, key):
        return cases.ActResult(**done)
    version = drawing.version_of(session, actor, version_id)
    drawing.editable(version)
    if version.revision != revision:
        raise Conflict("事项在您打开本页以后又有修改，请刷新后核对，再送审。", code="item_changed")
    given.checked()
    stated = statement(session, version)
    data: Mapping[str, Any] = {
        **stated,
        "matter": f"{stated['change']}“{version.name}”"[:200],
        "reason": given.reason,
        "effective_on": given.effective_on,
    }
    work_item_id, work_version = _task(session, actor, version, key)
    return cases.hand_in(session, actor, work_item_id, work_version, key, lambda *_: data)


def _task(session: Session, actor: Actor, version: ItemVersion, key: str) -> tuple[int, int]:
    """The task at which it is handed in: of the case that was returned, else of a new one."""
    if version.state == VersionState.RETURNED and version.case_id is not None:
        waiting = [work for work in cases.open_work(session, version.case_id) if work.kind == "user"]
        if len(waiting) != 1:
            raise Conflict("这个事项的送审案件有了变化，请刷新后查看。", code="moved_on")
        return waiting[0].id, waiting[0].version
    item = drawing.procedure_item(session, actor.agency_id, "change")
    if item is None:
        raise Refused(
            "本机关的权力事项中没有“权力事项动态调整”，不能送审。请系统管理员用 script/xq items load 录入。",
            code="item_procedure",
        )
    opened_by = hashlib.sha256(f"open {key}".encode()).hexdigest()[:40]
    result = cases.open_case(session, actor, item.id, opened_by)
    return result.work_item_id, 1
