"""What a closed meeting says, in the answers of the form its task asks for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import WorkItem
from app.kernel.clock import CHINA
from app.people import service as people

from . import rules
from .meeting_models import Meeting, MeetingMember, MeetingState

Answers = dict[str, Any]
Fill = Callable[[Session, Meeting, Sequence[MeetingMember]], Answers]


def answers_of(session: Session, meeting: Meeting, members: Sequence[MeetingMember], form: str) -> Answers:
    """The answers to a form, as a person would type them; nothing for a form that is not known here."""
    known = _form(form)
    return LAYOUTS[known["layout"]](session, meeting, members) if known else {}


def find(session: Session, work: WorkItem) -> cases.Sitting | None:
    """The meeting of a task for the gates (`cases.install_sitting`); None: it was held on paper, if at all."""
    from .meetings import members_of, of_work

    meeting = of_work(session, work.id)
    if meeting is None:
        return None
    order = rules.order()
    closed = meeting.state == MeetingState.CLOSED
    known = _form(work.form)
    told = answers_of(session, meeting, members_of(session, meeting.id), work.form) if closed else {}
    return cases.Sitting(
        name=order.name,
        closed=closed,
        carried={known["carries"]: closed and meeting.outcome in known["outcomes"]} if known else {},
        answers={key: (label, told[key]) for key, label in known["bound"].items() if key in told}
        if known
        else {},
        article=order.article,
        told=f"会议结论：{rules.OUTCOMES[meeting.outcome]}。" if meeting.outcome else "",
    )


def _taking_part(members: Sequence[MeetingMember]) -> list[MeetingMember]:
    return [m for m in members if m.attendance == "present" and not m.recused]


def _moments(meeting: Meeting) -> tuple[str, str]:
    began, ended = meeting.began_at or meeting.planned_at, meeting.ended_at or meeting.planned_at
    return f"{began.astimezone(CHINA):%Y-%m-%dT%H:%M}", f"{ended.astimezone(CHINA):%Y-%m-%dT%H:%M}"


def _posts(session: Session, ids: set[int]) -> dict[int, tuple[str, str]]:
    positions = people.position_names(session)
    return {
        officer_id: (card.name, "、".join(positions[key] for key in positions if key in card.positions))
        for officer_id, card in people.officers(session, ids).items()
    }


def _observers(meeting: Meeting) -> list[dict[str, str]]:
    """`姓名 单位和职务`, a line each."""
    found = []
    for line in meeting.plan.get("observers", ()):
        name, _, post = line.replace("，", " ").replace("、", " ").partition(" ")
        found.append({"name": name[:50], "post": (post.strip() or "列席人员")[:50]})
    return found


def _record(session: Session, meeting: Meeting, members: Sequence[MeetingMember]) -> Answers:
    taking_part = _taking_part(members)
    posts = _posts(session, {meeting.recorder_id, *(m.officer_id for m in taking_part)})
    began, ended = _moments(meeting)
    answers: Answers = {
        "began_at": began,
        "ended_at": ended,
        "place": meeting.plan["place"],
        "host": str(meeting.chair_id),
        "members": [
            {
                "name": posts[m.officer_id][0],
                "post": posts[m.officer_id][1],
                "stance": rules.STANCES[m.stance],
                "statement": (m.said or {}).get("statement", ""),
            }
            for m in taking_part
        ],
        "recorder": posts[meeting.recorder_id][0],
        "quorum": "yes",
        "report": meeting.minutes.get("report", ""),
        "conclusion": rules.OUTCOMES[meeting.outcome],
        "result": meeting.minutes.get("result", ""),
    }
    if observers := _observers(meeting):
        answers["observers"] = observers
    return answers


def _summary(session: Session, meeting: Meeting, members: Sequence[MeetingMember]) -> Answers:
    taking_part = _taking_part(members)
    posts = _posts(session, {m.officer_id for m in taking_part})
    began, _ = _moments(meeting)
    said = "\n".join(
        f"{posts[m.officer_id][0]}：{rules.STANCES[m.stance]}。{(m.said or {}).get('statement', '')}"
        for m in taking_part
    )
    passed = meeting.outcome == "agreed"
    answers: Answers = {
        "held_at": began,
        "place": meeting.plan["place"],
        "host": str(meeting.chair_id),
        "attendees": "、".join(f"{name}（{post}）" for name, post in posts.values())[:500],
        "discussion": f"{meeting.minutes.get('report', '')}\n{said}"[:4000],
        "conclusion": "通过" if passed else "退回修改",
    }
    if not passed:
        answers["reason"] = meeting.minutes.get("result", "")
    return answers


LAYOUTS: Mapping[str, Fill] = {"record": _record, "summary": _summary}
"""How the record of a meeting is told in the answers of a form: in parts, or in one text."""


def _form(key: str) -> Mapping[str, Any] | None:
    """What the room knows of a form (`data/sittings.toml`); None: the meeting fills nothing in."""
    return rules.data()["collective"]["forms"].get(key)
