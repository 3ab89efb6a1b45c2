"""全量法制审核 (S1-17): an agency may demand that every case is reviewed before it is decided, as major ones are."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cases import service as cases
from app.cases import switches, timers
from app.cases.models import AgencySwitch, Case
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from .test_returning import give_back, live, sound
from .town import actor, hand_in, waiting

NAME = "full_legal_review"


def turn(session, on: bool, at=None, by: str = "hb-head", reason: str = "党组会议决定（演示）。"):
    person = actor(session, by)
    last = session.scalars(
        select(AgencySwitch)
        .where(AgencySwitch.agency_id == person.agency_id)
        .order_by(AgencySwitch.id.desc())
    ).first()
    with clock.at(at or clock.now()):
        return switches.turn(session, person, NAME, on, reason, last.id if last else 0)


def row(case) -> Case:
    return case.session.get(Case, case.case_id, populate_existing=True)


def done_nodes(case) -> list[str]:
    chosen = "select node from work_item where case_id = :case and status = 'done'"
    return list(
        case.session.connection().exec_driver_sql(chosen.replace(":case", str(case.case_id))).scalars()
    )


def on_to(case, node: str) -> None:
    """Go on until a task waits."""
    while (following := case.next_node(node)) is not None:
        case.moment += timedelta(days=1)
        case.do(following)


def test_without_it_a_case_that_is_not_major_needs_none(drive):
    case = drive("dust-heap", until="decide")
    assert (live(case), "legal_review" in done_nodes(case)) == (["decide"], False)
    assert not row(case).attributes["review_required"]


@pytest.mark.requirement("S1-17")
def test_with_it_every_case_is_reviewed_and_none_is_major_by_that(drive, act):
    turn(act, True)
    case = drive("dust-heap", until="legal_review")
    assert live(case) == ["legal_review"]
    found = row(case).attributes
    assert (found["full_review"], found["review_required"], found["major"]) == (True, True, False)
    assert not found["collective_required"]
    on_to(case, "decide")
    assert live(case) == ["decide"]
    chosen = select(Document.code, Document.title).where(Document.case_id == case.case_id)
    titles = dict(case.session.execute(chosen).tuples().all())
    assert titles["SH-01"] == "法制审核意见书", (
        "a review that the agency asks of every case makes none of them major"
    )
    on_to(case, "decision_doc")
    sound(case)


def test_a_case_under_way_takes_it_up_at_its_next_act(drive):
    case = drive("dust-heap", until="lead_review")
    turn(case.session, True, case.moment)
    assert not row(case).attributes["full_review"]
    case.do("lead_review")
    assert row(case).attributes["full_review"]
    sound(case)
    on_to(case, "legal_review")
    assert live(case) == ["legal_review"]
    sound(case)


def test_a_timer_takes_it_up_too(drive):
    case = drive("dust-heap", until="party_response")
    assert not row(case).attributes["major"]
    turn(case.session, True, case.moment)
    case.moment += timedelta(days=20)
    timers.fire(case.session, case.case_id, case.moment)
    assert live(case) == ["legal_review"]
    assert row(case).attributes["full_review"]
    sound(case)


def test_what_already_waits_for_the_decision_is_held_and_led_to_the_review(drive):
    case = drive("dust-heap", until="decide")
    turn(case.session, True, case.moment)
    with pytest.raises(Refused) as caught:
        case.do("decide")
    assert caught.value.code in ("legal_review", "step_before")
    assert "按机关设置重新确定去向" in caught.value.message
    case.session.expire_all()
    head = actor(case.session, "hb-head")
    work = waiting(case.session, case.case_id, "decide")
    with clock.at(case.moment):
        if work.assignee_id is None:
            cases.claim(case.session, head, work.id, case.key())
        _, _, offer = cases.desk_offer(case.session, head, work.id, "reroute")
    assert not offer.why_not
    assert "转入“法制审核”" in offer.consequences[0]
    with clock.at(case.moment):
        told = cases.desk_act(
            case.session, head, work.id, work.version, case.key(), "reroute", {"reason": "全量审核"}
        )
    assert "转入“法制审核”" in told.message
    assert live(case) == ["legal_review"]
    sound(case)
    on_to(case, "decide")
    assert "legal_review" in done_nodes(case)
    on_to(case, "decision_doc")
    sound(case)


def test_who_has_been_reviewed_goes_on(drive, act):
    turn(act, True)
    case = drive("dust-heap", until="decide")
    head = actor(case.session, "hb-head")
    work = waiting(case.session, case.case_id, "decide")
    with clock.at(case.moment):
        if work.assignee_id is None:
            cases.claim(case.session, head, work.id, case.key())
        _, _, offer = cases.desk_offer(case.session, head, work.id, "reroute")
    assert "不因机关设置改变" in offer.why_not


def test_acts_taken_back_leave_it_standing(drive):
    case = drive("dust-heap", until="lead_review")
    turn(case.session, True, case.moment)
    case.do("lead_review")
    give_back(case, "pre_review", "hb-review", "report")
    sound(case)
    for node in ("report", "lead_review"):
        case.do(node)
    assert row(case).attributes["full_review"]
    sound(case)


def test_switched_off_it_holds_for_cases_of_its_time_and_for_no_later_one(drive, act):
    case = drive("dust-heap", until="lead_review")
    turn(act, True, case.moment)
    turn(act, False, case.moment + timedelta(hours=1))
    case.do("lead_review")
    assert row(case).attributes["full_review"]
    on_to(case, "legal_review")
    assert live(case) == ["legal_review"]
    later = drive("dust-heap", until="file_review", id="dust-heap-later", opened="2026-11-20")
    assert not row(later).attributes["full_review"]


def test_another_agency_is_not_concerned(drive, act):
    turn(act, True)
    case = drive("rubble-field", until="file_review")
    assert not row(case).attributes["full_review"]


def test_only_heads_turn_it_with_a_reason_and_once(act):
    for login in ("hb-officer1", "hb-legal", "hb-lead"):
        with pytest.raises(Forbidden):
            turn(act, True, by=login)
    for reason in ("", "  ", "长" * 501):
        with pytest.raises(Invalid) as caught:
            turn(act, True, reason=reason)
        assert set(caught.value.errors) == {"reason"}
    first = turn(act, True)
    with pytest.raises(Invalid):
        turn(act, True)
    with pytest.raises(Conflict):
        switches.turn(act, actor(act, "hb-deputy"), NAME, False, "理由", 0)
    with pytest.raises(NotFound):
        switches.turn(act, actor(act, "hb-head"), "other", True, "理由", 0)
    ((switch, turns),) = switches.states(act, actor(act, "hb-deputy"))
    assert (switch.label, [one.id for one in turns], turns[0].reason) == (
        "全量法制审核", [first.id], "党组会议决定（演示）。",
    )  # fmt: skip


def test_nobody_writes_it_into_a_form(drive):
    """The attribute is the agency's: no answer of a form makes it false or true."""
    case = drive("dust-heap", until="check")
    rules = cases.running_case(case.session, row(case)).procedure
    for form in rules.forms.values():
        assert "full_review" not in (form.get("writes") or {})
    turn(case.session, True, case.moment)
    hand_in(case, "check", "hb-officer1")
    sound(case)


