"""What is taken along to the scene: my tasks of the steps a procedure declares for it, each with all that working on it
without the network needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, WorkItem, WorkStatus
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound

MOST = 200
MOST_TRIED = 8
"""Options of a choice with which a paper is tried; one of more options is no place."""
TRIED: Mapping[str, Sequence[Any]] = {
    "text": ("甲乙", "丙，丁（一）"),
    "textarea": ("甲乙。", "丙丁。\n戊己。", "庚。\n\n辛。"),
    "date": ("2026-01-31", "2025-12-05"),
    "datetime": ("2026-01-31T09:05", "2025-12-05T16:30"),
    "number": (7, 12.5),
    "money": ("1200.50", "38.00", "250000.00"),
    "yesno": ("yes", "no"),
}
"""By the type of an item: values with which it is tried whether a paper words them alike here and on a device."""
Parse = Callable[[forms.Form], Mapping[str, Any]]


def scope_of(work_item_id: int) -> str:
    """The name under which a task's draft and its files are kept."""
    return f"work:{work_item_id}"


def at_scene(procedure: diagrams.Procedure, step: str) -> bool:
    """Whether tasks of this step may be worked on at the scene."""
    return cases.matches(step, procedure.rules.scene)


def tasks(session: Session, actor: Actor) -> Iterator[dict[str, Any]]:
    """My waiting tasks that may be taken along, the most urgent first."""
    chosen = (
        select(WorkItem, Case)
        .join(Case, Case.id == WorkItem.case_id)
        .options(*cases.LATER)
        .where(
            WorkItem.assignee_id == actor.officer_id,
            WorkItem.agency_id == actor.agency_id,
            cases.open_to(actor, WorkItem.case_id),
            WorkItem.status == WorkStatus.OPEN,
            WorkItem.kind == "user",
        )
        .order_by(WorkItem.due_at.nulls_last(), WorkItem.id)
        .limit(MOST)
    )
    for work, case in session.execute(chosen):
        if at_scene(diagrams.procedure(session, case.procedure_id), work.step):
            yield {
                "id": work.id,
                "version": work.version,
                "name": work.name,
                "no": case.no,
                "title": case.title,
                "due": f"{work.due_at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}" if work.due_at else "",
            }


def take(session: Session, actor: Actor, work_item_id: int) -> dict[str, Any]:
    """A task with its form as it stands, the facts of its case, and the drafts of the papers it issues.

    Raises:
        NotFound: the task does not exist for this person, or is not one for the scene.
        Conflict: it is somebody else's, or done.
    """
    desk = _mine(session, actor, work_item_id)
    work, running = desk.work, desk.running
    form = cases.form_of(running, work)
    answers = desk.draft or work.pending or form.prefilled(cases.context_of(running))
    steps = cases.steps(session, running.case, running.procedure, desk.handed_in)
    saved = forms.draft_saved_at(session, actor.account_id, scope_of(work.id))
    node = engine.nodes(running.spec)[work.node]
    return {
        "id": work.id,
        "version": work.version,
        "name": work.name,
        "no": running.case.no,
        "title": running.case.title,
        "duty": node.attributes.get("duty", ""),
        "basis": node.attributes.get("basis", ""),
        "facts": [[label, value] for label, value in cases.key_facts(running, steps)],
        "form": str(forms.render(form, answers, {}, cases.form_context(running, scope_of(work.id)))),
        "papers": list(_taken(session, actor, running, work, form, answers)),
        "demand": list(_demanded(actor, running, work)),
        "draft_at": saved.isoformat() if saved else "",
        "taken_at": clock.now().isoformat(),
    }


def _mine(session: Session, actor: Actor, work_item_id: int) -> cases.Desk:
    desk = cases.desk(session, actor, work_item_id)
    if not at_scene(desk.running.procedure, desk.work.step):
        raise NotFound("这项任务不能带到现场办理。")
    if desk.work.status != WorkStatus.OPEN or desk.work.assignee_id != actor.officer_id:
        raise Conflict("这项任务现在不由您办理，不能带走。", code="moved_on")
    return desk


def papers(session: Session, actor: Actor, work_item_id: int, parse: Parse) -> list[dict[str, str]]:
    """The drafts of the papers a task issues, with what the device holds now: as the platform prints them.

    Raises: see `take`.
    """
    desk = _mine(session, actor, work_item_id)
    form = cases.form_of(desk.running, desk.work)
    made = _context(session, actor, desk.running, desk.work)
    templates = desk.running.procedure.templates
    answers = parse(form)
    return [
        {"code": code, "html": documents.draft_page(code, made(answers), templates)}
        for code in _issued(desk.running, desk.work)
    ]


def _issued(running: Any, work: WorkItem) -> Iterator[str]:
    """The kinds of papers the task issues when it is done."""
    for paper in engine.nodes(running.spec)[work.node].documents:
        if paper.get("when", "complete") == "complete":
            yield paper["code"]


def _context(session: Session, actor: Actor, running: Any, work: WorkItem) -> Callable[[Any], Any]:
    """What the papers are filled with, from the answers: the same as on the page of the task."""
    me = cases.signer(session, cases.handler_of(actor, running.procedure.kind), running.at)
    return lambda answers: cases.context_of(running, signers=[me], work=work, data=dict(answers))


def _taken(
    session: Session, actor: Actor, running: Any, work: WorkItem, form: forms.Form, answers: Any
) -> Iterator[dict[str, Any]]:
    """The papers as pages to read and print; answers stand in them as places (`data-answer`) that the device fills in as
    they are given, wherever that comes to the same as on the platform."""
    made, own = _context(session, actor, running, work), running.procedure.templates
    tried = {item.key: values for item in form.keyed() if (values := tried_of(item))}
    for code in _issued(running, work):
        page = documents.live_draft(code, made, work.form, dict(answers), tried, own)
        yield {
            "code": code,
            "title": documents.kind(code, own).name,
            "html": page.html,
            "blanks": page.blanks,
            "fixed": page.fixed,
        }


def _demanded(actor: Actor, running: Any, work: WorkItem) -> Iterator[dict[str, str]]:
    """The documents that may be made at the task when they are needed, each with its own form, to be filled in without the
    network; it is made, and numbered, when it comes back."""
    made = cases.context_of(running)
    for paper in cases.on_demand.offered(running, work, cases.officer_of(actor)):
        form = cases.on_demand.form_of(running, work, paper)
        context = cases.form_context(running, cases.on_demand.scope_of(work, paper))
        yield {
            "code": paper.code,
            "title": paper.name,
            "form": str(forms.render(form, form.prefilled(made), {}, context)),
        }


def tried_of(item: Any) -> Sequence[Any]:
    """Values with which it is tried whether an answer can be a place; none: it cannot."""
    if item.type in ("radio", "select") and not item.items:
        return [option.value for option in item.options][:MOST_TRIED]
    return TRIED.get(item.type, ())
