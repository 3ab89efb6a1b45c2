"""代理 and 回避 as people meet them: set, seen, taken, ended; asked for, decided, lifted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg
import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.kernel import clock, postgres

Look = Callable[[Page, str], None]
TASK = """
select w.id, w.case_id, w.name, a.login, a.name from work_item w join account a on a.officer_id = w.assignee_id
where w.status = 'open' and w.kind = 'user' and w.officers > 1 order by w.id limit 1
"""
"""A task that waits for somebody, which two officers do together: one of the case's handlers."""


@dataclass(frozen=True, slots=True)
class Prey:
    """The task, its case, whom it waits for, and the prefix of the agency's logins."""

    work_id: int
    case_id: int
    task: str
    login: str
    name: str

    @property
    def prefix(self) -> str:
        return self.login.split("-")[0]


@pytest.fixture(scope="module")
def server(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A demonstration of its own: who is away or recused changes what others find."""
    return serve_application()


@pytest.fixture(scope="module")
def prey(server: RunningServer) -> Prey:
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute(TASK).fetchone()
    assert row, "the demonstration has no such task"
    return Prey(*row)


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        shot(f"persons-{name}", page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        page.set_viewport_size(before)

    return check


def in_days(days: int) -> str:
    today: date = clock.today()
    return (today + timedelta(days=days)).isoformat()


def test_a_substitute_is_set_takes_over_and_it_is_ended(desk: Desk, look: Look, prey: Prey):
    page = desk.page(prey.login, "/account")
    page.get_by_role("main").get_by_role("link", name="代理", exact=True).click()
    page.wait_for_url("**/substitutions")
    expect(page.get_by_text("没有设置过代理")).to_be_visible()
    look(page, "substitutions-empty")
    page.get_by_role("link", name="设置代理").first.click()
    page.wait_for_url("**/substitutions/new")
    look(page, "substitution-new")
    page.get_by_role("button", name="设置代理").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[data-error-summary]")).to_contain_text("请选择代理人")
    look(page, "substitution-errors")

    helper = desk.page(f"{prey.prefix}-archive", "/account")
    name = helper.get_by_role("heading", level=1).inner_text()
    page.get_by_label("代理人").select_option(label=name)
    page.get_by_label("最后一天").fill(in_days(6))
    page.get_by_label("理由", exact=True).fill("外出培训一周")
    page.get_by_role("button", name="设置代理").click()
    page.wait_for_url("**/substitutions?done=set")
    expect(page.locator(".notice.ok")).to_contain_text("代理已设置")
    expect(page.locator("tbody tr").first).to_contain_text("代理中")
    look(page, "substitutions")

    helper.goto("/account")
    expect(helper.get_by_role("main")).to_contain_text(f"代理{prey.name}")
    look(helper, "account-of-the-substitute")
    helper.goto("/inbox")
    group = helper.locator("section.card", has_text=f"代{prey.name}办理")
    expect(group).to_be_visible()
    look(helper, "inbox-of-the-substitute")
    helper.goto(f"/work/{prey.work_id}")
    expect(helper.get_by_role("heading", name=f"等待{prey.name}办理")).to_be_visible()
    look(helper, "task-of-the-absent")
    helper.locator(".desk-act .actions").get_by_role("link", name="代为办理").click()
    helper.wait_for_url("**/acts/taken_as_substitute")
    look(helper, "taking-over")
    helper.get_by_role("button", name="代为办理").click()
    expect(helper.locator("[data-focus]")).to_contain_text(f"已由您代{prey.name}办理")
    expect(helper.locator(".now")).to_contain_text(f"{name}（代{prey.name}）")
    look(helper, "case-taken-over")
    helper.goto(f"/work/{prey.work_id}")
    expect(helper.locator("form[data-form]")).to_be_visible()
    expect(helper.locator(".page-head")).to_contain_text(f"{name}（代{prey.name}）")

    page.goto(f"/work/{prey.work_id}/acts/back_from_substitute")
    look(page, "taking-back")
    page.get_by_label("理由").fill("培训取消")
    page.get_by_role("button", name="收回办理").click()
    expect(page.locator("[data-focus]")).to_contain_text("已收回")

    page.goto("/substitutions")
    page.get_by_text("提前结束").first.click()
    page.get_by_role("button", name="结束代理").click()
    expect(page.locator("[data-focus]")).to_contain_text("请填写提前结束的理由")
    look(page, "substitution-end-errors")
    page.get_by_label("理由").fill("培训取消")
    page.get_by_role("button", name="结束代理").click()
    page.wait_for_url("**/substitutions?done=ended")
    expect(page.locator("tbody tr").first).to_contain_text("已提前结束")
    helper.goto(f"/work/{prey.work_id}")
    expect(helper.get_by_role("heading", level=1)).not_to_contain_text(prey.task)


def test_a_head_sets_it_for_somebody_else(desk: Desk, look: Look, prey: Prey):
    page = desk.page(f"{prey.prefix}-head", "/substitutions/new")
    page.get_by_label("为谁设置").select_option(label=prey.name)
    page.get_by_role("button", name="选择").click()
    page.wait_for_url("**officer=*")
    expect(page.get_by_role("heading", level=1)).to_contain_text(prey.name)
    page.get_by_label("只代理以下岗位").check()
    page.get_by_label("第一天").fill(in_days(-3))
    page.get_by_label("最后一天").fill(in_days(3))
    page.get_by_label("理由", exact=True).fill("借调")
    page.get_by_role("button", name="设置代理").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_contain_text("请至少选择一个岗位")
    expect(page.get_by_label("理由", exact=True)).to_have_value("借调")
    look(page, "substitution-by-the-head")


def test_a_recusal_is_asked_for_decided_and_lifted(desk: Desk, look: Look, prey: Prey):
    page = desk.page(prey.login, f"/cases/{prey.case_id}")
    page.get_by_role("link", name="申请回避").click()
    page.wait_for_url("**/recusals")
    look(page, "recusals")
    page.get_by_role("button", name="提出回避").click()
    expect(page.locator("[data-focus]")).to_contain_text("请选择由谁提出")
    look(page, "recusal-errors")
    page.get_by_label("本人申请回避").check()
    page.get_by_label("应当回避的人员").select_option(label=f"{prey.name}（本人）")
    page.get_by_label("与案件有直接利害关系").check()
    page.get_by_label("事实理由").fill("当事人的负责人是本人的近亲属。")
    page.get_by_role("button", name="提出回避").click()
    expect(page.locator("[data-focus]")).to_contain_text("决定作出以前，调查不停止")
    look(page, "recusal-asked")
    page.goto(f"/work/{prey.work_id}/acts/recuse")
    look(page, "recusal-on-the-task")

    head = desk.page(f"{prey.prefix}-head")
    head.get_by_role("link", name=f"{prey.name}的回避").first.click()
    head.wait_for_url("**/recusals/*")
    head.get_by_role("button", name="作出决定").click()
    expect(head.locator("[data-focus]")).to_contain_text("请选择决定回避还是不回避")
    look(head, "recusal-decision")
    head.get_by_label("决定回避", exact=True).check()
    head.get_by_label("理由", exact=True).fill("情况属实。")
    head.get_by_role("button", name="作出决定").click()
    expect(head.locator("[data-focus]")).to_contain_text("请同时指定接替的人员")
    expect(head.get_by_label("理由", exact=True)).to_have_value("情况属实。")
    head.locator("#successor input:enabled").first.check()
    head.get_by_role("button", name="作出决定").click()
    expect(head.locator("[data-focus]")).to_contain_text("接替承办")
    look(head, "recusal-decided")

    page.goto(f"/work/{prey.work_id}")
    expect(page.get_by_role("heading", name="您在本案已被决定回避")).to_be_visible()
    expect(page.get_by_role("button", name="签收办理")).to_have_count(0)
    look(page, "recused-at-the-task")
    page.goto(f"/cases/{prey.case_id}")
    expect(page.get_by_role("main")).to_contain_text("您在本案已被决定回避，不能再查看或者处理本案及其材料")
    look(page, "case-with-a-recusal")

    head.goto(f"/cases/{prey.case_id}/recusals")
    head.get_by_role("link", name="查看").first.click()
    look(head, "recusal-lift")
    head.get_by_label("理由", exact=True).fill("经核查不是近亲属。")
    head.get_by_role("button", name="决定解除回避").click()
    expect(head.locator("[data-focus]")).to_contain_text("已解除")


def test_an_inbox_with_something_to_decide(desk: Desk, look: Look, prey: Prey):
    page = desk.page(f"{prey.prefix}-deputy", f"/cases/{prey.case_id}/recusals")
    page.get_by_label("当事人申请回避").check()
    page.locator("#officer").select_option(index=1)
    page.get_by_label("有其他关系可能影响公正执法").check()
    page.get_by_label("事实理由").fill("当事人认为其与举报人相识。")
    page.get_by_label("当事人一方的提出人").fill("当事人的代理人")
    page.get_by_label("当事人提出的日期").fill(in_days(-1))
    page.get_by_role("button", name="提出回避").click()
    expect(page.locator("[data-focus]")).to_contain_text("已提出")
    head = desk.page(f"{prey.prefix}-head")
    expect(head.get_by_role("heading", name="待您决定的回避")).to_be_visible()
    look(head, "inbox-with-recusals")
