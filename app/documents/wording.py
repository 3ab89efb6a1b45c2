"""The language of template texts: Jinja2, reduced until nothing in it can reach Python.

Texts may print, choose and repeat. There are no calls, no attributes of Python objects (a dot reads
dictionary keys), no multiplication, no includes; what is not on a list below is refused when the template
is loaded. A path that leads nowhere, or to null, is *missing*: it can be tested, and printing or comparing
it raises `MissingField`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from jinja2 import Undefined, UndefinedError, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from . import phrases

LONGEST = 100_000
"""Characters one text may have after filling in."""

_NODES = tuple(
    getattr(nodes, name)
    for name in (
        *("Template", "Output", "TemplateData", "If", "For", "Assign", "Name", "Const", "Getattr", "Getitem"),
        *(
            "Filter",
            "Test",
            "Compare",
            "Operand",
            "And",
            "Or",
            "Not",
            "CondExpr",
            "Concat",
            "Add",
            "Sub",
            "Neg",
        ),
        *("List", "Tuple", "Dict", "Pair", "Keyword", "Slice"),
    )
)
_FILTERS = (
    *("default", "d", "join", "length", "count", "first", "last", "list", "map", "selectattr", "rejectattr"),
    *("select", "reject", "sort", "sum", "unique", "round", "int", "trim", "abs", "string", "upper", "lower"),
)
_TESTS = (
    *("defined", "undefined", "none", "string", "number", "boolean", "true", "false", "even", "odd", "in"),
    *("eq", "equalto", "==", "ne", "!=", "lt", "<", "le", "<=", "gt", ">", "ge", ">="),
)
_LOOP = frozenset(("index", "index0", "first", "last", "length"))
_INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]"
)

_labels: ContextVar[Mapping[str, str] | None] = ContextVar("_labels", default=None)


class MissingField(UndefinedError):
    """The context has no such value. `path` is the dotted path."""

    def __init__(self, path: str = ""):
        super().__init__(path)
        self.path = path


@contextmanager
def lenient(labels: Mapping[str, str]) -> Iterator[None]:
    """While a draft is previewed: a missing value prints 【待填：…】, with its label where one is known."""
    token = _labels.set(labels)
    try:
        yield
    finally:
        _labels.reset(token)


class Missing(Undefined):
    """What a path to nowhere evaluates to. Deeper paths stay missing; everything but a test fails."""

    __slots__ = ()

    def path(self) -> str:
        return str(self._undefined_name)

    def _fail(self, *_: Any, **__: Any) -> NoReturn:
        raise MissingField(self.path())

    def __str__(self) -> str:
        labels = _labels.get()
        if labels is None:
            self._fail()
        return f"【待填：{labels.get(self.path(), self.path())}】"

    def __iter__(self) -> Iterator[Any]:
        if _labels.get() is None:
            self._fail()
        return iter(())

    def _empty(self) -> Any:
        if _labels.get() is None:
            self._fail()
        return False

    def __bool__(self) -> bool:
        """An absent field is no: `if report.correction`. A name nobody knows is a mistake."""
        return False if "." in self.path() else self._empty()

    def __len__(self) -> int:
        return int(self._empty())

    def _unlike(self, _: object) -> bool:
        return self._empty()

    def __ne__(self, other: object) -> bool:
        return not self._unlike(other)

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _unlike  # type: ignore[assignment]
    __hash__ = __add__ = __radd__ = __sub__ = __rsub__ = __neg__ = __int__ = __float__ = _fail  # type: ignore[assignment]


class Node(Mapping[str, Any]):
    """A dictionary of the context that knows its own path, so that a missing value can be named in full."""

    __slots__ = ("_data", "_path")

    def __init__(self, data: Mapping[str, Any], path: str = ""):
        self._data, self._path = data, path

    def __getitem__(self, key: str) -> Any:
        return wrap(self._data[key], f"{self._path}.{key}" if self._path else str(key))

    def child(self, key: Any) -> Any:
        """The value under a key, `Missing` where there is none."""
        if self._data.get(key) is None:
            return Missing(name=f"{self._path}.{key}" if self._path else str(key))
        return self[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def wrap(value: Any, path: str) -> Any:
    """A value of the context as texts see it: mappings as `Node`, lists as tuples, null as missing."""
    if value is None:
        return Missing(name=path)
    if isinstance(value, Mapping):
        return Node(value, path)
    if isinstance(value, list | tuple):
        return tuple(wrap(item, f"{path}[{position}]") for position, item in enumerate(value))
    return value


def normalised(text: str) -> str:
    """Text as it may be drawn.

    Newlines are \\n; no control, invisible or direction characters; the yen sign is U+00A5, not U+FFE5,
    which some Chinese fonts draw as a dollar.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "　").replace("\uffe5", "\u00a5")
    return _INVISIBLE.sub("", text)


