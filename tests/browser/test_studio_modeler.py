"""Drawing a procedure in real Chromium: by the law, in Chinese, by mouse and by keyboard, and nothing lost."""

import re
from collections.abc import Callable

from drawing_board import Board
from lxml import etree
from playwright.sync_api import Download, Page, expect

from app.engine import service as engine
from app.kernel.actions import ACTIONS
from app.verify import reader

XQ = "{urn:xingquan:bpmn:1}"


def test_a_legal_step_is_added_with_everything_the_law_says(fresh: Board, look: Callable[[Board, str], None]):
    fresh.select("filing_gw")
    fresh.palette("添加法定环节").click()
    dialog = fresh.page.get_by_role("dialog", name="添加法定环节")
    dialog.get_by_role("combobox").fill("听证公告")
    expect(dialog.get_by_role("option")).to_have_count(1)
    look(fresh, "studio-pick-step")
    fresh.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    made = fresh.appears("hear_announce")
    assert made
    assert made["type"] == "bpmn:UserTask"
    assert made["name"] == "听证公告"
    assert made["lane"] == "hearing", "it stands with the position that does it"
    assert made["xq"]["step"] == "hear.announce"
    assert made["xq"]["limit"] == "2wd"
    assert "第六十四条" in made["xq"]["basis"]
    assert made["xq"]["duty"]
    assert made["xq"]["verb"]
    assert fresh.selected() == "hear_announce"
    expect(fresh.panel.get_by_label("名称")).to_have_value("听证公告")
    fresh.saved()
    tasks = etree.fromstring(fresh.stored()["internal.bpmn"].encode()).iter("{*}userTask")
    assert {task.get("id"): task.get(f"{XQ}step") for task in tasks}["hear_announce"] == "hear.announce"


def test_a_step_follows_the_mouse_into_the_drawing(fresh: Board):
    fresh.select("check")
    fresh.palette("添加法定环节").click()
    dialog = fresh.page.get_by_role("dialog", name="添加法定环节")
    dialog.get_by_role("combobox").fill("回避")
    dialog.get_by_role("option", name="回避申请处理").click()
    lane = fresh.run(
        "const l = e.get('laneKeeper').lane('investigator'); const v = e.get('canvas').viewbox();"
        " return { x: (l.x + 260 - v.x) * v.scale }"
    )
    box = fresh.page.locator("[data-canvas='internal'] .djs-container > svg").bounding_box()
    assert box
    spot = (box["x"] + min(max(lane["x"], 120), box["width"] - 200), box["y"] + box["height"] - 60)
    fresh.page.mouse.move(spot[0] - 20, spot[1] - 20)
    fresh.page.mouse.move(*spot)
    fresh.page.mouse.click(*spot)
    made = fresh.appears("recusal")
    assert made
    assert made["xq"]["step"] == "recusal"
    assert made["lane"], "it stands in the lane it was dropped on"


def test_the_external_diagram_gets_the_law_alone(fresh: Board):
    fresh.view("外部流程")
    fresh.run(
        "const serving = (s) => s.businessObject.get?.('xq:step') === 'serve';"
        " w.select('external', e.get('elementRegistry').find(serving).id)"
    )
    fresh.palette("添加法定环节", "external").click()
    dialog = fresh.page.get_by_role("dialog", name="添加法定环节")
    dialog.get_by_role("combobox").fill("撤回公示")
    fresh.page.keyboard.press("Enter")
    made = fresh.appears("publish_withdraw", "external")
    assert made["type"] == "bpmn:Task"
    assert set(made["xq"]) == {"step", "basis", "limit"}
    expect(fresh.panel.get_by_role("group", name="法定期限")).to_be_visible()
    expect(fresh.panel.get_by_label("办理岗位（泳道）")).to_have_count(0)


