"""What a template text may grow to while it is filled in: it is written by a person, and filled in by everybody's server.

Nothing in the language multiplies, but repetitions inside repetitions and texts joined to themselves do (CWE-1333's
cousins: a few lines that would take all time or memory). Repetitions are counted, results are measured.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from jinja2 import nodes

LONGEST = 100_000
"""Characters one text may have, in the end and on the way."""
MOST = 2_000
"""Elements of one list."""
TURNS = 100_000
"""Elements that the repetitions of one text go through, all together."""

_turns: ContextVar[list[int] | None] = ContextVar("_turns", default=None)


@contextmanager
def counting() -> Iterator[None]:
    """While one text is filled in."""
    token = _turns.set([TURNS])
    try:
        yield
    finally:
        _turns.reset(token)


def counted(value: Any) -> Iterator[Any]:
    """The elements of a list, one turn each.

    Raises:
        ValueError: more turns than one text may take.
    """
    left = _turns.get() or [TURNS]
    for element in value:
        left[0] -= 1
        if left[0] < 0:
            raise ValueError("逐项重复的次数过多")
        yield element


def measured(value: Any) -> Any:
    """A text or list, if it is not too long.

    Raises:
        ValueError: it is.
    """
    if isinstance(value, str) and len(value) > LONGEST:
        raise ValueError(f"文字超过 {LONGEST} 字")
    if isinstance(value, list | tuple | dict) and len(value) > MOST:
        raise ValueError(f"列表超过 {MOST} 项")
    return value


def joined(values: list[Any]) -> str:
    """Texts one after another (`a ~ b`)."""
    return str(measured("".join(str(measured(value)) for value in values)))


def within(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose arguments and result are measured."""

    @wraps(function)
    def apply(*arguments: Any, **named: Any) -> Any:
        for value in arguments:
            measured(value)
        return measured(function(*arguments, **named))

    return apply


FILTERS = {"counted": counted, "joined": joined}
"""What `bounded` puts into a tree; no text may name them."""


def bounded(tree: nodes.Template) -> nodes.Template:
    """The tree with its repetitions counted and its joins measured."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        loop.set_environment(tree.environment)
    return _replaced(tree)


def _replaced(node: Any) -> Any:
    for name, value in node.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(node, name, _replaced(value))
        elif isinstance(value, list):
            setattr(node, name, [_replaced(each) if isinstance(each, nodes.Node) else each for each in value])
    if isinstance(node, nodes.Concat):
        listed = nodes.List(node.nodes, lineno=node.lineno)
        made = nodes.Filter(listed, "joined", [], [], None, None, lineno=node.lineno)
        made.set_environment(node.environment)
        return made
    return node
