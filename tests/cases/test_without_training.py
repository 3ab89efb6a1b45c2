"""Who lacks last year's training, where that bars, is as good as without a certificate (S0-28): receives nothing, hands in
nothing, confirms nothing, by whatever door; and loses what is in hand when it begins to bar."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.cases import acts, hands, lapses
from app.cases import service as cases
from app.cases.models import WorkStatus
from app.kernel import clock
from app.kernel.errors import Invalid, Refused
from app.people import training
from app.people.models import Officer, RefusedAct, Training, TrainingRule

from .town import actor, confirm, hand_in, waiting

CODE = "certified_officers"
WORDS = "年度执法人员培训未达标"


def trained(session, officer_id, year, hours=60):
    session.add(
        Training(
            officer_id=officer_id, held_on=date(year, 5, 6), topic=f"执法培训（演示）{year}", organiser="演示学院",
            hours=hours, counts_for=year, entered_at=clock.now(),
        )
    )  # fmt: skip


def bars(session, *without, since=date(2020, 1, 1), year=None):
    """Training bars at the environment agency; everybody there but these has last year's."""
    head = actor(session, "hb-head")
    left_out = {actor(session, login).officer_id for login in without}
    for officer_id in session.scalars(select(Officer.id).where(Officer.agency_id == head.agency_id)):
        if officer_id not in left_out:
            for each in [year] if year else [clock.today().year - 1, clock.today().year]:
                trained(session, officer_id, each)
    session.add(
        TrainingRule(
            agency_id=head.agency_id, kind="enforcement", hours=60, examination=False, bars=True, valid_from=since,
            basis="演示文件", set_by=head.officer_id, set_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()


def bar(drive, *without):
    """As `bars`, for the year before a staged case's moment."""
    bars(drive.session, *without, year=clock.legal_day(drive.moment).year - 1)


def take(drive, login, node):
    work = waiting(drive.session, drive.case_id, node)
    with clock.at(drive.moment):
        acts.claim(drive.session, actor(drive.session, login), work.id, drive.key())
    return work


@pytest.mark.requirement("S0-28")
def test_who_lacks_training_neither_takes_nor_is_given_nor_hands_in_nor_confirms(stage, desk):
    case = stage("dust-heap", until="check")
    bar(case, "hb-officer1")
    work = waiting(desk, case.case_id, "check")
    with clock.at(case.moment), pytest.raises(Refused) as refused:
        acts.claim(desk, actor(desk, "hb-officer1"), work.id, case.key())
    assert refused.value.code == CODE
    assert WORDS in refused.value.message
    with pytest.raises(Refused) as refused:
        hand_in(case, "check", "hb-officer1")
    assert WORDS in refused.value.message
    work = take(case, "hb-officer2", "check")
    given = {"to": str(actor(desk, "hb-officer1").officer_id), "reason": "外出（演示）"}
    with pytest.raises((Invalid, Refused)), clock.at(case.moment):
        cases.desk_act(desk, actor(desk, "hb-officer2"), work.id, work.version, case.key(), "transfer", given)
    with clock.at(case.moment):
        running = cases.lock(desk, case.case_id)
        told = {c.id: c.why_not for c in hands.candidates(running, work)}
    assert WORDS in told[actor(desk, "hb-officer1").officer_id], "rules of allocation leave them out"


def test_the_second_officer_does_not_confirm_without_training(stage, desk):
    case = stage("dust-heap", until="check")
    take(case, "hb-officer1", "check")
    hand_in(case, "check", "hb-officer1")
    bar(case, "hb-officer2")
    with pytest.raises(Refused) as refused:
        confirm(case, "check", "hb-officer2")
    assert refused.value.code == CODE
    assert WORDS in refused.value.message
    assert waiting(desk, case.case_id, "check").status == WorkStatus.COSIGN


def test_between_taking_and_handing_in_the_year_ends(stage, desk):
    """A task taken on the last day of the year is not handed in on the first day of the next without training."""
    case = stage("dust-heap", until="check")
    this = clock.legal_day(case.moment).year
    bars(desk, year=this - 1)
    trained(desk, actor(desk, "hb-officer2").officer_id, this)
    desk.flush()
    case.moment = datetime(this, 12, 31, 15, 59, tzinfo=UTC)  # 23:59 in China
    work = take(case, "hb-officer1", "check")
    assert work.assignee_id == actor(desk, "hb-officer1").officer_id
    case.moment = datetime(this, 12, 31, 16, 0, tzinfo=UTC)  # midnight in China
    with pytest.raises(Refused) as refused:
        hand_in(case, "check", "hb-officer1")
    assert f"{this} 年度" in refused.value.message
    with clock.at(case.moment):
        assert actor(desk, "hb-officer1").officer_id in lapses.ended(desk, work.agency_id)
        reason = lapses.put_back(desk, case.case_id, work.id)
    assert WORDS in reason
    assert waiting(desk, case.case_id, "check").assignee_id is None


@pytest.mark.requirement("S0-28")
def test_a_head_turns_it_on_and_it_holds_at_once_over_http(town):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    town.do(cases.claim, "hb-officer1", work_id, "claimtraining001")
    last = clock.today().year - 1
    with town.act() as session:
        for login in ("hb-officer2", "hb-officer3", "hb-lead"):
            trained(session, actor(session, login).officer_id, last)
    browser, page = town.caller("hb-officer1"), f"/work/{work_id}"
    assert browser.get(page).status_code == 200
    given = {
        "what": "agency",
        "kind": "enforcement",
        "hours": "60",
        "bars": "1",
        "basis": "演示文件",
        "seen": "0",
    }
    head = town.caller("hb-head")
    assert head.post("/staff/training", given, page="/staff/training").status_code == 303
    with town.read() as session:
        assert waiting(session, case_id, "check").assignee_id is None, "taken away in the same act"
    answer = browser.post(f"{page}/claim", {"_key": "claimtraining002"}, page=page)
    assert answer.status_code == 422
    assert WORDS in answer.get_data(as_text=True)
    with town.read() as session:
        officer = actor(session, "hb-officer1").officer_id
        tried = session.scalars(select(RefusedAct.code).where(RefusedAct.officer_id == officer)).all()
        assert CODE in tried
    assert WORDS in head.get("/staff/refusals").get_data(as_text=True)
    assert WORDS in head.get("/staff").get_data(as_text=True)
    with town.act() as session:
        trained(session, officer, last)
    assert browser.post(f"{page}/claim", {"_key": "claimtraining003"}, page=page).status_code == 303
    with town.act() as session:
        session.query(TrainingRule).delete()
        assert training.asked(session, actor(session, "hb-head").agency_id)[0].together.bars is False
