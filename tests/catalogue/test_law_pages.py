"""The pages of the legal basis, to those who may read them."""

from datetime import date

import pytest

from app.catalogue import changes, choosing, library
from app.catalogue.changes import NewChange
from app.catalogue.lenity import Choice
from app.catalogue.models import PowerItem
from app.catalogue.validity import ChangeKind, Standing

from .statute_files import statute

DAY = date(2026, 8, 15)
LAW = "中华人民共和国大气污染防治法"


@pytest.fixture(scope="module")
def change(town) -> int:
    """A statute of two versions, and the repeal of another."""
    with town.act() as session:
        library.load(session, [
            statute("示范市容条例", {"9": "处五百元以上一千元以下罚款。"}, "2015-01-01"),
            statute("示范市容条例", {"9": "<b>处二百元以上一千元以下罚款。"}, "2025-01-01"),
        ])  # fmt: skip
        new = NewChange(LAW, ChangeKind.REPEALED, DAY, "中华人民共和国生态环境法典", "法典末条", "演示")
        return changes.record(session, new)[0].id


def page(caller, path: str, status: int = 200) -> str:
    answer = caller.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def test_statutes_are_found_by_name_and_by_words(town, change):
    reader = town.caller("hb-officer1")
    found = page(reader, "/laws?q=五百元以上")
    assert "《示范市容条例》第九条" in found
    assert "&lt;b&gt;" in page(reader, "/laws?q=二百元以上")
    assert "/laws/statutes/" in page(reader, "/laws?q=市容条")
    assert "请至少输入两个字" in page(reader, "/laws?q=罚")
    whole = page(reader, "/laws/statutes/示范市容条例")
    assert "2015年1月1日文本" in whole
    assert "后一版本施行" in whole
    assert "按公布（通过）之日推定" in whole
    assert "已废止" in page(reader, f"/laws/statutes/{LAW}")
    assert page(reader, "/laws/statutes/没有的法", 404)
    found = page(reader, "/laws?q=五百元以上")
    assert "#article-9" in found
    number = whole.partition("/laws/versions/")[2].partition('"')[0]
    assert "第九条" in page(reader, f"/laws/versions/{number}?no=9")
    assert "第九条" in page(reader, f"/laws/versions/{number}")


def test_both_laws_stand_side_by_side(town, change):
    reader = town.caller("hb-officer1")
    told = page(reader, "/laws/choice?basis=《示范市容条例》第九条&acted=2024-06-01&decided=2026-01-01")
    for words in (
        "适用新的规定（从轻）",
        "500元以上1000元以下",
        "200元以上1000元以下",
        "2015年1月1日文本",
        "2025年1月1日",
    ):
        assert words in told
    assert "从旧" in page(
        reader, "/laws/choice?basis=《示范市容条例》第九条&acted=2025-06-01&decided=2026-01-01"
    )
    assert "请填写违法行为发生" in page(reader, "/laws/choice?basis=《示范市容条例》第九条", 422)
    assert "不能晚于" in page(reader, "/laws/choice?basis=a&acted=2026-01-02&decided=2026-01-01", 422)
    assert "日期写法不对" in page(reader, "/laws/choice?basis=a&acted=昨天", 422)
    unknown = page(reader, "/laws/choice?basis=《未载入条例》第九条&acted=2025-06-01")
    assert "不能自动判断" in unknown
    assert "没有载入这部法律的条文" in unknown


def test_an_item_with_old_and_new_ranges_needs_no_texts(town, change):
    with town.read() as session:
        item = session.query(PowerItem).filter_by(code="ZZ-02-STHJ-004").one().id
    told = page(town.caller("hb-officer1"), f"/laws/choice?item={item}&acted=2026-08-01&decided=2026-09-01")
    assert "幅度取自事项登记的新旧规定" in told
    assert "20万元以上100万元以下" in told
    assert "10万元以上100万元以下" in told
    assert page(town.caller("cg-head"), f"/laws/choice?item={item}&acted=2026-08-01", 404)
    with town.read() as session:
        basis = choosing.Basis("x", "", frozenset({"罚款"}), (
            {"min": 100, "max": 200, "until": "2026-08-15"}, {"min": 50, "max": 200}))  # fmt: skip
        verdict = choosing.compare(session, basis, date(2026, 8, 14), DAY).verdict
        assert verdict.choice is Choice.NEW
        assert choosing.compare(session, basis, DAY, DAY).verdict.choice is Choice.OLD


def test_what_is_kept_of_the_law_goes_with_its_next_change(town, change):
    basis = choosing.Basis("x", "《示范市容条例》第九条", frozenset(), ())
    days = (date(2025, 6, 1), DAY)
    repeal = NewChange("示范市容条例", ChangeKind.REPEALED, DAY, "新条例", "《新条例》第一条", "公报")
    with town.read() as session:
        assert not choosing.compare(session, basis, *days).differs
        changes.record(session, repeal)
        assert choosing.compare(session, basis, *days).new.lost[0].standing is Standing.REPEALED
        session.rollback()
        assert not choosing.compare(session, basis, *days).differs


def test_an_item_is_found_by_any_part_of_its_name_or_code(town, change):
    reader = town.caller("hb-officer1")
    for word in ("STHJ-004", "sthj-00", "排放浓度", "放浓", "浓"):
        assert "ZZ-02-STHJ-004" in page(reader, f"/laws/choice?q={word}"), word
    for word in ("浓放", "%", "_", "STHJ-99"):
        assert "没有名称或者编码含" in page(reader, f"/laws/choice?q={word}"), word
    assert "没有名称或者编码含" in page(town.caller("cg-head"), "/laws/choice?q=排放浓度"), "another agency's"


def test_the_impact_shows_what_a_person_may_see(town, change):
    case_id = town.open("dust-heap", "register")
    choice = (
        page(town.caller("hb-head"), f"/cases/{case_id}").partition("/laws/choice?item=")[2].partition('"')[0]
    )
    assert "违法行为发生日期" in page(town.caller("hb-head"), f"/laws/choice?item={choice}&acted=2026-08-01")
    mine = page(town.caller("hb-head"), f"/laws/impact?law={LAW}&on=2026-08-15")
    assert "ZZ-02-STHJ-007" in mine
    assert f"/cases/{case_id}" in mine
    assert "已废止" in mine
    others = page(town.caller("cg-head"), f"/laws/impact?law={LAW}")
    assert "ZZ-02-STHJ-007" not in others
    assert f"/cases/{case_id}" not in others
    region = page(town.caller("sf-super"), f"/laws/impact?law={LAW}")
    assert "ZZ-02-STHJ-007" in region
    assert f"/cases/{case_id}" not in region, "a supervisor gets the number of cases, not their files"
    assert "日期写法不对" in page(town.caller("hb-head"), "/laws/impact?law=x&on=昨天", 422)


def test_the_work_of_a_change_is_listed_for_its_agency(town, change):
    listed = page(town.caller("hb-head"), f"/laws/changes/{change}")
    assert "2026年7月27日" in listed
    assert "规范行政权力网上运行的规定" in listed
    assert f"/laws/changes/{change}" in page(town.caller("hb-head"), "/laws/changes")
    assert "登记处理结果" not in page(town.caller("szsf-super"), f"/laws/changes/{change}")
    assert page(town.caller("hb-head"), "/laws/changes/987654321", 404)


def test_an_administrator_has_no_business_with_the_work(town, change):
    admin = town.caller("szsf-admin")
    for path in ("/laws/impact", "/laws/changes", f"/laws/changes/{change}"):
        assert page(admin, path, 403)
