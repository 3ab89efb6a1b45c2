"""Which values of a case a template speaks of, found in its text before there is any case.

A path is a tuple of names, `[]` standing for one element of a list: `("forms", "penalty_report", "evidence", "[]",
"name")`. Short names (`let`), repetitions (`each`, `{% for %}`) and filters that pick an element are followed; where a
value is computed, no path is known and none is claimed.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import nodes

from .wording import TemplateError, syntax_of

Names = tuple[str, ...]
Paths = frozenset[Names]
Scope = Mapping[str, Paths | None]
"""What each short name stands for; None: a computed value."""

ONE = "[]"
_PICKED = {"of_code", "of_form", "first", "last"}
_SAME = {"list", "sort", "unique", "select", "reject", "selectattr", "rejectattr", "default", "d"}
_ASKING = {"defined", "undefined", "default", "d"}
_TEXTS = frozenset({"if", "each"})
"""Keys of blocks whose text is an expression."""
_CONTEXT = Path(__file__).parent / "data" / "context.yaml"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands at a place of the context: its Chinese name, its type, what is in it.

    `open`: it may hold more than is known. `fields` of a list are those of one element.
    """

    label: str
    type: str = "text"
    fields: Mapping[str, "Value"] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    open: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """A place of a template (`blocks[3]`, `let.report`) that speaks of a value: of one of these paths, where a short
    name stands for one thing or another. `asks`: it only asks whether the value is there (`if x.note`, `is defined`,
    `|default('')`)."""

    place: str
    paths: Paths
    asks: bool = False


Seen = tuple[Paths, bool]
"""Paths, and whether they are only asked after."""


@lru_cache(maxsize=1)
def of_case() -> Mapping[str, Value]:
    """What every document may say of a case, forms and routing attributes left aside."""
    raw = yaml.safe_load(_CONTEXT.read_text(encoding="utf-8"))
    return {name: _value(entry) for name, entry in raw.items()}


def _value(raw: Any) -> Value:
    if isinstance(raw, str):
        return Value(raw)
    inner = {name: _value(entry) for name, entry in raw.get("fields", {}).items()}
    kind = raw.get("type", "record" if inner else "text")
    return Value(raw["label"], kind, inner, raw.get("options", {}), bool(raw.get("open")) or kind == "any")


def uses(raw: Mapping[str, Any]) -> list[Use]:
    """Every value that a template speaks of, in reading order. What cannot be read is left out: `examining` says so."""
    return [use for use in _all(raw) if not use.asks]


def asked(raw: Mapping[str, Any]) -> set[Names]:
    """The paths a template asks for without asking anywhere whether they are there: they must exist, or the document
    could never be issued. As far as a list; of several that lead on from one another the longest."""
    every = {path for paths in _needed(raw) for path in paths}
    return {path for path in every if not any(o != path and o[: len(path)] == path for o in every)}


def missing(raw: Mapping[str, Any], fields: Mapping[str, Set[str]], attributes: Set[str]) -> list[str]:
    """The paths of a template that lead nowhere in a procedure with these forms (the keys of their answers) and routing
    attributes. Where a short name stands for one thing or another, one of them is enough."""

    def absent(path: Names) -> bool:
        root, *rest = path
        return bool(
            root not in of_case().keys() | {"forms", "attributes", "document", "loop"}
            or (root == "attributes" and rest and rest[0] not in attributes)
            or (root == "forms" and rest and rest[0] not in fields)
            or (root == "forms" and len(rest) > 1 and rest[1] not in fields[rest[0]])
        )

    wrong = {".".join(min(paths)) for paths in _needed(raw) if all(map(absent, paths))}
    return sorted(wrong)


def _needed(raw: Mapping[str, Any]) -> set[Paths]:
    found = list(_all(raw))
    asks = {path for use in found if use.asks for path in use.paths}
    needed = [use.paths - asks for use in found if not use.asks]
    return {
        frozenset(path[: path.index(ONE)] if ONE in path else path for path in paths)
        for paths in needed
        if paths
    }


def _all(raw: Mapping[str, Any]) -> Iterator[Use]:
    scope: dict[str, Paths | None] = {}
    for name, expression in _mapping(raw.get("let")).items():
        tree = _parsed(str(expression), expression=True)
        yield from (Use(f"let.{name}", *seen) for seen in _walk(tree, scope))
        scope[str(name)] = _resolve(tree, scope) if tree is not None else None
    for path in _mapping(raw.get("required")):
        yield Use(f"required.{path}", frozenset({tuple(str(path).split("."))}))
    yield from (Use("title", *seen) for seen in _walk(_parsed(str(raw.get("title", ""))), scope))
    blocks = raw.get("blocks")
    for position, block in enumerate(blocks if isinstance(blocks, list) else []):
        yield from (Use(f"blocks[{position}]", *seen) for seen in _block(block, scope))


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _block(value: Any, scope: Scope) -> Iterator[Seen]:
    if isinstance(value, str):
        yield from _walk(_parsed(value), scope)
    elif isinstance(value, list):
        for each in value:
            yield from _block(each, scope)
    elif isinstance(value, Mapping):
        inner = dict(scope)
        for key in _TEXTS & set(value):
            tree = _parsed(str(value[key]), expression=True)
            yield from _walk(tree, scope)
            if key == "if":
                yield from _truths(_shown(tree), scope)
        if "each" in value:
            inner[str(value.get("as", "item"))] = _one_of(_resolve(_parsed(str(value["each"]), True), scope))
            inner["loop"] = None
        for key, each in value.items():
            if key not in ("as", *_TEXTS):
                # the head and the caption of a table stand outside its repetition
                yield from _block(each, scope if key in ("head", "caption", "empty") else inner)


