"""A repeal or amendment names everything it touches, and makes work for every item: for whom, and until when."""

from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from app.catalogue import changes, citing, impact, law_commands, library, statutes
from app.catalogue.changes import NewChange, TaskState
from app.catalogue.models import Citation, CitingText, LawChange, LawTask, PowerItem
from app.catalogue.validity import ChangeKind, Standing
from app.kernel import clock
from app.people.models import Agency

from .statute_files import shared, statute

CODE = "中华人民共和国生态环境法典"
AIR = "中华人民共和国大气污染防治法"
DAY = date(2026, 8, 15)
FIFTEEN_BEFORE = date(2026, 7, 27)
"""The fifteenth working day before 15 August 2026 (a Saturday): Monday three weeks earlier, with no holiday between."""


@pytest.fixture
def act(town):
    """One act of the town, rolled back."""
    with town.app.app_context():
        from app.kernel.db import db

        session = db.session()
        yield session
        session.rollback()
        db.session.remove()


def codes(session, found) -> list[str]:
    ids = [int(each.ref) for each in found]
    return sorted(session.scalars(select(PowerItem.code).where(PowerItem.id.in_(ids))))


def test_the_ten_laws_that_the_code_repeals(act):
    """What the product knows, what the code itself says, and what became of the ten."""
    whole = [each for each in statutes.read(shared("data/legal_basis.json")) if each.law == CODE]
    said = [(new.law, new.on) for each in whole for new in changes.repeals(each)]
    known = [
        (row["law"], date.fromisoformat(row["since"]))
        for row in changes.facts()["changes"]
        if row["kind"] == "repealed"
    ]
    assert len(said) == 10
    assert sorted(said) == sorted(known)
    assert {on for _, on in said} == {DAY}
    assert whole[0].articles[-1].name == "第一千二百四十二条"
    library.load(act, statutes.read(shared("data/legal_basis.json")))
    changes.load_known(act)
    for law, _ in said:
        history = library.histories(act, [law])[law.removeprefix("中华人民共和国")]
        assert history.on(DAY).standing is Standing.REPEALED
        assert history.on(date(2026, 8, 14)).standing is not Standing.REPEALED
    held = library.resolve(act, f"《{CODE}》第一千一百三十条第（三）项", DAY)
    assert [each.problem for each in held] == [""]
    assert (
        library.resolve(act, f"《{CODE}》第一千一百三十条", date(2026, 8, 14))[0].standing is Standing.NOT_YET
    )


def test_an_item_that_cites_a_repealed_law_gets_its_work_in_time(act):
    assert changes.load_known(act) == 12
    assert changes.load_known(act) == 0, "once"
    tasks = [task for task in changes.changes_for(act, most=1000) if task.law == AIR]
    assert {task.code for task in tasks} >= {"ZZ-02-STHJ-007", "ZZ-02-STHJ-008"}
    assert {(task.due_on, task.state) for task in tasks} == {(FIFTEEN_BEFORE, TaskState.OPEN)}
    assert all(AIR in words for task in tasks for words in task.cited)
    agency = act.scalars(select(Agency.id).where(Agency.code == "370400-04")).one()
    assert {task.agency_id for task in tasks} == {agency}


def test_everything_that_cites_a_law_is_found(town, act):
    found = impact.of(act, "行政处罚法", clock.today())
    assert len(found.procedures) >= 2
    assert any("《中华人民共和国行政处罚法》第五十四条" in "".join(each.cited) for each in found.procedures)
    assert len(found.templates) > 20
    narrow = impact.of(act, "中华人民共和国行政处罚法", clock.today(), ["56"])
    assert 0 < len(narrow.templates) < len(found.templates)
    assert all("第五十六条" in "".join(each.cited) for each in narrow.templates)
    assert impact.of(act, "从未有过的法", clock.today()).nothing


def test_open_cases_are_counted_with_their_items_and_procedures(town, act):
    case_id = town.open("dust-heap", "register")
    with town.read() as session:
        touched = impact.of(session, AIR, DAY)
        assert case_id in {case.id for case in touched.cases.first}
        assert touched.cases.total == len(touched.cases.first) == 1
        everywhere = impact.of(session, "行政处罚法", DAY)
        assert everywhere.cases.total >= 1
        elsewhere = impact.of(session, AIR, DAY, agencies=[0])
        assert (elsewhere.items, elsewhere.cases.total) == ((), 0)


def test_the_index_is_never_behind(act):
    """Changed, new and gone items are seen whether or not the index has been brought up to date."""
    citing.refresh(act)
    assert citing.refresh(act) == 0
    row = act.scalars(select(PowerItem).where(PowerItem.code == "ZZ-02-STHJ-007")).one()
    law = "示范防治条例"
    act.execute(update(PowerItem).where(PowerItem.id == row.id).values(basis=[f"《{law}》第三条"]))
    act.flush()
    assert row.code not in codes(act, citing.touched(act, AIR, kinds=[citing.ITEM]))
    assert [each.cited for each in citing.touched(act, law)] == [(f"《{law}》第三条",)]
    assert citing.refresh(act) == 1
    assert [each.cited for each in citing.touched(act, law)] == [(f"《{law}》第三条",)]
    assert citing.touched(act, law, ["4"]) == []
    listed = select(func.count()).select_from(Citation).join(CitingText).where(CitingText.ref == str(row.id))
    assert act.scalar(listed.where(CitingText.kind == "item")) == 1


