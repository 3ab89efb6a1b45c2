"""The pages of a hearing: arranging it, and the hearing itself."""

import secrets
from collections.abc import Mapping
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

from . import hearing_acts, hearing_fill, hearings, rules
from .meeting_views import given_in, kept_at, told
from .room import OFFICER, room

PLAN_FIELDS = (
    "planned_at", "place", "openness", "closed_reason", "host", "member", "recorder", "persons", "bring",
    "contact_phone",
)  # fmt: skip
ACT_FIELDS = {
    "notify": ("person", "notified_at", "method"),
    "adjourn": ("planned_at", "reason"),
    "begin": ("present", "checked"),
    "leave": ("person", "note"),
    "end": tuple(hearing_fill.PHASES),
    "terminate": ("ended_reason",),
    "sign": ("person", "name"),
    "unsigned": ("person", "note"),
    "close": (),
    "report": (),
}


@room.get("/review/work/<int:work_item_id>/hearing", access=OFFICER)
def hearing_of(work_item_id: int) -> Any:
    """The hearing of a task: the form that arranges it, or the hearing."""
    session = db.session()
    work = cases.work_item(session, current_actor(), work_item_id)
    if work.step not in hearings.STEPS:
        raise NotFound("这项任务不是听证。")
    found = hearings.of_case(session, work.case_id)
    if work.step == hearings.NOTICE and work.status == cases.WorkStatus.OPEN:
        return _plan_page(work_item_id, {}, None)
    if found is None:
        raise NotFound("本案的听证没有在平台上安排，请直接填写任务的表单。")
    return redirect(url_for("review.hearing", hearing_id=found.id))


@room.post("/review/work/<int:work_item_id>/hearing", access=OFFICER)
def hearing_plan(work_item_id: int) -> Any:
    """Arrange the hearing; on any error the page comes back with everything that was entered."""
    given = given_in(*PLAN_FIELDS)
    try:
        only_fields(*PLAN_FIELDS)
        with transaction() as session:
            hearings.plan(session, current_actor(), work_item_id, posted_key(), given)
    except (Invalid, Refused, Conflict) as error:
        return _plan_page(work_item_id, given, error), error.status
    return redirect(url_for("inbox.work", work_item_id=work_item_id, done=posted_key()), 303)


@room.get("/review/hearings/<int:hearing_id>", access=OFFICER)
def hearing(hearing_id: int) -> str:
    """A hearing, as far as it has come."""
    return _page(hearing_id, {}, None)


@room.post("/review/hearings/<int:hearing_id>/record", access=OFFICER)
def hearing_record(hearing_id: int) -> Response:
    """Keep the record as it is typed."""
    only_fields(*hearing_fill.PHASES)
    with transaction() as session:
        kept = hearings.keep_record(
            session,
            current_actor(),
            hearing_id,
            posted_version(),
            {name: request.form.get(name, "") for name in hearing_fill.PHASES},
        )
        version = kept.version
    return kept_at(version)


@room.post(
    "/review/hearings/<int:hearing_id>/"
    "<any(notify, adjourn, begin, leave, end, terminate, sign, unsigned, close, report):name>",
    access=OFFICER,
)
def hearing_act(hearing_id: int, name: str) -> Any:
    """An act on a hearing; on any error the page comes back with everything that was entered."""
    given = given_in(*ACT_FIELDS[name])
    try:
        only_fields(*ACT_FIELDS[name])
        with transaction() as session:
            result = hearing_acts.carry_out(session, current_actor(), hearing_id, name, posted_key(), given)
    except (Invalid, Refused, Conflict) as error:
        return _page(hearing_id, {**given, "_act": name}, error), error.status
    if name in ("close", "report"):
        return redirect(url_for("inbox.work", work_item_id=result.work_item_id, done=posted_key()), 303)
    return redirect(url_for("review.hearing", hearing_id=hearing_id, done=posted_key()), 303)


def _plan_page(work_item_id: int, given: Mapping[str, Any], error: XingquanError | None) -> str:
    session, actor = db.session(), current_actor()
    work = hearings.task(session, actor, work_item_id)
    running = cases.running(session, work)
    found = hearings.candidates(session, work)
    first = hearings.earliest(session, running.case, clock.today())
    if not given:
        given = _planned(work.case_id) or {
            "planned_at": f"{first}T09:00",
            "openness": "公开",
            "host": str(actor.officer_id),
            "persons": _called(running),
            "bring": "身份证件、授权委托书、有关证据材料",
            "contact_phone": people.agency(session, work.agency_id).phone,
        }
    return render_template(
        "review/hearing_plan.html",
        work=work,
        case=running.case,
        candidates=found,
        given=given,
        error=error,
        errors=told(error),
        key=secrets.token_hex(16),
        first=first,
        law=rules.data()["hearing"],
        roles=hearings.ROLES,
    )


def _planned(case_id: int) -> dict[str, Any] | None:
    session = db.session()
    found = hearings.of_case(session, case_id)
    if found is None:
        return None
    lines = [
        " ".join(filter(None, (p.role, p.who["name"], p.who.get("unit", ""))))
        for p in hearings.persons_of(session, found.id)
    ]
    return {
        "planned_at": f"{found.planned_at.astimezone(clock.CHINA):%Y-%m-%dT%H:%M}",
        "host": str(found.host_id),
        "member": str(found.member_id or ""),
        "recorder": str(found.recorder_id),
        "persons": "\n".join(lines),
        **found.plan,
    }


def _called(running: cases.Running) -> str:
    """The party and the officers who investigated: those the law calls in any case."""
    names = people.officers(running.session, {h.officer_id for h in running.handlers})
    lines = [f"当事人 {running.case.party.get('name', '')}"]
    return "\n".join([*lines, *(f"案件调查人员 {names[h.officer_id].name}" for h in running.handlers)])


def _page(hearing_id: int, given: Mapping[str, Any], error: XingquanError | None) -> str:
    session, actor = db.session(), current_actor()
    here = hearings.bench(session, actor, hearing_id)
    case = session.get_one(Case, here.hearing.case_id)
    running = cases.running_case(session, case)
    officers = {o for o in (here.hearing.host_id, here.hearing.member_id, here.hearing.recorder_id) if o}
    return render_template(
        "review/hearing.html",
        here=here,
        hearing=here.hearing,
        case=case,
        facts=cases.key_facts(running, cases.steps(session, case, running.procedure)),
        names={officer_id: card.name for officer_id, card in people.officers(session, officers).items()},
        issued=hearings.NOTICE in running.passed,
        state=hearings.STATES[here.hearing.state],
        reports=here.work is not None and here.work.step == hearings.REPORT,
        phases=hearing_fill.PHASES,
        methods=rules.notice_methods(),
        side=hearings.SIDE,
        now=f"{clock.now().astimezone(clock.CHINA):%Y-%m-%dT%H:%M}",
        first=hearings.earliest(session, case, clock.today()),
        law=rules.data()["hearing"],
        given=given,
        error=error,
        errors=told(error),
        done=cases.done(session, actor, request.args.get("done", "")),
        key=secrets.token_hex(16),
    )
