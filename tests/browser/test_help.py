"""Help where the work is done: the step's guide, articles, examples, manuals, the first-day tour."""

import re
from collections.abc import Callable

import pytest
from browsers import RESULTS
from desk import Desk
from playwright.sync_api import Page, expect

from app.people import demo as city

WIDTHS = ((1280, 900), (360, 740))


def sign_in(page: Page, login: str, path: str = "/inbox") -> None:
    page.goto(path)
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(city.password())
    page.get_by_role("button", name="登录系统").click()
    page.wait_for_url(f"**{path}")


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Callable[[Page, str], None]:
    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        shot(name, page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        page.set_viewport_size(before)

    return check


def first_task(page: Page) -> None:
    """Open the first task of one's own, or of one's positions."""
    if page.locator("[data-row] a").count() == 0:
        page.goto("/inbox?box=positions")
    page.locator("[data-row] a").first.click()
    page.wait_for_url(re.compile(r"/work/\d+"))


def test_a_task_says_how_it_is_done(desk: Desk, look):
    page = desk.page("yj-officer1")
    first_task(page)
    card = page.locator("[data-step-help]")
    expect(card).not_to_have_attribute("open", "")
    card.locator("summary").first.click()
    for heading in ("提交时系统核对", "产生的文书", "之后"):
        expect(card.get_by_role("heading", name=heading)).to_be_visible()
    expect(card.get_by_text("职责", exact=True)).to_be_visible()
    expect(card.get_by_text(re.compile("岗位时限"))).to_be_visible()
    card.get_by_text("填写示例", exact=True).click()
    expect(card.get_by_text("示例", exact=True)).to_be_visible()
    expect(card.locator(".sheet dd").first).to_be_visible()
    card.get_by_text(re.compile("^表单各栏说明")).click()
    look(page, "help-task")


def test_an_article_opens_over_the_task(desk: Desk, look):
    page = desk.page("yj-officer1")
    first_task(page)
    page.locator(".brief a[data-article]").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=re.compile("^第.*条$")).first).to_be_visible()
    expect(dialog.get_by_text("以法律现行有效的正式文本为准。")).to_be_visible()
    look(page, "help-article")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_help_centre_leads_to_every_manual(desk: Desk, look, axe):
    page = desk.page("yj-officer1", "/help")
    look(page, "help-centre")
    page.get_by_role("link", name="行政处罚普通程序", exact=True).click()
    expect(page.get_by_role("heading", name="行政处罚普通程序操作手册")).to_be_visible()
    expect(page.locator(".manual-step")).to_have_count(46)
    expect(page.locator(".manual-drawing svg")).to_be_visible()
    page.locator(".manual-step details.help-more > summary").first.click()
    axe(page)
    for width, height in WIDTHS:  # the whole is as long as a book
        page.set_viewport_size({"width": width, "height": height})
        for name, place in (("help-manual", "#law"), ("help-manual-step", "#step-decide")):
            page.locator(place).scroll_into_view_if_needed()
            page.screenshot(path=RESULTS / f"{name}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(media="print")
    expect(page.locator(".manual-strips svg").first).to_be_visible()
    expect(page.locator(".manual-drawing")).to_be_hidden()
    page.emulate_media(media="screen")
    page.locator(".manual-step").nth(1).get_by_role("link", name="填写示例").click()
    look(page, "help-example")


def test_what_a_procedure_is_for_stands_on_one_page(desk: Desk, look):
    page = desk.page("sf-analyst")
    page.goto("/help")
    page.get_by_role("link", name="使用说明：查封、扣押").first.click()
    expect(page.get_by_role("heading", name="查封、扣押使用说明", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="采用前需要决定", level=2)).to_be_visible()
    expect(page.get_by_role("heading", name="环节、岗位、时限和文书", level=2)).to_be_visible()
    look(page, "help-usage")


def test_the_tour_is_offered_once_and_goes_by_keyboard(new_page, axe, shot):
    page = new_page(tour=True)
    sign_in(page, "yj-officer1")
    offer = page.get_by_role("complementary", name="首日导览")
    expect(offer).to_be_visible()
    shot("help-tour-offer", page)
    offer.get_by_role("button", name="开始导览").click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading", name="欢迎使用行权")).to_be_focused()
    count = int(panel.locator("[data-count]").inner_text().split("/")[1])
    assert 4 <= count <= 8
    titles = [panel.get_by_role("heading").inner_text()]
    for n in range(2, count + 1):
        page.keyboard.press("ArrowRight")
        panel = page.get_by_role("dialog")
        expect(panel.locator("[data-count]")).to_have_text(re.compile(rf"^\d+ / {count}$"))
        expect(panel.get_by_role("heading")).not_to_have_text(titles[-1])
        titles.append(panel.get_by_role("heading").inner_text())
        if n in (3, count - 1):
            axe(page)
            for width, height in WIDTHS:
                page.set_viewport_size({"width": width, "height": height})
                page.wait_for_timeout(100)
                box = panel.bounding_box()
                assert box
                assert 0 <= box["x"] <= width - box["width"]
                assert 0 <= box["y"] <= height - box["height"]
                page.screenshot(path=RESULTS / f"help-tour-{n}-{width}.png")
            page.set_viewport_size({"width": 1280, "height": 900})
    assert "本环节怎么办" in titles
    assert re.search(r"/work/\d+$", page.url), "the tour went on over a real task"
    with page.expect_response("**/help/tour") as told:
        page.keyboard.press("Enter")
    assert told.value.status == 204
    expect(panel).to_be_hidden()
    other = new_page(tour=True)  # another browser of the same person
    sign_in(other, "yj-officer1")
    other.wait_for_load_state("networkidle")
    expect(other.get_by_role("complementary", name="首日导览")).to_have_count(0)
    other.locator(".menu > summary").click()
    other.get_by_role("button", name="使用导览").click()
    expect(other.get_by_role("dialog").get_by_role("heading", name="欢迎使用行权")).to_be_focused()
    with other.expect_response("**/help/tour") as ended:
        other.keyboard.press("Escape")
    assert ended.value.status == 204


@pytest.mark.parametrize(("login", "title"), [("hb-legal", "先签收再审核"), ("yj-head", "待您审批的任务")])
def test_each_kind_of_person_has_a_tour_of_their_own(new_page, login: str, title: str):
    page = new_page(tour=True)
    sign_in(page, login)
    page.get_by_role("complementary", name="首日导览").get_by_role("button", name="开始导览").click()
    panel = page.get_by_role("dialog")
    for _ in range(3):
        if panel.get_by_role("heading").inner_text() == title:
            break
        page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("heading")).to_have_text(title)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("complementary", name="首日导览")).to_have_count(0)
