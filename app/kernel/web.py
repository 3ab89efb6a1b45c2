"""HTTP for all rooms: blueprints that demand an access declaration, one mapping of errors,
one set of headers.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask.globals import request_ctx
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter

from . import auth, logs, metrics, outage, problems, statements
from .db import db
from .errors import Forbidden, Invalid, SignInRequired, XingquanError
from .redact import redacted

log = logging.getLogger("xq.request")
QUIET = frozenset({"static", "health.healthz", "health.readyz", "operations.metrics"})
"""What is asked for all the time: measured, not logged."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "worker-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)


def framed_in(origins: str) -> str:
    """The policy of a page that other sites may show in a frame: nobody signs in there and nothing is sent, so there is
    nothing that a frame around it could steal."""
    parts = [part for part in CSP.split("; ") if part.split()[0] not in ("frame-ancestors", "form-action")]
    return "; ".join([*parts, "form-action 'none'", f"frame-ancestors {origins}"])


PROGRAMS = "/api/"
"""Addresses below it answer programs: JSON, and errors as problem documents."""


class RowNumber(IntegerConverter):
    """An id in an address, no longer than a column holds: a number of thousands of digits finds no page."""

    regex = r"[0-9]{1,18}"


def row_number(text: str) -> int | None:
    """An id as it stands in a query or a form; None where the text is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def posted_key() -> str:
    """The key of the act in a post; the act itself refuses what is none."""
    return request.form.get("_key", "")


def posted_version() -> int:
    """The version of what a page was made for.

    Raises:
        Invalid: code `version`; the post is not one of our pages'.
    """
    value = request.form.get("_version", "")
    if not (value.isascii() and value.isdecimal()) or len(value) > 9:
        raise Invalid("提交的内容不完整，请刷新页面后重新提交。", code="version")
    return int(value)


def only_fields(*names: str) -> None:
    """Refuse a post with anything but these fields and the page's own: nothing is silently left aside.

    Raises:
        Invalid: code `unknown_field`.
    """
    allowed = {*names, "_csrf", "_key", "_version"}
    for name in (*request.form, *request.files):
        if name not in allowed:
            shown = redacted("".join(char for char in name[:60] if char.isprintable()))
            raise Invalid(
                f"提交了页面中没有的内容“{shown}”，未作任何处理。请刷新页面后重新操作。", code="unknown_field"
            )


class Room(Blueprint):
    """A blueprint whose every route says who may call it."""

    def __init__(self, name: str, import_name: str, **options: Any):
        super().__init__(name, import_name, template_folder="templates", **options)
        self.access: dict[str, auth.Access] = {}

    def route(self, rule: str, *, access: auth.Access, **options: Any) -> Callable:  # type: ignore[override]
        """Register a view. `access` is obligatory: there is no default."""
        register = super().route(rule, **options)

        def decorate(view: Callable) -> Callable:
            self.access[f"{self.name}.{options.get('endpoint', view.__name__)}"] = access
            return register(view)

        return decorate

    def get(self, rule: str, *, access: auth.Access, **options: Any) -> Callable:  # type: ignore[override]
        return self.route(rule, access=access, methods=["GET"], **options)

    def post(self, rule: str, *, access: auth.Access, **options: Any) -> Callable:  # type: ignore[override]
        return self.route(rule, access=access, methods=["POST"], **options)


def install(app: Flask, rooms: list[Room]) -> None:
    """Register the rooms and everything that holds for all of them."""
    app.url_map.converters["int"] = RowNumber
    table: dict[str, auth.Access] = {"static": auth.PUBLIC}
    for room in rooms:
        app.register_blueprint(room)
        table |= room.access
    app.extensions["xq.access"] = table

    @app.before_request
    def begin() -> None:
        g.request_id, g.began = _request_id(app), time.perf_counter()
        rule = request.url_rule.rule if request.url_rule is not None else ""
        logs.begin(request=g.request_id, method=request.method, route=rule)
        statements.begin()
        if request.endpoint is None:
            return
        access = table.get(request.endpoint)
        if access is None:
            raise Forbidden("这一地址没有声明访问权限，已拒绝。")
        auth.require(access)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CSP)
        if not g.get("in_frames"):
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if wait := g.get("retry_after"):
            response.headers["Retry-After"] = str(wait)
        if methods := g.get("allowed_methods"):
            response.headers["Allow"] = methods
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        measure(response)
        return response

    @app.teardown_request
    def finish(_: BaseException | None) -> None:
        logs.end()

    app.register_error_handler(XingquanError, show_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(DataError, show_data_error)
    for lost in outage.ERRORS:
        app.register_error_handler(lost, show_outage)


def _request_id(app: Flask) -> str:
    """A new name for this request, or the one a trusted proxy gave it."""
    given = request.headers.get("X-Request-Id", "") if app.config["TRUSTED_PROXIES"] else ""
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def measure(response: Response) -> None:
    """Count this request, and log it in one line: never its address, which may hold what somebody typed."""
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    route = request.endpoint or "none"
    asked = statements.present() or statements.Tally()
    metrics.HTTP_SECONDS.labels(route, _method(), f"{response.status_code // 100}xx").observe(seconds)
    metrics.HTTP_STATEMENTS.labels(route).observe(asked.count)
    actor = g.get("actor")
    if actor is not None:
        logs.note(account=actor.account_id, agency=actor.agency_id)
    if route not in QUIET:
        log.info(
            "request",
            extra={
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
                "statements": asked.count,
                "sql_ms": round(asked.seconds * 1000, 1),
            },
        )


def _method() -> str:
    return (
        request.method if request.method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS") else "other"
    )


def wants_json() -> bool:
    """Whether the caller is a program rather than a person's browser."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def for_programs() -> bool:
    """Whether the address asked for belongs to the API, found there or not."""
    return request.path.startswith(PROGRAMS)


