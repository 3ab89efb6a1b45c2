"""What a person may do with a case: take a task, hand it in, confirm it as the second officer.

Each act takes the row lock first and then asks for its idempotency key: of two simultaneous requests one
acts, the other waits and gets the same answer.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.forms import service as forms
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, Refused
from app.people import service as people

from . import awaiting, hands, locking, noting, rules, signing, stepping, substituting, work_items
from .answers import ActResult, answered, checked_key, officer_of, remember
from .handling import handler_of
from .locking import Running
from .models import WorkItem, WorkStatus
from .opening import open_case, openable
from .sign_models import RoundState

Answers = Callable[[forms.Form, forms.FormContext], Mapping[str, Any]]
"""Gives the raw answers for a form (parsed from a post, or as they come from a program)."""

MOVED_ON = "这项任务已经被办理或发生变化，您填写的内容已保存为草稿。请刷新后查看最新情况。"


def hand_in(
    session: Session, actor: Actor, work_item_id: int, version: int, key: str, answers: Answers
) -> ActResult:
    """Hand in a task. With two officers asked for, it then waits for the second one's confirmation; with further
    signers who have still to agree, for them.

    Raises:
        NotFound: the task does not exist for this person.
        Conflict: somebody was faster.
        Invalid: the answers are not acceptable; nothing changed.
        Refused: a gate of law stands in the way; nothing changed.
    """
    running, work, repeated = begin(session, actor, work_item_id, key, "done", "cosign", "signing")
    if repeated:
        return repeated
    _still(work, version, WorkStatus.OPEN, WorkStatus.LATE)
    officer_id = handler_of(actor, running.procedure.kind)
    if work.assignee_id not in (None, officer_id):
        raise Conflict("这项任务已由其他人员承办。", code="assigned")
    if running.awaited or running.sign_rounds:
        awaiting.check(running, work)
    form = stepping.form_of(running, work)
    form_context = stepping.form_context(running, f"work:{work.id}")
    data = form.validate(answers(form, form_context), form_context)
    if running.sign_rounds:
        signing.deal(running, bool(stepping.opinion_field(form, data)))
        signing.ask_again(running)
    me = stepping.signer(session, officer_id, running.at)
    waits = signing.waits(running)
    if work.officers < 2 and not waits:
        return _complete(running, work, [me], form, data, actor, key)
    second = _second(running, work, officer_id, data) if work.officers > 1 else 0
    if waits and second:
        signing.not_twice(running, second)
    both = [me, stepping.signer(session, second, running.at)] if second else [me]
    after = stepping.attributes_after(running, work, form, data)
    stepping.guard(stepping.facts_of(running, work, both, after, form=form, data=data))
    if not second:
        return _to_signers(running, work, officer_id, data, actor, key)
    work_items.live(running, work)
    work.assignee_id = officer_id
    work.cosigner_id = second
    work.pending = dict(data)
    work.status = WorkStatus.COSIGN
    work.version += 1
    _drop_draft(running, actor)  # sent back, `pending` is what counts
    name = people.officer(session, second).name
    _note_handed_in(running, work, actor, {"with": [second], "data": data})
    result = ActResult(
        "cosign", running.case.id, work.id, f"“{work.name}”已提交，待{name}确认后生效。", [], []
    )
    return remember(session, actor, key, result)


def confirm(session: Session, actor: Actor, work_item_id: int, version: int, key: str) -> ActResult:
    """Confirm as the second officer what the first one handed in: only now the step is done."""
    running, work, repeated = begin(session, actor, work_item_id, key, "done", "signing")
    if repeated:
        return repeated
    _still(work, version, WorkStatus.COSIGN)
    officer_id = handler_of(actor, running.procedure.kind)
    if work.cosigner_id != officer_id or work.assignee_id is None or work.pending is None:
        raise Forbidden("只有本案的协办人员可以确认。")
    if signing.waits(running):
        work_items.live(running, work)
        work.status = WorkStatus.SIGNING
        work.version += 1
        note(running, actor, "work.cosigned", {"node": work.node}, position=work.position_key)
        result = ActResult("signing", running.case.id, work.id, _signed_next(running, work), [], [])
        return remember(session, actor, key, result)
    form = stepping.form_of(running, work)
    signers = [stepping.signer(session, o, running.at) for o in (work.assignee_id, officer_id)]
    return _complete(running, work, signers, form, work.pending, actor, key)


def send_back(
    session: Session, actor: Actor, work_item_id: int, version: int, key: str, reason: str
) -> ActResult:
    """As the second officer, give the task back to the first one with a reason; what was entered is kept."""
    running, work, repeated = begin(session, actor, work_item_id, key, "returned")
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
    running, work, repeated = begin(session, actor, work_item_id, key, "claimed")
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
    work.claimed_at = running.at
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
    context: Mapping[str, Any] | None = None,
) -> None:
    """Record an act that leaves the procedure where it is; `files` are the digests it brought, `position` is the
    one the person acted as (empty: all that are held), `context` as for `noting.note`."""
    noting.note(
        running,
        kind,
        detail,
        officer_id=handler_of(actor, running.procedure.kind),
        name=substituting.name_at(running, running.work, actor.officer_id or 0, actor.name),
        position=position or " ".join(sorted(actor.positions)),
        files=files,
        context=context,
    )


def _note_handed_in(running: Running, work: WorkItem, actor: Actor, told: Mapping[str, Any]) -> None:
    detail = {"node": work.node, "form": work.form} | told
    before = stepping.context_of(running)
    note(running, actor, "step.handed_in", detail, position=work.position_key, context=before)


def begin(
    session: Session, actor: Actor, work_item_id: int, key: str, *outcomes: str, seen: bool = False
) -> tuple[Running, WorkItem, ActResult | None]:
    """Lock the case of a task for an act on it; the answer this very request got before, if it did. `seen`: the
    caller has seen to it that the case exists for this person, whoever the task belongs to."""
    running, work = locking.lock_work(session, actor, work_item_id, checked_key(key), seen)
    officer_id = handler_of(actor, running.procedure.kind)
    repeated = answered(running.repeated, actor, outcomes, work_item_id)
    if repeated is None:
        locking.keep_out(running, officer_id)
        work_items.genuine(running, work)
    return running, work, repeated


def _still(work: WorkItem, version: int, *statuses: WorkStatus) -> None:
    if work.status not in statuses or work.version != version:
        raise Conflict(MOVED_ON, code="moved_on")


def _to_signers(
    running: Running,
    work: WorkItem,
    officer_id: int,
    data: Mapping[str, Any],
    actor: Actor,
    key: str,
) -> ActResult:
    """What the gates let pass waits for its signers."""
    work_items.live(running, work)
    work.assignee_id = officer_id
    work.pending = dict(data)
    work.status = WorkStatus.SIGNING
    work.version += 1
    _drop_draft(running, actor)
    _note_handed_in(running, work, actor, {"data": data})
    result = ActResult("signing", running.case.id, work.id, _signed_next(running, work), [], [])
    return remember(running.session, actor, key, result)


def _signed_next(running: Running, work: WorkItem) -> str:
    parts = signing.members_of(running.session, [found.id for found in signing.waits(running)])
    rounds = running.sign_rounds or ()
    turns = [p for p in parts if signing.turn_of(work, rounds, parts, p.officer_id) is p]
    names = people.officers(running.session, {p.officer_id for p in turns})
    told = "、".join(dict.fromkeys(names[p.officer_id].name for p in turns)) or "会签形成结果"
    return (
        f"“{work.name}”已提交，待{told}签署意见后生效。"
        if turns
        else f"“{work.name}”已提交，待{told}后生效。"
    )


def after_signing(running: Running, work: WorkItem, actor: Actor) -> ActResult | None:
    """What the outcome of a round does to a task that was handed in: the last agreement completes it, with every gate
    checked again; a round that failed gives it back to be changed. None: it goes on waiting, or was not handed in.

    Raises:
        Refused: a gate of law stands in the way; nothing changed.
    """
    if work.status not in (WorkStatus.COSIGN, WorkStatus.SIGNING):
        return None
    rounds = running.sign_rounds or ()
    if any(found.state == RoundState.FAILED and not found.dealt for found in rounds):
        give_back(running, work)
        told = f"会签没有达成同意，“{work.name}”已退回承办人，原来填写的内容保留。"
        return ActResult("returned", running.case.id, work.id, told, [], [])
    if work.status == WorkStatus.COSIGN or signing.waits(running):
        return None
    form = stepping.form_of(running, work)
    who = [work.assignee_id, work.cosigner_id] if work.officers > 1 else [work.assignee_id]
    signers = [stepping.signer(running.session, o, running.at) for o in who if o]
    return _completed(running, work, signers, form, work.pending or {}, actor)


def give_back(running: Running, work: WorkItem) -> None:
    """A task that was handed in is its assignee's again, with what was entered. Whoever had agreed to that is asked
    again after the next handing in."""
    work_items.live(running, work)
    work.status = WorkStatus.OPEN
    work.version += 1
    signing.renew_all(running)


def _complete(
    running: Running,
    work: WorkItem,
    signers: list[rules.Signer],
    form: forms.Form,
    data: Mapping[str, Any],
    actor: Actor,
    key: str,
) -> ActResult:
    result = _completed(running, work, signers, form, data, actor)
    return remember(running.session, actor, key, result)


def _completed(
    running: Running,
    work: WorkItem,
    signers: list[rules.Signer],
    form: forms.Form,
    data: Mapping[str, Any],
    actor: Actor,
) -> ActResult:
    event = stepping.carry_out(running, work, signers, form, data)
    signing.leave(running, work)
    _drop_draft(running, actor)
    numbers = "".join(f"，已签发《{d['title']}》{d['number'] or ''}" for d in event.issued)
    return ActResult(
        "done",
        running.case.id,
        work.id,
        f"“{work.name}”已办结{numbers}。",
        [{"title": d["title"], "number": d["number"] or "", "id": str(d["id"])} for d in event.issued],
        work_items.told(running),
    )


def _drop_draft(running: Running, actor: Actor) -> None:
    if running.draft and running.work is not None:
        forms.drop_draft(running.session, actor.account_id, f"work:{running.work.id}")


def _may_take(running: Running, work: WorkItem, officer_id: int) -> None:
    """Refuse a task to somebody whom the law keeps out of it.

    Raises:
        Refused: separation of persons, recusal, a position the person does not hold, a certificate that is not valid.
    """
    if found := hands.refusal(running, work, officer_id):
        raise Refused(found.message, code=found.gate, article=found.article)


def _second(running: Running, work: WorkItem, officer_id: int, data: Mapping[str, Any]) -> int:
    """The officer who confirms: named in this very form, else the case's other handler."""
    path = running.procedure.rules.facts.get("second", ".")
    form, field = path.split(".", 1)
    if form == work.form and data.get(field):
        second = stepping.officer_ref(data[field])
    else:
        others = [h.officer_id for h in running.handlers]
        mine = {officer_id}
        if officer_id not in others:  # who stands in for one of the two signs with the other one
            mine.update(substituting.absent_ids(running, work, officer_id))
        second = next((o for o in others if o not in mine), 0)
        if others and not mine.intersection(others):
            raise Refused("本案由指定的主办、协办人员办理，您不是本案承办人。", code="handlers")
    if not second or second == officer_id:
        raise Refused(
            "这一环节须由两名以上执法人员办理，请指定另一名协办人员。",
            code="certified_officers",
            article=rules.TWO_OFFICERS,
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
