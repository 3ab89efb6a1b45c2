"""What a hearing says, in the answers of the forms its tasks ask for."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import WorkItem
from app.kernel.clock import CHINA
from app.people import service as people

from . import rules
from .hearing_models import Hearing, HearingPerson, HearingState

PHASES: Mapping[str, tuple[str, int, bool, str]] = {
    "check": ("核对到场和身份", 500, True, "核对听证参加人的身份，查明到场情况。"),
    "discipline": (
        "宣布纪律，告知权利义务",
        1000,
        True,
        "宣布纪律和案由，介绍主持人、听证员、记录员，告知权利义务。",
    ),
    "avoid_result": (
        "回避申请及处理",
        200,
        False,
        "当事人申请主持人、听证员、记录员回避的，写明处理；没有申请的不填。",
    ),
    "investigator_statement": ("调查：调查人员陈述", 4000, True, "违法事实、证据、拟处罚内容和依据。"),
    "party_defence": ("当事人陈述和申辩", 4000, True, ""),
    "examination": ("举证和质证", 4000, False, "一行一项，用竖线分开：证据 | 提出方 | 对方质证意见。"),
    "debate": ("辩论", 3000, False, ""),
    "last_statement": ("最后陈述", 1500, True, "双方最后陈述。"),
    "recording": ("音像记录编号", 100, False, ""),
}
"""The phases of a hearing in their order: label, most characters, whether a hearing held to its end has it, what belongs
into it."""
Answers = dict[str, Any]


def notice(session: Session, hearing: Hearing, persons: Sequence[HearingPerson]) -> Answers:
    """The answers to the form that calls the hearing."""
    answers: Answers = {
        "hearing_at": _moment(hearing.planned_at),
        **{name: value for name, value in hearing.plan.items() if name != "adjourned" and value},
        "presider": str(hearing.host_id),
        "recorder": people.officer(session, hearing.recorder_id).name,
        "notified": [{"name": p.who["name"], "role": p.role} for p in persons],
    }
    if hearing.member_id:
        answers["member"] = str(hearing.member_id)
    return answers


def examination(record: Mapping[str, str]) -> tuple[list[dict[str, str]], str]:
    """The lines of evidence of a record, and what is wrong with the first that is none."""
    found = []
    for line in rules.lines(record.get("examination", "")):
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if len(parts) != 3 or not all(parts):
            return [], f"“{line[:30]}”应当写作“证据 | 提出方 | 对方质证意见”。"
        found.append({"evidence": parts[0][:100], "by": parts[1][:30], "comment": parts[2][:300]})
    return found, ""


def hold(session: Session, hearing: Hearing, persons: Sequence[HearingPerson]) -> Answers:
    """The answers to the form of the hearing held."""
    officers = people.officers(
        session, {o for o in (hearing.host_id, hearing.member_id, hearing.recorder_id) if o}
    )
    conduct = [
        ("听证主持人", hearing.host_id),
        ("听证员", hearing.member_id),
        ("记录员", hearing.recorder_id),
    ]
    there = [p for p in persons if p.attendance in ("present", "left")]
    attendees = [{"name": officers[o].name, "role": role, "unit": ""} for role, o in conduct if o]
    attendees += [{"name": p.who["name"], "role": p.role, "unit": p.who.get("unit", "")} for p in there]
    record = hearing.record
    refused = record.get("avoid_result", "")
    signed, note = _signed(hearing, persons)
    answers: Answers = {
        "held": "yes" if hearing.held else "no",
        "began_at": _moment(hearing.began_at or hearing.planned_at),
        "ended_at": _moment(hearing.ended_at or hearing.planned_at),
        "place": hearing.plan["place"],
        "attendees": [{key: value for key, value in row.items() if value} for row in attendees],
        "rights_told": "yes",
        "avoid_request": "申请" if refused else "不申请",
        "signed": signed,
    }
    if refused:
        answers["avoid_result"] = refused
    if note:
        answers["sign_note"] = note
    if record.get("recording"):
        answers["recording"] = record["recording"]
    if not hearing.held:
        return {**answers, "ended_reason": record.get("ended_reason", "")}
    for name in ("investigator_statement", "party_defence", "debate", "last_statement"):
        if record.get(name):
            answers[name] = record[name]
    rows, _ = examination(record)
    return {**answers, "examination": rows} if rows else answers


def _signed(hearing: Hearing, persons: Sequence[HearingPerson]) -> tuple[str, str]:
    party = [p for p in persons if p.role in ("当事人", "委托代理人") and p.attendance == "present"]
    refused = [p for p in party if p.signature == "refused"]
    if refused:
        return "拒绝签名", "；".join(f"{p.who['name']}：{p.who.get('note', '')}" for p in refused)[:200]
    if any(p.signature == "signed" for p in party):
        return "核对无误并签名", ""
    return "不在场，无法签名", "当事人及其代理人没有到场或者中途退场。"


def report(session: Session, hearing: Hearing, persons: Sequence[HearingPerson]) -> Answers:
    """The answers to the form of the report, as far as the record says them; what is found is the host's to write."""
    host = people.officer(session, hearing.host_id).name
    there = "、".join(f"{p.who['name']}（{p.role}）" for p in persons if p.attendance in ("present", "left"))
    began, ended = hearing.began_at or hearing.planned_at, hearing.ended_at or hearing.planned_at
    summary = (
        f"{began.astimezone(CHINA):%Y年%m月%d日%H:%M}至{ended.astimezone(CHINA):%H:%M}，在{hearing.plan['place']}"
        f"{hearing.plan['openness']}举行听证，{host}主持。到场人员：{there or '无'}。"
    )
    if not hearing.held:
        return {"summary": f"{summary}{hearing.record.get('ended_reason', '')}听证终止。"[:2000]}
    rows, _ = examination(hearing.record)
    examined = "\n".join(
        f"{n}. {r['evidence']}（{r['by']}提出）：{r['comment']}" for n, r in enumerate(rows, 1)
    )
    return {
        "summary": summary[:2000],
        "investigator_view": hearing.record.get("investigator_statement", "")[:2000],
        "party_view": hearing.record.get("party_defence", "")[:2000],
        "findings": f"质证情况：\n{examined}\n"[:3000] if examined else "",
    }


def find(session: Session, work: WorkItem) -> cases.Sitting | None:
    """The hearing of a task for the gates; None: it is not kept on the platform."""
    from .hearings import of_case, persons_of

    hearing = of_case(session, work.case_id)
    raw = rules.data()["hearing"]
    if hearing is None:
        return None
    if work.step == rules.hearing_steps()[0]:
        told = {
            "hearing_at": ("听证时间", _moment(hearing.planned_at)),
            "place": ("听证地点", hearing.plan["place"]),
        }
        return cases.Sitting(raw["name"], True, {}, told, raw["notice_article"])
    closed = hearing.state == HearingState.CLOSED
    answers = hold(session, hearing, persons_of(session, hearing.id)) if closed else {}
    bound = (
        ("held", "听证如期完成"),
        ("ended_reason", "未完成（终止）的情况"),
        ("investigator_statement", "调查人员陈述"),
        ("party_defence", "当事人陈述和申辩"),
        ("last_statement", "最后陈述"),
        ("signed", "听证笔录签名情况"),
    )
    return cases.Sitting(
        raw["name"],
        closed,
        {"hearing_held": bool(hearing.held)},
        {key: (label, answers[key]) for key, label in bound if key in answers},
        raw["record_article"],
    )


def _moment(at: Any) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%dT%H:%M}"
