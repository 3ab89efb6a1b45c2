"""Publication gate, conditions: every gateway decides, exactly one way where one way is drawn."""

import ast
import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ..kernel.errors import Invalid
from ..verify.reader import Flow, Node, Process
from . import expressions

Found = tuple[str, str, str]
DECIDES = frozenset({"exclusiveGateway", "inclusiveGateway"})
MAX_CASES = 20_000


def conditions(process: Process, attributes: Collection[str]) -> Iterator[Found]:
    """Problems of conditions and default flows."""
    for node in process.nodes.values():
        label = f"“{node.name or node.id}”"
        if node.tag not in DECIDES or len(node.outgoing) < 2:
            for flow in node.outgoing:
                if flow.condition:
                    yield (
                        "condition_ignored",
                        flow.id,
                        f"{label}之后的连线带有条件，但这里不作判断，请删去条件。",
                    )
            continue
        if not any(flow.id == node.default for flow in node.outgoing):
            yield "no_default", node.id, f"网关{label}没有默认分支，条件都不成立时案件会停住。"
        for flow in node.outgoing:
            if flow.id == node.default:
                if flow.condition:
                    yield "default_condition", flow.id, f"网关{label}的默认分支不应带条件。"
            elif not flow.condition:
                yield "no_condition", flow.id, f"网关{label}的非默认分支没有条件。"
        good = [flow for flow in node.outgoing if flow.condition and flow.id != node.default]
        broken = False
        for flow in good:
            try:
                missing = expressions.unknown(flow.condition, attributes)
            except Invalid as error:
                yield "expression", flow.id, error.message
                broken = True
            else:
                for name in missing:
                    yield "unknown_name", flow.id, f"条件读取未声明的属性 {name}。"
        if node.tag == "exclusiveGateway" and not broken:
            yield from _overlaps(node, good)


def _overlaps(node: Node, flows: Sequence[Flow]) -> Iterator[Found]:
    """Two branches of an exclusive gateway that can hold together, where that can be decided."""
    for first, second in itertools.combinations(flows, 2):
        values = overlap((first.condition, second.condition))
        if values:
            shown = "，".join(f"{name} = {value!r}" for name, value in values.items())
            yield (
                "overlap",
                second.id,
                f"网关“{node.name or node.id}”有两个分支会同时成立(如 {shown})，请使条件互斥。",
            )


def overlap(texts: Sequence[str]) -> dict[str, Any] | None:
    """Values for which all conditions hold; empty where there are none, None where undecidable.

    Decidable are comparisons of one attribute with constants: an attribute then only matters by which of
    the constants it equals or lies between.
    """
    domains: dict[str, list[Any]] = {}
    for text in texts:
        if not _collect(expressions.parse(text)[2].body, domains):
            return None
    choices = {name: _representatives(values) for name, values in domains.items()}
    total = 1
    for values in choices.values():
        total *= len(values)
    if total > MAX_CASES:
        return None
    for combination in itertools.product(*choices.values()):
        attributes = dict(zip(choices, combination, strict=True))
        try:
            if all(expressions.evaluate(text, attributes) for text in texts):
                return attributes
        except Invalid:
            continue  # a value of the wrong type for this condition
    return {}


def _collect(node: ast.AST, domains: dict[str, list[Any]]) -> bool:
    """Gather the constants each name is compared with; false for anything but such comparisons."""
    if isinstance(node, ast.BoolOp):
        return all(_collect(value, domains) for value in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _collect(node.operand, domains)
    if isinstance(node, ast.Name):
        domains.setdefault(node.id, []).extend((True, False))
        return True
    if isinstance(node, ast.Constant):
        return True
    if not isinstance(node, ast.Compare):
        return False
    names: set[str] = set()
    constants: list[Any] = []
    for part in (node.left, *node.comparators):
        if isinstance(part, ast.Name):
            names.add(part.id)
            continue
        try:
            value = ast.literal_eval(part)
        except ValueError:
            return False
        constants.extend(value if isinstance(value, list | tuple) else (value,))
    if len(names) != 1:
        return False
    domains.setdefault(names.pop(), []).extend(constants)
    return True


def _representatives(constants: list[Any]) -> list[Any]:
    """One value per region the constants cut a domain into."""
    if all(isinstance(value, bool) for value in constants):
        return [True, False]
    numbers = sorted({v for v in constants if isinstance(v, int | float) and not isinstance(v, bool)})
    others: list[Any] = list(dict.fromkeys(v for v in constants if isinstance(v, str | bool) or v is None))
    if numbers:
        between = [(a + b) / 2 for a, b in itertools.pairwise(numbers)]
        others += [numbers[0] - 1, *numbers, *between, numbers[-1] + 1]
    if any(isinstance(value, str) for value in others):
        others.append("\N{REPLACEMENT CHARACTER}")  # some option nobody mentions
    return others
