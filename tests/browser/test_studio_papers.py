"""Document templates written in the studio, in real Chromium: blocks, chips, conditions, the set page, locked clauses."""

import io
import json
import re

import pdfplumber
import yaml
from desk import Desk
from playwright.sync_api import Locator, Page, expect
from studio_pages import Look, desk, look, new_draft, part, saved

__all__ = ["desk", "look"]


def block(page: Page, words: str) -> Locator:
    return page.locator(".dz-item-name", has_text=words)


def editor(page: Page) -> Locator:
    return page.get_by_role("region", name="编辑", exact=True)


def pages(page: Page) -> Locator:
    return page.locator(".paper-pages img")


def template(page: Page, address: str, code: str) -> dict:
    return yaml.safe_load(part(page, address, f"documents/{code}.yaml") or "")


def printed(page: Page) -> str:
    """The words of the PDF that the page opens, without white space."""
    with (
        page.expect_response(re.compile(r"/documents/.*/pdf$")) as answer,
        page.context.expect_page() as opened,
    ):
        page.get_by_role("button", name="打开 PDF").click()
    opened.value.close()
    request = answer.value.request
    headers = {"Content-Type": "application/json", "X-CSRF-Token": request.headers["x-csrf-token"]}
    again = page.request.post(request.url, data=request.post_data or "", headers=headers)
    assert again.headers["content-type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(again.body())) as book:
        assert "样张" in "".join(c["text"] for c in book.pages[0].chars if c["size"] > 60)
        small = (c["text"] for sheet in book.pages for c in sheet.chars if c["size"] < 60)
        return "".join("".join(small).split())


def open_paper(page: Page, address: str, code: str) -> None:
    page.goto(f"{address}/documents/{code}")
    expect(pages(page).first).to_be_visible()


def adapt(page: Page) -> None:
    page.get_by_role("button", name="自定义此文书").click()
    expect(page.get_by_role("button", name="撤销")).to_be_visible()


def test_a_shipped_template_is_adapted_and_read_back(desk: Desk, look: Look):
    page, address = new_draft(desk)
    page.goto(f"{address}/documents")
    look(page, "studio-papers")
    page.get_by_role("link", name="行政处罚决定书", exact=True).click()
    expect(pages(page).first).to_be_visible()
    assert part(page, address, "documents/JD-01.yaml") is None
    block(page, "经查明").click()
    expect(editor(page).get_by_role("textbox", name="文字")).to_have_attribute("aria-disabled", "true")
    adapt(page)
    text = editor(page).get_by_role("textbox", name="文字")
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("以上事实由")
    editor(page).get_by_label("插入内容").select_option("agency.phone")
    page.keyboard.type("核实。")
    expect(text.locator(".chip")).to_have_count(2)
    expect(text.locator(".chip").last).to_have_text("机关电话")
    look(page, "studio-paper")
    saved(page)
    words = printed(page)
    assert "以上事实由0632-0000000核实。" in words
    written = template(page, address, "JD-01")
    assert written["blocks"][5]["p"] == "经查明：{{ report.facts }}以上事实由{{ agency.phone }}核实。"

    page.reload()
    block(page, "经查明").click()
    expect(editor(page).get_by_role("textbox", name="文字")).to_contain_text("核实。")
    page.goto(f"{address}/documents")
    page.get_by_role("button", name="恢复为平台模板：行政处罚决定书").click()
    expect(page.get_by_role("button", name="恢复为平台模板：行政处罚决定书")).to_have_count(0)


def test_a_statutory_clause_stays_as_it_is(desk: Desk):
    page, address = new_draft(desk)
    open_paper(page, address, "JD-01")
    adapt(page)
    block(page, "如不服本行政处罚决定").click()
    expect(editor(page)).to_contain_text("这是法定条款")
    expect(editor(page).get_by_role("textbox", name="文字")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("button", name="删除", exact=True)).to_be_disabled()
    page.keyboard.press("Delete")
    expect(page.locator(".dz-notice")).to_contain_text("法定条款不能删除")
    saved(page)

    content = page.request.get(f"{address}/content").json()
    spoiled = content["parts"]["documents/JD-01.yaml"].replace("六十日", "三十日")
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    answer = page.request.post(
        f"{address}/save",
        data=json.dumps({"revision": content["revision"], "changes": {"documents/JD-01.yaml": spoiled}}),
        headers={"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": token},
    )
    assert answer.status == 422
    assert answer.json()["code"] == "locked_clause"
    assert "不得修改" in answer.json()["message"]
    assert "六十日" in (part(page, address, "documents/JD-01.yaml") or "")


def test_a_new_template_with_a_condition_a_list_and_mistakes(desk: Desk, look: Look):
    page, address = new_draft(desk)
    page.goto(f"{address}/documents")
    page.get_by_label("文书名称").fill("整改通知书")
    page.get_by_label("文书代码").fill("gz21")
    page.get_by_label("从哪里开始").select_option("official")
    page.get_by_role("button", name="新建文书").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("两个大写字母")
    page.get_by_label("文书代码").fill("GZ-21")
    page.get_by_role("button", name="新建文书").click()
    page.wait_for_url("**/documents/GZ-21")
    expect(pages(page)).to_have_count(1)

    block(page, "请在这里写正文").click()
    side = editor(page)
    text = side.get_by_role("textbox", name="文字")
    text.fill("请于十五日内整改。{{ party.nmae }}")
    expect(side).to_contain_text("没有“nmae”这一项")
    expect(text.locator(".chip.unknown")).to_have_count(0)
    text.fill("请于十五日内整改。{{ party.name }")
    expect(side.get_by_role("alert")).to_contain_text("写法有误")
    expect(page.locator(".dz-top")).to_contain_text("1 处错误")
    expect(pages(page)).to_have_count(1)
    text.fill("请于十五日内整改。")
    condition = side.get_by_role("group", name="何时有这一块")
    condition.get_by_role("button", name="＋ 条件").click()
    condition.get_by_label("内容").select_option("party.kind")
    condition.get_by_label("值").select_option(label="自然人")
    expect(condition).to_contain_text("“当事人类型”是“自然人”")
    assert "请于十五日内整改" not in printed(page)

    page.get_by_label("添加一块").select_option(label="编号列表")
    side.get_by_role("button", name="条件、逐项…").click()
    side.get_by_label("逐项取自").select_option(label="承办人员")
    row = side.get_by_role("textbox", name="内容")
    row.fill("承办人：")
    side.get_by_label("插入内容").select_option("item.name")
    expect(page.locator(".dz-top")).to_contain_text("没有错误")
    look(page, "studio-paper-new")
    saved(page)
    assert "1.承办人：乙丑102(演示)2.承办人：丙寅103(演示)" in printed(page)
    blocks = template(page, address, "GZ-21")["blocks"]
    assert {"p": "请于十五日内整改。", "if": "party.kind == 'person'"} in blocks
    assert {"ol": [{"text": "承办人：{{ item.name }}", "each": "handlers", "as": "item"}]} in blocks

    page.get_by_role("button", name="示例数据").click()
    side.get_by_label("当事人类型").select_option(label="自然人")
    saved(page)
    assert "请于十五日内整改。" in printed(page)
    assert json.loads(part(page, address, "documents/GZ-21.sample.json") or "")["party"]["kind"] == "person"


def test_a_form_table_and_undo(desk: Desk, look: Look):
    page, address = new_draft(desk)
    open_paper(page, address, "LA-06")
    adapt(page)
    block(page, "审批表格").click()
    side = editor(page)
    side.get_by_role("button", name=re.compile("第 1 行第 1 格")).click()
    side.get_by_role("textbox", name="文字").fill("案件事由")
    side.get_by_role("button", name="＋ 行", exact=True).click()
    expect(side.get_by_role("button", name=re.compile("第 2 行第 1 格：栏目"))).to_be_visible()
    look(page, "studio-paper-table")
    assert "案件事由" in printed(page)
    for _step in range(2):
        page.keyboard.press("Control+z")
    saved(page)
    rows = template(page, address, "LA-06")["blocks"][2]["form_table"]["rows"]
    assert rows[0][0] == {"label": "案由"}
    side.get_by_role("button", name=re.compile("第 1 行第 1 格")).click()
    side.get_by_label("占几列").fill("9")
    expect(side).to_contain_text("格数超过")


def test_blocks_move_by_keyboard_and_clauses_keep_their_order(desk: Desk):
    page, address = new_draft(desk)
    open_paper(page, address, "JD-01")
    adapt(page)
    first = block(page, "到期不缴纳罚款的")
    first.click()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".dz-notice")).to_contain_text("先后次序")
    other = block(page, "本行政处罚决定将依法向社会公开")
    other.click()
    page.keyboard.press("Alt+ArrowUp")
    expect(other).to_be_focused()
    saved(page)
    blocks = template(page, address, "JD-01")["blocks"]
    assert blocks[15]["p"].startswith("本行政处罚决定将依法向社会公开")
