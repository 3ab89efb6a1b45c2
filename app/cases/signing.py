"""Rounds of signing around a task: whom it waits for, what a failed one demands, how a round is settled and ended.

The acts of the people stand in `desk_acts.signing`; what a settled round does to a task that was handed in, in `acts`.
Nothing agrees by itself: a round has members, and only their answers settle it.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import writes
from app.kernel.errors import Refused
from app.people import service as people

from . import sign_rules
from .models import Involvement, Part, PartState, SignRound, WorkItem, WorkStatus
from .sign_models import RoundKind, RoundRule, RoundState

if TYPE_CHECKING:
    from .locking import Running

KINDS = {RoundKind.BEFORE: "先签", RoundKind.PARALLEL: "同时签", RoundKind.AFTER: "后签"}
RULES = {
    RoundRule.ALL: "全部同意",
    RoundRule.ANY: "一人同意",
    RoundRule.RATIO: "按比例同意",
    RoundRule.SEQUENCE: "依次同意",
    RoundRule.VOTE: "表决",
}
ARTICLE = "上下环节意见不一致必须阐述具体理由（S2-22）"
LEAVE = """
update involvement set state = 'removed' where work_item_id = %(work)s and part = 'signer' and state = 'open'
"""


def rounds_of(session: Session, work_item_id: int) -> Sequence[SignRound]:
    """The rounds of a task that were not cancelled, oldest first."""
    chosen = select(SignRound).where(
        SignRound.work_item_id == work_item_id, SignRound.state != RoundState.CANCELLED
    )
    return session.scalars(chosen.order_by(SignRound.id)).all()


def members_of(session: Session, round_ids: Collection[int]) -> Sequence[Involvement]:
    """The members of rounds who were not removed, in their order."""
    chosen = select(Involvement).where(
        Involvement.round_id.in_(sorted(round_ids)),
        Involvement.part == Part.SIGNER,
        Involvement.state != PartState.REMOVED,
    )
    return session.scalars(chosen.order_by(Involvement.round_id, Involvement.place, Involvement.id)).all()


def rule_words(found: SignRound) -> str:
    """The rule of a round in words."""
    return f"{found.percent}% 以上同意" if found.percent else RULES[RoundRule(found.rule)]


AWAITED = """
select i.work_item_id, i.part, i.id from involvement i left join sign_round r on r.id = i.round_id
where i.officer_id = {me} and i.state = 'open' and i.part in ('delegate', 'signer') and (r.id is null or
    (r.kind <> 'after' or exists (select from work_item h where h.id = i.work_item_id and h.status = 'signing'))
    and (r.rule <> 'sequence' or r.state <> 'failed' and not exists (select from involvement e
        where e.round_id = r.id and e.part = 'signer' and e.state = 'open' and e.place < i.place)))
"""
"""What a person is asked for and may give now, as `turn_of` says it of a task at hand: `me` is the parameter's name."""


def turn_of(
    work: WorkItem, rounds: Sequence[SignRound], parts: Sequence[Involvement], officer_id: int
) -> Involvement | None:
    """The part in which this person may answer now: of a round that waits, in its order, and after the handing in
    where the round comes after it."""
    of_round = {found.id: found for found in rounds}
    for mine in parts:
        found = of_round.get(mine.round_id or 0)
        if mine.officer_id != officer_id or mine.state != PartState.OPEN or found is None:
            continue
        waiting = [p.place for p in parts if p.round_id == found.id and p.state == PartState.OPEN]
        ripe = found.kind != RoundKind.AFTER or work.status == WorkStatus.SIGNING
        ended = found.rule == RoundRule.SEQUENCE and found.state == RoundState.FAILED
        if ripe and not ended and sign_rules.is_turn(found.rule, mine.place, waiting):
            return mine
    return None


def waits(running: "Running") -> list[SignRound]:
    """The rounds that must be settled before what is handed in takes effect."""
    return [found for found in running.sign_rounds or () if found.state == RoundState.OPEN]


def hold(running: "Running", work: WorkItem, awaited: Sequence[Involvement]) -> None:
    """Refuse to hand in before those have answered who are to answer first (`awaiting.HOLDS`)."""
    first = {found.id: found for found in waits(running) if found.kind == RoundKind.BEFORE}
    if not first:
        return
    still = [part.officer_id for part in awaited if part.round_id in first]
    if not still:
        raise Refused(
            f"“{work.name}”的先签表决还没有形成结果，请先在“其他处理”中结束会签并填写表决纪要。",
            code="signing",
        )
    names = people.officers(running.session, set(still))
    told = "、".join(names[officer_id].name for officer_id in still)
    raise Refused(
        f"“{work.name}”须先由{told}签署意见，现在还不能提交。不再需要的，可以在“其他处理”中减签或者撤销会签。",
        code="signing",
    )


def dissent(running: "Running") -> str:
    """Why handing in all the same needs a written reason; empty: it needs none. A failed round after the handing in
    is asked again instead."""
    failed = [
        found
        for found in running.sign_rounds or ()
        if found.state == RoundState.FAILED and not found.dealt and found.kind != RoundKind.AFTER
    ]
    if not failed:
        return ""
    return "会签没有达成同意，仍要提交的，请写明不采纳会签意见的理由。"


def advice(running: "Running") -> str:
    """What the assignee has to know of failed rounds before handing in; empty: nothing."""
    failed = [f for f in running.sign_rounds or () if f.state == RoundState.FAILED and not f.dealt]
    if any(found.kind == RoundKind.AFTER for found in failed):
        return "会签没有达成同意。请按会签意见修改；再次提交后，仍由原会签人员签署。"
    return dissent(running)


