"""Remarks on the elements of a draft, as JSON for its pages."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.diagrams.models import Draft, DraftComment
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.transaction import transaction

from . import payload, service
from .room import ANALYST, room


@room.get("/studio/drafts/<int:draft_id>/comments", access=ANALYST)
def comments(draft_id: int) -> ResponseReturnValue:
    """Every thread of a draft."""
    session = db.session()
    return _answer(session, service.draft_of(session, current_actor(), draft_id))


@room.post("/studio/drafts/<int:draft_id>/comments", access=ANALYST)
def comment(draft_id: int) -> ResponseReturnValue:
    """A new thread on an element, or on a part as a whole."""
    body = payload.read("key", "path", "element", "name", "body")
    actor = current_actor()
    with transaction() as session:
        diagrams.comments.say(
            session,
            actor,
            draft_id,
            key=payload.text(body, "key", 64),
            path=payload.text(body, "path", 200),
            element=payload.text(body, "element", 300),
            element_name=payload.text(body, "name", 2000),
            body=payload.text(body, "body", 20_000),
        )
        return _answer(session, service.draft_of(session, actor, draft_id))


@room.post("/studio/drafts/<int:draft_id>/comments/<int:thread_id>/answer", access=ANALYST)
def answer_comment(draft_id: int, thread_id: int) -> ResponseReturnValue:
    """Answer to a thread."""
    body = payload.read("key", "body")
    actor = current_actor()
    with transaction() as session:
        diagrams.comments.answer(
            session,
            actor,
            draft_id,
            thread_id,
            key=payload.text(body, "key", 64),
            body=payload.text(body, "body", 20_000),
        )
        return _answer(session, service.draft_of(session, actor, draft_id))


@room.post("/studio/drafts/<int:draft_id>/comments/<int:thread_id>/settle", access=ANALYST)
def settle_comment(draft_id: int, thread_id: int) -> ResponseReturnValue:
    """Settle a thread, or take it up again."""
    settled = payload.read("settled").get("settled") is True
    actor = current_actor()
    with transaction() as session:
        diagrams.comments.settle(session, actor, draft_id, thread_id, settled=settled)
        return _answer(session, service.draft_of(session, actor, draft_id))


def _answer(session: Session, draft: Draft) -> ResponseReturnValue:
    return jsonify(
        threads=[
            {
                **_told(thread.root),
                "path": thread.root.path,
                "element": thread.root.element,
                "name": thread.root.element_name,
                "settled": thread.root.resolved_at.isoformat() if thread.root.resolved_at else None,
                "settledBy": thread.root.resolved_name,
                "answers": [_told(row) for row in thread.answers],
            }
            for thread in diagrams.comments.threads(session, draft)
        ]
    )


def _told(row: DraftComment) -> dict[str, Any]:
    mine = row.by == current_actor().account_id
    return {"id": row.id, "body": row.body, "at": row.at.isoformat(), "by": row.by_name, "mine": mine}
