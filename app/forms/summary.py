"""Submitted data to read: what was asked and what was answered, nothing that was hidden or left empty."""

from collections.abc import Mapping
from typing import Any

from app.kernel import money

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
    YesNo,
)
from .visibility import hidden_keys


def summary(form: Definition, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels and texts in the order of the form; tables have one line per row."""
    hidden = hidden_keys(form, data)
    lines = []
    for item in form.keyed():
        if item.key not in hidden and (text := text_of(item, data.get(item.key))):
            lines.append((item.label, text))
    return lines


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
        return f"{value} 元（大写：{money.spell(str(value))}）"
    if isinstance(item, Number):
        return f"{value} {item.unit}".strip()
    if isinstance(item, Person):
        return "、".join(_person(each) for each in (value if isinstance(value, list) else [value]))
    if isinstance(item, Party):
        return "；".join(
            f"{label}：{PARTY_KINDS.get(value[part], value[part]) if part == 'kind' else value[part]}"
            for part, label in PARTY_FIELDS.items()
            if value.get(part)
        )
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
    if item.type == "datetime":
        return str(value).replace("T", " ")
    return str(value)


def _person(value: Any) -> str:
    certificate = value.get("certificate")
    return f"{value['name']}（执法证 {certificate}）" if certificate else str(value["name"])


def _evidence(row: Mapping[str, Any]) -> str:
    shown = {**row, "file": (row.get("file") or {}).get("name")}
    return "；".join(f"{label}：{shown[name]}" for name, label in EVIDENCE_FIELDS.items() if shown.get(name))


def _row(item: Rows, row: Mapping[str, Any]) -> str:
    cells = ((column.label, text_of(column, row.get(column.key))) for column in item.columns)
    return "；".join(f"{label}：{text}" for label, text in cells if text)
