"""Errors for programs: problem documents (RFC 9457), in Chinese like every other answer."""

from typing import Any

from flask import Response, g, json

from .errors import SignInRequired, XingquanError

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "请求的格式不对",
    401: "需要登录或者有效的令牌",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种访问方式",
    406: "不能给出所要的格式",
    409: "与当前情况不一致",
    413: "内容过大",
    415: "不支持这种格式",
    422: "内容不能接受",
    429: "请求过于频繁",
    431: "请求头过大",
    500: "系统出错",
    503: "暂时不能提供服务",
}


def document(error: XingquanError) -> dict[str, Any]:
    """The problem document of an error: the standard members, `code`, and what there is to mend."""
    found: dict[str, Any] = {
        "type": f"urn:xingquan:problem:{error.code}",
        "title": TITLES.get(error.status, "没有完成"),
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "request": g.get("request_id", ""),
    }
    if error.field:
        found["field"] = error.field
    if article := getattr(error, "article", None):
        found["article"] = article
    if errors := getattr(error, "errors", None):
        found["errors"] = errors
    return found


def answer(error: XingquanError) -> Response:
    """The problem as an answer. Who is not signed in is told by which way programs come in."""
    response = Response(
        json.dumps(document(error), ensure_ascii=False), status=error.status, mimetype=MEDIA_TYPE
    )
    if isinstance(error, SignInRequired):
        response.headers["WWW-Authenticate"] = 'Bearer realm="xingquan"'
    return response
