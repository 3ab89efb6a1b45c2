"""Changes of issued documents: asked for, then decided by a head, and carried out with the decision.

Each is on the record: the request, the decision, what became of the old document and what was issued instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import service as documents
from app.documents.models import Document
from app.kernel import events
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people import service as people

from . import acts, locking, queries, stepping
from .answers import ActResult, answered, checked_key, remember
from .change_models import ChangeState, DocumentChange
from .changing import Change, choices, may_ask, may_not_decide, wrong_reason, wrong_request
from .desk_settings import is_head
from .handling import handler_of
from .locking import Running
from .models import Case, Done

STATES = {"requested": "待审批", "approved": "已批准", "rejected": "不予批准"}
KINDS = {
    "document.change_requested": "申请变更已签发的文书",
    "document.changed": "批准变更已签发的文书",
    "document.change_rejected": "不批准变更已签发的文书",
}
GONE = "没有这项申请，或者它不属于您的机关和岗位。"
NO_PAPER = "没有找到这份文书。它可能不存在，或者不属于您可以查看的案件。"


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A request as pages tell it. `pairs` are (old, new, how often it stands in the document)."""

    id: int
    document_id: int
    kind: str
    label: str
    state: str
    word: str
    reason: str
    pairs: Sequence[tuple[str, str, int]]
    decision: str
    requested_by: int
    requester: str
    requested_at: datetime
    decider: str
    decided_at: datetime | None
    result_id: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for a decision."""

    id: int
    case_id: int
    no: str
    title: str
    paper: str
    label: str
    requested_at: datetime


def of_document(session: Session, document: Document) -> list[ChangeView]:
    """Every request about a document, newest first."""
    chosen = select(DocumentChange).where(DocumentChange.document_id == document.id)
    rows = session.scalars(chosen.order_by(DocumentChange.id.desc())).all()
    ids = {who for row in rows for who in (row.requested_by, row.decided_by) if who}
    names = {card.id: card.name for card in people.officers(session, ids).values()}
    return [
        ChangeView(
            row.id,
            row.document_id,
            row.kind,
            documents.changes()["changes"][row.kind]["label"],
            row.state,
            STATES[row.state],
            row.said["reason"],
            [
                (old, new, documents.count_of(document.data, documents.Pair(old, new)))
                for old, new in row.said.get("pairs", ())
            ],
            row.said.get("decision", ""),
            row.requested_by,
            names.get(row.requested_by, ""),
            row.requested_at,
            names.get(row.decided_by or 0, ""),
            row.decided_at,
            row.result_id,
        )
        for row in rows
    ]


def waiting(session: Session, actor: Actor) -> list[Waiting]:
    """The requests of the agency that this person may decide about, oldest first."""
    if not is_head(actor):
        return []
    rows = session.execute(
        select(DocumentChange, Case.no, Case.title, Document.title, Document.number)
        .join(Case, Case.id == DocumentChange.case_id)
        .join(Document, Document.id == DocumentChange.document_id)
        .where(
            DocumentChange.agency_id == actor.agency_id,
            DocumentChange.state == ChangeState.REQUESTED,
            DocumentChange.requested_by != actor.officer_id,
        )
        .order_by(DocumentChange.id)
        .limit(100)
    ).all()
    labels = documents.changes()["changes"]
    return [
        Waiting(
            row.id,
            row.case_id,
            no,
            title,
            f"《{name}》{number or ''}",
            labels[row.kind]["label"],
            row.requested_at,
        )
        for row, no, title, name, number in rows
    ]


def paper(session: Session, case_id: int, document_id: int) -> Document:
    """A document of this case, its content at hand.

    Raises:
        NotFound: it is none of this case.
    """
    found = documents.by_id(session, document_id)
    if found is None or found.case_id != case_id:
        raise NotFound(NO_PAPER)
    return found


def request(
    session: Session, actor: Actor, case_id: int, document_id: int, key: str, asked: Change
) -> ActResult:
    """Ask that a document be changed; it stands as it is until a head has decided.

    Raises:
        NotFound: the case or the document does not exist for this person.
        Forbidden: this person does not handle the case.
        Invalid: messages by field.
        Conflict: a request waits already.
    """
    running, repeated = _begin(session, actor, case_id, key, "document.change_requested")
    if repeated:
        return repeated
    if not may_ask(running, actor):
        raise Forbidden("文书的变更由本案承办人或者机关负责人提出。")
    document = paper(session, case_id, document_id)
    if errors := wrong_request(document, choices(session, running, document), asked):
        raise Invalid(errors=errors)
    standing = select(DocumentChange.id).where(
        DocumentChange.document_id == document_id, DocumentChange.state == ChangeState.REQUESTED
    )
    if session.scalar(standing):
        raise Conflict("这份文书已有一项申请在等待审批。", code="document_change")
    row = DocumentChange(
        case_id=case_id,
        agency_id=running.case.agency_id,
        document_id=document_id,
        kind=asked.kind,
        said={"reason": asked.reason.strip(), "pairs": _pairs(asked)},
        requested_by=handler_of(actor, running.procedure.kind),
        requested_at=running.at,
    )
    session.add(row)
    session.flush()
    label = documents.changes()["changes"][asked.kind]["label"]
    detail = {**_told(row, document, label), "reason": row.said["reason"]}
    acts.note(running, actor, "document.change_requested", detail)
    told = f"已申请{label}《{document.title}》，由机关负责人审批；审批以前，原文书不变。"
    result = ActResult("document.change_requested", case_id, row.id, told, [], [])
    return remember(session, actor, key, result)


def decide(
    session: Session, actor: Actor, case_id: int, change_id: int, key: str, approve: bool, reason: str
) -> ActResult:
    """Decide on a request. Approved, it is carried out at once: what is issued has its number with this act.

    Raises:
        NotFound: there is no such request for this person.
        Forbidden: a head decides, never about a request of their own.
        Invalid: no reason, or what the request says does not fit the document any more.
        Conflict: it is decided already.
        Refused: something has happened outside the agency since, or the case has ended and this is no slip.
    """
    outcome = "document.changed" if approve else "document.change_rejected"
    running, repeated = _begin(session, actor, case_id, key, outcome)
    if repeated:
        return repeated
    wish = find(session, case_id, change_id)
    if barred := may_not_decide(actor, wish.requested_by):
        raise Forbidden(barred)
    if wish.state != ChangeState.REQUESTED:
        raise Conflict(f"这项申请{STATES[wish.state]}。", code="document_change")
    if errors := wrong_reason(reason):
        raise Invalid(errors=errors)
    document = paper(session, case_id, wish.document_id)
    label = documents.changes()["changes"][wish.kind]["label"]
    wish.state = ChangeState.APPROVED if approve else ChangeState.REJECTED
    wish.decided_by, wish.decided_at = handler_of(actor, running.procedure.kind), running.at
    wish.said = {**wish.said, "decision": reason.strip()}
    detail = {**_told(wish, document, label), "reason": reason.strip()}
    issued: list[dict[str, Any]] = []
    told = f"已决定不{label}《{document.title}》。"
    if approve:
        made = _carry_out(running, actor, wish, document)
        detail["becomes"] = document.status
        told = f"已批准{label}《{document.title}》{document.number or ''}。"
        if made is not None:
            wish.result_id = made.id
            detail["instead"] = made.number or made.ident_code
            issued = [entry for entry in documents.issued(session, case_id) if entry["id"] == made.id]
    session.flush()
    acts.note(running, actor, outcome, detail)
    return remember(session, actor, key, ActResult(outcome, case_id, wish.id, told, issued, []))


def _carry_out(running: Running, actor: Actor, wish: DocumentChange, document: Document) -> Document | None:
    session, case = running.session, running.case
    choice = next(c for c in choices(session, running, document) if c.key == wish.kind)
    if choice.why_not:
        raise Refused(choice.why_not, code="document_change", article=choice.article)
    event = events.CaseNoted(
        case_id=case.id,
        agency_id=case.agency_id,
        region=case.region_code,
        at=running.at,
        actor_id=handler_of(actor, running.procedure.kind),
        procedure=running.procedure.version,
        context=stepping.context_of(running),
        actor_name=actor.name,
        actor_position=" ".join(sorted(actor.positions)),
    )
    pairs = [documents.Pair(old, new) for old, new in wish.said.get("pairs", ())]
    return documents.change(session, event, document, wish.kind, wish.said["reason"], pairs)


def find(session: Session, case_id: int, change_id: int) -> DocumentChange:
    """A request of this case.

    Raises:
        NotFound: there is none.
    """
    chosen = select(DocumentChange).where(DocumentChange.id == change_id, DocumentChange.case_id == case_id)
    found = session.scalar(chosen.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(GONE)
    return found


def _pairs(asked: Change) -> list[list[str]]:
    kept = asked.pairs if asked.kind in ("correct", "rectify") else ()
    return [[pair.old, pair.new] for pair in kept]


def _told(row: DocumentChange, document: Document, label: str) -> Mapping[str, Any]:
    """What the record says of the request; the passages themselves stay sealed with it."""
    name = f"{label}《{document.title}》{document.number or document.ident_code}"
    return {"change": row.id, "paper": document.id, "name": name}


def _begin(
    session: Session, actor: Actor, case_id: int, key: str, outcome: str
) -> tuple[Running, ActResult | None]:
    queries.case(session, actor, case_id)
    own = checked_key(key)
    running = locking.lock(session, case_id)
    officer_id = handler_of(actor, running.procedure.kind)
    done = session.get(Done, own, populate_existing=True)
    if repeated := answered(done, actor, (outcome,)):
        return running, repeated
    locking.keep_out(running, officer_id)
    return running, None
