"""What a person may do with a case: take a task, hand it in, confirm it as the second officer.

Each act takes the row lock first and then asks for its idempotency key: of two simultaneous requests one
acts, the other waits and gets the same answer.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.forms import service as forms
from app.kernel import events
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, Refused
from app.people import service as people

from . import locking, rules, stepping, work_items
from .answers import ActResult, answered, checked_key, officer_of, remember
from .handling import handler_of
from .locking import Running
from .models import WorkItem, WorkStatus
from .opening import open_case, openable

Answers = Callable[[forms.Form, forms.FormContext], Mapping[str, Any]]
"""Gives the raw answers for a form (parsed from a post, or as they come from a program)."""

MOVED_ON = "这项任务已经被办理或发生变化，您填写的内容已保存为草稿。请刷新后查看最新情况。"


def hand_in(
    session: Session, actor: Actor, work_item_id: int, version: int, key: str, answers: Answers
) -> ActResult:
    """Hand in a task. With two officers asked for, it then waits for the second one's confirmation.

    Raises:
        NotFound: the task does not exist for this person.
        Conflict: somebody was faster.
        Invalid: the answers are not acceptable; nothing changed.
        Refused: a gate of law stands in the way; nothing changed.
    """
    running, work, repeated = _begin(session, actor, work_item_id, key, "done", "cosign")
    if repeated:
        return repeated
    _still(work, version, WorkStatus.OPEN, WorkStatus.LATE)
    officer_id = handler_of(actor, running.procedure.kind)
    if work.assignee_id not in (None, officer_id):
        raise Conflict("这项任务已由其他人员承办。", code="assigned")
    form = stepping.form_of(running, work)
    form_context = stepping.form_context(running, f"work:{work.id}")
    data = form.validate(answers(form, form_context), form_context)
    me = stepping.signer(session, officer_id, running.at)
    if work.officers < 2:
        return _complete(running, work, [me], form, data, actor, key)
    second = _second(running, work, officer_id, data)
    both = [me, stepping.signer(session, second, running.at)]
    after = stepping.attributes_after(running, work, form, data)
    stepping.guard(stepping.facts_of(running, work, both, after, form=form, data=data))
    work_items.live(running, work)
    work.assignee_id = officer_id
    work.cosigner_id = second
    work.pending = dict(data)
    work.status = WorkStatus.COSIGN
    work.version += 1
    _drop_draft(running, actor)  # sent back, `pending` is what counts
    name = people.officer(session, second).name
    detail = {"node": work.node, "form": work.form, "with": [second], "data": data}
    note(running, actor, "step.handed_in", detail, position=work.position_key)
    result = ActResult(
        "cosign", running.case.id, work.id, f"“{work.name}”已提交，待{name}确认后生效。", [], []
    )
    return remember(session, actor, key, result)


def confirm(session: Session, actor: Actor, work_item_id: int, version: int, key: str) -> ActResult:
    """Confirm as the second officer what the first one handed in: only now the step is done."""
    running, work, repeated = _begin(session, actor, work_item_id, key, "done")
    if repeated:
        return repeated
    _still(work, version, WorkStatus.COSIGN)
    officer_id = handler_of(actor, running.procedure.kind)
    if work.cosigner_id != officer_id or work.assignee_id is None or work.pending is None:
        raise Forbidden("只有本案的协办人员可以确认。")
    form = stepping.form_of(running, work)
    signers = [stepping.signer(session, o, running.at) for o in (work.assignee_id, officer_id)]
    return _complete(running, work, signers, form, work.pending, actor, key)


def send_back(
    session: Session, actor: Actor, work_item_id: int, version: int, key: str, reason: str
) -> ActResult:
    """As the second officer, give the task back to the first one with a reason; what was entered is kept."""
    running, work, repeated = _begin(session, actor, work_item_id, key, "returned")
    if repeated:
        return repeated
    _still(work, version, WorkStatus.COSIGN)
    officer_id = handler_of(actor, running.procedure.kind)
    if work.cosigner_id != officer_id:
        raise Forbidden("只有本案的协办人员可以退回。")
    if not reason.strip():
        raise Invalid(errors={"reason": ["请填写退回的理由。"]})
    work_items.live(running, work)
    work.status = WorkStatus.OPEN
    work.version += 1
    detail = {"node": work.node, "reason": reason.strip()[:500]}
    note(running, actor, "step.sent_back", detail, position=work.position_key)
    result = ActResult("returned", running.case.id, work.id, f"已将“{work.name}”退回主办人员修改。", [], [])
    return remember(session, actor, key, result)


def claim(session: Session, actor: Actor, work_item_id: int, key: str) -> ActResult:
    """Take a task of one of my positions into my own inbox.

    Raises:
        Conflict: somebody else has it already.
        Refused: the law keeps this person out (separation of persons).
    """
    running, work, repeated = _begin(session, actor, work_item_id, key, "claimed")
    if repeated:
        return repeated
    officer_id = handler_of(actor, running.procedure.kind)
    if work.status == WorkStatus.OPEN and work.assignee_id == officer_id:
        raise Conflict("您已经签收这项任务，请在“我的待办”中办理。", code="claimed_already")
    if work.status != WorkStatus.OPEN or work.assignee_id is not None:
        raise Conflict("这项任务已由其他人员承办。", code="assigned")
    _may_take(running, work, officer_id)
    work_items.live(running, work)
    work.assignee_id = officer_id
    work.version += 1
    note(running, actor, "work.claimed", {"node": work.node}, position=work.position_key)
    return remember(session, actor, key, ActResult("claimed", running.case.id, work.id, "已签收。", [], []))


def note(
    running: Running,
    actor: Actor,
    kind: str,
    detail: Mapping[str, Any],
    files: Sequence[str] = (),
    position: str = "",
) -> None:
    """Record an act that leaves the procedure where it is; `files` are the digests it brought, `position` is the
    one the person acted as (empty: all that are held)."""
    case = running.case
    events.publish(
        running.session,
        events.CaseNoted(
            case_id=case.id,
            agency_id=case.agency_id,
            region=case.region_code,
            at=running.at,
            actor_id=handler_of(actor, running.procedure.kind),
            actor_name=actor.name,
            actor_position=position or " ".join(sorted(actor.positions)),
            procedure=running.procedure.version,
            context={},
            kind=kind,
            detail=detail,
            files=files,
        ),
    )


def _begin(
    session: Session, actor: Actor, work_item_id: int, key: str, *outcomes: str
) -> tuple[Running, WorkItem, ActResult | None]:
    running, work = locking.lock_work(session, actor, work_item_id, checked_key(key))
    handler_of(actor, running.procedure.kind)
    repeated = answered(running.repeated, actor, outcomes, work_item_id)
    if repeated is None:
        work_items.genuine(running, work)
    return running, work, repeated


def _still(work: WorkItem, version: int, *statuses: WorkStatus) -> None:
    if work.status not in statuses or work.version != version:
        raise Conflict(MOVED_ON, code="moved_on")


def _complete(
    running: Running,
    work: WorkItem,
    signers: list[rules.Signer],
    form: forms.Form,
    data: Mapping[str, Any],
    actor: Actor,
    key: str,
) -> ActResult:
    event = stepping.carry_out(running, work, signers, form, data)
    _drop_draft(running, actor)
    numbers = "".join(f"，已签发《{d['title']}》{d['number'] or ''}" for d in event.issued)
    result = ActResult(
        "done",
        running.case.id,
        work.id,
        f"“{work.name}”已办结{numbers}。",
        [{"title": d["title"], "number": d["number"] or "", "id": str(d["id"])} for d in event.issued],
        work_items.told(running),
    )
    return remember(running.session, actor, key, result)


def _drop_draft(running: Running, actor: Actor) -> None:
    if running.draft and running.work is not None:
        forms.drop_draft(running.session, actor.account_id, f"work:{running.work.id}")


def _may_take(running: Running, work: WorkItem, officer_id: int) -> None:
    me = stepping.signer(running.session, officer_id, running.at)
    stepping.guard(stepping.facts_of(running, work, [me], running.case.attributes), rules.PERSON_GATES)


def _second(running: Running, work: WorkItem, officer_id: int, data: Mapping[str, Any]) -> int:
    """The officer who confirms: named in this very form, else the case's other handler."""
    path = running.procedure.rules.facts.get("second", ".")
    form, field = path.split(".", 1)
    if form == work.form and data.get(field):
        second = stepping.officer_ref(data[field])
    else:
        others = [h.officer_id for h in running.handlers]
        second = next((o for o in others if o != officer_id), 0)
        if officer_id not in others and others:
            raise Refused("本案由指定的主办、协办人员办理，您不是本案承办人。", code="handlers")
    if not second or second == officer_id:
        raise Refused(
            "这一环节须由两名以上执法人员办理，请指定另一名协办人员。",
            code="certified_officers",
            article="《中华人民共和国行政处罚法》第四十二条",
        )
    return second


__all__ = [
    "ActResult",
    "claim",
    "confirm",
    "hand_in",
    "note",
    "officer_of",
    "open_case",
    "openable",
    "send_back",
]
