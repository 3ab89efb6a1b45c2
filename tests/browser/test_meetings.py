"""A collective deliberation and a hearing in real Chromium, from the call to the signed record."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import unquote_plus, urlsplit

import pytest
from desk import Desk, form, officers, submit
from filling import fill
from playwright.sync_api import Page, expect
from running_server import RunningServer
from studio_pages import look

from app.cases import demo_content
from app.kernel.clock import CHINA
from app.people import demo as city

__all__ = ["look"]
Look = Callable[[Page, str], None]
NAMES = {a.login: a.name for a in city.demo_accounts()}


@pytest.fixture(scope="module")
def moved(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A demonstration of its own, with a calendar that can be turned."""
    return serve_application(XQ_SERVE_TARGET="moved_clock:app")


@pytest.fixture
def base_url(moved: RunningServer) -> str:
    return moved.url


@pytest.fixture
def desk(new_page: Callable[..., Page], moved: RunningServer) -> Desk:
    return Desk(new_page, moved)


def open_task(desk: Desk, login: str, box: str, task: str) -> tuple[Page, str]:
    """This person's task by its name, taken where it lies in the pool; its window and address."""
    page = desk.page(login, f"/inbox?box={box}")
    page.locator("[data-row]").get_by_role("link", name=task, exact=True).first.click()
    page.wait_for_url("**/work/*")
    return desk.take(page), page.url


def today() -> datetime:
    return datetime.now(CHINA)


def planned(name: str, key: str) -> dict:
    return demo_content.answers(demo_content.case_of(name), key, 0, officers("hb"), today())


def vote(page: Page, stance: str, text: str) -> None:
    page.get_by_label(stance, exact=True).check()
    page.get_by_label("讨论意见").fill(text)
    submit(page, page.get_by_role("button", name="表决", exact=True))


def test_a_deliberation_from_the_call_to_the_record(desk: Desk, look: Look):
    reviewer, _ = open_task(desk, "hb-legal", "positions", "法制审核")
    fill(reviewer, form("penalty_legal_review"), planned("no-permit", "penalty_legal_review"))
    submit(reviewer)

    head, url = open_task(desk, "hb-head", "positions", "负责人集体讨论")
    look(head, "meeting-task")
    head.get_by_role("link", name="集体讨论", exact=True).click()
    head.get_by_role("button", name="召集会议").click()
    expect(head.get_by_role("alert")).to_contain_text("请填写地点")
    look(head, "meeting-plan-errors")
    head.get_by_label("地点").fill("三楼会议室")
    head.get_by_label("主持人", exact=True).select_option(label=f"{NAMES['hb-head']}（主要负责人岗）")
    head.get_by_label("记录人").select_option(label=f"{NAMES['hb-archive']}（档案与公示岗）")
    head.get_by_label("时间", exact=True).fill(f"{today():%Y-%m-%dT00:00}")
    head.get_by_label("列席人员").fill("演示·甲 政策法规科")
    look(head, "meeting-plan")
    submit(head)
    look(head, "meeting-planned")
    meeting = head.url.split("?")[0]

    head.goto(url)  # the form alone is held back while the meeting is open
    fill(head, form("penalty_collective"), planned("no-permit", "penalty_collective"))
    head.locator("[data-primary]").click()
    expect(head.get_by_role("alert")).to_contain_text("集体讨论还没有结束")

    deputy = desk.page("hb-deputy", "/review/sittings")
    look(deputy, "sittings")
    deputy.locator("main table a").first.click()
    deputy.wait_for_url("**/review/meetings/*")

    head.goto(meeting)
    head.get_by_label(NAMES["hb-head"]).check()
    head.get_by_role("button", name="宣布开会").click()
    expect(head.get_by_role("alert")).to_contain_text("不能开会讨论")
    for login in ("hb-head", "hb-deputy"):
        head.get_by_label(NAMES[login]).check()
    submit(head, head.get_by_role("button", name="宣布开会"))
    look(head, "meeting-session")

    recorder = desk.page("hb-archive", urlsplit(meeting).path)
    recorder.get_by_label("讨论情况").fill("逐一发言，意见一致。")
    recorder.get_by_label("案情汇报").fill("当事人未取得排污许可证排放污染物，事实清楚。")
    expect(recorder.locator("[data-draft-status]")).to_contain_text("已自动保存")
    concluded = "同意责令改正并处罚款。"
    with recorder.expect_response(lambda r: concluded in unquote_plus(r.request.post_data or "")) as kept:
        recorder.get_by_label("结论内容").fill(concluded)
    assert kept.value.ok
    expect(recorder.locator("[data-draft-status]")).to_contain_text("已自动保存")

    deputy.goto(meeting)
    expect(deputy.locator("main")).to_contain_text("事实清楚")
    deputy.get_by_role("button", name="表决", exact=True).click()
    expect(deputy.get_by_role("alert")).to_contain_text("请选择表决意见")
    look(deputy, "meeting-vote-errors")
    vote(deputy, "同意", "事实清楚，同意。")
    head.goto(meeting)
    vote(head, "同意", "同意拟处理意见。")
    submit(head, head.get_by_role("button", name="结束讨论，记录送签"))
    expect(head.locator("main")).to_contain_text("结论：同意拟处理意见")
    look(head, "meeting-minutes")
    for page, login in ((deputy, "hb-deputy"), (head, "hb-head")):
        page.goto(meeting)
        page.get_by_label("键入您的姓名").fill(NAMES[login])
        submit(page, page.get_by_role("button", name="签名", exact=True))
    head.goto(meeting)
    submit(head, head.get_by_role("button", name="结束会议，填入表单"))
    said = {head.locator(f"[name='members.{n}.statement']").input_value() for n in (0, 1)}
    assert said == {"事实清楚，同意。", "同意拟处理意见。"}
    look(head, "meeting-filled")
    head.locator("[name=result]").fill("另行处理。")
    head.locator("[data-primary]").click()
    expect(head.get_by_role("alert")).to_contain_text("记录不一致")
    head.locator("[name=result]").fill("同意责令改正并处罚款。")
    assert "行政处罚案件集体讨论记录" in submit(head)
    head.goto(meeting)
    look(head, "meeting-closed")


