"""Who may hold a task, and how it goes from one hand to another: the same for every act that moves one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.engine import service as engine
from app.forms import service as forms
from app.kernel import clock, reads, writes
from app.kernel.errors import Invalid, Refused
from app.people import service as people

from . import rules, signing, stepping, work_items
from .locking import Running
from .models import Handler, Involvement, Part, PartState, WorkItem, WorkStatus

LOADS = """
select w.assignee_id as id, count(*) as load from work_item w
where w.kind = 'user' and w.status = 'open' and w.assignee_id = any(%(ids)s) group by w.assignee_id
"""
FOLLOW_EVENTS = """
update work_item set assignee_id = %(lead)s, version = version + 1 where case_id = %(case)s and kind = 'message'
    and status in ('open', 'late') and assignee_id is not null and assignee_id <> all(%(handlers)s)
"""
"""An event that the handlers register goes with them."""
NO_ACCOUNT = "账号已停用或者没有办案权限"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer who holds a task's position: the open tasks in hand (`load`), and why the task cannot go there."""

    id: int
    name: str
    load: int
    why_not: str = ""


def refusal(running: Running, work: WorkItem, officer_id: int, signs: bool = True) -> rules.Refusal | None:
    """What stands in the way of a person taking a task: the law of persons, then the certificate its step asks for of
    those who sign (`signs`)."""
    person = stepping.signer(running.session, officer_id, running.at)
    facts = stepping.facts_of(running, work, [person], running.case.attributes)
    found = rules.first_refusal(facts, stepping.evaluate, rules.PERSON_GATES)
    if found is None and signs and facts.officers and facts.certificate not in person.certificates:
        kind = people.CERTIFICATE_NAMES.get(people.CertificateKind(facts.certificate), "证件")
        told = f"{person.name}没有有效的{kind}，不能办理“{work.name}”。请先更新证件或更换人员。"
        if why := person.why_barred(facts.certificate):
            told = f"{person.name}的{why}，不能办理“{work.name}”。请补训并由系统管理员登记，或者更换人员。"
        return rules.Refusal("certified_officers", rules.TWO_OFFICERS, told)
    return found


def certificate_for(procedure: diagrams.Procedure, step: str, officers: int) -> str:
    """The certificate a task asks for; empty: none."""
    declared = procedure.rules
    return declared.certificates.get(step) or (declared.certificate if officers else "")


def candidates(running: Running, work: WorkItem, signs: bool = True) -> list[Candidate]:
    """The active holders of a task's position, by pinyin, each with what is in the way. `signs`: of handing it in,
    not only of preparing it."""
    session = running.session
    holders = people.officers_at(session, running.case.agency_id, work.position_key)
    accounts = people.accounts_of(session, [card.id for card in holders])
    carried = loads(session, [card.id for card in holders])
    found = []
    for card in holders:
        account = accounts.get(card.id)
        lawful = refusal(running, work, card.id, signs)
        why = (
            _short(lawful.message, card.name) if lawful else "" if account and account.handles else NO_ACCOUNT
        )
        found.append(Candidate(card.id, card.name, carried.get(card.id, 0), why))
    return found


def _short(message: str, name: str) -> str:
    """A reason beside the person's name in a list: its first sentence, without the name."""
    return message.split("。", 1)[0].removeprefix(name)


def loads(session: Session, officer_ids: Collection[int]) -> dict[int, int]:
    """How many open tasks officers have in hand; who has none is left out."""
    (rows,) = reads.fetch(session, (LOADS, {"ids": sorted(officer_ids)}))
    return {row["id"]: row["load"] for row in rows}


def check(running: Running, work: WorkItem, officer_id: int) -> Candidate:
    """A person who may take the task.

    Raises:
        Refused: the law or the position keeps the person out.
    """
    found = next((c for c in candidates(running, work) if c.id == officer_id), None)
    if found is None:
        raise Refused("所选人员不是本机关担任该岗位的在职人员，请另选。", code="position")
    if lawful := refusal(running, work, officer_id):
        raise Refused(lawful.message, code=lawful.gate, article=lawful.article)
    if found.why_not:
        raise Refused(f"不能交给{found.name}：{found.why_not}。", code="account")
    return found


