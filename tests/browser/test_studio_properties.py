"""What stands in the properties of a diagram's elements: in Chinese, undoable, and never wrong unnoticed."""

from collections.abc import Callable

from drawing_board import Board
from playwright.sync_api import Page, expect

from app.verify import reader


def test_properties_are_edited_in_chinese_and_undone(fresh: Board, look: Callable[[Board, str], None]):
    fresh.select("lead_review")
    before = fresh.element("lead_review")
    limit = fresh.panel.get_by_role("group", name="办理时限")
    limit.get_by_role("textbox").fill("3")
    limit.get_by_role("combobox").select_option("日")
    duty = fresh.panel.get_by_label("工作职责")
    duty.fill("逐项审核，出具意见")
    duty.blur()
    fresh.panel.get_by_label("持证人员").select_option("2 人")
    fresh.panel.get_by_label("属于异常分支").check()
    found = fresh.element("lead_review")
    assert found
    assert (found["xq"]["limit"], found["xq"]["officers"], found["xq"]["abnormal"]) == ("3d", "2", "true")
    assert found["xq"]["duty"] == "逐项审核，出具意见"
    look(fresh, "studio-properties")
    for _ in range(4):
        fresh.tool("撤销").click()
    after = fresh.element("lead_review")
    assert after == before
    expect(fresh.panel.get_by_label("持证人员")).to_have_value(
        before["xq"].get("officers", "") if before else ""
    )


def test_wrong_values_say_what_is_wrong_and_change_nothing(fresh: Board):
    fresh.select("lead_review")
    limit = fresh.panel.get_by_role("group", name="办理时限")
    limit.get_by_role("textbox").fill("五")
    limit.get_by_role("textbox").blur()
    expect(limit.get_by_role("alert")).to_contain_text("整数")
    assert fresh.element("lead_review")["xq"]["limit"] == "2wd"
    fresh.panel.locator("summary", has_text="编号").click()
    ident = fresh.panel.get_by_label("编号", exact=True)
    for typed, message in (
        ("decide", "已被其他元素使用"),
        ("Start", "Start"),
        ("法制", "只能用字母"),
        ("", "不能为空"),
    ):
        ident.fill(typed)
        ident.blur()
        expect(fresh.panel.get_by_role("alert").last).to_contain_text(message)
    ident.fill("lead_review_new")
    ident.blur()
    assert fresh.element("lead_review") is None
    assert fresh.element("lead_review_new")
    expect(fresh.panel.get_by_label("名称")).to_have_value("办案机构审核")


def test_a_condition_is_built_by_drop_downs_and_read_as_a_sentence(
    fresh: Board, look: Callable[[Board, str], None]
):
    flow = "f_major_gw_legal_merge"
    fresh.select(flow)
    expect(fresh.panel.locator(".condition-sentence")).to_have_text("须法制审核 为 是")
    fresh.panel.get_by_role("button", name="加一条").click()
    row = fresh.panel.locator(".condition-row").nth(1)
    row.get_by_label("属性").select_option("罚款金额（元）")
    row.get_by_label("比较方式").select_option("大于等于")
    amount = row.get_by_role("textbox")
    amount.fill("10000")
    amount.blur()
    expect(fresh.panel.locator(".condition-sentence")).to_have_text(
        "须法制审核 为 是 且 罚款金额（元） 大于等于 10000"
    )
    assert fresh.element(flow)["condition"] == "review_required == True and fine >= 10000"
    fresh.panel.get_by_label("各条之间").select_option("满足以下任何一条（或者）")
    assert fresh.element(flow)["condition"] == "review_required == True or fine >= 10000"
    row = fresh.panel.locator(".condition-row").nth(1)
    row.get_by_label("属性").select_option("处理意见")
    row.get_by_label("比较方式").select_option("为其中之一")
    row.get_by_label("移送司法机关").check()
    assert fresh.element(flow)["condition"] == 'review_required == True or outcome in ("penalty", "transfer")'
    look(fresh, "studio-condition")
    fresh.panel.get_by_role("button", name="用文字编辑").click()
    text = fresh.panel.get_by_label("条件（文字写法）")
    text.fill("review_required = True")
    text.blur()
    expect(fresh.panel.get_by_role("alert").first).to_contain_text("两个等号")
    assert 'outcome in ("penalty"' in fresh.element(flow)["condition"], "what cannot be read is not written"
    text.fill("fine * 2 > confiscated + 5")
    text.blur()
    assert fresh.element(flow)["condition"] == "fine * 2 > confiscated + 5"
    expect(fresh.panel.locator(".condition-sentence")).to_have_text(
        "罚款金额（元） 乘以 2 大于 没收金额（元） 加 5"
    )
    expect(fresh.panel.get_by_text("下拉框不能显示这个条件")).to_be_visible()
    text.fill("nobody == True")
    text.blur()
    expect(fresh.panel.get_by_role("alert").first).to_contain_text("没有在规则中声明")


