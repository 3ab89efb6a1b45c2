"""Changing one's password: forced, when it expires, and never back to an old one."""

import itertools
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.kernel import clock
from app.kernel.auth import Role
from app.kernel.transaction import transaction
from app.people.models import Account, FormerPassword

pytestmark = pytest.mark.usefixtures("city")
OLD, NEW = "Yanshi-2026-xq", "Fresh-start-77"


def change(caller, new: str = NEW, current: str = OLD, again: str | None = None, **more):
    data = {"current": current, "new": new, "again": new if again is None else again, **more}
    return caller.post("/account/password", data)


def test_the_first_password_must_be_changed_before_anything_else(caller, person):
    assert caller.sign_in(person(must_change=True), next="/account?x=1").location == (
        "/account/password?next=/account?x%3D1"
    )
    refused = caller.get("/account")
    assert refused.status_code == 302
    assert refused.location == "/account/password"
    assert "请先修改密码" in caller.get("/account/password").text
    assert change(caller, next="/account?x=1").location == "/account?x=1"
    assert caller.get("/account").status_code == 200


def test_who_must_change_the_password_can_still_leave(caller, person):
    caller.sign_in(person(must_change=True))
    assert caller.post("/sign-out", page="/account/password").status_code == 303
    assert caller.get("/account/password").location.startswith("/sign-in")


@pytest.mark.requirement("S2-61", part="到期强制修改")
def test_a_password_runs_out_after_ninety_days(caller, person):
    login = person(password_changed_at=clock.now() - timedelta(days=90))
    assert caller.sign_in(login).location == "/account/password"
    assert change(caller).location == "/account?done=password"
    assert caller.get("/account").status_code == 200


def test_a_warning_comes_a_week_before(caller, person):
    caller.sign_in(person(password_changed_at=clock.now() - timedelta(days=85, hours=1)))
    assert "还有 4 天到期" in caller.get("/account").text


def test_a_password_can_run_out_while_signed_in(caller, person):
    login = person(password_changed_at=clock.now() - timedelta(days=89, hours=23, minutes=50))
    caller.sign_in(login)
    assert caller.get("/account").status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=15)):
        assert caller.get("/account").location == "/account/password"


def test_a_change_ends_every_session_and_begins_a_new_one(callers, person):
    login, here, there = person(), callers(), callers()
    here.sign_in(login)
    there.sign_in(login)
    before = here.client.get_cookie("xq_session").value
    token = here.token("/account/password")
    assert change(here).status_code == 303
    assert here.client.get_cookie("xq_session").value != before
    assert here.token("/account/password") != token, "the forgery token is a new one too"
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert callers().sign_in(login).status_code == 422, "the old password is gone"
    assert callers().sign_in(login, NEW).status_code == 303


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"current": "wrong-password-1"}, "当前密码不正确"),
        ({"new": "short1"}, "至少 10 个字符"),
        ({"new": "onlyletters"}, "英文字母和数字"),
        ({"again": "Different-99"}, "两次输入的新密码不一致"),
        ({"new": OLD}, "最近 5 次"),
    ],
)
def test_a_refused_change_says_why_and_changes_nothing(caller, callers, person, data, message):
    login = person()
    caller.sign_in(login)
    answer = change(caller, **data)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert caller.get("/account").status_code == 200
    assert callers().sign_in(login).status_code == 303


@pytest.mark.requirement("S2-61", part="不得与近几次相同")
def test_the_last_five_passwords_are_not_used_again(app, caller, person, stored):
    login = person()
    caller.sign_in(login)
    used = [OLD] + [f"Password-no-{n}-x" for n in range(1, 6)]
    for current, new in itertools.pairwise(used):
        assert change(caller, new, current).status_code == 303
    for old in used[1:]:
        assert change(caller, old, used[-1]).status_code == 422
    assert change(caller, OLD, used[-1]).status_code == 303, "the sixth last is free again"
    with app.app_context(), transaction() as session:
        kept = session.scalar(
            select(func.count())
            .select_from(FormerPassword)
            .join(Account, Account.id == FormerPassword.account_id)
            .where(Account.login == login)
        )
    assert kept == 5


def test_guessing_at_an_unattended_desk_locks_the_account(caller, person, stored):
    login = person()
    caller.sign_in(login)
    for _ in range(5):
        assert change(caller, current="wrong-password-1").status_code == 422
    assert stored(login).locked_until is not None
    assert "暂时锁定" in change(caller).text


@pytest.mark.requirement("S2-59")
def test_until_it_is_changed_no_page_and_no_act_is_open(app, caller, person):
    """Every address that asks for nothing else in it, pages and acts."""
    caller.sign_in(person(must_change=True))
    table, tried = app.extensions["xq.access"], 0
    for rule in app.url_map.iter_rules():
        access = table[rule.endpoint]
        if rule.arguments or access.public or access.password_change_exempt:
            continue
        answer = (caller.get if "GET" in rule.methods else caller.bare_post)(rule.rule)
        tried += 1
        if rule.rule.startswith("/api/"):
            assert answer.status_code in (401, 403), rule.rule
        elif access.roles and Role.OFFICER not in access.roles:
            assert answer.status_code == 403, rule.rule
        else:
            assert (answer.status_code, answer.location) == (302, "/account/password"), rule.rule
    assert tried > 40