def _printable(value: Any) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float | Decimal) and value == int(value):
        return str(int(value))
    if isinstance(value, str | int | float | Decimal | date | Undefined):
        return value
    raise TypeError("是一组数据，不是文字")


class _Environment(ImmutableSandboxedEnvironment):
    """A dot or bracket reads the keys of dictionaries and the positions of lists, and nothing else."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext):
            if attribute not in _LOOP:
                raise SecurityError(f"loop.{attribute} 不可用")
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Node):
            return obj.child(argument)
        if isinstance(obj, Missing):
            return Missing(name=f"{obj.path()}.{argument}")
        if isinstance(obj, dict):
            return obj.get(argument, Missing(name=str(argument)))
        if isinstance(obj, list | tuple | str) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                return Missing(name=f"[{argument}]")
        raise SecurityError(f"不能读取“{argument}”：这里只能读取数据的键")

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def _environment() -> _Environment:
    environment = _Environment(
        undefined=Missing, autoescape=False, finalize=_printable, keep_trailing_newline=False
    )
    environment.globals = {}
    environment.filters = {name: environment.filters[name] for name in _FILTERS} | {
        name: _refusing_missing(function) for name, function in phrases.FILTERS.items()
    }
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment


def _refusing_missing(function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(value: Any, *arguments: Any) -> Any:
        if isinstance(value, Undefined):
            return value  # a draft prints the marker; otherwise printing it names the path
        result = function(value, *arguments)
        return (
            Missing(name=f"{function.__name__}({'、'.join(map(str, arguments))})")
            if result is None
            else result
        )

    return apply


_jinja = _environment()


def parsed(source: str, expression: bool) -> nodes.Template:
    """The syntax tree of a text or of one expression.

    Raises:
        jinja2.TemplateError: syntax.
    """
    return _jinja.parse("{{ (" + source + "\n) }}" if expression else source)


def _check(source: str, expression: bool) -> None:
    tree = parsed(source, expression)
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _NODES):
            raise SecurityError(f"不能使用 {type(node).__name__}")
        if isinstance(node, nodes.Name | nodes.Getattr):
            name = node.name if isinstance(node, nodes.Name) else node.attr
            if name.startswith("_") or name == "self":
                raise SecurityError(f"不能使用名称“{name}”")


class Text:
    """One compiled text.

    Raises (on construction):
        jinja2.TemplateError: syntax, or something the language does not have.
    """

    __slots__ = ("_template",)

    def __init__(self, source: str):
        _check(source, expression=False)
        self._template = _jinja.from_string(source)

    def fill(self, scope: Mapping[str, Any]) -> str:
        """The text with its values, normalised and trimmed.

        Raises:
            MissingField: it prints or compares a missing value.
            jinja2.TemplateError, TypeError, ValueError: a value that cannot be printed so.
        """
        text = normalised(self._template.render(scope)).strip(" \n")
        if len(text) > LONGEST:
            raise ValueError(f"文字超过 {LONGEST} 字")
        return text


class Expression:
    """One compiled expression; `value` may be `Missing`."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str):
        _check(source, expression=True)
        self.source = source
        self._compiled = _jinja.compile_expression(source, undefined_to_none=False)

    def value(self, scope: Mapping[str, Any]) -> Any:
        result = self._compiled(scope)
        return Missing(name=self.source) if result is None else result

    def lazily(self, scope: Mapping[str, Any]) -> Any:
        """The value, or `Missing` if computing it meets a missing value."""
        try:
            return self.value(scope)
        except MissingField as missing:
            return Missing(name=missing.path)


def scope_of(context: Mapping[str, Any]) -> dict[str, Any]:
    """The names texts may use, from a case's context."""
    return {key: wrap(value, key) for key, value in context.items() if value is not None}


__all__ = [
    "Expression",
    "Missing",
    "MissingField",
    "Node",
    "TemplateError",
    "Text",
    "lenient",
    "normalised",
    "parsed",
    "scope_of",
    "wrap",
]
