"""What a program sends, read strictly: a body, a query, the key and the version of an act.

JSON that two readers could understand differently (a name twice, NaN, numbers past any column, half a
surrogate pair) is refused before anybody understands it at all.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from app.kernel.errors import Invalid, XingquanError

MAX_BODY = 2 * 1024 * 1024
MAX_DEPTH = 24
MAX_DIGITS = 30
_KEY = re.compile(r"[A-Za-z0-9-]{16,72}\Z")
_ETAG = re.compile(r'"([0-9]{1,9})"\Z')


class Malformed(XingquanError):
    """The request is not what HTTP or JSON should be."""

    status = 400
    code = "malformed"


class WrongType(XingquanError):
    """The body is of another media type than the address takes."""

    status = 415
    code = "media_type"


def json_object() -> Mapping[str, Any]:
    """The JSON object in the body; an empty body is an empty object.

    Raises:
        WrongType: it says it is something else.
        Malformed: it is no JSON of the strict kind.
    """
    request.max_content_length = MAX_BODY
    content = request.get_data()
    if not content:
        return {}
    if request.mimetype != "application/json":
        raise WrongType("请求体应为 JSON，请将 Content-Type 设为 application/json。")
    try:
        found = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except UnicodeDecodeError:
        raise Malformed("请求体应为 UTF-8 编码的 JSON。") from None
    except (ValueError, RecursionError) as wrong:
        told = str(wrong) if isinstance(wrong, _Refused) else "请求体不是正确的 JSON。"
        raise Malformed(told) from None
    _walk(found)
    if not isinstance(found, dict):
        raise Malformed("请求体应为一个 JSON 对象。")
    return found


class _Refused(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("JSON 中有重复的名称。")
    return found


def _no_constant(_: str) -> Any:
    raise _Refused("JSON 中不能有 NaN 或者 Infinity。")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _Refused("JSON 中有过大的数。")
    return int(text)


def _number(text: str) -> float:
    found = float(text)
    if len(text) > MAX_DIGITS or found in (float("inf"), float("-inf")):
        raise _Refused("JSON 中有过大的数。")
    return found


def _walk(found: Any) -> None:
    """Refuse depth nobody needs, and text that no column and no page can hold."""
    level, here = 0, [found]
    while here:
        level += 1
        if level > MAX_DEPTH:
            raise Malformed("JSON 嵌套过深。")
        below: list[Any] = []
        for value in here:
            if isinstance(value, dict):
                below += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and not storable(value):
                raise Malformed("JSON 中有不能保存的字符。")
        here = below


def storable(text: str) -> bool:
    """Whether a column can hold this text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def query() -> dict[str, str]:
    """The query, each name once.

    Raises:
        Invalid: a name stands there twice, or holds what no column can.
    """
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1 or not storable(name) or not storable(values[0]):
            shown = "".join(char for char in name[:60] if char.isprintable())
            raise Invalid(f"查询参数“{shown}”重复或者含有不能使用的字符。", code="query")
        found[name] = values[0]
    return found


def load(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, as the schema says.

    Raises:
        Invalid: `errors` by place; code `unknown_field` where something is sent that the API does not name.
    """
    try:
        return schema.load(given)  # type: ignore[return-value]
    except ValidationError as wrong:
        errors = _flat(wrong.messages)
        foreign = any("没有这一项。" in messages for messages in errors.values())
        code = "unknown_field" if foreign else "invalid"
        raise Invalid(f"有 {len(errors)} 处不能接受。", errors=errors, code=code) from None


def _flat(messages: Any, place: str = "") -> dict[str, list[str]]:
    if isinstance(messages, Mapping):
        found: dict[str, list[str]] = {}
        for key, inner in list(messages.items())[:50]:
            step = "" if key == "_schema" else str(key)[:60]
            found |= _flat(inner, ".".join(part for part in (place, step) if part))
        return found
    texts = messages if isinstance(messages, list) else [messages]
    return {place: [str(text) for text in texts]}


def act_key() -> str:
    """The key under which this act is done once, however often it is sent (`Idempotency-Key`).

    Raises:
        Invalid: code `key`: it is missing or no key. A UUID may have its hyphens.
    """
    sent = request.headers.get("Idempotency-Key", "")
    key = sent.replace("-", "")
    if not _KEY.match(sent) or not 16 <= len(key) <= 64:
        raise Invalid("请在 Idempotency-Key 请求头中给出 16 到 64 位字母和数字，每次办理一个。", code="key")
    return key


def version(told: int | None) -> int:
    """The version of the task that was read: in the body, or as `If-Match` with the ETag of the answer.

    Raises:
        Invalid: code `version`: neither, or two that differ.
    """
    header = request.headers.get("If-Match")
    matched = _ETAG.match(header.strip()) if header is not None else None
    if header is not None and matched is None:
        raise Invalid("If-Match 应为读取任务时得到的 ETag。", code="version")
    tagged = int(matched[1]) if matched else None
    if told is None and tagged is None:
        raise Invalid("请在 version 或者 If-Match 中给出读取任务时的版本。", code="version")
    if told is not None and tagged is not None and told != tagged:
        raise Invalid("version 与 If-Match 不一致。", code="version")
    return told if told is not None else tagged or 0
