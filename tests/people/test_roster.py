"""名册导入: people from a table, row by row, all or nothing, the same twice."""

import csv
import io
from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from app.kernel.auth import Actor, Role
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.people import roster, roster_rows
from app.people.commands import people as command
from app.people.models import Account, AccountAct, Certificate, Officer, Posting

pytestmark = pytest.mark.usefixtures("city")
HEAD = list(roster_rows.COLUMNS)


def row(login, **more):
    given = {
        "机关代码": "370402-04", "登录名": login, "姓名": "丙寅（演示）", "岗位": "执法办案岗、执法队队长岗",
        "证件种类": "行政执法证", "证号": f"演示名册-{login}", "有效期起": "2025-01-01", "有效期止": "2029-12-31",
    } | more  # fmt: skip
    return [given.get(name, "") for name in HEAD]


def as_csv(*rows):
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])
    return text.getvalue().encode("utf-8-sig")


def entered(app, *rows, dry=False, actor=None):
    with app.app_context():
        return roster.carry_out(actor, [HEAD, *rows], dry)


def counts(app):
    with app.app_context(), transaction() as session:
        tables = (Account, Officer, Posting, Certificate, AccountAct)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def refused(app, *rows, actor=None):
    before = counts(app)
    with pytest.raises(Invalid) as caught:
        entered(app, *rows, actor=actor)
    assert counts(app) == before, "nothing of a roster with a mistake is entered"
    return caught.value.errors


def test_a_rehearsal_says_what_would_be_done_and_does_nothing(app):
    before = counts(app)
    report = entered(app, row("roster-dry"), dry=True)
    assert [one.told for one in report.outcomes] == [
        "新建账号；自今日起任执法办案岗、执法队队长岗；登记行政执法证"
    ]
    assert report.passwords == {}
    assert counts(app) == before


def test_entered_twice_it_is_entered_once(app, callers):
    legal = row("roster-one", 证件种类="法律职业资格证", 证号="演示名册-法", 有效期止="")
    first = entered(app, row("roster-one"), legal)
    assert first.changed == 2
    again = entered(app, row("roster-one"), legal)
    assert (again.changed, {one.told for one in again.outcomes}, again.passwords) == (0, {"无变化"}, {})
    with app.app_context(), transaction() as session:
        account = session.scalars(select(Account).where(Account.login == "roster-one")).one()
        papers = session.scalars(
            select(Certificate).where(Certificate.officer_id == account.officer_id)
        ).all()
        assert {(p.kind, p.valid_from, p.valid_to) for p in papers} == {
            ("enforcement", date(2025, 1, 1), date(2029, 12, 31)),
            ("legal", date(2025, 1, 1), None),
        }
        postings = session.scalars(select(Posting).where(Posting.officer_id == account.officer_id)).all()
        assert sorted(p.position_key for p in postings) == ["investigator", "team_lead"]
    caller = callers()
    assert caller.sign_in("roster-one", first.passwords["roster-one"]).location == "/account/password"


def test_a_renewed_certificate_changes_its_days_alone(app):
    entered(app, row("roster-new"))
    (one,) = entered(app, row("roster-new", 有效期止="2033年12月31日")).outcomes
    assert one.told == "更新行政执法证有效期"
    with app.app_context(), transaction() as session:
        paper = session.scalars(select(Certificate).where(Certificate.number == "演示名册-roster-new")).one()
        assert paper.valid_to == date(2033, 12, 31)


def test_no_roster_ends_a_certificate_that_holds(app):
    entered(app, row("roster-held"))
    told = refused(app, row("roster-held", 有效期止="2025-06-30"))
    assert "名册不能使其失效" in told["第 2 行"][0]


def test_every_mistake_is_told_at_its_row(app):
    errors = refused(
        app,
        row("Good-1", 岗位="执法办案岗、没有这个岗"),
        row("9bad", 机关代码="nowhere", 姓名=""),
        row("roster-x", 证件种类="驾驶证"),
        row("roster-y", 有效期起="某天", 有效期止="2020-13-01"),
        row("roster-z", 有效期起="2026-01-02", 有效期止="2026-01-01"),
        row("roster-w", 账号类型="系统管理员"),
        row("roster-v"),
        row("roster-v", 姓名="丁卯（演示）", 证号="演示名册-v2"),
        row("roster-u", 岗位=""),
        row("roster-t", 机关代码="nowhere"),
    )
    assert set(errors) == {f"第 {n} 行" for n in (2, 3, 4, 5, 6, 7, 9, 10, 11)}
    for n, words in {
        2: "没有这个岗", 3: "登录名用小写", 4: "证件种类只能是", 5: "有效期起应为日期", 6: "不能早于", 7: "不能由名册导入",
        9: "第 8 行相同", 10: "至少要有一个岗位", 11: "不存在，或者这个机关不归您管理",
    }.items():  # fmt: skip
        assert any(words in one for one in errors[f"第 {n} 行"]), n


