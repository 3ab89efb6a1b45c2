"""An analyst's window in the studio, for the tests of its pages."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

ANALYST = "sf-analyst"
Look = Callable[[Page, str], None]


@pytest.fixture
def desk(new_page: Callable[..., Page], server: RunningServer) -> Desk:
    return Desk(new_page, server)


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    """Look at a page as it stands, by the eyes of axe and on pictures at both widths."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        axe(page)
        shot(name, page)

    return check


def new_draft(desk: Desk, login: str = ANALYST) -> tuple[Page, str]:
    """A window with a new draft of the penalty procedure, and the draft's address."""
    page = desk.page(login, "/studio")
    page.get_by_label("以哪个流程为基础").select_option(label="行政处罚普通程序（第 1 版）")
    page.get_by_role("button", name="新建草稿").click()
    page.wait_for_url("**/studio/drafts/*")
    return page, page.url


def saved(page: Page) -> None:
    """Wait until the server has everything."""
    expect(page.locator("[data-save-state]")).to_have_text("已保存")


def part(page: Page, address: str, path: str) -> str | None:
    """A text of the draft as the server has it."""
    return page.request.get(f"{address}/content").json()["parts"].get(path)


def form_part(page: Page, address: str, key: str) -> dict[str, Any]:
    """A form of the draft as the server has it."""
    return json.loads(part(page, address, f"forms/{key}.json") or "null")
