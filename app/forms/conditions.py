"""Condition trees: the one language in which forms and rules say "if".

    {"field": "fine", "op": "gte", "value": 50000}    {"all": [..]}    {"any": [..]}    {"not": ..}

`app/frontend/src/conditions.js` is the twin of this module; both are run against `tests/forms/vectors.json`.
An answer and a value are equal when both read as plain decimals of the same worth, else when their texts are
equal; ISO dates therefore compare as text. Nothing here knows the types of fields. Pure.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

Tree = Mapping[str, Any]

MAX_DEPTH = 8
MAX_NODES = 200
MAX_TEXT = 200
MAX_SAFE = 2**53 - 1
"""Beyond this a browser reads another number than the server (IEEE 754 double)."""

_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_BLANKS = (
    " \t\n\r\v\f\u00a0\ufeff\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What JavaScript's `trim()` removes; Python's `strip()` removes other characters."""


def _text(value: Any) -> str:
    """The text of a value, spelled alike in Python and JavaScript (no exponents, no trailing `.0`)."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else ""
    return ""


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    text = _text(value).strip(_BLANKS)
    return Decimal(text) if _DECIMAL.match(text) else None


def _empty(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, (str, list, tuple)) and not value)


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _equal(left: Any, right: Any) -> bool:
    a, b = _decimal(left), _decimal(right)
    return a == b if a is not None and b is not None else _text(left) == _text(right)


def _compare(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; None when one side is empty or a list, so that no ordering holds."""
    if _empty(left) or _empty(right) or _is_list(left) or _is_list(right):
        return None
    a, b = _decimal(left), _decimal(right)
    if a is not None and b is not None:
        return (a > b) - (a < b)
    s, t = _text(left), _text(right)
    return (s > t) - (s < t)


def _among(value: Any, options: Any) -> bool:
    return _is_list(options) and not _is_list(value) and any(_equal(value, option) for option in options)


def _contains(value: Any, part: Any) -> bool:
    if _is_list(value):
        return any(_equal(each, part) for each in value)
    return _text(part) != "" and _text(part) in _text(value)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "empty": lambda v, x: _empty(v),
    "notEmpty": lambda v, x: not _empty(v),
    "eq": lambda v, x: not _is_list(v) and _equal(v, x),
    "ne": lambda v, x: _is_list(v) or not _equal(v, x),
    "in": _among,
    "notIn": lambda v, x: not _among(v, x),
    "contains": _contains,
    "gt": lambda v, x: _compare(v, x) == 1,
    "gte": lambda v, x: _compare(v, x) in (0, 1),
    "lt": lambda v, x: _compare(v, x) == -1,
    "lte": lambda v, x: _compare(v, x) in (-1, 0),
}


def _value(leaf: Tree, params: Mapping[str, Any]) -> Any:
    value = leaf.get("value")
    if isinstance(value, Mapping):
        if set(value) != {"param"} or value["param"] not in params:
            raise LookupError(f"条件引用了没有给出的参数：{value}")
        return params[value["param"]]
    return value


def evaluate(tree: Tree | None, data: Mapping[str, Any], params: Mapping[str, Any] | None = None) -> bool:
    """Whether the condition holds for `data`. No condition always holds.

    `params` gives the values of `{"param": name}` (legal thresholds).

    Raises:
        ValueError: the tree is not a condition; publication checks it with `check`.
        LookupError: a parameter is not given.
    """
    if not tree:
        return True
    if "all" in tree:
        return all(evaluate(part, data, params) for part in tree["all"])
    if "any" in tree:
        return any(evaluate(part, data, params) for part in tree["any"])
    if "not" in tree:
        return not evaluate(tree["not"], data, params)
    operator = OPERATORS.get(tree.get("op", ""))
    if operator is None or "field" not in tree:
        raise ValueError(f"未知的条件：{tree}")
    return operator(data.get(tree["field"]), _value(tree, params or {}))


def leaves(tree: Tree | None) -> Iterator[Tree]:
    """The comparisons of a tree that `check` has found sound."""
    if not tree:
        return
    if "not" in tree:
        yield from leaves(tree["not"])
    elif "all" in tree or "any" in tree:
        for part in tree.get("all") or tree.get("any") or ():
            yield from leaves(part)
    else:
        yield tree


def fields(tree: Tree | None) -> set[str]:
    """The fields a sound tree reads."""
    return {leaf["field"] for leaf in leaves(tree)}


def check(tree: Any, known: Collection[str], params: Collection[str] = ()) -> list[str]:
    """What is wrong with a tree, in Chinese; empty when it may be evaluated without surprise."""
    problems: list[str] = []
    count = 0

    def visit(node: Any, depth: int) -> None:
        nonlocal count
        count += 1
        if count > MAX_NODES or depth > MAX_DEPTH:
            if f"条件过于复杂（最多 {MAX_NODES} 个判断、{MAX_DEPTH} 层）。" not in problems:
                problems.append(f"条件过于复杂（最多 {MAX_NODES} 个判断、{MAX_DEPTH} 层）。")
            return
        if not isinstance(node, Mapping) or not node:
            problems.append("条件必须是一个对象。")
        elif set(node) in ({"all"}, {"any"}):
            parts = node.get("all", node.get("any"))
            if not isinstance(parts, list) or not parts:
                problems.append("all / any 必须列出至少一个条件。")
                return
            for part in parts:
                visit(part, depth + 1)
        elif set(node) == {"not"}:
            visit(node["not"], depth + 1)
        else:
            problems.extend(_check_leaf(node, known, params))

    visit(tree, 1)
    return problems


def _check_leaf(leaf: Tree, known: Collection[str], params: Collection[str]) -> list[str]:
    if not set(leaf) <= {"field", "op", "value"} or not isinstance(leaf.get("field"), str):
        return ["条件只能写成 field、op、value，或 all、any、not。"]
    field, op = leaf["field"], leaf.get("op")
    problems = []
    if field not in known:
        problems.append(f"条件引用了不存在的字段“{field[:60]}”。")
    if not isinstance(op, str) or op not in OPERATORS:
        problems.append(f"未知的运算符“{str(op)[:20]}”。")
    elif op in ("in", "notIn"):
        options = leaf.get("value")
        if not isinstance(options, list) or not options or not all(_plain(option) for option in options):
            problems.append(f"运算符 {op} 的 value 必须是非空的值列表。")
    elif op not in ("empty", "notEmpty"):
        value = leaf.get("value")
        if isinstance(value, Mapping):
            if set(value) != {"param"} or value["param"] not in params:
                problems.append(f"条件引用了未声明的参数：{str(value)[:60]}。")
        elif not _plain(value):
            problems.append(f"字段“{field[:60]}”的比较值必须是文字、数字或是否。")
    return problems


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if isinstance(value, bool):
        return True
    return isinstance(value, (int, float)) and math.isfinite(value) and abs(value) <= MAX_SAFE
