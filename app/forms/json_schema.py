"""A form as JSON Schema (2020-12), for programs that draw or fill it in.

The schema tells shape and bounds; the form itself has the last word (identity codes, conditions, dates that
depend on today). `x-visible-when` is the condition tree under which an item is asked for.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .context import FormContext
from .definition import (
    EVIDENCE_KINDS,
    PARTY_FIELDS,
    PARTY_KINDS,
    YES_NO,
    Choice,
    Choices,
    Day,
    Definition,
    Evidence,
    Files,
    Item,
    Law,
    Money,
    Number,
    Opinion,
    Option,
    Party,
    Person,
    Rows,
    Text,
    YesNo,
)
from .fields import PartyField
from .uploads import MAX_TOKEN

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def build(form: Definition, context: FormContext) -> dict[str, Any]:
    """The schema of a form's answers; `context` names the officers who may be chosen."""
    items = [item for item in form.keyed() if item.key not in form.restricted]
    return {
        "$schema": DIALECT,
        "title": form.title,
        "type": "object",
        "properties": {item.key: _item(item, context) for item in items},
        "required": [item.key for item in items if item.required and item.visible_when is None],
        "additionalProperties": False,
    }


def _item(item: Item, context: FormContext) -> dict[str, Any]:
    found = _shape(item, context) | {"title": item.label}
    if item.help:
        found["description"] = item.help
    if item.visible_when is not None:
        found["x-visible-when"] = item.visible_when
        found["x-required-when-visible"] = item.required
    if item.required_when is not None:
        found["x-required-when"] = item.required_when
    return found


def _shape(item: Item, context: FormContext) -> dict[str, Any]:
    if isinstance(item, Text):
        found: dict[str, Any] = {"type": "string", "maxLength": item.max_length}
        if item.min_length and item.required:
            found["minLength"] = item.min_length
        return found | ({"pattern": f"^(?:{item.pattern})$"} if item.pattern else {})
    if isinstance(item, Number):
        return {"type": "number", "minimum": float(item.minimum), "maximum": float(item.maximum)}
    if isinstance(item, Money):
        return {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,2})?$", "maxLength": 20}
    if isinstance(item, Day):
        if item.type == "datetime":
            return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"}
        return {"type": "string", "format": "date"}
    if isinstance(item, YesNo):
        return _one_of(YES_NO)
    if isinstance(item, Choice):
        return _one_of(_labels(context.options(item)))
    if isinstance(item, Choices):
        return _list(_one_of(_labels(item.options)), len(item.options))
    if isinstance(item, Person):
        people = [{"const": o.id, "title": o.name} for o in context.eligible(item)]
        one = {"type": "integer", "oneOf": people} if people else {"type": "integer", "enum": []}
        return _list(one, len(people)) if item.multiple else one
    return _composite(item, context)


def _composite(item: Item, context: FormContext) -> dict[str, Any]:
    if isinstance(item, Party):
        parts: dict[str, Any] = {
            name: {"type": "string", "maxLength": PartyField.LIMITS.get(name, 60), "title": label}
            for name, label in PARTY_FIELDS.items()
        }
        parts["kind"] = _one_of(PARTY_KINDS) | {"title": PARTY_FIELDS["kind"]}
        return _object(parts, sorted(item.requires))
    if isinstance(item, Opinion):
        stance = _one_of(_labels(item.options))
        return _object({"stance": stance, "text": {"type": "string", "maxLength": 2_000}}, ["stance"])
    if isinstance(item, Law):
        text = {"type": "string", "maxLength": 120}
        return _object({"law": text, "article": text}, ["law", "article"])
    if isinstance(item, Files):
        return _list(_file(item.extensions), item.most)
    if isinstance(item, Evidence):
        row = {
            "kind": {"type": "string", "enum": list(EVIDENCE_KINDS)},
            "name": {"type": "string", "maxLength": 200},
            "proves": {"type": "string", "maxLength": 1_000},
            "pages": {"type": "integer", "minimum": 1, "maximum": 100_000},
            "file": _file(item.extensions),
        }
        return _list(_object(row, ["kind", "name"]), item.max_rows)
    if isinstance(item, Rows):
        columns = {column.key: _item(column, context) for column in item.columns}
        row = _object(columns, [column.key for column in item.columns if column.required])
        return _list(row, item.max_rows) | {"minItems": item.min_rows}
    raise TypeError(f"no schema for {item.type}")


def _labels(options: Sequence[Option]) -> dict[str, str]:
    return {option.value: option.label for option in options}


def _one_of(labels: Mapping[str, str]) -> dict[str, Any]:
    listed = [{"const": v, "title": label} for v, label in labels.items()]
    return {"type": "string", "oneOf": listed} if listed else {"type": "string", "enum": []}


def _list(inner: Mapping[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": dict(inner), "maxItems": most}


def _object(properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def _file(extensions: tuple[str, ...]) -> dict[str, Any]:
    return _object(
        {
            "token": {"type": "string", "maxLength": MAX_TOKEN},
            "name": {"type": "string", "maxLength": 120, "readOnly": True},
            "size": {"type": "integer", "minimum": 0, "readOnly": True},
            "type": {"type": "string", "maxLength": 100, "readOnly": True},
        },
        ["token"],
    ) | {"x-extensions": list(extensions)}
