"""What the pages show, gathered once: templates only lay out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, WorkItem
from app.deadlines import service as deadlines
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel.auth import Actor
from app.kernel.errors import Invalid, NotFound, XingquanError
from app.people import service as people

from . import annexes, lookahead
from .queries import Row


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of an inbox list."""

    work: WorkItem
    case: Case
    due: cases.DueView | None
    position: str
    waits_for_me: bool


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task page."""

    work: WorkItem
    case: Case
    form: Any
    form_html: Any
    answers: Sequence[forms.Answer]
    verb: str
    duty: str
    basis: str
    position: str
    due: cases.DueView | None
    mode: str
    """`edit`, `claim`, `confirm` (I am the second officer), `waiting` (for the second one), `read`."""
    second: str
    assignee: str
    facts: Sequence[tuple[str, str]]
    clocks: Sequence[deadlines.ClockView]
    opinions: Sequence[cases.StepView]
    """The last opinion of every reviewing step, newest first."""
    steps: Sequence[cases.StepView]
    documents: Sequence[Mapping[str, Any]]
    previews: Sequence[tuple[str, str]]
    consequences: lookahead.Consequences
    advice: Sequence[cases.Advice]
    """What the discretion tables say of the amounts of this form."""
    positions: Mapping[str, str]
    errors: Mapping[str, Sequence[str]]
    annex: annexes.Annex | None = None


def rows(session: Session, items: Sequence[Row]) -> list[RowView]:
    """The lines of a list."""
    positions = people.position_names(session)
    due = cases.dues(session, [item.work for item in items])
    return [
        RowView(
            item.work,
            item.case,
            due.get(item.work.id),
            positions.get(item.work.position_key, ""),
            item.work.status == cases.WorkStatus.COSIGN,
        )
        for item in items
    ]


def task(
    session: Session,
    actor: Actor,
    work_item_id: int,
    answers: Mapping[str, Any] | None,
    error: XingquanError | None,
) -> TaskView:
    """Everything the task page shows. Without `answers` it is filled in from this person's draft.

    Raises:
        NotFound: the task does not exist for this person.
    """
    desk = cases.desk(session, actor, work_item_id)
    work, running = desk.work, desk.running
    form = cases.form_of(running, work)
    node = engine.nodes(running.spec)[work.node]
    context = cases.form_context(running, f"work:{work.id}")
    mode = _mode(work, actor)
    if answers is None:
        answers = desk.draft
    if answers is None and work.pending:
        answers = work.pending
    if answers is None:
        answers = form.prefilled(cases.context_of(running))
    positions = people.position_names(session)
    errors = error.errors if isinstance(error, Invalid) else {}
    declared = [d for d in node.documents if d.get("when", "complete") == "complete"]
    own = running.procedure.templates
    titles = {d["code"]: documents.kind(d["code"], own).name for d in declared}
    steps = cases.steps(session, running.case, running.procedure, desk.handed_in)
    names = people.officers(session, {o for o in (work.assignee_id, work.cosigner_id) if o})
    return TaskView(
        work=work,
        case=running.case,
        form=form,
        form_html=forms.render(form, answers, errors, context) if mode == "edit" else None,
        answers=forms.summary(form, work.pending) if work.pending else [],
        verb=node.attributes.get("verb", f"提交{work.name}"),
        duty=node.attributes.get("duty", ""),
        basis=node.attributes.get("basis", ""),
        position=positions.get(work.position_key, ""),
        due=cases.due_of(desk.clock),
        mode=mode,
        second=names[work.cosigner_id].name if work.cosigner_id else "",
        assignee=names[work.assignee_id].name if work.assignee_id else "",
        facts=cases.key_facts(running, steps),
        clocks=[c for c in desk.clocks if c.kind == "statutory" and c.stopped_on is None],
        opinions=[s for s in steps if s.opinion and s.latest],
        steps=steps,
        documents=desk.documents,
        previews=list(titles.items()),
        consequences=lookahead.consequences(running.procedure, work.node, work.step, tuple(titles.values())),
        advice=cases.advised(running, work, form) if mode in ("edit", "claim", "confirm") else (),
        positions=positions,
        errors=errors,
        annex=annexes.of(session, running.procedure.kind, running.case.id),
    )


def _mode(work: WorkItem, actor: Actor) -> str:
    if work.status == cases.WorkStatus.COSIGN:
        return "confirm" if work.cosigner_id == actor.officer_id else "waiting"
    if work.status not in (cases.WorkStatus.OPEN, cases.WorkStatus.LATE):
        return "read"
    if work.assignee_id == actor.officer_id:
        return "edit"
    if work.assignee_id is None and work.position_key in actor.positions:
        return "claim"
    return "read"


def preview(session: Session, actor: Actor, work_item_id: int, code: str) -> bytes:
    """A declared document of the task, made from the draft as saved so far, marked as a draft.

    Raises:
        NotFound: the task does not declare this document.
    """
    work = cases.work_item(session, actor, work_item_id)
    running = cases.running(session, work)
    node = engine.nodes(running.spec)[work.node]
    if code not in {d["code"] for d in node.documents}:
        raise NotFound("这一环节不产生这份文书。")
    draft = work.pending or forms.load_draft(session, actor.account_id, f"work:{work.id}")
    answers = draft or cases.form_of(running, work).prefilled(cases.context_of(running))
    me = cases.signer(session, cases.handler_of(actor, running.procedure.kind), running.at)
    context = cases.context_of(running, signers=[me], work=work, data=answers)
    return documents.preview(code, context, running.procedure.templates)