def test_what_is_there_of_others_is_not_taken_over(app):
    entered(app, row("roster-mine"))
    assert "他人名下" in refused(app, row("roster-thief", 证号="演示名册-roster-mine"))["第 2 行"][0]
    assert "其他机关" in refused(app, row("roster-mine", 机关代码="370400-04"))["第 2 行"][0]
    assert "另一姓名" in refused(app, row("roster-mine", 姓名="戊辰（演示）"))["第 2 行"][0]
    assert (
        "不是执法人员"
        in refused(app, row("sf-admin", 机关代码="370400-01", 姓名=_name(app, "sf-admin")))["第 2 行"][0]
    )


def _name(app, login):
    with app.app_context(), transaction() as session:
        return session.scalars(select(Account.name).where(Account.login == login)).one()


@pytest.mark.parametrize("rows", [[], [[]], [["姓名", "别的"]], [HEAD], [HEAD, []]])
def test_a_table_without_its_columns_or_people_is_refused(app, rows):
    with app.app_context(), pytest.raises(Invalid):
        roster.carry_out(None, rows, dry=True)


def test_an_administrator_enters_the_own_region_alone(app):
    with app.app_context(), transaction() as session:
        account = session.scalars(select(Account).where(Account.login == "sf-admin")).one()
        town = Actor(
            account.id,
            None,
            "管理员",
            account.agency_id,
            "镇",
            "370402101",
            frozenset({Role.ADMIN}),
            frozenset(),
        )
    assert "不归您管理" in refused(app, row("roster-far", 机关代码="370400-04"), actor=town)["第 2 行"][0]


def test_the_page_checks_first_and_enters_then(callers, app):
    admin = callers()
    admin.sign_in("sf-admin")
    template = admin.get("/admin/roster/template.csv").get_data().decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(template))) == HEAD
    file = as_csv(row("roster-page"))

    def post(mode, content):
        data = {"mode": mode, "file": (io.BytesIO(content), "名册.csv")}
        return admin.post("/admin/roster", data, content_type="multipart/form-data")

    before = counts(app)
    shown = post("check", file).text
    assert "将变更 1 行" in shown
    assert "现在还没有录入" in shown
    assert counts(app) == before
    done = post("enter", file).text
    accounts, officers, postings, papers, _ = counts(app)
    assert (accounts - before[0], officers - before[1]) == (1, 1)
    assert (postings, papers) == (before[2], before[3]), "positions and certificates wait for their order"
    assert "已录入" in done
    assert "一次性密码" in done
    assert "变更 0 行" in post("enter", file).text
    wrong = post("enter", as_csv(row("roster-page2", 岗位="演示岗")))
    assert wrong.status_code == 422
    assert "第 2 行：岗位“演示岗”不存在" in wrong.text
    assert post("check", b"\xff\xff\xff").status_code == 422
    assert admin.post("/admin/roster", {"mode": "check"}).status_code == 422
    for login in ("hb-head", "sf-super", "sf-analyst"):
        stranger = callers()
        stranger.sign_in(login)
        assert stranger.get("/admin/roster").status_code == 403
        assert stranger.post("/admin/roster", {"mode": "enter"}, page="/account").status_code == 403


def test_the_command(app, tmp_path):
    file = tmp_path / "roster.csv"
    file.write_bytes(as_csv(row("roster-shell")))

    def run(*given):
        return CliRunner().invoke(command, ["import", str(file), *given], obj=app.app_context)

    dry = run("--dry-run")
    assert dry.exit_code == 0
    assert "没有录入" in dry.output
    done = run()
    assert "已变更 1 行" in done.output
    assert "一次性密码  roster-shell" in done.output
    with app.app_context(), transaction() as session:
        mine = select(AccountAct.act).join(Account, Account.id == AccountAct.account_id)
        acts = set(session.scalars(mine.where(Account.login == "roster-shell")))
    assert acts == {"installed"}, "what is entered at set-up is recorded as that"
    assert "已变更 0 行" in run().output
    file.write_bytes(as_csv(row("roster-shell", 有效期止="从前")))
    assert isinstance(run().exception, Invalid)
