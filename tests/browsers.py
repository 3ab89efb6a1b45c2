"""Real Chromium for tests that need one: fixtures for the folders whose tests drive it.

A conftest takes them over by importing them, and says with `base_url` which server it means.
A test fails when its page logged an error, threw, or broke the content security policy.
"""

import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from running_server import RunningServer, furnish

from app.kernel.settings import ROOT

WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NAMES = ("chromium-headless-shell", "chrome-headless-shell", *WHOLE)
"""The first two draw no windows: half the work for each page."""
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--lang=zh-CN",
]
OWN = {"DATABASE_URL", "XQ_DEMO", "XQ_DATA_KEYS", "XQ_SECRET_KEY"}
"""Settings by which a server prepares another database than the others, or seals it with other keys."""
TESTS = Path(__file__).parent
RESULTS = ROOT / "test-results" / "pages"
WIDTHS = (1280, 360)
AXE = ROOT / "app" / "frontend" / "node_modules" / "axe-core"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = "(runOnly) => axe.run({exclude: [['.djs-container']]}, {runOnly, resultTypes: ['violations']})"
"""Every rule on everything; of what passes it tells one element each."""
EXPECTED = re.compile(
    r"Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED)"
)
"""Chromium logs every refused form as an error, and a network that a test took away; a missing asset is still one."""

DRAWN = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go())))"
"""The page has been laid out anew, and drawn."""

expect.set_options(timeout=15_000)  # a machine that does other things besides is slow, not wrong


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium: XQ_CHROMIUM (set by script/test) or one on PATH."""
    found = os.environ.get("XQ_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail("no Chromium: run script/test, which gets one")
    return found


@pytest.fixture(scope="session")
def whole_chromium(chromium: str) -> str:
    """The path of a Chromium that shows notifications, as one without windows does not."""
    found = next(filter(None, map(shutil.which, WHOLE)), None) or chromium
    if "shell" in Path(found).name:
        pytest.fail("no whole Chromium: install the package chromium, or run script/test as root on Debian")
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium: str) -> Iterator[dict]:
    """Chromium with Chinese letters, whatever the machine has installed."""
    spec = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    fonts = Path(spec.origin).parent
    with tempfile.TemporaryDirectory(prefix="xq-fonts-") as folder:
        config = Path(folder) / "fonts.conf"
        config.write_text(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            f"<dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{folder}/cache</cachedir>"
            "<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>"
            "<alias><family>serif</family><prefer><family>Noto Serif SC</family></prefer></alias>"
            "</fontconfig>"
        )
        flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
        environment = {**os.environ, "FONTCONFIG_FILE": str(config), "LANGUAGE": "zh_CN"}
        yield {"executable_path": chromium, "args": flags, "env": environment, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def serve_application() -> Iterator[Callable[..., RunningServer]]:
    """Start a server on a home of its own, with the demo city: `serve_application(XQ_SERVE_TARGET="specimen:app")`."""
    started: list[RunningServer] = []
    folders: list[Path] = []

    def start(**settings: str) -> RunningServer:
        folder = Path(tempfile.mkdtemp(prefix="xq-"))
        folder.chmod(0o711)
        folders.append(folder)
        if not OWN & settings.keys():
            furnish(folder)
        search = os.pathsep.join([*(str(TESTS / name) for name in ("browser", "journeys")), str(ROOT)])
        started.append(RunningServer(folder, PYTHONPATH=search, **settings))
        return started[-1]

    yield start
    for server in started:
        server.close()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """The platform as `script/server` runs it, with the demo city, on a fresh database."""
    return serve_application()


@pytest.fixture
def base_url(request: pytest.FixtureRequest) -> str:
    """Where `page.goto("/…")` leads: a module may override this fixture with another server."""
    return request.getfixturevalue("server").url


def watch(page: Page) -> list[str]:
    """Collect what the page gets wrong from now on."""
    wrong: list[str] = []

    def console(message: ConsoleMessage) -> None:
        asset = "/static/" in (message.location or {}).get("url", "")
        if message.type == "error" and (asset or not EXPECTED.match(message.text)):
            wrong.append(f"console: {message.text}")

    page.on("console", console)
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    page.expose_function("reportViolation", lambda text: wrong.append(f"policy: {text}"))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (event) => reportViolation("
        "`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"
    )
    return wrong


@pytest.fixture
def new_page(browser: Browser, browser_context_args: dict, base_url: str) -> Iterator[Callable[..., Page]]:
    """Another person's browser: `new_page()` shares nothing with the others, and is watched like them."""
    opened = []

    def make(*, tour: bool = False, **options) -> Page:
        context = browser.new_context(base_url=base_url, **{**browser_context_args, **options})
        context.set_default_timeout(15_000)
        if not tour:  # a person who has put the first-day tour away in this browser
            context.add_init_script(
                "try { localStorage.setItem('xq-tour', 'off'); } catch { /* no page yet */ }"
            )
        page = context.new_page()
        opened.append((context, watch(page)))
        return page

    yield make
    wrong = [line for _, lines in opened for line in lines]
    for context, _ in opened:
        context.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A browser window that fails the test on any error or policy violation."""
    return new_page()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """`axe(page)`: no accessibility violation on the page as it stands. The drawing of bpmn.io is not ours."""
    program = (AXE / "axe.min.js").read_text()
    locale = (AXE / "locales" / "zh_CN.json").read_text()

    def check(page: Page) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(program)
            page.evaluate(f"axe.configure({{locale: {locale}}})")
        found = page.evaluate(LOOK, RULES)
        assert found["passes"], "axe looked at nothing"
        wrong = [
            f"{violation['id']}: {violation['help']}: {node['target']} {node['html'][:160]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert not wrong, "\n".join(wrong)

    return check


@pytest.fixture
def shot(page: Page) -> Callable[..., None]:
    """`shot("inbox")`: pictures at 1280 and 360 px in test-results/pages, nothing scrolls sideways."""

    def take(name: str, of: Page | None = None) -> None:
        window = of or page
        RESULTS.mkdir(parents=True, exist_ok=True)
        before = window.viewport_size
        for width in WIDTHS:
            window.set_viewport_size({"width": width, "height": 800 if width > 760 else 740})
            if window.locator(".djs-container").count():
                window.wait_for_timeout(150)  # a diagram fits itself into the new size
            else:
                window.evaluate(DRAWN)
            window.screenshot(path=RESULTS / f"{name}-{width}.png", full_page=True)
            reach = window.evaluate("document.documentElement.scrollWidth")
            assert reach <= width, f"{name} scrolls sideways at {width} px (content is {reach} px wide)"
        window.set_viewport_size(before)

    return take
