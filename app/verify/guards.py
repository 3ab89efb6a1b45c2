"""Conditions as functions of finitely many cases.

A flow condition (text) and a condition tree of the rule set are read into one form, `Guard`, that tells which
attributes it looks at and at which values its answer can change. A condition that compares one attribute with
another, or calculates, has no such values: it is not `finite`, and whoever asks must take both answers.
"""

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..kernel.errors import Invalid

Values = Mapping[str, Any]
Test = Callable[[Values], bool]
Atom = Callable[[Any], bool]
MAX_LENGTH = 500
MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition.

    Attributes:
        text: as written, or as a short text made from a tree.
        names: the attributes it reads.
        holds: its answer for values of at least `names`.
        constants: attribute -> the constants it is compared with.
        atoms: attribute -> the single comparisons of it: two values that answer all of them alike are one.
        finite: whether `atoms` tell everything about it.
    """

    text: str
    names: frozenset[str]
    holds: Test
    constants: Mapping[str, frozenset[Any]] = field(default_factory=dict)
    atoms: Mapping[str, tuple[Atom, ...]] = field(default_factory=dict)
    finite: bool = True

    def settled(self, values: Values, open_: Collection[str]) -> bool:
        """Whether it can be answered although the attributes `open_` are not known."""
        return not self.names & set(open_) and self.names <= values.keys()


ALWAYS = Guard("", frozenset(), lambda values: True)


@lru_cache(maxsize=8192)
def flow_condition(text: str) -> Guard:
    """The guard of a sequence flow's expression.

    Raises:
        Invalid: the text is no condition of the permitted subset.
    """
    source = text.strip()
    if not source or len(source) > MAX_LENGTH:
        raise Invalid(f"条件应为 1 至 {MAX_LENGTH} 个字符。", code="condition")
    try:
        tree = ast.parse(source, mode="eval").body
        reader = _Reader(source)
        test = reader.truth(tree, 0)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        raise Invalid(f"条件“{source[:80]}”写法有误。", code="condition") from None
    return Guard(
        source,
        frozenset(reader.names),
        test,
        {name: frozenset(found) for name, found in reader.constants.items()},
        {name: tuple(found) for name, found in reader.atoms.items()},
        reader.finite,
    )


def _like(a: Any, b: Any) -> bool:
    """Whether one of two values can be greater: both numbers, or both texts."""
    return any(isinstance(a, kind) and isinstance(b, kind) for kind in (int | float, str))


_COMPARE: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: _like(a, b) and a < b,
    ast.LtE: lambda a, b: _like(a, b) and a <= b,
    ast.Gt: lambda a, b: _like(a, b) and a > b,
    ast.GtE: lambda a, b: _like(a, b) and a >= b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_CALCULATE: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
}
Value = Callable[[Values], Any]


class _Reader:
    """Turns a syntax tree into closures; what is not named here does not exist."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: set[str] = set()
        self.constants: dict[str, set[Any]] = {}
        self.atoms: dict[str, list[Atom]] = {}
        self.finite = True

    def refuse(self, node: ast.AST) -> Invalid:
        what = type(node).__name__
        return Invalid(
            f"条件“{self.source[:80]}”不能使用 {what}，只能比较已声明的属性与常量。", code="condition"
        )

    def truth(self, node: ast.AST, depth: int) -> Test:
        if depth > MAX_DEPTH:
            raise Invalid(f"条件“{self.source[:80]}”嵌套过深。", code="condition")
        if isinstance(node, ast.BoolOp):
            parts = tuple(self.truth(part, depth + 1) for part in node.values)
            if isinstance(node.op, ast.And):
                return lambda values: all(part(values) for part in parts)
            return lambda values: any(part(values) for part in parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            part = self.truth(node.operand, depth + 1)
            return lambda values: not part(values)
        if isinstance(node, ast.Compare):
            return self.comparison(node, depth)
        value = self.value(node, depth)
        if isinstance(node, ast.Name):
            self.constants.setdefault(node.id, set()).update((True, False))
            self.atoms.setdefault(node.id, []).append(bool)
        elif not isinstance(node, ast.Constant):
            self.finite = False
        return lambda values: bool(value(values))

    def comparison(self, node: ast.Compare, depth: int) -> Test:
        sides = [node.left, *node.comparators]
        read = [self.value(side, depth + 1) for side in sides]
        tests = []
        for i, operator in enumerate(node.ops):
            compare = _COMPARE.get(type(operator))
            if compare is None:
                raise self.refuse(operator)
            tests.append((compare, read[i], read[i + 1]))
            self.note(sides[i], sides[i + 1], compare, read[i], read[i + 1])
        if len(tests) == 1:
            compare, left, right = tests[0]
            return lambda values: compare(left(values), right(values))
        return lambda values: all(c(left(values), right(values)) for c, left, right in tests)

    def note(
        self,
        left: ast.expr,
        right: ast.expr,
        compare: Callable[[Any, Any], bool],
        a: "Value",
        b: "Value",
    ) -> None:
        """Remember how an attribute is compared with constants."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, ast.Name):
                found = _constants(other)
                if found is None:
                    self.finite = False
                    continue
                self.constants.setdefault(one.id, set()).update(found)
                name = one.id
                self.atoms.setdefault(name, []).append(
                    lambda value, name=name: compare(a({name: value}), b({name: value}))  # type: ignore[misc]
                )
        if not any(isinstance(side, ast.Name) for side in (left, right)):
            self.finite = self.finite and all(_constants(side) is not None for side in (left, right))

    def value(self, node: ast.AST, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise Invalid(f"条件“{self.source[:80]}”嵌套过深。", code="condition")
        if isinstance(node, ast.Name) and not node.id.startswith("_"):
            name = node.id
            self.names.add(name)
            return lambda values: values[name]
        if isinstance(node, ast.Constant) and type(node.value) in (bool, int, float, str, type(None)):
            constant = node.value
            return lambda values: constant
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.value(node.operand, depth + 1)
            if not isinstance(node.operand, ast.Constant):
                self.finite = False
            return lambda values: -inner(values)
        if isinstance(node, ast.Tuple | ast.List):
            parts = tuple(self.value(part, depth + 1) for part in node.elts)
            return lambda values: tuple(part(values) for part in parts)
        if isinstance(node, ast.BinOp) and type(node.op) in _CALCULATE:
            calculate = _CALCULATE[type(node.op)]
            left, right = self.value(node.left, depth + 1), self.value(node.right, depth + 1)
            self.finite = False
            return lambda values: calculate(left(values), right(values))
        raise self.refuse(node)


def _constants(node: ast.expr) -> list[Any] | None:
    """The constants an operand stands for; None where it is none."""
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _constants(node.operand)
        return [-value for value in inner] if inner and isinstance(inner[0], int | float) else None
    if isinstance(node, ast.Tuple | ast.List):
        parts = [_constants(part) for part in node.elts]
        return None if any(part is None for part in parts) else [v for part in parts for v in part or ()]
    return None


_TREE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "in": lambda a, b: a in b,
    "notIn": lambda a, b: a not in b,
    "empty": lambda a, b: not a,
    "notEmpty": lambda a, b: bool(a),
}


def tree_condition(tree: Any, params: Values | None = None) -> Guard:
    """The guard of a condition tree (`all`, `any`, `not`, `{field, op, value}`) over attributes.

    Raises:
        Invalid: the tree is none, or names a parameter that is not given.
    """
    if not tree:
        return ALWAYS
    if not isinstance(tree, Mapping):
        raise Invalid("条件必须是一个对象。", code="condition")
    for key in ("all", "any"):
        if key in tree:
            parts = [tree_condition(part, params) for part in tree[key]]
            return _joined(parts, key == "all")
    if "not" in tree:
        part = tree_condition(tree["not"], params)
        return Guard(
            f"not ({part.text})",
            part.names,
            lambda v: not part.holds(v),
            part.constants,
            part.atoms,
            part.finite,
        )
    return _leaf(tree, params or {})


def _joined(parts: Sequence[Guard], every: bool) -> Guard:
    constants: dict[str, set[Any]] = {}
    atoms: dict[str, tuple[Atom, ...]] = {}
    for part in parts:
        for name, found in part.constants.items():
            constants.setdefault(name, set()).update(found)
        for name, tests_ in part.atoms.items():
            atoms[name] = atoms.get(name, ()) + tests_
    tests = tuple(part.holds for part in parts)
    return Guard(
        f" {'and' if every else 'or'} ".join(f"({part.text})" for part in parts),
        frozenset[str]().union(*(part.names for part in parts)),
        (lambda v: all(test(v) for test in tests)) if every else (lambda v: any(test(v) for test in tests)),
        {name: frozenset(found) for name, found in constants.items()},
        atoms,
        all(part.finite for part in parts),
    )


def _leaf(tree: Values, params: Values) -> Guard:
    name, operator, value = tree.get("field"), tree.get("op"), tree.get("value")
    if isinstance(value, Mapping):
        if value.get("param") not in params:
            raise Invalid(f"条件引用了没有给出的参数：{value}。", code="condition")
        value = params[value["param"]]
    if not isinstance(name, str) or operator not in _TREE:
        raise Invalid(f"未知的条件：{str(tree)[:80]}。", code="condition")
    compare = _TREE[str(operator)]
    if isinstance(value, list):
        value = tuple(value)
    found = (True, False, 0, "") if operator in ("empty", "notEmpty") else value
    return Guard(
        f"{name} {operator} {value}",
        frozenset((name,)),
        lambda values: compare(values[name], value),
        {name: frozenset(found if isinstance(found, tuple) else (found,))},
        {name: (lambda one: compare(one, value),)},
    )
