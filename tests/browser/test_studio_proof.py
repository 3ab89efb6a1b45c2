"""The proof while one draws, in a real browser: break a rule, see how, mend it; the two diagrams side by side;
remarks; what differs, on the drawing and in the history."""

import re
from collections.abc import Callable

import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from studio import Workbench

VERDICT = "[data-verdict]"
PASSED = "f_legal_result_gw_collective_merge"
"""The flow of cases whose legal review was passed."""
WITHIN = """
([id, text]) => new Promise((done) => {
  const workbench = document.querySelector('[data-workbench]').workbench;
  const verdict = document.querySelector('[data-verdict]');
  const editor = workbench.editor('internal');
  const began = performance.now();
  new MutationObserver((_, observer) => {
    if (verdict.dataset.verdict !== 'block') return;
    observer.disconnect();
    done(performance.now() - began);
  }).observe(verdict, { attributes: true });
  const condition = editor.get('bpmnFactory').create('bpmn:FormalExpression', { body: text });
  editor.get('modeling').updateProperties(editor.get('elementRegistry').get(id), { conditionExpression: condition });
})
"""

Look = Callable[[Page, str], None]


@pytest.fixture
def bench(desk: Desk) -> Workbench:
    bench = Workbench.start(desk)
    expect(bench.page.locator(VERDICT)).to_contain_text("已证明：可以发布")
    return bench


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    """By the eyes of axe, and on pictures; the canvas of bpmn.io has no narrow form."""

    def check(page: Page, name: str) -> None:
        shot(name, page)
        axe(page)

    return check


def test_a_rule_broken_by_drawing_is_seen_and_mended(bench: Workbench, look: Look):
    page = bench.page
    bench.panel("证明")
    look(page, "studio-proof")
    took = page.evaluate(WITHIN, [PASSED, "fine >= 0"])
    print(f"verdict {took:.0f} ms after the edit")
    expect(page.locator(VERDICT)).to_contain_text(re.compile(r"有 \d+ 处阻断问题，不能发布"))
    expect(page.get_by_role("tab", name="证明")).to_contain_text(re.compile(r"\d"))

    finding = page.locator("[data-rule=P18]").first
    expect(finding).to_contain_text("法制审核未通过的案件可以不重新审核就到达")
    number = finding.get_attribute("data-finding")
    finding.click()
    expect(finding).to_have_attribute("aria-expanded", "true")
    selected = bench.do("(w, e) => e.get('selection').get().map((element) => element.businessObject.name)")
    assert selected in (["集体讨论"], ["作出决定"]), "the end of the way"
    sign = page.locator(f".djs-overlays .proof-sign.block:text-is('✖{number}')")
    assert sign.count() <= 1

    # without motion: the whole way as a list, step by step
    steps = page.locator(".trace-steps > li")
    current = page.locator(".djs-element.trace-current:not([data-element-id$=_label])")
    expect(steps.last).to_have_attribute("data-at", "current")
    expect(page.get_by_role("button", name="播放反例")).to_have_count(0)
    expect(page.locator(".trace-values")).to_contain_text("法制审核通过：否")
    page.get_by_role("button", name="从头").click()
    expect(steps.first).to_have_attribute("data-at", "current")
    expect(current).to_have_attribute("data-element-id", "begin")
    page.get_by_role("button", name="下一步").click()
    expect(current).to_have_attribute("data-element-id", "register")
    assert page.locator(".djs-connection.trace-passed").count() == 1
    look(page, "studio-proof-broken")

    with page.context.expect_page() as opened:
        page.locator("li", has=finding).get_by_role("link", name="P18").click()
    rule = opened.value
    expect(rule.get_by_role("heading", level=1)).to_contain_text("P18 审核未通过不得到达决定")
    expect(rule.locator("main")).to_contain_text("《中华人民共和国行政处罚法》第五十八条")
    rule.close()

    bench.condition(PASSED, "legal_passed == True")
    expect(page.locator(VERDICT)).to_contain_text("已证明：可以发布")
    expect(page.locator("[data-rule=P18]")).to_have_count(0)
    expect(page.locator(".djs-element.trace-current")).to_have_count(0)


def test_the_counter_example_is_played(desk: Desk, new_page: Callable[..., Page]):
    desk.windows["sf-analyst"] = new_page(reduced_motion="no-preference")
    bench = Workbench.start(desk)
    page = bench.page
    bench.panel("证明")
    bench.condition(PASSED, "fine >= 0")
    page.locator("[data-rule=P18]").first.click()
    page.get_by_label("播放速度").select_option("fast")
    expect(page.locator(".trace-set")).to_contain_text("：")
    expect(page.locator(".trace-steps > li").last).to_have_attribute("data-at", "current", timeout=60_000)
    play = page.get_by_role("button", name="播放反例")
    expect(play).to_be_visible()
    play.click()
    expect(page.get_by_role("button", name="暂停播放")).to_be_visible()
    expect(page.locator(".trace-steps > li").first).to_have_attribute("data-at", re.compile("current|passed"))
    page.get_by_role("button", name="暂停播放").click()
    expect(play).to_be_visible()