def test_only_what_the_engine_runs_can_be_drawn(fresh: Board):
    kinds = {
        "check": {"线下办理任务", "自动任务", "调用流程", "子流程（展开）"},
        "filing_gw": {"并行网关", "包容网关", "事件网关"},
        "begin": {"中间抛出事件", "结束事件"},
        "finish": {"开始事件", "中间抛出事件", "终止结束事件"},
        "response_timer": {"开始事件", "中间抛出事件", "结束事件", "消息事件（等待）"},
    }
    for ident, expected in kinds.items():
        fresh.select(ident)
        fresh.pad("replace").click()
        menu = fresh.page.locator(".djs-popup .entry .djs-popup-label")
        expect(menu.first).to_be_visible()
        assert expected >= set(menu.all_inner_texts()), ident
        assert menu.count(), ident
        fresh.page.keyboard.press("Escape")


def test_everything_drawn_is_accepted_by_the_engine(board: Board):
    """A procedure drawn from nothing, by the palette and the pad alone, is one the engine would run."""
    board.start(source="", key="penalty/drawn", name="试画流程")
    board.select("begin")
    for step in ("案源登记", "立案审批"):
        board.pad("append.step").click()
        dialog = board.page.get_by_role("dialog", name="添加法定环节")
        dialog.get_by_role("combobox").fill(step)
        dialog.get_by_role("option").first.click()
        expect(dialog).to_be_hidden()
        board.appears("src_register" if step == "案源登记" else "file_approve")
    if board.run("return !e.get('laneKeeper').lane('deputy')"):
        board.palette("添加岗位泳道").click()
        board.page.get_by_role("dialog").get_by_role("combobox").fill("分管负责人")
        board.page.keyboard.press("Enter")
        board.until("return Boolean(e.get('laneKeeper').lane('deputy'))")
        board.select("file_approve")
        board.panel.get_by_label("办理岗位（泳道）").select_option("分管负责人岗")
    board.select("file_approve")
    board.pad("append.end-event").click()
    assert board.element("file_approve")["lane"] == "deputy"
    problems = engine.check(engine.Source(board.xml().encode()), [], ACTIONS)
    assert {p.code for p in problems} <= {"form"}, problems


def test_copying_between_diagrams_and_windows(fresh: Board, new_page: Callable[..., Page]):
    fresh.select("notice_approve")
    fresh.focus_canvas()
    fresh.page.keyboard.press("Control+c")
    fresh.view("外部流程")
    fresh.page.mouse.move(2, 2)
    fresh.run("w.active = 'external'; e.get('selection').select(null)")
    fresh.focus_canvas("external")
    fresh.page.keyboard.press("Control+v")
    copies = (
        "const copied = (s) => s.type === 'bpmn:UserTask' && s.businessObject.name === '告知审批';"
        " return w.editor(a).get('elementRegistry').filter(copied).map((s) => s.businessObject.get('xq:limit'))"
    )
    assert fresh.run(copies, "external") == ["1wd"]
    other = Board(fresh.page.context.new_page())
    other.open(fresh.page.url)
    other.page.mouse.move(2, 2)
    other.focus_canvas()
    other.page.keyboard.press("Control+v")
    assert other.run(copies, "internal") == ["1wd", "1wd"]
    documents = (
        "const copied = (s) => s.type === 'bpmn:UserTask' && s.businessObject.name === '告知审批';"
        " const codes = (s) => s.businessObject.extensionElements.values.map((d) => d.code);"
        " return e.get('elementRegistry').filter(copied).map(codes)"
    )
    first, second = other.run(documents)
    assert first == second
    assert first


def test_automatic_layout_keeps_everything_apart_and_can_be_undone(
    fresh: Board, look: Callable[[Board, str], None]
):
    drawn = (
        "return e.get('elementRegistry').filter((s) => s.parent)"
        ".map((s) => [s.id, s.x, s.y, s.width, s.height, s.waypoints?.map((p) => [p.x, p.y])])"
    )
    before, stood = fresh.xml(), fresh.run(drawn)
    fresh.tool("自动排版").click()
    after = fresh.xml()
    assert after != before
    nodes = fresh.nodes()
    assert len(nodes) > 50
    for node in nodes:
        assert node["lane"][0] <= node["y"] <= node["y"] + node["height"] <= node["lane"][1], node
    assert [p for p in fresh.overlapping() if not any("timer" in name for name in p)] == []
    look(fresh, "studio-layout")
    first, second = (reader.read(text.encode())[0] for text in (before, after))
    assert {n: v.position for n, v in first.nodes.items()} == {n: v.position for n, v in second.nodes.items()}
    fresh.tool("撤销").click()
    assert fresh.run(drawn) == stood


