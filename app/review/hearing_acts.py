"""The acts on a hearing: telling its persons, holding it, ending it, signing its record."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from . import hearing_fill, rules
from .hearing_models import HearingState
from .hearings import HOLD, NOTICE, REPORT, SIDE, Bench, bench, in_time
from .texts import Errors, moment, text

MOVED_ON = "听证已经有了新的进展，您填写的内容没有提交。请刷新页面查看最新情况。"
Do = Callable[[Bench, cases.Running, Mapping[str, Any]], cases.Told]


def carry_out(
    session: Session, actor: Actor, hearing_id: int, name: str, key: str, given: Mapping[str, Any]
) -> cases.ActResult:
    """Carry out an act on a hearing, once.

    Raises:
        NotFound: there is no such hearing for this person, or no such act.
        Forbidden: the act is another person's.
        Conflict: the hearing has moved on.
        Invalid, Refused: see the act.
    """
    if name not in ACTS:
        raise NotFound("没有这项处理。")
    found = bench(session, actor, hearing_id)
    work_item_id = found.work.id if found.work else found.hearing.work_item_id

    def do(running: cases.Running, officer_id: int) -> cases.Told:
        here = bench(session, actor, hearing_id)
        states, act, _ = ACTS[name]
        if here.hearing.state not in states:
            raise Conflict(MOVED_ON, code="moved_on")
        told = act(here, running, given)
        node = here.work.node if here.work else ""
        return cases.Told(told.message, {"node": node, "hearing": hearing_id, **told.detail})

    kind = f"work.hearing_{name}"
    return cases.case_act(session, actor, found.hearing.case_id, work_item_id, key, kind, do)


def _notify(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    _writes(here)
    person = here.person(given)
    issued = running.passed.get(NOTICE)
    if issued is None:
        raise Refused("听证通知书还没有制发，不能登记通知。请先办结“组织听证”。", code="notice")
    errors: Errors = {}
    served = moment(errors, given, "notified_at", "通知（送达）时间")
    method = str(given.get("method") or "")
    if method not in rules.notice_methods():
        errors["method"] = ["请选择通知方式。"]
    if served is not None and not clock.legal_day(issued) <= clock.legal_day(served) <= clock.legal_day(
        running.at
    ):
        errors["notified_at"] = ["通知时间应当在听证通知书制发以后，不晚于现在。"]
    if errors or served is None:
        raise Invalid(errors=errors)
    if person.role in SIDE:
        in_time(here.session, running.case, here.hearing.planned_at, clock.legal_day(served))
    person.notified_at, person.method = served, method
    return cases.Told(
        f"已登记通知{person.who['name']}。", {"data": {"person": person.who["name"], "method": method}}
    )


def _adjourn(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.presides:
        raise Forbidden("由听证主持人决定延期。")
    errors: Errors = {}
    planned_at = moment(errors, given, "planned_at", "新的听证时间")
    reason = text(errors, given, "reason", "延期（中止）的理由", 500)
    if errors or planned_at is None:
        raise Invalid(errors=errors)
    in_time(here.session, running.case, planned_at, clock.legal_day(running.at))
    hearing = here.hearing
    earlier = {"at": hearing.planned_at.isoformat(), "reason": reason}
    hearing.plan = {**hearing.plan, "adjourned": [*hearing.plan.get("adjourned", ()), earlier]}
    hearing.planned_at, hearing.state = planned_at, HearingState.PLANNED
    for person in here.persons:
        person.notified_at, person.method, person.attendance = None, "", "expected"
    return cases.Told(
        "听证已延期，请重新通知听证参加人。", {"until": f"{planned_at:%Y-%m-%d %H:%M}", "reason": reason}
    )


def _begin(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.presides:
        raise Forbidden("由听证主持人宣布听证开始。")
    if here.work is None or here.work.step != HOLD:
        raise Refused("还没有到“举行听证”环节，不能开始听证。", code="early")
    raw = rules.data()["hearing"]
    kept_out = cases.barred_from(running, here.work, {here.hearing.host_id, here.hearing.recorder_id})
    if refusal := next(iter(kept_out.values()), None):
        raise Refused(refusal.message, code=refusal.gate, article=refusal.article)
    for person in here.persons:
        if person.role not in SIDE:
            continue
        if person.notified_at is None:
            raise Refused(
                f"还没有登记对{person.who['name']}（{person.role}）的通知，不能举行听证。",
                code="hearing_notice",
                article=raw["notice_article"],
            )
        in_time(here.session, running.case, running.at, clock.legal_day(person.notified_at))
    if running.at < here.hearing.planned_at:
        raise Refused("还没有到通知的听证时间，不能开始听证。", code="early", article=raw["notice_article"])
    present = set(given.get("present", ()))
    unchecked = [
        p for p in here.persons if str(p.id) in present and str(p.id) not in set(given.get("checked", ()))
    ]
    if unchecked:
        raise Invalid(errors={"checked": [f"请核对{'、'.join(p.who['name'] for p in unchecked)}的身份。"]})
    for person in here.persons:
        person.attendance = "present" if str(person.id) in present else "absent"
    here.hearing.state = HearingState.SESSION
    here.hearing.began_at = here.hearing.began_at or running.at
    there = [p.who["name"] for p in here.persons if p.attendance == "present"]
    return cases.Told("听证开始。", {"data": {"present": there}})


def _leave(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    _writes(here)
    person = here.person(given)
    if person.attendance != "present":
        raise Refused("该参加人没有到场，或者已经退场。", code="left")
    errors: Errors = {}
    note = text(errors, given, "note", "退场的情况", 300)
    if errors:
        raise Invalid(errors=errors)
    person.attendance = "left"
    person.who = {**person.who, "note": note}
    return cases.Told(f"已记录{person.who['name']}退场。", {"data": {"note": note}})


def _end(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.presides:
        raise Forbidden("由听证主持人宣布听证结束。")
    if not here.party_there:
        raise Refused(
            "当事人及其代理人没有到场或者已经退场，不能按听证完成结束。请按放弃听证权利终止听证，或者延期。",
            code="absent",
            article=rules.data()["hearing"]["absence_article"],
        )
    errors: Errors = {}
    record = {
        name: text(errors, given, name, label, most, required)
        for name, (label, most, required, _) in hearing_fill.PHASES.items()
    }
    if wrong := hearing_fill.examination(record)[1]:
        errors["examination"] = [wrong]
    if errors:
        raise Invalid(errors=errors)
    _fix(here, running.at, record, held=True)
    return cases.Told("听证结束，请在场人员核对笔录并签名。", {"data": record})


def _terminate(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.presides:
        raise Forbidden("由听证主持人宣布终止听证。")
    article = rules.data()["hearing"]["absence_article"]
    if here.party_there:
        raise Refused("当事人或者其代理人在场，不能按放弃听证权利终止。", code="present", article=article)
    errors: Errors = {}
    reason = text(errors, given, "ended_reason", "当事人未到场或者中途退场的情况", 500)
    if errors:
        raise Invalid(errors=errors)
    record = {name: str(given.get(name) or here.hearing.record.get(name, "")) for name in hearing_fill.PHASES}
    _fix(here, running.at, {**record, "ended_reason": reason}, held=False)
    return cases.Told(f"视为放弃听证权利，听证终止（{article}）。", {"reason": reason})


def _fix(here: Bench, at: datetime, record: Mapping[str, str], held: bool) -> None:
    hearing = here.hearing
    hearing.record = dict(record)
    hearing.version += 1
    hearing.held, hearing.ended_at, hearing.state = held, at, HearingState.RECORD


def _sign(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    _writes(here)
    person = _to_sign(here, given)
    if str(given.get("name") or "").strip() != person.who["name"]:
        raise Invalid(
            errors={"name": [f"键入的姓名与“{person.who['name']}”不一致，请由本人核对笔录后键入。"]}
        )
    person.signature, person.signed_at, person.taken_by = "signed", running.at, here.officer_id
    return cases.Told(f"{person.who['name']}已在笔录上签名。", {"data": {"person": person.who["name"]}})


def _unsigned(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.presides:
        raise Forbidden("拒绝签名的，由听证主持人在笔录中注明。")
    person = _to_sign(here, given)
    errors: Errors = {}
    note = text(errors, given, "note", "没有签名的情况", 200)
    if errors:
        raise Invalid(errors=errors)
    person.signature, person.signed_at, person.taken_by = "refused", running.at, here.officer_id
    person.who = {**person.who, "note": note}
    return cases.Told("已在笔录中注明。", {"data": {"person": person.who["name"], "note": note}})


def _to_sign(here: Bench, given: Mapping[str, Any]) -> Any:
    person = here.person(given)
    if person.attendance != "present":
        raise Refused("该参加人不在场，不在笔录上签名。", code="absent")
    if person.signature:
        raise Conflict("该参加人已经签名或者注明。", code="signed")
    return person


def _close(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.leads or here.work is None:
        raise Forbidden("由承办“举行听证”的人员定稿笔录。")
    missing = [p.who["name"] for p in here.persons if p.attendance == "present" and not p.signature]
    if missing:
        raise Refused(
            f"{'、'.join(missing)}还没有在笔录上签名。拒绝签名的，由听证主持人注明。",
            code="sign",
            article=rules.data()["hearing"]["record_article"],
        )
    here.hearing.state, here.hearing.closed_at = HearingState.CLOSED, running.at
    filled = hearing_fill.hold(here.session, here.hearing, here.persons)
    forms.save_draft(here.session, here.actor.account_id, f"work:{here.work.id}", filled)
    return cases.Told("笔录已定稿，并填入本环节的表单，请核对后提交。", {})


def _report(here: Bench, running: cases.Running, given: Mapping[str, Any]) -> cases.Told:
    if not here.leads or here.work is None or here.work.step != REPORT:
        raise Forbidden("由承办“听证报告”的人员根据笔录起草报告。")
    scope = f"work:{here.work.id}"
    kept = forms.load_draft(here.session, here.actor.account_id, scope) or {}
    filled = hearing_fill.report(here.session, here.hearing, here.persons)
    forms.save_draft(
        here.session, here.actor.account_id, scope, {**filled, **{k: v for k, v in kept.items() if v}}
    )
    return cases.Told("已根据听证笔录起草报告，请补充认定和建议后提交。", {})


def _writes(here: Bench) -> None:
    if not here.writes:
        raise Forbidden("由听证主持人或者记录员办理。")


PLANNED, SESSION, RECORD, CLOSED = (
    HearingState.PLANNED, HearingState.SESSION, HearingState.RECORD, HearingState.CLOSED,
)  # fmt: skip
ACTS: Mapping[str, tuple[tuple[HearingState, ...], Do, str]] = {
    "notify": ((PLANNED,), _notify, "登记听证通知"),
    "adjourn": ((PLANNED, SESSION), _adjourn, "听证延期"),
    "begin": ((PLANNED,), _begin, "听证开始"),
    "leave": ((SESSION,), _leave, "记录退场"),
    "end": ((SESSION,), _end, "听证结束"),
    "terminate": ((SESSION,), _terminate, "终止听证"),
    "sign": ((RECORD,), _sign, "在听证笔录上签名"),
    "unsigned": ((RECORD,), _unsigned, "注明未在听证笔录上签名"),
    "close": ((RECORD,), _close, "听证笔录定稿"),
    "report": ((CLOSED,), _report, "根据笔录起草听证报告"),
}
"""By name: in which states, what it does, what the record calls it."""


def kinds() -> dict[str, str]:
    """What the acts are called in the record."""
    return {
        "work.hearing_plan": "安排听证",
        **{f"work.hearing_{name}": label for name, (_, _, label) in ACTS.items()},
    }
