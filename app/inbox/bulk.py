"""One act on many tasks: each is an act of its own, in a transaction of its own, with a key of its own.

What is decided is never done in bulk: handing in and confirming are no acts of this list, whatever is asked for. A
refusal of one task leaves the others alone, and each says what became of it. The keys come from the request's key, so
that a repeated request gets the same answers and does nothing twice.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused, XingquanError
from app.kernel.transaction import transaction

from .boxes import Box

MOST = 500
"""So many tasks at once."""
TRIED = 20
"""So many tasks are asked what an act needs, before it is said that it cannot be done."""
CLAIM = "claim"
ORDER = (CLAIM, "assign", "transfer", "copy", "urge", "watch", "unwatch", "release")
"""The acts that may be done in bulk, as far as the platform has them, in the order of the buttons."""
OF_BOX: Mapping[Box, frozenset[str]] = {
    Box.MINE: frozenset({"transfer", "copy", "release"}),
    Box.POSITIONS: frozenset({CLAIM, "assign", "watch"}),
    Box.OPINIONS: frozenset({"watch"}),
    Box.URGED: frozenset({"transfer", "copy"}),
    Box.COPIED: frozenset({"urge", "watch"}),
    Box.INITIATED: frozenset({"assign", "urge", "watch"}),
    Box.WATCHED: frozenset({"urge", "unwatch"}),
    Box.AGENCY: frozenset({"assign", "urge", "copy", "watch"}),
    Box.DONE: frozenset({"copy"}),
}
REFUSED = (NotFound, Forbidden, Conflict, Invalid, Refused)
"""What one task may answer without harm to the others."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act that may be done in bulk."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What an act on these tasks asks for, as the first that can be done says it; `why_not` where none can."""

    act: Act
    tasks: Sequence[cases.NamedTask]
    fields: Sequence[Any] = ()
    consequences: Sequence[str] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task: done with a message, or refused with the reason."""

    task: cases.NamedTask
    done: bool
    message: str


def acts(box: Box) -> list[Act]:
    """The acts of a box."""
    return [act for act in _known() if act.name in OF_BOX[box]]


def _known() -> list[Act]:
    labels = {CLAIM: "签收"} | {kind.removeprefix("work."): label for kind, label in cases.desk_kinds()}
    return [Act(name, labels[name]) for name in ORDER if name in labels]


def act_of(name: str) -> Act:
    """The act of this name.

    Raises:
        NotFound: it is none that may be done in bulk.
    """
    found = next((act for act in _known() if act.name == name), None)
    if found is None:
        raise NotFound("没有这项批量处理。签批、提交和确认须逐件办理。")
    return found


def picked(given: Iterable[str]) -> dict[int, int]:
    """The tasks of a post by their numbers with the versions that were seen (`12.3`).

    Raises:
        Invalid: none, too many, or no numbers.
    """
    found: dict[int, int] = {}
    for one in given:
        number, _, version = one.partition(".")
        if not (number.isascii() and number.isdecimal() and version.isascii() and version.isdecimal()):
            raise Invalid("选中的任务不完整，请刷新页面后重新选择。", code="picked")
        if len(number) > 18 or len(version) > 9:
            raise Invalid("选中的任务不完整，请刷新页面后重新选择。", code="picked")
        found[int(number)] = int(version)
    if not found:
        raise Invalid("请先选中要处理的任务。", code="none_picked")
    if len(found) > MOST:
        raise Invalid(f"一次最多处理 {MOST} 项，现在选中了 {len(found)} 项。", code="too_many")
    return found


def offer(session: Session, actor: Actor, name: str, chosen: Mapping[int, int]) -> Offer:
    """What an act on the chosen tasks asks for."""
    act, tasks = act_of(name), cases.named_tasks(session, actor, chosen)
    if not tasks:
        return Offer(act, tasks, why_not="选中的任务已不在您可以处理的范围内，请刷新列表。")
    if name == CLAIM:
        return Offer(act, tasks, consequences=("签收后由您办理，其他同岗人员不再看到。", "期限照常计算。"))
    why_not = ""
    for task in tasks[:TRIED]:
        try:
            _, _, found = cases.desk_offer(session, actor, task.id, name)
        except REFUSED as error:
            why_not = why_not or error.message
            continue
        if not found.why_not:
            return Offer(act, tasks, found.fields, found.consequences)
        why_not = why_not or found.why_not
    return Offer(act, tasks, why_not=why_not)


def key_of(key: str, name: str, work_item_id: int) -> str:
    """The key of one task's act in a request with this key."""
    return hashlib.sha256(f"{key} {name} {work_item_id}".encode()).hexdigest()[:40]


def carry_out(
    actor: Actor,
    name: str,
    chosen: Mapping[int, int],
    tasks: Sequence[cases.NamedTask],
    key: str,
    given: Mapping[str, Any],
) -> list[Outcome]:
    """Do it to each of the tasks, in the order of their cases; each commits by itself."""
    act_of(name)
    return [_one(actor, name, task, chosen[task.id], key_of(key, name, task.id), given) for task in tasks]


def _one(
    actor: Actor, name: str, task: cases.NamedTask, version: int, key: str, given: Mapping[str, Any]
) -> Outcome:
    try:
        with transaction() as session:
            if name == CLAIM:
                result = cases.claim(session, actor, task.id, key)
            else:
                result = cases.desk_act(session, actor, task.id, version, key, name, given)
    except REFUSED as error:
        return Outcome(task, False, _reason(error))
    return Outcome(task, True, result.message)


def _reason(error: XingquanError) -> str:
    told = [text for texts in getattr(error, "errors", {}).values() for text in texts]
    article = getattr(error, "article", "")
    return "".join(told or [error.message]) + (f"（依据：{article}）" if article else "")


def checked(offered: Offer, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to an offer, as the dialog must have them before anything is done.

    Raises:
        Invalid: something is missing, too long, or not among what may be chosen.
    """
    return cases.desk_read(offered.fields, given) if offered.fields else {}
