"""What a step may do with each field: from the form's `rights` to the rights in force where the form is used.

    "rights": [{"step": "notice.approve", "fields": {"facts": "read", "remark": "hide"}}]

A list entry is about a legal step or, more exactly, about one node (`node`), which goes before its step. Who does the
step cannot change a field he may only read: the server takes it from the case again, whatever is posted.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import conditions
from .definition import Item, Right, StepRights, Write
from .source import Source

MAX_STEPS = 60
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}\Z")


def read(
    source: Source, items: Sequence[Item], writes: Sequence[Write], prefill: Mapping[str, str]
) -> tuple[StepRights, ...]:
    """The rights of a form, each checked against what the form asks and writes."""
    raws = source.take("rights", [])
    if not isinstance(raws, list) or len(raws) > MAX_STEPS:
        source.problem("rights", f"rights 必须是不超过 {MAX_STEPS} 项的列表。")
        return ()
    routed = _routed(writes)
    keys = {item.key: item for item in items if item.key}
    found, seen = [], set()
    for number, raw in enumerate(raws):
        inner = source.child(f"rights[{number}]", raw)
        step, node, fields = inner.take("step", ""), inner.take("node", ""), inner.take("fields")
        inner.refuse_the_rest()
        if not _names_one(step, node):
            inner.problem("", "请写明环节（step）或者节点（node），二者择一。")
        elif (step, node) in seen:
            inner.problem("", f"“{step or node}”的权限写了两遍，请合并。")
        elif not isinstance(fields, dict):
            inner.problem("fields", "请写成“字段: read、hide 或 write”。")
        else:
            seen.add((step, node))
            known = {}
            for key, word in fields.items():
                if wrong := _problem(key, word, keys, routed, prefill):
                    inner.problem(f"fields.{str(key)[:60]}", wrong)
                else:
                    known[key] = Right(word)
            found.append(StepRights(step, node, known))
    return tuple(found)


def _names_one(step: Any, node: Any) -> bool:
    named = [name for name in (step, node) if name != ""]
    return len(named) == 1 and isinstance(named[0], str) and _NAME.match(named[0]) is not None


def _routed(writes: Sequence[Write]) -> Mapping[str, str]:
    """Which attribute follows from which field."""
    found = {}
    for write in writes:
        for fact in (write.fact,) if write.fact else conditions.fields(write.when):
            found[fact.partition(".")[0]] = write.attribute
    return found


def _problem(
    key: Any, word: Any, keys: Mapping[str, Item], routed: Mapping[str, str], prefill: Mapping[str, str]
) -> str:
    if key not in keys:
        return "没有这个字段。"
    if word not in set(Right):
        return "权限只能是 write（填写）、read（只读）或 hide（隐藏）。"
    label = keys[key].label
    if word == Right.HIDE and key in routed:
        return f"“{label}”决定流转属性“{routed[key]}”，不能对环节隐藏；可以改为只读。"
    if word == Right.READ and key not in prefill:
        return f"“{label}”要只读，须先设置“取自案件”，否则没有可以显示的内容。"
    return ""


def in_force(rights: Sequence[StepRights], step: str, node: str) -> dict[str, Right]:
    """What is restricted at a node of this legal step; what may be written is left out."""
    found: dict[str, Right] = {}
    for each in rights:
        if each.step and each.step == step:
            found |= each.fields
    for each in rights:
        if each.node and each.node == node:
            found |= each.fields
    return {key: right for key, right in found.items() if right is not Right.WRITE}
