"""What a decision table is, and what can be wrong with one. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

UNIQUE, COLLECT = "UNIQUE", "COLLECT"

BOOLEAN, NUMBER, CHOICE = "boolean", "number", "choice"
"""The types of attributes; a table's `typeRef` says `string` for a choice."""

TIER, LOW, HIGH = "tier", "low", "high"
TIER_OUTPUTS = (TIER, LOW, HIGH)
"""The outputs of a table of discretion tiers (裁量档次): the tier's name, its lowest and its highest amount."""


@dataclass(frozen=True, slots=True)
class Column:
    """An input or an output. `name` is the attribute an input reads, or that an output decides; `kind` its type
    as the table says it; `allowed` the text of its permitted values (DMN `inputValues`), empty: all.

    `whole`: the numbers of this input are whole (a count), so that nothing lies between 1 and 2.
    """

    id: str
    name: str
    kind: str
    label: str = ""
    allowed: str = ""
    whole: bool = False

    @property
    def title(self) -> str:
        """What people call the column."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: what it asks of each input, what it gives each output, as written. `number` counts from 1."""

    id: str
    number: int
    cells: tuple[str, ...]
    results: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `name` is the file's name below `tables/`, without its ending."""

    name: str
    title: str
    policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...]
    basis: str = ""

    def output(self, name: str) -> int | None:
        """The place of an output by its name."""
        return next((at for at, column in enumerate(self.outputs) if column.name == name), None)

    @property
    def decides_tiers(self) -> bool:
        """Whether it is a table of discretion tiers."""
        return all(self.output(name) is not None for name in TIER_OUTPUTS)


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a table may ask: an attribute or derived attribute of the rule set."""

    name: str
    kind: str
    label: str
    options: tuple[str, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    """What the forms call its options."""

    def say(self, value: Any) -> str:
        """A value for people."""
        if isinstance(value, bool):
            return "是" if value else "否"
        return digits(value) if isinstance(value, Decimal) else f"“{self.said.get(value, value)}”"


@dataclass(frozen=True, slots=True)
class Domain:
    """Which numbers an attribute can have: not below `least` (None: any), whole numbers only."""

    least: Decimal | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names a table may use: attributes, and thresholds (`params`) with their exact values."""

    attributes: Mapping[str, Attribute]
    params: Mapping[str, Decimal] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    """What people call a threshold."""


class Severity(StrEnum):
    """`block`: the table may not be published. `hint`: worth a look."""

    BLOCK = "block"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a table. `rows` are the rows it is about (from 1), `column` the id of the column,
    `example` values of the inputs that show it; of a gap, `cells` is a row that would close it."""

    code: str
    message: str
    severity: Severity = Severity.BLOCK
    rows: tuple[int, ...] = ()
    column: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """The problem for programs; numbers as they are written."""
        return {
            **asdict(self),
            "rows": list(self.rows),
            "example": {k: shown(v) for k, v in self.example.items()},
        }


def shown(value: Any) -> Any:
    """A value of a table as JSON has it: a whole number without a fraction."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def digits(value: Decimal) -> str:
    """A number as people write it: `50,000`, `0.5`."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(numbers: Sequence[int]) -> str:
    """Row numbers for people: `第 2、3 行`."""
    return f"第 {'、'.join(map(str, numbers))} 行"
