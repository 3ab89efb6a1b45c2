"""What the page of a try shows, as plain values: the rows they come from are gone when the page is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from app.cases import service as cases
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel.errors import Invalid, XingquanError
from app.people import service as people


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that waits: `kind` is `user` or `message` (an event that may be registered)."""

    node: str
    name: str
    kind: str
    position: str
    due: cases.DueView | None
    officers: int


@dataclass(frozen=True, slots=True)
class Task:
    """The task in hand. `people` are those who may be tried at it: id, name, whether chosen."""

    node: str
    name: str
    kind: str
    verb: str
    duty: str
    basis: str
    officers: int
    people: Sequence[tuple[int, str, bool]]
    form: Markup
    previews: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document issued so far."""

    place: int
    title: str
    number: str
    code: str


@dataclass(frozen=True, slots=True)
class TrialView:
    """A try as it stands."""

    moment: datetime
    next_due: datetime | None
    closed: bool
    case_no: str
    title: str
    waiting: Sequence[Waiting]
    task: Task | None
    happened: Sequence[cases.Happened]
    stopped: XingquanError | None
    clocks: Sequence[deadlines.ClockView]
    papers: Sequence[Paper]
    attributes: Sequence[tuple[str, str, bool]]
    """Label, value, whether it is derived."""
    passed_internal: str
    current_internal: str
    called: Sequence[tuple[diagrams.calls.Drawing, str, str, str]]
    """The processes it calls: each with the drawing's text and what is passed and current in it."""
    passed_external: str
    current_external: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which task to show (empty: the first), by whom, and with which answers: typed ones, or made up (`sample`)."""

    node: str = ""
    by: int = 0
    answers: Mapping[str, Any] | None = None
    error: XingquanError | None = None
    sample: bool = False


def view(stage: cases.Stage, wish: Wish, scope: str) -> TrialView:
    """Look at a try."""
    session, case = stage.session, stage.case
    running = stage.running()
    waiting = stage.waiting
    names = people.position_names(session)
    due = cases.dues(session, [work.id for work in waiting])
    nodes = engine.nodes(cases.spec_of(stage.procedure))
    chosen = next((w for w in waiting if w.node == wish.node), None)
    if chosen is None:
        chosen = next((w for w in waiting if w.kind == "user"), waiting[0] if waiting else None)
    shown = cases.case_view(session, next(iter(stage.cast.values())).actor, case)
    rules = stage.procedure.rules
    return TrialView(
        moment=stage.moment,
        next_due=case.next_due,
        closed=case.closed_at is not None,
        case_no=case.no,
        title=case.title,
        waiting=[
            Waiting(w.node, w.name, w.kind, names.get(w.position_key, ""), due.get(w.id), w.officers)
            for w in waiting
        ],
        task=_task(stage, running, chosen, wish, scope) if chosen is not None else None,
        happened=list(stage.happened),
        stopped=stage.stopped,
        clocks=deadlines.of_case(session, case.id, stage.moment),
        papers=[
            Paper(place, d.title, d.number or "", d.code)
            for place, d in enumerate(documents.of_case(session, case.id), 1)
        ],
        attributes=[
            (rules.labels.get(name, name), _word(value), name in rules.derived)
            for name, value in case.attributes.items()
        ],
        passed_internal=" ".join(shown.marks("passed")),
        current_internal=" ".join(shown.marks("current")),
        called=[
            (
                each,
                stage.procedure.called[each.called],
                " ".join(shown.marks_in(each, "passed")),
                " ".join(shown.marks_in(each, "current")),
            )
            for each in shown.called
        ],
        passed_external=" ".join(s.node for s in shown.external if s.state == "passed"),
        current_external=" ".join(s.node for s in shown.external if s.state == "current"),
        names={key: node.name for key, node in nodes.items()},
    )


PACE = timedelta(hours=1)
"""Between two acts that are made up."""


def next_act(stage: cases.Stage, scope: str) -> cases.Act | None:
    """The next act with made-up answers; where only time can help, until the next timer; None at the end."""
    work = next((w for w in stage.waiting if w.kind == "user"), None)
    if work is None:
        due = stage.case.next_due
        return cases.Act(due) if due else None
    able = stage.may_act(work)
    running = stage.running()
    form = cases.form_of(running, work)
    context = cases.form_context(running, scope)
    prefilled = form.prefilled(cases.context_of(running))
    me = able[0].id if able else 0
    answers = forms.sample(form, context, prefilled, me)
    return cases.Act(stage.moment + PACE, work.node, me, answers)


def _task(stage: cases.Stage, running: cases.Running, work: cases.WorkItem, wish: Wish, scope: str) -> Task:
    node = engine.nodes(running.spec)[work.node]
    form = cases.form_of(running, work)
    context = cases.form_context(running, scope)
    able = stage.may_act(work)
    me = wish.by if any(person.id == wish.by for person in able) else able[0].id if able else 0
    answers = wish.answers if wish.node == work.node else None
    if answers is None:
        answers = form.prefilled(cases.context_of(running))
    if wish.sample:
        answers = forms.sample(form, context, answers, me)
    wrong = wish.error.errors if isinstance(wish.error, Invalid) and wish.node == work.node else {}
    return Task(
        node=work.node,
        name=work.name,
        kind=work.kind,
        verb=node.attributes.get("verb", f"提交{work.name}"),
        duty=node.attributes.get("duty", ""),
        basis=node.attributes.get("basis", ""),
        officers=work.officers,
        people=[(person.id, person.name, person.id == me) for person in able],
        form=forms.render(form, answers, wrong, context),
        previews=[
            (d["code"], documents.kind(d["code"], stage.procedure.templates).name)
            for d in node.documents
            if d.get("when", "complete") == "complete"
        ],
    )


def _word(value: Any) -> str:
    return ("是" if value else "否") if isinstance(value, bool) else str(value)
