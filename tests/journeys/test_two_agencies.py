"""Two agencies at two levels at work at once: for either the other's case does not exist."""

import re
from pathlib import Path

import pytest
from desk import CASE_NO, Desk, form, submit
from filling import fill
from playwright.sync_api import Page, expect

from app.cases import demo_content

MORNING = "2025-08-18T10:00"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture that belongs to a case."""
    from PIL import Image

    path = tmp_path / "现场照片.png"
    Image.new("RGB", (40, 30), "grey").save(path)
    return path


def register(desk: Desk, login: str, case_id: str, photo: Path) -> tuple[str, set[str]]:
    """Open and register a case with a picture; its number and every address of it."""
    plan = demo_content.case_of(case_id)
    number = desk.open_case(login, plan["item"])
    page = desk.windows[login]
    work = page.url
    answers = demo_content.answers(plan, "penalty_lead", 0, {}, None)
    fill(page, form("penalty_lead"), answers | {"materials": [photo]})
    preview = page.get_by_role("link", name="预览《案件来源登记表》草稿").get_attribute("href")
    expect(page.locator("[data-draft-status]").first).to_contain_text("已自动保存")
    assert number
    submit(page)
    if "/work/" in page.url:
        page.locator(".crumbs").get_by_role("link", name=number).click()
    page.wait_for_url("**/cases/*")
    addresses = {work, preview} | set(
        page.locator("main").evaluate(
            """(main) => [...main.querySelectorAll('a[href], [data-diagram-url]')]
            .map((each) => each.getAttribute('href') ?? each.dataset.diagramUrl)"""
        )
    )
    addresses.add(page.url)
    server = re.match(r"https?://[^/]+", page.url)[0]
    paths = {address.removeprefix(server).partition("?")[0] for address in addresses}
    paths |= {path.replace("/view", kind) for path in paths if "/files/" in path for kind in ("", "/content")}
    return number, {path for path in paths if re.match(r"/(cases|work|documents)/\d", path)}


def sees_nothing(page: Page, number: str, party: str) -> None:
    """Neither lists nor searches know the case."""
    for path in ("/inbox", "/inbox?box=positions", "/inbox?box=done", "/cases"):
        page.goto(path)
        expect(page.locator("main")).not_to_contain_text(number)
        for words in (number, party):
            page.get_by_role("searchbox").fill(words)
            page.get_by_role("button", name="查找").click()
            page.wait_for_url("**q=*")
            expect(page.locator("[data-row]")).to_have_count(0)
            expect(page.locator("main")).to_contain_text("没有找到")


@pytest.mark.requirement("S4-13", part="互不可见")
def test_neither_sees_the_other(desk: Desk, photo: Path):
    desk.on(MORNING)
    city, district = desk.page("hb-intake"), desk.page("szzf-intake")
    city_no, city_paths = register(desk, "hb-intake", "stone-mill", photo)
    district_no, district_paths = register(desk, "szzf-intake", "shop-front", photo)
    assert city_no.startswith("枣环")
    assert district_no.startswith("市中综执")
    for paths in (city_paths, district_paths):
        kinds = {re.sub(r"\d+|[0-9a-f]{64}", "N", path) for path in paths}
        assert {
            "/cases/N",
            "/work/N",
            "/work/N/preview/LA-N.pdf",
            "/documents/N.pdf",
            "/documents/N.docx",
            "/cases/N/external.bpmn",
            "/cases/N/internal.bpmn",
            "/cases/N/files/N",
            "/cases/N/files/N/view",
            "/cases/N/files/N/content",
        } <= kinds

    sees_nothing(city, district_no, "某日用品店")
    sees_nothing(district, city_no, "某建材有限公司")
    heads = {"city": desk.page("hb-head"), "district": desk.page("szzf-head")}
    for other, own_pages, others_paths in (
        ("district", (city, heads["city"]), district_paths),
        ("city", (district, heads["district"]), city_paths),
    ):
        for page in own_pages:
            for path in others_paths:
                assert page.context.request.get(path).status == 404, f"{path} of the {other}"
    for page, paths in ((city, city_paths), (district, district_paths)):
        for path in paths:
            assert page.context.request.get(path).status == 200, f"{path} for its own agency"

    city.goto(next(path for path in district_paths if re.fullmatch(r"/cases/\d+", path)))
    expect(city.locator("main")).not_to_contain_text("某日用品店")
    assert CASE_NO.search(city.locator("main").inner_text()) is None