def test_findings_by_keyboard_and_filter(bench: Workbench):
    page = bench.page
    bench.condition(PASSED, "fine >= 0")
    expect(page.locator(VERDICT)).to_contain_text("阻断")
    page.keyboard.press("F8")
    chosen = page.locator("[data-finding][aria-expanded=true]")
    expect(chosen).to_have_attribute("data-finding", "1")
    expect(chosen).to_be_focused()
    page.keyboard.press("F8")
    expect(chosen).to_have_attribute("data-finding", "2")
    page.keyboard.press("Shift+F8")
    expect(chosen).to_have_attribute("data-finding", "1")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-finding='2']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chosen).to_have_attribute("data-finding", "2")
    page.get_by_label("显示哪些问题").select_option(label="提醒")
    expect(page.locator("[data-rule=G04]").first).to_contain_text("个工作日")
    expect(page.locator("[data-rule=P18]")).to_have_count(0)
    page.get_by_label("查找问题").fill("没有这样的问题")
    expect(page.locator(".proof-list")).to_contain_text("没有符合条件的问题")


def test_a_file_that_cannot_be_read_is_said_and_the_old_one_still_proven(bench: Workbench):
    rules = bench.text("rules.yaml")
    bench.set("rules.yaml", "key: [")
    expect(bench.page.locator("[data-rule=file]")).to_contain_text("rules.yaml")
    expect(bench.page.locator("[data-rule=G04]")).to_have_count(2)
    bench.set("rules.yaml", rules)
    expect(bench.page.locator(VERDICT)).to_contain_text("已证明：可以发布")


def test_inside_and_outside_side_by_side(bench: Workbench, look: Look):
    page = bench.page
    expect(page.locator("[data-canvas=internal] .pair-sign").first).to_contain_text("剩余")
    page.get_by_role("group", name="显示哪幅图").get_by_role("button", name="对照").click()
    bench.panel("对照")
    expect(page.get_by_role("tabpanel")).to_contain_text("每个外部环节都有内部任务")
    bench.do("(w) => w.select('external', 'filing')")
    matched = page.locator("[data-canvas=internal] .djs-element.pair-match[data-element-id]:not(.djs-label)")
    expect(matched).to_have_count(4)
    expect(page.get_by_role("tabpanel")).to_contain_text("15 个工作日")
    expect(page.get_by_role("tabpanel")).to_contain_text("剩余 3 个工作日")
    look(page, "studio-pair")
    bench.do("(w) => { w.select('external', null); w.select('internal', 'check'); }")
    expect(
        page.locator("[data-canvas=external] .djs-element.pair-match[data-element-id=filing]")
    ).to_have_count(1)

    bench.do(
        "(w, e) => e.get('modeling').updateProperties(e.get('elementRegistry').get('publish'), { 'xq:step': 'strange' })"
    )
    expect(page.locator("[data-canvas=internal] .pair-sign.lost")).to_contain_text("没有外部环节")
    expect(page.locator("[data-canvas=external] .pair-sign.lost")).to_contain_text("没有内部任务")
    expect(page.get_by_role("tab", name="对照")).to_contain_text("2")
    page.get_by_role("button", name="时限余量").click()
    expect(page.locator(".pair-sign")).to_have_count(0)


def test_remarks_of_two_analysts(bench: Workbench, desk: Desk, look: Look):
    page = bench.page
    bench.panel("批注")
    bench.do("(w) => w.select('internal', 'legal_call')")
    page.get_by_label("对“法制审核”的意见").fill("时限应当写明依据")
    page.get_by_role("button", name="添加批注", exact=True).click()
    thread = page.get_by_role("article", name="对“法制审核”的批注")
    expect(thread).to_contain_text("时限应当写明依据")
    expect(page.locator(".comment-sign")).to_have_count(1)
    look(page, "studio-comments")

    other = bench.beside(desk, "sf-analyst2")
    other.panel("批注")
    thread = other.page.get_by_role("article", name="对“法制审核”的批注")
    thread.get_by_text("回复").first.click()
    thread.get_by_label("回复的内容").fill("已补充")
    thread.get_by_role("button", name="回复").click()
    expect(thread).to_contain_text("已补充")
    thread.get_by_role("button", name="标为已解决").click()
    expect(other.page.get_by_role("article")).to_have_count(0)
    expect(other.page.locator(".comment-sign")).to_have_count(0)
    other.page.get_by_label("包括已解决的").check()
    thread.get_by_role("button", name="重新打开").click()
    expect(other.page.get_by_role("tab", name="批注")).to_contain_text("1")

    other.do("(w, e) => e.get('modeling').removeElements([e.get('elementRegistry').get('legal_call')])")
    other.panel("证明")
    other.panel("批注")
    expect(thread).to_contain_text("法制审核（已删除）")
    page.get_by_role("tab", name="证明").click()
    bench.panel("批注")
    expect(page.get_by_role("article")).to_contain_text("已补充")


