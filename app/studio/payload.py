"""What the studio's pages send as JSON, read strictly: nothing is silently left aside."""

from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.kernel.errors import Invalid

MOST = 24_000_000
"""Bytes of one request: a whole draft fits."""


def read(*names: str) -> dict[str, Any]:
    """The JSON object of this request, with no other keys than these.

    Raises:
        Invalid: it is none, or has a key that is not expected.
    """
    request.max_content_length = MOST
    try:
        body = request.get_json()
    except (BadRequest, UnsupportedMediaType):
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body") from None
    if not isinstance(body, dict):
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body")
    if strange := sorted(set(body) - set(names)):
        raise Invalid(f"请求含有页面中没有的内容“{strange[0][:60]}”，未作任何处理。", code="unknown_field")
    return body


def changes(body: Mapping[str, Any], name: str = "changes") -> dict[str, str | None]:
    """Changed texts by path, None for a removed one.

    Raises:
        Invalid: of another shape.
    """
    found = body.get(name, {})
    if not isinstance(found, dict) or not all(isinstance(text, str | None) for text in found.values()):
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body")
    return found


def number(body: Mapping[str, Any], name: str) -> int:
    """A whole number no larger than a column holds.

    Raises:
        Invalid: it is none.
    """
    found = body.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 2**63:
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body")
    return found


def text(body: Mapping[str, Any], name: str, most: int = 2000, default: str = "") -> str:
    """A text of at most this many characters.

    Raises:
        Invalid: it is none, too long, or holds what cannot be stored.
    """
    found = body.get(name, default)
    if not isinstance(found, str) or "\0" in found:
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body")
    if len(found) > most:
        raise Invalid(f"内容过长，不得超过 {most} 个字。", code="body", field=name)
    return found