def deal(running: "Running", with_opinion: bool) -> None:
    """What was handed in says in its opinion why failed rounds are not followed.

    Raises:
        Refused: the form asks for no opinion, and nobody has explained it elsewhere.
    """
    if not (told := dissent(running)):
        return
    if not with_opinion:
        raise Refused(
            f"{told}本表没有意见栏，请先在“其他处理”中选择“说明不采纳会签意见的理由”。",
            code="signing",
            article=ARTICLE,
        )
    for found in running.sign_rounds or ():
        if found.state == RoundState.FAILED and found.kind != RoundKind.AFTER:
            running.session.get_one(SignRound, found.id).dealt = found.dealt = True


def ask_again(running: "Running") -> None:
    """What was changed after signers had disagreed is put before the same signers again."""
    for found in list(running.sign_rounds or ()):
        if found.kind == RoundKind.AFTER and found.state == RoundState.FAILED and not found.dealt:
            _renew(running, found)


def renew_all(running: "Running") -> None:
    """A task goes back to be changed: whoever has agreed to what was handed in has not agreed to what will be."""
    for found in list(running.sign_rounds or ()):
        if found.kind == RoundKind.AFTER and found.state in (RoundState.OPEN, RoundState.AGREED):
            _renew(running, found)


def _renew(running: "Running", old: SignRound) -> None:
    session = running.session
    row = session.get_one(SignRound, old.id)
    members = members_of(session, [old.id])
    if not members:  # who was asked has dropped out
        row.state, row.settled_at = RoundState.CANCELLED, running.at
        session.flush()
        running.sign_rounds = rounds_of(session, row.work_item_id)
        return
    again = SignRound(
        case_id=row.case_id, work_item_id=row.work_item_id, agency_id=row.agency_id, kind=row.kind, rule=row.rule,
        percent=row.percent, by_id=row.by_id, at=running.at, said={"note": (row.said or {}).get("note", "")},
    )  # fmt: skip
    session.add(again)
    session.flush()
    for member in members:
        session.add(signer(again, member.officer_id, member.place))
        if member.state == PartState.OPEN:
            member.state = PartState.REMOVED
    row.dealt = True
    if row.state != RoundState.FAILED:
        row.state = RoundState.CANCELLED
        row.settled_at = running.at
    session.flush()
    running.sign_rounds = rounds_of(session, row.work_item_id)


def signer(found: SignRound, officer_id: int, place: int) -> Involvement:
    """A member of a round, from whom an answer is awaited."""
    return Involvement(
        case_id=found.case_id, work_item_id=found.work_item_id, agency_id=found.agency_id, officer_id=officer_id,
        part=Part.SIGNER, by_id=found.by_id, at=found.at, round_id=found.id, place=place,
    )  # fmt: skip


def took_part(running: "Running", work: WorkItem, officer_id: int, stance: str) -> None:
    """Somebody has said their opinion on a task in another room (a vote in a meeting): for the separation of persons
    this is taking part in its step, and they may see it from now on."""
    running.session.add(
        Involvement(
            case_id=work.case_id, work_item_id=work.id, agency_id=work.agency_id, officer_id=officer_id,
            part=Part.SIGNER, state=PartState.DONE, by_id=officer_id, at=running.at, stance=stance,
            answered_at=running.at,
        )
    )  # fmt: skip


def not_twice(running: "Running", second: int) -> None:
    """Refuse a second officer who is also asked to sign: one person gives one opinion.

    Raises:
        Refused: the second officer is among the signers from whom an answer is awaited or was given.
    """
    if any(
        m.officer_id == second for m in members_of(running.session, [found.id for found in waits(running)])
    ):
        raise Refused(
            "协办人员同时是会签人员，一人不能作两次意见。请先减签，或者另行指定协办人员。", code="signing"
        )


def settle(running: "Running", found: SignRound) -> RoundState | None:
    """Settle a round if its answers do; the outcome this very answer brought."""
    if found.state != RoundState.OPEN:
        return None
    members = members_of(running.session, [found.id])
    stances = [m.stance for m in members if m.state == PartState.DONE]
    outcome = sign_rules.settled(found.rule, found.percent, stances, len(members) - len(stances))
    if outcome is not None:
        decide(running, found, outcome)
    return outcome


def decide(running: "Running", found: SignRound, outcome: RoundState) -> None:
    """Give a round its outcome, or open it again."""
    found.state = outcome
    found.settled_at = None if outcome == RoundState.OPEN else running.at
    running.session.flush()
    running.sign_rounds = rounds_of(running.session, found.work_item_id)


def leave(running: "Running", work: WorkItem) -> None:
    """The task is done: nobody has to answer any more."""
    if running.sign_rounds:
        writes.run(running.session, LEAVE, {"work": work.id})


def end_all(running: "Running", work: WorkItem, reason: str) -> list[int]:
    """End every open round of a task that goes another way (returned, withdrawn), with the reason in the round; whoever
    has not answered need not any more. The ids of the rounds ended, for the record of the act that calls this.

    Answers that were given stand: who signed has taken part.
    """
    ended = []
    for found in rounds_of(running.session, work.id):
        if found.state == RoundState.OPEN:
            cancel(running, found, reason)
            ended.append(found.id)
    return ended


def cancel(running: "Running", found: SignRound, reason: str) -> None:
    """End one round without an outcome."""
    for member in members_of(running.session, [found.id]):
        if member.state == PartState.OPEN:
            member.state = PartState.REMOVED
    found.said = {**(found.said or {}), "reason": reason}
    decide(running, found, RoundState.CANCELLED)