def test_a_hearing_from_the_notice_to_the_report(desk: Desk, look: Look):
    officer = desk.page("hb-officer1", "/cases")
    officer.get_by_role("link", name="某机械模具有限公司").first.click()
    officer.locator("li", has_text="等待：收到当事人意见").get_by_role("link", name="登记").click()
    desk.take(officer)
    asked = planned("idle-filter", "penalty_party_response") | {
        "requests": ["要求听证"], "hearing_reason": "对裁量有异议。", "waive_content": None, "final": None,
        "received_at": f"{today() - timedelta(minutes=30):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    fill(officer, form("penalty_party_response"), {k: v for k, v in asked.items() if v is not None})
    submit(officer)

    host, task = open_task(desk, "hb-hearing", "positions", "组织听证")
    host.get_by_role("link", name="安排听证").click()
    look(host, "hearing-plan")
    first = datetime.fromisoformat(host.get_by_label("听证时间").input_value())
    host.get_by_label("听证时间").fill(f"{first - timedelta(days=1):%Y-%m-%dT%H:%M}")
    host.get_by_label("听证地点").fill("二楼听证室")
    host.get_by_label("记录员").select_option(label=f"{NAMES['hb-archive']}（档案与公示岗）")
    host.get_by_role("button", name="安排听证，填入表单").click()
    expect(host.get_by_role("alert")).to_contain_text("七个工作日")
    expect(host.get_by_role("alert")).to_contain_text("第六十四条第二项")
    look(host, "hearing-plan-refused")
    host.get_by_label("听证时间").fill(f"{first:%Y-%m-%dT%H:%M}")
    submit(host)
    look(host, "hearing-notice-filled")
    assert "行政处罚听证通知书" in submit(host)

    host.goto("/review/sittings")
    host.locator("main table a").first.click()
    hearing = host.url
    for _ in range(3):
        host.goto(hearing)
        host.get_by_label("被通知人").select_option(index=1)
        host.get_by_label("通知方式").select_option(label="直接送达")
        submit(host, host.get_by_role("button", name="登记通知"))
    look(host, "hearing-notified")
    _, hold = open_task(desk, "hb-hearing", "mine", "举行听证")

    host.goto(hearing)
    boxes = host.get_by_role("group", name="到场的参加人")
    for group in (boxes, host.get_by_role("group", name="已核对身份证件、授权委托书的")):
        for box in group.get_by_role("checkbox").all():
            box.check()
    host.get_by_role("button", name="宣布听证开始").click()
    expect(host.get_by_role("alert")).to_contain_text("第六十四条第二项")

    desk.on(first + timedelta(minutes=1))
    host.goto(hearing)
    expect(host).to_have_url(re.compile("/sign-in"))  # the nights between have signed everybody out
    host = desk.page("hb-hearing", urlsplit(hearing).path)
    for name in ("到场的参加人", "已核对身份证件、授权委托书的"):
        for box in host.get_by_role("group", name=name).get_by_role("checkbox").all():
            box.check()
    submit(host, host.get_by_role("button", name="宣布听证开始"))
    look(host, "hearing-session")
    said = {
        "核对到场和身份": "均已核对。", "宣布纪律，告知权利义务": "已经宣布和告知。",
        "调查：调查人员陈述": "风机未开启，事实清楚。", "当事人陈述和申辩": "设备检修，请求从轻。",
        "举证和质证": "现场照片 | 调查人员 | 没有异议", "最后陈述": "坚持各自的意见。",
    }  # fmt: skip
    for label, text in said.items():
        host.get_by_label(label).fill(text)
    expect(host.locator("[data-draft-status]")).to_contain_text("已自动保存")
    submit(host, host.get_by_role("button", name="听证结束，核对笔录"))
    look(host, "hearing-record")
    while host.get_by_role("button", name="签名", exact=True).count():
        person = host.get_by_label("签名的参加人")
        name = person.locator("option").nth(1).inner_text().partition("（当事人")[0].partition("（案件")[0]
        person.select_option(index=1)
        host.get_by_label("本人键入姓名").fill(name)
        submit(host, host.get_by_role("button", name="签名", exact=True))
    submit(host, host.get_by_role("button", name="笔录定稿，填入表单"))
    look(host, "hearing-filled")
    assert "听证笔录" in submit(host)
    host, report = open_task(desk, "hb-hearing", "mine", "听证报告")
    host.get_by_role("link", name="听证笔录", exact=True).first.click()
    look(host, "hearing-closed")
    submit(host, host.get_by_role("button", name="根据笔录起草报告"))
    expect(host.locator("[name=party_view]")).to_have_value("设备检修，请求从轻。")
    look(host, "hearing-report")
    assert hold != report != task
