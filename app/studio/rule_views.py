"""The page of rules and its questions. Saving is the draft's own."""

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from app.kernel.auth import current_actor
from app.kernel.db import db

from . import payload, rule_schema, rule_service, service
from .draft_views import frame
from .room import ANALYST, room


@room.get("/studio/drafts/<int:draft_id>/rules", access=ANALYST)
def rules(draft_id: int) -> str:
    """The rule set of a draft as forms."""
    return render_template("studio/rules.html", **frame(draft_id))


@room.get("/studio/rules/schema", access=ANALYST)
def rules_schema() -> ResponseReturnValue:
    """The sections of a rule set: words, fields and controls."""
    answer = jsonify(rule_schema.schema())
    answer.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    return answer


@room.post("/studio/drafts/<int:draft_id>/rules/check", access=ANALYST)
def check_rules(draft_id: int) -> ResponseReturnValue:
    """What is wrong with the rules, as they stand in the page."""
    body = payload.read("changes")
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    return jsonify(rule_service.account(service.content(session, draft, payload.changes(body))))
