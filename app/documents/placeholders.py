"""Which values of a case a template asks for, read from its texts without filling them in. Pure.

A path that is tested somewhere in the template (`if x.note`, `is defined`, `|default('')`) may lead nowhere: the
template says itself what then. Any other must exist, or the document could never be issued.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from .wording import parsed

CONTEXT = frozenset(
    {
        *("case", "item", "agency", "party", "attributes", "actor", "signers", "handlers", "today", "now"),
        *("forms", "history", "documents", "document", "loop"),
    }
)
"""The names a text may begin a path with (docs/document-templates.md)."""
_EXPRESSIONS = ("if", "each")
_PLAIN = ("as", "lock", "align", "t")


@dataclass(slots=True)
class _Seen:
    used: set[tuple[str, ...]] = field(default_factory=set)
    tested: set[tuple[str, ...]] = field(default_factory=set)
    local: set[str] = field(default_factory=set)


def asked(raw: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """The paths a parsed template file asks for and does not test, each as its names from the context on."""
    seen = _Seen()
    aliases: dict[str, tuple[str, ...]] = {}
    for name, expression in (raw.get("let") or {}).items():
        tree = parsed(str(expression), expression=True)
        whole = _path(tree.body[0].nodes[0]) if isinstance(tree.body[0], nodes.Output) else None
        if whole:
            aliases[str(name)] = _resolved(whole, aliases)
        else:
            seen.local.add(str(name))
            _look(tree, seen)
    _texts(raw.get("title", ""), "", seen)
    _texts(raw.get("blocks") or [], "", seen)
    tested = {_resolved(path, aliases) for path in seen.tested}
    used = {_resolved(path, aliases) for path in seen.used if path[0] not in seen.local}
    return {path for path in used if path not in tested}


def unknown(raw: Mapping[str, Any], fields: Mapping[str, Set[str]], attributes: Set[str]) -> list[str]:
    """The paths of a template that lead nowhere in a procedure with these forms (the keys of their answers) and
    routing attributes."""
    wrong = []
    for path in sorted(asked(raw)):
        root, *rest = path
        absent = (
            root not in CONTEXT
            or (root == "attributes" and rest and rest[0] not in attributes)
            or (root == "forms" and rest and rest[0] not in fields)
            or (root == "forms" and len(rest) > 1 and rest[1] not in fields[rest[0]])
        )
        if absent:
            wrong.append(".".join(path))
    return wrong


def _texts(value: Any, key: str, seen: _Seen) -> None:
    if isinstance(value, Mapping):
        if "each" in value:
            seen.local.add(str(value.get("as", "item")))
        for name, inner in value.items():
            if name not in _PLAIN:
                _texts(inner, str(name), seen)
    elif isinstance(value, list):
        for inner in value:
            _texts(inner, key, seen)
    elif isinstance(value, str):
        expression = key in _EXPRESSIONS
        tree = parsed(value, expression=expression)
        _look(tree, seen)
        if key == "if":
            seen.tested.update(_truths(tree.body[0].nodes[0]))


def _look(tree: nodes.Node, seen: _Seen) -> None:
    for loop in tree.find_all(nodes.For):
        seen.local.update(name.name for name in _names(loop.target))
    for assigned in tree.find_all(nodes.Assign):
        seen.local.update(name.name for name in _names(assigned.target))
    for choice in tree.find_all((nodes.If, nodes.CondExpr)):
        seen.tested.update(_truths(choice.test))
    for test in tree.find_all(nodes.Test):
        if test.name in ("defined", "undefined") and (path := _path(test.node)):
            seen.tested.add(path)
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name in ("default", "d") and (path := _path(filtered.node)):
            seen.tested.add(path)
    seen.used.update(_chains(tree))


def _names(target: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(target, nodes.Name):
        yield target
    yield from target.find_all(nodes.Name)


def _truths(test: nodes.Node | None) -> Iterator[tuple[str, ...]]:
    """The paths whose bare presence decides a test."""
    if isinstance(test, nodes.And | nodes.Or):
        yield from _truths(test.left)
        yield from _truths(test.right)
    elif isinstance(test, nodes.Not):
        yield from _truths(test.node)
    elif test is not None and (path := _path(test)):
        yield path


def _chains(node: nodes.Node) -> Iterator[tuple[str, ...]]:
    """The longest paths below a node."""
    if path := _path(node):
        if not (isinstance(node, nodes.Name) and node.ctx == "store"):
            yield path
        return
    for child in node.iter_child_nodes():
        yield from _chains(child)


def _path(node: nodes.Node) -> tuple[str, ...] | None:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return (*before, node.attr) if before else None
    if (
        isinstance(node, nodes.Getitem)
        and isinstance(node.arg, nodes.Const)
        and isinstance(node.arg.value, str)
    ):
        before = _path(node.node)
        return (*before, node.arg.value) if before else None
    return None


def _resolved(path: tuple[str, ...], aliases: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return (*aliases[path[0]], *path[1:]) if path[0] in aliases else path
