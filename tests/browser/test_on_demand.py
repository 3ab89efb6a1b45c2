"""制作文书 in the browser: at the task, with a look before it counts; mistakes lose nothing, and the case shows it."""

import re
from collections.abc import Callable

import psycopg
import pytest
from desk import Desk, form
from filling import fill
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.documents.template import sample_of
from app.kernel import postgres

SAID = {name: said for name, said in sample_of("DC-12")["forms"]["paper_sampling"].items() if said}


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Callable[[Page, str], None]:
    """At both widths by the eyes of axe, and on pictures."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        shot(f"on-demand-{name}", page)
        axe(page)
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        page.set_viewport_size({"width": 1280, "height": 800})

    return check


@pytest.fixture
def work(server: RunningServer) -> tuple[int, int]:
    """An investigation of the officers of 应急管理: its task and its case."""
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as database:
        asked = (
            'select w.id, w.case_id from work_item w join "case" c on c.id = w.case_id'
            " where w.node = 'investigate' and w.status = 'open' and c.title like '某购销店%'"
        )
        return database.execute(asked).fetchone()


def test_a_record_of_samples_is_made_while_the_investigation_goes_on(
    new_page: Callable[..., Page],
    server: RunningServer,
    look: Callable[[Page, str], None],
    work: tuple[int, int],
):
    work_id, case_id = work
    page = Desk(new_page, server).page("yj-officer1", f"/work/{work_id}")
    take = page.get_by_role("button", name="签收办理")
    if take.count():
        take.click()
    page.locator("#on-demand summary").click()
    look(page, "task")
    page.get_by_role("link", name="抽样记录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("制作《抽样记录》")
    page.get_by_label("抽样地点").fill("演示仓库二")
    page.get_by_role("button", name="制作《抽样记录》").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("抽样地点")).to_have_value("演示仓库二")
    look(page, "errors")
    fill(page, form("paper_sampling"), SAID)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="预览").click()
    opened.value.close()
    look(page, "filled")
    page.get_by_role("button", name="制作《抽样记录》").click()
    done = page.locator(".notice.ok")
    expect(done).to_contain_text("已制作《抽样记录》")
    number = re.search(r"枣应急抽〔\d{4}〕\d+号", done.inner_text())
    assert number, done.inner_text()
    expect(page.get_by_role("button", name="完成调查取证")).to_be_visible()
    look(page, "done")
    page.goto(f"/cases/{case_id}")
    expect(page.get_by_role("cell", name=number.group(), exact=True)).to_be_visible()
    page.goto(f"/cases/{case_id}/replay")
    expect(page.locator("main")).to_contain_text("在“调查取证”制作文书")
