"""Every page on the running demonstration: accessible, lawful under the policy, and it fits a phone."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import psycopg
import pytest
from desk import Desk, form, officers, submit
from filling import fill
from playwright.sync_api import Page, Route, expect
from running_server import RunningServer

from app.cases import demo_content
from app.kernel import postgres
from app.people import demo as city

Database = psycopg.Connection
Look = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def database(server: RunningServer) -> Iterator[Database]:
    """The demonstration's database, to find what a page is about."""
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    """Look at a page as it stands: at both widths by the eyes of axe, and on pictures."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        for diagram in page.locator("[data-diagram]:not(details:not([open]) *)").all():
            diagram.scroll_into_view_if_needed()
            expect(diagram.locator(".djs-container")).to_be_visible()
        page.evaluate("scrollTo(0, 0)")
        shot(name, page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        page.set_viewport_size(before)

    return check


def found(database: Database, query: str, *values: object) -> int:
    row = database.execute(query, values).fetchone()
    assert row, query
    return row[0]


def case_with(database: Database, text: str) -> int:
    return found(database, 'select id from "case" where title like %s', f"%{text}%")


def task(database: Database, case_id: int, node: str) -> int:
    return found(
        database,
        "select id from work_item where case_id = %s and node = %s and status = 'open'",
        case_id,
        node,
    )


def test_signing_in(page: Page, look: Look):
    page.goto("/sign-in")
    look(page, "sign-in")
    page.get_by_label("登录名").fill("hb-nobody")
    page.get_by_label("密码").fill("wrong-1234")
    page.get_by_role("button", name="登录系统").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("登录名或密码不正确")
    look(page, "sign-in-refused")


def test_the_first_password_must_be_changed(page: Page, look: Look):
    page.goto("/sign-in")
    page.get_by_label("登录名").fill("hb-new")
    page.get_by_label("密码").fill(city.password())
    page.get_by_role("button", name="登录系统").click()
    page.wait_for_url("**/account/password*")
    look(page, "password-first")
    page.get_by_label("当前密码").fill(city.password())
    page.get_by_label("新密码", exact=True).fill("short")
    page.get_by_label("再次输入新密码").fill("other")
    page.get_by_role("button", name="修改密码").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    look(page, "password-errors")
    page.goto("/inbox")
    assert "/account/password" in page.url


LISTS = {
    "inbox": ("sj-officer1", "/inbox"),
    "inbox-positions": ("sj-officer1", "/inbox?box=positions"),
    "inbox-done": ("hb-officer1", "/inbox?box=done"),
    "inbox-no-hits": ("hb-officer1", "/inbox?q=没有这样的案件"),
    "cases": ("hb-officer1", "/cases"),
    "cases-no-hits": ("hb-officer1", "/cases?q=没有这样的案件"),
    "start": ("hb-intake", "/cases/new"),
    "account": ("hb-officer1", "/account"),
    "password": ("hb-officer1", "/account/password"),
    "accounts": ("sf-admin", "/admin/accounts"),
    "account-new": ("sf-admin", "/admin/accounts/new"),
    "law-orders": ("hb-review", "/laws/orders"),
    "law-order-new": ("hb-review", "/laws/orders/new"),
    "roster-order-new": ("hb-review", "/roster/orders/new"),
    "supervision": ("sf-super", "/supervision"),
    "error-403": ("hb-officer1", "/admin/accounts"),
    "error-404": ("hb-officer1", "/cases/987654321"),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_and_plain_pages(desk: Desk, look: Look, name: str):
    login, path = LISTS[name]
    page = desk.page(login)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    look(page, name)


def test_pages_that_have_no_room_in_the_bar_stand_under_more(desk: Desk, look: Look):
    page = desk.page("hb-head", "/inbox")
    bar = page.get_by_role("navigation", name="主导航")
    more, hidden = bar.locator("summary"), bar.get_by_role("link", name="运行分析")
    expect(hidden).to_have_count(0)
    more.click()
    expect(hidden).to_be_visible()
    look(page, "more")
    hidden.focus()
    page.keyboard.press("Escape")
    expect(hidden).to_have_count(0)
    expect(more).to_be_focused()
    more.click()
    page.locator("h1").click()
    expect(hidden).to_have_count(0)
    more.click()
    hidden.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("运行分析")
    expect(more).to_have_class("here")
    page.set_viewport_size({"width": 360, "height": 740})
    expect(more).to_be_hidden()
    expect(hidden).to_have_attribute("aria-current", "page")


def test_an_account_in_the_hands_of_its_administrator(desk: Desk, look: Look):
    page = desk.page("sf-admin", "/admin/accounts")
    page.locator("main table a").first.click()
    page.wait_for_url("**/admin/accounts/*")
    look(page, "account-detail")


@pytest.mark.parametrize(
    ("name", "text"), [("case-open", "某建筑工程有限公司"), ("case-closed", "某建材有限公司")]
)
def test_a_case(desk: Desk, look: Look, database: Database, name: str, text: str):
    page = desk.page("hb-officer1", f"/cases/{case_with(database, text)}")
    look(page, name)


def test_a_case_page_draws_what_its_procedure_calls(
    desk: Desk, shot: Callable[..., None], database: Database
):
    case_id = found(
        database,
        "select case_id from work_item where node = 'legal_review' and status = 'done' order by id limit 1",
    )
    page = desk.page("hb-officer1", f"/cases/{case_id}")
    called = page.locator(".called-process")
    expect(called).to_have_count(3)
    expect(called.nth(1)).to_contain_text("法制审核（被调用流程）")
    page.locator("#h-internal").scroll_into_view_if_needed()
    call = page.locator("[data-element-id=legal_call]").first
    expect(call).to_have_class(re.compile("is-passed"))
    expect(called.nth(1)).not_to_have_attribute("open", "")
    called.nth(1).locator("summary").click()
    called.nth(1).locator("[data-diagram]").scroll_into_view_if_needed()
    expect(called.nth(1).locator("[data-element-id=legal_review]").first).to_have_class(
        re.compile("is-passed")
    )
    shot("case-called", page)


def test_a_task_in_the_pool_then_with_errors_then_on_its_way(desk: Desk, look: Look, database: Database):
    """claim, edit, edit with errors, waiting for the second officer, confirm, sent back, read."""
    case_id = case_with(database, "经营超过保质期的食品")
    path = f"/work/{task(database, case_id, 'check')}"
    page = desk.page("sj-officer1", path)
    look(page, "task-claim")
    desk.take(page)
    look(page, "task-edit")
    page.locator("[name=facts]").fill("货架上有超过保质期的糖果")
    page.locator("[data-primary]").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    look(page, "task-errors")

    plan = demo_content.case_of("stale-sweets")
    moment = datetime.fromisoformat("2025-11-06T10:00")
    answers = demo_content.answers(plan, "penalty_check", 0, officers("sj"), moment)
    fill(page, form("penalty_check"), answers)
    said = submit(page)
    assert re.search("待.+确认后生效", said)
    page.goto(path)
    expect(page.locator("main")).to_contain_text("已提交，待")
    look(page, "task-waiting")

    second = desk.page("sj-officer2", path)
    expect(second.locator("main")).to_contain_text("请您作为协办人员确认")
    look(second, "task-confirm")
    second.get_by_text("退回主办人员修改").first.click()
    second.get_by_role("button", name="退回修改").click()
    expect(second.locator("main")).to_contain_text("请填写退回的理由")
    look(second, "task-confirm-errors")

    reader = desk.page("sj-lead", path)
    expect(reader.locator("[data-primary]")).to_have_count(0)
    look(reader, "task-read")


def test_verification(page: Page, look: Look, database: Database):
    page.goto("/v/")
    look(page, "verify")
    genuine, void = (
        row[0]
        for row in database.execute(
            "select ident_code from document where code = 'JD-01' and status = 'issued' order by id limit 2"
        )
    )
    page.get_by_label("文书标识码").fill(genuine)
    page.get_by_role("button", name="查验文书").click()
    expect(page.locator("main")).to_contain_text("现行有效")
    look(page, "verify-genuine")
    database.execute("update document set status = 'void', voided_at = now() where ident_code = %s", [void])
    page.goto(f"/v/{void}")
    expect(page.locator("main")).to_contain_text("已经作废")
    look(page, "verify-void")
    page.goto(f"/v/{genuine}?k=AAAAAAAAAAAAAAAA")
    look(page, "verify-forged")
    page.goto("/v/37040004JD01209900001X")
    look(page, "verify-unknown")
    page.goto("/v/?code=12")
    look(page, "verify-wrong")


def test_a_public_page_that_is_not_there(page: Page, look: Look):
    page.goto("/nothing-here")
    look(page, "error-404-public")


def test_a_first_task_without_script(desk: Desk, new_page: Callable[..., Page]):
    """Open a case, add a row by the server, hand in: everything by plain forms."""
    desk.windows["hb-intake"] = page = new_page(java_script_enabled=False)
    desk.open_case("hb-intake", "ZZ-02-STHJ-004")
    plan = demo_content.case_of("stone-mill")
    fill(page, form("penalty_lead"), demo_content.answers(plan, "penalty_lead", 0, {}, None))
    page.locator("[data-primary]").click()
    expect(page.get_by_role("status").first).to_contain_text("已签发《案件来源登记表》")

    case_no = page.locator(".crumbs").inner_text()
    case_no = re.search(r"\S*〔\d{4}〕\S*号", case_no)[0]
    desk.windows["hb-officer1"] = officer = new_page(java_script_enabled=False)
    desk.find("hb-officer1", case_no, "线索核查")
    said = demo_content.answers(
        plan, "penalty_check", 0, officers("hb"), datetime.fromisoformat("2025-05-12")
    )
    laws = [*said["suspected"], {"law": "中华人民共和国大气污染防治法", "article": "第十八条"}]
    fill(officer, form("penalty_check"), said | {"suspected": laws})
    expect(officer.locator("[name$='.1.article']")).to_have_value("第十八条")
    officer.locator("[data-primary]").click()
    expect(officer.get_by_role("status").first).to_contain_text("确认后生效")


@pytest.mark.parametrize("path", ["/inbox?box=done", "/cases"])
def test_a_search_that_found_nothing_yet_goes_on_by_itself(desk: Desk, path: str):
    """The first answer says that it was given up, as among many tasks it would be; the rest comes without a click."""
    page = desk.page("hb-lead")
    page.goto(path)
    case = page.locator("[data-row] .main-cell a").first.inner_text()
    asked: list[str] = []

    def given_up(route: Route) -> None:
        asked.append(route.request.url)
        answer = route.fetch()
        rest = path if len(asked) == 3 else f"{path}{'&' if '?' in path else '?'}part={len(asked)}"
        part = f'<div data-sought><p class="notice">没有查完，<a data-continue href="{rest}">继续查找</a></p></div>'
        whole = re.sub(r"<div data-sought>.*</div>", part, answer.text(), flags=re.DOTALL)
        route.fulfill(response=answer, body=whole if "part=" in route.request.url else answer.text())

    page.route(re.compile(r"/(inbox|cases)\?.*part="), given_up)
    page.goto(f"{path}{'&' if '?' in path else '?'}part=0")
    expect(page.locator("[data-row] .main-cell a").first).to_have_text(case)
    assert [url.rpartition("part=")[2] for url in asked] == ["0", "1", "2"]
    assert page.url.endswith(path)
