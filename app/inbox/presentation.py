"""What the pages show, gathered once: templates only lay out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

from . import annexes, hands_view, lookahead, signing_view


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
    """`edit`, `claim`, `confirm` (I am the second officer), `waiting` (for the second one), `prepare` (I was asked to),
    `delegated` (somebody else was), `sign` (I am asked to), `signing` (others are), `read`."""
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
    cited: Sequence[cases.Cited]
    """What the item's own tiers say at this step."""
    standing: Sequence[str]
    """What has become of the discretion standard since the sum was proposed, for those who examine and decide."""
    deviations: Sequence[Any]
    """The sums of the case off their tier, where the step or an earlier one sets such sums."""
    laws: Sequence[cases.AppliedLaw]
    """How the law of the day of the act stands against today's, where they differ."""
    positions: Mapping[str, str]
    errors: Mapping[str, Sequence[str]]
    annex: annexes.Annex | None = None
    bench: annexes.Bench | None = None
    """The page of another room on which this task is worked on."""
    acts: Sequence[cases.DeskEntry] = ()
    """What else this person may do with the task."""
    hands: hands_view.Hands = field(default_factory=hands_view.Hands)
    signing: signing_view.Signing = signing_view.NONE
    absent: str = ""
    """Who is away, where the task waits for somebody this person stands in for."""
    collects: bool = False
    """Whether evidence is registered at this step, or its list handed in."""
    scene: bool = False
    """Whether it may be taken along to the scene."""
    on_demand: Sequence[cases.on_demand.Paper] = ()
    """The documents this person may make here when they are needed."""
    out: bool = False
    """Whether this person must keep out of the case."""


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
    out = actor.officer_id in running.recused
    hands = hands_view.hands(session, actor, desk)
    signing = signing_view.of(session, actor, desk)
    mode = "read" if out else signing.mode or _mode(work, actor, hands)
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
    filed = {**_newest(desk), form.key: answers}
    return TaskView(
        work=work,
        case=running.case,
        form=form,
        form_html=forms.render(form, answers, errors, context) if mode in ("edit", "prepare") else None,
        answers=forms.summary(form, work.pending) if work.pending else [],
        verb=node.attributes.get("verb", f"提交{work.name}"),
        duty=node.attributes.get("duty", ""),
        basis=node.attributes.get("basis", ""),
        position=positions.get(work.position_key, ""),
        due=cases.due_of(desk.clock),
        mode=mode,
        second=cases.name_at(running, work, work.cosigner_id, names),
        assignee=cases.name_at(running, work, work.assignee_id, names),
        facts=cases.key_facts(running, steps),
        clocks=[c for c in desk.clocks if c.kind == "statutory" and c.stopped_on is None],
        opinions=[s for s in steps if s.opinion and s.latest],
        steps=steps,
        documents=desk.documents,
        previews=list(titles.items()),
        consequences=lookahead.consequences(running.procedure, work.node, work.step, tuple(titles.values())),
        advice=cases.advised(running, work, form) if mode in ("edit", "prepare", "claim", "confirm") else (),
        cited=cases.cited(running, work.step, filed, running.case.attributes),
        standing=_standing(session, running, work, filed),
        deviations=cases.deviations.of_case(session, running.case.id)
        if running.procedure.rules.bands
        else (),
        laws=cases.applied_laws(running, work.step, filed),
        positions=positions,
        errors=errors,
        bench=annexes.bench_of(work),
        annex=annexes.of(session, running.procedure.kind, running.case.id),
        acts=cases.desk_menu(desk.place(session, actor)),
        hands=hands,
        signing=signing,
        absent="" if out else cases.absent_of(session, actor, work),
        scene=cases.matches(work.step, running.procedure.rules.scene),
        collects=cases.evidence.declared(running.procedure.rules, work.step) is not None,
        on_demand=cases.on_demand.offered(running, work, actor.officer_id) if mode == "edit" else (),
        out=out,
    )


def _standing(
    session: Session, running: cases.Running, work: WorkItem, filed: Mapping[str, Mapping[str, Any]]
) -> Sequence[str]:
    bands = running.procedure.rules.bands
    if not bands or work.status not in ("open", "cosign", "signing", "late"):
        return ()
    rows = cases.standards.of_case(session, running.case.id)
    return cases.standards.since_proposed(running, work.step, filed, rows, running.case.attributes)


def _newest(desk: cases.Desk) -> dict[str, Mapping[str, Any]]:
    """The newest answers of each form that count."""
    return {handed.form: handed.data for handed in desk.handed_in if handed.void_at is None}


def _mode(work: WorkItem, actor: Actor, hands: hands_view.Hands) -> str:
    if work.status == cases.WorkStatus.COSIGN:
        return "confirm" if work.cosigner_id == actor.officer_id else "waiting"
    if work.status not in (cases.WorkStatus.OPEN, cases.WorkStatus.LATE):
        return "read"
    if hands.mine and work.status == cases.WorkStatus.OPEN:
        return "prepare"
    if work.assignee_id == actor.officer_id:
        return "delegated" if hands.others else "edit"
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
