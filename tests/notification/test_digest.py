"""The daily summary: off until asked for, to a confirmed address, once a person and day, without personal data."""

import re
from datetime import datetime, timedelta

import pytest
from cases.town import Town, plan_of
from sqlalchemy import select, text

from app.cases import demo_content
from app.cases.demo import Drive
from app.kernel import clock, jobs
from app.notification import digest, settings
from app.notification import mail as mailing
from app.notification.models import DigestSent, NoticeSetting
from app.people.models import Account

from .conftest import WORKDAY, later
from .sinks import MailBox

LOGIN = "yj-officer1"


@pytest.fixture
def person(town: Town):
    """The account of an officer with a task that is new today; forgets all wishes afterwards."""
    with clock.at(WORKDAY - timedelta(hours=2)), town.act() as session:
        case = dict(demo_content.recent(plan_of("firework-store"), clock.today()))
        Drive(session, case).run("investigate")
        overdue = text("update work_item set due_at = :at where status = 'open'")
        session.execute(overdue, {"at": WORKDAY - timedelta(hours=1)})
    with town.read() as session:
        account_id = session.scalars(select(Account.id).where(Account.login == LOGIN)).one()
    yield account_id
    with town.act() as session:
        session.execute(text("delete from digest_sent"))
        session.execute(text("delete from notice_setting"))
        session.execute(text("delete from job"))


def wish(town: Town, account_id: int, address: str = "officer@example.gov.cn", hour: int = 8) -> None:
    with town.act() as session:
        settings.set_mail(session, account_id, False, hour, "")
        row = session.scalars(select(NoticeSetting).where(NoticeSetting.account_id == account_id)).one()
        row.mail, row.address = True, {"address": address}


def tick(town: Town, at: datetime) -> None:
    """What a worker does at a moment."""
    with clock.at(at), town.app.app_context():
        look(town, at)
        jobs.run_effects(at)


def look(town: Town, at: datetime) -> None:
    """Whose hour has come."""
    with town.act() as session:
        digest.plan(session, at)


def states(town: Town) -> list[str]:
    with town.read() as session:
        return list(session.scalars(select(DigestSent.state)))


def test_nothing_is_sent_to_who_did_not_ask(town: Town, person: int, mail: MailBox):
    tick(town, later())
    assert mail.kept == []
    assert states(town) == []


def test_once_a_person_and_day_whoever_looks(town: Town, person: int, mail: MailBox):
    wish(town, person)
    for minutes in (0, 0, 10, 60):
        tick(town, later(minutes=minutes))
    assert len(mail.kept) == 1
    assert states(town) == ["sent"]
    tick(town, later(days=1))
    assert len(mail.kept) == 2
    assert mail.kept[0]["Message-ID"] != mail.kept[1]["Message-ID"]


def test_it_says_numbers_and_names_of_steps_only(town: Town, person: int, mail: MailBox):
    wish(town, person)
    tick(town, later())
    (made,) = mail.kept
    plain = made.get_body(("plain",)).get_content()
    html = made.get_body(("html",)).get_content()
    assert made["To"] == "officer@example.gov.cn"
    assert re.search(r"已经超期：\d+ 项", plain)
    assert re.search(r"新到达：\d+ 项", plain)
    assert "调查取证" in plain
    assert "/inbox" in plain
    assert "/notifications" in html
    with town.read() as session:
        told = session.execute(text('select no, title from "case"')).all()
        names = session.scalars(text("select name from officer")).all()
    for secret in (*(value for row in told for value in row), *names):
        assert secret not in plain + html + made["Subject"], secret
    assert "<script" not in html
    assert "<img" not in html


def test_it_waits_for_its_hour_and_is_not_sent_late(town: Town, person: int, mail: MailBox):
    wish(town, person, hour=9)
    tick(town, later())
    assert mail.kept == []
    tick(town, later(hours=5))  # 13:05: nobody was at work at nine
    assert mail.kept == []
    tick(town, later(days=1, hours=1))
    assert len(mail.kept) == 1


def test_days_of_rest_stay_quiet(town: Town, person: int, mail: MailBox):
    wish(town, person)
    tick(town, later(days=-1))  # a Sunday
    assert mail.kept == []


def test_a_refusal_of_the_mail_server_is_tried_again_with_the_same_name(
    town: Town, person: int, mail: MailBox
):
    wish(town, person)
    mail.failing = 1
    tick(town, later())
    assert mail.kept == []
    assert states(town) == ["queued"]
    tick(town, later(minutes=1))
    (made,) = mail.kept
    assert made["Message-ID"].startswith(f"<digest.{person}.2026-11-30@")
    assert states(town) == ["sent"]


