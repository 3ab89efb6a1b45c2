"""What a cell of an input asks (DMN unary tests), read for an attribute of a known type.

    -            >= 10000        [10000..50000)      1, 2, 3        "person"      not("transfer")      true

A name in place of a number is a threshold of the rule set (`params`), so that the law's amounts stand in one
place, with their source.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.kernel.errors import Invalid

from .model import BOOLEAN, NUMBER, Attribute, Vocabulary, digits, shown

MAX_TEXT = 400
MAX_DIGITS = 15
"""More significant digits than these a browser reads as another number (IEEE 754 double)."""

TOKEN = re.compile(
    r'\s*(?:(?P<number>-?\d+(?:\.\d+)?)(?!\.?\d)|"(?P<text>[^"\\]*)"|(?P<range>\.\.)|(?P<compare><=|>=|<|>)'
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>[\[\](),-]))"
)
WRITE = {
    BOOLEAN: "应当是 true（是）、false（否）或者 -（不限）",
    NUMBER: "应当像 10000、>= 10000、[10000..50000)、1, 2、not(3) 或者 -（不限）",
    "choice": '应当像 "person"、"a", "b"、not("a") 或者 -（不限）',
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a cell, or the threshold that stands for it."""

    value: Decimal
    param: str = ""

    def constant(self) -> Any:
        """As a condition tree has it."""
        return {"param": self.param} if self.param else shown(self.value)

    def words(self, labels: Mapping[str, str]) -> str:
        """As people read it."""
        return (
            f"{labels.get(self.param, self.param)}（{digits(self.value)}）"
            if self.param
            else digits(self.value)
        )


@dataclass(frozen=True, slots=True)
class Between:
    """A range of numbers; an end that is None is open without limit."""

    low: Number | None
    low_in: bool
    high: Number | None
    high_in: bool

    def holds(self, value: Any) -> bool:
        """Whether a number lies in it."""
        above = self.low is None or value > self.low.value or (self.low_in and value == self.low.value)
        below = self.high is None or value < self.high.value or (self.high_in and value == self.high.value)
        return above and below

    def tree(self, name: str) -> dict[str, Any]:
        """As a condition tree on the attribute `name`."""
        parts = []
        if self.low is not None:
            parts.append({"field": name, "op": "gte" if self.low_in else "gt", "value": self.low.constant()})
        if self.high is not None:
            parts.append(
                {"field": name, "op": "lte" if self.high_in else "lt", "value": self.high.constant()}
            )
        return parts[0] if len(parts) == 1 else {"all": parts}

    def words(self, attribute: Attribute, labels: Mapping[str, str]) -> str:
        """As people read it."""
        low = f"{'不低于' if self.low_in else '高于'} {self.low.words(labels)}" if self.low else ""
        high = f"{'不超过' if self.high_in else '低于'} {self.high.words(labels)}" if self.high else ""
        return "且".join(part for part in (low, high) if part)


@dataclass(frozen=True, slots=True)
class Same:
    """One value: a number, a truth value or an option."""

    value: Any

    def holds(self, value: Any) -> bool:
        """Whether it is this value."""
        wanted = self.value.value if isinstance(self.value, Number) else self.value
        return bool(value == wanted)

    def tree(self, name: str) -> dict[str, Any]:
        """As a condition tree on the attribute `name`."""
        wanted = self.value.constant() if isinstance(self.value, Number) else self.value
        return {"field": name, "op": "eq", "value": wanted}

    def words(self, attribute: Attribute, labels: Mapping[str, str]) -> str:
        """As people read it."""
        return self.value.words(labels) if isinstance(self.value, Number) else attribute.say(self.value)


Test = Between | Same


@dataclass(frozen=True, slots=True)
class Cell:
    """What is asked of one input: one of `tests` holds, or none of them (`negated`). No tests: anything."""

    tests: tuple[Test, ...] = ()
    negated: bool = False

    def holds(self, value: Any) -> bool:
        """Whether a value (numbers as `Decimal`) answers it."""
        return not self.tests or any(test.holds(value) for test in self.tests) is not self.negated

    def tree(self, name: str) -> dict[str, Any] | None:
        """The same as a condition tree on the attribute `name`; None: anything."""
        if not self.tests:
            return None
        plain = [test.value for test in self.tests if isinstance(test, Same)]
        simple = [value for value in plain if not isinstance(value, Number)]
        if len(simple) == len(self.tests) > 1:
            return {"field": name, "op": "notIn" if self.negated else "in", "value": simple}
        trees = [test.tree(name) for test in self.tests]
        tree = trees[0] if len(trees) == 1 else {"any": trees}
        return {"not": tree} if self.negated else tree

    def numbers(self) -> Iterator[Decimal]:
        """Every number at which its answer can change."""
        for test in self.tests:
            if isinstance(test, Between):
                yield from (end.value for end in (test.low, test.high) if end is not None)
            elif isinstance(test.value, Number):
                yield test.value.value

    def words(self, attribute: Attribute, labels: Mapping[str, str]) -> str:
        """As people read it; empty: anything."""
        text = "、".join(test.words(attribute, labels) for test in self.tests)
        return f"不是{text}" if self.negated else text


ANYTHING = Cell()


