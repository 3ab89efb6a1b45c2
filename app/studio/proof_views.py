"""The proof while one draws, and the pages of the rules of law that findings lead to."""

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from app.cases import service as cases
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people import service as people
from app.verify import rules as law

from . import payload, proof_law, service
from .room import ANALYST, room


@room.post("/studio/drafts/<int:draft_id>/proof", access=ANALYST)
def prove(draft_id: int) -> ResponseReturnValue:
    """The account of the proof of a draft with changes that are not saved yet laid over it. Nothing is kept."""
    body = payload.read("changes")
    session, actor = db.session(), current_actor()
    draft = service.draft_of(session, actor, draft_id)
    parts = service.content(session, draft, payload.changes(body))
    formers = cases.formers_of(session, draft.key, draft.origin_id)
    db.session.rollback()  # no connection is held while it is proven
    account = cases.proof_of_parts(parts, (draft_id, actor.account_id), formers)
    for finding in account["findings"]:
        finding["page"], finding["title"] = proof_law.page_of(finding["rule"])
    return jsonify(account)


@room.get("/studio/rules-of-law", access=ANALYST)
def law_index() -> str:
    """All rules of law that procedures are proven against."""
    scope = request.args.get("scope", "")
    return render_template(
        "studio/law.html",
        groups=proof_law.groups(scope),
        scopes=law.SCOPES,
        scope=scope if scope in law.SCOPES else "",
        total=len(law.RULES),
    )


@room.get("/studio/rules-of-law/<rule_id>", access=ANALYST)
def law_rule(rule_id: str) -> str:
    """One rule: its article, what it demands, what to do, an example that breaks it and one that keeps it."""
    rule = law.by_id(rule_id)
    if rule is None:
        raise NotFound("没有这条规则。")
    shown = proof_law.shown(rule, people.position_names(db.session()))
    return render_template("studio/law_rule.html", rule=shown, beside=proof_law.neighbours(rule))
