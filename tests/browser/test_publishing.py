"""A draft is sent in, examined and published, in the browsers of an analyst and of those who decide."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from desk import Desk, form, submit
from filling import fill
from playwright.sync_api import Page, expect
from running_server import RunningServer
from without_runs import drop_runs

from app.people import demo as city


@pytest.fixture(scope="module")
def server(serve_application: Callable[..., RunningServer]) -> Iterator[RunningServer]:
    """A demonstration of this module's own: a new version of a procedure would change the others' pages."""
    running = serve_application()
    yield running
    running.close()


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Callable[[Page, str], None]:
    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        for diagram in page.locator("[data-diagram]").all():
            diagram.scroll_into_view_if_needed()
            expect(diagram.locator(".djs-container")).to_be_visible()
        page.evaluate("scrollTo(0, 0)")
        shot(name, page)
        axe(page)

    return check


def started(page: Page) -> str:
    """A draft of the penalty procedure, its archiving step called otherwise; its address."""
    page.get_by_label("以哪个流程为基础").select_option(label="行政处罚普通程序（第 1 版）")
    page.get_by_role("button", name="新建草稿").click()
    page.wait_for_url(re.compile(r"/studio/drafts/\d+$"))
    address = re.sub(r"^https?://[^/]+", "", page.url)
    saved = page.evaluate(
        """async (address) => {
            const headers = { 'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]').content,
                'Content-Type': 'application/json', Accept: 'application/json' };
            const { revision, parts } = await (await fetch(`${address}/content`, { headers })).json();
            const drawn = parts['internal.bpmn'].replace('name="立卷归档"', 'name="整理归档"');
            const body = JSON.stringify({ revision, changes: { 'internal.bpmn': drawn } });
            return (await fetch(`${address}/save`, { method: 'POST', headers, body })).status;
        }""",
        address,
    )
    assert saved == 200
    drop_runs(page, address)
    return address


def take(page: Page, name: str) -> None:
    """Claim the publication's task from the position's list."""
    page.goto("/inbox?box=positions")
    page.locator("[data-row]", has_text="流程变动审核").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.get_by_role("button", name="签收办理").click()


def test_a_draft_becomes_a_version(desk: Desk, look: Callable[[Page, str], None]):
    analyst = desk.page("sf-analyst", "/studio")
    look(analyst, "studio")
    address = started(analyst)
    analyst.goto(f"{address}/publish")
    look(analyst, "publishing-before")
    expect(analyst.get_by_text("可以送审")).to_be_visible()
    analyst.get_by_role(
        "button", name="送审", exact=True
    ).click()  # nothing is filled in: the browser says so
    assert analyst.evaluate("document.activeElement.id") == "send-basis"
    analyst.get_by_label("流程变动的依据").fill("《中华人民共和国行政处罚法》第四十七条")
    analyst.get_by_label("变动理由").fill("归档环节的名称与档案制度一致。")
    analyst.get_by_label("拟施行日期").fill("2099-01-01")
    analyst.get_by_role("button", name="送审", exact=True).click()
    expect(analyst.locator(".notice.ok")).to_contain_text("“填报送审”已办结")
    expect(analyst.get_by_role("link", name="撤回送审")).to_be_visible()
    look(analyst, "publishing-review")
    analyst.goto("/inbox")
    look(analyst, "analyst-inbox")

    review = desk.page("sf-review")
    take(review, "部门会审")
    expect(review.get_by_text("送审内容").first).to_be_visible()
    expect(review.get_by_text("已证明").first).to_be_visible()
    look(review, "publication-task")
    review.get_by_role("link", name="查看流程图、证明报告、试运行和全部变化").click()
    expect(review.locator("[data-diagram] .djs-container").first).to_be_visible()
    look(review, "publication")
    review.go_back()
    given = {
        "checked": ["流程环节和先后次序", "证明报告和试运行"],
        "departments": [{"name": "执法监督科", "opinion": "同意"}],
        "opinion": {"stance": "agree", "text": ""},
    }
    fill(review, form("publication_initial"), given)
    submit(review)

    head = desk.page("sf-head")
    take(head, "集体讨论")
    host = next(a.name for a in city.demo_accounts() if a.login == "sf-head")
    held = {
        "held_at": "2026-01-05T09:30",
        "place": "三楼会议室",
        "host": host,
        "attendees": "局领导班子成员",
        "discussion": "一致同意。",
        "conclusion": "通过",
    }
    fill(head, form("publication_collective"), held)
    submit(head)

    analyst.goto("/inbox")
    analyst.locator("[data-row]", has_text="流程变动审核").get_by_role("link", name="申报审核").click()
    analyst.get_by_label("拟施行日期").fill("2099-01-01")
    submit(analyst)

    legal = desk.page("sf-legal")
    take(legal, "合法性审核")
    points = ("subject", "authority", "power", "procedure", "limits", "burden", "papers")
    today = legal.evaluate("new Date().toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' })")
    audit = {
        **dict.fromkeys(points, "符合"),
        "conclusion": "审核通过",
        "opinion": "同意公布。",
        "effective_on": today,
    }
    fill(legal, form("publication_audit"), audit)
    look(legal, "publication-audit")
    submit(legal)
    expect(legal.locator(".notice.ok")).to_contain_text("流程合法性审核意见书")

    analyst.goto(f"{address}/publish")
    expect(analyst.get_by_text("已公布").first).to_be_visible()
    look(analyst, "publishing-published")
    analyst.goto("/studio")
    row = analyst.get_by_role("row", name=re.compile("第 2 版"))
    expect(row).to_contain_text("现行")
    expect(row).to_contain_text("批准")
    with analyst.expect_download() as download:
        row.get_by_role("link", name=re.compile("导出")).click()
    assert download.value.suggested_filename == "penalty-ordinary-v2.zip"
    look(analyst, "studio-published")

    analyst.get_by_label("另一安装导出的 ZIP 文件").set_input_files(download.value.path())
    analyst.get_by_role("button", name="导入为草稿").click()
    analyst.wait_for_url(re.compile(r"/studio/drafts/\d+$"))
    content = analyst.evaluate("async () => (await fetch(`${location.pathname}/content`)).json()")
    assert 'name="整理归档"' in content["parts"]["internal.bpmn"]


def test_a_wrong_file_is_refused_in_words(desk: Desk, look: Callable[[Page, str], None]):
    analyst = desk.page("sf-analyst", "/studio")
    wrong = {"name": "a.zip", "mimeType": "application/zip", "buffer": json.dumps({}).encode()}
    analyst.get_by_label("另一安装导出的 ZIP 文件").set_input_files(files=[wrong])
    analyst.get_by_role("button", name="导入为草稿").click()
    expect(analyst.get_by_role("alert")).to_contain_text("不能导入")
    look(analyst, "studio-import-refused")
