"""Bindings of case files: asked for when a case is over or by a head, made by a job, kept by their digest."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case
from app.documents import service as documents
from app.kernel import clock, events, files, jobs
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, NotFound

from ..export import may_export
from ..models import BindingState, CaseBinding

JOB = "archive.bind"
HEADS_ONLY = "装订和下载电子案卷由机关分管负责人或主要负责人进行。"


def on_step(session: Session, event: events.StepCompleted) -> None:
    """A case that is over and has papers is bound (flow subscriber)."""
    if event.finished and documents.of_case(session, event.case_id):
        _ask(session, event.case_id, event.agency_id, None)


def ask(session: Session, actor: Actor, case_id: int) -> None:
    """Ask for a new binding, on the record; one that waits already is enough.

    Raises:
        NotFound: the case does not exist for this person.
        Forbidden: this person may not take a case's file away.
    """
    found = allowed(session, actor, case_id)
    running = cases.lock(session, case_id)
    if _ask(session, case_id, found.agency_id, cases.officer_of(actor)):
        cases.note(running, actor, "case.binding_asked", {})


def again(session: Session, case_id: int, agency_id: int, officer_id: int | None) -> None:
    """Bind anew what has changed; one that waits already is enough."""
    _ask(session, case_id, agency_id, officer_id)


def _ask(session: Session, case_id: int, agency_id: int, officer_id: int | None) -> bool:
    values = {"case_id": case_id, "agency_id": agency_id, "asked_by": officer_id, "asked_at": clock.now()}
    asked = insert(CaseBinding).values(values).on_conflict_do_nothing().returning(CaseBinding.id)
    binding_id = session.execute(asked).scalar_one_or_none()
    if binding_id is not None:
        jobs.enqueue(session, JOB, {"binding_id": binding_id}, key=f"bind:{binding_id}")
    return binding_id is not None


def allowed(session: Session, actor: Actor, case_id: int) -> Case:
    """The case, for somebody who may take its file away.

    Raises:
        NotFound, Forbidden: as `ask`.
    """
    found = cases.case(session, actor, case_id)
    if not may_export(actor):
        raise Forbidden(HEADS_ONLY)
    return found


def of_case(session: Session, case_id: int) -> Sequence[CaseBinding]:
    """The bindings of a case, the newest first."""
    chosen = select(CaseBinding).where(CaseBinding.case_id == case_id)
    return session.scalars(chosen.order_by(CaseBinding.id.desc()).limit(20)).all()


def one(session: Session, case_id: int, binding_id: int) -> CaseBinding:
    """A binding of this case that is done.

    Raises:
        NotFound: there is none.
    """
    found = session.get(CaseBinding, binding_id)
    if found is None or found.case_id != case_id or found.state != BindingState.DONE:
        raise NotFound("没有这一份电子案卷，或者它还没有装订完毕。")
    return found


def job(session: Session, payload: Mapping[str, Any]) -> None:
    """The job that binds a file. Doing it twice does nothing more. The record names the PDF by its digest, once for every
    content."""
    from ..retention import keeping as retention  # which asks for bindings itself
    from . import bind  # reads and writes PDFs: only the worker pays for that

    binding = session.get(CaseBinding, payload["binding_id"], with_for_update=True)
    if binding is None or binding.state == BindingState.DONE:
        return
    retention.enter(session, binding.case_id)
    made = bind.of_case(session, session.get_one(Case, binding.case_id))
    digest = files.put(made.content)
    before = {other.digest for other in of_case(session, binding.case_id)}
    binding.state, binding.digest = BindingState.DONE, digest
    binding.pages, binding.made_at = made.pages, clock.now()
    session.flush()
    if digest not in before:
        _note(session, binding, digest)


def _note(session: Session, binding: CaseBinding, digest: str) -> None:
    running = cases.lock(session, binding.case_id)
    case = running.case
    events.publish(
        session,
        events.CaseNoted(
            case_id=case.id,
            agency_id=case.agency_id,
            region=case.region_code,
            at=running.at,
            actor_id=None,
            procedure=running.procedure.version,
            context={},
            kind="case.bound",
            detail={"pages": binding.pages},
            files=[digest],
        ),
    )


def register_jobs() -> None:
    """Let the workers know the work of this room."""
    jobs.register(JOB, job)
