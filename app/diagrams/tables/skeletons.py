"""Tables to start from: the catalogue of major decisions, the tiers of discretion, an empty one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from app.kernel.errors import Invalid

from .model import BOOLEAN, CHOICE, COLLECT, NUMBER, UNIQUE, Attribute, Column, Row, Table, Vocabulary

_DATA: Mapping[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "skeletons.yaml").read_text(encoding="utf-8")
)
SKELETONS: Mapping[str, str] = {kind: row["name"] for kind, row in _DATA.items()}
BASIS: Mapping[str, str] = {kind: row["basis"] for kind, row in _DATA.items()}


def skeleton(kind: str, name: str, known: Vocabulary) -> Table:
    """A new table with inputs of the rule set's own attributes, and no row that would decide anything yet.

    Raises:
        Invalid: there is no such skeleton, or no attribute that a table could ask.
    """
    if kind not in SKELETONS:
        raise Invalid("没有这种决策表。", code="skeleton")
    asked = [each for each in known.attributes.values() if each.kind in (BOOLEAN, NUMBER, CHOICE)]
    if not asked:
        raise Invalid("规则中还没有属性。请先在“规则”页声明决策所依据的属性。", code="skeleton")
    free = {BOOLEAN: [], NUMBER: [], CHOICE: []}  # type: dict[str, list[Attribute]]
    for each in asked:
        free[each.kind].append(each)
    make: dict[str, Any] = {"major": _major, "tiers": _tiers, "blank": _blank}
    return make[kind](name, free)  # type: ignore[no-any-return]


def _column(place: int, attribute: Attribute) -> Column:
    return Column(f"input_{place}", attribute.name, attribute.kind, attribute.label)


def _rows(
    inputs: tuple[Column, ...], results: Sequence[tuple[str, ...]], notes: Sequence[str]
) -> tuple[Row, ...]:
    return tuple(
        Row(f"rule_{number}", number, ("-",) * len(inputs), result, notes[number - 1])
        for number, result in enumerate(results, 1)
    )


def _major(name: str, free: Mapping[str, list[Attribute]]) -> Table:
    chosen = (free[CHOICE][:1] + free[NUMBER][:2] + free[BOOLEAN][:3])[:5]
    inputs = tuple(_column(place, each) for place, each in enumerate(chosen, 1))
    outputs = (Column("output_1", f"{_word(name)}_decision", BOOLEAN, "重大执法决定"),)
    return Table(
        name,
        SKELETONS["major"],
        COLLECT,
        inputs,
        outputs,
        _rows(inputs, [("false",)], ["写明一种情形"]),
        BASIS["major"],
    )


def _tiers(name: str, free: Mapping[str, list[Attribute]]) -> Table:
    chosen = (free[NUMBER] + free[CHOICE] + free[BOOLEAN])[:1]
    inputs = tuple(_column(place, each) for place, each in enumerate(chosen, 1))
    outputs = (
        Column("output_1", "tier", CHOICE, "档次"),
        Column("output_2", "low", NUMBER, "下限（元）"),
        Column("output_3", "high", NUMBER, "上限（元）"),
    )
    results = [(f'"{tier}"', "", "") for tier in ("从轻", "一般", "从重")]
    return Table(
        name, SKELETONS["tiers"], UNIQUE, inputs, outputs, _rows(inputs, results, [""] * 3), BASIS["tiers"]
    )


def _blank(name: str, free: Mapping[str, list[Attribute]]) -> Table:
    first = next(iter(free[BOOLEAN] + free[NUMBER] + free[CHOICE]))
    inputs = (_column(1, first),)
    outputs = (Column("output_1", f"{_word(name)}_result", BOOLEAN, "结果"),)
    return Table(name, name, UNIQUE, inputs, outputs, _rows(inputs, [("false",)], [""]), BASIS["blank"])


def _word(name: str) -> str:
    """A file's name as the beginning of an attribute's."""
    word = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter == "_") else "_" for letter in name
    )
    return word if word.strip("_") and word[0].isalpha() else "table"
