"""The pages of items: found by parts of words, drawn up step by step, nothing typed is lost, and shut to others."""

import re
from datetime import date

import pytest
from callers import Caller, cheap_hashes
from cases.conftest import town
from cases.town import Town
from sqlalchemy import select, update

from app.catalogue.models import ItemVersion, PowerItem

from .item_way import DAY, DRAWER, STEPS, Life, key, life, today

__all__ = ["cheap_hashes", "life", "today", "town"]


@pytest.fixture
def drawer(town: Town) -> Caller:
    return town.caller(DRAWER)


def text(answer) -> str:
    return answer.get_data(as_text=True)


def revision(page: str) -> str:
    return re.search(r'name="_version" value="(\d+)"', page)[1]


def item_id(town: Town, code: str) -> int:
    with town.read() as session:
        return session.scalars(select(PowerItem.id).where(PowerItem.code == code)).one()


@pytest.mark.parametrize("q", ["排污许可", "许可证 排放", "STHJ-003", "sthj-003"])
def test_an_item_is_found_by_parts_of_words(drawer, q):
    page = text(drawer.get("/items", query_string={"q": q}))
    assert "对未取得排污许可证排放污染物的处罚" in page
    assert "对易产生扬尘的物料" not in page


@pytest.mark.parametrize("q", ["%", "_", "\\", "没有这样的事项", "' or 1=1 --"])
def test_what_is_not_there_is_not_found(drawer, q):
    page = text(drawer.get("/items", query_string={"q": q}))
    assert "没有找到符合条件的事项" in page


def test_the_list_is_the_agency_s_own(drawer):
    page = text(drawer.get("/items"))
    assert "枣庄市生态环境局" in page
    assert "对用非食品原料生产食品" not in page


def test_a_supervisor_sees_the_region(town):
    page = text(town.caller("sf-super").get("/items", query_string={"q": "非食品原料"}))
    assert "枣庄市市场监督管理局" in page
    district = text(town.caller("szsf-super").get("/items", query_string={"q": "未取得排污许可证"}))
    assert "枣庄市生态环境局</td>" not in district


def test_drawing_up_page_by_page(town, drawer):
    started = drawer.post(
        "/items/new", {"code": "ZZ-02-YM-001", "name": "对页面演示行为的处罚（演示）", "kind": "penalty"}
    )
    assert started.status_code == 303
    path = started.location
    for step in ("basics", "basis", "subject", "running", "discretion"):
        assert path.endswith(step)
        page = text(drawer.get(path))
        post = {"_version": revision(page)} | posted(step)
        if step == "basics":
            post |= {"code": "ZZ-02-YM-001", "name": "对页面演示行为的处罚（演示）"}
        saved = drawer.post(path, post)
        assert saved.status_code == 303, text(saved)
        path = saved.location
    overview = text(drawer.get(path))
    assert (
        "上网要素和公示要素齐全" not in overview
    )  # the library of statutes holds nothing of this one: a reminder
    assert "法规库还没有载入" in overview
    assert "缺项</span>" not in overview
    key_ = re.search(r'name="_key" value="([^"]+)"', overview)[1]
    sent = drawer.post(
        path,
        {"_version": revision(overview), "_key": key_, "reason": "新法施行（演示）。", "effective_on": DAY},
    )
    assert sent.status_code == 303
    assert "/cases/" in sent.location


def posted(step: str) -> dict[str, str]:
    """The answers of a page as a browser posts them."""
    post: dict[str, str] = {}
    for name, value in STEPS[step].items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            post |= {f"{name}.{n}.{part}": said for n, row in enumerate(value) for part, said in row.items()}
        elif value:
            post[name] = value
    return post


def test_what_is_wrong_is_kept_and_shown_at_the_field(drawer, life):
    path = f"/items/versions/{life.version_id}/draw/running"
    page = text(drawer.get(path))
    wrong = drawer.post(
        path, {"_version": revision(page), **posted("running"), "phone": "电话", "place": "新地点（演示）"}
    )
    assert wrong.status_code == 422
    assert "填写的内容已保存，没有丢失" in text(wrong)
    assert "请填写电话号码" in text(wrong)
    again = text(drawer.get(path))
    assert "新地点（演示）" in again
    assert 'value="电话"' in again


def test_what_is_typed_survives_a_closed_window(drawer, life):
    path = f"/items/versions/{life.version_id}/draw/running"
    kept = drawer.post(f"{path}/draft", {**posted("running"), "place": "打到一半的地"}, page=path)
    assert "已自动保存" in text(kept)
    assert "打到一半的地" in text(drawer.get(path))


def test_a_conflict_keeps_what_was_typed(drawer, life):
    path = f"/items/versions/{life.version_id}/draw/running"
    stale = drawer.post(path, {"_version": "1", **posted("running"), "place": "后保存的地点（演示）"})
    assert stale.status_code == 409
    assert "另一人在您打开本页以后保存过" in text(stale)
    assert "后保存的地点（演示）" in text(drawer.get(path))


def test_what_lacks_something_says_what_and_where(drawer, town):
    life = Life(town)
    life.draw(running={"phone": "", "promised": "100"})
    path = f"/items/versions/{life.version_id}/send"
    page = text(drawer.get(path))
    assert "还没有填写联系电话" in page
    assert "承诺时限不得长于法定时限" in page
    assert f'href="/items/versions/{life.version_id}/draw/running"' in page
    refused = drawer.post(
        path, {"_version": revision(page), "_key": key(), "reason": "演示", "effective_on": DAY}
    )
    assert refused.status_code == 422
    assert "请补正后再送审" in text(refused)


