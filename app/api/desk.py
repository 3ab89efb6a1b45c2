"""The acts on a task besides handing it in (其他处理): what is offered to this person, and doing one."""

from collections.abc import Mapping
from typing import Any

from app.cases import service as cases
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid

from . import desk_answers, reading, requests
from .room import room
from .work import ACT, OFFICER, act_on

NAMED = "/work-items/<int:work_item_id>/acts/<string(maxlength=60):act>"
MOST = 4_000
"""Characters of one answer: the longest that an act asks for."""
CHOSEN, MOST_NUMBER = 100, 10**9
"""Options of one answer, and the greatest number."""


@room.operation(
    "GET", "/work-items/<int:work_item_id>/acts", access=OFFICER, summary="可以对一项任务作的其他处理", tag="任务",
    answer=desk_answers.Acts, errors=(404,),
)  # fmt: skip
def acts(work_item_id: int) -> dict[str, Any]:
    """What stands in this person's menu of a task."""
    work, found = cases.desk_listed(db.session(), current_actor(), work_item_id)
    return {
        "id": work.id,
        "version": work.version,
        "etag": work.version,
        "status": work.status,
        "acts": found,
    }


@room.operation(
    "GET", NAMED, access=OFFICER, summary="一项处理：后果和要填写的栏目", tag="任务",
    answer=desk_answers.Act, errors=(404, 409),
)  # fmt: skip
def act(work_item_id: int, act: str) -> dict[str, Any]:
    """An act as its page shows it before the click."""
    place, found, offer = cases.desk_offer(db.session(), current_actor(), work_item_id, act)
    return {
        "id": place.work.id,
        "version": place.work.version,
        "etag": place.work.version,
        "name": found.name,
        "label": found.label,
        "consequences": offer.consequences,
        "fields": offer.fields,
        "why_not": offer.why_not,
        "article": offer.article,
    }


@room.operation("POST", NAMED, summary="作一项处理", body=requests.DeskAct, versioned=True, **ACT)
def carry_out(work_item_id: int, act: str, body: Mapping[str, Any], key: str) -> cases.ActResult:
    """Do it, once for each key, under the same checks as from its page."""
    version = reading.version(body["version"])
    return act_on(cases.desk_act, work_item_id, version, key, act, _given(body["given"]))


def _given(found: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as a page posts them: texts, and lists of texts.

    Raises:
        Invalid: an answer is of another shape, or longer than any act asks for.
    """
    given, errors = {}, {}
    for name, value in found.items():
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_NUMBER:
            given[name] = str(value)
        elif _text(value) or (isinstance(value, list) and len(value) <= CHOSEN and all(map(_text, value))):
            given[name] = value
        else:
            errors[name] = [f"请使用文本、整数或者文本数组，文本不超过 {MOST} 字。"]
    if errors:
        raise Invalid(errors=errors)
    return given


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST
