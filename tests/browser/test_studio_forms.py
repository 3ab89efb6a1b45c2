"""Forms designed in the studio, in real Chromium: from nothing to a saved form, and what protects on the way."""

from desk import Desk
from playwright.sync_api import Locator, Page, expect
from studio_pages import ANALYST, Look, desk, form_part, look, new_draft, saved

__all__ = ["desk", "look"]


def item(page: Page, label: str) -> Locator:
    return page.locator(".dz-item-name", has_text=label)


def palette(page: Page, name: str) -> Locator:
    return page.locator(".dz-palette").get_by_role("button", name=name, exact=True)


def inspector(page: Page) -> Locator:
    return page.get_by_role("region", name="属性")


def labels(page: Page) -> list[str]:
    return page.locator(".dz-item-label").all_inner_texts()


def open_form(desk: Desk, title: str, key: str) -> tuple[Page, str]:
    """A new draft with a new blank form, opened in the designer."""
    page, address = new_draft(desk)
    page.goto(f"{address}/forms")
    page.get_by_label("表单名称").fill(title)
    page.get_by_label("表单标识").fill(key)
    page.get_by_role("button", name="新建表单").click()
    page.wait_for_url(f"**/forms/{key}")
    expect(page.locator(".dz-preview [data-form-body]")).to_be_visible()
    return page, address


def test_a_form_from_nothing(desk: Desk, look: Look):
    page, address = open_form(desk, "现场检查记录", "site_check")
    palette(page, "单选").click()
    side = inspector(page)
    side.get_by_label("名称", exact=True).fill("检查结果")
    side.get_by_label("标识", exact=True).fill("result")
    side.get_by_label("标识", exact=True).press("Tab")
    side.get_by_label("第 1 项显示的文字").fill("未发现问题")
    side.get_by_label("第 2 项显示的文字").fill("发现问题")
    palette(page, "金额").click()
    side.get_by_label("名称", exact=True).fill("涉案金额")
    side.get_by_label("必填", exact=True).select_option("when")
    condition = side.get_by_role("group", name="必填条件")
    condition.get_by_label("字段").select_option(label="检查结果")
    condition.get_by_label("值").select_option(label="发现问题")
    expect(condition).to_contain_text("“检查结果”是“发现问题”")
    shown = side.get_by_role("group", name="显示条件")
    shown.get_by_role("button", name="＋ 条件", exact=True).click()
    shown.get_by_label("字段").select_option(label="检查结果")
    shown.get_by_label("比较").select_option(label="已填写")
    expect(shown).to_contain_text("“检查结果”已填写")

    preview = page.get_by_role("form", name="表单预览")
    expect(preview.get_by_text("涉案金额")).to_be_hidden()
    preview.get_by_label("发现问题", exact=True).check()
    expect(preview.get_by_text("涉案金额")).to_be_visible()
    page.get_by_role("button", name="检查填写").click()
    expect(preview.locator("[data-error-summary]")).to_contain_text("涉案金额：请填写此项。")
    saved(page)
    look(page, "studio-form")

    page.reload()
    expect(page.locator(".dz-item")).to_have_count(3)
    assert labels(page) == ["办理情况", "检查结果", "涉案金额"]
    written = form_part(page, address, "site_check")
    assert written["items"][1]["options"] == ["未发现问题", "发现问题"]
    assert written["items"][2]["requiredWhen"] == {"field": "result", "op": "eq", "value": "发现问题"}
    assert written["items"][2]["visibleWhen"] == {"field": "result", "op": "notEmpty"}


def test_a_mistake_stands_at_its_field_and_nothing_typed_is_lost(desk: Desk):
    page, address = open_form(desk, "试填", "trial_form")
    palette(page, "数字").click()
    side = inspector(page)
    expect(page.locator(".dz-preview").get_by_text("数字")).to_be_visible()
    side.get_by_label("名称", exact=True).fill("件数")
    side.get_by_label("最小").fill("很多")
    expect(side.get_by_label("最小")).to_have_attribute("aria-invalid", "true")
    expect(side).to_contain_text("必须是数字。")
    expect(page.locator(".dz-top")).to_contain_text("1 处错误")
    expect(page.locator(".dz-preview-said")).to_contain_text("定义有错误")
    expect(page.locator(".dz-preview form")).to_contain_text("办理情况")
    saved(page)
    page.reload()
    item(page, "件数").click()
    expect(inspector(page).get_by_label("最小")).to_have_value("很多")
    assert form_part(page, address, "trial_form")["items"][1]["min"] == "很多"
    inspector(page).get_by_label("最小").fill("1")
    expect(page.locator(".dz-top")).to_contain_text("没有错误")


