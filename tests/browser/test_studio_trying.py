"""An analyst plays a draft in the studio: by hand, with the date moved, to the end; and keeps the play."""

import re
from collections.abc import Callable

import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from without_runs import drop_runs


@pytest.fixture
def analyst(new_page: Callable[..., Page], server) -> Page:
    page = Desk(new_page, server).page("sf-analyst")
    page.goto("/studio")
    page.get_by_label("以哪个流程为基础").select_option(label="行政处罚普通程序（第 1 版）")
    page.get_by_role("button", name="新建草稿").click()
    page.wait_for_url(re.compile(r"/studio/drafts/\d+$"))
    drop_runs(page, page.url)
    page.get_by_role("link", name="试运行").click()
    return page


def begin(page: Page, item: int) -> None:
    page.get_by_label("事项").select_option(index=item)
    page.get_by_label("开始日期").fill("2026-03-02")
    page.get_by_role("button", name="开始试运行").click()
    expect(page.get_by_role("heading", name="案源登记", level=2)).to_be_visible()


def test_a_try_by_hand_with_a_wrong_answer_a_moved_date_and_a_way_back(analyst: Page, axe, shot):
    axe(analyst)
    begin(analyst, 1)
    analyst.locator("[data-primary]").click()
    expect(analyst.locator("[data-error-summary]")).to_be_visible()
    analyst.get_by_role("link", name="填入示例内容").click()
    analyst.locator("[data-primary]").click()
    expect(analyst.get_by_role("heading", name="线索核查", level=2)).to_be_visible()
    expect(analyst.locator(".trying-acts")).to_contain_text("LA-01")
    paper = analyst.get_by_role("link", name="案件来源登记表")  # a browser without windows shows no PDF
    assert analyst.request.get(paper.get_attribute("href")).body().startswith(b"%PDF-")
    analyst.get_by_role("button", name="+30 天").click()
    expect(analyst.locator(".trying-date")).to_contain_text("2026年4月1日")
    expect(analyst.get_by_label("试运行的状态")).to_contain_text("超期")
    analyst.get_by_role("button", name="回到此前：第 2 步“时间推移”").click()
    expect(analyst.locator(".trying-date")).to_contain_text("2026年3月2日")
    shot("studio-trying", analyst)
    axe(analyst)


def test_a_try_to_the_end_becomes_a_saved_run_that_finds_what_breaks_it(analyst: Page, axe, shot):
    begin(analyst, 0)
    analyst.get_by_role("button", name="以示例内容走到底").click()
    expect(analyst.get_by_role("heading", name="已办结", level=2)).to_be_visible()
    analyst.get_by_label("用例名称").fill("立案到告知")
    analyst.get_by_role("button", name="保存用例").click()
    expect(analyst.get_by_role("status").filter(has_text="已保存用例")).to_be_visible()
    analyst.get_by_role("button", name="全部重新运行").click()
    expect(analyst.locator("#runs .tag").first).to_be_visible()
    expect(analyst.locator("#runs .tag.danger")).to_have_count(0)
    shot("studio-runs", analyst)
    axe(analyst)
    # the draft is changed: the first review now counts as another legal step
    draft_url = re.sub(r"/try.*", "", analyst.url)
    analyst.evaluate(
        """async (url) => {
            const { revision, parts } = await (await fetch(`${url}/content`)).json();
            const internal = parts['internal.bpmn'].replace('xq:step="file.review"', 'xq:step="case.review"');
            const token = document.querySelector('meta[name=csrf-token]').content;
            const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': token };
            const body = JSON.stringify({ revision, changes: { 'internal.bpmn': internal } });
            await fetch(`${url}/save`, { method: 'POST', body, headers });
        }""",
        draft_url,
    )
    analyst.goto(f"{draft_url}/try")
    analyst.get_by_role("button", name="全部重新运行").click()
    expect(analyst.locator("#runs")).to_contain_text("不一致")
    expect(analyst.locator("#runs")).to_contain_text("法定环节")
    axe(analyst)
