"""Signing a task together in real Chromium: asked for, answered, waited for, refused; looked at at both widths."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from desk import Desk, form, officers, submit
from filling import fill
from playwright.sync_api import Page, expect
from running_server import RunningServer
from studio_pages import desk, look

from app.cases import demo_content
from app.kernel.clock import CHINA
from app.people import demo as city

__all__ = ["desk", "look"]
Look = Callable[[Page, str], None]
NAMES = {a.login: a.name for a in city.demo_accounts()}


@pytest.fixture(scope="module")
def server(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A city whose tasks nobody else takes."""
    return serve_application()


def take(desk: Desk, login: str, case: str, task: str) -> tuple[Page, str]:
    """This person's task of the case with this text in its title, taken from the pool; its window and address."""
    page = desk.page(login, "/inbox?box=positions")
    row = page.locator("[data-row]", has_text=case).get_by_role("link", name=task, exact=True)
    row.first.click()
    page.wait_for_url("**/work/*")
    desk.take(page)
    return page, page.url


def ask(page: Page, kind: str, rule: str, *logins: str, look: Callable[[], None] | None = None) -> str:
    """Ask these persons to sign, from the menu of the task."""
    page.get_by_text("其他处理").click()
    page.get_by_role("link", name="加签、会签").click()
    page.get_by_label(kind).check()
    page.get_by_label(rule).check()
    for login in logins:
        page.get_by_label(NAMES[login]).check()
    page.get_by_label("请会签的事项").fill("请对拟处罚幅度和整改情况发表意见。")
    if look:
        look()
    return submit(page)


def sign(page: Page, stance: str, opinion: str = "") -> str:
    page.get_by_label(stance, exact=True).check()
    page.locator("#opinion").fill(opinion)
    return submit(page)


def test_a_task_is_signed_by_others_and_then_takes_effect(desk: Desk, look: Look):
    page, url = take(desk, "hb-review", "", "业务审核")
    page.get_by_text("其他处理").click()
    page.get_by_role("link", name="加签、会签").click()
    look(page, "sign-add")
    page.get_by_role("button", name="送会签").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择会签人员")
    look(page, "sign-add-errors")
    page.goto(url)
    assert "已送" in ask(page, "后签", "全部同意", "hb-lead", "hb-finance")
    page.goto(url)
    expect(page.locator("main")).to_contain_text("提交后签署")
    look(page, "sign-asked")

    early = desk.page("hb-lead", url)
    expect(early.get_by_role("button", name="签署意见")).to_have_count(0)

    plan = demo_content.case_of("dust-heap")
    answers = demo_content.answers(plan, "penalty_pre_review", 0, officers("hb"), datetime.now(CHINA))
    fill(page, form("penalty_pre_review"), answers)
    said = submit(page)
    assert "签署意见后生效" in said
    page.goto(url)
    expect(page.locator("main")).to_contain_text("已提交，等待会签")
    look(page, "sign-waiting")

    first = desk.page("hb-lead", url)
    expect(first.locator("main")).to_contain_text("承办人提交的内容")
    look(first, "sign-answer")
    first.get_by_label("不同意", exact=True).check()
    first.locator("[data-primary]").click()
    expect(first.get_by_role("alert")).to_contain_text("请写明理由")
    look(first, "sign-answer-errors")
    expect(first.get_by_label("不同意", exact=True)).to_be_checked()
    first.get_by_label("修改后同意", exact=True).check()
    first.locator("#opinion").fill("请补充整改照片。")
    said = submit(first)
    assert "已退回承办人" in said

    page.goto(url)
    expect(page.locator("main")).to_contain_text("没有达成同意")
    look(page, "sign-given-back")
    assert "签署意见后生效" in submit(page)
    for login in ("hb-lead", "hb-finance"):
        signer = desk.page(login, url)
        said = sign(signer, "同意")
    assert "已办结" in said
    page.goto(url)
    expect(page.locator("main")).to_contain_text("达成同意")
    look(page, "sign-done")


def test_an_excluded_person_is_shown_with_the_reason(desk: Desk, look: Look):
    page, _ = take(desk, "hb-legal", "", "法制审核")
    page.get_by_text("其他处理").click()
    page.get_by_role("link", name="加签、会签").click()
    barred = page.locator("label.check", has_text=NAMES["hb-officer1"])
    expect(barred.locator("input")).to_be_disabled()
    expect(barred).to_contain_text(re.compile("参加过本案.+第五十八条"))
    look(page, "sign-add-excluded")
