"""Answers as programs hand them in: JSON in the shape of the form, read by the very reader of the pages' posts.

A file is named by the sealed token it got when it was stored (`{"token": ...}`), never by its digest.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from app.kernel.errors import Invalid

from .definition import (
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
)
from .parse import MAX_CHOSEN, Answers, parse, read_only, unknown
from .uploads import Uploads
from .visibility import person_id

WRONG = "格式不正确，请按接口说明填写。"
FILE_PARTS = ("token", "name", "size", "type")
_MORE_ROWS = 20
"""Beyond the form's own limit, so that the form says how many rows it takes."""

Pair = tuple[str, str]


def read(form: Definition, values: Mapping[str, Any], scope: str) -> Answers:
    """The answers in a JSON object, not yet validated, as `parse` reads those of a post.

    Raises:
        Invalid: code `unknown_field`, `too_large` or `forged_file`; or `errors` by item for a wrong JSON type.
    """
    items = {item.key: item for item in form.keyed()}
    post: MultiDict[str, str] = MultiDict()
    errors: dict[str, list[str]] = {}
    for key, value in values.items():
        if key not in items:
            raise unknown(key)
        if key in form.restricted:
            raise read_only(items[key])
        if value is None:
            continue
        try:
            for name, text in _spread(items[key], key, value):
                post.add(name, text)
        except _Mistyped as wrong:
            errors[wrong.place] = [WRONG]
    if errors:
        raise Invalid(f"有 {len(errors)} 处需要修改。", errors=errors)
    return parse(form, post, MultiDict(), scope)


class _Mistyped(Exception):
    def __init__(self, place: str):
        super().__init__(place)
        self.place = place


def _spread(item: Item, place: str, value: Any) -> Iterator[Pair]:
    """The names and texts of a post that say the same."""
    if isinstance(item, Files):
        for token in _list(place, value, item.most + _MORE_ROWS):
            yield f"{place}.stored", _token(place, token)
    elif isinstance(item, Evidence):
        for number, row in enumerate(_list(place, value, item.max_rows + _MORE_ROWS)):
            here = f"{place}.{number}"
            for name, inner in _object(here, row).items():
                if name == "file":
                    if inner is not None:
                        yield f"{here}.stored", _token(f"{here}.file", inner)
                elif name in ("stored", "remove"):
                    raise unknown(f"{here}.{name}")
                else:
                    yield f"{here}.{name}", _text(f"{here}.{name}", inner, number=name == "pages")
    elif isinstance(item, Rows):
        columns = {column.key: column for column in item.columns}
        for number, row in enumerate(_list(place, value, item.max_rows + _MORE_ROWS)):
            for name, inner in _object(f"{place}.{number}", row).items():
                here = f"{place}.{number}.{name}"
                if name not in columns:
                    raise unknown(here)
                if inner is not None:
                    yield from _spread(columns[name], here, inner)
    elif isinstance(item, (Party, Opinion, Law)):
        for name, inner in _object(place, value).items():
            yield f"{place}.{name}", _text(f"{place}.{name}", inner)
    elif isinstance(item, Choices) or (isinstance(item, Person) and item.multiple):
        for each in _list(place, value, MAX_CHOSEN):
            yield place, _text(place, each, number=isinstance(item, Person))
    else:
        yield place, _text(place, value, number=isinstance(item, (Number, Money, Person)))


def _list(place: str, value: Any, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise _Mistyped(place)
    if len(value) > most:
        raise Invalid("明细或者附件过多，请删减。", code="too_large", field=place)
    return value


def _object(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Mistyped(place)
    return value


def _text(place: str, value: Any, *, number: bool = False) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if number and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{Decimal(repr(value)):f}"
    raise _Mistyped(place)


def _token(place: str, value: Any) -> str:
    parts = _object(place, value)
    for name in parts:
        if name not in FILE_PARTS:
            raise unknown(f"{place}.{name}")
    if not isinstance(parts.get("token"), str):
        raise _Mistyped(place)
    return parts["token"]


def write(form: Definition, answers: Mapping[str, Any], scope: str) -> dict[str, Any]:
    """Answers (a draft, prefilled or handed in) in the shape that `read` takes."""
    uploads = Uploads(form.key, scope)
    found: dict[str, Any] = {}
    for item in form.keyed():
        value = answers.get(item.key)
        if value in (None, "", [], {}) or item.key in form.restricted:
            continue
        if isinstance(item, Files):
            value = [_sealed(uploads, item.key, each) for each in value if isinstance(each, Mapping)]
        elif isinstance(item, Evidence):
            value = [
                {k: _sealed(uploads, item.key, v) if k == "file" else v for k, v in row.items() if v}
                for row in value
            ]
        elif isinstance(item, Rows):
            value = [{k: v for k, v in row.items() if v not in (None, "")} for row in value]
        elif isinstance(item, Person):
            value = person_id(value)
        elif isinstance(item, (Party, Opinion, Law)):
            value = {k: v for k, v in value.items() if v}
        found[item.key] = value
    return found


def _sealed(uploads: Uploads, field: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "token": uploads.seal(field, stored),
        "name": stored["name"],
        "size": stored["size"],
        "type": stored["type"],
    }
