"""Demands and conditions as Chinese sentences."""

import ast
from collections.abc import Mapping

from .demands import After, Before, Demand, Never, Tags, Wordings
from .rules.steps import ATTRIBUTES, name

_COMPARED = {
    ast.Eq: "为",
    ast.NotEq: "不为",
    ast.Lt: "少于",
    ast.LtE: "不超过",
    ast.Gt: "超过",
    ast.GtE: "不少于",
    ast.In: "是其中之一：",
    ast.NotIn: "不是其中任何一个：",
}


def sentence(demand: Demand) -> str:
    """What a demand asks for."""
    when = _when(demand.when)
    if isinstance(demand, Before):
        passed = f"并且{said(demand.passed[0])}" if demand.passed and demand.passed[0] != "True" else ""
        again = f"；{steps(demand.voids, '或者')}之后须重新办理" if demand.voids else ""
        return f"{when}{steps(demand.target, '或者')}之前，必须已经完成{steps(demand.needs, '或者')}{passed}{again}。"
    if isinstance(demand, After):
        return f"{steps(demand.trigger, '或者')}之后，{when}结束之前必须完成{steps(demand.then, '或者')}。"
    if isinstance(demand, Never):
        return f"{when}不得办理{steps(demand.target, '、')}。"
    unless = f"，除非其间完成{steps(demand.voids, '或者')}" if demand.voids else ""
    return f"{steps(demand.first, '或者')}之后，{when}不得再办理{steps(demand.then, '、')}{unless}。"


def steps(tags: Tags, joint: str) -> str:
    """Steps by their names; a step and everything below it as one."""
    words = []
    for tag in tags:
        if f"{tag}.*" in tags:
            words.append(f"“{name(tag)}”及其各环节（`{tag}`、`{tag}.*`）")
        elif not tag.endswith(".*") or tag.removesuffix(".*") not in tags:
            words.append(f"“{name(tag)}”（`{tag}`）")
    return joint.join(words)


def _when(wordings: Wordings) -> str:
    if not wordings or wordings[0] == "True":
        return ""
    always = "（没有声明该属性的，一律如此）" if wordings[-1] == "True" else ""
    return f"{said(wordings[0])}时{always}，"


def said(condition: str, labels: Mapping[str, str] | None = None) -> str:
    """A condition in words; what is no comparison stays as it is written.

    `labels` says what attributes are called where the words are not for the page of rules: keys are left out then.
    """
    try:
        return _words(ast.parse(condition.strip(), mode="eval").body, condition, labels)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"`{condition}`"


def _words(tree: ast.expr, source: str, labels: Mapping[str, str] | None = None) -> str:
    if isinstance(tree, ast.BoolOp):
        joint = "，且" if isinstance(tree.op, ast.And) else "，或者"
        parts = [_words(value, source, labels) for value in tree.values]
        return joint.join(
            f"（{text}）" if isinstance(value, ast.BoolOp) else text
            for value, text in zip(tree.values, parts, strict=True)
        )
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        return f"不是（{_words(tree.operand, source, labels)}）"
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1 and isinstance(tree.left, ast.Name):
        compared = _COMPARED.get(type(tree.ops[0]))
        if compared:
            return f"{_attribute(tree.left.id, labels)}{compared}{_value(tree.comparators[0], labels)}"
    if isinstance(tree, ast.Name):
        return f"{_attribute(tree.id, labels)}为是"
    return f"`{ast.get_source_segment(source.strip(), tree) or source}`"


def _attribute(key: str, labels: Mapping[str, str] | None = None) -> str:
    if labels is not None:
        return f"“{labels.get(key) or ATTRIBUTES.get(key, key)}”"
    return f"“{ATTRIBUTES[key]}”（`{key}`）" if key in ATTRIBUTES else f"`{key}`"


def _value(tree: ast.expr, labels: Mapping[str, str] | None = None) -> str:
    if isinstance(tree, ast.Constant) and isinstance(tree.value, bool):
        return "是" if tree.value else "否"
    if labels is not None and isinstance(tree, ast.Tuple | ast.List):
        return "、".join(_value(each, labels).strip() for each in tree.elts)
    if labels is not None and isinstance(tree, ast.Constant):
        return f"“{tree.value}”" if isinstance(tree.value, str) else f" {tree.value!r}"
    return str(tree.value) if isinstance(tree, ast.Constant) else ast.unparse(tree)