def pair_of(running: Running, work: WorkItem) -> tuple[int, int] | None:
    """The two handlers by whom a task of two officers is handed in: who holds it and the other one; None where the
    task asks for one officer, or its own form names the second."""
    named = running.procedure.rules.facts.get("second", ".").split(".", 1)[0]
    if work.officers < 2 or work.form == named or len(running.handlers) < 2:
        return None
    lead, second = (next(h.officer_id for h in running.handlers if h.role == r) for r in ("lead", "second"))
    return (second, lead) if work.assignee_id == second else (lead, second)


def give(
    running: Running, work: WorkItem, officer_id: int, second_id: int | None = None, field: str = "second"
) -> str:
    """Put a task into somebody's hands, with what was typed. A task of two officers brings the receiver in as a
    handler of the case, beside the other one or beside `second_id`. What was asked of delegates ends. Returns a
    sentence about the handlers, where they changed.

    Raises:
        Refused: the law keeps one of them out. Nothing is changed then.
        Invalid: the other handler must be chosen, or is the same person.
    """
    check(running, work, officer_id)
    told = ""
    pair = pair_of(running, work)
    if pair and (second_id or officer_id not in pair):
        told = _pair(running, work, pair, officer_id, second_id, field)
    elif pair and officer_id == pair[1]:
        message = "接手的是现在的另一名承办人，请另选一名与其共同办理的人员。"
        raise Invalid(errors={field: [message]})
    elif second_id:
        raise Invalid(errors={field: ["这项任务不另行指定协办人员。"]})
    work_items.live(running, work)
    before = work.assignee_id
    end_delegations(running.session, work)
    if before and before != officer_id:
        lend_draft(running.session, work, before, officer_id)
    work.assignee_id = officer_id
    work.claimed_at = None
    work.version += 1
    return told


def _pair(
    running: Running,
    work: WorkItem,
    pair: tuple[int, int],
    officer_id: int,
    second_id: int | None,
    field: str,
) -> str:
    other = second_id or pair[1]
    if other == officer_id:
        raise Invalid(errors={field: ["须由两名不同的人员办理，请另选一名。"]})
    if lawful := refusal(running, work, other):
        raise Invalid(errors={field: [f"{lawful.message}请另选一名。"]})
    held_by_second = next(h.role for h in running.handlers if h.officer_id == pair[0]) == "second"
    lead, second = (other, officer_id) if held_by_second else (officer_id, other)
    return set_handlers(running, lead, second)


def set_handlers(running: Running, lead: int, second: int) -> str:
    """Enter the case's handlers; a sentence that says who they are now, empty where nothing changed."""
    if {h.role: h.officer_id for h in running.handlers} == {"lead": lead, "second": second}:
        return ""
    case_id = running.case.id
    running.handlers = [
        Handler(case_id=case_id, officer_id=lead, role="lead"),
        Handler(case_id=case_id, officer_id=second, role="second"),
    ]
    writes.run(running.session, stepping.FORGET_HANDLERS, {"case": case_id})
    for handler in running.handlers:
        writes.insert(running.session, handler)
    values = {"case": case_id, "lead": lead, "handlers": [lead, second]}
    writes.run(running.session, FOLLOW_EVENTS, values)
    names = people.officers(running.session, {lead, second})
    return f"本案承办人现为主办{names[lead].name}、协办{names[second].name}。"


def take_away(running: Running, work: WorkItem) -> None:
    """Put a task back among those of its position; what was asked of delegates ends, what was typed stays."""
    work_items.live(running, work)
    end_delegations(running.session, work)
    work.assignee_id = None
    work.claimed_at = None
    work.version += 1


def delegations(parts: Sequence[Involvement]) -> list[Involvement]:
    """Those of a task's involvements that are open delegations."""
    return [p for p in parts if p.part == Part.DELEGATE and p.state == PartState.OPEN]


def end_delegations(session: Session, work: WorkItem, officer_id: int | None = None) -> None:
    """The task is in other hands: nobody prepares it any more for whoever asked, or this officer does not."""
    asked = [Involvement.part == Part.DELEGATE, Involvement.state == PartState.OPEN]
    if officer_id is not None:
        asked.append(Involvement.officer_id == officer_id)
    ended = update(Involvement).where(Involvement.work_item_id == work.id, *asked)
    session.execute(ended.values(state=PartState.REMOVED, answered_at=clock.now()))


