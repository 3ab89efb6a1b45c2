"""The documents of a case as somebody gets them from the case page, read back from their PDFs."""

import io
import re
from dataclasses import dataclass

import pypdf
import pypdfium2
import zxingcpp
from playwright.sync_api import Page

FOOT = re.compile(r"第(\d+)页共(\d+)页文书标识码([0-9A-Z]+).*$")
NUMBER = re.compile(r"\w+〔\d{4}〕\d+号")
DAY = re.compile(r"\d{4}年\d+月\d+日")


@dataclass(frozen=True)
class Paper:
    """What the case page says of a document, and what its PDF says."""

    title: str
    number: str
    issued: str
    pdf: bytes
    text: str
    """All pages as `read` gives them."""
    ident: str

    @property
    def code(self) -> str:
        """The kind of document, as its own identification code tells: `JD-01`."""
        return re.sub(r"^\d{8,9}([A-Z]{2})(\d{2}).*", r"\1-\2", self.ident)

    def link(self) -> str:
        """Where the QR code leads, as a camera sees it on the printed page."""
        for page in reversed(pypdfium2.PdfDocument(self.pdf)):
            if found := zxingcpp.read_barcodes(page.render(scale=3).to_pil()):
                return found[0].text
        raise AssertionError(f"no QR code on {self.title}")


def read(content: bytes) -> tuple[str, str]:
    """The text of a PDF and the identification code in its footer. Without spaces and line ends, for a table's cell
    may break anywhere; without footers, for a sentence may go on over the page; with one sign for yuan,
    for the fonts have but one."""
    pages = [
        re.sub(r"\s+", "", page.extract_text()).replace("¥", "￥")
        for page in pypdf.PdfReader(io.BytesIO(content)).pages
    ]
    feet = [FOOT.search(page).groups() for page in pages]
    (ident,) = {foot[2] for foot in feet}
    assert feet == [(str(n), str(len(pages)), ident) for n in range(1, len(pages) + 1)]
    return "".join(FOOT.sub("", page) for page in pages), ident


def papers(page: Page) -> dict[str, Paper]:
    """Every document listed on the case page, fetched through its link, by its kind: the latest of each."""
    return {paper.code: paper for paper in all_papers(page)}


def all_papers(page: Page) -> list[Paper]:
    """Every document listed on the case page, in its order."""
    found = []
    for line in page.locator("main :is(li, tr):has(a[href$='.pdf'])").all():
        link = line.locator("a[href$='.pdf']")
        answer = page.context.request.get(link.get_attribute("href"))
        assert answer.headers["content-type"] == "application/pdf"
        said = line.inner_text()
        number = NUMBER.search(said)
        paper = Paper(
            link.inner_text(),
            number[0] if number else "",
            DAY.search(said)[0],
            answer.body(),
            *read(answer.body()),
        )
        found.append(paper)
    return found


def bound_file(page: Page) -> str:
    """The text of the case's bound file: a head asks for it from the case page and takes it away."""
    page.get_by_role("link", name="电子案卷").click()
    page.wait_for_url("**/binding")
    link = page.get_by_role("link", name="下载电子案卷").first
    for _ in range(40):
        if link.count():
            break
        page.wait_for_timeout(250)  # the worker binds
        page.reload()
    content = page.context.request.get(link.get_attribute("href")).body()
    return "".join(
        re.sub(r"\s+", "", each.extract_text()) for each in pypdf.PdfReader(io.BytesIO(content)).pages
    )
