"""The page of decision tables and its questions. Saving is the draft's own."""

from typing import Any

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from app.diagrams import tables as decision_tables
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid

from . import payload, service, table_service
from .draft_views import frame
from .room import ANALYST, room


@room.get("/studio/drafts/<int:draft_id>/tables", access=ANALYST)
def tables(draft_id: int) -> str:
    """The decision tables of a draft."""
    return render_template(
        "studio/tables.html", skeletons=decision_tables.SKELETONS, name="", **frame(draft_id)
    )


@room.get("/studio/drafts/<int:draft_id>/tables/<name>", access=ANALYST)
def table(draft_id: int, name: str) -> str:
    """One of them."""
    return render_template(
        "studio/tables.html", skeletons=decision_tables.SKELETONS, name=name, **frame(draft_id)
    )


@room.post("/studio/drafts/<int:draft_id>/tables/check", access=ANALYST)
def check_tables(draft_id: int) -> ResponseReturnValue:
    """What is wrong with the tables, as they stand in the page."""
    return jsonify(table_service.account(_parts(draft_id, payload.read("changes"))))


@room.post("/studio/drafts/<int:draft_id>/tables/try", access=ANALYST)
def try_table(draft_id: int) -> ResponseReturnValue:
    """Which rows of a table values hit."""
    body = payload.read("changes", "table", "values")
    values = body.get("values")
    if not isinstance(values, dict):
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body")
    return jsonify(table_service.tried(_parts(draft_id, body), payload.text(body, "table", 100), values))


@room.post("/studio/drafts/<int:draft_id>/tables/skeleton", access=ANALYST)
def table_skeleton(draft_id: int) -> ResponseReturnValue:
    """The text of a new table to start from; nothing is saved."""
    body = payload.read("changes", "kind", "name")
    kind, name = payload.text(body, "kind", 20), payload.text(body, "name", 80)
    return jsonify(text=table_service.skeleton(_parts(draft_id, body), kind, name))


def _parts(draft_id: int, body: Any) -> dict[str, str]:
    """A draft with the changes that the page has not saved yet.

    Raises:
        NotFound: the draft does not exist for this person.
    """
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    return service.content(session, draft, payload.changes(body))
