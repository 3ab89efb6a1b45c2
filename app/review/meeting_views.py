"""The pages of collective deliberation: calling a meeting, the meeting itself, what one is called to."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, redirect, render_template, request, url_for

from app.cases import service as cases
from app.cases.models import Case
from app.kernel import clock
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_key, posted_version
from app.people import service as people

from . import hearings, meeting_acts, meetings, rules
from .room import OFFICER, room

PLAN_FIELDS = ("planned_at", "place", "members", "chair", "recorder", "agenda", "observers", "report")
ACT_FIELDS = {
    "begin": ("present",),
    "recuse": ("member", "ground"),
    "vote": ("stance", "statement"),
    "present": tuple(meetings.MINUTES),
    "sign": ("name",),
    "unsigned": ("member", "refusal"),
    "close": (),
    "cancel": ("reason",),
}
SEVERAL = frozenset({"members", "present", "checked"})


@room.get("/review/sittings", access=OFFICER)
def sittings() -> str:
    """What I am called to: meetings and hearings that are not over."""
    session, actor = db.session(), current_actor()
    return render_template(
        "review/sittings.html",
        meetings=meetings.waiting(session, actor),
        hearings=hearings.waiting(session, actor),
        states=MEETING_STATES,
        hearing_states=hearings.STATES,
    )


MEETING_STATES = {
    "planned": ("等待开会", "info"),
    "session": ("正在讨论", "warn"),
    "minutes": ("记录送签", "warn"),
    "closed": ("已结束", "ok"),
    "cancelled": ("已取消", ""),
}


@room.get("/review/work/<int:work_item_id>/meeting", access=OFFICER)
def meeting_of(work_item_id: int) -> Any:
    """The meeting of a task: the form that calls it, or the meeting."""
    work = cases.work_item(db.session(), current_actor(), work_item_id)
    if found := meetings.of_work(db.session(), work.id):
        return redirect(url_for("review.meeting", meeting_id=found.id))
    return _plan_page(work_item_id, {}, None)


@room.post("/review/work/<int:work_item_id>/meeting", access=OFFICER)
def meeting_plan(work_item_id: int) -> Any:
    """Call the meeting; on any error the page comes back with everything that was entered."""
    given = given_in(*PLAN_FIELDS)
    try:
        only_fields(*PLAN_FIELDS)
        with transaction() as session:
            meetings.plan(session, current_actor(), work_item_id, posted_key(), given)
    except (Invalid, Refused, Conflict) as error:
        return _plan_page(work_item_id, given, error), error.status
    found = meetings.of_work(db.session(), work_item_id)
    if found is None:
        raise NotFound(meetings.GONE)
    return redirect(url_for("review.meeting", meeting_id=found.id, done=posted_key()), 303)


@room.get("/review/meetings/<int:meeting_id>", access=OFFICER)
def meeting(meeting_id: int) -> str:
    """A meeting, as far as it has come."""
    return _page(meeting_id, {}, None)


@room.post("/review/meetings/<int:meeting_id>/minutes", access=OFFICER)
def meeting_minutes(meeting_id: int) -> Response:
    """Keep the minutes as they are typed."""
    only_fields(*meetings.MINUTES)
    with transaction() as session:
        kept = meetings.keep_minutes(
            session,
            current_actor(),
            meeting_id,
            posted_version(),
            {name: request.form.get(name, "") for name in meetings.MINUTES},
        )
        version = kept.version
    return kept_at(version)


@room.post(
    "/review/meetings/<int:meeting_id>/<any(begin,recuse,vote,present,sign,unsigned,close,cancel):name>",
    access=OFFICER,
)
def meeting_act(meeting_id: int, name: str) -> Any:
    """An act on a meeting; on any error the page comes back with everything that was entered."""
    given = given_in(*ACT_FIELDS[name])
    try:
        only_fields(*ACT_FIELDS[name])
        with transaction() as session:
            result = meeting_acts.carry_out(session, current_actor(), meeting_id, name, posted_key(), given)
    except (Invalid, Refused, Conflict) as error:
        return _page(meeting_id, {**given, "_act": name}, error), error.status
    if name == "close":
        return redirect(url_for("inbox.work", work_item_id=result.work_item_id, done=posted_key()), 303)
    if name == "cancel":
        return redirect(url_for("cases.case", case_id=result.case_id, done=posted_key()), 303)
    return redirect(url_for("review.meeting", meeting_id=meeting_id, done=posted_key()), 303)


def given_in(*names: str) -> dict[str, Any]:
    """What was posted: several values where several may be chosen."""
    return {
        name: request.form.getlist(name) if name in SEVERAL else request.form.get(name, "") for name in names
    }


def told(error: XingquanError | None) -> dict[str, Any]:
    """What is wrong with which field, in the order of the page."""
    errors = error.errors if isinstance(error, Invalid) else {}
    order = [*PLAN_FIELDS, *errors]
    return {name: errors[name] for name in sorted(errors, key=order.index)}


def kept_at(version: int) -> Response:
    """The answer to keeping a draft: when, and the version the page goes on from."""
    at = clock.now().astimezone(clock.CHINA)
    return Response(f"已自动保存 {at:%H:%M}", mimetype="text/plain", headers={"X-Version": str(version)})


def _plan_page(work_item_id: int, given: Mapping[str, Any], error: XingquanError | None) -> str:
    session, actor = db.session(), current_actor()
    work = meetings.task(session, actor, work_item_id)
    running = cases.running(session, work)
    found = meetings.candidates(session, work)
    if not given:
        day = clock.today() + timedelta(days=1)
        given = {
            "planned_at": f"{day}T09:00",
            "members": [str(c.id) for c in found if c.head and not c.why_not],
            "agenda": f"审议{running.case.title}的拟处理意见",
        }
    return render_template(
        "review/meeting_plan.html",
        work=work,
        case=running.case,
        candidates=found,
        given=given,
        error=error,
        errors=told(error),
        key=secrets.token_hex(16),
        order=rules.order(),
    )


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member as the page shows it."""

    id: int
    name: str
    post: str
    attendance: str
    recused: bool
    ground: str
    stance: str
    statement: str
    signature: str
    refusal: str
    signed_at: datetime | None


