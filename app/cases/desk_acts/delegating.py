"""委派: another holder of the position prepares a task and gives it back. Handing it in stays with the assignee."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.kernel.errors import Refused
from app.people import service as people

from .. import acts, awaiting, hands, work_items
from ..locking import Running
from ..models import Involvement, Part, PartState, WorkItem
from .base import REASON, DeskAct, Field, Kind, Offer, Option, Place


def _name(place: Place, officer_id: int) -> str:
    return people.officer(place.session, officer_id).name


def _note(place: Place, kind: str, officer_id: int, reason: str) -> None:
    detail = {
        "node": place.work.node,
        "officer": officer_id,
        "person": _name(place, officer_id),
        "reason": reason,
    }
    acts.note(place.running, place.actor, kind, detail, position=place.work.position_key)


class Delegate(DeskAct):
    """The assignee asks somebody to prepare the task."""

    name = "delegate"
    label = "委派"
    hint = "请同岗的一名人员先办理填写，交回后由您核对提交"
    verb = "委派"

    def shown(self, place: Place) -> bool:
        return place.mine and place.work.kind == "user" and not hands.delegations(place.parts)

    def offer(self, place: Place) -> Offer:
        options = [
            Option(str(c.id), c.name, f"在办 {c.load} 件", c.why_not)
            for c in hands.candidates(place.running, place.work, signs=False)
            if c.id != place.officer_id
        ]
        note = Field("note", "委派事项", hint="写明请对方做什么，对方办理时看到，并写入案件记录。")
        return Offer(
            (
                "对方看到任务、案件和您已经填写的草稿，可以填写办理内容，但不能提交。",
                "对方交回以前，您不能提交；您可以随时收回委派。",
                "对方交回后，即视为参加过本案这一环节，依法须分离的后续环节不能再由其办理。",
                "办理责任和签名仍由您承担，办理期限照常计算。",
            ),
            (Field("to", "受委派人员", Kind.CHOICE, options=options), note),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work, to = place.work, int(given["to"])
        if lawful := hands.refusal(place.running, work, to, signs=False):
            raise Refused(lawful.message, code=lawful.gate, article=lawful.article)
        work_items.live(place.running, work)
        place.session.add(
            Involvement(
                case_id=work.case_id,
                work_item_id=work.id,
                agency_id=work.agency_id,
                officer_id=to,
                part=Part.DELEGATE,
                by_id=place.officer_id,
                at=place.running.at,
                said={"note": given["note"]},
            )
        )
        hands.lend_draft(place.session, work, place.officer_id, to)
        work.version += 1
        _note(place, "work.delegate", to, given["note"])
        return f"已委派{_name(place, to)}办理“{work.name}”，交回后由您提交。"


class Prepared(DeskAct):
    """The delegate gives the task back with what was prepared."""

    name = "prepared"
    label = "交回委派"
    hint = "办理填写完毕，交回承办人核对提交"
    verb = "交回"
    beside_case = True

    def shown(self, place: Place) -> bool:
        return place.part(Part.DELEGATE) is not None

    def offer(self, place: Place) -> Offer:
        part = place.part(Part.DELEGATE)
        owner = _name(place, part.by_id) if part else ""
        return Offer(
            (
                f"您填写的内容交给{owner}，由{owner}核对后提交；交回后您不能再修改。",
                "您即视为参加过本案这一环节，依法须分离的后续环节不能再由您办理。",
            ),
            (Field("note", "办理说明", hint="写明做了什么、哪些内容请承办人注意，写入案件记录。"),),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        part = place.part(Part.DELEGATE)
        assert part is not None  # noqa: S101 - `shown`
        work, owner = place.work, part.by_id
        if lawful := hands.refusal(place.running, work, place.officer_id, signs=False):
            raise Refused(lawful.message, code=lawful.gate, article=lawful.article)
        work_items.live(place.running, work)
        hands.lend_draft(place.session, work, place.officer_id, owner)
        part.state = PartState.DONE
        part.answered_at = place.running.at
        part.said = {**(part.said or {}), "opinion": given["note"]}
        work.version += 1
        _note(place, "work.prepared", owner, given["note"])
        return f"“{work.name}”已交回{_name(place, owner)}，由其核对后提交。"


class TakeBack(DeskAct):
    """The assignee takes a delegation back."""

    name = "take_back"
    label = "收回委派"
    hint = "不再由受委派人员办理，您可以自己填写提交"
    verb = "收回委派"

    def shown(self, place: Place) -> bool:
        return place.mine and bool(hands.delegations(place.parts))

    def offer(self, place: Place) -> Offer:
        name = _name(place, hands.delegations(place.parts)[0].officer_id)
        return Offer(
            (
                f"{name}不再看到这项任务，其尚未交回的内容不带回来。",
                "您委派以前填写的草稿仍在，可以继续填写、提交。",
            ),
            (REASON,),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work = place.work
        work_items.live(place.running, work)
        for part in hands.delegations(place.parts):
            part.state = PartState.REMOVED
            part.answered_at = place.running.at
            _note(place, "work.take_back", part.officer_id, given["reason"])
        work.version += 1
        return f"已收回“{work.name}”的委派，由您办理。"


def _hold(running: Running, work: WorkItem, awaited: Sequence[Involvement]) -> None:
    """Whoever was asked to prepare the task must have answered before it is handed in."""
    for part in hands.delegations(awaited):
        name = people.officer(running.session, part.officer_id).name
        raise Refused(
            f"已委派{name}办理，还没有交回。请等{name}交回，或者先收回委派，再提交。您填写的内容没有丢失。",
            code="delegated",
        )


awaiting.HOLDS.append(_hold)
