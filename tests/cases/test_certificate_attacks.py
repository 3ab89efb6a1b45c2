"""行政处罚法第四十二条, tried around: two tabs, a task taken in time, the one who signed first, another number for what is
withheld, midnight, a colleague who stands in, somebody who only prepares."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases import acts, lapses
from app.cases import service as cases
from app.cases.models import WorkStatus
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid, Refused
from app.people import qualifications, rostering, substitution
from app.people import service as people
from app.people.administration import NewCertificate
from app.people.models import Account, Certificate, Posting

from .town import actor, confirm, hand_in, waiting

CODE = "certified_officers"


def papers_of(session, login, kind="enforcement"):
    mine = select(Certificate).where(
        Certificate.officer_id == actor(session, login).officer_id, Certificate.kind == kind
    )
    return list(session.scalars(mine.order_by(Certificate.id)))


def account_of(session, login):
    return session.scalars(select(Account.id).where(Account.login == login)).one()


def claim(case, login, node):
    work = waiting(case.session, case.case_id, node)
    with clock.at(case.moment):
        acts.claim(case.session, actor(case.session, login), work.id, case.key())
    return work


def last_day(case):
    """Bring a case to one minute before the last midnight of a year; the year."""
    year = clock.legal_day(case.moment).year
    case.moment = datetime(year, 12, 31, 15, 59, tzinfo=UTC)  # 23:59 in China
    return year


def midnight(case, year):
    """Midnight in China: at Greenwich it is still the last day of the year."""
    case.moment = datetime(year, 12, 31, 16, 0, tzinfo=UTC)


def test_a_certificate_ends_at_midnight_in_china(stage, desk):
    case = stage("dust-heap", until="check")
    year = last_day(case)
    (paper,) = papers_of(desk, "hb-officer1")
    paper.valid_to = date(year, 12, 31)
    desk.flush()
    work = claim(case, "hb-officer1", "check")
    midnight(case, year)
    with pytest.raises(Refused) as refused:
        hand_in(case, "check", "hb-officer1")
    assert refused.value.code == CODE
    with clock.at(case.moment):
        assert lapses.put_back(desk, case.case_id, work.id)
    assert waiting(desk, case.case_id, "check").assignee_id is None


def test_who_handed_in_first_must_hold_it_still_when_the_second_confirms(stage, desk):
    case = stage("dust-heap", until="check")
    year = last_day(case)
    (paper,) = papers_of(desk, "hb-officer1")
    paper.valid_to = date(year, 12, 31)
    desk.flush()
    claim(case, "hb-officer1", "check")
    hand_in(case, "check", "hb-officer1")
    assert waiting(desk, case.case_id, "check").status == WorkStatus.COSIGN
    midnight(case, year)
    with pytest.raises(Refused) as refused:
        confirm(case, "check", "hb-officer2")
    assert refused.value.code == CODE
    assert people.officer(desk, paper.officer_id).name in refused.value.message


def entered(session, officer, new):
    """A certificate that a confirmed order has entered."""
    rostering.write(session, rostering.certificate(officer, "演示", new), clock.today())


def test_another_number_is_no_way_around_a_withheld_certificate(stage, desk):
    case = stage("dust-heap", until="check")
    admin, account = actor(desk, "sf-admin"), account_of(desk, "hb-officer1")
    officer = actor(desk, "hb-officer1").officer_id
    second = NewCertificate(people.CertificateKind.ENFORCEMENT, "演示另号-1", date(2020, 1, 1))
    entered(desk, officer, second)
    first = papers_of(desk, "hb-officer1")[0]
    qualifications.suspend_certificate(desk, admin, account, first.id, None, "演示决定7号")
    assert not people.certified(desk, officer, "enforcement", clock.today())
    third = NewCertificate(people.CertificateKind.ENFORCEMENT, "演示另号-2", date(2020, 1, 1))
    entered(desk, officer, third)
    assert not people.officer(desk, officer).certificate()
    first_held = next(c for c in people.certificates_of(desk, officer) if c.id == first.id)
    rostering.write(desk, rostering.restored(officer, "演示", first_held), clock.today())
    qualifications.revoke_certificate(desk, admin, account, first.id)
    assert people.officer(desk, officer).certificate() == second.number, "what is revoked is replaced"
    held = papers_of(desk, "hb-officer1")[1]
    qualifications.suspend_certificate(desk, admin, account, held.id, None, "演示决定7号")
    case.moment = clock.now() + timedelta(minutes=1)
    with pytest.raises(Refused) as refused:
        claim(case, "hb-officer1", "check")
    assert refused.value.code == CODE


def test_who_stands_in_signs_with_the_own_certificate_alone(stage, desk):
    """An officer without one stands in for the investigator: takes nothing, hands in nothing, confirms nothing."""
    case = stage("dust-heap", until="check")
    away, there = actor(desk, "hb-officer1"), actor(desk, "hb-finance")
    with clock.at(case.moment):
        new = substitution.NewSubstitution(
            away.officer_id, there.officer_id, frozenset(), clock.today(), clock.today(), "外出（演示）"
        )
        substitution.set_up(desk, actor(desk, "hb-head"), new)
        assert "investigator" in people.officer(desk, there.officer_id).positions
    with pytest.raises(Refused) as refused:
        claim(case, "hb-finance", "check")
    assert refused.value.code == CODE
    with pytest.raises((Refused, Invalid)):
        hand_in(case, "check", "hb-finance")
    claim(case, "hb-officer2", "check")
    with pytest.raises((Refused, Invalid)):
        hand_in(case, "check", "hb-officer2", second=str(there.officer_id))
    work = waiting(desk, case.case_id, "check")
    assert work.status == WorkStatus.OPEN


def test_who_prepares_hands_nothing_in_and_the_assignee_needs_it_then(stage, desk):
    case = stage("dust-heap", until="check")
    work = claim(case, "hb-officer1", "check")
    (mine,) = papers_of(desk, "hb-officer2")
    mine.revoked_on = mine.valid_from
    desk.flush()
    given = {"to": str(actor(desk, "hb-officer2").officer_id), "note": "请整理材料（演示）"}
    with clock.at(case.moment):
        cases.desk_act(desk, actor(desk, "hb-officer1"), work.id, work.version, case.key(), "delegate", given)
    with pytest.raises((Refused, Conflict, Invalid)):
        hand_in(case, "check", "hb-officer2")
    with clock.at(case.moment):
        reason = {"reason": "自行填写（演示）"}
        cases.desk_act(
            desk, actor(desk, "hb-officer1"), work.id, work.version, case.key(), "take_back", reason
        )
    (paper,) = papers_of(desk, "hb-officer1")
    paper.revoked_on = paper.valid_from
    desk.flush()
    with pytest.raises(Refused) as refused:
        hand_in(case, "check", "hb-officer1", second=str(actor(desk, "hb-officer3").officer_id))
    assert refused.value.code == CODE


def test_what_was_opened_in_two_tabs_before_is_refused_in_both_after(town):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    town.do(cases.claim, "hb-officer1", work_id, "claimtwotabs0001")
    tabs = [town.caller("hb-officer1") for _ in range(2)]
    page = f"/work/{work_id}"
    for tab in tabs:
        assert tab.get(page).status_code == 200
    _, version = town.work(case_id, "check")
    with town.act() as session:
        (paper,) = papers_of(session, "hb-officer1")
        qualifications.suspend_certificate(
            session,
            actor(session, "sf-admin"),
            account_of(session, "hb-officer1"),
            paper.id,
            None,
            "演示决定8号",
        )
    for number, tab in enumerate(tabs):
        given = {"_key": f"twotabs{number:09d}", "_version": str(version)}
        answer = tab.post(page, given, page="/account")
        assert answer.status_code in (403, 404, 409, 422)
    with town.act() as session:
        work = waiting(session, case_id, "check")
        assert (work.status, work.assignee_id) == (WorkStatus.OPEN, None)
        (paper,) = papers_of(session, "hb-officer1")
        paper.suspended_from = paper.suspended_to = None


def test_the_law_of_a_past_day_is_that_of_the_postings_of_that_day(desk):
    officer = actor(desk, "hb-officer1").officer_id
    (held,) = desk.scalars(select(Posting).where(Posting.officer_id == officer, Posting.valid_to.is_(None)))
    held.valid_to = date(2026, 5, 31)
    desk.flush()
    assert held.position_key in people.officer(desk, officer, date(2026, 5, 31)).positions
    assert held.position_key not in people.officer(desk, officer, date(2026, 6, 1)).positions
    with clock.at(datetime(2026, 5, 31, 15, 59, tzinfo=UTC)):
        assert held.position_key in people.officer(desk, officer).positions
    with clock.at(datetime(2026, 5, 31, 16, 0, tzinfo=UTC)):
        assert held.position_key not in people.officer(desk, officer).positions
