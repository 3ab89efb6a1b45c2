"""A shared sub-procedure is called by its name, looked at, and taken over where a newer edition exists."""

from collections.abc import Callable

from drawing_board import Board
from playwright.sync_api import expect

from app.diagrams import service as diagrams

HEARING = "called/hearing.bpmn"
REAL = diagrams.from_folder("penalty/ordinary").called["hearing"]
OLDER = REAL.replace('name="听证报告"', 'name="听证报告（旧）"')
SET = "w.draft.set('called/hearing.bpmn', a); await w.flush()"


def test_what_is_called_is_shown_from_its_call(fresh: Board, look: Callable[[Board, str], None]):
    fresh.select("hearing_call")
    expect(fresh.panel.get_by_label("调用的流程")).to_have_value("hearing")
    expect(fresh.panel.get_by_role("group", name="举行听证")).to_be_visible()
    expect(fresh.panel.get_by_text("有新版本")).to_have_count(0)
    look(fresh, "studio-called")
    fresh.panel.get_by_role("button", name="查看流程图").click()
    dialog = fresh.page.get_by_role("dialog", name="听证（被调用流程，只读）")
    expect(dialog.locator(".called-canvas[data-ready]")).to_be_visible()
    expect(dialog.locator("[data-element-id=hearing_hold]")).to_be_visible()
    look(fresh, "studio-called-diagram")
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_have_count(0)


def test_a_newer_edition_is_told_and_taken_over(fresh: Board, look: Callable[[Board, str], None]):
    fresh.run(SET, OLDER)
    fresh.select("hearing_call")
    notice = fresh.panel.locator(".called-newer")
    expect(notice).to_contain_text("有新版本：本平台的“听证”已经更新，草稿仍用原来的版本。")
    look(fresh, "studio-called-newer")
    notice.get_by_role("button", name="采用新版本").click()
    expect(notice).to_have_count(0)
    fresh.run("await w.flush()")
    assert fresh.stored()[HEARING] == REAL


def test_a_call_is_drawn_and_chosen_by_name(board: Board):
    fresh = board.start("", "penalty/called_demo", "调用试画（演示）")
    assert HEARING not in fresh.stored()
    fresh.palette("添加调用流程").focus()
    fresh.page.keyboard.press("Enter")
    fresh.until("return e.get('selection').get()[0]?.type === 'bpmn:CallActivity'")
    expect(fresh.panel.get_by_text("还没有选择被调用流程。")).to_be_visible()
    fresh.panel.get_by_label("调用的流程").select_option("听证")
    expect(fresh.panel.get_by_label("名称")).to_have_value("听证")
    fresh.run("await w.flush()")
    stored = fresh.stored()
    assert stored[HEARING] == REAL
    assert 'calledElement="hearing"' in stored["internal.bpmn"]
    own = fresh.panel.get_by_role("group", name="举行听证")
    limit = own.get_by_role("group", name="本流程的办理时限")
    limit.get_by_role("textbox").fill("9")
    limit.get_by_role("textbox").blur()
    fresh.run("await w.flush()")
    assert '<xq:with node="hearing_hold" limit="9wd" />' in fresh.stored()["internal.bpmn"]
    fresh.tool("撤销").click()
    fresh.run("await w.flush()")
    assert "xq:with" not in fresh.stored()["internal.bpmn"]