def test_everything_by_keyboard_and_undone(desk: Desk):
    page, _ = open_form(desk, "顺序", "order_form")
    for name in ("分组标题", "日期", "是否"):
        palette(page, name).focus()
        page.keyboard.press("Enter")
    assert labels(page) == ["办理情况", "分组标题", "日期", "是否"]
    expect(item(page, "是否")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    assert labels(page) == ["办理情况", "分组标题", "是否", "日期"]
    page.keyboard.press("ArrowUp")
    expect(item(page, "分组标题")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    assert labels(page) == ["分组标题", "是否", "日期", "办理情况"]
    page.keyboard.press("Control+d")
    page.keyboard.press("Delete")
    assert labels(page) == ["分组标题", "是否", "日期", "办理情况"]
    for _step in range(4):
        page.keyboard.press("Control+z")
    assert labels(page) == ["办理情况", "分组标题", "日期", "是否"]
    page.keyboard.press("Control+Shift+z")
    assert labels(page) == ["办理情况", "分组标题", "是否", "日期"]
    expect(page.get_by_role("button", name="重做")).to_be_enabled()


def test_items_are_dragged(desk: Desk):
    page, _ = open_form(desk, "拖动", "drag_form")
    palette(page, "附件").drag_to(item(page, "办理情况"), target_position={"x": 20, "y": 3})
    expect(page.locator(".dz-item-label").first).to_have_text("附件")
    item(page, "办理情况").drag_to(item(page, "附件"), target_position={"x": 20, "y": 3})
    expect(page.locator(".dz-item-label").first).to_have_text("办理情况")


def test_a_shipped_form_with_its_uses_rights_and_a_renamed_field(desk: Desk, look: Look):
    page, address = new_draft(desk)
    page.goto(f"{address}/forms")
    look(page, "studio-forms")
    page.get_by_role("link", name="作出决定").click()
    side = inspector(page)
    expect(side).to_contain_text("内部流程图“作出决定”")
    item(page, "决定").first.click()
    side = inspector(page)
    expect(side).to_contain_text("取自案件")
    side.get_by_text("各环节的权限").click()
    side.get_by_label("作出决定").select_option("read")
    expect(page.locator(".dz-preview")).to_contain_text("（只读）")
    expect(page.get_by_label("以哪个环节预览")).to_have_value("decide")
    side.get_by_label("作出决定").select_option("hide")
    expect(side).to_contain_text("决定流转属性")
    side.get_by_label("作出决定").select_option("write")
    expect(page.locator(".dz-top")).to_contain_text("没有错误")
    saved(page)

    page.goto(f"{address}/forms/penalty_report")
    item(page, "罚款金额").click()
    side = inspector(page)
    expect(side).to_contain_text("表单“作出决定”")
    side.get_by_label("标识", exact=True).fill("fine_sum")
    side.get_by_label("标识", exact=True).press("Tab")
    expect(page.locator(".dz-notice")).to_contain_text("更新了另外 1 个文件")
    saved(page)
    assert (
        form_part(page, address, "penalty_decide")["prefill"]["fine_amount"]
        == "forms.penalty_report.fine_sum"
    )
    assert form_part(page, address, "penalty_report")["writes"]["fine"] == {"field": "fine_sum"}


def test_a_form_in_use_stays_and_an_unused_one_goes(desk: Desk):
    page, address = new_draft(desk)
    page.goto(f"{address}/forms")
    expect(page.get_by_role("button", name="删除表单“作出决定”")).to_have_count(0)
    page.get_by_label("表单名称").fill("作出决定（简）")
    page.get_by_label("表单标识").fill("penalty decide")
    page.get_by_label("内容").select_option(label="复制“作出决定”")
    page.get_by_role("button", name="新建表单").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("小写英文字母")
    expect(page.get_by_label("表单名称")).to_have_value("作出决定（简）")
    page.get_by_label("表单标识").fill("short_decide")
    page.get_by_role("button", name="新建表单").click()
    page.wait_for_url("**/forms/short_decide")
    page.goto(f"{address}/forms")
    page.get_by_role("button", name="删除表单“作出决定（简）”").click()
    expect(page.locator("main")).not_to_contain_text("作出决定（简）")


def test_two_analysts_at_one_form_lose_nothing(desk: Desk):
    page, address = open_form(desk, "共用", "shared_form")
    other = desk.page(f"{ANALYST}2", f"/studio/{address.split('/studio/')[1]}/forms/shared_form")
    expect(other.locator(".dz-item")).to_have_count(1)
    palette(page, "日期").click()
    saved(page)
    palette(other, "金额").click()
    expect(other.locator("[data-conflict]")).to_contain_text("同时修改了同一内容")
    other.get_by_label("采用对方的").check()
    other.get_by_role("button", name="采用所选内容").click()
    expect(other.locator(".dz-item-label").nth(1)).to_have_text("日期")
