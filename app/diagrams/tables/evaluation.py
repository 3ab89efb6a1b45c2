"""What a table says about values. The run-time side is compiled (`compiling`); this is for trying a table out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.kernel.errors import Invalid

from .cells import ANYTHING, Cell, read_cell, read_result
from .model import Attribute, Problem, Row, Table, Vocabulary, shown
from .vocabulary import exact


@dataclass(frozen=True)
class Understood:
    """A table whose cells have been read. What could not be read counts as anything, and stands in `problems`."""

    table: Table
    known: Vocabulary
    attributes: tuple[Attribute, ...]
    cells: tuple[tuple[Cell, ...], ...]
    results: tuple[tuple[Any, ...], ...]
    problems: tuple[Problem, ...]

    @cached_property
    def sound(self) -> bool:
        """Whether every cell was understood."""
        return not self.problems

    def row_holds(self, at: int, values: Mapping[str, Any]) -> bool:
        """Whether a row (its place) is hit by values, numbers being exact."""
        return all(
            cell.holds(values[column.name])
            for cell, column in zip(self.cells[at], self.table.inputs, strict=True)
        )


def understand(table: Table, known: Vocabulary) -> Understood:
    """Read every cell of a table with the attributes of its rule set."""
    problems: list[Problem] = []
    attributes = []
    for column in table.inputs:
        attribute = known.attributes.get(column.name)
        if attribute is None:
            message = f"输入“{column.title}”读取的属性“{column.name}”没有在规则中声明。"
            problems.append(Problem("attribute", message, column=column.id))
            attribute = Attribute(column.name, column.kind, column.title)
        elif attribute.kind != column.kind:
            words = {"boolean": "是否", "number": "数字", "choice": "选项"}
            message = (
                f"输入“{column.title}”写作{words[column.kind]}，属性“{attribute.label}”"
                f"却是{words.get(attribute.kind, attribute.kind)}。"
            )
            problems.append(Problem("type", message, column=column.id))
        attributes.append(attribute)
    broken = {problem.column for problem in problems}
    cells, results = [], []
    for row in table.rows:
        line = []
        for column, attribute, text in zip(table.inputs, attributes, row.cells, strict=True):
            read = ANYTHING
            if column.id not in broken:
                try:
                    read = read_cell(text, attribute, known)
                except Invalid as wrong:
                    problems.append(_at(row, column.id, column.title, wrong))
            line.append(read)
        cells.append(tuple(line))
        given = []
        for column, text in zip(table.outputs, row.results, strict=True):
            value = None
            try:
                value = read_result(text, column.kind, known)
            except Invalid as wrong:
                problems.append(_at(row, column.id, column.title, wrong))
            given.append(value)
        results.append(tuple(given))
    return Understood(table, known, tuple(attributes), tuple(cells), tuple(results), tuple(problems))


def _at(row: Row, column: str, title: str, wrong: Invalid) -> Problem:
    return Problem("cell", f"第 {row.number} 行“{title}”：{wrong.message}", rows=(row.number,), column=column)


def hits(understood: Understood, values: Mapping[str, Any]) -> list[int]:
    """The places of the rows that values hit.

    Raises:
        Invalid: the value of an input is missing.
    """
    read = {name: exact(value) for name, value in values.items()}
    if missing := [c.title for c in understood.table.inputs if c.name not in read]:
        raise Invalid(f"缺少输入的值：{'、'.join(missing)}。", code="value")
    return [at for at in range(len(understood.cells)) if understood.row_holds(at, read)]


def evaluate(understood: Understood, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outputs of every row that values hit, by name, numbers exact; of a UNIQUE table at most one if it is
    sound.

    Raises:
        Invalid: the value of an input is missing.
    """
    names = [column.name for column in understood.table.outputs]
    return [dict(zip(names, understood.results[at], strict=True)) for at in hits(understood, values)]


def spoken(understood: Understood, row: int) -> str:
    """When a row (its place) applies, as a Chinese sentence."""
    parts = [
        f"{attribute.label}：{words}"
        for cell, attribute in zip(understood.cells[row], understood.attributes, strict=True)
        if (words := cell.words(attribute, understood.known.labels))
    ]
    return "；".join(parts) or "任何情形"


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs for programs."""
    return {name: shown(value) for name, value in values.items()}
