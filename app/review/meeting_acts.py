"""The acts on a meeting: beginning it, staying away, voting, fixing and signing the minutes, closing it."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.forms import service as forms
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people import service as people

from . import rules
from .meeting_fill import answers_of
from .meeting_models import MeetingMember, MeetingState
from .meetings import MINUTES, MOVED_ON, Seat, seat
from .texts import text

Do = Callable[[Seat, cases.Running, Mapping[str, Any]], cases.Told]


def carry_out(
    session: Session, actor: Actor, meeting_id: int, name: str, key: str, given: Mapping[str, Any]
) -> cases.ActResult:
    """Carry out an act on a meeting, once.

    Raises:
        NotFound: there is no such meeting for this person, or no such act.
        Forbidden: the act is another person's.
        Conflict: the meeting has moved on.
        Invalid, Refused: see the act.
    """
    if name not in ACTS:
        raise NotFound("没有这项处理。")
    found = seat(session, actor, meeting_id)

    def do(running: cases.Running, officer_id: int) -> cases.Told:
        here = seat(session, actor, meeting_id)
        states, act, _ = ACTS[name]
        if here.meeting.state not in states:
            raise Conflict(MOVED_ON, code="moved_on")
        told = act(here, running, given)
        return cases.Told(told.message, {"node": here.work.node, "meeting": meeting_id, **told.detail})

    kind = f"work.meeting_{name}"
    return cases.case_act(session, actor, found.meeting.case_id, found.meeting.work_item_id, key, kind, do)


def _begin(here: Seat, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.writes:
        raise Forbidden("由主持人或者记录人宣布开会。")
    if running.at < here.meeting.planned_at.replace(hour=0, minute=0):
        raise Refused("还没有到会议的日期，不能开会。", code="early")
    present = {int(one) for one in given.get("present", ()) if one.isdecimal()}
    if here.meeting.chair_id not in present:
        raise Invalid(errors={"present": ["主持人没有到会，不能开会。"]})
    if wrong := next((m for m in here.members if m.recused and m.officer_id in present), None):
        name = people.officer(here.session, wrong.officer_id).name
        raise Invalid(errors={"present": [f"{name}应当回避，不参加讨论。"]})
    attending = [m for m in here.entitled if m.officer_id in present]
    _quorate(len(attending), len(here.entitled))
    for member in here.members:
        member.attendance = "present" if member in attending else "absent"
    here.meeting.state = MeetingState.SESSION
    here.meeting.began_at = running.at
    return cases.Told("会议开始。", {"with": [m.officer_id for m in attending]})


def _quorate(present: int, members: int) -> None:
    rule = rules.order()
    if not rules.quorate(present, members, rule):
        raise Refused(
            f"应当参加讨论的负责人 {members} 名，到会 {present} 名，没有超过 {rule.quorum}，不能开会讨论。",
            code="quorum",
            article=rule.article,
        )


def _recuse(here: Seat, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    member = here.mine if here.mine and not here.chairs else _member(here, given)
    if not here.chairs and member is not here.mine:
        raise Forbidden("只能提出自己的回避，其他人员的回避由主持人宣布。")
    if member.stance:
        raise Refused("该负责人已经表决，不能再作回避处理。", code="voted")
    if member.officer_id == here.meeting.chair_id:
        raise Refused("主持人应当回避的，请取消会议，另行召集并确定主持人。", code="chair")
    errors: dict[str, list[str]] = {}
    ground = text(errors, given, "ground", "回避的事由", 500)
    if errors:
        raise Invalid(errors=errors)
    member.recused = True
    member.said = {**(member.said or {}), "ground": ground}
    here.session.flush()
    if here.meeting.state == MeetingState.SESSION:
        member.attendance = "absent"
        _quorate(len(here.present), len(here.entitled))
    return cases.Told("已记录回避。", {"with": [member.officer_id], "data": {"ground": ground}})


def _vote(here: Seat, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    member = here.mine
    if member is None or member not in here.present:
        raise Forbidden("只有到会、不需要回避的负责人表决。")
    if member.stance:
        raise Conflict("您已经表决，表决不能更改。", code="voted")
    if kept_out := cases.barred_from(running, here.work, [here.officer_id]).get(here.officer_id):
        raise Refused(kept_out.message, code=kept_out.gate, article=kept_out.article)
    errors: dict[str, list[str]] = {}
    if given.get("stance") not in rules.STANCES:
        errors["stance"] = ["请选择表决意见。"]
    statement = text(errors, given, "statement", "讨论意见", 1000)
    if errors:
        raise Invalid(errors=errors)
    member.stance = given["stance"]
    member.said = {**(member.said or {}), "statement": statement}
    member.voted_at = running.at
    cases.took_part(running, here.work, here.officer_id, member.stance)
    return cases.Told("您的表决已记入会议记录。", {"stance": member.stance, "data": {"statement": statement}})


def _present(here: Seat, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.writes:
        raise Forbidden("由主持人或者记录人结束讨论。")
    silent = [m for m in here.present if not m.stance]
    if silent:
        names = people.officers(here.session, {m.officer_id for m in silent})
        raise Refused(
            f"{'、'.join(names[m.officer_id].name for m in silent)}还没有表决，不能结束讨论。", code="vote"
        )
    errors: dict[str, list[str]] = {}
    minutes = {
        "report": text(errors, given, "report", "案情汇报", MINUTES["report"]),
        "discussion": text(errors, given, "discussion", "讨论情况", MINUTES["discussion"], required=False),
        "result": text(errors, given, "result", "结论内容", MINUTES["result"]),
    }
    if errors:
        raise Invalid(errors=errors)
    _quorate(len(here.present), len(here.entitled))
    here.meeting.minutes = minutes
    here.meeting.version += 1
    here.meeting.outcome = rules.outcome([m.stance for m in here.present], rules.order())
    here.meeting.ended_at = running.at
    here.meeting.state = MeetingState.MINUTES
    told = rules.OUTCOMES[here.meeting.outcome]
    return cases.Told(
        f"讨论结束，结论：{told}。请参加讨论的负责人核对记录并签名。",
        {"outcome": here.meeting.outcome, "data": minutes},
    )


def _sign(here: Seat, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    member = here.mine
    if member is None or member not in here.present:
        raise Forbidden("只有到会的负责人在会议记录上签名。")
    if member.signature:
        raise Conflict("您已经签名。", code="signed")
    if given.get("name", "").strip() != here.actor.name:
        raise Invalid(errors={"name": [f"请键入您的姓名“{here.actor.name}”，表示已经核对会议记录。"]})
    member.signature, member.signed_at = "signed", running.at
    return cases.Told("您已在会议记录上签名。", {})


def _unsigned(here: Seat, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.writes:
        raise Forbidden("由主持人或者记录人注明。")
    member = _member(here, given)
    if member not in here.present or member.signature:
        raise Refused("该负责人没有到会，或者已经签名。", code="signed")
    errors: dict[str, list[str]] = {}
    refusal = text(errors, given, "refusal", "没有签名的情况", 300)
    if errors:
        raise Invalid(errors=errors)
    member.signature, member.signed_at = "refused", running.at
    member.said = {**(member.said or {}), "refusal": refusal}
    return cases.Told("已注明。", {"with": [member.officer_id], "data": {"refusal": refusal}})


def _close(here: Seat, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.leads:
        raise Forbidden("由承办这项任务的人员结束会议。")
    missing = [m for m in here.present if not m.signature]
    if missing:
        names = people.officers(here.session, {m.officer_id for m in missing})
        raise Refused(
            f"{'、'.join(names[m.officer_id].name for m in missing)}还没有在会议记录上签名。"
            "拒绝或者不能签名的，请先注明情况。",
            code="sign",
        )
    here.meeting.state = MeetingState.CLOSED
    here.meeting.closed_at = running.at
    filled = answers_of(here.session, here.meeting, here.members, here.work.form)
    forms.save_draft(here.session, here.actor.account_id, f"work:{here.work.id}", filled)
    return cases.Told("会议已结束，记录已填入本环节的表单，请核对后提交。", {"outcome": here.meeting.outcome})


def _cancel(here: Seat, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.leads:
        raise Forbidden("由召集会议的人员取消。")
    if any(m.stance for m in here.members):
        raise Refused(
            "已经有负责人表决，会议不能取消。请完成讨论，按表决形成结论。",
            code="voted",
            article=rules.order().article,
        )
    errors: dict[str, list[str]] = {}
    reason = text(errors, given, "reason", "取消的理由", 500)
    if errors:
        raise Invalid(errors=errors)
    here.meeting.minutes = {**here.meeting.minutes, "reason": reason}
    here.meeting.state = MeetingState.CANCELLED
    return cases.Told("会议已取消。", {"reason": reason})


def _member(here: Seat, given: Mapping[str, Any]) -> MeetingMember:
    wanted = given.get("member", "")
    found = next((m for m in here.members if str(m.officer_id) == wanted), None)
    if found is None:
        raise Invalid(errors={"member": ["请选择负责人。"]})
    return found


BEFORE = (MeetingState.PLANNED, MeetingState.SESSION)
ACTS: Mapping[str, tuple[tuple[MeetingState, ...], Do, str]] = {
    "begin": ((MeetingState.PLANNED,), _begin, "集体讨论开会"),
    "recuse": (BEFORE, _recuse, "集体讨论回避"),
    "vote": ((MeetingState.SESSION,), _vote, "集体讨论表决"),
    "present": ((MeetingState.SESSION,), _present, "集体讨论结束，记录送签"),
    "sign": ((MeetingState.MINUTES,), _sign, "在集体讨论记录上签名"),
    "unsigned": ((MeetingState.MINUTES,), _unsigned, "注明未在集体讨论记录上签名"),
    "close": ((MeetingState.MINUTES,), _close, "集体讨论记录定稿"),
    "cancel": (BEFORE, _cancel, "取消集体讨论"),
}
"""By name: in which states, what it does, what the record calls it."""


def kinds() -> dict[str, str]:
    """What the acts are called in the record."""
    return {
        "work.meeting_plan": "召集集体讨论",
        **{f"work.meeting_{name}": label for name, (_, _, label) in ACTS.items()},
    }