def test_the_default_way_needs_no_condition(fresh: Board):
    fresh.select("f_major_gw_legal_merge")
    fresh.panel.get_by_label("默认流向").check()
    expect(fresh.panel.locator(".condition")).to_have_count(0)
    assert fresh.element("f_major_gw_legal_merge")["condition"] is None
    fresh.select("major_gw")
    expect(fresh.panel.locator(".branches li").filter(has_text="须审核")).to_contain_text(
        ["其他情形（默认）", "没有条件"]
    )


def test_documents_are_added_with_their_condition_and_removed(fresh: Board):
    fresh.select("decision_doc")
    before = fresh.element("decision_doc")["documents"]
    fresh.panel.get_by_role("button", name="添加文书").click()
    item = fresh.panel.locator(".prop-item").last
    item.get_by_label("文书", exact=True).select_option("SD-01")
    item = fresh.panel.locator(".prop-item").last
    item.get_by_label("何时产生").select_option("到达本环节时")
    item = fresh.panel.locator(".prop-item").last
    item.get_by_role("button", name="加一条").click()
    found = fresh.element("decision_doc")["documents"]
    assert len(found) == len(before) + 1
    assert (found[-1]["code"], found[-1]["when"]) == ("SD-01", "open")
    assert found[-1]["if"]
    fresh.panel.locator(".prop-item").last.get_by_role("button", name="移除这份文书").click()
    assert fresh.element("decision_doc")["documents"] == before


def test_a_task_goes_to_the_lane_of_another_position(fresh: Board):
    fresh.select("lead_review")
    fresh.panel.get_by_label("办理岗位（泳道）").select_option("业务审核岗")
    moved = fresh.element("lead_review")
    assert moved["lane"] == "case_review"
    lane = fresh.run("const l = e.get('laneKeeper').lane('case_review'); return [l.y, l.y + l.height]")
    assert lane[0] <= moved["y"]
    assert moved["y"] + moved["height"] <= lane[1]
    process = reader.read(fresh.xml().encode())[0]
    assert process.nodes["lead_review"].position == "case_review"
    assert [pair for pair in fresh.overlapping() if "lead_review" in pair] == []


def test_a_lane_is_added_for_a_position_that_has_none(fresh: Board):
    fresh.palette("添加岗位泳道").click()
    dialog = fresh.page.get_by_role("dialog", name="添加岗位泳道")
    expect(dialog.get_by_role("option", name="法制审核岗")).to_have_count(0)
    dialog.get_by_role("combobox").fill("许可")
    fresh.page.keyboard.press("Enter")
    assert fresh.run("return e.get('laneKeeper').lane('licence_review').businessObject.name") == "许可审查岗"
    expect(fresh.panel.get_by_label("岗位", exact=True)).to_have_value("licence_review")
    fresh.tool("撤销").click()
    assert fresh.run("return e.get('laneKeeper').lane('licence_review')") is None, (
        "lane and position are one step"
    )


def test_a_draft_that_is_over_can_be_looked_at_and_not_changed(fresh: Board, axe: Callable[[Page], None]):
    url = fresh.page.url
    fresh.page.goto("/studio")
    ident = url.rsplit("/", 1)[1]
    row = fresh.page.locator("tr", has=fresh.page.locator(f"a[href$='/drafts/{ident}']"))
    row.get_by_role("button", name="放弃").click()
    fresh.open(url)
    expect(fresh.page.locator(".canvas-palette")).to_have_count(0)
    expect(fresh.tool("自动排版")).to_have_count(0)
    before = fresh.xml()
    fresh.select("lead_review")
    expect(fresh.page.locator(".djs-context-pad.open [data-action]")).to_have_count(0)
    expect(fresh.panel.get_by_label("名称")).to_be_disabled()
    fresh.focus_canvas()
    for key in ("Delete", "ArrowRight", "n", "Control+v", "e", "r"):
        fresh.page.keyboard.press(key)
    assert fresh.xml() == before
    fresh.tool("导入导出").click()
    expect(fresh.page.get_by_role("menuitem", name="导入 BPMN 文件…")).to_have_count(0)
    axe(fresh.page)
