"""The database goes away while somebody hands in: nothing typed is lost, and it is handed in once."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
import pytest
from browsers import watch
from desk import Desk, form, officers
from filling import fill
from playwright.sync_api import Browser, Page, expect
from psycopg import sql
from running_server import RunningServer

from app.cases import demo_content
from app.kernel import postgres

PLAN = "stone-mill"
SAID_SO = re.compile("status of 503")


@pytest.fixture
def address(server: RunningServer) -> str:
    return postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def outage(address: str) -> Callable:
    """`with outage():` the database lets nobody in and throws everybody out, as when it is restarted."""

    @contextmanager
    def away() -> Iterator[None]:
        with psycopg.connect(address) as asked:
            name = asked.execute("select current_database()").fetchone()[0]
        with psycopg.connect(address, dbname="postgres", autocommit=True) as other:
            allow = sql.SQL("alter database {} allow_connections {}")
            other.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
            try:
                gone = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
                other.execute(gone, [name])
                yield
            finally:
                other.execute(allow.format(sql.Identifier(name), sql.SQL("true")))

    return away


@pytest.fixture
def person(
    browser: Browser, browser_context_args: dict, server: RunningServer
) -> Iterator[Callable[..., Page]]:
    """A browser whose only complaints are those of an answer 503."""
    context = browser.new_context(base_url=server.url, **browser_context_args)
    context.set_default_timeout(15_000)
    page = context.new_page()
    wrong = watch(page)
    yield lambda: page
    context.close()
    assert [line for line in wrong if not SAID_SO.search(line)] == []


def test_what_was_typed_is_kept_on_the_page_and_handed_in_once(
    person: Callable[..., Page],
    server: RunningServer,
    address: str,
    outage: Callable,
    axe: Callable,
    shot: Callable,
):
    plan = demo_content.case_of(PLAN)
    first = demo_content.path_of(plan)[0]
    moment = datetime.fromisoformat(first["at"])
    answers = demo_content.answers(plan, first["form"], 0, officers("hb"), moment)
    desk = Desk(person, server)
    number = desk.open_case("hb-intake", plan["item"])
    page = desk.windows["hb-intake"]
    fill(page, form(first["form"]), answers)

    with outage():
        page.locator("[data-primary]").click()
        heading = page.get_by_role("heading", name="数据库暂时不可用", level=1)
        expect(heading).to_be_visible()
        expect(page.locator("main")).to_contain_text("您填写的内容没有丢失")
        shot("outage", page)
        axe(page)
        page.get_by_role(
            "button", name="重新提交"
        ).click()  # still away: the page comes again, with all it had
        expect(heading).to_be_visible()
    page.get_by_role("button", name="重新提交").click()
    page.wait_for_url("**done=*")

    with psycopg.connect(address) as asked:
        submitted = asked.execute(
            'select count(*) from submission s join "case" c on c.id = s.case_id where c.no = %s', [number]
        ).fetchone()
        assert submitted == (1,)
    page.goto("/cases?q=" + number)
    page.locator("[data-row]", has_text=number).get_by_role("link").click()
    told = [value for value in answers.values() if isinstance(value, str) and re.match("[一-龥]{6}", value)]
    assert told, "the form asks for no text"
    for text in told:
        expect(page.locator("main")).to_contain_text(text.splitlines()[0])
