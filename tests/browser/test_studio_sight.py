"""Where the time goes, and a case played again: in the browser, on the diagram and without it."""

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.kernel import postgres
from app.kernel.settings import ROOT

Look = Callable[[Page, str], None]

DRAWN = (ROOT / "bpmn/penalty/ordinary/internal.bpmn").read_bytes()


@pytest.fixture(scope="module")
def server(busy_server: RunningServer) -> RunningServer:
    return busy_server


@pytest.fixture(scope="module")
def database(server: RunningServer) -> Iterator[psycopg.Connection]:
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    def check(page: Page, name: str) -> None:
        page.evaluate("scrollTo(0, 0)")
        shot(name, page)
        axe(page)

    return check


def a_case(database: psycopg.Connection, stage: str = "decide") -> int:
    query = """select w.case_id from work_item w join "case" k on k.id = w.case_id join agency a on a.id = k.agency_id
        where w.node = %s and w.status = 'open' and a.code = '370400-04' order by 1 limit 1"""
    return database.execute(query, [stage]).fetchone()[0]


def test_an_analyst_sees_where_the_time_goes(desk: Desk, look: Look, database: psycopg.Connection):
    page = desk.page("sf-analyst", "/studio/sight")
    expect(page.get_by_role("link", name="运行分析")).to_have_attribute("aria-current", "page")
    page.get_by_label("流程版本").select_option(label="行政处罚普通程序 第 1 版")
    page.get_by_label("办结自").fill("2023-01-01")
    page.get_by_role("button", name="分析", exact=True).click()
    picture = page.locator("[data-sight]")
    expect(picture.locator(".heat-badge").first).to_be_visible()
    shown = picture.locator(".heat-badge").count()
    rows = page.locator(".sight-table tbody tr")
    assert shown >= 5
    timed = rows.filter(has=page.locator('td[data-label="中位数"]', has_text=re.compile(r"\d")))
    ids = [each.removeprefix("node-") for each in timed.evaluate_all("rows => rows.map((row) => row.id)")]
    drawn = [each for each in ids if f'id="{each}"'.encode() in DRAWN]
    assert shown == len(drawn) < len(ids), "what stands in a called process has its row alone"
    row = page.locator("#node-pre_review")
    median = row.locator('[data-label="中位数"]').inner_text().strip()
    badge = picture.locator('.heat-badge[data-node="pre_review"] text')
    expect(badge).to_have_text(median)
    look(page, "sight")
    page.get_by_label("返工次数").check()
    expect(badge).to_have_text(re.compile(r"^\d+$"))
    expect(page.locator("[data-legend]")).to_contain_text("次")
    picture.locator('[data-element-id="pre_review"]').first.click()
    expect(row).to_be_focused()
    assert page.locator("main a[href*='/cases/']").count() == 0, "an analyst is led to no case"
    page.get_by_label("单位").select_option("自然日")
    page.get_by_role("button", name="分析", exact=True).click()
    expect(page.locator(".sight-table caption")).to_contain_text("天")
    page.get_by_label("机关").select_option("枣庄市市场监督管理局")
    page.get_by_role("button", name="分析", exact=True).click()
    expect(page.locator("#node-register")).to_contain_text("少于 5 件")
    page.goto("/studio/sight?since=2026-13-01")
    expect(page.locator("[data-error-summary]")).to_contain_text("有效的日期")
    look(page, "sight-errors")


def test_a_head_is_led_from_the_slowest_step_to_the_replay(desk: Desk, look: Look):
    page = desk.page("hb-head", "/studio/sight")
    page.get_by_label("流程版本").select_option(label="行政处罚普通程序 第 1 版")
    page.get_by_label("办结自").fill("2023-01-01")
    page.get_by_role("button", name="分析", exact=True).click()
    page.locator("#node-pre_review").get_by_role("link").click()
    slowest = page.locator("#slowest")
    expect(slowest).to_be_visible()
    look(page, "sight-slowest")
    slowest.get_by_role("link", name=re.compile("^回放")).first.click()
    expect(page.get_by_role("heading", name="办理过程回放")).to_be_visible()


