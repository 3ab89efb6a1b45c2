"""The ordinary penalty procedure as its people live it, in their browsers, on the days it happened."""

import re
from datetime import datetime

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import Page, expect

from app.cases import demo_content

PARTY = "某建材有限公司"
ISSUED_BY = {
    "LA-01": "register",
    "LA-06": "file_approve",
    "DC-01": "investigate",
    "DC-06": "investigate",
    "DC-10": "preserve_do",
    "DC-19": "report",
    "GZ-02": "notice_approve",
    "SH-01": "legal_review",
    "SH-02": "collective",
    "JD-01": "decision_doc",
    "SD-01": "serve",
    "JA-01": "close_approve",
}
NUMBERED = {"LA-01", "LA-06", "DC-10", "GZ-02", "SH-01", "JD-01", "JA-01"}
SAYS = {
    "LA-01": ["2025年5月6日10时30分", "统一社会信用代码：91370400XXXG002838"],
    "LA-06": ["登记日期2025年5月7日"],
    "DC-01": ["2025年5月15日9时30分至2025年5月15日11时20分"],
    "DC-06": ["2025年5月16日9时00分至2025年5月16日10时35分", "身份证件号码：993725196007172230"],
    "DC-10": ["自2025年5月15日起", "中控数据存储硬盘"],
    "DC-19": ["立案：2025年5月13日", "贰拾伍万元整", "250,000.00"],
    "GZ-02": ["罚款人民币贰拾伍万元整（￥250,000.00）", "要求听证"],
    "SH-01": ["同意提交集体讨论"],
    "SH-02": ["2025年7月10日15时00分至2025年7月10日16时10分", "罚款二十五万元"],
    "JD-01": ["罚款人民币贰拾伍万元整（￥250,000.00）", "枣庄市薛城区人民法院", "2025年6月26日"],
    "SD-01": ["2025年7月16日10时40分", "直接送达"],
    "JA-01": ["￥250,000.00", "立案日期2025年5月13日", "决定日期2025年7月15日"],
}


def consequence(page: Page, *lines: str) -> None:
    """What the page says will follow, before the click."""
    panel = page.get_by_role("group", name=re.compile("^(提交|协办人员确认)以后$"))
    for line in lines:
        expect(panel).to_contain_text(line)


def light(page: Page, state: str, words: str) -> None:
    """The light of the task and when it is due."""
    head = page.locator(".page-head")
    expect(head.locator(".light")).to_contain_text(state)
    expect(head).to_contain_text(words)


def current(page: Page, *nodes: str) -> None:
    """The steps under way in the pictures of the procedure."""
    for node in nodes:
        shape = page.locator(f"[data-diagram] .is-current[data-element-id='{node}']")
        page.locator(f"[data-diagram][data-current~='{node}']").scroll_into_view_if_needed()
        expect(shape.first).to_be_visible()


def second_reads(*lines: str):
    """The second officer has everything the first one entered before the eyes."""

    def look(page: Page) -> None:
        for line in lines:
            expect(page.locator("main")).to_contain_text(line)
        expect(page.locator("form[data-form]")).to_have_count(0)

    return look


def filing(page: Page) -> None:
    light(page, "●正常", "还剩")
    consequence(page, "签发《立案审批表》", "开始计时：办案期限（90日）", "停止计时：线索核查期限")


