"""The OpenAPI 3.1 document, made of the operations' own declarations and schemas."""

import re
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from app.kernel.auth import PUBLIC
from app.kernel.problems import MEDIA_TYPE, TITLES

from . import answers
from .fields import MOST_ID
from .room import Operation, room

ABOUT = """行权平台的开放接口：供本机关的桌面工具、移动应用等程序以执法人员的名义使用，
与网页同一服务、同一权限、同一法定关口。
出错时答复为 `application/problem+json`（RFC 9457），`detail` 为中文说明。用法见 docs/api.md。"""

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "每次办理一个；重复提交得到第一次的结果。",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9]{16,64}$"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "读取任务时的 ETag，代替请求体中的 version。",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}
FORM_FILE = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary", "maxLength": 200 * 1024 * 1024}},
    "required": ["file"],
    "additionalProperties": False,
}


@cache
def document() -> dict[str, Any]:
    """The document as a JSON object."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: type(_instance(schema)).__name__)
    spec = APISpec(
        title="行权平台开放接口",
        version="1",
        openapi_version="3.1.0",
        info={"description": ABOUT},
        plugins=[plugin],
        security=[{"token": []}, {"session": []}],
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "xq_session"})
    for operation in room.operations:
        spec.path(path=address(operation), operations={operation.method.lower(): _operation(operation)})
    return spec.to_dict()


def _instance(schema: Any) -> Any:
    return schema() if isinstance(schema, type) else schema


def address(operation: Operation) -> str:
    """The operation's address as OpenAPI writes it."""
    return f"{room.url_prefix}" + re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", operation.rule)


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.endpoint,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.access is PUBLIC:
        found["security"] = []
    if operation.upload:
        found["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": FORM_FILE}}}
    elif operation.body:
        content = {"application/json": {"schema": operation.body}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _parameters(operation: Operation) -> list[Any]:
    found: list[Any] = []
    for kind, name in re.findall(r"<(?:([^:<>]+):)?([^<>]+)>", operation.rule):
        schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 60}
        if kind == "int":
            schema = {"type": "integer", "minimum": 0, "maximum": MOST_ID}
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    if operation.query:
        found.append({"in": "query", "schema": operation.query})
    if operation.keyed:
        found.append(KEY)
    if operation.versioned:
        found.append(IF_MATCH)
    return found


def _responses(operation: Operation) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "完成"}
    if operation.media:
        binary = {"type": "string", "contentMediaType": operation.media}
        good["content"] = {operation.media: {"schema": binary}}
    else:
        good["content"] = {"application/json": {"schema": operation.answer}}
    problem = {"content": {MEDIA_TYPE: {"schema": answers.Problem}}}
    always = {422, 429, 503} if operation.access is PUBLIC else {400, 401, 403, 422, 429, 503}
    return {str(operation.status): good} | {
        str(status): {"description": TITLES[status], **problem}
        for status in sorted(always | set(operation.errors))
    }
