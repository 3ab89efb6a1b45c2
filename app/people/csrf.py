"""Two fences against requests forged by another site.

1. Every unsafe request carries a secret the other site cannot read: the token of the web session, or, for a
   visitor, a value signed over a random cookie (signed double submit).
2. What the browser itself says about where the request comes from (Sec-Fetch-Site, else Origin).
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup

from app.kernel.errors import Forbidden

from .bearer import current_bearer, may_act
from .sessions import current_session

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
VISITOR_COOKIE = "xq_visitor"


def csrf_token() -> str:
    """The token for the forms of this page."""
    found = current_session()
    return found.csrf_token if found else _signed(_visitor_nonce())


def csrf_field() -> Markup:
    """The hidden field every form with method="post" contains."""
    return Markup('<input type="hidden" name="_csrf" value="{}">').format(csrf_token())


def guard() -> None:
    """Refuse an unsafe request without its token or from another site.

    A program's access token in the header is such a secret itself: no browser sends it unasked.

    Raises:
        Forbidden: code `csrf` (token missing or stale), `cross_site`, or `token_scope`.
    """
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    if bearer := current_bearer():
        may_act(bearer)
        return
    if not from_this_site():
        raise Forbidden("这一请求来自其他网站，已拒绝。请在本系统内重新操作。", code="cross_site")
    found = current_session()
    if found is None:
        # Nobody has signed in: a body is parsed only as far as a visitor's form needs.
        request.max_content_length = current_app.config["VISITOR_MAX_CONTENT_LENGTH"]
    sent = request.headers.get("X-CSRF-Token") or request.form.get("_csrf", "")
    if found:
        expected = found.csrf_token
    else:
        nonce = request.cookies.get(VISITOR_COOKIE, "")
        expected = _signed(nonce) if nonce else ""
    if not expected or not hmac.compare_digest(sent.encode(), expected.encode()):
        raise Forbidden("页面已过期，没有保存这次操作。请返回上一页、刷新后重新提交。", code="csrf")


def from_this_site() -> bool:
    """Whether the browser says the request was made by our own page; without any word of it, yes."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    # Host only: behind a proxy that ends TLS the scheme seen here may differ from the browser's.
    try:
        place = urlsplit(origin).netloc
    except ValueError:  # no browser says this
        return False
    return place in {request.host, urlsplit(current_app.config["BASE_URL"]).netloc}


def install(app: Flask) -> None:
    """Put the fences around every route. After `web.install`: whether one may be here comes first."""
    app.config.setdefault("VISITOR_MAX_CONTENT_LENGTH", 1024 * 1024)
    app.before_request(guard)
    app.after_request(_keep_nonce)
    app.jinja_env.globals.update(csrf_token=csrf_token, csrf_field=csrf_field)


def _visitor_nonce() -> str:
    if "visitor_nonce" not in g:
        g.visitor_nonce = request.cookies.get(VISITOR_COOKIE) or secrets.token_urlsafe(24)
    return g.visitor_nonce


def _signed(nonce: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, b"xq.visitor:" + nonce.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _keep_nonce(response: Response) -> Response:
    nonce = g.get("visitor_nonce")
    if nonce and nonce != request.cookies.get(VISITOR_COOKIE):
        response.set_cookie(
            VISITOR_COOKIE, nonce, httponly=True, samesite="Lax", secure=current_app.config["SECURE_COOKIES"]
        )
    return response