def test_what_was_turned_off_meanwhile_is_not_sent(town: Town, person: int, mail: MailBox):
    wish(town, person)
    with clock.at(later()), town.act() as session:
        digest.plan(session, later())
        settings.set_mail(session, person, False, 8, "")
    tick(town, later(minutes=10))
    assert mail.kept == []
    assert states(town) == ["dropped"]


def test_who_has_nothing_new_gets_no_mail(town: Town, person: int, mail: MailBox):
    with town.read() as session:
        idle = session.scalars(select(Account.id).where(Account.login == "szzf-finance")).one()
    wish(town, idle)
    tick(town, later())
    assert mail.kept == []
    assert states(town) == ["empty"]


def test_without_a_mail_server_nothing_is_planned(town: Town, person: int, monkeypatch):
    monkeypatch.delenv("XQ_SMTP", raising=False)
    wish(town, person)
    look(town, later())
    assert states(town) == []


def test_an_address_counts_when_its_code_came_back(town: Town, person: int, mail: MailBox):
    officer = town.caller(LOGIN)
    page = officer.get("/notifications").get_data(as_text=True)
    assert "未开通" in page
    wanted = {"mail": "on", "hour": "8", "address": "new@example.gov.cn"}
    answer = officer.post("/notifications/mail", wanted, page="/notifications")
    assert answer.status_code == 303
    with town.app.app_context():
        jobs.run_effects(clock.now())
    code = re.search(r"验证码：(\d{6})", mail.kept[0].get_body(("plain",)).get_content())[1]
    wrong = "000000" if code != "000000" else "000001"
    answer = officer.post("/notifications/mail/code", {"code": wrong}, page="/notifications")
    assert answer.status_code == 422
    assert "还可以再试 4 次" in answer.get_data(as_text=True)
    with town.read() as session:
        assert settings.of(session, person).mail is False
    assert officer.post("/notifications/mail/code", {"code": code}, page="/notifications").status_code == 303
    with town.read() as session:
        found = settings.of(session, person)
    assert (found.mail, found.address, found.asked) == (True, "new@example.gov.cn", "")
    with town.read() as session:
        kept = session.execute(text("select address from notice_setting")).scalar_one()
    assert b"new@example" not in bytes(kept)


def test_five_wrong_codes_end_it_and_a_second_one_must_wait(town: Town, person: int, mail: MailBox):
    with town.act() as session:
        assert settings.set_mail(session, person, True, 8, "new@example.gov.cn")
    with pytest.raises(Exception, match="一分钟"), town.act() as session:
        settings.set_mail(session, person, True, 8, "other@example.gov.cn")
    for _ in range(5):
        with town.act() as session:
            said = settings.confirm(session, person, "x")
    assert "已经失效" in said


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"mail": "on", "hour": "8", "address": "nobody"}, "完整的邮箱地址"),
        ({"mail": "on", "hour": "99", "address": "a@example.gov.cn"}, "0 时至 23 时"),
        ({"mail": "on", "hour": "8", "address": "a@elsewhere.org"}, "只能填写本单位的邮箱"),
        (
            {"mail": "on", "hour": "8", "address": "a@example.gov.cn\r\nBcc: b@example.gov.cn"},
            "完整的邮箱地址",
        ),
    ],
)
def test_what_cannot_be_is_said_at_the_field(
    town: Town, person: int, mail: MailBox, monkeypatch, fields, message
):
    monkeypatch.setenv("XQ_MAIL_DOMAINS", "example.gov.cn")
    answer = town.caller(LOGIN).post("/notifications/mail", fields, page="/notifications")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in page
    assert "error-summary" in page


@pytest.mark.parametrize("given", ["ftp://host", "smtp://", "smtp://host:x", "host:25"])
def test_settings_that_are_none_are_named(monkeypatch, given):
    monkeypatch.setenv("XQ_SMTP", given)
    monkeypatch.setenv("XQ_MAIL_FROM", "xq@example.gov.cn")
    with pytest.raises(mailing.MailError, match="XQ_SMTP"):
        mailing.configured()


def test_the_password_is_not_in_what_is_printed(monkeypatch):
    monkeypatch.setenv("XQ_SMTP", "smtps://user:p%40ss@mail.example.gov.cn:465")
    monkeypatch.setenv("XQ_MAIL_FROM", "xq@example.gov.cn")
    server = mailing.configured()
    assert server
    assert server.password == "p@ss"
    assert "p@ss" not in repr(server)
