"""账号审计导出: the page on which it is asked for, and the file."""

from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Response, render_template, request

from app.kernel import clock
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import account_audit
from .admin_views import ACT_NAMES, OUTCOME_NAMES, ROLE_NAMES
from .room import room

EXAMINER = roles(Role.ADMIN, Role.SUPERVISOR)
WORDS = account_audit.Words(ROLE_NAMES, ACT_NAMES, OUTCOME_NAMES)
FIELDS = ("parts", "since", "until", "agencies", "login", "format", "purpose")


@room.get("/accounts/audit", access=EXAMINER)
def account_audit_page() -> str:
    """What may be exported."""
    return _page({})


@room.post("/accounts/audit", access=EXAMINER)
def export_account_audit() -> Any:
    """The file; that it was made is kept."""
    only_fields(*FIELDS)
    try:
        asked = _asked()
        with transaction() as session:
            made = account_audit.export(session, current_actor(), asked, WORDS)
    except Invalid as error:
        return _page(error.errors), error.status
    except NotFound as error:
        return _page({"login" if request.form.get("login") else "agencies": [error.message]}), error.status
    answer = Response(made.content, mimetype=made.mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.name)}"
    return answer


def _asked() -> account_audit.Asked:
    post, errors = request.form, {}
    days: dict[str, date] = {}
    for name in ("since", "until"):
        try:
            days[name] = date.fromisoformat(post.get(name, "").strip())
        except ValueError:
            errors[name] = ["日期格式应为 2026-01-31。"]
    chosen = [row_number(each) for each in post.getlist("agencies")]
    if None in chosen:
        errors["agencies"] = ["请重新选择机关。"]
    if errors:
        raise Invalid(errors=errors)
    return account_audit.Asked(
        parts=tuple(dict.fromkeys(post.getlist("parts"))),
        since=days["since"],
        until=days["until"],
        agencies=tuple(sorted({each for each in chosen if each is not None})),
        login=post.get("login", "").strip().lower()[:40],
        format=post.get("format", ""),
        purpose=post.get("purpose", ""),
    )


def _page(errors: dict[str, list[str]]) -> str:
    session, actor, today = db.session(), current_actor(), clock.today()
    return render_template(
        "people/account_audit.html",
        errors=errors,
        post=request.form,
        chosen=set(request.form.getlist("agencies")),
        wanted=request.form.getlist("parts") or ["accounts"],
        parts={key: title for key, (title, _, _) in account_audit.PARTS.items()},
        agencies=account_audit.agencies(session, actor),
        since=date(today.year, 1, 1),
        until=today,
        login=request.args.get("login", "")[:40],
        most=account_audit.MOST_DAYS,
    )
