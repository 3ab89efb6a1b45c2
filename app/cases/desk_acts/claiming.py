"""Giving back what one has taken (退回公共待办). Taking it is `acts.claim`."""

from collections.abc import Mapping
from typing import Any

from .. import acts, hands, work_items
from .base import DeskAct, Offer, Place


class Release(DeskAct):
    """Put a claimed task back among those of the position."""

    name = "release"
    label = "取消签收"
    hint = "放回本岗位的公共待办，由其他同岗人员签收"
    verb = "取消签收"

    def shown(self, place: Place) -> bool:
        return place.mine and place.work.claimed_at is not None and place.work.kind == "user"

    def offer(self, place: Place) -> Offer:
        if hands.delegations(place.parts):
            return Offer(why_not="您已委派他人办理这项任务，请先收回委派，再取消签收。")
        kept = "您填写的草稿会保留，再次签收后可以继续。" if place.running.draft else ""
        return Offer(
            consequences=(
                "任务回到本岗位的公共待办，同岗人员都能看到并签收。" + kept,
                "期限照常计算，不因取消签收重新开始。",
            )
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work = place.work
        work_items.live(place.running, work)
        work.assignee_id = None
        work.for_id = None
        work.claimed_at = None
        work.version += 1
        detail = {"node": work.node, "reason": given["reason"]}
        acts.note(place.running, place.actor, "work.release", detail, position=work.position_key)
        return f"“{work.name}”已放回公共待办。"
