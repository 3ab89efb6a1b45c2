"""Tokens of programs: made by their owner with the password or at the command line, recorded, revoked, ended."""

import re
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select

from app.kernel import clock
from app.kernel.transaction import transaction
from app.people import commands, demo, service
from app.people.models import AccessToken, Account, AccountAct
from app.people.rules import LIMITS

pytestmark = pytest.mark.usefixtures("city")
GIVEN = {"name": "移动执法终端", "scope": "read", "days": "30", "password": demo.password()}


def make(caller, **changes):
    return caller.post("/account/tokens", {**GIVEN, **changes}, page="/account")


def secret_on(answer) -> str:
    return re.findall(r"<code>(xqt_[^<]+)</code>", answer.get_data(as_text=True))[0]


def me(app, secret: str) -> int:
    client = app.test_client(use_cookies=False)
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code


def acts(app, login: str) -> list[str]:
    with app.app_context(), transaction() as session:
        chosen = select(AccountAct.act).join(Account, Account.id == AccountAct.account_id)
        return list(session.scalars(chosen.where(Account.login == login).order_by(AccountAct.id)))


def test_the_owner_makes_one_sees_it_once_and_revokes_it(app, caller, person):
    login = person()
    caller.sign_in(login)
    answer = make(caller)
    assert answer.status_code == 200
    secret = secret_on(answer)
    assert me(app, secret) == 200
    page = caller.get("/account").get_data(as_text=True)
    assert "移动执法终端" in page
    assert secret not in page
    path = re.findall(r'action="(/account/tokens/\d+/revoke)"', page)[0]
    assert caller.post(path, page="/account").status_code == 303
    assert me(app, secret) == 401
    assert acts(app, login) == ["token_created", "token_revoked"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"name": "长" * 61}, "name"), ({"name": "a\tb"}, "name"), ({"days": "0"}, "days"),
     ({"days": "91"}, "days"), ({"days": "x"}, "days"), ({"scope": "admin"}, "scope"), ({"scope": ""}, "scope"),
     ({"password": "wrong-1234567"}, "password"), ({"password": ""}, "password")],
)  # fmt: skip
def test_a_wrong_form_makes_none_and_says_why(app, caller, person, changes, field):
    caller.sign_in(login := person())
    answer = make(caller, **changes)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.get_data(as_text=True)
    assert acts(app, login) == []


def test_a_token_ends_by_itself(app, caller, person):
    start = clock.now()
    with time_machine.travel(start, tick=False) as moment:
        caller.sign_in(person())
        secret = secret_on(make(caller, days="7"))
        moment.move_to(start + timedelta(days=7, seconds=-1))
        assert me(app, secret) == 200
        moment.move_to(start + timedelta(days=7))
        assert me(app, secret) == 401


def test_nobody_collects_tokens(caller, person):
    caller.sign_in(person())
    answers = [make(caller).status_code for _ in range(LIMITS.tokens + 1)]
    assert answers == [200] * LIMITS.tokens + [409]


def test_nobody_revokes_a_stranger_s(app, callers, person):
    mine, other = callers(), callers()
    mine.sign_in(login := person())
    other.sign_in(person())
    secret = secret_on(make(mine))
    with app.app_context(), transaction() as session:
        chosen = select(AccessToken.id).join(Account, Account.id == AccessToken.account_id)
        number = session.scalars(chosen.where(Account.login == login)).one()
    assert other.post(f"/account/tokens/{number}/revoke", page="/account").status_code == 404
    assert me(app, secret) == 200


def test_use_is_noted_at_most_once_a_minute(app, caller, person):
    start = clock.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False) as moment:
        caller.sign_in(login := person())
        secret = secret_on(make(caller))
        for seconds, noted in ((0, 0), (59, 0), (61, 61)):
            moment.move_to(start + timedelta(seconds=seconds))
            me(app, secret)
            with app.app_context(), transaction() as session:
                chosen = select(AccessToken.last_used_at).join(Account, Account.id == AccessToken.account_id)
                used = session.scalars(chosen.where(Account.login == login)).one()
            assert used == start + timedelta(seconds=noted)


def test_the_sweep_removes_what_ended_half_a_year_ago(app, caller, person):
    caller.sign_in(person())
    secret_on(make(caller, days="1"))
    with time_machine.travel(clock.now() + timedelta(days=300), tick=False), app.app_context():
        with transaction() as session:
            service.sweep(session)
        with transaction() as session:
            assert not session.scalars(select(AccessToken)).all()


def test_the_command_line_makes_lists_and_revokes(app, person):
    login = person()

    def run(*arguments: str):
        return CliRunner().invoke(commands.people, ["token", *arguments], obj=app.app_context)

    made = run("create", login, "接口联调", "--act", "--days", "3")
    assert made.exit_code == 0, made.output
    secret = re.findall(r"^xqt_\S+$", made.output, re.MULTILINE)[0]
    number = re.findall(r"令牌 (\d+)（", made.output)[0]
    assert me(app, secret) == 200
    listed = run("list", login).output
    assert "接口联调" in listed
    assert "查询和办理" in listed
    assert secret not in listed
    assert run("revoke", login, number).exit_code == 0
    assert me(app, secret) == 401
    assert "共 0 个" in run("list", login).output
    assert acts(app, login) == ["token_created", "token_revoked"]
