"""按机关设置重新确定去向: a case that came to a decision before its agency switched a demand on takes the way it would
have taken under it. The gate stands in its way until then."""

from collections.abc import Mapping
from typing import Any

from app.kernel.errors import Refused

from .. import returning, rules, switches, thresholds, work_items
from ..cutting import Cut, History
from .base import REASON, DeskAct, Offer, Place
from .returning import NO_TRAIL, effects

SAME = "本案的去向不因机关设置改变，请照常办理。"


class Reroute(DeskAct):
    """Let the last act be judged by what the agency demands now."""

    name = "reroute"
    label = "按机关设置重新确定去向"
    hint = "本机关后来提出的要求（如全量法制审核、更低的重大执法决定标准）适用于本案时，转入应当先办理的环节"
    verb = "重新确定去向"

    def shown(self, place: Place) -> bool:
        if not place.mine or place.work.kind != "user":
            return False
        guarded = [proof.before for proof in place.running.procedure.rules.reviews]
        step = place.work.step
        return any(rules.matches(step, before) for before in guarded) and bool(_demanded(place))

    def offer(self, place: Place) -> Offer:
        found = way(place)
        if found is None:
            return Offer(why_not=NO_TRAIL if History.of(place.running) is None else SAME)
        _, cut = found
        if cut.refusal:
            return Offer(why_not=cut.refusal, article=cut.article)
        _, opened = returning.live_tasks(place.running, cut)
        labels = place.running.procedure.rules.labels
        demanded = "、".join(labels[name] for name in _demanded(place))
        names = "、".join(task.name for task in opened)
        told = [
            f"本案适用“{demanded}”，转入“{names}”。",
            "以前办结的环节、签名和文书不变；法定期限不重新计算。",
        ]
        told += [line for line in effects(place, cut) if not line.startswith("作废：")]
        return Offer(consequences=told, fields=(REASON,))

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work_items.live(place.running, place.work)
        found = way(place)
        if found is None:
            raise Refused(SAME, code="work.reroute")
        history, cut = found
        _, opened = returning.live_tasks(place.running, cut)
        reason = given["reason"]
        returning.take_back(place.running, place.actor, history, cut, "work.reroute", reason, place.work)
        names = "、".join(task.name for task in opened)
        return f"“{place.work.name}”已按机关设置转入“{names}”。"


def _demanded(place: Place) -> list[str]:
    """The attributes that are true because the agency says so: by a switch, or by its own thresholds."""
    own = thresholds.of_case(place.running, place.running.case.attributes)
    return [*switches.of_case(place.running), *(name for name, true in own.items() if true)]


def way(place: Place) -> tuple[History, Cut] | None:
    """The case as it would stand, had the last act before this task been done under today's demands; None where it
    would wait at this task all the same."""
    history = History.of(place.running)
    for n in reversed(range(len(history.acts))) if history else ():
        cut = history.rerouted(n) if history else None
        if (
            history
            and cut
            and any(task.id == place.work.task_id for task in returning.live_tasks(place.running, cut)[0])
        ):
            return history, cut
    return None