def test_finding_by_name_step_and_id(fresh: Board):
    for typed, ident in (
        ("法制审核", "legal_call"),
        ("evid.preserve.approve", "preserve_approve"),
        ("court_apply", "court_apply"),
    ):
        fresh.focus_canvas()
        fresh.page.keyboard.press("Control+f")
        field = fresh.page.get_by_role("textbox", name="在流程图中查找")
        field.press_sequentially(typed)
        field.press("Enter")
        assert fresh.selected() == ident


def test_the_workbench_by_keyboard_alone(fresh: Board):
    fresh.focus_canvas()
    fresh.page.keyboard.press("]")
    first = fresh.selected()
    fresh.page.keyboard.press("]")
    assert fresh.selected() not in (None, first)
    fresh.page.keyboard.press("[")
    assert fresh.selected() == first
    fresh.select("check")
    fresh.focus_canvas()
    fresh.page.keyboard.press("Enter")
    expect(fresh.panel.get_by_label("名称")).to_be_focused()
    fresh.focus_canvas()
    fresh.page.keyboard.press("n")
    dialog = fresh.page.get_by_role("dialog", name="添加法定环节")
    expect(dialog).to_be_visible()
    fresh.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    fresh.focus_canvas()
    fresh.page.keyboard.press("?")
    expect(fresh.page.get_by_role("dialog", name="流程图的快捷键")).to_be_visible()
    fresh.page.keyboard.press("Escape")
    hand = fresh.palette("移动画布")
    hand.focus()
    for _ in range(4):
        fresh.page.keyboard.press("ArrowDown")
    expect(fresh.palette("添加法定环节")).to_be_focused()
    tasks = "return e.get('elementRegistry').filter((s) => s.type === 'bpmn:ServiceTask').length"
    before = fresh.run(tasks)
    fresh.palette("添加自动任务").focus()
    fresh.page.keyboard.press("Enter")
    assert fresh.run(tasks) == before + 1
    fresh.focus_canvas()
    fresh.page.keyboard.press("Control+z")
    assert fresh.run(tasks) == before
    fresh.page.keyboard.press("m")
    expect(fresh.page.locator("[data-canvas='internal'] .djs-minimap.open")).to_be_visible()


def test_connecting_without_a_mouse(fresh: Board):
    fresh.select("check")
    fresh.panel.locator("summary", has_text="连线").click()
    field = fresh.panel.get_by_label("连线到")
    assert "发现案源" not in field.inner_text(), "nothing leads to the start"
    field.select_option("立案审批")
    fresh.select("filing_gw")
    fresh.panel.get_by_label("连线到").select_option("调查终结报告")
    process = reader.read(fresh.xml().encode())[0]
    assert {flow.target for flow in process.nodes["check"].outgoing} == {"file_review", "file_approve"}
    assert "report" in {flow.target for flow in process.nodes["filing_gw"].outgoing}


def test_exporting(fresh: Board):
    def fetch(label: str) -> Download:
        fresh.tool("导入导出").click()
        with fresh.page.expect_download() as started:
            fresh.page.get_by_role("menuitem", name=label).click()
        return started.value

    bpmn = fetch("导出 BPMN")
    assert bpmn.suggested_filename == "行政处罚普通程序-内部流程.bpmn"
    content = bpmn.path().read_bytes()
    assert engine.check(engine.Source(content), [], ACTIONS) == [] or reader.read(content)
    assert {n.id for n in reader.read(content)[0].nodes.values()} >= {"legal_call", "decide"}
    drawing = etree.fromstring(fetch("导出图片（SVG）").path().read_bytes())
    assert etree.QName(drawing).localname == "svg"
    assert "法制审核" in "".join(drawing.itertext())
    picture = fetch("导出图片（PNG）").path().read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000


