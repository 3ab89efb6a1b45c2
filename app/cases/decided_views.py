"""Registering what follows a decision of the own agency by its number: for who has no task in the decided case."""

import secrets
from typing import Any

from flask import redirect, render_template, request, url_for

from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import following_up
from .views import OFFICER, room

NOT_YOURS = "登记复议、诉讼和纠正由本机关负责应诉的岗位（法制审核）办理，您目前没有担任。"
LONGEST = 60


@room.get("/cases/decided", access=OFFICER)
def decided() -> Any:
    """Look for a decision by its number."""
    if not following_up.registers(db.session(), current_actor()):
        raise Forbidden(NOT_YOURS)
    return _page(request.args.get("number", "").strip()[:LONGEST])


@room.post("/cases/decided", access=OFFICER)
def follow_decided() -> Any:
    """Open a case on the decision with this number, and go to its first task."""
    only_fields("number", "item")
    number = request.form.get("number", "").strip()[:LONGEST]
    item = row_number(request.form.get("item", ""))
    if item is None:
        raise Invalid(errors={"item": ["请选择一个事项。"]}, message="请先选择一个事项，再登记。")
    with transaction() as session:
        result = following_up.open_by_number(
            session, current_actor(), number, item, request.form.get("_key", "")
        )
    return redirect(url_for("inbox.work", work_item_id=result.work_item_id), 303)


def _page(number: str) -> Any:
    found, error = None, ""
    if number:
        try:
            found = following_up.decided(db.session(), current_actor(), number)
        except NotFound as wrong:
            error = wrong.message
    page = render_template(
        "cases/decided.html", number=number, found=found, error=error, key=secrets.token_hex(16)
    )
    return page, 422 if error else 200
