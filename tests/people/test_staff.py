"""人员名册: who held which position on a day, certificates that end, training; pages of officers and administrators."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from staff import account_of, admin_of, officer_of, told

from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.transaction import transaction
from app.people import directory, notices, qualifications, rostering, service
from app.people.models import Certificate, Officer, Position, Posting, StaffNotice
from app.people.rules import certificate_valid, warned_at

pytestmark = pytest.mark.usefixtures("city")


def paper_of(session, login, kind="enforcement"):
    chosen = select(Certificate).where(
        Certificate.officer_id == officer_of(session, login), Certificate.kind == kind
    )
    return session.scalars(chosen).one()


@pytest.mark.parametrize(
    ("left", "step"),
    [(91, None), (90, "90"), (31, "90"), (30, "30"), (8, "30"), (7, "7"), (0, "7"), (-1, "ended")],
)
def test_a_warning_is_due_on_the_nearest_day_that_has_come(left, step):
    today = date(2026, 3, 1)
    assert warned_at(today + timedelta(days=left), today, (90, 30, 7)) == step


def test_a_certificate_does_not_hold_while_it_is_withheld():
    first, last = date(2026, 3, 2), date(2026, 3, 9)

    def holds(day, to=last):
        return certificate_valid(date(2024, 1, 1), None, None, date(2026, 3, day), (first, to))

    assert [holds(day) for day in (1, 2, 9, 10)] == [True, False, False, True]
    assert [holds(day, None) for day in (1, 2, 31)] == [True, False, False]


def test_holder_and_heads_are_told_ninety_thirty_and_seven_days_before_and_once_each(desk):
    paper = paper_of(desk, "hb-officer1")
    last = date(2027, 6, 30)
    paper.valid_to = last
    desk.flush()
    for before, expected in ((95, 0), (90, 1), (60, 1), (30, 2), (29, 2), (7, 3), (1, 3), (-1, 4), (-5, 4)):
        moment = clock.now().replace(year=2027, month=6, day=30, hour=4) - timedelta(days=before)
        for _ in range(2):
            with clock.at(moment):
                notices.look_at_certificates(desk, moment)
        mine = [line for line in told(desk, "hb-officer1") if paper.number in line]
        assert len(mine) == expected, before
        assert [line for line in told(desk, "hb-head") if paper.number in line] == mine
    assert "还有 90 天" in mine[0]
    assert "已于2027年6月30日" in mine[-1]
    assert told(desk, "szhb-head") == []


def test_who_has_a_new_certificate_already_is_not_warned(desk):
    paper = paper_of(desk, "hb-officer1")
    paper.valid_to = clock.today() + timedelta(days=20)
    desk.add(
        Certificate(
            officer_id=paper.officer_id, kind=paper.kind, number="演示-换发", valid_from=clock.today(),
            valid_to=clock.today() + timedelta(days=900),
        )
    )  # fmt: skip
    desk.flush()
    notices.look_at_certificates(desk, clock.now())
    assert not [line for line in told(desk, "hb-officer1") if paper.number in line]


def test_the_roster_of_a_past_day_names_who_held_what_then(desk):
    officer = officer_of(desk, "hb-officer1")
    agency = desk.get(Officer, officer).agency_id
    held = desk.scalars(select(Posting).where(Posting.officer_id == officer)).one()
    held.valid_from, held.valid_to = date(2024, 1, 1), date(2025, 12, 31)
    desk.add(Posting(officer_id=officer, position_key="case_review", valid_from=date(2026, 1, 1)))
    desk.flush()

    def held_on(day):
        return {c.id: {p.key for p in c.postings} for c in directory.staff_on(desk, agency, day)}.get(officer)

    assert held_on(date(2023, 12, 31)) is None
    assert held_on(date(2025, 12, 31)) == {"investigator"}
    assert held_on(date(2026, 1, 1)) == {"case_review"}
    desk.get(Officer, officer).active = False
    desk.flush()
    assert held_on(date(2025, 6, 1)) == {"investigator"}, "who has left held it all the same"
    periods = [(p.key, p.valid_from, p.valid_to) for p in directory.history(desk, officer)]
    assert periods == [
        ("case_review", date(2026, 1, 1), None),
        ("investigator", date(2024, 1, 1), date(2025, 12, 31)),
    ]
    assert desk.get(Position, "case_review") is not None


def test_training_is_counted_by_calendar_year(desk):
    admin, account, officer = admin_of(desk), account_of(desk, "hb-officer1"), officer_of(desk, "hb-officer1")
    for day, hours in ((date(2025, 12, 31), "8"), (date(2026, 1, 1), "24.5"), (date(2026, 5, 6), "36")):
        new = qualifications.NewTraining(
            day, f"执法规范化培训（演示）{day}", "市司法局（演示）", Decimal(hours)
        )
        qualifications.enter_training(desk, admin, account, new)
    desk.flush()
    assert qualifications.hours_of(desk, [officer], 2026) == {officer: Decimal("60.5")}
    assert qualifications.hours_of(desk, [officer], 2025) == {officer: Decimal("8.0")}
    with pytest.raises(Conflict):
        qualifications.enter_training(desk, admin, account, new)
    with pytest.raises(Invalid):
        later = qualifications.NewTraining(clock.today() + timedelta(days=1), "培训", "局", Decimal(1))
        qualifications.enter_training(desk, admin, account, later)


def test_withheld_and_given_back(desk):
    admin, account = admin_of(desk), account_of(desk, "hb-officer1")
    paper, officer = paper_of(desk, "hb-officer1"), officer_of(desk, "hb-officer1")

    def holds(day=None):
        return service.certified(desk, officer, "enforcement", day or clock.today())

    assert holds()
    for reason, until, field in (
        ("", None, "reason"),
        ("决定（演示）", clock.today() - timedelta(1), "until"),
    ):
        with pytest.raises(Invalid) as wrong:
            qualifications.suspend_certificate(desk, admin, account, paper.id, until, reason)
        assert set(wrong.value.errors) == {field}
    until = clock.today() + timedelta(days=5)
    qualifications.suspend_certificate(desk, admin, account, paper.id, until, "演示决定1号")
    assert not holds()
    assert not holds(until)
    assert holds(until + timedelta(days=1))
    assert not service.officer(desk, officer).certificate()
    assert any("自今日起暂扣" in line for line in told(desk, "hb-head"))
    with pytest.raises(Conflict):
        qualifications.suspend_certificate(desk, admin, account, paper.id, None, "再次（演示）")
    rostering.restore_certificate(desk, admin, account, paper.id)
    assert not holds(), "giving it back is proposed, and waits for the legal office"
    (one,) = rostering.pending(desk, [officer])
    rostering.carry_out(desk, [one.entry], clock.today(), "变更单〔演示〕1号")
    assert holds()
    with pytest.raises(Conflict):
        rostering.restore_certificate(desk, admin, account, paper.id)


def test_pages_of_the_administrator(callers, app):
    admin = callers()
    admin.sign_in("sf-admin")
    with app.app_context(), transaction() as session:
        account, paper = account_of(session, "szhb-officer1"), paper_of(session, "szhb-officer1").id
    page = f"/admin/accounts/{account}"
    address = f"{page}/certificates/{paper}"
    wrong = admin.post(f"{address}/suspend", {"reason": "", "until": "哪天"}, page=page)
    assert wrong.status_code == 422
    assert "日期格式" in wrong.text
    assert admin.post(f"{address}/suspend", {"reason": "演示决定2号"}, page=page).status_code == 303
    shown = admin.get(page).text
    assert "暂扣中" in shown
    assert "暂扣证件" in shown
    assert admin.post(f"{address}/restore", page=page).status_code == 303
    shown = admin.get(page).text
    assert "暂扣中" in shown, "until the legal office has confirmed"
    assert "待确认的名录变更" in shown
    bad = admin.post(f"{page}/training", {"topic": "法治培训（演示）", "hours": "很多"}, page=page)
    assert bad.status_code == 422
    assert "学时填大于 0" in bad.text
    assert "法治培训（演示）" in bad.text, "what was typed is there"
    good = {"held_on": "2026-03-02", "topic": "法治培训（演示）", "organiser": "演示学院", "hours": "12"}
    assert admin.post(f"{page}/training", good, page=page).status_code == 303
    assert "12.0 学时" in admin.get(page).text
    assert admin.post(f"{page}/training", good, page=page).status_code == 409


def test_officers_see_their_own_agency_and_heads_what_was_refused(callers, app):
    with app.app_context(), transaction() as session:
        mine, other = officer_of(session, "hb-officer1"), officer_of(session, "szhb-officer1")
        notices.tell(
            session, [officer_of(session, "hb-head")], mine, "test:1", "甲子（演示）的证件（演示）将到期。"
        )
    head, officer = callers(), callers()
    head.sign_in("hb-head")
    officer.sign_in("hb-officer1")
    assert "在岗人员" in officer.get("/staff").text
    assert "执法办案岗" in officer.get(f"/staff/{mine}").text
    assert officer.get(f"/staff/{other}").status_code == 404
    assert "没有登记在岗人员" in officer.get("/staff?on=1999-01-01").text
    assert officer.get("/staff?on=yesterday").status_code == 422
    assert officer.get("/staff/refusals").status_code == 403
    assert "没有记录" in head.get("/staff/refusals").text
    assert "1 条" in head.get("/staff/notices/waiting").text
    assert "条" not in officer.get("/staff/notices/waiting").text
    page = head.get("/staff/notices").text
    assert "将到期" in page
    with app.app_context(), transaction() as session:
        last = session.scalars(select(StaffNotice.id).where(StaffNotice.key == "test:1")).one()
    assert officer.post(f"/staff/notices/{last}/read", page="/account").status_code == 404
    assert "1 条" in head.get("/staff/notices/waiting").text, "nobody reads for another"
    assert head.post(f"/staff/notices/{last}/read", page="/staff/notices").status_code == 303
    assert "条" not in head.get("/staff/notices/waiting").text
    for login in ("sf-admin", "sf-analyst"):
        stranger = callers()
        stranger.sign_in(login)
        assert stranger.get("/staff").status_code == 403


def test_only_heads_read_refusals(desk):
    from app.people import refusals

    with pytest.raises(Forbidden):
        refusals.listed(desk, service.actor_of(desk, officer_of(desk, "hb-officer1")))