@lru_cache(maxsize=4096)
def _parsed(source: str, expression: bool = False) -> nodes.Template | None:
    try:
        return syntax_of(source, expression)
    except TemplateError:
        return None


def _one_of(paths: Paths | None) -> Paths | None:
    return None if paths is None else frozenset((*path, ONE) for path in paths)


def _child(paths: Paths | None, name: Any) -> Paths | None:
    if paths is None:
        return None
    step = name if isinstance(name, str) else ONE
    return frozenset((*path, step) for path in paths)


def _resolve(node: nodes.Node | None, scope: Scope) -> Paths | None:
    """The paths an expression may stand for; None where it computes."""
    if isinstance(node, nodes.Template):
        return _resolve(_shown(node), scope)
    if isinstance(node, nodes.Name):
        return scope[node.name] if node.name in scope else frozenset({(node.name,)})
    if isinstance(node, nodes.Getattr):
        return _child(_resolve(node.node, scope), node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return _child(_resolve(node.node, scope), node.arg.value)
    if isinstance(node, nodes.CondExpr):
        sides = [_resolve(side, scope) for side in (node.expr1, node.expr2) if side is not None]
        return None if None in sides else frozenset().union(*(side for side in sides if side is not None))
    if isinstance(node, nodes.Filter) and node.node is not None:
        inner = _resolve(node.node, scope)
        return _one_of(inner) if node.name in _PICKED else inner if node.name in _SAME else None
    return None


def _shown(tree: nodes.Template | None) -> nodes.Node | None:
    """The one expression of a text that is nothing else."""
    shown = next(tree.find_all(nodes.Output), None) if tree is not None else None
    return shown.nodes[0] if shown and len(shown.nodes) == 1 else None


def _truths(test: nodes.Node | None, scope: Scope) -> Iterator[Seen]:
    """The values whose bare presence decides a test."""
    if isinstance(test, nodes.And | nodes.Or):
        yield from _truths(test.left, scope)
        yield from _truths(test.right, scope)
    elif isinstance(test, nodes.Not):
        yield from _truths(test.node, scope)
    elif isinstance(test, nodes.Name | nodes.Getattr | nodes.Getitem) and (paths := _resolve(test, scope)):
        yield paths, True


def _asks(node: nodes.Node, scope: Scope) -> Iterator[Seen]:
    """The values that a text only asks after at this node."""
    if isinstance(node, nodes.If | nodes.CondExpr):
        yield from _truths(node.test, scope)
    elif isinstance(node, nodes.Test | nodes.Filter) and node.name in _ASKING:
        yield from _truths(node.node, scope)


def _walk(node: nodes.Node | None, scope: Scope) -> Iterator[Seen]:
    """Every value named in a text or expression, the deepest paths of each."""
    if node is None:
        return
    yield from _asks(node, scope)
    if isinstance(node, nodes.Name | nodes.Getattr) or (
        isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const)
    ):
        if isinstance(node, nodes.Name) and node.ctx != "load":
            return
        if paths := _resolve(node, scope):
            yield paths, False
        inner = node
        while isinstance(inner, nodes.Getattr | nodes.Getitem):
            inner = inner.node
        if not isinstance(inner, nodes.Name):
            yield from _walk(inner, scope)
    elif isinstance(node, nodes.For):
        yield from _walk(node.iter, scope)
        inside = dict(scope)
        if isinstance(node.target, nodes.Name):
            inside |= {node.target.name: _one_of(_resolve(node.iter, scope)), "loop": None}
        else:
            inside |= {name.name: None for name in node.target.find_all(nodes.Name)} | {"loop": None}
        for each in (*node.body, *node.else_, *([node.test] if node.test else [])):
            yield from _walk(each, inside)
    else:
        running = dict(scope)
        for each in node.iter_child_nodes():
            yield from _walk(each, running)
            if isinstance(each, nodes.Assign) and isinstance(each.target, nodes.Name):
                running[each.target.name] = _resolve(each.node, running)


def unknown(path: Names, known: Mapping[str, Value]) -> str:
    """What is wrong with a path, in Chinese; empty where it leads to something."""
    inside: Mapping[str, Value] = known
    said: list[str] = []
    for position, name in enumerate(path):
        if name == ONE:
            continue
        value = inside.get(name)
        if value is None:
            within = f"“{'·'.join(said)}”中" if said else ""
            return f"{within}没有“{name}”这一项（{dotted(path)}）"
        if value.open and not value.fields:
            return ""
        said.append(value.label)
        inside = value.fields
        if not inside and [each for each in path[position + 1 :] if each != ONE]:
            return "" if value.open else f"“{'·'.join(said)}”下面没有更细的内容（{dotted(path)}）"
        if value.open and position + 1 < len(path) and path[position + 1] not in inside:
            return ""
    return ""


def dotted(path: Names) -> str:
    """A path as template texts write it, without the marks of elements."""
    return ".".join(name for name in path if name != ONE)