def test_the_page_tells_what_follows_and_an_officer_has_none(town):
    head, officer = town.caller("hb-head"), town.caller("hb-officer1")
    page = head.get("/inbox/switches").get_data(as_text=True)
    assert "全量法制审核" in page
    assert "作出决定以前都必须经法制审核" in page
    assert "机关设置" in head.get("/inbox").get_data(as_text=True)
    assert "机关设置" not in officer.get("/inbox").get_data(as_text=True)
    assert officer.get("/inbox/switches").status_code == 403
    address = f"/inbox/switches/{NAME}"
    given = {"on": "yes", "reason": "试一试", "_version": "0"}
    assert officer.post(address, given, page="/inbox").status_code == 403
    assert town.caller("hb-legal").post(address, given, page="/inbox").status_code == 403
    assert head.bare_post(address, given).status_code in (400, 403)
    wrong = head.post(address, {"on": "yes", "reason": "", "_version": "0"}, page="/inbox/switches")
    assert wrong.status_code == 422
    assert "请写明理由" in wrong.get_data(as_text=True)
    assert head.post(address, given, page="/inbox/switches").status_code == 303
    stale = head.post(address, {**given, "on": "no"}, page="/inbox/switches")
    assert stale.status_code == 409
    assert "已由他人改动" in stale.get_data(as_text=True)
    assert "试一试" in stale.get_data(as_text=True)
    shown = head.get("/inbox/switches").get_data(as_text=True)
    assert "已开启" in shown
    assert "关闭全量法制审核" in shown
    with town.read() as session:
        rows = session.scalars(select(AgencySwitch)).all()
        assert [(one.name, one.on, one.reason) for one in rows] == [(NAME, True, "试一试")]
