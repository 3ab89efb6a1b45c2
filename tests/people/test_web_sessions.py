"""How long a session lasts, and who ends it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.kernel import clock
from app.kernel.transaction import transaction
from app.people.models import Account, Posting, WebSession

pytestmark = pytest.mark.usefixtures("city")


def signed_in(caller) -> bool:
    return caller.get("/account").status_code == 200


def last_seen(app, login: str):
    with app.app_context(), transaction() as session:
        return session.scalars(
            select(WebSession.last_seen_at)
            .join(Account, Account.id == WebSession.account_id)
            .where(Account.login == login)
        ).one()


def test_an_idle_session_ends_after_half_an_hour(caller, person):
    start = clock.now()
    with time_machine.travel(start, tick=False):
        caller.sign_in(person())
    with time_machine.travel(start + timedelta(minutes=29), tick=False):
        assert signed_in(caller)
    with time_machine.travel(start + timedelta(minutes=58), tick=False):
        assert signed_in(caller), "using it keeps it alive"
    with time_machine.travel(start + timedelta(minutes=88), tick=False):
        assert not signed_in(caller)


def test_no_session_lasts_longer_than_a_working_day(caller, person):
    start = clock.now()
    with time_machine.travel(start, tick=False) as moment:
        caller.sign_in(person())
        for quarter in range(1, 32):
            moment.move_to(start + timedelta(minutes=15 * quarter))
            assert signed_in(caller)
        moment.move_to(start + timedelta(hours=8))
        assert not signed_in(caller)


def test_use_is_written_at_most_once_a_minute(app, caller, person):
    login, start = person(), clock.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False) as moment:
        caller.sign_in(login)
        moment.move_to(start + timedelta(seconds=59))
        caller.get("/account")
        assert last_seen(app, login) == start
        moment.move_to(start + timedelta(seconds=61))
        caller.get("/account")
        assert last_seen(app, login) == start + timedelta(seconds=61)


def test_signing_out_ends_the_session_for_good(caller, person):
    caller.sign_in(person())
    token = caller.client.get_cookie("xq_session").value
    assert caller.post("/sign-out", page="/account").location == "/sign-in"
    assert caller.client.get_cookie("xq_session") is None
    caller.client.set_cookie("xq_session", token)
    assert not signed_in(caller)


def test_suspending_an_account_ends_its_sessions_at_once(app, caller, person):
    login = person()
    caller.sign_in(login)
    with app.app_context(), transaction() as session:
        session.scalars(select(Account).where(Account.login == login)).one().active = False
    assert not signed_in(caller)


def test_positions_are_those_of_today(app, caller, person):
    login = person()
    caller.sign_in(login)
    assert "执法办案岗" not in caller.get("/account").text
    with app.app_context(), transaction() as session:
        officer = session.scalars(select(Account.officer_id).where(Account.login == login)).one()
        today = clock.today()
        past = {"valid_from": today - timedelta(days=9), "valid_to": today - timedelta(days=1)}
        session.add(Posting(officer_id=officer, position_key="investigator", valid_from=today))
        session.add(Posting(officer_id=officer, position_key="finance", **past))
    page = caller.get("/account").text
    assert "执法办案岗" in page
    assert "罚没收缴岗" not in page


def test_i_see_my_devices_and_end_the_others(callers, person):
    login, here, there, third = person(), callers(), callers(), callers()
    for each in (here, there, third):
        each.sign_in(login)
    page = here.get("/account").text
    assert page.count("退出此设备") == 2
    assert there.address in page
    action = page.split('action="/account/sessions/')[1].split('"')[0]
    assert here.post(f"/account/sessions/{action}", page="/account").location == "/account?done=session"
    assert [signed_in(there), signed_in(third)].count(True) == 1
    assert here.post("/account/sessions/end", page="/account").location == "/account?done=others"
    assert [signed_in(there), signed_in(third)].count(True) == 0
    assert signed_in(here)


@pytest.mark.requirement("S2-29")
def test_an_account_used_from_two_places_at_once_is_told_at_both(callers, person):
    login, here, there = person(), callers(), callers()
    start = clock.now()
    with time_machine.travel(start, tick=False):
        here.sign_in(login)
        assert "另一处登录" not in here.get("/account").text
        there.sign_in(login)
        for each, other in ((here, there), (there, here)):
            page = each.get("/account").text
            assert f"您的账号此刻还在另一处登录（{other.address}）" in page
        here.post("/account/sessions/end", page="/account")
        assert "另一处登录" not in here.get("/account").text
        there.sign_in(login)
    with time_machine.travel(start + timedelta(minutes=20), tick=False):
        assert "另一处登录" in here.get("/account").text
    with time_machine.travel(start + timedelta(minutes=40), tick=False):
        assert "另一处登录" not in here.get("/account").text, "the other one has ended by itself"


def test_nobody_ends_a_strangers_session(app, callers, person):
    victim, other = person(), callers()
    desk = callers()
    desk.sign_in(victim)
    with app.app_context(), transaction() as session:
        mark = session.scalars(
            select(WebSession.id)
            .join(Account, Account.id == WebSession.account_id)
            .where(Account.login == victim)
        ).one()
    other.sign_in(person())
    assert other.post(f"/account/sessions/{mark}/end", page="/account").status_code == 404
    assert signed_in(desk)
