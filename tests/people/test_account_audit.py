"""账号审计导出: accounts, positions, certificates, rights, sign-ins and doings of a period, for who may examine them."""

import csv
import hashlib
import io
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import select
from staff import account_of, admin_of, officer_of

from app.kernel import clock
from app.kernel.transaction import transaction
from app.people import account_audit, qualifications, rostering, service
from app.people.models import Account, AccountAct, Agency, Certificate, Officer, Posting

pytestmark = pytest.mark.usefixtures("city")
PAGE = "/accounts/audit"


@pytest.fixture
def ask(callers):
    """Ask for an export as somebody."""
    browsers = {}

    def asking(who, *parts, **more):
        if who not in browsers:
            browsers[who] = callers()
            browsers[who].sign_in(who)
        today = clock.today()
        given = {
            "parts": list(parts), "since": (today - timedelta(days=30)).isoformat(), "until": today.isoformat(),
            "format": "csv", "purpose": "演示检查1号",
        } | more  # fmt: skip
        return browsers[who].post(PAGE, given, page="/account")

    return asking


def rows(answer):
    assert answer.status_code == 200, answer.text
    read = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    return [dict(zip(read[0], line, strict=True)) for line in read[1:]]


def agency_id(app, code):
    with app.app_context(), transaction() as session:
        return str(session.scalars(select(Agency.id).where(Agency.code == code)).one())


@pytest.mark.requirement("S2-62")
def test_of_one_account_sign_ins_and_what_was_done_are_exported_and_that_is_kept(app, ask, callers):
    officer = callers()
    officer.sign_in("hb-officer3", "wrong-password-1")
    officer.sign_in("hb-officer3")
    signed = rows(ask("sf-admin", "signins", login="hb-officer3"))
    assert {row["登录名"] for row in signed} == {"hb-officer3"}
    assert [row["结果"] for row in signed][-2:] == ["密码错误", "登录成功"]
    with app.app_context(), transaction() as session:
        admin, account = admin_of(session), account_of(session, "hb-officer3")
        officer = officer_of(session, "hb-officer3")
        entry = rostering.posting(officer, "演示", "archive")
        rostering.carry_out(session, [entry], clock.today(), "变更单〔演示〕9号")
        paper = session.scalars(
            select(Certificate.id).where(
                Certificate.officer_id == officer_of(session, "hb-officer3"),
                Certificate.kind == "enforcement",
            )
        ).one()
        qualifications.suspend_certificate(session, admin, account, paper, None, "演示决定9号")
        held = next(c for c in service.certificates_of(session, officer) if c.id == paper)
        back = rostering.restored(officer, "演示", held)
        rostering.carry_out(session, [back], clock.today(), "变更单〔演示〕9号")
    answer = ask("sf-admin", "acts", login="hb-officer3")
    done = rows(answer)
    assert [(row["事由"], row["办理人"].endswith("（sf-admin）")) for row in done][-3:] == [
        ("增加岗位", False),
        ("暂扣证件", True),
        ("解除暂扣", False),
    ]
    assert done[-3]["办理人"] == "经变更单"
    assert "档案与公示岗" in done[-3]["内容"]
    assert "变更单〔演示〕9号" in done[-3]["内容"]
    assert "理由：演示决定9号" in done[-2]["内容"]
    with app.app_context(), transaction() as session:
        kept = session.scalars(
            select(AccountAct)
            .where(
                AccountAct.act == account_audit.ACT, AccountAct.account_id == account_of(session, "sf-admin")
            )
            .order_by(AccountAct.id)
        ).all()
        told = [one.detail for one in kept]
    assert [one["parts"] for one in told][-2:] == [["登录"], ["授权和管理记录"]]
    assert told[-1]["digest"] == hashlib.sha256(answer.get_data()).hexdigest()
    assert told[-1]["rows"] == len(done)
    assert told[-1]["reason"] == "演示检查1号"
    again = rows(ask("sf-admin", "acts", login="sf-admin"))
    assert again[-1]["事由"] == "账号审计导出", "the export is part of the next one"
    assert "演示检查1号" in again[-1]["内容"]


