"""One's own account: positions, certificates, signed-in devices, tokens of programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.kernel import auth, clock
from app.kernel.auth import SIGNED_IN, Role
from app.kernel.db import db
from app.kernel.errors import Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from . import service, tokens
from .models import Account
from .room import room
from .rules import LIMITS
from .sign_in import password_problem

OFFICER = auth.roles(Role.OFFICER)


@room.get("/account", access=SIGNED_IN)
def account() -> str:
    """Who I am here: positions, certificates, signed-in devices, tokens of programs."""
    return _page()


def _page(errors: Mapping[str, Sequence[str]] | None = None, error: XingquanError | None = None) -> str:
    actor, found, today = auth.current_actor(), service.current_session(), clock.today()
    session = db.session()
    officer = service.officer(session, actor.officer_id) if actor.officer_id else None
    return render_template(
        "people/account.html",
        officer=officer,
        position_names=service.position_names(session),
        certificates=service.certificates_of(session, actor.officer_id) if actor.officer_id else [],
        sessions=service.live_sessions(session, actor.account_id, found.id if found else None),
        tokens=tokens.live(session, actor.account_id),
        may_have_tokens=Role.OFFICER in actor.roles,
        scope_names=tokens.SCOPE_NAMES,
        limits=LIMITS,
        today=today,
        done=request.args.get("done", ""),
        errors=errors or {},
        error=error,
        post=request.form,
    )


@room.post("/account/sessions/end", access=SIGNED_IN)
def end_other_sessions() -> Response:
    """Sign out everywhere else."""
    only_fields()
    actor, found = auth.current_actor(), service.current_session()
    with transaction() as session:
        service.end_all(session, actor.account_id, keep=found.id if found else None)
    return redirect(url_for("people.account", done="others"), 303)


@room.post("/account/sessions/<int:session_id>/end", access=SIGNED_IN)
def end_session(session_id: int) -> Response:
    """Sign out one device."""
    only_fields()
    actor = auth.current_actor()
    with transaction() as session:
        service.end_one(session, actor.account_id, session_id)
    return redirect(url_for("people.account", done="session"), 303)


@room.post("/account/tokens", access=OFFICER)
def create_token() -> Any:
    """Make a token for a program and show it, once. It takes the password: an unattended desk makes none."""
    try:
        only_fields("name", "scope", "days", "password")
        made = _create()
    except XingquanError as error:
        return _page(error.errors if isinstance(error, Invalid) else None, error), error.status
    return render_template("people/new_token.html", made=made)


def _create() -> tokens.NewToken:
    actor, post = auth.current_actor(), request.form
    with transaction() as session:  # a wrong password leaves its mark: the refusal comes after the commit
        found = session.scalars(select(Account).where(Account.id == actor.account_id).with_for_update()).one()
        problem = password_problem(found, post.get("password", ""))
    if problem:
        raise Invalid(errors={"password": [problem]})
    days, scope = post.get("days", ""), post.get("scope", "")
    errors = {}
    if scope not in tokens.SCOPE_NAMES:
        errors["scope"] = ["请选择令牌的用途。"]
    if not (days.isascii() and days.isdecimal() and len(days) <= 3):
        errors["days"] = [f"有效期为 1 到 {LIMITS.token_days_max} 天。"]
    if errors:
        raise Invalid(errors=errors)
    with transaction() as session:
        return tokens.create(
            session,
            actor.account_id,
            post.get("name", ""),
            scope=tokens.TokenScope(scope),
            days=int(days),
            by=actor.account_id,
        )


@room.post("/account/tokens/<int:token_id>/revoke", access=SIGNED_IN)
def revoke_token(token_id: int) -> Response:
    """End a token of one's own at once."""
    only_fields()
    actor = auth.current_actor()
    with transaction() as session:
        tokens.revoke(session, actor.account_id, token_id, by=actor.account_id)
    return redirect(url_for("people.account", done="token"), 303)