def test_a_real_case_from_lead_to_archive(desk: Desk, new_page):
    """某建材有限公司超过许可排放浓度排放颗粒物案, after a published case: 250,000 yuan, hearing waived, paid."""
    case = Journey(
        desk,
        demo_content.case_of("stone-mill"),
        "hb",
        looks={
            "register": lambda p: consequence(p, "签发《案件来源登记表》", "转到线索核查（执法办案岗）"),
            "check:second": second_reads(PARTY, "超过许可排放浓度排放颗粒物", "65.2毫克/立方米"),
            "file_approve": filing,
            "investigate": lambda p: consequence(p, "签发《现场笔录》《询问笔录》"),
            "report:second": second_reads("贰拾伍万元整", "从轻"),
            "notice_serve": lambda p: light(p, "▲临期", "6月26日"),
            "decide": lambda p: consequence(p, "转到制作处罚决定书（执法办案岗）"),
            "serve": lambda p: consequence(p, "开始计时：缴款期限（15日）", "停止计时：送达期限"),
        },
    )
    case.open()
    case.run(until="file_approve")
    assert case.numbered("register", "《案件来源登记表》枣环案源〔2025〕")
    assert "线索核查（执法办案岗）" in case.notices["register"]

    case.run(until="invest_plan")
    assert case.numbered("file_approve", "《立案审批表》枣环立〔2025〕")
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{PARTY}超过许可排放浓度排放颗粒物案")
    current(page, "invest_plan", "investigation")
    deadline = page.locator("li", has_text="办案期限")
    expect(deadline).to_contain_text("正常")
    expect(deadline).to_contain_text("8月11日")

    case.run(until="investigate")
    case.run(until="party_response")
    page = case.page("officer2")
    expect(page.locator("main")).to_contain_text("等待：收到当事人意见")
    expect(page.locator("main")).to_contain_text("期满自动进入下一环节")

    case.run()
    assert case.numbered("decision_doc", "《行政处罚决定书》枣环罚〔2025〕")
    assert len(case.seen) >= 6, case.seen

    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    expect(page.locator("[data-diagram] .is-current")).to_have_count(0)
    found = papers(page)
    assert ISSUED_BY.keys() <= found.keys()
    days = {step["node"]: datetime.fromisoformat(step["at"]) for step in demo_content.path_of(case.plan)}
    for code, node in ISSUED_BY.items():
        paper, day = found[code], days[node]
        issued = f"{day.year}年{day.month}月{day.day}日"
        assert paper.issued == issued, code
        for words in (paper.title, PARTY, *SAYS[code]):
            assert words in paper.text, f"{code} does not say {words}"
        if code in NUMBERED:
            assert re.fullmatch(r"枣环\S+〔2025〕[1-9]\d*号", paper.number), code
            assert paper.number in paper.text, code
            assert issued in paper.text, code
    for said in case.notices.values():
        for number in re.findall(r"枣环\S+?〔2025〕\d+号", said):
            assert number in {paper.number for paper in found.values()}

    verification = new_page()
    verification.goto(found["JD-01"].link())
    expect(verification.get_by_role("heading", name="本平台签发了这份文书，现行有效")).to_be_visible()
    expect(verification.locator("dl")).to_contain_text(found["JD-01"].number)
    expect(verification.locator("dl")).to_contain_text("2025年7月15日")


def test_a_lead_ends_in_refusal_to_file(desk: Desk):
    """市中区某日用品店: slight, put right on the spot, no case is filed. A refusal states its reason."""

    def reason(page: Page) -> None:
        field = page.locator("[name=refuse_reason]")
        said = field.input_value()
        field.fill("")
        page.locator("[data-primary]").click()
        summary = page.locator("[data-error-summary]")
        expect(summary).to_be_focused()
        expect(summary).to_contain_text("不予立案理由")
        field.fill(said)

    case = Journey(desk, demo_content.case_of("shop-front"), "szzf", looks={"file_approve": reason})
    case.open()
    case.run(until="reject_inform")
    assert case.numbered("file_approve", "《不予立案审批表》市中综执立〔2025〕")
    page = case.page("officer1")
    current(page, "reject_inform", "filing")
    assert "不予立案" in papers(page)["LA-06"].text
    case.run()
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    expect(page.locator("main")).not_to_contain_text("办案期限")


def test_a_defence_a_hearing_and_a_review_that_first_refuses(desk: Desk):
    """李某擅自挖掘城市道路案: he answers twice and asks for a hearing; the term runs out by itself; the legal
    review sends the case back once; the decision is served by leaving it."""
    case = Journey(
        desk,
        demo_content.case_of("road-digger"),
        "cg",
        looks={
            "report:second": second_reads("壹万元整", "城市道路管理条例"),
            "hearing_notice": lambda p: consequence(p, "签发《行政处罚听证通知书》"),
            "plea_review:second": second_reads("面积应按沟底计算", "不采纳"),
            "legal_review": lambda p: consequence(p, "签发《法制审核意见书》", "补正与纠正"),
        },
    )
    case.open()
    case.run(until="hearing_notice")
    case.run(until="hearing_hold")
    assert case.numbered("hearing_notice", "《行政处罚听证通知书》枣城管听通〔2025〕")
    case.run(until="rectify")
    page = case.page("officer1")
    current(page, "rectify", "legal")
    expect(page.locator("main")).to_contain_text("补正与纠正")
    case.run(until="publish")
    assert case.numbered("decision_doc", "《行政处罚决定书》枣城管罚〔2025〕")
    page = case.page("officer1")
    current(page, "publish", "publicity", "performance")
    expect(page.locator("li", has_text="缴款期限")).to_contain_text("9月15日")
    found = papers(page)
    assert "2025年8月8日9时00分" in found["GZ-06"].text
    assert "罚款人民币壹万元整（￥10,000.00）" in found["JD-01"].text
    assert "当事人要求听证，本机关依法组织了听证" in found["JD-01"].text
    assert "留置送达" in found["SD-01"].text
    assert found["SH-01"].number.startswith("枣城管法审〔2025〕")
