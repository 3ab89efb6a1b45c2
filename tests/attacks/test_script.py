"""Stored and reflected script: whatever people type, no page of theirs or of others runs it.

In real Chromium: a dialog, an error or a breach of the content security policy fails the test. The texts are
laid into every free text of a form, into names of people, of tokens and of files, into searches and addresses.
"""

import io
import re
import threading
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from browsers import browser_context_args, browser_type_launch_args, chromium, new_page
from callers import Caller
from cases.town import Town
from playwright.sync_api import Page
from werkzeug.serving import make_server

from app.people import demo

from .filling_in import register

__all__ = ["browser_context_args", "browser_type_launch_args", "chromium", "new_page"]
pytestmark = pytest.mark.browser

EVIL = (
    "\"'></textarea><img src=x onerror=alert(1)>",
    "</title><script>alert(2)</script><svg onload=alert(3)>",
    'javascript:alert(4)//" onfocus=alert(5) autofocus x="',
)


@pytest.fixture(scope="module")
def address(town: Town) -> Iterator[str]:
    """The town's application behind a socket of its own."""
    server = make_server("127.0.0.1", 0, town.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def base_url(address: str) -> str:
    return address


@pytest.fixture
def visit(new_page: Callable[..., Page], address: str) -> Callable[[Caller], Page]:
    """Somebody's browser as a real one; a dialog fails the test at once."""
    opened: list[str] = []

    def make(browser: Caller | None) -> Page:
        page = new_page()

        def refuse(dialog) -> None:
            opened.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", refuse)
        if browser is not None:
            cookie = browser.client.get_cookie("xq_session").value
            page.context.add_cookies([{"name": "xq_session", "value": cookie, "url": address}])
        return page

    yield make
    assert opened == [], "a script ran"


def clean(page: Page) -> None:
    """No element and no handler of the payloads has come to life."""
    page.wait_for_load_state("load")
    found = page.evaluate(
        """() => [...document.querySelectorAll('script:not([src]), img[src="x"], svg[onload], [onerror], [onfocus], '
        + '[onload], [href^="javascript:" i]')].map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert [html for html in found if "application/json" not in html] == [], page.url


def test_stored_text_stays_text_on_every_page(town, people, programs, visit):
    intake, officer = people("hb-intake"), people("hb-lead")
    plain = town.answers("dust-heap", "penalty_lead")
    case = register(programs("hb-intake"), plain, *EVIL)
    made = intake.post("/account/tokens", {"name": EVIL[0], "scope": "read", "days": "1",
                                           "password": demo.password()}, page="/account")  # fmt: skip
    assert made.status_code == 200, "the name of a token is free text"
    page = visit(intake)
    for path in (
        "/account",
        "/cases",
        f"/cases/{case['id']}",
        f"/work/{case['work_item_id']}",
        "/inbox?box=done",
    ):
        page.goto(path)
        clean(page)
    other = visit(officer)
    for task in case["waiting"]:
        other.goto(f"/work/{task['id']}")
        clean(other)
    other.goto("/inbox?box=positions")
    clean(other)


def test_names_of_people_and_files_stay_text(town, people, visit):
    admin, evil = people("sf-admin"), EVIL[0]
    new = {"login": "evil-one", "name": evil, "roles": "supervisor", "agency_id": _agency(admin)}
    assert admin.post("/admin/accounts/new", new).status_code == 200
    intake = people("hb-intake")
    work, _ = town.work(town.open("dust-heap", "register"), "register")
    name = "<img src=x onerror=alert(1)>.pdf"
    post = {"materials": (io.BytesIO(b"%PDF-1.7 evil"), name), "_refresh": "1", "cause": evil}
    assert intake.post(f"/work/{work}/draft", post, page=f"/work/{work}").status_code == 200
    page = visit(admin)
    for path in ("/admin/accounts", f"/admin/accounts?q={quote(evil)}", "/admin/accounts?q=evil-one"):
        page.goto(path)
        clean(page)
    page.get_by_role("link", name=re.compile("img src")).or_(
        page.get_by_role("link", name="evil-one")
    ).first.click()
    clean(page)
    drafting = visit(intake)
    drafting.goto(f"/work/{work}")
    clean(drafting)


def _agency(admin: Caller) -> str:
    page = admin.get("/admin/accounts/new").get_data(as_text=True)
    return re.findall(r'<option value="(\d+)"[^>]*>[^<]*司法局', page)[0]


@pytest.mark.parametrize("evil", EVIL[:2])
def test_reflected_text_stays_text(people, visit, evil):
    sent = quote(evil, safe="")
    page = visit(people("hb-intake"))
    for path in (f"/cases?q={sent}", f"/inbox?q={sent}&box={sent}", f"/{sent}", f"/v/{sent}", f"/v/?code={sent}",
                 f"/api/v1/{sent}", f"/cases/1?done={sent}", f"/account?done={sent}"):  # fmt: skip
        page.goto(path)
        clean(page)
    visitor = visit(None)
    visitor.goto(f"/sign-in?next={sent}")
    clean(visitor)
    visitor.locator("#login").fill(evil)
    visitor.locator("#password").fill("wrong-password-1")
    visitor.locator("form button[type=submit]").first.click()
    clean(visitor)
