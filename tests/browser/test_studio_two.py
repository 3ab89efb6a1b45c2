"""Two browsers at one draft, a browser without a network, a page that is closed: nothing is lost."""

import pytest
from desk import Desk
from playwright.sync_api import Route, expect
from studio import Workbench, no_conflict

CONFLICT = "另一位分析人员同时修改了同一内容"


@pytest.fixture
def two(desk: Desk) -> tuple[Workbench, Workbench]:
    """Two analysts of one agency at one draft."""
    one = Workbench.start(desk)
    return one, one.beside(desk, "sf-analyst2")


def test_different_parts_meet_without_a_question(two):
    one, other = two
    one.rename("check", "线索初核")
    one.saved()
    other.set("forms/penalty_lead.json", '{"title": "另一人改的"}')
    other.saved()
    no_conflict(one, other)
    assert other.name_of("check") == "线索初核"
    stored = other.stored()
    assert 'name="线索初核"' in stored["internal.bpmn"]
    assert stored["forms/penalty_lead.json"] == '{"title": "另一人改的"}'
    one.set("forms/new.json", "{}")
    one.saved()
    assert one.text("forms/penalty_lead.json") == '{"title": "另一人改的"}'


@pytest.mark.parametrize(("choice", "name"), [("采用我的", "二人所改"), ("采用对方的", "一人所改")])
def test_the_same_part_asks_and_keeps_both(two, axe, choice, name):
    one, other = two
    one.rename("check", "一人所改")
    one.saved()
    other.rename("check", "二人所改")
    dialog = other.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text(CONFLICT)
    expect(dialog).to_contain_text("内部流程图")
    axe(other.page)
    assert 'name="一人所改"' in other.stored()["internal.bpmn"]
    assert other.name_of("check") == "二人所改"
    dialog.get_by_text(choice).click()
    dialog.get_by_role("button", name="采用所选内容").click()
    expect(dialog).to_be_hidden()
    other.saved()
    assert f'name="{name}"' in other.stored()["internal.bpmn"]
    assert other.name_of("check") == name

    other.page.goto(f"{other.path}/versions")
    kept = other.page.locator(".history > li.conflicting")
    expect(kept).to_contain_text("改名为“二人所改”。")
    kept.get_by_text("采用其中的内容").click()
    kept.get_by_label("内部流程图").check()
    kept.get_by_role("button", name="采用所选内容").click()
    other.again()
    assert other.name_of("check") == "二人所改"


def test_what_is_drawn_during_the_question_is_kept_too(two):
    one, other = two
    one.rename("check", "一人所改")
    one.saved()
    other.rename("check", "二人所改")
    expect(other.page.get_by_role("alertdialog")).to_be_visible()
    other.rename("check", "二人再改")
    other.page.get_by_role("alertdialog").get_by_role("button", name="采用所选内容").click()
    other.saved()
    assert other.name_of("check") == "一人所改"
    other.page.goto(f"{other.path}/versions")
    expect(other.page.locator(".history > li.conflicting").first).to_contain_text("改名为“二人再改”")


def test_what_is_drawn_while_another_answer_is_on_its_way_is_not_overwritten(two):
    """The other's diagram arrives with the answer to a save of something else."""
    one, other = two
    one.rename("check", "一人所改")
    one.saved()
    held: list[Route] = []
    other.page.route("**/save", lambda route: route.continue_() if held else held.append(route))
    other.set("forms/new.json", "{}")
    other.do("(w) => { w.draft.flush().catch(() => {}); }")
    with other.page.expect_request("**/proof"):  # it is drawn, and the save is still on its way
        other.rename("check", "二人所改")
    held[0].continue_()
    expect(other.page.get_by_role("alertdialog")).to_contain_text("内部流程图")
    assert other.name_of("check") == "二人所改"
    assert 'name="一人所改"' in other.stored()["internal.bpmn"]
    assert other.stored()["forms/new.json"] == "{}"


def test_without_a_network_work_goes_on_and_is_saved_when_it_is_back(two):
    one, other = two
    other.page.context.set_offline(True)
    other.rename("check", "断网时所改")
    expect(other.page.locator("[data-save-state]")).to_contain_text("暂时无法保存")
    one.set("forms/new.json", "{}")
    one.saved()
    other.rename("register", "又改一处")
    other.page.context.set_offline(False)
    other.saved()
    stored = other.stored()
    assert 'name="断网时所改"' in stored["internal.bpmn"]
    assert 'name="又改一处"' in stored["internal.bpmn"]
    assert stored["forms/new.json"] == "{}"
    no_conflict(one, other)


def test_a_page_that_is_closed_without_a_network_is_saved_by_the_next(two):
    _, other = two
    other.page.context.set_offline(True)
    other.rename("check", "关闭前所改")
    expect(other.page.locator("[data-save-state]")).to_contain_text("暂时无法保存")
    other.page.on("dialog", lambda dialog: dialog.accept())
    other.page.close(run_before_unload=False)
    context = other.page.context
    context.set_offline(False)
    page = context.new_page()
    page.goto(other.path)
    again = Workbench(page, other.path).ready()
    expect(page.get_by_text("已找回您上次离开时没有保存的修改")).to_be_visible()
    again.saved()
    assert again.name_of("check") == "关闭前所改"
    assert 'name="关闭前所改"' in again.stored()["internal.bpmn"]


def test_a_page_that_is_left_at_once_is_saved_by_the_next(two):
    """Too large for the browser to send behind the page's back, and too early to be saved before."""
    one, _ = two
    one.rename("check", "离开前所改")
    one.page.on("dialog", lambda dialog: dialog.accept())
    one.page.goto("/studio")
    again = one.again()
    again.saved()
    assert again.name_of("check") == "离开前所改"
    assert 'name="离开前所改"' in again.stored()["internal.bpmn"]


def test_what_was_left_unsaved_meets_what_another_wrote_as_a_question(two):
    one, other = two
    one.page.context.set_offline(True)
    one.rename("check", "一人离线所改")
    expect(one.page.locator("[data-save-state]")).to_contain_text("暂时无法保存")
    other.rename("check", "二人所改")
    other.saved()
    one.page.on("dialog", lambda dialog: dialog.accept())
    one.page.close()
    context = one.page.context
    context.set_offline(False)
    page = context.new_page()
    page.goto(one.path)
    expect(page.get_by_role("alertdialog")).to_contain_text(CONFLICT)
    again = Workbench(page, one.path).ready()
    assert 'name="二人所改"' in again.stored()["internal.bpmn"]
    assert again.name_of("check") == "一人离线所改"