def test_what_differs_is_drawn_and_told(bench: Workbench, look: Look):
    page = bench.page
    bench.rename("check", "线索初核")
    bench.do(
        "(w, e) => { const businessObject = e.get('bpmnFactory').create('bpmn:UserTask', { id: 'extra' });"
        "const shape = e.get('elementFactory').createShape({ type: 'bpmn:UserTask', id: 'extra', businessObject });"
        "const beside = e.get('elementRegistry').get('check');"
        "e.get('modeling').createShape(shape, { x: beside.x + 160, y: beside.y + 40 }, beside.parent);"
        "e.get('modeling').updateProperties(shape, { name: '补充核实' });"
        "e.get('modeling').removeElements([e.get('elementRegistry').get('reject_inform')]); }"
    )
    bench.saved()
    bench.panel("比较")
    page.get_by_label("把现在的内容与以下版本比较").select_option(index=0)
    page.locator(".diff-form").get_by_role("button", name="比较", exact=True).click()
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("任务“线索核查”改名为“线索初核”。")
    expect(panel).to_contain_text("新增任务“补充核实”")
    expect(panel).to_contain_text("删除任务“不予立案告知”。")
    now, then = page.locator("[data-canvas=internal]"), page.locator("[data-canvas=compared]")
    expect(now.locator(".djs-shape.diff-added[data-element-id=extra]")).to_have_count(1)
    expect(now.locator(".djs-shape.diff-changed[data-element-id=check]")).to_have_count(1)
    expect(then.locator(".djs-shape.diff-removed[data-element-id=reject_inform]")).to_have_count(1)
    expect(then.locator(".djs-shape.diff-added")).to_have_count(0)
    look(page, "studio-diff")
    page.get_by_role("button", name="删除任务“不予立案告知”。").click()
    expect(then.locator(".djs-shape.diff-here")).to_have_attribute("data-element-id", "reject_inform")
    bench.rename("check", "线索核查")
    expect(panel).not_to_contain_text("改名为“线索初核”")
    page.get_by_role("button", name="结束比较").click()
    expect(then).to_have_count(0)
    expect(page.locator(".diff-added, .diff-changed")).to_have_count(0)


def test_the_history_of_a_draft(bench: Workbench, look: Look):
    page = bench.page
    bench.rename("check", "线索初核")
    bench.saved()
    page.get_by_role("link", name="版本", exact=True).click()
    newest = page.locator(".history > li").first
    expect(newest).to_contain_text("任务“线索核查”改名为“线索初核”。")
    newest.get_by_text("命名").click()
    newest.get_by_label("这一版本的名称").fill("改名讨论稿")
    newest.get_by_role("button", name="保存名称").click()
    expect(page.locator(".history > li").first).to_contain_text("改名讨论稿")
    look(page, "studio-versions")
    page.get_by_role("link", name="与现在的内容比较").click()
    expect(page.locator("main")).to_contain_text("内部流程图改名 1 处")
    look(page, "studio-compare")
    page.get_by_role("link", name="在流程图上查看").click()
    bench.ready()
    expect(page.locator("[data-canvas=compared]")).to_be_visible()
    page.goto(f"{bench.path}/versions")
    first = page.locator(".history > li").last
    first.get_by_text("恢复到这一次").click()
    expect(first).to_contain_text("此后的修改不会丢失")
    first.get_by_role("button", name="恢复到第 1 次保存").click()
    expect(page.locator(".history > li")).to_have_count(3)
    bench.again()
    assert bench.name_of("check") == "线索核查"


def test_the_pages_of_the_rules_of_law(desk: Desk, look: Look):
    page = desk.page("sf-analyst", "/studio/rules-of-law")
    look(page, "studio-law")
    page.get_by_label("适用于").select_option(label="行政处罚普通程序")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("link", name="应审案件法制审核先于决定").click()
    expect(page.locator(".sketch").first).to_contain_text("“重大执法决定”")
    look(page, "studio-law-rule")
