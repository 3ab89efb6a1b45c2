"""The pictures of the README, taken from the running system with the demo city in headless Chromium.

`script/tour [FOLDER]` serves the platform on a fresh database, walks through it as its people would and
writes the pictures to docs/pictures: 1280 px wide, reduced to as many colours as keep them below 200 kB.
"""

import importlib.util
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pypdfium2
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from app.kernel import postgres
from app.people.demo import password
from tests.running_server import RunningServer

PICTURES = Path(__file__).parent / "pictures"
WIDTH, LARGEST = 1280, 200_000
PHONE = {"width": 360, "height": 740}
PAPER = "#f5f7fa"
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{fonts}</dir>
<dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir>
<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
<alias><family>serif</family><prefer><family>Noto Serif SC</family></prefer></alias></fontconfig>"""


class Tour:
    """A running platform and a browser; `as_(login)` is a person's window."""

    def __init__(self, browser: Browser, server: RunningServer, folder: Path):
        self.browser = browser
        self.server = server
        self.folder = folder
        address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
        self.database = psycopg.connect(address, autocommit=True)

    def find(self, question: str, *values: object) -> int | str:
        """The one value a query answers with: ids differ from run to run."""
        row = self.database.execute(question.encode(), values).fetchone()
        if row is None:
            raise LookupError(f"the demo city has no such thing: {question} {values}")
        return row[0]

    def case(self, title: str) -> str:
        """The path of the demo case whose title holds these words."""
        number = self.find('select id from "case" where title like %s', f"%{title}%")
        return f"/cases/{number}"

    def decision(self, column: str) -> int | str:
        """A column of the penalty decision of the finished case."""
        question = (
            f'select d.{column} from document d join "case" c on c.id = d.case_id'  # noqa: S608 - our own words
            " where d.code = 'JD-01' and c.title like %s"
        )
        return self.find(question, f"%{STONE_MILL}%")

    def task(self, node: str, agency: str) -> str:
        """The path of an open task of an agency."""
        question = (
            "select w.id from work_item w join agency a on a.id = w.agency_id"
            " where w.node = %s and a.code = %s and w.status = 'open' order by w.id limit 1"
        )
        number = self.find(question, node, agency)
        return f"/work/{number}"

    @contextmanager
    def window(self, login: str = "", **options: object) -> Iterator[Page]:
        """A browser window of its own, somebody signed in where a login is given."""
        settings = {"viewport": {"width": WIDTH, "height": 900}, **options}
        context = self.browser.new_context(
            base_url=self.server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **settings,
        )
        page = context.new_page()
        if login:
            page.goto("/sign-in")
            page.fill("[name=login]", login)
            page.fill("[name=password]", password())
            page.click("button[type=submit]")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        yield page
        context.close()

    def take(self, page: Page, node: str) -> None:
        """Open an open task of the agency on show; sign for it where it waits for anybody of the position."""
        page.goto(self.task(node, HB))
        claim = page.locator("form[action$='/claim'] button")
        if claim.count():
            claim.click()
            page.wait_for_load_state("networkidle")

    def save(self, name: str, image: Image.Image) -> None:
        """Write a picture in as many colours as its size allows."""
        plain = image.convert("RGB")
        for colours in (256, 128, 64, 32, 16):
            content = io.BytesIO()
            plain.quantize(colours, dither=Image.Dither.NONE).save(content, "png", optimize=True)
            if content.tell() < LARGEST:
                break
        (self.folder / f"{name}.png").write_bytes(content.getvalue())
        print(f"{name}.png  {plain.width} x {plain.height}  {content.tell() / 1000:.0f} kB", flush=True)


def shot(page: Page, height: int = 900, *, path: str = "", to: str = "") -> Image.Image:
    """The window as it is seen; `to` scrolls until an element stands at its lower edge."""
    if path:
        page.goto(path)
    page.wait_for_load_state("networkidle")
    if page.viewport_size and page.viewport_size["width"] == WIDTH:
        page.set_viewport_size({"width": WIDTH, "height": height})
    page.wait_for_timeout(400)  # a diagram fits itself into its frame
    if to:
        page.locator(to).first.evaluate("element => element.scrollIntoView({block: 'end'})")
        page.mouse.wheel(0, 24)
        page.wait_for_timeout(200)
    return Image.open(io.BytesIO(page.screenshot()))


def beside(images: Sequence[Image.Image], gap: int) -> Image.Image:
    """Pictures side by side on one of the full width, a thin line around each."""
    height = max(image.height for image in images) + 2 * gap
    sheet = Image.new("RGB", (WIDTH, height), PAPER)
    left = (WIDTH - sum(image.width for image in images) - gap * (len(images) - 1)) // 2
    for image in images:
        sheet.paste(image, (left, gap))
        edge = (left - 1, gap - 1, left + image.width, gap + image.height)
        ImageDraw.Draw(sheet).rectangle(edge, outline="#c9cdd4")
        left += image.width + gap
    return sheet


