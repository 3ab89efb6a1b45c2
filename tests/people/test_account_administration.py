"""What an administrator does, and what no administrator can."""

import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.transaction import transaction
from app.people import rostering, service
from app.people.models import Account, AccountAct, Agency

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def admin(callers):
    """The administrator of the city, signed in."""
    caller = callers()
    assert caller.sign_in("sf-admin").status_code == 303
    return caller


def account_id(app, login: str) -> int:
    with app.app_context(), transaction() as session:
        return session.scalars(select(Account.id).where(Account.login == login)).one()


def agency_id(app, code: str) -> int:
    with app.app_context(), transaction() as session:
        return session.scalars(select(Agency.id).where(Agency.code == code)).one()


def new(app, login: str, **more) -> dict:
    return {
        "name": "乙卯（演示）",
        "login": login,
        "agency_id": agency_id(app, "370402-04"),
        "roles": ["officer"],
        "positions": ["investigator", "team_lead"],
        "enforcement_number": f"演示证-{login}",
        "enforcement_valid_from": "2024-01-01",
        "enforcement_valid_to": "2028-12-31",
    } | more


def one_time(page: str) -> str:
    return re.search(r"<code>([^<]+)</code>", page)[1]


def create(admin, data):
    return admin.post("/admin/accounts/new", data)


def test_a_new_person_signs_in_with_a_one_time_password(app, admin, callers):
    answer = create(admin, new(app, "szhb-new1"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    person = callers()
    assert person.sign_in("szhb-new1", one_time(answer.text)).location == "/account/password"
    change = {"current": one_time(answer.text), "new": "Fresh-start-77", "again": "Fresh-start-77"}
    person.post("/account/password", change)
    page = person.get("/account").text
    assert "乙卯（演示）" in page
    assert "枣庄市生态环境局市中区分局" in page
    assert "执法办案岗" not in page, "positions wait for the legal office"
    detail = admin.get(f"/admin/accounts/{account_id(app, 'szhb-new1')}").text
    assert "建立账号" in detail
    pending = detail[detail.index("待确认的名录变更") :]
    for words in ("任执法办案岗", "任执法队队长岗", "演示证-szhb-new1"):
        assert words in pending
    assert one_time(answer.text) not in detail


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"login": "hb-intake"}, "已经有人使用"),
        ({"login": "X"}, "小写英文字母"),
        ({"name": " "}, "请填写"),
        ({"agency_id": "none"}, "请选择"),
        ({"roles": []}, "请至少选择一种"),
        ({"roles": ["king"]}, "请重新选择"),
        ({"roles": ["officer", "admin"]}, "不得兼任"),
        ({"positions": []}, "至少要有一个岗位"),
        ({"positions": ["king"]}, "岗位不存在"),
        ({"enforcement_valid_to": "2020-01-01"}, "不能早于"),
        ({"enforcement_valid_from": ""}, "请填写日期"),
        ({"enforcement_valid_from": "1.1.2024"}, "日期格式"),
        ({"legal_number": "演示-孤证"}, "请填写日期"),
        ({"must_change": "false"}, "must_change"),
    ],
)
def test_a_bad_form_says_what_to_mend_and_enters_nothing(app, admin, data, message):
    answer = create(admin, new(app, "szhb-bad") | data)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'id="error-summary-title"' in answer.text
    with app.app_context(), transaction() as session:
        assert session.scalar(select(Account.id).where(Account.login == "szhb-bad")) is None


def test_a_certificate_number_belongs_to_one_person(app, admin):
    assert create(admin, new(app, "szhb-one")).status_code == 200
    twice = create(admin, new(app, "szhb-two", enforcement_number="演示证-szhb-one"))
    assert twice.status_code == 422
    assert "登记在他人名下" in twice.text


def test_other_regions_accounts_do_not_exist(app, callers):
    """The administrator of one district and an account of the next."""
    county = callers()
    county.sign_in("szsf-admin")
    assert ">szhb-head</a>" in county.get("/admin/accounts?q=szhb").text
    assert ">xcsj-head</a>" not in county.get("/admin/accounts?q=xcsj-head").text
    stranger = account_id(app, "xcsj-head")
    assert county.get(f"/admin/accounts/{stranger}").status_code == 404
    for act in ("suspend", "restore", "unlock", "password", "postings"):
        post = {"position": "head"} if act == "postings" else {}
        answer = county.post(f"/admin/accounts/{stranger}/{act}", post, page="/account")
        assert answer.status_code == 404, act
    foreign = new(app, "xcsj-new", agency_id=agency_id(app, "370403-02"))
    assert create(county, foreign).status_code == 404


def test_nobody_keeps_the_own_account(app, admin):
    mine = account_id(app, "sf-admin")
    page = admin.get(f"/admin/accounts/{mine}").text
    assert "须由另一名管理员" in page
    for act in ("suspend", "password", "unlock"):
        assert admin.post(f"/admin/accounts/{mine}/{act}", page="/account").status_code == 403


def test_suspending_and_restoring(app, admin, callers, person):
    login, desk = person(), callers()
    mark = account_id(app, login)
    desk.sign_in(login)
    page = f"/admin/accounts/{mark}"
    assert admin.post(f"{page}/suspend", page=page).location == f"{page}?done=suspended"
    assert desk.get("/account").status_code == 302
    assert desk.sign_in(login).status_code == 422
    assert "已停用" in admin.get(page).text
    admin.post(f"{page}/restore", page=page)
    assert desk.sign_in(login).status_code == 303


