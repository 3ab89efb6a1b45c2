"""The values a document of this draft may speak of: of every case, of the draft's forms, of its attributes. Pure."""

from collections.abc import Mapping
from typing import Any

from app.documents import service as documents

from . import form_definitions as definitions
from . import form_uses

Value = documents.writing.Value

PARTS: Mapping[str, Mapping[str, Value]] = {
    "person": {"name": Value("姓名"), "certificate": Value("执法证号")},
    "opinion": {"stance": Value("意见"), "text": Value("理由")},
    "law": {"law": Value("法律法规名称"), "article": Value("条款项")},
    "file": {"name": Value("文件名")},
    "evidence": {
        "kind": Value("证据种类"),
        "name": Value("证据名称"),
        "proves": Value("证明内容"),
        "pages": Value("页数", "number"),
        "file": Value("文件", "record", {"name": Value("文件名")}),
    },
}
"""The parts of composite answers; lists where the item holds several."""
TYPES = {
    "number": "number",
    "money": "money",
    "date": "date",
    "datetime": "moment",
    "yesno": "choice",
    "radio": "choice",
    "select": "choice",
    "opinion": "opinion",
    "law": "law",
    "checkboxes": "choices",
}


def of_draft(parts: definitions.Parts) -> Mapping[str, Value]:
    """The context of a document by name."""
    forms = {
        key: Value(
            definitions.title_of(raw, key),
            "record",
            {name: of_item(item) for name, _, item in definitions.fields(raw)},
        )
        for key, raw in definitions.all_of(parts).items()
    }
    rules = form_uses.rules_of(parts)
    attributes = {}
    for section in ("attributes", "derived"):
        for name, entry in (rules.get(section) or {}).items():
            kind = str(entry.get("type", "boolean")) if section == "attributes" else "boolean"
            attributes[str(name)] = Value(
                str(entry.get("label", name)), kind, {}, _named(entry.get("options"))
            )
    return {
        **documents.writing.of_case(),
        "forms": Value("表单", "record", forms),
        "attributes": Value("流转属性", "record", attributes),
    }


def of_item(item: Mapping[str, Any]) -> Value:
    """What a document sees of an answer."""
    kind, label = str(item.get("type")), str(item.get("label") or item.get("key"))
    if kind == "party":
        return Value(label, "record", documents.writing.of_case()["party"].fields)
    if kind == "list":
        columns = {
            str(column["key"]): of_item(column)
            for column in item.get("columns") or ()
            if isinstance(column, Mapping) and column.get("key")
        }
        return Value(label, "list", columns)
    if kind in ("evidence", "file") or (kind == "person" and item.get("multiple")):
        return Value(label, "list", PARTS[kind])
    if kind in PARTS:
        return Value(label, kind if kind in ("opinion", "law") else "record", PARTS[kind])
    options = {"yes": "是", "no": "否"} if kind == "yesno" else _named(item.get("options"))
    return Value(label, TYPES.get(kind, "text"), {}, options)


def _named(options: Any) -> Mapping[str, str]:
    """Options by value, written as texts or as `{value, label}`."""
    found = {}
    for option in options if isinstance(options, list) else ():
        if isinstance(option, Mapping):
            found[str(option.get("value"))] = str(option.get("label", option.get("value")))
        else:
            found[str(option)] = str(option)
    return found


def plain(values: Mapping[str, Value]) -> dict[str, Any]:
    """The values as the page's script takes them."""
    return {
        name: {
            "label": value.label,
            "type": value.type,
            **({"fields": plain(value.fields)} if value.fields else {}),
            **({"options": dict(value.options)} if value.options else {}),
            **({"open": True} if value.open else {}),
        }
        for name, value in values.items()
    }
