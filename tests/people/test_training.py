"""培训: what is asked for a year and by whom, who is told when, the table it is brought by, and who sets more."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from staff import account_of, admin_of, officer_of, told

from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.transaction import transaction
from app.people import qualifications, roster, service, training, training_rules, training_sheet
from app.people.commands import people as command
from app.people.models import Account, AccountAct, Officer, StaffNotice, Training, TrainingRule
from app.people.training_rules import Held, Requirement, Taken, Version

pytestmark = pytest.mark.usefixtures("city")
FIGURES = training_rules.figures()
OFFICERS = FIGURES.kind("enforcement")
INVESTIGATES = Held(date(2020, 1, 1), None, group="调查")


def moment(day):
    """Ten in the morning in China."""
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def version(number, of, since, *, hours=60, examination=False, bars=False):
    return Version(number, of, "enforcement", Requirement(hours, examination, bars), since)


def test_what_is_shipped_names_its_source_and_bars_nobody():
    assert {kind.key for kind in FIGURES.kinds} == {"enforcement", "review", "hearing", "supervision"}
    for kind in FIGURES.kinds:
        assert kind.source
        assert kind.asked == Requirement(60, False, False)


def test_the_strictest_of_all_places_counts_and_none_can_loosen_it():
    versions = [
        version(1, "370400", date(2026, 1, 1), hours=80),
        version(2, 7, date(2026, 3, 1), hours=70, examination=True),
        version(3, 8, date(2026, 1, 1), hours=200, bars=True),
        version(4, "370400", date(2026, 9, 1), hours=60),
    ]

    def asked(day, *places):
        return training_rules.in_force(OFFICERS, versions, places, day)

    assert asked(date(2025, 12, 31), "370400", 7) == Requirement(60, False, False)
    assert asked(date(2026, 1, 1), "370400", 7) == Requirement(80, False, False)
    assert asked(date(2026, 3, 1), "370400", 7) == Requirement(80, True, False)
    assert asked(date(2026, 9, 1), "370400", 7) == Requirement(70, True, False), (
        "a later one replaces its own"
    )
    assert asked(date(2026, 9, 1), "370400", 8) == Requirement(200, False, True)


def test_hours_set_late_in_a_year_count_from_the_next_one_but_bars_at_once():
    versions = [version(1, 7, date(2026, 7, 1), hours=90, bars=True)]
    day = date(2026, 7, 1)
    for year, expected in ((2026, 60), (2027, 90)):
        found = training_rules.asked_for_year(OFFICERS, versions, [7], year, day)
        assert (found.hours, found.bars) == (expected, True)
    assert not training_rules.asked_for_year(OFFICERS, versions, [7], 2026, date(2026, 6, 30)).bars


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (Held(date(2025, 6, 30), None, group="调查"), True),
        (Held(date(2025, 7, 1), None, group="调查"), False),
        (Held(date(2020, 1, 1), date(2025, 1, 1), group="调查"), True),
        (Held(date(2020, 1, 1), date(2024, 12, 31), group="调查"), False),
        (Held(date(2020, 1, 1), None, group="归档"), False),
        (Held(date(2020, 1, 1), None, certificate="enforcement"), True),
        (Held(date(2020, 1, 1), None, certificate="legal"), False),
    ],
)
def test_of_whom_a_years_training_is_asked(held, expected):
    assert training_rules.obliged(OFFICERS, [held], 2025) is expected


def test_last_years_training_decides_from_midnight_on():
    versions = [version(1, 7, date(2024, 1, 1), hours=60, examination=True, bars=True)]

    def barred(day, *taken):
        return training_rules.barred([INVESTIGATES], taken, versions, [7], day)

    enough = Taken(2025, 60.0, True)
    assert barred(date(2025, 12, 31), Taken(2024, 60.0, True)) == {}
    assert set(barred(date(2026, 1, 1), Taken(2024, 60.0, True))) == {"enforcement"}
    assert "完成 0 学时，应当完成 60 学时；没有考试合格" in barred(date(2026, 1, 1))["enforcement"]
    assert barred(date(2026, 1, 1), enough) == {}
    assert "没有考试合格" in barred(date(2026, 1, 1), Taken(2025, 90.0, False))["enforcement"]
    assert barred(date(2026, 1, 1), Taken(2025, 59.5, True)), "half an hour less is less"


def entered(session, login, day, hours, **more):
    new = qualifications.NewTraining(
        day, f"执法培训（演示）{day}", "市司法局（演示）", Decimal(hours), **more
    )
    qualifications.enter_training(session, admin_of(session), account_of(session, login), new)
    session.flush()


def test_it_counts_for_its_year_or_made_up_for_the_one_before(desk):
    officer = officer_of(desk, "hb-officer1")
    with clock.at(moment(date(2026, 11, 30))):
        entered(desk, "hb-officer1", date(2026, 2, 3), "20", counts_for=2025, examination="passed")
        entered(desk, "hb-officer1", date(2026, 2, 4), "8")
        with pytest.raises(Invalid) as wrong:
            entered(desk, "hb-officer1", date(2026, 2, 5), "8", counts_for=2024)
        assert set(wrong.value.errors) == {"counts_for"}
    assert qualifications.hours_of(desk, [officer], 2025) == {officer: Decimal("20.0")}
    assert qualifications.hours_of(desk, [officer], 2026) == {officer: Decimal("8.0")}


def test_who_lacks_it_is_told_before_the_year_ends_and_once_when_it_is_over(desk):
    with clock.at(moment(date(2027, 9, 1))):
        entered(desk, "hb-officer2", date(2027, 8, 1), "60")
        entered(desk, "hb-officer1", date(2027, 8, 1), "59.5")
    for day, expected in (
        (date(2027, 9, 30), 0),
        (date(2027, 10, 1), 1),
        (date(2027, 10, 31), 1),
        (date(2027, 11, 1), 2),
        (date(2027, 12, 31), 3),
        (date(2028, 1, 1), 4),
        (date(2028, 2, 1), 4),
    ):
        for _ in range(2):
            with clock.at(moment(day)):
                training.look_at_training(desk, clock.now())
        assert len([line for line in told(desk, "hb-officer1") if "2027 年度" in line]) == expected, day
        assert len([line for line in told(desk, "hb-head") if "人 2027 年度" in line]) == expected, day
    assert not [line for line in told(desk, "hb-officer2") if "2027 年度" in line]
    mine = [line for line in told(desk, "hb-officer1") if "2027 年度" in line]
    assert "完成 59.5 学时，应当完成 60 学时" in mine[0]
    assert "不得办案" not in mine[0], "nothing bars"
    head = [line for line in told(desk, "hb-head") if "人 2027 年度" in line][-1]
    assert "补训" in head
    name = desk.get(Officer, officer_of(desk, "hb-officer1")).name
    assert name in head


def rule(kind="enforcement", hours="60", **more):
    given = {"examination": False, "bars": False, "valid_from": "", "basis": "演示文件1号", "seen": 0}
    return training.NewRule(kind, hours, **(given | more))


def super_of(session):
    person = service.actor_of(session, officer_of(session, "sf-super"))
    assert person.region
    return person


def test_only_who_decides_sets_and_only_stricter(desk):
    head = service.actor_of(desk, officer_of(desk, "hb-head"))
    officer = service.actor_of(desk, officer_of(desk, "hb-officer1"))
    assert training.sets_for(desk, head) == ["agency"]
    for who, what in ((officer, "agency"), (head, "region"), (admin_of(desk), "agency"), (head, "")):
        with pytest.raises(Forbidden):
            training.set_rule(desk, who, what, rule(hours="80"))
    for wrong, field in (
        (rule(hours="59"), "hours"),
        (rule(hours="60"), "hours"),
        (rule(hours="多"), "hours"),
        (rule(hours="401"), "hours"),
        (rule(hours="80", basis=" "), "basis"),
        (rule(hours="80", valid_from="2020-01-01"), "valid_from"),
        (rule(hours="80", valid_from="明天"), "valid_from"),
    ):
        with pytest.raises(Invalid) as refused:
            training.set_rule(desk, head, "agency", wrong)
        assert set(refused.value.errors) == {field}
    first = training.set_rule(desk, head, "agency", rule(hours="80"))
    with pytest.raises(Conflict):
        training.set_rule(desk, head, "agency", rule(hours="90"))
    training.set_rule(desk, head, "agency", rule(hours="60", seen=first))
    asked = {one.kind.key: one for one in training.asked(desk, head.agency_id)}
    assert asked["enforcement"].together.hours == 60, "an own version may go back to what is asked anyway"
    assert [s.name for s in asked["enforcement"].sources] == ["各地", head.agency_name]


def test_what_the_region_asks_holds_below_and_cannot_be_undone_there(desk):
    head = service.actor_of(desk, officer_of(desk, "hb-head"))
    desk.add(
        TrainingRule(
            region_code=head.region, kind="enforcement", hours=90, examination=True, bars=True,
            valid_from=clock.today(), basis="演示文件2号", set_by=head.officer_id, set_at=clock.now(),
        )
    )  # fmt: skip
    desk.flush()
    with pytest.raises(Invalid) as refused:
        training.set_rule(desk, head, "agency", rule(hours="60"))
    assert set(refused.value.errors) == {"hours", "examination", "bars"}
    below = service.actor_of(desk, officer_of(desk, "szhb-head"))
    for one in training.asked(desk, below.agency_id):
        assert one.together.bars is (one.kind.key == "enforcement")


@pytest.mark.requirement("S0-28")
def test_who_lacks_it_may_be_kept_from_work_at_once_and_is_back_when_it_is_made_up(desk):
    head = service.actor_of(desk, officer_of(desk, "hb-head"))
    officer = officer_of(desk, "hb-officer1")
    last = clock.today().year - 1
    assert service.certified(desk, officer, "enforcement", clock.today())
    entered(desk, "hb-officer2", clock.today(), "60", counts_for=last)
    training.set_rule(desk, head, "agency", rule(bars=True))
    assert not service.certified(desk, officer, "enforcement", clock.today())
    assert service.certified(desk, officer_of(desk, "hb-officer2"), "enforcement", clock.today())
    card = service.officer(desk, officer)
    assert "培训未达标" in card.why_barred("enforcement")
    assert officer in service.barred(desk, head.agency_id)
    assert any("不得办案" in line for line in told(desk, "hb-head"))
    entered(desk, "hb-officer1", clock.today(), "60", counts_for=last)
    assert service.certified(desk, officer, "enforcement", clock.today())
    row = desk.scalars(select(Training).where(Training.officer_id == officer)).one()
    admin, account = admin_of(desk), account_of(desk, "hb-officer1")
    with pytest.raises(Invalid):
        qualifications.remove_training(desk, admin, account, row.id, "")
    qualifications.remove_training(desk, admin, account, row.id, "登记错人（演示）")
    assert not service.certified(desk, officer, "enforcement", clock.today())
    kept = desk.scalars(select(AccountAct).where(AccountAct.act == "training_removed")).one()
    assert kept.detail["reason"] == "登记错人（演示）"


HEAD = list(training_sheet.COLUMNS)


def row(app, login, **more):
    with app.app_context(), transaction() as session:
        name = session.scalars(select(Account.name).where(Account.login == login)).one()
    given = {
        "登录名": login, "姓名": name, "培训日期": "2026-03-02", "培训内容": "行政处罚法（演示）", "组织单位": "演示学院",
        "学时": "12.5", "考试结果": "合格",
    } | more  # fmt: skip
    return [given.get(name, "") for name in HEAD]


def brought(app, *rows, actor=None, dry=False):
    with app.app_context():
        return roster.rehearsed(lambda session: training_sheet.enter(session, actor, [HEAD, *rows]), dry)


def count(app):
    with app.app_context(), transaction() as session:
        return session.scalar(select(func.count()).select_from(Training))


def test_a_table_of_training_is_entered_once_and_corrected_by_the_next(app):
    before = count(app)
    rows = [row(app, "hb-lead"), row(app, "szhb-officer1", 计入年度="2025", 考试结果="")]
    assert brought(app, *rows, dry=True).changed == 2
    assert count(app) == before
    assert [one.told for one in brought(app, *rows).outcomes] == [
        "登记 2026 年度培训 12.5 学时",
        "登记 2025 年度培训 12.5 学时",
    ]
    assert brought(app, *rows).changed == 0
    assert [o.told for o in brought(app, row(app, "hb-lead", 考试结果="不合格")).outcomes] == ["更新这次培训"]
    assert count(app) == before + 2


def test_every_mistake_of_a_table_is_told_at_its_row_and_nothing_is_entered(app):
    before = count(app)
    with pytest.raises(Invalid) as wrong:
        brought(
            app,
            row(app, "hb-lead", 登录名="nobody-1"),
            row(app, "hb-lead", 姓名="甲子（另一人）"),
            row(app, "hb-lead", 培训日期="那天", 学时="-3", 考试结果="优秀", 计入年度="去年"),
            row(app, "hb-lead", 学时="1.25", 培训内容=""),
            row(app, "hb-lead", 培训日期="2999-01-01"),
            row(app, "hb-lead", 计入年度="2020"),
            row(app, "sf-admin"),
            row(app, "hb-lead", 培训内容="好的（演示）"),
        )
    errors = wrong.value.errors
    assert set(errors) == {f"第 {number} 行" for number in range(2, 9)}
    assert len(errors["第 4 行"]) == 4
    assert count(app) == before
    with pytest.raises(Invalid):
        brought(app, ["少了"])


def test_the_command(app, tmp_path):
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, row(app, "hb-review", 培训内容="命令导入（演示）")])
    file = tmp_path / "training.csv"
    file.write_text(text.getvalue(), encoding="utf-8")

    def run(*given):
        return CliRunner().invoke(command, ["import-training", str(file), *given], obj=app.app_context).output

    assert "将变更 1 行。没有录入" in run("--dry-run")
    assert "已变更 1 行" in run()
    assert "已变更 0 行" in run()


def test_the_pages(callers, app):
    admin, head, officer = callers(), callers(), callers()
    admin.sign_in("sf-admin")
    head.sign_in("hb-head")
    officer.sign_in("hb-officer1")
    template = admin.get("/admin/roster/training.csv").get_data().decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(template))) == HEAD
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, row(app, "hb-officer1", 培训内容="网页导入（演示）")])

    def post(mode):
        data = {"mode": mode, "file": (io.BytesIO(text.getvalue().encode()), "培训.csv")}
        return admin.post("/admin/roster/training", data, content_type="multipart/form-data").text

    assert "将变更 1 行" in post("check")
    assert "变更 1 行" in post("enter")
    assert "变更 0 行" in post("enter")
    page = "/staff/training"
    assert "年度培训" in officer.get(page).text
    assert "规定本机关的要求" not in officer.get(page).text
    assert "规定本机关的要求" in head.get(page).text
    given = {"what": "agency", "kind": "enforcement", "hours": "5", "basis": "演示文件3号", "seen": "0"}
    wrong = head.post(page, given, page=page)
    assert wrong.status_code == 422
    assert "不得少于上级要求的 60 学时" in wrong.text
    assert "演示文件3号" in wrong.text, "what was typed is there"
    assert officer.post(page, given | {"hours": "80"}, page=page).status_code == 403
    assert head.post(page, given | {"hours": "80"}, page=page).status_code == 303
    assert head.post(page, given | {"hours": "90"}, page=page).status_code == 409
    assert "每年不少于 80 学时" in officer.get(page).text
    with app.app_context(), transaction() as session:
        account = account_of(session, "hb-officer1")
        (mine,) = session.scalars(
            select(Training.id).where(
                Training.officer_id == officer_of(session, "hb-officer1"),
                Training.topic == "网页导入（演示）",
            )
        )
    detail = f"/admin/accounts/{account}"
    assert "网页导入（演示）" in admin.get(detail).text
    remove = f"{detail}/training/{mine}/remove"
    assert admin.post(remove, {"training_reason": ""}, page=detail).status_code == 422
    assert head.post(remove, {"training_reason": "演示"}, page=page).status_code == 403
    assert admin.post(remove, {"training_reason": "登记有误（演示）"}, page=detail).status_code == 303
    assert "撤销培训登记" in admin.get(detail).text
    with app.app_context(), transaction() as session:
        session.query(TrainingRule).delete()
        assert session.scalar(select(func.count()).select_from(StaffNotice)) is not None
