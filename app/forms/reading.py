"""From the JSON of a form to its `Definition`, with every mistake of the author named in Chinese.

Unknown attributes are mistakes too: a misspelt `requried` must not silently make a field optional.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.kernel.errors import Invalid

from . import conditions, defaults, item_types, rights
from .definition import Choices, Day, Definition, Item, Money, Note, Number, Rows, Section, Write, YesNo
from .source import Source

MAX_BYTES = 256 * 1024
MAX_ITEMS = 200
MAX_WRITES = 60

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_PATH = re.compile(r"[a-z_][a-z0-9_]{0,59}(?:\.[a-zA-Z0-9_]{1,60}){0,7}\Z")
_FORM_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")


def read(raw: Any) -> Definition:
    """The definition that a JSON document describes.

    Raises:
        Invalid: code `bad_form`; `errors` maps places such as `items[3].options` to messages.
    """
    problems: dict[str, list[str]] = {}
    if not isinstance(raw, dict):
        raise _refusal({"": ["表单定义必须是一个对象。"]})
    try:
        size = len(json.dumps(raw, ensure_ascii=False).encode())
    except (TypeError, ValueError, RecursionError):
        raise _refusal({"": ["表单定义不是正常的 JSON（可能嵌套过深）。"]}) from None
    if size > MAX_BYTES:
        raise _refusal({"": [f"表单定义不得超过 {MAX_BYTES // 1024} KB。"]})

    source = Source(raw, "", problems)
    key = source.match("key", _FORM_KEY, "表单标识只能用小写字母、数字和下划线，并以字母开头。")
    title = source.text("title", 100, obligatory=True)
    version = source.whole("version", 1, 10**6, 1)
    items = _items(source)
    _unique(items, problems)
    _conditions(items, problems)
    order = _order([item for _, item in items], problems)
    flat = tuple(item for _, item in items)
    writes = _writes(source, flat)
    prefill = _prefill(source, flat)
    restricted = rights.read(source, flat, writes, prefill)
    source.refuse_the_rest()
    if problems:
        raise _refusal(problems)
    return Definition(key, title, version, flat, writes, prefill, restricted, order=order)


def _refusal(problems: Mapping[str, list[str]]) -> Invalid:
    place, messages = next(iter(problems.items()))
    count = sum(len(each) for each in problems.values())
    where = f"{place}：" if place else ""
    return Invalid(f"表单定义有 {count} 处错误。{where}{messages[0]}", code="bad_form", errors=problems)


Placed = tuple[tuple[str, Item], ...]
"""Items with their places: `items[3]`."""


def _items(source: Source) -> Placed:
    raws = source.take("items")
    if not isinstance(raws, list) or not 0 < len(raws) <= MAX_ITEMS:
        source.problem("items", f"表单应有 1 到 {MAX_ITEMS} 个项目。")
        return ()
    items = [(f"items[{n}]", item_types.read(source.child(f"items[{n}]", raw))) for n, raw in enumerate(raws)]
    return tuple((place, item) for place, item in items if item is not None)


def _unique(items: Placed, problems: dict[str, list[str]]) -> None:
    seen: set[str] = set()
    for place, item in items:
        if item.key and item.key in seen:
            problems.setdefault(f"{place}.key", []).append(f"字段标识“{item.key}”重复。")
        seen.add(item.key)


def _facts(items: Iterable[Item]) -> dict[str, Item]:
    return {fact: item for item in items for fact in item.facts}


def _conditions(items: Placed, problems: dict[str, list[str]]) -> None:
    facts = _facts(item for _, item in items)
    for place, item in items:
        for name, tree in (("visibleWhen", item.visible_when), ("requiredWhen", item.required_when)):
            if tree is not None and (found := check_condition(tree, facts)):
                problems.setdefault(f"{place}.{name}", []).extend(found)
        if item.required and item.required_when is not None:
            problems.setdefault(f"{place}.requiredWhen", []).append("已经是必填，不需要再写必填条件。")
        if item.default is not None and (wrong := defaults.problem(item)):
            problems.setdefault(f"{place}.default", []).append(wrong)


def check_condition(tree: Any, facts: Mapping[str, Item]) -> list[str]:
    """What is wrong with a condition over the facts of a form: shape, names, and values that cannot occur."""
    found = conditions.check(tree, facts)
    if found:
        return found
    for leaf in conditions.leaves(tree):
        item, op = facts[leaf["field"]], leaf["op"]
        possible = item.values_of(leaf["field"])
        if possible is None or op not in ("eq", "ne", "in", "notIn", "contains"):
            continue
        if op == "contains" and not isinstance(item, Choices):
            continue
        for value in leaf["value"] if isinstance(leaf["value"], list) else [leaf["value"]]:
            if value not in possible:
                listed = "、".join(list(possible)[:12])
                found.append(f"“{item.label}”不会有值“{str(value)[:40]}”，可用的值是：{listed}。")
        if isinstance(item, Choices) and op in ("eq", "in"):
            found.append(f"“{item.label}”是多选，请用 contains 判断。")
    return found


def _order(items: Sequence[Item], problems: dict[str, list[str]]) -> tuple[int, ...]:
    """Items after what their visibility depends on. A circle has no well-defined answer and is refused."""
    if problems:
        return ()
    place = {fact: index for index, item in enumerate(items) for fact in item.facts}
    order: list[int] = []
    done: set[int] = set()
    waiting = {
        index: {place[fact] for fact in conditions.fields(item.visible_when)}
        for index, item in enumerate(items)
    }
    while waiting:
        ready = [index for index, needs in waiting.items() if needs <= done]
        if not ready:
            labels = "、".join(items[index].label for index in list(waiting)[:5])
            problems.setdefault("items", []).append(f"显示条件互相依赖成环：{labels}。")
            return ()
        order += ready
        done.update(ready)
        for index in ready:
            del waiting[index]
    return tuple(order)


def _writes(source: Source, items: tuple[Item, ...]) -> tuple[Write, ...]:
    raws = source.take("writes", {})
    if not isinstance(raws, dict) or len(raws) > MAX_WRITES:
        source.problem("writes", "writes 必须是“属性: 来源”的对象。")
        return ()
    facts = _facts(items)
    writes = []
    for attribute, raw in raws.items():
        place = f"writes.{str(attribute)[:60]}"
        if not _ATTRIBUTE.match(attribute):
            source.problem(place, "属性名只能用小写字母、数字和下划线，并以字母开头。")
        elif isinstance(raw, dict) and set(raw) == {"field"}:
            item = facts.get(raw["field"]) if isinstance(raw["field"], str) else None
            if item is None:
                source.problem(place, f"引用了不存在的字段“{str(raw['field'])[:60]}”。")
            elif not _copies(item, raw["field"]):
                source.problem(place, "只有单选、是否、数字、金额可以直接写入属性，其他请用 when。")
            else:
                writes.append(Write(attribute, fact=raw["field"]))
        elif isinstance(raw, dict) and set(raw) == {"when"}:
            found = check_condition(raw["when"], facts)
            if found:
                source.problem(place, *found)
            else:
                writes.append(Write(attribute, when=raw["when"]))
        else:
            source.problem(place, "请写成 {field: 字段} 或 {when: 条件}。")
    return tuple(writes)


def _copies(item: Item, fact: str) -> bool:
    if isinstance(item, (YesNo, Number, Money)):
        return True
    return not isinstance(item, (Choices, Rows, Day)) and item.values_of(fact) is not None


def _prefill(source: Source, items: tuple[Item, ...]) -> dict[str, str]:
    raws = source.take("prefill", {})
    if not isinstance(raws, dict):
        source.problem("prefill", "prefill 必须是“字段: 路径”的对象。")
        return {}
    keys = {item.key for item in items if item.key and not isinstance(item, (Section, Note))}
    for key, path in raws.items():
        if key not in keys:
            source.problem(f"prefill.{str(key)[:60]}", "没有这个字段。")
        elif not isinstance(path, str) or not _PATH.match(path):
            source.problem(f"prefill.{key}", "路径应如 forms.penalty_report.facts。")
    return dict(raws)
