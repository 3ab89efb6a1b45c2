"""Submitted data to read: what was asked and what was answered, nothing that was hidden or left empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kernel import money, words

from .definition import (
    EVIDENCE_FIELDS,
    PARTY_FIELDS,
    PARTY_KINDS,
    Choice,
    Choices,
    Definition,
    Evidence,
    Files,
    Item,
    Law,
    Money,
    Number,
    Opinion,
    Party,
    Person,
    Rows,
    Section,
    YesNo,
)
from .visibility import hidden_keys


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text, and the stored files (`name`, `digest`, `size`) it holds."""

    text: str
    files: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as a colleague reads it.

    `text` says all of it in words. `head` and `rows` show a table as a table (columns nobody filled in are
    left out), `pairs` a party by its parts, `files` what was uploaded. `section` is the heading it stands under;
    `kind` the item's type.
    """

    key: str
    label: str
    kind: str
    text: str
    section: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    pairs: Sequence[tuple[str, str]] = ()
    files: Sequence[Mapping[str, Any]] = ()


def summary(form: Definition, data: Mapping[str, Any]) -> list[Answer]:
    """The answers in the order of the form."""
    hidden = hidden_keys(form, data)
    answers = []
    section = ""
    for item in form.items:
        if isinstance(item, Section):
            section = item.label
        elif item.key and item.key not in hidden and (found := answer(item, data.get(item.key), section)):
            answers.append(found)
    return answers


def answer(item: Item, value: Any, section: str = "") -> Answer | None:
    """One answer to read; None where there is none."""
    text = text_of(item, value)
    return Answer(item.key, item.label, item.type, text, section, **_parts(item, value)) if text else None


def _parts(item: Item, value: Any) -> dict[str, Any]:
    if isinstance(item, Files):
        return {"files": value}
    if isinstance(item, Party):
        return {"pairs": _party(value)}
    if isinstance(item, Evidence):
        return _table(
            EVIDENCE_FIELDS.values(), [[_cell(row, name) for name in EVIDENCE_FIELDS] for row in value]
        )
    if isinstance(item, Rows):
        cells = [[Cell(text_of(c, row.get(c.key))) for c in item.columns] for row in value]
        return _table([c.label for c in item.columns], cells)
    return {}


def _table(labels: Any, rows: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    used = [any(row[n].text for row in rows) for n in range(len(rows[0]))]
    return {
        "head": [label for label, use in zip(labels, used, strict=True) if use],
        "rows": [[cell for cell, use in zip(row, used, strict=True) if use] for row in rows],
    }


def _cell(row: Mapping[str, Any], name: str) -> Cell:
    value = row.get(name)
    if name == "file":
        return Cell(value["name"], (value,)) if value else Cell("")
    return Cell(str(value) if value else "")


def text_of(item: Item, value: Any) -> str:
    """One answer in words; empty when there is none."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(item, (YesNo, Choice)):
        return (item.values_of(item.key) or {}).get(value, str(value))
    if isinstance(item, Choices):
        labels = item.values_of(item.key) or {}
        return "、".join(labels.get(each, str(each)) for each in value)
    if isinstance(item, Money):
        return f"{words.amount(value)} 元（大写：{money.spell(str(value))}）"
    if isinstance(item, Number):
        return f"{value} {item.unit}".strip()
    if isinstance(item, Person):
        return "、".join(_person(each) for each in (value if isinstance(value, list) else [value]))
    if isinstance(item, Party):
        return "；".join(f"{label}：{text}" for label, text in _party(value))
    if isinstance(item, Opinion):
        label = (item.values_of(item.key) or {}).get(value.get("stance"), "")
        return f"{label}。{value['text']}" if value.get("text") else label
    if isinstance(item, Law):
        return f"《{value['law'].strip('《》')}》{value['article']}"
    if isinstance(item, Files):
        return "、".join(each["name"] for each in value)
    if isinstance(item, Evidence):
        return "\n".join(f"{number}. {_evidence(row)}" for number, row in enumerate(value, 1))
    if isinstance(item, Rows):
        return "\n".join(f"{number}. {_row(item, row)}" for number, row in enumerate(value, 1))
    if item.type == "date":
        return words.day(str(value))
    if item.type == "datetime":
        return words.moment(datetime.fromisoformat(str(value)))
    return str(value)


def _party(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (label, PARTY_KINDS.get(value[part], value[part]) if part == "kind" else str(value[part]))
        for part, label in PARTY_FIELDS.items()
        if value.get(part)
    ]


def _person(value: Any) -> str:
    certificate = value.get("certificate")
    return f"{value['name']}（执法证 {certificate}）" if certificate else str(value["name"])


def _evidence(row: Mapping[str, Any]) -> str:
    shown = {**row, "file": (row.get("file") or {}).get("name")}
    return "；".join(f"{label}：{shown[name]}" for name, label in EVIDENCE_FIELDS.items() if shown.get(name))


def _row(item: Rows, row: Mapping[str, Any]) -> str:
    cells = ((column.label, text_of(column, row.get(column.key))) for column in item.columns)
    return "；".join(f"{label}：{text}" for label, text in cells if text)