def is_fragment() -> bool:
    """Whether htmx asks for a part of the page only."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def show_error(error: XingquanError) -> Any:
    """An error as a page, a fragment, JSON, or (not signed in) as the way to the sign-in form."""
    if (wait := getattr(error, "retry_after", None)) is not None:
        g.retry_after = wait
    if for_programs():
        return problems.answer(error)
    if request_ctx.url_adapter is None:  # a Host nobody has: no page can be drawn, its links lead nowhere
        return Response(error.message, status=error.status, mimetype="text/plain")
    if wants_json():
        body = {"code": error.code, "message": error.message, "field": error.field}
        if errors := getattr(error, "errors", None):
            body["errors"] = errors
        if article := getattr(error, "article", None):
            body["article"] = article
        return jsonify(body), error.status
    if isinstance(error, SignInRequired):
        target = url_for("people.sign_in", next=request.full_path if request.method == "GET" else None)
        if is_fragment():
            return Response(status=204, headers={"HX-Redirect": target})
        return redirect(target)
    if error.code == "password_change_required":
        return redirect(url_for("people.change_password"))
    template = "error_fragment.html" if is_fragment() else "error.html"
    try:
        return render_template(template, error=error, status=error.status), error.status
    except outage.ERRORS as lost:  # the frame of the page asks who is here
        return show_outage(lost)


HTTP_MESSAGES = {
    400: "请求的内容不完整或格式不对，请返回上一页重新提交。",
    404: "没有找到您要的页面。",
    405: "不能这样访问这一地址。",
    413: "提交的内容过大。单个文件不得超过 200 MB，请压缩或分开上传。",
    415: "不支持提交这种格式的内容。",
}


def show_http_error(error: HTTPException) -> Any:
    """Werkzeug's own errors in the same shape and in Chinese."""
    status = 413 if isinstance(error, RequestEntityTooLarge) else error.code or 500
    if status in (301, 302, 303, 304, 307, 308):
        return error
    mine = XingquanError(
        HTTP_MESSAGES.get(status, "系统暂时无法完成这一操作，已记录。请稍后再试。"), code=f"http_{status}"
    )
    mine.status = status
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        g.allowed_methods = ", ".join(sorted(error.valid_methods))
    return show_error(mine)


def show_outage(error: Exception) -> Any:
    """The database went away: 503, and the same request once more."""
    g.retry_after = outage.RETRY_AFTER
    return outage.show(error)


def show_data_error(_: DataError) -> Any:
    """A value no column can hold, such as a number past its range or text with a NUL: the caller's error."""
    db.session.rollback()  # the page that says so may still need to read
    return show_error(XingquanError(HTTP_MESSAGES[400], code="http_400"))
