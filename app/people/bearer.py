"""From an Authorization header to the person behind the request: for programs, on the API alone.

A token and the cookie of a browser never come together: which of the two acts would be a guess, and a page of
another site could lend the cookie to a request whose header it chose.
"""

from flask import g, has_request_context, request

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.db import db
from app.kernel.errors import Forbidden, SignInRequired, TooOften, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import for_programs

from . import sessions, tokens
from .rules import LIMITS
from .tokens import Bearer, TokenScope


def current_bearer() -> Bearer | None:
    """The living token of this request, found once per request; None where it brings none.

    Raises:
        XingquanError: code `two_credentials`: a token and a session at once.
        SignInRequired: code `token`: no such token, or it has ended.
        TooOften: this address has sent too many unknown tokens.
    """
    if not has_request_context() or not for_programs():
        return None
    if "bearer" not in g:
        header = request.headers.get("Authorization")
        g.bearer = None if header is None else _find(header)
    return g.bearer


def actor_from_request() -> Actor | None:
    """The loader of `app.kernel.auth`: the person behind this request, or None."""
    if found := current_bearer():
        return found.actor
    return sessions.actor_from_request()


def may_act(found: Bearer) -> None:
    """Refuse an act with a token that only reads.

    Raises:
        Forbidden: code `token_scope`.
    """
    if found.scope is not TokenScope.ACT:
        raise Forbidden("这个令牌只能查询，不能办理。请使用“查询和办理”的令牌。", code="token_scope")


def _find(header: str) -> Bearer:
    if sessions.COOKIE in request.cookies:
        raise XingquanError(
            "请求同时带有令牌和登录信息，无法确定以谁的身份办理。请只使用其中一种。", code="two_credentials"
        )
    scheme, _, secret = header.partition(" ")
    ip = request.remote_addr or ""
    session = db.session()
    found = tokens.find(session, secret.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise _refusal(ip)
    used = found.last_used_at
    if used is None or clock.now() - used >= LIMITS.session_touch:
        with transaction() as act:
            tokens.touch(act, found.id, ip)
    return found


def _refusal(ip: str) -> XingquanError:
    """What to answer to an unknown token, after it has been counted."""
    with transaction() as session:
        waits = tokens.throttled(session, ip)
        if not waits:
            tokens.mark_failure(session, ip)
    if waits:
        return TooOften("您所在的网络使用无效令牌次数过多，请十五分钟后再试。", retry_after=900)
    return SignInRequired("令牌无效、已到期或者已撤销，请在“我的账号”中重新建立。", code="token")