def lend_draft(session: Session, work: WorkItem, giver_id: int, receiver_id: int) -> bool:
    """Let the receiver see what the giver has typed into a task's form; the giver keeps it too. Whether there was
    anything."""
    accounts = people.accounts_of(session, (giver_id, receiver_id))
    if giver_id not in accounts or receiver_id not in accounts:
        return False
    scope = f"work:{work.id}"
    typed = forms.load_draft(session, accounts[giver_id].id, scope)
    if typed is None:
        return False
    forms.save_draft(session, accounts[receiver_id].id, scope, typed)
    return True


def names(session: Session, *officer_ids: int | None) -> dict[int, str]:
    """The names of officers."""
    found = people.officers(session, {i for i in officer_ids if i})
    return {i: card.name for i, card in found.items()}


def unconfirmed(work: WorkItem) -> None:
    """What waited for a second officer's confirmation waits to be handed in again; what was entered is kept."""
    work.status = WorkStatus.OPEN
    work.cosigner_id = None


def back_to_hand_in(running: Running, work: WorkItem) -> None:
    """What was handed in and has not taken effect waits to be handed in again, by whoever has it now; those who had
    signed it are asked anew."""
    if work.status == WorkStatus.SIGNING:
        running.sign_rounds = signing.rounds_of(running.session, work.id)
        signing.renew_all(running)
    if work.status in (WorkStatus.COSIGN, WorkStatus.SIGNING):
        unconfirmed(work)


def paired_nodes(spec: engine.Spec) -> list[engine.NodeInfo]:
    """The tasks of a procedure that two officers hand in."""
    nodes = engine.nodes(spec).values()
    return [n for n in nodes if n.kind == "user" and int(n.attributes.get("officers", 0)) > 1]


def handler_candidates(running: Running) -> list[Candidate]:
    """Who may be a handler of the case: whoever may take each task that two officers hand in."""
    rules_ = running.procedure.rules
    kinds: dict[tuple[str, ...], WorkItem] = {}
    for node in paired_nodes(running.spec):
        step = node.attributes.get("step", "")
        groups = sorted(g.name for g in rules_.separation if rules.matches(step, g.steps))
        task = WorkItem(
            node=node.id,
            name=node.name,
            step=step,
            form=node.attributes.get("form", ""),
            position_key=node.position,
            officers=int(node.attributes.get("officers", 0)),
            kind="user",
        )
        kinds.setdefault((node.position, rules_.certificates.get(step, ""), *groups), task)
    found: dict[int, Candidate] = {}
    for task in kinds.values():
        for one in candidates(running, task):
            known = found.setdefault(one.id, one)
            if one.why_not and not known.why_not:
                found[one.id] = replace(known, why_not=one.why_not)
    return list(found.values())


def follow_handlers(running: Running, work: WorkItem, gone: Collection[int], lead: int) -> list[int]:
    """The waiting tasks of two officers go where the handlers went: those of a handler who is `gone`, and those that
    nobody has; what waits for the confirmation of one who is gone, is to be handed in anew. `work` is the task that is
    held under the lock. The tasks that moved."""
    moved = []
    named = running.procedure.rules.facts.get("second", ".").split(".", 1)[0]
    for task in still_open(running.session, running.case.id):
        mine = work if task.id == work.id else task
        if mine.officers < 2:
            continue
        confirming = mine.status in (WorkStatus.COSIGN, WorkStatus.SIGNING) and mine.cosigner_id in gone
        orphan = mine.assignee_id in gone or (mine.assignee_id is None and mine.form != named)
        if not confirming and not orphan:
            continue
        if orphan:
            if mine.assignee_id is not None:
                lend_draft(running.session, mine, mine.assignee_id, lead)
            end_delegations(running.session, mine)
            mine.assignee_id, mine.claimed_at = lead, None
        back_to_hand_in(running, mine)
        mine.version += 1
        moved.append(mine.id)
    return moved


def still_open(session: Session, case_id: int) -> Sequence[WorkItem]:
    """The tasks of a case that officers have in hand or may take."""
    chosen = select(WorkItem).where(
        WorkItem.case_id == case_id,
        WorkItem.kind == "user",
        WorkItem.status.in_(("open", "cosign", "signing")),
    )
    return session.scalars(chosen.order_by(WorkItem.id).execution_options(populate_existing=True)).all()
