"""What the page of decision tables asks: what is wrong with them, where they are used, what they answer."""

from collections.abc import Mapping
from typing import Any

from app.diagrams import service as diagrams
from app.diagrams import tables as decision_tables
from app.kernel.errors import Invalid

from .rule_names import Parts, Reading, names, read, table_texts


def account(parts: Parts) -> dict[str, Any]:
    """Every table of a draft with its problems, its rows as sentences and where it is used; and what tables may name."""
    found = read(parts)
    tables = found.readable
    problems: dict[str, list[dict[str, Any]]] = {}
    for name, problem in decision_tables.problems_of(found.rules, found.forms, found.tables, found.said):
        problems.setdefault(name, []).append(problem.told())
    try:
        declared = decision_tables.declared(found.rules)
    except Invalid:
        declared = {}
    known = found.vocabulary
    return {
        "names": names(found, parts),
        "general": [problem["message"] for problem in problems.pop("", [])],
        "rules_error": found.errors.get(diagrams.tree.RULES, ""),
        "tables": {
            name: {
                "title": tables[name].title if name in tables else name,
                "readable": name in tables,
                "named": name in declared,
                "official": bool(declared.get(name, {}).get("official")),
                "uses": _uses(tables.get(name), found, parts),
                "problems": problems.get(name, []),
                "sentences": _sentences(tables.get(name), known),
            }
            for name in found.tables
        },
    }


def _uses(table: decision_tables.Table | None, found: Reading, parts: Parts) -> list[str]:
    if table is None:
        return []
    drawn = {
        word: parts[path]
        for path, word in ((diagrams.tree.INTERNAL, "内部流程图"), (diagrams.tree.EXTERNAL, "外部流程图"))
        if path in parts
    }
    return decision_tables.uses_of(table, found.rules, drawn)


def _sentences(table: decision_tables.Table | None, known: decision_tables.Vocabulary) -> list[str]:
    if table is None:
        return []
    understood = decision_tables.understand(table, known)
    return [decision_tables.spoken(understood, row) for row in range(len(table.rows))]


def tried(parts: Parts, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a table answers to values: the rows hit (from 1) and their outputs.

    Raises:
        Invalid: there is no such table, it cannot be read, or a value is missing or of another type.
    """
    texts = table_texts(parts)
    if name not in texts:
        raise Invalid(f"草稿中没有决策表“{name}”。", code="table")
    found = read(parts)
    table = decision_tables.read(name, texts[name])
    known = found.vocabulary
    understood = decision_tables.understand(table, known)
    if understood.problems:
        raise Invalid("表中还有看不懂的内容，请先改正以后再试算。", code="table")
    asked = {}
    for column, attribute in zip(table.inputs, understood.attributes, strict=True):
        value = values.get(column.name)
        fits = {
            "boolean": isinstance(value, bool),
            "number": isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15,
            "choice": isinstance(value, str) and value in attribute.options,
        }
        if not fits[attribute.kind]:
            raise Invalid(f"请填写“{attribute.label}”。", code="value", field=column.name)
        asked[column.name] = value
    rows = decision_tables.hits(understood, asked)
    return {
        "rows": [row + 1 for row in rows],
        "outputs": [decision_tables.told(each) for each in decision_tables.evaluate(understood, asked)],
    }


def skeleton(parts: Parts, kind: str, name: str) -> str:
    """The text of a new table.

    Raises:
        Invalid: the name cannot be used, is taken, or there is nothing the table could ask.
    """
    diagrams.tree.checked({f"tables/{name}.dmn": ""})
    if name in table_texts(parts):
        raise Invalid(f"已有名为“{name}”的决策表，请换一个名称。", code="taken", field="name")
    found = read(parts)
    known = found.vocabulary
    return decision_tables.write(decision_tables.skeleton(kind, name, known))
