"""What a change of an issued document takes (更正、替代、补正、作废): which is open, and why another is not. It
changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import service as documents
from app.documents.models import Document, Status
from app.engine import service as engine
from app.kernel.auth import Actor

from . import rules
from .cutting import outward
from .desk_settings import is_head
from .locking import Running
from .models import CaseStatus

CLOSED = "案件已经办结归档，只有已经对外的文书中的笔误可以补正；内容有误的，依法撤销或者变更。"
"""What was bound and filed stays as it is. The party's paper goes on holding, and so does the duty to put a slip right."""
LONGEST = 1_000
MOST_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of change to choose, or why it cannot be; `article` is the source of what stands against it."""

    key: str
    label: str
    hint: str
    why_not: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What is asked for: a kind, the reason, the passages to put right."""

    kind: str
    reason: str
    pairs: Sequence[documents.Pair] = ()


def choices(session: Session, running: Running, document: Document) -> list[Choice]:
    """The kinds of change with what stands against each."""
    fact, source = outward_fact(running, document)
    needed = _built_on(session, running, document)
    closed = running.case.status != CaseStatus.OPEN
    found = []
    for key, told in documents.changes()["changes"].items():
        why_not, article = "", ""
        if document.status != Status.ISSUED:
            why_not = f"这份文书{documents.STATES[document.status]}。"
        elif closed and not (fact and told["outward"]):
            why_not = CLOSED
        elif fact and not told["outward"]:
            why_not, article = f"{fact}，只能另行制作补正文书；内容有误的，依法撤销或者变更。", source
        elif not fact and told["outward"]:
            why_not = "这份文书没有对外，直接更正或者替代。"
        elif key == "rectify" and document.relation == "rectify":
            why_not = "补正文书有误的，对原文书再次补正。"
        elif key == "void" and needed:
            why_not, article = f"已经据此办理“{needed[0]}”，不能作废，只能更正或者替代。", needed[1]
        found.append(Choice(key, told["label"], told["hint"], why_not, article))
    return found


def outward_fact(running: Running, document: Document) -> tuple[str, str]:
    """What has happened outside the agency with this document, and its source; empty where nothing has.

    A document is outside when its own step is such a fact (`data/outward.yaml`) and was passed. A sealed one, meant for
    the party, is outside as well once any such fact came after its issue: somebody has acted on it.
    """
    return _fact(running, document.step, document.issued_at, bool(document.data["meta"].get("seal")))


def _fact(running: Running, own: str, issued_at: datetime, sealed: bool) -> tuple[str, str]:
    for step, at in sorted(running.passed.items(), key=lambda one: one[1]):
        if step != own and not (sealed and at > issued_at):
            continue
        for fact in outward():
            if rules.matches(step, fact.steps):
                return fact.fact, fact.source
    return "", ""


def rectifiable(session: Session, running: Running) -> frozenset[int]:
    """The documents of an ended case in which a slip can still be put right; their contents are not read."""
    chosen = select(Document).where(
        Document.case_id == running.case.id, Document.status == Status.ISSUED, Document.relation != "rectify"
    )
    own = running.procedure.templates
    return frozenset(
        one.id
        for one in session.scalars(chosen)
        if _fact(running, one.step, one.issued_at, documents.kind(one.code, own).served)[0]
    )


def _built_on(session: Session, running: Running, document: Document) -> tuple[str, str] | None:
    """The passed step that rests on this very document and the article that wants it so; None where another one of
    its kind stands, or nothing rests on it."""
    same = select(Document.id).where(
        Document.case_id == document.case_id,
        Document.code == document.code,
        Document.status == Status.ISSUED,
        Document.id != document.id,
    )
    if session.scalar(same.limit(1)):
        return None
    for paper in running.procedure.rules.documents_before:
        if document.code not in paper.codes:
            continue
        for step, at in running.passed.items():
            if at >= document.issued_at and rules.matches(step, paper.before):
                return _name(running, step), paper.article
    return None


def _name(running: Running, step: str) -> str:
    """What the diagram calls a legal step."""
    nodes = engine.nodes(running.spec).values()
    return next((n.name for n in nodes if n.attributes.get("step") == step), step)


def may_ask(running: Running, actor: Actor) -> bool:
    """Whether this person may ask for a change: who handles the case, and the heads of the agency."""
    return actor.officer_id in {h.officer_id for h in running.handlers} or is_head(actor)


def may_not_decide(actor: Actor, requested_by: int) -> str:
    """Why this person does not decide about a request; empty where they do."""
    if not is_head(actor):
        return "已签发文书的更正、替代、补正和作废，由本机关分管负责人或者主要负责人审批。"
    return "本人提出的申请，由其他负责人审批。" if actor.officer_id == requested_by else ""


def wrong_request(document: Document, found: Sequence[Choice], asked: Change) -> dict[str, list[str]]:
    """What is wrong with a request, by field."""
    errors: dict[str, list[str]] = {}
    chosen: Mapping[str, Choice] = {choice.key: choice for choice in found}
    choice = chosen.get(asked.kind)
    if choice is None:
        errors["kind"] = ["请选择如何处理这份文书。"]
    elif choice.why_not:
        errors["kind"] = [choice.why_not]
    errors |= wrong_reason(asked.reason)
    if asked.kind in ("correct", "rectify"):
        if len(asked.pairs) > MOST_PAIRS:
            errors["pairs"] = [f"一次最多更正 {MOST_PAIRS} 处。"]
        elif told := documents.wrong_pairs(document.data, asked.pairs):
            errors["pairs"] = told
    return errors


def wrong_reason(reason: str) -> dict[str, list[str]]:
    """What is wrong with a reason."""
    if not reason.strip():
        return {"reason": ["请写明理由。"]}
    if len(reason.strip()) > LONGEST:
        return {"reason": [f"理由不得超过 {LONGEST} 字。"]}
    return {}
