"""A task from hand to hand in real Chromium: handed on, prepared by somebody else, copied, urged, watched, given out; and
the heads' pages. At both widths, by the eyes of axe."""

import re
from collections.abc import Callable

import pytest
from desk import Desk, form, officers, submit
from filling import fill
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.cases import demo_content

Look = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def base_url(own: RunningServer) -> str:
    return own.url


@pytest.fixture(scope="module")
def own(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A demonstration of this module's own: rules that are set here change where new tasks go."""
    return serve_application()


@pytest.fixture
def desk(new_page: Callable[..., Page], own: RunningServer) -> Desk:
    return Desk(new_page, own)


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.mouse.move(5, 5)
        page.evaluate("scrollTo(0, 0)")
        shot(f"hands-{name}", page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        page.set_viewport_size(before)

    return check


def person(position: str, place: int = 0) -> str:
    """The name of a holder of a position at the bureau."""
    return officers("hb")[position][place][1]


def register(desk: Desk) -> str:
    """Open a case and register its source: the check waits. The case's number."""
    no = desk.open_case("hb-intake", "ZZ-02-STHJ-004")
    page = desk.windows["hb-intake"]
    plan = demo_content.case_of("stone-mill")
    fill(page, form("penalty_lead"), demo_content.answers(plan, "penalty_lead", 0, {}, None))
    submit(page)
    return no


def choose(page: Page, label: str, name: str) -> None:
    """Choose a person, by radio button or from the list, whichever the page has."""
    field = page.get_by_label(label, exact=True)
    if field.count() and field.evaluate("e => e.tagName") == "SELECT":
        value = field.locator("option", has_text=name).get_attribute("value")
        field.select_option(value)
    else:
        page.get_by_role("group", name=label).locator("label", has_text=name).locator("input").check()


def act(page: Page, label: str) -> Page:
    """Open an act from the task's menu."""
    page.get_by_text("其他处理").click()
    page.locator(".more-acts").get_by_role("link", name=label, exact=True).click()
    page.wait_for_url("**/acts/*")
    return page


def done(page: Page) -> str:
    page.locator("[data-primary]").click()
    page.wait_for_url("**done=*")
    return page.locator("main").inner_text()


def test_handed_on_prepared_copied_and_urged(desk: Desk, look: Look):
    no = register(desk)
    one, two, three = (person("investigator", n) for n in range(3))
    page = desk.find("hb-officer1", no, "线索核查")
    path = re.search(r"/work/\d+", page.url)[0]
    page.locator("[name=facts]").fill("厂区北侧三处料堆没有覆盖")
    expect(page.locator("[data-draft-place]")).to_contain_text("已自动保存")
    page.get_by_text("其他处理").click()
    look(page, "menu")
    page.locator(".more-acts").get_by_role("link", name="转办", exact=True).click()
    expect(page.locator("main")).to_contain_text("没有有效的")
    look(page, "transfer")
    page.locator("[data-primary]").click()
    expect(page.locator(".error-summary")).to_contain_text("请选择接手人员")
    look(page, "transfer-errors")
    choose(page, "接手人员", two)
    page.get_by_label("理由").fill("外出培训两周")
    assert f"已转给{two}办理" in done(page)
    page.goto(path)
    expect(page.locator("[data-primary]")).to_have_count(0)

    page = desk.page("hb-officer2", path)
    expect(page.locator("[name=facts]")).to_have_value("厂区北侧三处料堆没有覆盖")
    act(page, "委派")
    choose(page, "受委派人员", three)
    page.get_by_label("委派事项").fill("请到现场核实后填写")
    look(page, "delegate")
    assert f"已委派{three}办理" in done(page)
    page.goto(path)
    expect(page.locator("main")).to_contain_text("还没有交回")
    look(page, "delegated")

    page = desk.page("hb-officer3", path)
    expect(page.locator("main")).to_contain_text("请到现场核实后填写")
    page.locator("[name=facts]").fill("经现场核实，料堆四处没有覆盖")
    look(page, "prepare")
    page.get_by_role("button", name=f"填写完毕，交回{two}").click()
    page.wait_for_url("**/acts/prepared")
    page.get_by_label("办理说明").fill("已核实，照片另附")
    look(page, "prepared")
    assert f"已交回{two}" in done(page)

    page = desk.page("hb-officer2", path)
    expect(page.locator("[name=facts]")).to_have_value("经现场核实，料堆四处没有覆盖")
    expect(page.locator("main")).to_contain_text("已核实，照片另附")
    act(page, "抄送")
    for name in (person("finance"), person("archive")):
        page.locator("label", has_text=name).locator("input").check()
    page.get_by_label("附言").fill("请提前准备")
    look(page, "copy")
    assert "已抄送" in done(page)
    reader = desk.page("hb-finance", path)
    expect(reader.locator("main")).to_contain_text("抄送给您：请提前准备")
    expect(reader.locator("[data-primary]")).to_have_count(0)
    look(reader, "copied")

    intake = desk.page("hb-intake", "/cases")
    intake.get_by_role("searchbox").fill(no)
    intake.get_by_role("button", name="查找").click()
    intake.wait_for_url("**q=*")
    intake.locator("[data-row]", has_text=no).get_by_role("link").click()
    intake.wait_for_url("**/cases/*")
    case_path = re.search(r"/cases/\d+", intake.url)[0]
    look(intake, "case")
    intake.get_by_role("link", name="关注").click()
    assert "已关注" in done(intake)
    intake.get_by_role("link", name="催办").click()
    intake.get_by_label("催办的话").fill("举报人来电询问，请本周内核查")
    look(intake, "urge")
    assert "已催办" in done(intake)
    intake.goto(f"{path}/acts/urge")
    expect(intake.locator("main")).to_contain_text("4 小时内不重复催办")
    look(intake, "urge-refused")
    page = desk.page("hb-officer2", path)
    expect(page.locator("main")).to_contain_text("已被催办 1 次")
    look(page, "urged")

    head = desk.page("hb-head", case_path)
    head.get_by_role("link", name="分派").click()
    head.wait_for_url("**/acts/assign")
    look(head, "assign")
    choose(head, "接手人员", one)
    head.get_by_label("理由").fill("均衡在办件数")
    assert f"已分派给{one}办理" in done(head)
    page = desk.page("hb-officer1", path)
    expect(page.locator("[name=facts]")).to_have_value("经现场核实，料堆四处没有覆盖")


def test_a_delegation_is_taken_back(desk: Desk, look: Look):
    no = register(desk)
    page = desk.find("hb-officer1", no, "线索核查")
    path = re.search(r"/work/\d+", page.url)[0]
    act(page, "委派")
    choose(page, "受委派人员", person("investigator", 1))
    page.get_by_label("委派事项").fill("请代为填写")
    done(page)
    page.goto(path)
    page.get_by_role("link", name="收回委派").first.click()
    page.wait_for_url("**/acts/take_back")
    look(page, "take-back")
    page.get_by_label("理由").fill("情况有变")
    assert "已收回" in done(page)
    page.goto(path)
    expect(page.locator("[name=facts]")).to_be_visible()


def test_rules_of_allocation_and_handing_over(desk: Desk, look: Look):
    head = desk.page("hb-head", "/inbox")
    look(head, "inbox-head")
    head.get_by_role("link", name="分派规则").click()
    look(head, "allocation")
    head.get_by_role("link", name=re.compile("设置.*执法办案岗的规则")).click()
    look(head, "allocation-rule")
    head.get_by_role("radio", name=re.compile("按分工")).check()
    head.get_by_role("button", name="保存规则").click()
    expect(head.locator(".error-summary")).to_contain_text("至少写明一行")
    look(head, "allocation-errors")
    head.get_by_role("radio", name=re.compile("按在办件数")).check()
    head.get_by_role("button", name="保存规则").click()
    head.wait_for_url("**/inbox/allocation")
    expect(head.locator("main")).to_contain_text("按在办件数最少")
    look(head, "allocation-set")

    no = register(desk)
    intake = desk.windows["hb-intake"]
    expect(intake.locator("main")).to_contain_text(no)
    rows = head.request.get("/inbox/allocation")
    assert rows.ok
    holder = None
    for n in (1, 2, 3):
        page = desk.page(f"hb-officer{n}")
        page.get_by_role("searchbox").fill(no)
        page.get_by_role("button", name="查找").click()
        page.wait_for_url("**q=*")
        if page.locator("[data-row]", has_text=no).count():
            holder = page
    assert holder is not None
    holder.locator("[data-row]", has_text=no).get_by_role("link").first.click()
    expect(holder.locator(".allotted")).to_contain_text("按在办件数最少")
    look(holder, "allotted")

    head.goto("/inbox/handover")
    look(head, "handover")
    head.get_by_role("link", name=re.compile("移交.+的任务")).first.click()
    look(head, "handover-person")
    head.get_by_role("button", name="移交选中的任务").click()
    expect(head.locator(".error-summary")).to_be_visible()
    look(head, "handover-errors")
    head.get_by_label("接手人员").select_option("pool")
    head.get_by_label("理由").fill("调离执法岗位")
    head.get_by_role("button", name="移交选中的任务").click()
    expect(head.get_by_role("status").first).to_contain_text("已移交")
    look(head, "handover-done")


def test_a_demand_of_the_agency_is_switched_on(desk: Desk, look: Look):
    head = desk.page("hb-head", "/inbox")
    head.get_by_role("link", name="机关设置").click()
    expect(head.get_by_role("heading", name=re.compile("全量法制审核.*未开启"))).to_be_visible()
    look(head, "switches")
    head.get_by_role("button", name="开启全量法制审核").click()
    expect(head.locator(".error-summary")).to_contain_text("请写明理由")
    look(head, "switches-errors")
    head.get_by_label("理由").fill("党组会议纪要〔2026〕9号（演示）")
    head.get_by_role("button", name="开启全量法制审核").click()
    expect(head.get_by_role("heading", name=re.compile("全量法制审核.*已开启"))).to_be_visible()
    expect(head.locator("main")).to_contain_text("党组会议纪要〔2026〕9号")
    expect(head.get_by_role("button", name="关闭全量法制审核")).to_be_visible()
    look(head, "switches-on")


def test_other_handlers(desk: Desk, look: Look):
    head = desk.page("hb-head", "/cases")
    page = head
    for row in page.locator("[data-row] a").all():
        address = row.get_attribute("href")
        body = head.request.get(address).text()
        if "/acts/handler" in body:
            page.goto(address)
            break
    page.get_by_role("link", name="更换承办人").first.click()
    page.wait_for_url("**/acts/handler")
    look(page, "handler")
    page.get_by_label("理由").fill("原主办人员调离")
    page.locator("[data-primary]").click()
    expect(page.locator(".error-summary")).to_contain_text("请选择新的主办或者协办人员")
