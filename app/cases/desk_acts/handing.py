"""A task goes to another holder of its position: the assignee hands it on (转办), or a head gives it out (分派)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.people import service as people

from .. import acts, hands
from ..desk_settings import gives_out
from ..models import WorkStatus
from .base import REASON, DeskAct, Field, Kind, Offer, Option, Place

POOL = "pool"
DUE = "办理期限照常计算，不重新开始。"
HANDED_IN = frozenset({WorkStatus.COSIGN, WorkStatus.SIGNING})
SIGNING = "这项任务已经提交，正等会签人员签署，不能再{label}。需要更换人员的，请承办人先撤回。"
COSIGN = "这项任务已经提交，正等{second}确认，不能再{label}。需要更换人员的，请{second}先退回修改。"


def _to(place: Place, but: Collection[int | None], more: Sequence[Option] = ()) -> Field:
    """Who may take the task, with what each has in hand and what is in the way."""
    found = [
        Option(str(c.id), c.name, f"在办 {c.load} 件", c.why_not)
        for c in hands.candidates(place.running, place.work)
        if c.id not in but
    ]
    return Field("to", "接手人员", Kind.CHOICE, options=(*found, *more))


def _second(place: Place) -> list[Field]:
    """The other one of two officers, where the task asks for two and its own form does not name them."""
    pair = hands.pair_of(place.running, place.work)
    if not pair:
        return []
    other = hands.names(place.session, pair[1])[pair[1]]
    hint = f"不选择的，由{other}继续共同办理；接手的就是{other}的，须另选一名。"
    options = [
        Option(str(c.id), c.name, f"在办 {c.load} 件", c.why_not)
        for c in hands.candidates(place.running, place.work)
    ]
    return [Field("second", "共同办理的人员", Kind.CHOICE, hint=hint, options=options, required=False)]


def _follows(place: Place) -> list[str]:
    lines = ["接手人员在“我的待办”中看到这项任务，您已经填写的草稿一并带去。" if place.mine else
             "接手人员在“我的待办”中看到这项任务；原承办人员已经填写的草稿一并带去。"]  # fmt: skip
    if hands.pair_of(place.running, place.work):
        lines.append("须两人办理：接手人员成为本案承办人，后面须两人办理的环节也随之交给新的承办人。")
    lines.append(DUE)
    return lines


def _handed_in(place: Place, label: str) -> Offer:
    if place.work.status == WorkStatus.SIGNING:
        return Offer(why_not=SIGNING.format(label=label))
    second = hands.names(place.session, place.work.cosigner_id).get(place.work.cosigner_id or 0, "协办人员")
    return Offer(why_not=COSIGN.format(second=second, label=label))


def _note(place: Place, kind: str, given: Mapping[str, Any], officer_id: int, told: str) -> str:
    name = people.officer(place.session, officer_id).name
    detail = {"node": place.work.node, "officer": officer_id, "person": name, "reason": given["reason"]}
    if told:
        detail |= {"handlers": {h.role: h.officer_id for h in place.running.handlers}, "told": told}
    acts.note(place.running, place.actor, kind, detail, position=place.work.position_key)
    return name


class Transfer(DeskAct):
    """The assignee gives the task to another holder of the position."""

    name = "transfer"
    label = "转办"
    hint = "交给同岗的另一名人员办理"
    verb = "转办"
    statuses = frozenset({WorkStatus.OPEN, *HANDED_IN})

    def shown(self, place: Place) -> bool:
        return place.mine and place.work.kind == "user"

    def offer(self, place: Place) -> Offer:
        if place.work.status in HANDED_IN:
            return _handed_in(place, self.label)
        if asked := hands.delegations(place.parts):
            name = hands.names(place.session, asked[0].officer_id)[asked[0].officer_id]
            return Offer(why_not=f"您已委派{name}办理，请先收回委派，再转办。")
        fields = (_to(place, {place.officer_id}), *_second(place), REASON)
        return Offer((*_follows(place), "您不再是这项任务的承办人员，仍可查看案件。"), fields)

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        to = int(given["to"])
        second = int(given.get("second") or 0) or None
        told = hands.give(place.running, place.work, to, second)
        name = _note(place, "work.transfer", given, to, told)
        return f"“{place.work.name}”已转给{name}办理。{told}"


class Assign(DeskAct):
    """A head gives a task out, or takes it from one person and gives it to another or to the pool."""

    name = "assign"
    label = "分派"
    hint = "指定由谁办理；已有承办人员的改派给他人或者放回公共待办"
    verb = "分派"
    statuses = frozenset({WorkStatus.OPEN, *HANDED_IN})
    beside_case = True
    onlooker = True

    def shown(self, place: Place) -> bool:
        return place.work.kind == "user" and gives_out(place.actor, place.work.position_key)

    def offer(self, place: Place) -> Offer:
        work = place.work
        if work.status in HANDED_IN:
            return _handed_in(place, self.label)
        lines = _follows(place)
        more: Sequence[Option] = ()
        if work.assignee_id:
            now = hands.names(place.session, work.assignee_id)[work.assignee_id]
            lines.insert(0, f"现在由{now}承办，分派以后不再由{now}办理。")
            more = (Option(POOL, "放回公共待办", "由担任该岗位的人员签收"),)
        if asked := hands.delegations(place.parts):
            name = hands.names(place.session, asked[0].officer_id)[asked[0].officer_id]
            lines.append(f"现在委派{name}办理的，随分派终止。")
        return Offer(lines, (_to(place, {work.assignee_id}, more), *_second(place), REASON))

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work = place.work
        if given["to"] == POOL:
            hands.take_away(place.running, work)
            detail = {"node": work.node, "person": "公共待办", "reason": given["reason"]}
            acts.note(place.running, place.actor, "work.assign", detail)
            return f"“{work.name}”已放回公共待办。"
        to = int(given["to"])
        second = int(given.get("second") or 0) or None
        told = hands.give(place.running, work, to, second)
        name = _note(place, "work.assign", given, to, told)
        return f"“{work.name}”已分派给{name}办理。{told}"