def read_cell(text: str, attribute: Attribute, known: Vocabulary) -> Cell:
    """The cell for an attribute.

    Raises:
        Invalid: it is not understood, or asks what the attribute cannot answer; the Chinese message says how to
            write it.
    """
    source = text.strip()
    if source in ("", "-"):
        return ANYTHING
    if len(source) > MAX_TEXT:
        raise Invalid(f"内容太长（超过 {MAX_TEXT} 个字符），请拆成几行。", code="cell")
    try:
        reader = _Reader(source, attribute, known)
        return reader.cell()
    except _NotUnderstood as wrong:
        hint = WRITE[attribute.kind]
        raise Invalid(f"“{source[:60]}”看不懂{wrong}：“{attribute.label}”{hint}。", code="cell") from None


class _NotUnderstood(Exception):
    """（where the reader stopped）"""


class _Reader:
    def __init__(self, source: str, attribute: Attribute, known: Vocabulary) -> None:
        self.attribute = attribute
        self.known = known
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(source):
            found = TOKEN.match(source, at)
            if found is None:
                raise _NotUnderstood(f"（从“{source[at : at + 10].strip()}”起）")
            kind = str(found.lastgroup)
            self.tokens.append((kind, found.group(kind)))
            at = found.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def expect(self, sign: str) -> None:
        if self.take() != ("sign", sign):
            raise _NotUnderstood(f"（这里应当有“{sign}”）")

    def cell(self) -> Cell:
        negated = self.peek() == ("name", "not")
        if negated:
            self.take()
            self.expect("(")
        tests = [self.test()]
        while self.peek() == ("sign", ","):
            self.take()
            tests.append(self.test())
        if negated:
            self.expect(")")
        if self.peek()[0] != "end":
            raise _NotUnderstood(f"（多出了“{self.peek()[1]}”）")
        return Cell(tuple(tests), negated)

    def test(self) -> Test:
        kind, text = self.take()
        if self.attribute.kind == NUMBER:
            return self.amount(kind, text)
        if self.attribute.kind == BOOLEAN:
            if kind == "name" and text in ("true", "false"):
                return Same(text == "true")
            raise _NotUnderstood("")
        if kind != "text":
            raise _NotUnderstood("（选项要加英文引号）" if kind == "name" else "")
        if text not in self.attribute.options:
            options = "、".join(f'"{option}"' for option in self.attribute.options)
            raise Invalid(f"“{self.attribute.label}”没有选项“{text}”，只有 {options}。", code="cell")
        return Same(text)

    def amount(self, kind: str, text: str) -> Test:
        if kind == "compare":
            number = self.number(*self.take())
            if text in ("<", "<="):
                return Between(None, False, number, text == "<=")
            return Between(number, text == ">=", None, False)
        if kind == "sign" and text in "[](":
            low = self.number(*self.take())
            if self.take()[0] != "range":
                raise _NotUnderstood("（范围的两端之间写两个点“..”）")
            high = self.number(*self.take())
            end, closing = self.take()
            if end != "sign" or closing not in ")][":
                raise _NotUnderstood("（范围以“)”或者“]”结束）")
            made = Between(low, text == "[", high, closing == "]")
            if low.value > high.value or (low.value == high.value and not (made.low_in and made.high_in)):
                raise Invalid("范围是空的：起点大于终点，或者两端相同而不含端点。", code="cell")
            return made
        return Same(self.number(kind, text))

    def number(self, kind: str, text: str) -> Number:
        if kind == "number":
            return Number(exact_number(text))
        if kind == "name":
            if text not in self.known.params:
                raise Invalid(
                    f"规则中没有名为“{text}”的阈值，请在规则的“阈值”一节中声明，或者直接写数字。", code="cell"
                )
            return Number(self.known.params[text], text)
        raise _NotUnderstood("（这里应当是数字或者阈值的名称）")


def exact_number(text: str) -> Decimal:
    """A written number.

    Raises:
        Invalid: it has more digits than programs tell apart.
    """
    value = Decimal(text)
    if len(value.normalize().as_tuple().digits) > MAX_DIGITS or abs(value) > 10**MAX_DIGITS:
        raise Invalid(f"数字“{text[:30]}”太长，最多 {MAX_DIGITS} 位。", code="cell")
    return value


def read_result(text: str, kind: str, known: Vocabulary) -> Any:
    """What a row gives an output: a truth value, a number (`Decimal`), a text; None where the cell is empty.

    Raises:
        Invalid: it is no value of the output's type.
    """
    source = text.strip()
    if source in ("", "-"):
        return None
    if kind == BOOLEAN and source in ("true", "false"):
        return source == "true"
    if kind == NUMBER:
        if re.fullmatch(r"-?\d+(\.\d+)?", source):
            return exact_number(source)
        if source in known.params:
            return known.params[source]
        raise Invalid(f"“{source[:60]}”不是数字，也不是规则中的阈值。", code="cell")
    if kind == BOOLEAN:
        raise Invalid(f"“{source[:60]}”应当是 true（是）或者 false（否）。", code="cell")
    if found := re.fullmatch(r'"([^"\\]*)"', source):
        return found.group(1)
    raise Invalid(f'“{source[:60]}”是文字，要加英文引号："…"。', code="cell")
