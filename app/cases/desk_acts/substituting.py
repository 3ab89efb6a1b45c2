"""What a substitute may do with a task that waits for the person who is away: it does not move by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.kernel.errors import Refused
from app.people import service as people

from .. import acts, rules, stepping, substituting, work_items
from ..gates.persons import CertifiedOfficers
from ..models import WorkStatus
from .base import REASON, DeskAct, Offer, Place


class TakenAsSubstitute(DeskAct):
    """Take a task that waits for somebody one stands in for."""

    name = "taken_as_substitute"
    label = "代为办理"
    hint = "本人不在岗期间，由代理人接办"
    verb = "代为办理"
    statuses = frozenset({WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.LATE})

    def shown(self, place: Place) -> bool:
        return substituting.waits_for(place.session, place.work, place.officer_id) is not None

    def offer(self, place: Place) -> Offer:
        cover = _cover(place)
        barred = _barred(place, cover.officer_id)
        if barred is not None:
            return Offer(why_not=barred.message, article=barred.article)
        role = "协办确认" if place.work.status == WorkStatus.COSIGN else "办理"
        return Offer(
            consequences=(
                f"这项任务改由您{role}，记录和文书写明您代{cover.name}。",
                "您以本人的身份和本人的证件办理，本人应当回避、不得兼任的环节，代理也不能办理。",
                f"期限照常计算。{cover.name}回岗后可以从您处收回。",
            ),
            fields=(),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work, running = place.work, place.running
        cover = _cover(place)
        work_items.live(running, work)
        if work.status == WorkStatus.COSIGN:
            work.cosigner_id = place.officer_id
        else:
            work.assignee_id, work.for_id, work.claimed_at = place.officer_id, cover.officer_id, running.at
        work.version += 1
        detail = {"node": work.node, "officer": cover.officer_id, "name": f"代{cover.name}"}
        acts.note(running, place.actor, f"work.{self.name}", detail, position=work.position_key)
        return f"“{work.name}”已由您代{cover.name}办理。"


class BackFromSubstitute(DeskAct):
    """Take back what a substitute has taken meanwhile."""

    name = "back_from_substitute"
    label = "从代理人处收回"
    hint = "代理人接办的任务，改由本人办理"
    verb = "收回办理"

    def shown(self, place: Place) -> bool:
        return place.work.for_id == place.officer_id and place.work.assignee_id not in (
            None,
            place.officer_id,
        )

    def offer(self, place: Place) -> Offer:
        try:
            acts._may_take(place.running, place.work, place.officer_id)
        except Refused as refused:
            return Offer(why_not=refused.message, article=refused.article)
        name = people.officer(place.session, place.work.assignee_id or 0).name
        return Offer(
            consequences=(
                f"这项任务不再由{name}代为办理，改由您办理。",
                f"{name}填写而没有提交的草稿只有本人能看到。",
            ),
            fields=(REASON,),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work, running = place.work, place.running
        acts._may_take(running, work, place.officer_id)
        work_items.live(running, work)
        detail = {"node": work.node, "officer": work.assignee_id, "reason": given["reason"]}
        work.assignee_id, work.for_id, work.claimed_at = place.officer_id, None, running.at
        work.version += 1
        acts.note(running, place.actor, f"work.{self.name}", detail, position=work.position_key)
        return f"“{work.name}”已收回，由您办理。"


def _cover(place: Place) -> people.CoverCard:
    found = substituting.waits_for(place.session, place.work, place.officer_id)
    if found is None:
        raise Refused("您现在不代理这项任务的承办人员。", code="substitute")
    return found


def _barred(place: Place, absent: int) -> Refused | None:
    """What keeps the substitute, as the person they are, out of the task."""
    running, work = place.running, place.work
    handlers = {h.officer_id for h in running.handlers}
    if work.officers > 1 and {absent, place.officer_id} <= handlers:
        return Refused(
            "您是本案的另一名承办人员。须由两人办理的环节，不能由一人兼作两人。",
            code="substitute",
            article=rules.TWO_OFFICERS,
        )
    signing: Sequence[int] = [place.officer_id]
    gates = rules.PERSON_GATES
    if work.status == WorkStatus.COSIGN:
        signing, gates = [work.assignee_id or 0, place.officer_id], (*gates, CertifiedOfficers())
    signers = [stepping.signer(place.session, who, running.at) for who in signing]
    try:
        stepping.guard(stepping.facts_of(running, work, signers, running.case.attributes), gates)
    except Refused as refused:
        return refused
    return None