def test_positions_over_time_and_certificates_of_the_period_in_one_book(app, ask):
    with app.app_context(), transaction() as session:
        officer = officer_of(session, "szhb-officer1")
        session.add(
            Posting(
                officer_id=officer,
                position_key="archive",
                valid_from=date(2021, 1, 1),
                valid_to=date(2021, 3, 31),
            )
        )
    answer = ask(
        "sf-super", *account_audit.PARTS, format="xlsx", since="2021-03-31", until="2021-12-31",
        agencies=[agency_id(app, "370402-04")],
    )  # fmt: skip
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    assert book.sheetnames == [title for title, _, _ in account_audit.PARTS.values()]
    held = {tuple(row[1:]) for row in book["任职"].iter_rows(min_row=2, values_only=True)}
    with app.app_context(), transaction() as session:
        name = session.get(Officer, officer).name
    assert ("szhb-officer1", name, "档案与公示岗", "2021-01-01", "2021-03-31") in held
    assert "szhb-head" in {row[0] for row in held}
    assert "hb-head" not in {row[0] for row in held}
    papers = [row for row in book["证件"].iter_rows(min_row=2, values_only=True) if row[1] == "szhb-officer1"]
    assert [row[7] for row in papers] == ["有效"]
    after = rows(ask("sf-super", "postings", since="2021-04-01", until="2021-12-31", login="szhb-officer1"))
    assert "档案与公示岗" not in {row["岗位"] for row in after}


def test_nothing_in_a_file_is_a_formula(app, ask):
    with app.app_context(), transaction() as session:
        account = session.scalars(select(Account).where(Account.login == "hb-deputy")).one()
        before, account.name = account.name, '=HYPERLINK("http://example.invalid","看")'
    try:
        listed = ask("sf-admin", "accounts", login="hb-deputy").get_data().decode("utf-8-sig")
        assert "'=HYPERLINK" in listed
        book = openpyxl.load_workbook(
            io.BytesIO(ask("sf-admin", "accounts", login="hb-deputy", format="xlsx").get_data())
        )
        (row,) = book["账号"].iter_rows(min_row=2)
        assert all(cell.data_type != "f" for cell in row)
        assert row[2].value.startswith("=HYPERLINK")
    finally:
        with app.app_context(), transaction() as session:
            session.scalars(select(Account).where(Account.login == "hb-deputy")).one().name = before


def test_nobody_examines_what_is_not_theirs(app, ask):
    assert ask("hb-head", "accounts").status_code == 403
    assert ask("sf-analyst", "accounts").status_code == 403
    with app.app_context(), transaction() as session:
        regions = dict(session.execute(select(Agency.code, Agency.region_code)).tuples().all())
        supers = select(Account.login, Agency.region_code).join(Agency, Agency.id == Account.agency_id)
        local = dict(session.execute(supers.where(Account.roles.contains(["supervisor"]))).tuples().all())
    city = regions["370400-04"]
    below = next(login for login, region in local.items() if region != city)
    assert ask(below, "accounts", agencies=[agency_id(app, "370400-04")]).status_code == 404
    assert ask(below, "signins", login="hb-head").status_code == 404
    mine = rows(ask(below, "accounts"))
    assert "hb-head" not in {row["登录名"] for row in mine}
    assert below in {row["登录名"] for row in mine}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"purpose": " "}, "请写明导出的用途"),
        ({"since": "那天"}, "日期格式"),
        ({"since": "2020-01-01"}, "一次最多导出 366 天"),
        ({"until": "2999-01-01"}, "不能晚于今天"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "不能早于开始日期"),
        ({"format": "pdf"}, "请选择 XLSX 或者 CSV"),
        ({"parts": []}, "请至少选择一项内容"),
        ({"parts": ["accounts", "signins"]}, "CSV 一次导出一项内容"),
        ({"agencies": ["x"]}, "请重新选择机关"),
    ],
)
def test_what_is_asked_wrongly_is_told_and_nothing_is_handed_out(ask, more, told):
    answer = ask("sf-admin", "accounts", **more)
    assert answer.status_code == 422
    assert told in answer.text
    assert "演示检查1号" in answer.text or "purpose" in more, "what was typed is there"
