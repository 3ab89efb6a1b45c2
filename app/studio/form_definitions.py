"""The forms of a draft as an analyst has them so far: read from its texts, however unfinished they are. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.kernel.errors import Invalid

FOLDER, ENDING = "forms/", ".json"
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")

Parts = Mapping[str, str]
Raw = Mapping[str, Any]


def path_of(key: str) -> str:
    """Where a form lies in a draft."""
    return f"{FOLDER}{key}{ENDING}"


def keys(parts: Parts) -> list[str]:
    """The keys of the draft's forms, in order."""
    return sorted(p[len(FOLDER) : -len(ENDING)] for p in parts if p.startswith(FOLDER) and p.endswith(ENDING))


def raw_of(parts: Parts, key: str) -> Raw | None:
    """A form's definition as written; None where there is none or it cannot be read."""
    return read(parts.get(path_of(key), ""))


def read(text: str) -> Raw | None:
    """The object that a text describes; None where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def all_of(parts: Parts) -> dict[str, Raw]:
    """The draft's forms that can be read, by key."""
    found = {key: raw_of(parts, key) for key in keys(parts)}
    return {key: raw for key, raw in found.items() if raw is not None}


def title_of(raw: Raw | None, key: str) -> str:
    """What a form is called."""
    title = raw.get("title") if raw else None
    return title if isinstance(title, str) and title.strip() else key


def items(raw: Raw | None) -> Iterator[Raw]:
    """A form's items that are objects, in order."""
    listed = raw.get("items") if raw else None
    yield from (item for item in (listed if isinstance(listed, list) else ()) if isinstance(item, dict))


def fields(raw: Raw | None) -> Iterator[tuple[str, str, Raw]]:
    """Key, label and content of every item that is answered."""
    for item in items(raw):
        key = item.get("key")
        if isinstance(key, str) and key:
            yield key, str(item.get("label") or key), item


def label_of(raw: Raw | None, field: str) -> str:
    """What a form calls a field."""
    return next((label for key, label, _ in fields(raw) if key == field), field)


def checked_key(key: str, parts: Parts) -> str:
    """The key of a new form.

    Raises:
        Invalid: it is none, or taken.
    """
    if not KEY.fullmatch(key):
        message = "请用小写英文字母、数字和下划线，以字母开头，例如 hearing_record。"
        raise Invalid(errors={"key": [message]})
    if path_of(key) in parts:
        raise Invalid(errors={"key": ["已有这个标识的表单，请换一个。"]})
    return key


def blank(key: str, title: str) -> dict[str, Any]:
    """A form to begin with."""
    first = {"type": "textarea", "key": "remark", "label": "办理情况", "required": True}
    return {"key": key, "title": title, "version": 1, "items": [first]}


def text_of(raw: Raw) -> str:
    """A definition as the draft keeps it."""
    return json.dumps(raw, ensure_ascii=False, indent=2) + "\n"
