"""What a person may do with a case: open it, take a task, hand it in, confirm it as the second officer.

Each act takes the row lock first and then asks for its idempotency key: of two simultaneous requests one
acts, the other waits and gets the same answer.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel import clock, events
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, Refused
from app.people import service as people

from . import context, queries, rules, seals, stepping, work_items
from .models import Case, Done, WorkItem, WorkStatus

Answers = Callable[[forms.Form, forms.FormContext], Mapping[str, Any]]
"""Gives the raw answers for a form (parsed from a post, or as they come from a program)."""

MOVED_ON = "这项任务已经被办理或发生变化，您填写的内容已保存为草稿。请刷新后查看最新情况。"


@dataclass(frozen=True, slots=True)
class ActResult:
    """The answer to an act. A repeated request gets an equal one.

    `outcome` is `opened`, `done`, `cosign` (waits for the second officer), `returned` or `claimed`;
    `documents` the numbers issued; `next` the names of the tasks that follow with their position.
    """

    outcome: str
    case_id: int
    work_item_id: int
    message: str
    documents: list[dict[str, str]]
    next: list[dict[str, str]]


KEY_REUSED = "这次提交的标识已被使用，请刷新页面后重新提交。"


def _repeated(
    session: Session, actor: Actor, key: str, outcomes: Collection[str], work_item_id: int | None = None
) -> ActResult | None:
    """The answer this very request got before. A key says nothing about another act, task or person: taking
    it for an answer would lose what was handed in."""
    done = session.get(Done, key)
    if done is None:
        return None
    result = ActResult(**done.result)
    same_task = work_item_id is None or result.work_item_id == work_item_id
    if done.account_id != actor.account_id or result.outcome not in outcomes or not same_task:
        raise Conflict(KEY_REUSED, code="key_reused")
    return result


def _remember(session: Session, actor: Actor, key: str, result: ActResult) -> ActResult:
    values = {"key": key, "account_id": actor.account_id, "case_id": result.case_id}
    new = insert(Done).values(**values, result=asdict(result), at=clock.now())
    session.flush()
    if session.execute(new.on_conflict_do_nothing().returning(Done.key)).first() is None:
        # the same key on two cases at once: their locks do not keep the two apart
        raise Conflict(KEY_REUSED, code="key_reused")
    return result


def _key(key: str) -> str:
    if not 16 <= len(key) <= 64 or not key.isalnum():
        raise Invalid("提交的标识缺失或格式不对，请刷新页面后重新提交。", code="key")
    return key


def open_case(session: Session, actor: Actor, item_id: int, key: str) -> ActResult:
    """Open a case on a published item of the actor's agency. The first task goes to the actor.

    Raises:
        Forbidden: the actor does not hold the position of the first task.
        NotFound: the item is not the agency's, or its procedure was never published.
    """
    officer_id = officer_of(actor)
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": _key(key)})
    if repeated := _repeated(session, actor, key, ("opened",)):
        return repeated
    item = catalogue.item(session, actor.agency_id, item_id)
    agency = people.agency(session, actor.agency_id)
    procedure = diagrams.current(session, item.procedure)
    spec = stepping.spec_of(procedure)
    now = clock.now()
    attributes = rules.advance_attributes(
        procedure.rules, "", procedure.rules.initial(), {}, stepping.evaluate
    )
    advance = engine.start(spec, attributes, now, stepping.deadlines.engine_due(session, {}))
    if not any(task.position in actor.positions for task in advance.opened):
        raise Forbidden("发起这类办件的是受理登记等岗位，您目前没有担任。")
    case = Case(
        no=documents.case_number(session, actor.agency_id, agency.abbreviation, clock.today().year),
        agency_id=actor.agency_id,
        region_code=actor.region,
        item_id=item.id,
        procedure_id=procedure.id,
        title=item.name,
        state=advance.state,
        attributes=attributes,
        next_due=advance.next_due,
        opened_at=now,
        opened_by=officer_id,
    )
    case.search = work_items.bigrams(case.no, case.title)
    session.add(case)
    session.flush()
    seals.vouch(session, case, procedure.digest)
    seals.write(case, procedure.digest)
    session.flush()
    running = stepping.lock(session, case.id)
    items = work_items.open_all(running, advance.opened)
    first = session.get_one(WorkItem, items[advance.opened[0].id])
    first.assignee_id = officer_id
    session.flush()
    me = stepping.signer(session, officer_id, now)
    events.publish(
        session,
        events.CaseOpened(
            case_id=case.id,
            agency_id=case.agency_id,
            region=case.region_code,
            at=now,
            actor_id=officer_id,
            procedure=procedure.version,
            context=stepping.context_of(running, signers=[me], work=first) | {"work_items": items},
            opened=advance.opened,
        ),
    )
    result = ActResult(
        "opened", case.id, first.id, f"已发起办件 {case.no}。", [], queries.next_tasks(session, items)
    )
    return _remember(session, actor, key, result)


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
    officer_id = officer_of(actor)
    if work.assignee_id not in (None, officer_id):
        raise Conflict("这项任务已由其他人员承办。", code="assigned")
    form = stepping.form_of(running, work)
    form_context = stepping.form_context(session, running.case, f"work:{work.id}")
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
    forms.drop_draft(session, actor.account_id, f"work:{work.id}")  # sent back, `pending` is what counts
    name = people.officer(session, second).name
    detail = {"node": work.node, "name": work.name, "form": work.form, "second": second, "data": data}
    note(running, officer_id, "step.handed_in", detail)
    result = ActResult(
        "cosign", running.case.id, work.id, f"“{work.name}”已提交，待{name}确认后生效。", [], []
    )
    return _remember(session, actor, key, result)


def confirm(session: Session, actor: Actor, work_item_id: int, version: int, key: str) -> ActResult:
    """Confirm as the second officer what the first one handed in: only now the step is done."""
    running, work, repeated = _begin(session, actor, work_item_id, key, "done")
    if repeated:
        return repeated
    _still(work, version, WorkStatus.COSIGN)
    officer_id = officer_of(actor)
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
    officer_id = officer_of(actor)
    if work.cosigner_id != officer_id:
        raise Forbidden("只有本案的协办人员可以退回。")
    if not reason.strip():
        raise Invalid(errors={"reason": ["请填写退回的理由。"]})
    work_items.live(running, work)
    work.status = WorkStatus.OPEN
    work.version += 1
    note(
        running,
        officer_id,
        "step.sent_back",
        {"node": work.node, "name": work.name, "reason": reason.strip()[:500]},
    )
    result = ActResult("returned", running.case.id, work.id, f"已将“{work.name}”退回主办人员修改。", [], [])
    return _remember(session, actor, key, result)


def claim(session: Session, actor: Actor, work_item_id: int, key: str) -> ActResult:
    """Take a task of one of my positions into my own inbox.

    Raises:
        Conflict: somebody else has it already.
        Refused: the law keeps this person out (separation of persons).
    """
    running, work, repeated = _begin(session, actor, work_item_id, key, "claimed")
    if repeated:
        return repeated
    officer_id = officer_of(actor)
    if work.status == WorkStatus.OPEN and work.assignee_id == officer_id:
        raise Conflict("您已经签收这项任务，请在“我的待办”中办理。", code="claimed_already")
    if work.status != WorkStatus.OPEN or work.assignee_id is not None:
        raise Conflict("这项任务已由其他人员承办。", code="assigned")
    _may_take(running, work, officer_id)
    work_items.live(running, work)
    work.assignee_id = officer_id
    work.version += 1
    note(running, officer_id, "work.claimed", {"node": work.node, "name": work.name})
    return _remember(session, actor, key, ActResult("claimed", running.case.id, work.id, "已签收。", [], []))


def note(
    running: stepping.Running,
    officer_id: int,
    kind: str,
    detail: Mapping[str, Any],
    files: Sequence[str] = (),
) -> None:
    """Record an act that leaves the procedure where it is; `files` are the digests it brought."""
    case = running.case
    events.publish(
        running.session,
        events.CaseNoted(
            case_id=case.id,
            agency_id=case.agency_id,
            region=case.region_code,
            at=running.at,
            actor_id=officer_id,
            procedure=running.procedure.version,
            context={},
            kind=kind,
            detail=detail,
            files=files,
        ),
    )


repeated, remember, checked_key = _repeated, _remember, _key
"""For acts on a case that stand in files of their own."""


def officer_of(actor: Actor) -> int:
    """The officer behind an account; administrators and analysts are none and handle no case."""
    if actor.officer_id is None or Role.OFFICER not in actor.roles:
        raise Forbidden("您的账号不是执法人员账号，不能办理案件。")
    return actor.officer_id


def _begin(
    session: Session, actor: Actor, work_item_id: int, key: str, *outcomes: str
) -> tuple[stepping.Running, WorkItem, ActResult | None]:
    found = queries.work_item(session, actor, work_item_id)
    running = stepping.lock(session, found.case_id)
    repeated = _repeated(session, actor, _key(key), outcomes, work_item_id)
    work = session.scalars(
        select(WorkItem).where(WorkItem.id == work_item_id).execution_options(populate_existing=True)
    ).one()
    if not repeated:
        work_items.genuine(running, work)
    return running, work, repeated


def _still(work: WorkItem, version: int, *statuses: WorkStatus) -> None:
    if work.status not in statuses or work.version != version:
        raise Conflict(MOVED_ON, code="moved_on")


def _complete(
    running: stepping.Running,
    work: WorkItem,
    signers: list[rules.Signer],
    form: forms.Form,
    data: Mapping[str, Any],
    actor: Actor,
    key: str,
) -> ActResult:
    event = stepping.carry_out(running, work, signers, form, data)
    forms.drop_draft(running.session, actor.account_id, f"work:{work.id}")
    issued = documents.issued(running.session, running.case.id, work_item_id=work.id)
    numbers = "".join(f"，已签发《{d['title']}》{d['number'] or ''}" for d in issued)
    result = ActResult(
        "done",
        running.case.id,
        work.id,
        f"“{work.name}”已办结{numbers}。",
        [{"title": d["title"], "number": d["number"] or "", "id": str(d["id"])} for d in issued],
        queries.next_tasks(running.session, event.context["work_items"]),
    )
    return remember(running.session, actor, key, result)


def _may_take(running: stepping.Running, work: WorkItem, officer_id: int) -> None:
    me = stepping.signer(running.session, officer_id, running.at)
    stepping.guard(stepping.facts_of(running, work, [me], running.case.attributes), rules.PERSON_GATES)


def _second(running: stepping.Running, work: WorkItem, officer_id: int, data: Mapping[str, Any]) -> int:
    """The officer who confirms: named in this very form, else the case's other handler."""
    path = running.procedure.rules.facts.get("second", ".")
    form, field = path.split(".", 1)
    if form == work.form and data.get(field):
        second = stepping.officer_ref(data[field])
    else:
        others = [h.officer_id for h in context.handlers(running.session, running.case.id)]
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
    "open_case",
    "send_back",
]
