"""The catalogue of powers as citizens read it, and within the pages of another site."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect
from running_server import RunningServer

PLACE = "370400-04/ZZ-02-STHJ-003"
NAME = "对未取得排污许可证排放污染物的处罚"


@pytest.fixture(scope="module")
def hall(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """The platform, which portals at 127.0.0.1 may show."""
    return serve_application(XQ_EMBED_ORIGINS="https: http://127.0.0.1:*")


@pytest.fixture
def base_url(hall: RunningServer) -> str:
    return hall.url


@contextlib.contextmanager
def portal(body: str) -> Iterator[int]:
    """Another site with one page, at a port of its own."""
    page = (
        f'<!doctype html><html lang="zh-CN"><title>行政权力公开（演示门户）</title><h1>门户</h1>{body}</html>'
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode() if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.requirement("S1-4")
def test_a_citizen_finds_a_power_and_reads_how_it_runs(page: Page, axe, shot):
    page.goto("/public/items")
    axe(page)
    shot("public-items")
    page.get_by_label("名称或者代码").fill("排污许可证")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("找到 1 项")
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(page.get_by_role("heading", name="服务指南")).to_be_visible()
    page.locator("[data-diagram]").scroll_into_view_if_needed()
    expect(page.locator("[data-diagram] svg .djs-shape").first).to_be_visible()
    expect(page.locator("[data-diagram] .is-coming")).to_have_count(0)
    axe(page)
    shot("public-item")
    plain = page.context.browser.new_context(java_script_enabled=False, base_url=page.url.split("/public")[0])
    without = plain.new_page()
    without.goto("/public/items?q=排污许可证")
    without.get_by_role("link", name=NAME).click()
    expect(without.get_by_role("row", name="初查与立案决定")).to_contain_text("15个工作日")
    plain.close()


@pytest.mark.requirement("S4-29")
def test_another_site_shows_the_item_in_a_frame(new_page, hall: RunningServer, axe):
    body = f'<iframe src="{hall.url}/public/embed/items/{PLACE}" title="权力事项" width="900" height="700"></iframe>'
    with portal(body) as port:
        page = new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        shown = page.frame_locator("iframe")
        expect(shown.get_by_role("heading", level=1)).to_have_text(NAME)
        shown.locator("[data-diagram]").scroll_into_view_if_needed()
        expect(shown.locator("[data-diagram] svg .djs-shape").first).to_be_visible()
        frame = page.frames[1]
        assert frame.evaluate("document.cookie") == ""
        assert frame.locator("form").count() == 0
        shown.get_by_role("link", name="本机关的其他事项").click()
        expect(shown.get_by_role("heading", level=1)).to_have_text("权力事项目录")
        shown.get_by_role("link", name=NAME).click()
        with page.expect_popup() as opened:
            shown.get_by_role("link", name="在网上行政执法大厅查看").click()
        expect(opened.value.get_by_role("heading", level=1)).to_have_text(NAME)
        assert opened.value.url == f"{hall.url}/public/items/{PLACE}"
    alone = new_page()
    alone.goto(f"/public/embed/items/{PLACE}")
    axe(alone)
    alone.set_viewport_size({"width": 360, "height": 740})
    assert alone.evaluate("document.documentElement.scrollWidth") <= 360