def test_nothing_on_the_page_is_left_in_another_language(fresh: Board, look: Callable[[Board, str], None]):
    own = ["penalty_ordinary"]
    fresh.speaks_chinese(*own)
    look(fresh, "studio-workbench")
    entries = fresh.page.locator(".canvas-palette .entry:visible")
    for entry in entries.all():
        entry.hover()
        assert re.search("[\u4e00-\u9fff]", entry.get_attribute("aria-label") or "")
    fresh.speaks_chinese(*own)
    kinds = fresh.run(
        "const seen = new Map();"
        " const kind = (s) => s.type + (s.businessObject.eventDefinitions?.[0]?.$type ?? '');"
        " for (const s of e.get('elementRegistry').filter((each) => each.parent && each.type !== 'label'))"
        " if (!seen.has(kind(s))) seen.set(kind(s), s.id);"
        " return [...seen.values()]"
    )
    assert len(kinds) > 10
    documents, forms = fresh.run("return [w.vocabulary.documents, w.vocabulary.forms]")
    codes = [*own, *(d["code"] for d in documents), *(f["key"] for f in forms)]
    groups = fresh.run("return w.vocabulary.steps")
    steps = [step["tag"] for group in groups for step in group["steps"]]
    codes += fresh.run("return e.get('elementRegistry').getAll().map((s) => s.id)")
    for ident in kinds:
        fresh.select(ident)
        fresh.speaks_chinese(*codes, *steps, ident)
        for entry in fresh.page.locator(".djs-context-pad.open .entry").all():
            entry.hover()
        fresh.speaks_chinese(*codes, *steps, ident)
        if fresh.pad("replace").count():
            fresh.pad("replace").click()
            expect(fresh.page.locator(".djs-popup")).to_be_visible()
            fresh.speaks_chinese(*codes, *steps, ident)
            fresh.page.keyboard.press("Escape")
    fresh.run(
        "const found = ['check', 'file_review', 'register'].map((id) => e.get('elementRegistry').get(id));"
        " e.get('canvas').zoom('fit-viewport', 'auto'); e.get('selection').select(found)"
    )
    for action in ("align-elements", "distribute-elements"):
        if fresh.pad(action).count():
            fresh.pad(action).click()
            expect(fresh.page.locator(".djs-popup")).to_be_visible()
            fresh.speaks_chinese(*codes, *steps)
            fresh.page.keyboard.press("Escape")
    fresh.focus_canvas()
    fresh.page.keyboard.press("Control+f")
    fresh.page.get_by_role("textbox", name="在流程图中查找").fill("审核")
    fresh.speaks_chinese(
        *codes, *steps, *fresh.run("return e.get('elementRegistry').getAll().map((s) => s.id)")
    )
    fresh.page.keyboard.press("Escape")
    fresh.page.locator("[data-canvas='internal'] .djs-minimap .toggle").click()
    fresh.speaks_chinese(*codes, *steps)
    fresh.tool("快捷键").click()
    fresh.speaks_chinese(*codes, *steps)
    look(fresh, "studio-keys")
    fresh.page.keyboard.press("Escape")
    fresh.tool("导入导出").click()
    fresh.speaks_chinese(*codes, *steps)
    fresh.page.keyboard.press("Escape")
    fresh.view("对照")
    fresh.speaks_chinese(*codes, *steps)
    look(fresh, "studio-both")


def test_an_empty_procedure_is_a_page_one_can_begin_on(board: Board, look: Callable[[Board, str], None]):
    board.start(source="", key="licence/empty", name="空白许可")
    board.speaks_chinese("licence_empty")
    look(board, "studio-empty")
    board.view("外部流程")
    board.tool("自动排版").click()
    board.speaks_chinese("licence_empty")
