"""The draft decision as it stands, and kept as it stood when a review was handed in."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case
from app.documents import service as documents
from app.kernel import writes
from app.kernel.events import StepCompleted

from . import rules
from .legal_file import of_draft
from .legal_models import ReviewedDraft, ReviewRemark
from .legal_text import Passage, Source

REVIEW, RESPOND = rules.legal_steps()
"""The legal steps of which this part of the room is the workbench: the review, and answering its remarks."""


def drafts(running: cases.Running, ahead: cases.Ahead) -> list[Source]:
    """Each document the decision would issue, filled from the case's data as it stands."""
    own = running.procedure.templates
    return [of_draft(code, documents.preview_data(code, ahead.context, own)) for code in ahead.codes]


def on_step(session: Session, event: StepCompleted) -> None:
    """Let the record name the remarks of a review that is handed in, and keep the draft that it found wanting (subscriber
    of the flow): the next review compares with it. One that was passed becomes the decision itself."""
    if event.task is None or event.task.attributes.get("step") != REVIEW or event.work_item_id is None:
        return
    if told := _remarks(session, event.work_item_id):
        event.noted["remarks"] = told
    case = writes.held(session, Case, event.case_id) or session.get_one(Case, event.case_id)
    running = cases.running_case(session, case, event.at)
    passing = [p.passed for p in running.procedure.rules.reviews if p.step == REVIEW and p.passed]
    if any(running.case.attributes.get(name) for name in passing):
        return
    kept = {
        source.key.partition(":")[2]: [each.text for block in source.blocks for each in block.all()]
        for source in drafts(running, cases.decision_ahead(running))
    }
    session.add(
        ReviewedDraft(
            case_id=event.case_id,
            work_item_id=event.work_item_id,
            agency_id=event.agency_id,
            at=event.at,
            drafts=kept,
        )
    )


def _remarks(session: Session, work_item_id: int) -> list[dict[str, Any]]:
    """The remarks of a round as the record names them: where each stands, in which text by its digest, what it says."""
    chosen = select(ReviewRemark).where(ReviewRemark.work_item_id == work_item_id).order_by(ReviewRemark.id)
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "point": one.point,
            "source": one.source,
            "text": one.source_digest,
            "passage": one.passage,
            "start": one.start,
            "data": one.said,
        }
        for one in session.scalars(chosen)
    ]


def kept(session: Session, work_item_id: int) -> dict[str, list[Passage]]:
    """The drafts of an earlier review by their code."""
    found: Mapping[str, list[str]] | None = session.scalar(
        select(ReviewedDraft.drafts).where(ReviewedDraft.work_item_id == work_item_id)
    )
    return {
        code: [Passage(f"p{n}", text) for n, text in enumerate(texts, 1) if text]
        for code, texts in (found or {}).items()
    }
