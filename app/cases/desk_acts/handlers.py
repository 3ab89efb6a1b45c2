"""更换承办人: a head names another lead or second officer of a case."""

from collections.abc import Mapping
from typing import Any

from app.kernel.errors import Invalid

from .. import acts, hands
from ..desk_settings import is_head
from ..models import WorkStatus
from .base import REASON, DeskAct, Field, Kind, Offer, Option, Place

ROLES = {"lead": "主办", "second": "协办"}


class Handler(DeskAct):
    """Other officers handle the case from now on."""

    name = "handler"
    label = "更换承办人"
    hint = "另行指定本案的主办或者协办人员"
    verb = "更换承办人"
    statuses = frozenset({WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.SIGNING})
    beside_case = True
    onlooker = True

    def shown(self, place: Place) -> bool:
        return place.work.kind == "user" and len(place.running.handlers) > 1 and is_head(place.actor)

    def offer(self, place: Place) -> Offer:
        running = place.running
        now = {h.role: h.officer_id for h in running.handlers}
        names = hands.names(place.session, *now.values())
        options = [
            Option(str(c.id), c.name, f"在办 {c.load} 件", c.why_not)
            for c in hands.handler_candidates(running)
        ]
        fields = [
            Field(
                role,
                f"新的{word}人员",
                Kind.CHOICE,
                hint=f"现在是{names[now[role]]}，不选择的不变。",
                options=[o for o in options if int(o.value) != now[role]],
                required=False,
            )
            for role, word in ROLES.items()
        ]
        return Offer(
            (
                "此后须两人办理的环节由新的承办人办理、确认。",
                "原承办人手中须两人办理的任务交给新的主办人员，已经填写的草稿一并带去；已提交待确认、待会签的，退回由新的承办人核对后重新提交。",
                "原承办人已经办结的环节和签名不变；办理期限照常计算。",
            ),
            (*fields, REASON),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        running = place.running
        now = {h.role: h.officer_id for h in running.handlers}
        new = {role: int(given[role] or 0) or now[role] for role in ROLES}
        if new == now:
            raise Invalid(errors={"lead": ["请选择新的主办或者协办人员。"]})
        if new["lead"] == new["second"]:
            raise Invalid(errors={"second": ["主办和协办须是两名不同的人员。"]})
        able = {c.id: c for c in hands.handler_candidates(running)}
        for role, officer_id in new.items():
            why = able[officer_id].why_not if officer_id in able else "不再是本机关担任该岗位的在职人员"
            if why:
                raise Invalid(errors={role: [f"{ROLES[role]}人员须另选一名：{why}"]})
        gone = set(now.values()) - set(new.values())
        told = hands.set_handlers(running, new["lead"], new["second"])
        moved = hands.follow_handlers(running, place.work, gone, new["lead"])
        detail: dict[str, Any] = {
            "node": place.work.node,
            "handlers": new,
            "before": now,
            "person": told.rstrip("。"),
            "reason": given["reason"],
        }
        if moved:
            detail["tasks"] = moved
        acts.note(running, place.actor, "work.handler", detail)
        return told
