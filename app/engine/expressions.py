"""Conditions on flows and documents: a small, closed subset of Python expressions.

A condition compares declared routing attributes with constants. The subset is a whitelist over the syntax
tree, so what is not named here does not exist: no calls, attributes, subscripts, powers, comprehensions.
Multiplication is limited to one attribute by a small number, because a text attribute times a large number
would fill the memory.
"""

import ast
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from ..kernel.errors import Invalid

MAX_LENGTH = 500
MAX_NODES = 120
MAX_FACTOR = 1000

_ALLOWED: tuple[type[ast.AST], ...] = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Eq,
    ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Name, ast.Load, ast.Constant,
    ast.Tuple, ast.List, ast.BinOp, ast.Add, ast.Sub, ast.Mult,
)  # fmt: skip
_GLOBALS: dict[str, Any] = {"__builtins__": {}}


class BadExpression(Invalid):
    """The condition is not in the permitted subset, or cannot be evaluated."""

    code = "expression"


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _refuse(text: str, why: str) -> BadExpression:
    return BadExpression(f"条件“{text[:80]}”不能使用：{why}。")


def _check_node(text: str, node: ast.AST) -> None:
    if not isinstance(node, _ALLOWED):
        raise _refuse(text, f"不允许 {type(node).__name__}，只能比较已声明的属性与常量")
    if isinstance(node, ast.Name) and node.id.startswith("_"):
        raise _refuse(text, f"名称 {node.id} 不允许")
    if isinstance(node, ast.Constant):
        if type(node.value) not in (bool, int, float, str, type(None)):
            raise _refuse(text, "常量类型不允许")
        if isinstance(node.value, int | float) and abs(node.value) > 1e15:
            raise _refuse(text, "数值过大")
    if isinstance(node, ast.BinOp):
        pair = (node.left, node.right)
        if any(isinstance(side, ast.Constant) and not _is_number(side) for side in pair):
            raise _refuse(text, "文字不能参与运算")
        if isinstance(node.op, ast.Mult):
            factors = [side.value for side in pair if isinstance(side, ast.Constant) and _is_number(side)]
            names = [side for side in pair if isinstance(side, ast.Name)]
            if len(factors) != 1 or len(names) != 1 or abs(factors[0]) > MAX_FACTOR:  # type: ignore[arg-type,operator]
                raise _refuse(text, f"乘法只能是一个属性乘以不超过 {MAX_FACTOR} 的数")


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[CodeType, frozenset[str], ast.Expression]:
    """Compiled code, the attribute names it reads, and the syntax tree.

    Raises:
        BadExpression: the text is outside the permitted subset.
    """
    source = text.strip()
    if not source or len(source) > MAX_LENGTH:
        raise _refuse(text, f"应为 1 至 {MAX_LENGTH} 个字符")
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refuse(text, "写法有误") from None
    nodes = list(ast.walk(tree))
    if len(nodes) > MAX_NODES:
        raise _refuse(text, "过于复杂，请拆成几个网关")
    for node in nodes:
        _check_node(text, node)
    names = frozenset(node.id for node in nodes if isinstance(node, ast.Name))
    return compile(tree, "<condition>", "eval"), names, tree


def names(text: str) -> frozenset[str]:
    """The attribute names a condition reads."""
    return parse(text)[1]


def unknown(text: str, declared: Collection[str]) -> list[str]:
    """The names a condition reads that nobody declared."""
    return sorted(names(text) - set(declared))


def evaluate(text: str, attributes: Mapping[str, Any]) -> bool:
    """Whether a condition holds for the given attributes.

    Raises:
        BadExpression: outside the subset, an attribute is missing, or values cannot be compared. An error
            is never taken for "no": a case must not slip past a gate because a value was absent.
    """
    code, _, _ = parse(text)
    try:
        return bool(eval(code, _GLOBALS, attributes))  # noqa: S307 - the tree was checked against the whitelist
    except (NameError, TypeError, ValueError, ArithmeticError) as error:
        raise BadExpression(
            f"条件“{text[:80]}”无法判断：{error}。请检查案件属性是否齐全。", code="condition_failed"
        ) from error


Evaluate = Callable[[str, Mapping[str, Any]], bool]
