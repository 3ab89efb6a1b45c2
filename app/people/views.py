"""Signing in and out, the change of password; the door of the room for `create_app`."""

from datetime import datetime
from typing import Any

from flask import Flask, current_app, redirect, render_template, request, url_for
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from app.kernel import auth, words
from app.kernel.addresses import local_path
from app.kernel.auth import PUBLIC, Access
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from . import account_audit_views as account_audit_views  # their routes belong to this room
from . import account_views as account_views
from . import admin_views as admin_views
from . import csrf, demo, service
from . import qualification_views as qualification_views
from . import roster_views as roster_views
from . import staff_views as staff_views
from . import substitution_views as substitution_views
from . import training_views as training_views
from .room import room
from .rules import LIMITS, SignInOutcome

BEFORE_CHANGE = Access(password_change_exempt=True)
"""Open to who must first change the password: the change itself, and leaving."""


def install(app: Flask) -> None:
    """Tell the kernel who is acting, fence every route, give templates `actor`, `csrf_token`, `csrf_field`.

    After `web.install`, so that access is judged before the token. Settings: `HOME_PATH` (where signing in
    leads, default the front door), `DEMO` (the sign-in page names the demonstration accounts).
    """
    front_door = any(rule.rule == "/" for rule in app.url_map.iter_rules())
    app.config.setdefault("HOME_PATH", "/" if front_door else "/account")
    app.config.setdefault("DEMO", False)
    auth.install_loader(service.actor_from_request)
    csrf.install(app)
    app.jinja_env.globals["actor"] = LocalProxy(auth.actor_or_none)
    app.jinja_env.globals["password_days"] = _password_days
    app.jinja_env.globals["signed_in_elsewhere"] = _signed_in_elsewhere
    app.jinja_env.filters["china_time"] = china_time


def china_time(moment: datetime | None) -> str:
    """A moment as it is read in China: 2026年1月31日 09:05."""
    return words.china(moment) if moment else ""


def _password_days() -> int | None:
    """Days until this person's password expires, once they are few enough to warn about."""
    found = service.current_session()
    return found.password_days if found else None


def _signed_in_elsewhere() -> str:
    """The other address from which this person's account is used just now; empty: none."""
    found = service.current_session()
    return found.elsewhere if found else ""


def _home(target: str | None = None) -> str:
    return local_path(target) or current_app.config["HOME_PATH"]


def _give_cookie(response: Any, token: str) -> Any:
    response.set_cookie(
        service.COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SECURE_COOKIES"],
        path="/",
    )
    return response


def _origin() -> dict[str, str]:
    return {"ip": request.remote_addr or "", "agent": request.user_agent.string}


SIGN_IN_STATUS = {SignInOutcome.LOCKED: 429, SignInOutcome.THROTTLED: 429}


def _sign_in_message(answer: service.SignIn) -> str:
    match answer.outcome:
        case SignInOutcome.LOCKED:
            until = china_time(answer.until)
            return f"连续输错次数过多，已暂停登录。请在 {until} 以后再试，或者请本单位管理员解锁。"
        case SignInOutcome.THROTTLED:
            return "您所在的网络登录失败次数过多，请十五分钟后再试。"
        case SignInOutcome.INACTIVE:
            return "这个账号已经停用。如需恢复，请联系本单位管理员。"
        case _:
            minutes = int(LIMITS.lock.total_seconds() // 60)
            return f"登录名或密码不正确。连续输错 {LIMITS.failures} 次，将暂停登录 {minutes} 分钟以上。"


def _sign_in_page(login: str = "", target: str | None = None, message: str = "") -> str:
    shown = demo.demo_accounts() if current_app.config["DEMO"] else []
    return render_template(
        "people/sign_in.html",
        login=login,
        next=local_path(target) or "",
        message=message,
        demo=[a for a in shown if a.login.startswith("hb-")],
        demo_password=demo.password() if shown else "",
        positions=service.position_names(db.session()) if shown else {},
    )


@room.get("/sign-in", access=PUBLIC)
def sign_in() -> Any:
    """The sign-in form; who is signed in already goes on."""
    target = request.args.get("next")
    if auth.actor_or_none():
        return redirect(_home(target), 303)
    return _sign_in_page(target=target)


@room.post("/sign-in", access=PUBLIC, endpoint="sign_in_submit")
def sign_in_submit() -> Any:
    """Sign in, or say why not without telling which logins exist."""
    only_fields("login", "password", "next")
    login, target = request.form.get("login", ""), request.form.get("next")
    with transaction() as session:
        answer = service.sign_in(
            session,
            login,
            request.form.get("password", ""),
            ends=request.cookies.get(service.COOKIE),
            **_origin(),
        )
    if answer.token is None:
        page = _sign_in_page(login[:40], target, _sign_in_message(answer))
        return page, SIGN_IN_STATUS.get(answer.outcome, 422)
    if answer.must_change:
        leads = url_for("people.change_password", next=local_path(target))
    else:
        leads = _home(target)
    return _give_cookie(redirect(leads, 303), answer.token)


@room.post("/sign-out", access=BEFORE_CHANGE)
def sign_out() -> Response:
    """Leave: the session of this browser ends."""
    only_fields()
    with transaction() as session:
        service.sign_out(session, request.cookies.get(service.COOKIE), request.remote_addr or "")
    response = redirect(url_for("people.sign_in"), 303)
    response.delete_cookie(service.COOKIE, path="/")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@room.get("/account/password", access=BEFORE_CHANGE)
def change_password() -> str:
    """The form for a new password."""
    return _password_page({})


@room.post("/account/password", access=BEFORE_CHANGE, endpoint="change_password_submit")
def change_password_submit() -> Any:
    """Change the password; every other session ends."""
    only_fields("current", "new", "again", "next")
    actor, post = auth.current_actor(), request.form
    with transaction() as session:
        answer = service.change_password(
            session,
            actor.account_id,
            post.get("current", ""),
            post.get("new", ""),
            post.get("again", ""),
            **_origin(),
        )
    if answer.token is None:
        return _password_page(answer.errors), 422
    target = local_path(post.get("next"))
    leads = target or url_for("people.account", done="password")
    return _give_cookie(redirect(leads, 303), answer.token)


def _password_page(errors: Any) -> str:
    target = local_path(request.values.get("next")) or ""
    return render_template("people/password.html", errors=errors, next=target, limits=LIMITS)