def test_a_law_that_is_named_without_an_article_is_cited_as_a_whole():
    assert citing.cited_in("依据《甲条例》和《乙法》第二条、第三条") == [
        ("甲条例", "", "《甲条例》"),
        ("乙法", "2", "《乙法》第二条"),
        ("乙法", "3", "《乙法》第三条"),
    ]
    assert citing.cited_in("见《送达回证》") == []


def test_a_new_version_says_itself_what_it_changes(act):
    library.load(
        act, [statute("示范条例", {"1": "甲。", "2": "乙。", "3": "丙。"}, "2010-01-01", whole=True)]
    )
    new = statute("示范条例", {"1": "甲。", "2": "改。"}, "2026-01-01", "2026-03-01", whole=True)
    library.load(act, [new])
    found = changes.amendment(act, new)
    assert (found.kind, found.on, found.articles) == (ChangeKind.AMENDED, date(2026, 3, 1), ("2", "3"))
    part = statute("示范条例", {"1": "又改。"}, "2026-06-01")
    library.load(act, [part])
    assert changes.amendment(act, part).articles == ("1",), "an extract does not repeal what it leaves out"


def test_only_the_agency_says_what_became_of_its_work_and_only_once(town):
    with town.act() as session:
        changes.record(
            session, NewChange("中华人民共和国噪声污染防治法", ChangeKind.REPEALED, DAY, CODE, "法典", "演示")
        )
        changes.record(session, NewChange(AIR, ChangeKind.REPEALED, DAY, CODE, "法典", "演示"))
    with town.read() as session:
        task = next(each for each in changes.changes_for(session, most=1000) if each.law == AIR)
    path = f"/laws/changes/{task.change.id}/tasks/{task.id}"
    given = {"state": "unaffected", "note": "同时引用了法典的相应条款。"}
    page = f"/laws/changes/{task.change.id}"
    stranger = town.caller("cg-head")
    assert task.code not in stranger.get(page).get_data(as_text=True)
    assert stranger.bare_post(path, given | {"_csrf": stranger.token("/account")}).status_code == 404
    head = town.caller("hb-head")
    assert head.post(path, {"state": "unaffected", "note": ""}, page=page).status_code == 422
    assert head.post(path, {"state": "open", "note": "不行"}, page=page).status_code == 422
    assert head.post(path, given, page=page).status_code == 303
    assert head.bare_post(path, given | {"_csrf": head.token("/account")}).status_code == 409
    with town.read() as session:
        row = session.get_one(LawTask, task.id)
        assert (row.state, row.note) == (given["state"], given["note"])
        assert row.closed_by is not None


def test_the_commands_say_it_in_words(town, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(law_commands.law, list(arguments), obj=town.app.app_context)

    bad = tmp_path / "坏条例.md"
    bad.write_text("第一条 甲。\n第一条 乙。\n第四条\n", encoding="utf-8")
    told = run("load", str(bad))
    assert told.exit_code == 1
    for words in ("文件开头　错误：没有写法律名称", "第 2 行　错误：第一条重复", "第 3 行　错误：第四条没有内容",
                  "第四条之前缺少第二条至第三条", "有 3 处错误，没有载入"):  # fmt: skip
        assert words in told.output
    good = tmp_path / "演示法典(2026-05-01).md"
    good.write_text(
        "# 演示法典\n第一条 总则。\n第二条 本法自2026年9月1日起施行。《中华人民共和国水土保持法》同时废止。\n",
        encoding="utf-8",
    )
    assert "没有写入" in run("load", "--dry-run", str(good)).output
    assert "演示法典" not in run("list").output
    loaded = run("load", str(good))
    assert "《中华人民共和国水土保持法》自 2026-09-01 起废止（《演示法典》第二条）" in loaded.output
    again = run("load", str(good)).output
    assert "新增或者更新 0 条" in again
    told = run("impact", "水土保持法", "--on", "2026-09-01")
    assert told.exit_code == 0, told.output
    for words in ("已废止", "权力事项", "在办案件", "《中华人民共和国水土保持法》第五十七条"):
        assert words in told.output
    resolved = run("resolve", "《水土保持法》第三十二条", "--on", "2026-09-01")
    assert resolved.exit_code == 1
    assert "已于2026年9月1日被《演示法典》废止" in resolved.output
    assert "水土保持" in run("tasks").output
    assert run("impact", "某法", "--on", "昨天").exit_code == 2
    with town.read() as session:
        assert (
            session.scalar(select(func.count()).select_from(LawChange).where(LawChange.by_law == "演示法典"))
            == 1
        )
