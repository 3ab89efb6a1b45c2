"""`script/xq people`: the first administrator of a region, the list of accounts."""

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select

from app.cli import xq
from app.kernel.transaction import transaction
from app.people.models import Account

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def run(app):
    def call(*arguments):
        return CliRunner().invoke(xq, ["people", *arguments], obj=app.app_context)

    return call


def test_the_accounts_of_an_agency_with_their_positions(run):
    answer = run("accounts", "--agency", "370400-04")
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("枣庄市生态环境局\n")
    officer = next(line for line in answer.output.splitlines() if "hb-legal " in line)
    assert "执法工作人员、法制审核岗" in officer
    assert "共 14 个账号" in answer.output
    assert "须修改密码" in next(line for line in answer.output.splitlines() if "hb-new " in line)


def test_a_region_that_has_an_administrator_gets_no_second_first_one(run):
    answer = run("first-admin", "boss", "演示·管", "370400-01")
    assert answer.exit_code == 1
    assert "已经有系统管理员" in answer.output


def test_the_first_administrator_gets_a_password_that_is_shown_once(run, app, caller):
    answer = run("first-admin", "gml-admin", "演示·管", "370402006")
    assert answer.exit_code == 0, answer.output
    password = answer.output.split("一次性密码：")[1].split()[0]
    try:
        assert caller.sign_in("gml-admin", password).status_code == 303
        with app.app_context(), transaction() as session:
            assert session.scalars(select(Account).where(Account.login == "gml-admin")).one().must_change
    finally:
        with app.app_context(), transaction() as session:
            session.execute(delete(Account).where(Account.login == "gml-admin"))


def test_an_unknown_agency_is_named_as_such(run):
    answer = run("first-admin", "boss", "演示·管", "000")
    assert (answer.exit_code, answer.output) == (1, "Error: 没有找到这个机关。\n")