def test_a_case_is_played_again(desk: Desk, look: Look, database: psycopg.Connection):
    case_id = a_case(database)
    page = desk.page("hb-head", f"/cases/{case_id}")
    page.get_by_role("link", name="沿流程图回放").click()
    internal = page.locator('[data-replay-drawing="internal"]')
    expect(internal.locator(".djs-container")).to_be_visible()
    expect(page.locator('[data-replay-drawing="external"] .djs-container')).to_be_visible()
    expect(page.get_by_text("全部按流程图的路径办理")).to_be_visible()
    player = page.locator("[data-replay]")
    slider = page.get_by_role("slider", name="第几步")
    expect(page.locator("[data-now]")).to_contain_text("发起办件")
    expect(internal.locator('[data-element-id="register"].is-current')).to_have_count(1)
    page.get_by_role("button", name="下一步").click()
    expect(player).to_have_attribute("data-at", "1")
    slider.focus()
    page.keyboard.press("End")
    last = int(slider.get_attribute("max"))
    expect(player).to_have_attribute("data-at", str(last))
    expect(internal.locator('[data-element-id="decide"].is-current')).to_have_count(1)
    expect(internal.locator('[data-element-id="register"].is-passed')).to_have_count(1)
    expect(page.locator(f'[data-frame="{last}"]')).to_have_attribute("aria-current", "step")
    look(page, "replay")
    page.keyboard.press("ArrowLeft")
    expect(player).to_have_attribute("data-at", str(last - 1))
    page.get_by_role("button", name="回到开始").click()
    page.get_by_role("button", name="播放").click()
    expect(page.get_by_role("button", name="暂停")).to_be_visible()
    expect(player).to_have_attribute("data-at", "2", timeout=20_000)
    page.get_by_role("button", name="暂停").click()
    assert page.locator(".replay-token").count() == 0, "nothing moves for whoever wants no motion"


def test_with_motion_a_token_runs(
    new_page: Callable[..., Page], server: RunningServer, database: psycopg.Connection
):
    moving = Desk(lambda: new_page(reduced_motion="no-preference"), server)
    page = moving.page("hb-head", f"/cases/{a_case(database)}/replay")
    expect(page.locator('[data-replay-drawing="internal"] .djs-container')).to_be_visible()
    page.evaluate(
        """() => {
            window.tokens = 0;
            const seen = (node) => { if (node.classList?.contains('replay-token')) window.tokens += 1; };
            const watch = new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach(seen)));
            watch.observe(document.body, { childList: true, subtree: true });
        }"""
    )
    page.get_by_role("button", name="下一步").click()
    page.wait_for_function("window.tokens > 0")


def test_the_list_says_it_all_without_a_script(
    browser, base_url: str, desk: Desk, database: psycopg.Connection
):
    case_id = a_case(database)
    signed_in = desk.page("hb-head", f"/cases/{case_id}")
    context = browser.new_context(
        base_url=base_url, java_script_enabled=False, storage_state=signed_in.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"/cases/{case_id}/replay")
    expect(page.locator("[data-replay]")).to_be_hidden()
    assert page.locator(".replay-list > li").count() > 10
    expect(page.locator(".replay-list > li").first).to_contain_text("发起办件")
    context.close()


def test_another_agency_plays_nothing(desk: Desk, database: psycopg.Connection):
    page = desk.page("sj-head")
    assert page.goto(f"/cases/{a_case(database)}/replay").status == 404
    assert page.goto(f"/cases/{a_case(database)}/replay/1-internal.bpmn").status == 404
    analyst = desk.page("sf-analyst", "/studio/sight")
    assert analyst.goto(f"/cases/{a_case(database)}/replay").status == 403
