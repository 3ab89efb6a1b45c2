"""The stored state of a case: one version byte, then compact JSON of its tokens. Nothing else.

Finished nodes are not stored: the tokens and the routing attributes say everything about how a case may go
on, and what happened is the record's business. So the state stays as small after forty rework rounds as
after none. It is bytes, never a JSON column: its order carries meaning.

Row of a token: [node, id, state, extra, group]. `extra` is the arrival flow of a join, the due moment of a
timer, or the rows of a sub-process; tokens of one `group` (from 1) are a host and its boundary events.

A released format is read for ever: whoever changes what `dump` writes raises `CURRENT`, adds the step from
the format before to `UPGRADES`, and records histories of the new format (`tests/histories`).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from ..kernel.errors import Conflict, Invalid
from .nodes import BoundaryEvent, BoundarySplit
from .parser import Spec
from .timers import Due
from .workflow import Case, CaseTask, SubProcessRun

CURRENT = 1
"""The format this release writes."""
VERSION = bytes([CURRENT])
UPGRADES: Mapping[int, Callable[[list[Any]], list[Any]]] = {}
"""For every released format but the newest: from its content (`[counter, attributes, rows]` in format 1) to
that of the next."""
FORMATS = frozenset({CURRENT, *UPGRADES})
"""The formats this release reads."""
MAX_TEXT = 200


def checked(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Routing attributes as they may be stored: names with truth values, numbers, enumeration values.

    Raises:
        Invalid: anything else. Case data does not belong into the engine.
    """
    for name, value in attributes.items():
        plain = value is None or isinstance(value, bool | int | float | Decimal | str)
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_") or not plain:
            raise Invalid(f"流程属性“{name}”的名称或取值不合规定。", code="attribute", field=str(name))
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise Invalid(f"流程属性“{name}”不是选项值，过长。", code="attribute", field=name)
    return dict(attributes)


def dump(case: Case) -> bytes:
    """The state of a settled case."""
    content = [case.counter, case.attributes, _rows(case, case)]
    return VERSION + orjson.dumps(content, default=_decimal)


def with_attributes(state: bytes, attributes: Mapping[str, Any]) -> bytes:
    """A stored state with other routing attributes, its tokens untouched."""
    counter, _, rows = content_of(state)
    return VERSION + orjson.dumps([counter, checked(attributes), rows], default=_decimal)


def _decimal(value: object) -> Any:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise TypeError(type(value))


def _rows(case: Case, run: Case | SubProcessRun) -> list[list[Any]]:
    rows: list[list[Any]] = []
    groups: dict[str, int] = {}
    for task in run.live():
        extra: Any = 0
        if task._state == TaskState.STARTED:
            extra = _rows(case, case.subprocesses[task.id])
        elif task.internal_data:
            extra = task.internal_data.get("due") or task.internal_data.get("via") or 0
        row = [task.task_spec.name, int(task.id), task._state, extra]
        if isinstance(task.parent.task_spec, BoundarySplit):
            row.append(groups.setdefault(task.parent.id, len(groups) + 1))
        rows.append(row)
    return rows


def content_of(state: bytes) -> list[Any]:
    """What a stored state says, in the current format, whatever format it was written in.

    Raises:
        Conflict: no release up to this one wrote such a format (`state_version`).
    """
    written = state[0] if state else -1
    if written not in FORMATS:
        if written > CURRENT:
            raise Conflict(
                f"案件的流程状态由更新版本的平台写入（格式 {written}，本版读到格式 {CURRENT}），请联系管理员升级平台。",
                code="state_version",
            )
        raise Conflict("案件的流程状态不是平台写入的格式，请联系管理员。", code="state_version")
    content: list[Any] = orjson.loads(state[1:])
    for number in range(written, CURRENT):
        content = UPGRADES[number](content)
    return content


def attributes_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as they were before they were stored."""
    return {k: Decimal(v["$decimal"]) if isinstance(v, dict) else v for k, v in stored.items()}


def tokens(state: bytes) -> Iterator[tuple[str, str, int]]:
    """Node, id and state of every token of a stored state, without making objects of them."""
    waiting = list(content_of(state)[2])
    while waiting:
        node, ident, mode, extra = waiting.pop()[:4]
        yield node, str(ident), mode
        if isinstance(extra, list):
            waiting.extend(extra)


def load(spec: Spec, state: bytes, now: datetime, due: Due) -> Case:
    """The case as SpiffWorkflow objects.

    Raises:
        Conflict: the state is of a format unknown to this release, or was written for another diagram.
    """
    counter, stored, rows = content_of(state)
    attributes = attributes_of(stored) if b'"$decimal"' in state else stored
    case = Case(spec, attributes, now, due)
    try:
        _restore(case, case, rows)
    except KeyError as missing:
        raise Conflict(
            f"案件停留的环节 {missing} 不在这一版流程图中，请联系管理员迁移案件。", code="state_mismatch"
        ) from None
    case.counter = counter
    return case


def _restore(case: Case, run: Case | SubProcessRun, rows: list[list[Any]]) -> None:
    specs = run.spec.task_specs
    groups: dict[int, CaseTask] = {}
    for row in rows:
        name, ident, state, extra = row[:4]
        node = specs[name]
        parent = run.task_tree
        if len(row) > 4:
            if row[4] not in groups:
                split = specs[node._inputs[0]]
                groups[row[4]] = CaseTask(run, split, parent, state=TaskState.COMPLETED, id=f"group{row[4]}")
            parent = groups[row[4]]
        task = CaseTask(run, node, parent, state=state, id=str(ident))
        if state == TaskState.STARTED:
            inner = SubProcessRun(case.subprocess_specs[node.spec], task.id, case, deserializing=True)
            inner.plant()
            case.subprocesses[task.id] = inner
            _restore(case, inner, extra)
        elif extra:
            task.internal_data["via" if _is_join(node) else "due"] = extra


def _is_join(node: Any) -> bool:
    return hasattr(node, "ready") and not isinstance(node, BoundaryEvent)
