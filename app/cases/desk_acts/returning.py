"""退回: the one who is to do a task gives the case back to an earlier step."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.deadlines.models import Clock
from app.kernel.clock import CHINA
from app.kernel.errors import Refused
from app.people import service as people

from .. import returning, work_items
from ..cutting import Cut, History
from ..models import Submission, WorkItem
from .base import REASON, DeskAct, Field, Kind, Offer, Option, Place

NO_TRAIL = (
    "更早的环节没有流转轨迹（平台升级或者案件迁移到新版本以前办理），不能选择；只能退回到此后办理的环节。"
)
MOST = 3
"""Names in a list."""
NOTHING = "这项任务之前没有可以退回的环节。"


class Return(DeskAct):
    """Give the case back to a step on which this task builds."""

    name = "return"
    label = "退回"
    hint = "退回到以前办理的环节重新办理，依据它作出的审核、审批一并作废"
    verb = "退回"

    def shown(self, place: Place) -> bool:
        return place.mine and place.work.kind == "user"

    def offer(self, place: Place) -> Offer:
        history = History.of(place.running)
        options = [_option(place, cut) for cut in cuts(place, history)] if history else []
        earlier = _untold(place, history)
        if not options:
            return Offer(why_not=NO_TRAIL if earlier else NOTHING)
        told = (
            "所选环节和依据它办理的环节作废，须重新办理；以前提交的内容保留在案卷中，标明“已退回作废”。",
            "原办理人仍在岗且不须回避的，由其重新办理，原来填写的内容作为草稿；否则进入该岗位的公共待办。",
            "同时办理的其他分支不受影响；法定期限不因退回重新计算。",
            "终止的任务上的委派、会签和集体讨论一并终止，已经签署的意见保留在案件记录中。",
            *((NO_TRAIL,) if earlier else ()),
        )
        to = Field("to", "退回到", Kind.CHOICE, options=options, spread=True)
        return Offer(consequences=told, fields=(to, REASON))

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work_items.live(place.running, place.work)
        history = History.of(place.running)
        chosen = history.place_of(int(given["to"])) if history else None
        if history is None or chosen is None:
            raise Refused(NOTHING, code="work.return")
        cut = history.cut(chosen)
        gets = returning.keeper(place.running, cut)
        returning.take_back(
            place.running, place.actor, history, cut, "work.return", given["reason"], place.work
        )
        target = cut.target.work.name if cut.target.work else ""
        return f"“{place.work.name}”已退回到“{target}”，{_gets(place, gets)}。"


def cuts(place: Place, history: History) -> Iterator[Cut]:
    """Every done task on which this one builds, the last first, with what the case would be without it."""
    for n in reversed(range(len(history.acts))):
        if history.acts[n].work is not None:
            cut = history.cut(n)
            if any(task.id == place.work.task_id for task in returning.live_tasks(place.running, cut)[0]):
                yield cut


def _option(place: Place, cut: Cut) -> Option:
    work, handed = cut.target.work, cut.target.submission
    if work is None or handed is None:
        raise AssertionError("a timer is nothing to return to")
    by = people.officer(place.session, handed.by_id).name
    label = f"{work.name}（{by}，{handed.at.astimezone(CHINA):%m-%d %H:%M}）"
    told = "；".join([_gets(place, returning.keeper(place.running, cut)), *effects(place, cut)])
    return Option(str(work.id), label, told, cut.refusal)


def effects(place: Place, cut: Cut) -> Iterator[str]:
    """What becomes void, in words."""
    names = [taken.work.name if taken.work else "期满自动流转" for taken in cut.void]
    yield f"作废：{_listed(names, '个环节')}"
    ended = [
        task.name for task in returning.live_tasks(place.running, cut)[0] if task.id != place.work.task_id
    ]
    if ended:
        yield f"终止：{'、'.join(ended)}"
    if papers := returning.papers(place.session, place.running, cut):
        yield "文书作废：" + _listed([f"《{paper.title}》{paper.number or ''}" for paper in papers], "份")
    yield from clocks(place, cut)


def _listed(names: Sequence[str], unit: str) -> str:
    """Names, the first of them where they are many: the later ones stand with the options before."""
    return "、".join(names) if len(names) <= MOST else f"{'、'.join(names[:MOST])}等{len(names)}{unit}"


def clocks(place: Place, cut: Cut) -> Iterator[str]:
    """What happens to the clocks of the law, in words."""
    did = {(what, number) for _, what, number in cut.clocked if what in ("start", "stop")}
    chosen = select(Clock.id, Clock.name).where(Clock.id.in_([number for _, number in did]))
    names = {row.id: row.name for row in place.session.execute(chosen)} if did else {}
    for number, name in sorted(names.items()):
        if ("start", number) in did:
            yield f"“{name}”计时作废"
        else:
            yield f"“{name}”恢复计时，仍从原起算日计算"


def _gets(place: Place, officer_id: int | None) -> str:
    if officer_id is None:
        return "进入该岗位的公共待办"
    return f"由{people.officer(place.session, officer_id).name}重新办理"


def _untold(place: Place, history: History | None) -> bool:
    """Whether something was handed in that the trail does not tell of."""
    told: Sequence[int] = (
        [one.row.work_item_id for one in history.acts if one.row.work_item_id] if history else []
    )
    chosen = select(Submission.id).join(WorkItem, WorkItem.id == Submission.work_item_id)
    mine = (Submission.case_id == place.running.case.id, Submission.void_at.is_(None))
    return (
        place.session.scalar(chosen.where(*mine, Submission.work_item_id.not_in(told)).limit(1)) is not None
    )