def sign_in(tour: Tour) -> None:
    with tour.window() as page:
        page.goto("/sign-in")
        page.locator("details summary").first.click()
        tour.save("1-sign-in", shot(page))


def inbox(tour: Tour) -> None:
    with tour.window("hb-intake") as page:
        for number in range(4):
            page.goto("/cases/new")
            page.locator("[name=item]").nth(number % page.locator("[name=item]").count()).check()
            page.click("main button.primary")
            page.wait_for_url("**/work/*")
        tour.save("2-inbox", shot(page, 620, path="/inbox"))


def case(tour: Tour) -> None:
    with tour.window("hb-legal") as page:
        page.goto(tour.case(NO_PERMIT))
        tour.save("3-case", shot(page, 1250))


def task(tour: Tour) -> None:
    with tour.window("hb-review") as page:
        tour.take(page, "pre_review")
        tour.save("4-task", shot(page, 1000, to="form[data-form] button[type=submit]"))


def legal_review(tour: Tour) -> None:
    with tour.window("hb-legal") as page:
        tour.take(page, "legal_review")
        tour.save("5-legal-review", shot(page, 1200))


def document(tour: Tour) -> None:
    with tour.window("hb-officer1") as page:
        answer = page.request.get(f"/documents/{tour.decision('id')}.pdf")
        sheets = pypdfium2.PdfDocument(answer.body())
        pages = [sheets[i].render(scale=600 / sheets[i].get_width()).to_pil() for i in (0, len(sheets) - 1)]
        tour.save("6-document", beside(pages, 24))


def phone(tour: Tour) -> None:
    with tour.window("hb-legal", viewport=PHONE, is_mobile=True, has_touch=True) as page:
        pages = [
            shot(page, path="/inbox"),
            shot(page, path=tour.case(NO_PERMIT)),
            shot(page, path=tour.task("legal_review", HB)),
        ]
        tour.save("7-phone", beside(pages, 40))


def verification(tour: Tour) -> None:
    with tour.window() as page:
        tour.save("8-verification", shot(page, 620, path=f"/v/{tour.decision('ident_code')}"))


def studio(tour: Tour) -> None:
    """A draft whose legal review can be gone around, with the case that does so; and the draft as it was, tried."""
    with tour.window("sf-analyst") as page:
        page.goto("/studio")
        page.select_option("[name=source]", label="行政处罚普通程序（第 1 版）")
        page.click("form.studio-new button.primary")
        page.wait_for_url("**/studio/drafts/*")
        address = page.url
        page.wait_for_function("() => document.querySelector('[data-verdict=proven]')")
        page.evaluate(AROUND)
        page.wait_for_function("() => document.querySelector('[data-verdict=block]')")
        page.click("#tab-proof")
        page.click("[data-rule=P18]")
        tour.save("9-studio", shot(page, 900))
        page.get_by_role("button", name="撤销", exact=True).click()
        page.wait_for_function("() => document.querySelector('[data-verdict=proven]')")
        page.wait_for_function("() => document.querySelector('[data-save-state]').textContent === '已保存'")
        page.goto(f"{address}/try")
        page.fill("[name=opened]", "2026-03-02")
        page.click("form.studio-new button.primary")
        page.click("button[name=far]")
        page.locator(".trying-acts .link-button").nth(15).click()
        page.wait_for_load_state("networkidle")
        tour.save("10-trying", shot(page, 1000))


AROUND = """() => {
  const editor = document.querySelector('[data-workbench]').workbench.editor('internal');
  const conditionExpression = editor.get('bpmnFactory').create('bpmn:FormalExpression', { body: 'fine >= 0' });
  const flow = editor.get('elementRegistry').get('f_legal_gw_collective_merge');
  editor.get('modeling').updateProperties(flow, { conditionExpression });
}"""
HB = "370400-04"
NO_PERMIT, STONE_MILL = "未取得排污许可证", "超过许可排放浓度"
STOPS: Sequence[Callable[[Tour], None]] = (
    sign_in,
    inbox,
    case,
    task,
    legal_review,
    document,
    phone,
    verification,
    studio,
)


def main(folder: Path) -> None:
    """Take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("XQ_CHROMIUM") or shutil.which("chromium")
    fonts = Path(importlib.util.find_spec("pylopdf_fonts_zh_cn").origin).parent  # type: ignore[union-attr,arg-type]
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xq-tour-")))
        home.chmod(0o711)  # the database's account must be able to enter
        config = home / "fonts.conf"
        config.write_text(FONTS.format(fonts=fonts, cache=home / "fonts"))
        server = RunningServer(home)
        stack.callback(server.close)
        tool = stack.enter_context(sync_playwright())
        browser = tool.chromium.launch(
            executable_path=chromium,
            args=["--disable-gpu", "--lang=zh-CN", *(["--no-sandbox"] if os.geteuid() == 0 else [])],
            env={**os.environ, "FONTCONFIG_FILE": str(config), "LANGUAGE": "zh_CN"},
        )
        stack.callback(browser.close)
        tour = Tour(browser, server, folder)
        stack.callback(tour.database.close)
        for stop in STOPS:
            stop(tour)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