def _page(meeting_id: int, given: Mapping[str, Any], error: XingquanError | None) -> str:
    session, actor = db.session(), current_actor()
    here = meetings.seat(session, actor, meeting_id)
    case = session.get_one(Case, here.meeting.case_id)
    running = cases.running_case(session, case)
    steps = cases.steps(session, case, running.procedure)
    cards = people.officers(
        session, {here.meeting.chair_id, here.meeting.recorder_id, *(m.officer_id for m in here.members)}
    )
    positions = people.position_names(session)
    members = [
        MemberView(
            m.officer_id,
            cards[m.officer_id].name,
            "、".join(positions[key] for key in positions if key in cards[m.officer_id].positions),
            m.attendance,
            m.recused,
            (m.said or {}).get("ground", ""),
            m.stance,
            (m.said or {}).get("statement", ""),
            m.signature,
            (m.said or {}).get("refusal", ""),
            m.signed_at,
        )
        for m in here.members
    ]
    return render_template(
        "review/meeting.html",
        here=here,
        meeting=here.meeting,
        members=members,
        me=next((m for m in members if m.id == here.officer_id), None),
        names={officer_id: card.name for officer_id, card in cards.items()},
        case=case,
        case_open=_sees(case.id),
        facts=cases.key_facts(running, steps),
        opinions=[s for s in steps if s.opinion and s.latest],
        state=MEETING_STATES[here.meeting.state],
        stances=rules.STANCES,
        outcomes=rules.OUTCOMES,
        order=rules.order(),
        given=given,
        error=error,
        errors=told(error),
        done=cases.done(session, actor, request.args.get("done", "")),
        key=secrets.token_hex(16),
    )


def _sees(case_id: int) -> bool:
    try:
        cases.case(db.session(), current_actor(), case_id)
    except NotFound:
        return False
    return True
