"""撤回: who has just handed a task in takes it back, as long as nobody has acted on it."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from app.forms import service as forms
from app.kernel.errors import Refused

from .. import acts, returning
from ..cutting import Cut, History
from ..models import Involvement, WorkItem, WorkStatus
from ..sign_models import RoundKind, RoundState
from .base import REASON, DeskAct, Offer, Place
from .returning import effects

GONE = "这项任务已经撤回、退回，或者它没有流转轨迹，不能撤回。"
ACTED = "“{name}”已经有人签收、办理或者保存了草稿，不能撤回；请联系其退回。"
BUILT = "“{name}”已经在它之后办结，不能撤回；确需更正的，请由后面环节的办理人退回。"
WAITING = {
    WorkStatus.COSIGN: "任务回到您的待办，填写的内容保留；协办人员不再需要确认，您修改后重新提交。",
    WorkStatus.SIGNING: "任务回到您的待办，填写的内容保留，您修改后重新提交。",
}
"""States in which what was handed in has not taken effect: the task, and what taking it back means."""
AFTER = "后签人员签署的是已经提交的内容，其意见不再有效，您重新提交后请他们再次签署。"
MEANWHILE = "先签、同时签人员的意见继续有效，尚未签署的仍可签署。"


class Withdraw(DeskAct):
    """Take back what one has handed in."""

    name = "withdraw"
    label = "撤回"
    hint = "下一环节还没有人签收或者办理时，收回修改"
    verb = "撤回"
    statuses = frozenset({WorkStatus.DONE, WorkStatus.COSIGN, WorkStatus.SIGNING})

    def shown(self, place: Place) -> bool:
        work = place.work
        if work.status in WAITING:
            return place.mine
        return place.officer_id in (work.done_by, work.assignee_id, work.cosigner_id)

    def offer(self, place: Place) -> Offer:
        if place.work.status in WAITING:
            return Offer(consequences=(WAITING[place.work.status], *_signed(place)), fields=(REASON,))
        _, cut, why, article = possible(place)
        if cut is None or why:
            return Offer(why_not=why, article=article)
        told = "任务回到原办理人的待办，填写的内容作为草稿保留。"
        return Offer(consequences=(told, *effects(place, cut)), fields=(REASON,))

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        work = place.work
        if work.status in WAITING:
            acts.give_back(place.running, work)
            detail = {"node": work.node, "reason": given["reason"]}
            acts.note(place.running, place.actor, "work.withdraw", detail, position=work.position_key)
            return f"“{work.name}”已撤回，可以修改后重新提交。"
        history, cut, why, article = possible(place)
        if history is None or cut is None or why:
            raise Refused(why, code="work.withdraw", article=article)
        returning.take_back(place.running, place.actor, history, cut, "work.withdraw", given["reason"], work)
        return f"“{work.name}”已撤回，回到待办，可以修改后重新提交。"


def _signed(place: Place) -> Iterator[str]:
    """What becomes of the opinions of signers."""
    standing = (RoundState.OPEN, RoundState.AGREED)
    kinds = {found.kind for found in place.running.sign_rounds or () if found.state in standing}
    if RoundKind.AFTER in kinds:
        yield AFTER
    if kinds - {RoundKind.AFTER}:
        yield MEANWHILE


def possible(place: Place) -> tuple[History | None, Cut | None, str, str]:
    """What the case would be without this task, or why it cannot be withdrawn, with the article."""
    history = History.of(place.running)
    at = history.place_of(place.work.id) if history else None
    if history is None or at is None:
        return None, None, GONE, ""
    cut = history.cut(at)
    for taken in cut.void[1:]:
        return history, cut, BUILT.format(name=taken.work.name if taken.work else "期限届满，自动流转"), ""
    if cut.refusal:
        return history, cut, cut.refusal, cut.article
    for work in _ended(place, cut):
        if _touched(place, work):
            return history, cut, ACTED.format(name=work.name), ""
    return history, cut, "", ""


def _ended(place: Place, cut: Cut) -> list[WorkItem]:
    ids = [task.id for task in returning.live_tasks(place.running, cut)[0]]
    chosen = select(WorkItem).where(WorkItem.case_id == place.running.case.id, WorkItem.task_id.in_(ids))
    return list(place.session.scalars(chosen.order_by(WorkItem.id)))


def _touched(place: Place, work: WorkItem) -> bool:
    """Whether somebody has taken it, written in it or been asked about it."""
    if work.claimed_at is not None or work.status != WorkStatus.OPEN or work.version != 1:
        return True
    if forms.drafted(place.session, f"work:{work.id}"):
        return True
    asked = select(Involvement.id).where(Involvement.work_item_id == work.id).limit(1)
    return place.session.scalar(asked) is not None
