"""What moves no task: letting others read it (抄送), urging whoever has it (催办), keeping an eye on it (关注)."""

from collections.abc import Mapping
from typing import Any

from app.kernel import clock
from app.kernel.errors import Refused
from app.people import service as people

from .. import acts, attention
from ..desk_settings import gives_out, settings
from ..models import Involvement, Part, PartState, Urging, WorkStatus
from .base import DeskAct, Field, Kind, Offer, Option, Place

WAITING = frozenset({WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.LATE})


class Copy(DeskAct):
    """Let officers of the agency read a task and its case."""

    name = "copy"
    label = "抄送"
    hint = "请本机关其他人员阅知，对方只能查看"
    verb = "抄送"
    statuses = frozenset({WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.DONE})
    beside_case = True
    onlooker = True

    def shown(self, place: Place) -> bool:
        work = place.work
        mine = place.officer_id in (work.assignee_id, work.cosigner_id, work.done_by)
        return work.kind == "user" and (mine or gives_out(place.actor, work.position_key))

    def offer(self, place: Place) -> Offer:
        there = {p.officer_id for p in place.parts if p.part == Part.COPY}
        positions = people.position_names(place.session)
        options = [
            Option(
                str(card.id),
                card.name,
                "、".join(positions.get(key, key) for key in sorted(card.positions)),
                "已经抄送" if card.id in there else "",
            )
            for card in people.officers_at(place.session, place.work.agency_id)
            if card.id not in (place.officer_id, place.work.assignee_id)
        ]
        most = settings().copies
        hint = f"可选择一人或者多人，一次最多 {most} 人。"
        to = Field("to", "抄送人员", Kind.CHOICES, hint=hint, options=options, most=most)
        note = Field("note", "附言", Kind.LINE, hint="对方打开时看到。", required=False, most=200)
        return Offer(
            (
                "抄送人员可以查看这项任务和案件，不能办理。",
                "抄送不改变承办人员和办理期限，写入案件记录。",
            ),
            (to, note),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work = place.work
        chosen = [int(one) for one in given["to"]]
        for officer_id in chosen:
            place.session.add(
                Involvement(
                    case_id=work.case_id,
                    work_item_id=work.id,
                    agency_id=work.agency_id,
                    officer_id=officer_id,
                    part=Part.COPY,
                    by_id=place.officer_id,
                    at=place.running.at,
                    said={"note": given["note"]},
                )
            )
        found = people.officers(place.session, chosen)
        names = "、".join(found[i].name for i in chosen)
        detail: dict[str, Any] = {"node": work.node, "officers": chosen, "person": names}
        if given["note"]:
            detail["reason"] = given["note"]
        acts.note(place.running, place.actor, "work.copy", detail)
        return f"“{work.name}”已抄送{names}。"


class Urge(DeskAct):
    """Ask whoever has a task to get on with it."""

    name = "urge"
    label = "催办"
    hint = "提醒现在应当办理的人员"
    verb = "催办"
    statuses = WAITING
    onlooker = True
    beside_case = True

    def shown(self, place: Place) -> bool:
        return place.work.kind == "user" and self._waits_for(place) != place.officer_id

    def offer(self, place: Place) -> Offer:
        wait = settings().urge_again
        last = attention.last_urging(place.session, place.work.id, place.officer_id)
        if last and clock.now() < last + wait:
            hours = int(wait.total_seconds() // 3600)
            again, before = ((m.astimezone(clock.CHINA)) for m in (last + wait, last))
            return Offer(
                why_not=f"您已于 {before:%m-%d %H:%M} 催办过这项任务，{hours} 小时内不重复催办，"
                f"{again:%m-%d %H:%M} 以后可以再催。"
            )
        to = self._waits_for(place)
        name = people.officer(place.session, to).name if to else ""
        whom = (
            f"{name}在待办中看到催办的次数和您的话。"
            if to
            else "这项任务还没有人签收，担任该岗位的人员都能看到催办。"
        )
        note = Field("note", "催办的话", Kind.LINE, hint="如：当事人已来电询问，请本周内办结。", most=100)
        return Offer((whom, "催办不改变承办人员和办理期限，写入案件记录。"), (note,))

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work, to = place.work, self._waits_for(place)
        place.session.add(
            Urging(
                case_id=work.case_id,
                work_item_id=work.id,
                agency_id=work.agency_id,
                by_id=place.officer_id,
                officer_id=to,
                at=clock.now(),
                said={"note": given["note"]},
            )
        )
        name = people.officer(place.session, to).name if to else "本岗位全体人员"
        detail = {"node": work.node, "officer": to, "person": name, "reason": given["note"]}
        acts.note(place.running, place.actor, "work.urge", detail)
        return f"已催办“{work.name}”，{name}会看到您的话。"

    @staticmethod
    def _waits_for(place: Place) -> int | None:
        work = place.work
        return work.cosigner_id if work.status == WorkStatus.COSIGN else work.assignee_id


class Watch(DeskAct):
    """Keep an eye on a task that others handle."""

    name = "watch"
    label = "关注"
    hint = "列入我的关注，随时查看办到哪一步"
    verb = "关注"
    statuses = WAITING
    onlooker = True
    beside_case = True

    def shown(self, place: Place) -> bool:
        return place.work.kind == "user" and not place.mine and place.part(Part.WATCH) is None

    def offer(self, place: Place) -> Offer:
        return Offer(
            ("这项任务列入您的“关注”，不改变承办人员，也不通知对方。", "关注不增加您的查看权限。"), ()
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work = place.work
        place.session.add(
            Involvement(
                case_id=work.case_id,
                work_item_id=work.id,
                agency_id=work.agency_id,
                officer_id=place.officer_id,
                part=Part.WATCH,
                by_id=place.officer_id,
                at=place.running.at,
            )
        )
        acts.note(place.running, place.actor, "work.watch", {"node": work.node})
        return f"已关注“{work.name}”。"


class Unwatch(DeskAct):
    """Watch a task no longer."""

    name = "unwatch"
    label = "取消关注"
    hint = "从我的关注中移除"
    verb = "取消关注"
    statuses = frozenset(WorkStatus)
    closed = True
    onlooker = True
    beside_case = True

    def shown(self, place: Place) -> bool:
        return place.part(Part.WATCH) is not None

    def offer(self, place: Place) -> Offer:
        return Offer(("这项任务不再列入您的“关注”。",), ())

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        part = place.part(Part.WATCH)
        if part is None:
            raise Refused("您没有关注这项任务。", code="not_watched")
        part.state = PartState.REMOVED
        part.answered_at = place.running.at
        acts.note(place.running, place.actor, "work.unwatch", {"node": place.work.node})
        return f"已取消关注“{place.work.name}”。"
