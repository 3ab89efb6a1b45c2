"""The pages of substitutes by period: the list, setting one, ending one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.kernel import auth, clock
from app.kernel.auth import Role
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import directory, substitution
from .room import room
from .substitution import NewSubstitution

OFFICER = auth.roles(Role.OFFICER)
LONGEST = 200
"""Characters of a reason."""
LABELS = {
    "substitute": "代理人",
    "positions": "代理的岗位",
    "valid_from": "第一天",
    "valid_to": "最后一天",
    "reason": "理由",
}


@room.get("/substitutions", access=OFFICER)
def substitutions() -> str:
    """Who stands in for whom: what concerns this person, for the heads all of the agency."""
    return _list({})


def _list(errors: Mapping[str, Sequence[str]], wrong: int = 0) -> str:
    session, actor = db.session(), auth.current_actor()
    return render_template(
        "people/substitutions.html",
        rows=substitution.listed(session, actor),
        head=substitution.heads(session, actor),
        states=substitution.STATES,
        errors=errors,
        wrong=wrong,
        typed=request.form.get("reason", ""),
        longest=LONGEST,
        done=request.args.get("done", ""),
    )


@room.get("/substitutions/new", access=OFFICER)
def new_substitution() -> str:
    """Set a substitution: for oneself, or as a head for one of the agency's people."""
    return _form({})


@room.post("/substitutions/new", access=OFFICER, endpoint="set_substitution")
def set_substitution() -> Any:
    """Set it; on any error the page comes back with everything that was entered."""
    actor = auth.current_actor()
    try:
        only_fields("officer", "substitute", "all", "positions", "valid_from", "valid_to", "reason")
        with transaction() as session:
            substitution.set_up(session, actor, _read(_officer()))
    except Invalid as error:
        if not error.errors:
            raise
        return _form(error.errors), error.status
    return redirect(url_for("people.substitutions", done="set"), 303)


@room.post("/substitutions/<int:substitution_id>/end", access=OFFICER)
def end_substitution(substitution_id: int) -> Response | tuple[str, int]:
    """End one early, from today on."""
    only_fields("reason")
    reason = request.form.get("reason", "")
    try:
        if len(reason) > LONGEST:
            raise Invalid(errors={"reason": [f"理由不得超过 {LONGEST} 字。"]})
        with transaction() as session:
            substitution.end(session, auth.current_actor(), substitution_id, reason)
    except Conflict as error:
        return _list({"": [error.message]}, substitution_id), error.status
    except Invalid as error:
        return _list(error.errors, substitution_id), error.status
    return redirect(url_for("people.substitutions", done="ended"), 303)


def _officer() -> int:
    """Whom it is about: the person, unless another one is named."""
    given = request.values.get("officer", "")
    own = auth.current_actor().officer_id
    found = row_number(given) if given else own
    if found is None:
        raise NotFound("本机关没有这名人员，或者其账号已经停用。")
    return found


def _read(officer_id: int) -> NewSubstitution:
    post = request.form
    errors: dict[str, list[str]] = {}
    days = {key: _day(key, errors) for key in ("valid_from", "valid_to")}
    substitute = row_number(post.get("substitute", ""))
    if substitute is None:
        errors["substitute"] = ["请选择代理人。"]
    positions = frozenset(post.getlist("positions"))
    every = post.get("all", "")
    if every not in ("yes", "no"):
        errors["positions"] = ["请选择代理全部岗位还是部分岗位。"]
    elif every == "no" and not positions:
        errors["positions"] = ["请至少选择一个岗位，或者选择代理全部岗位。"]
    reason = post.get("reason", "").strip()
    if not reason:
        errors["reason"] = ["请填写理由，如出差、休假、借调。"]
    elif len(reason) > LONGEST:
        errors["reason"] = [f"理由不得超过 {LONGEST} 字，现在有 {len(reason)} 字。"]
    if errors:
        raise Invalid(errors={key: errors[key] for key in LABELS if key in errors})
    return NewSubstitution(
        officer_id,
        substitute or 0,
        frozenset() if every == "yes" else positions,
        days["valid_from"],
        days["valid_to"],
        reason,
    )


def _day(key: str, errors: dict[str, list[str]]) -> date:
    try:
        return date.fromisoformat(request.form.get(key, "").strip())
    except ValueError:
        errors[key] = [f"请填写代理的{LABELS[key]}。"]
        return clock.today()


def _form(errors: Mapping[str, Sequence[str]]) -> str:
    session, actor = db.session(), auth.current_actor()
    officer = substitution.whom(session, actor, _officer())
    head = substitution.heads(session, actor)
    return render_template(
        "people/substitution.html",
        officer=officer,
        own=officer.id == actor.officer_id,
        people=directory.officers_at(session, actor.agency_id) if head else [],
        candidates=substitution.candidates(session, actor, officer.id),
        positions=directory.position_names(session),
        errors=errors,
        labels=LABELS,
        post=request.form,
        chosen=request.form.getlist("positions"),
        longest=LONGEST,
        today=clock.today(),
    )