@pytest.mark.parametrize("login", ["sj-review", "szhb-review", "sf-legal"])
def test_others_find_nothing(town, life, login):
    who = town.caller(login)
    item = life.item().id
    for path in (f"/items/{item}", f"/items/versions/{life.version_id}", f"/items/versions/{life.version_id}/send",
                 f"/items/versions/{life.version_id}/draw/basics", f"/items/{item}/change/abolish"):  # fmt: skip
        assert who.get(path).status_code == 404, path


@pytest.mark.parametrize("login", ["hb-officer1", "hb-head"])
def test_colleagues_read_and_do_not_draw(town, life, login):
    who = town.caller(login)
    assert who.get(f"/items/versions/{life.version_id}").status_code == 200
    token = who.token("/account")
    path = f"/items/versions/{life.version_id}/draw/basics"
    assert who.get(path).status_code == 403
    assert who.bare_post(path, {"_csrf": token, "_version": "1"}).status_code == 403
    assert who.bare_post(f"/items/{life.item().id}/checked", {"_csrf": token}).status_code == 403


@pytest.mark.parametrize("login", ["sf-analyst", "sf-admin"])
def test_other_roles_have_no_items(town, login):
    assert town.caller(login).get("/items").status_code == 403


def test_the_legal_office_reads_what_it_examines_and_nothing_before(town, life):
    who = town.caller("sf-legal")
    path = f"/items/versions/{life.version_id}"
    assert who.get(path).status_code == 404
    life.to_audit()
    page = text(who.get(path))
    assert life.version().name in page
    assert life.version().digest in page
    work = life.waiting(life.version().audit_case_id)
    task = text(who.get(f"/work/{work.id}"))
    assert "查看事项要素、缺项检查和全部变化" in task
    assert life.version().digest[:16] in task


def test_versions_are_compared(town, drawer):
    found = item_id(town, "ZZ-02-STHJ-007")
    started = drawer.post(f"/items/{found}/change/adjust", {})
    assert started.status_code == 303
    version = started.location.split("/")[3]
    page = text(drawer.get(started.location))
    post = {
        "_version": revision(page),
        "code": "ZZ-02-STHJ-007",
        "name": "改名的扬尘事项（演示）",
        "kind": "penalty",
        "level": "3",
    }
    assert drawer.post(started.location, post).status_code == 303
    compared = text(drawer.get(f"/items/versions/{version}"))
    assert "与第 1 版相比" in compared
    assert "对易产生扬尘的物料未设置围挡或者未有效覆盖的处罚" in compared
    assert "改名的扬尘事项（演示）" in compared


def test_a_version_taken_over_is_checked_by_what_its_row_tells(town, drawer):
    with town.read() as session:
        chosen = select(ItemVersion.id, ItemVersion.name).where(ItemVersion.elements == {})
        version_id, name = session.execute(chosen.order_by(ItemVersion.id)).first()
    page = text(drawer.get(f"/items/versions/{version_id}"))
    assert "还没有填写权力名称" not in page
    assert "还没有填写办理地点" in page
    assert page.count(name) == 3, "title, heading and the elements: nothing is told twice"


def test_the_code_of_a_published_item_stays(town, drawer):
    found = item_id(town, "ZZ-02-STHJ-008")
    started = drawer.post(f"/items/{found}/change/adjust", {})
    page = text(drawer.get(started.location))
    post = {"_version": revision(page), "code": "ZZ-99", "name": "演示", "kind": "penalty", "level": "3"}
    wrong = drawer.post(started.location, post)
    assert wrong.status_code == 422
    assert "事项代码公布以后不变" in text(wrong)


def test_an_item_nobody_has_looked_at_for_a_year_is_due(town, drawer):
    found = item_id(town, "ZZ-02-STHJ-001")
    with town.act() as session:
        session.execute(
            update(ItemVersion).where(ItemVersion.item_id == found).values(checked_on=date(2025, 3, 1))
        )
    due = text(drawer.get("/items", query_string={"state": "due"}))
    assert "ZZ-02-STHJ-001" in due
    assert "应当复核" in due
    assert drawer.post(f"/items/{found}/checked", {"note": "没有变化（演示）。"}).status_code == 303
    assert "ZZ-02-STHJ-001" not in text(drawer.get("/items", query_string={"state": "due"}))
    assert "没有变化（演示）。" in text(drawer.get(f"/items/{found}"))


def test_trial_operation_is_left_out_of_the_numbers(town):
    who = town.caller("sj-review")

    def numbers() -> list[str]:
        return re.findall(r'data-label="施行的事项" class="number">(\d+)', text(who.get("/items/coverage")))

    before = numbers()
    with town.act() as session:
        mine = select(PowerItem.id).where(PowerItem.code == "ZZ-02-SCJG-002")
        session.execute(update(PowerItem).where(PowerItem.id.in_(mine)).values(trial=True))
    assert int(numbers()[0]) == int(before[0]) - 1


def test_a_transfer_asks_for_the_receiver(town, drawer):
    found = item_id(town, "ZZ-02-STHJ-004")
    nobody = drawer.post(f"/items/{found}/change/transfer", {})
    assert nobody.status_code == 422
    assert "请选择接收这个事项的机关" in text(nobody)
    with town.read() as session:
        to = session.scalars(select(PowerItem.agency_id).where(PowerItem.code == "ZZ-02-SCJG-002")).first()
    begun = drawer.post(f"/items/{found}/change/transfer", {"to_agency": str(to)})
    assert begun.location.endswith("/send")
    page = text(drawer.get(begun.location))
    assert "枣庄市市场监督管理局" in page
    dropped = begun.location.replace("/send", "/drop")
    assert drawer.post(dropped, {}, page=begun.location).status_code == 303
