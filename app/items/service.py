"""The door of the room."""

from flask import url_for
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import Change, VersionState
from app.inbox import service as inbox

from . import drawing, signing
from .acts import after_record, on_step, register_jobs
from .completeness import Missing, missing
from .drawing import elements_of
from .offices import Office
from .offices import nearest as nearest_office
from .room import life
from .steps import kinds, wording

__all__ = [
    "KIND",
    "Missing",
    "Office",
    "after_record",
    "annex",
    "elements_of",
    "kinds",
    "life",
    "missing",
    "nearest_office",
    "on_step",
    "register_jobs",
    "wording",
]
KIND = "item"
"""The kind of the procedures by which items come about."""
SHOWN = 12
"""How many changes the task page lists."""


def annex(session: Session, case_id: int) -> inbox.Annex | None:
    """What lies beside the tasks of an item's case: what changes, in short, and the whole of it."""
    version = catalogue.versions.of_case(session, case_id)
    if version is None:
        return None
    found = drawing.changes(session, version)
    new = version.change == Change.NEW
    points = [
        (each.label, each.after if new else f"{each.before or '（空）'} → {each.after or '（空）'}")
        for each in found[:SHOWN]
    ]
    if (rest := len(found) - SHOWN) > 0:
        points.append(("", f"另有 {rest} {'项' if new else '处变化'}"))
    day = version.effective_on
    lines = [
        ("事项", version.name),
        ("调整种类", drawing.CHANGES[version.change]),
        ("内容摘要", version.digest[:16]),
        ("拟生效日期", f"{day.year}年{day.month}月{day.day}日" if day else "未定"),
    ]
    if version.state in (VersionState.REVIEW, VersionState.AUDIT):
        lines += signing.lines(session, version)
    if version.urgent:
        lines.append(("紧急调整", "距生效不足十五个工作日"))
    url = url_for("items.version", item_version_id=version.id)
    return inbox.Annex("送审内容", lines, points, "查看事项要素、缺项检查和全部变化", url)