def test_unlocking_after_too_many_failures(app, admin, caller, person):
    login = person()
    page = f"/admin/accounts/{account_id(app, login)}"
    for _ in range(5):
        caller.sign_in(login, "wrong-password-1")
    assert caller.sign_in(login).status_code == 429
    assert "锁定至" in admin.get(page).text
    admin.post(f"{page}/unlock", page=page)
    assert caller.sign_in(login).status_code == 303


def test_resetting_a_password_ends_sessions_and_forces_a_change(app, admin, callers, person):
    login, desk = person(), callers()
    desk.sign_in(login)
    page = f"/admin/accounts/{account_id(app, login)}"
    password = one_time(admin.post(f"{page}/password", page=page).text)
    assert desk.get("/account").status_code == 302
    assert desk.sign_in(login).status_code == 422
    assert desk.sign_in(login, password).location == "/account/password"


def test_positions_and_certificates_are_proposed_and_go_at_once(app, admin, person):
    """What adds to the roster waits for its order (tests/orders); what takes away is done here and now."""
    mark = account_id(app, person())
    page = f"/admin/accounts/{mark}"
    assert admin.post(f"{page}/postings", {"position": "finance"}, page=page).status_code == 303
    assert "任罚没收缴岗" in admin.get(page).text
    assert "/end" not in admin.get(page).text
    again = admin.post(f"{page}/postings", {"position": "finance"}, page=page)
    assert again.status_code == 409
    data = {"kind": "hearing", "number": f"演示听-{mark}", "valid_from": "2024-01-01", "valid_to": ""}
    assert admin.post(f"{page}/certificates", data, page=page).status_code == 303
    assert "至长期" in admin.get(page).text
    assert "/revoke" not in admin.get(page).text
    bad = admin.post(f"{page}/certificates", data | {"valid_from": "soon"}, page=page)
    assert bad.status_code == 422
    assert "日期格式" in bad.text
    with app.app_context(), transaction() as session:
        officer = session.get_one(Account, mark)
        pending = rostering.pending(session, [officer.officer_id])
        entries = [each.entry for each in pending]
        rostering.carry_out(session, entries, clock.today(), "变更单〔演示〕1号")
    posting = re.search(rf'action="{page}/postings/(\d+)/end"', admin.get(page).text)[1]
    admin.post(f"{page}/postings/{posting}/end", page=page)
    assert "/end" not in admin.get(page).text
    paper = re.search(rf'action="{page}/certificates/(\d+)/revoke"', admin.get(page).text)[1]
    admin.post(f"{page}/certificates/{paper}/revoke", page=page)
    assert "已注销" in admin.get(page).text
    with app.app_context(), transaction() as session:
        acts = list(session.scalars(select(AccountAct.act).where(AccountAct.account_id == mark)))
    assert acts == [
        "roster_proposed", "roster_proposed", "posting_added", "certificate_added", "posting_ended",
        "certificate_revoked",
    ]  # fmt: skip


def test_another_officers_posting_cannot_be_ended_through_mine(app, admin, person):
    page = f"/admin/accounts/{account_id(app, person())}"
    with app.app_context():
        theirs = db.session.execute(text("select min(id) from posting")).scalar_one()
        paper = db.session.execute(text("select min(id) from certificate")).scalar_one()
    assert admin.post(f"{page}/postings/{theirs}/end", page=page).status_code == 404
    assert admin.post(f"{page}/certificates/{paper}/revoke", page=page).status_code == 404


def test_the_list_goes_on_page_by_page_without_gap_or_repeat(admin):
    seen: list[str] = []
    path = "/admin/accounts"
    while path:
        page = admin.get(path).text
        seen += re.findall(r'<a href="/admin/accounts/\d+">([^<]+)</a>', page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further[1].replace("&amp;", "&") if further else ""
    assert seen == sorted(set(seen))
    assert len(seen) >= 170


def test_a_search_takes_wildcards_literally(admin):
    assert "没有找到账号" in admin.get("/admin/accounts?q=%25").text
    assert "没有找到账号" in admin.get("/admin/accounts?q=_").text


def test_the_database_itself_refuses_roles_that_must_not_meet(app):
    for roles in ("{admin,officer}", "{analyst,officer}", "{king}", "{}"):
        with app.app_context(), pytest.raises(IntegrityError), transaction() as session:
            session.execute(
                text("update account set roles = cast(:roles as text[]) where login = 'hb-head'"),
                {"roles": roles},
            )


def test_an_account_stays_with_its_officers_agency(app):
    with app.app_context(), pytest.raises(IntegrityError), transaction() as session:
        session.execute(
            text("update account set agency_id = :other where login = 'hb-head'"),
            {"other": agency_id(app, "370400-02")},
        )


def test_the_first_administrator_comes_from_the_command_line(app, caller):
    with app.app_context(), transaction() as session:
        password = service.enter_first_admin(session, "town-admin", "管理员（演示）", "370402101")
    assert caller.sign_in("town-admin", password).location == "/account/password"
    for login, code, error in (
        ("town-admin2", "370402101", Conflict),
        ("town-admin2", "no-such-agency", NotFound),
        ("hb-head", "370402006", Invalid),
        ("Not A Login", "370402006", Invalid),
    ):
        with app.app_context(), pytest.raises(error), transaction() as session:
            service.enter_first_admin(session, login, "管理员（演示）", code)


def test_only_administrators_get_in(callers):
    for login in ("hb-head", "sf-super", "sf-analyst"):
        caller = callers()
        caller.sign_in(login)
        assert caller.get("/admin/accounts").status_code == 403


def test_the_door_of_the_room_offers_what_it_promises():
    assert all(hasattr(service, name) for name in service.__all__)
