"""A document that was issued wrongly, as people meet it: asked for, decided, found on the case page and in the register."""

from collections.abc import Callable

import psycopg
import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.kernel import postgres

Look = Callable[[Page, str], None]
PREY = """
select d.id, d.case_id, d.ident_code, a.login from document d
join "case" c on c.id = d.case_id and c.status = 'open'
join case_handler h on h.case_id = c.id and h.role = 'lead' join account a on a.officer_id = h.officer_id
where d.status = 'issued' and d.code = 'LA-06' order by d.id limit 1
"""
"""A form of an open case and who handles the case."""


@pytest.fixture(scope="module")
def server(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A demonstration of its own: a changed document changes what others find."""
    return serve_application()


@pytest.fixture(scope="module")
def prey(server: RunningServer) -> tuple[int, int, str, str]:
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute(PREY).fetchone()
    assert row, "the demonstration has no such document"
    return row


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        axe(page)
        shot(f"document-change-{name}", page)

    return check


def test_a_document_is_superseded_from_request_to_register(desk: Desk, look: Look, prey):
    document, case, ident, login = prey
    page = desk.page(login, f"/cases/{case}/papers/{document}")
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择如何处理这份文书")
    look(page, "wrong")
    page.locator("input[value=supersede]").check()
    page.get_by_label("理由").fill("案件的承办人已经变更。")
    look(page, "request")
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_text("由机关负责人审批；审批以前，原文书不变")).to_be_visible()

    head = desk.page(f"{login.split('-')[0]}-head")
    head.get_by_role("region", name="待您审批的文书变更").get_by_role("link").click()
    head.get_by_label("批准替代").check()
    head.get_by_label("理由").fill("情况属实。")
    look(head, "decision")
    head.get_by_role("button", name="作出决定").click()
    expect(head.get_by_text("已批准替代")).to_be_visible()
    look(head, "decided")

    page.goto(f"/cases/{case}")
    papers = page.get_by_role("region", name="文书")
    expect(papers.get_by_text("已被替代")).to_be_visible()
    look(page, "case")

    head.goto(f"/register?q={ident}")
    expect(head.get_by_text("已被替代")).to_be_visible()
    look(head, "register")
    head.goto(f"/cases/{case}/binding")
    head.get_by_role("button", name="装订电子案卷").click()
    expect(head.get_by_text("正在装订")).to_be_visible()
    look(head, "binding")
