"""A freezing of deposits as its people live it: approved, served on the banks, delivered in time, lifted, filed."""

from collections.abc import Callable

from desk import Desk, Journey
from papers import all_papers, bound_file
from playwright.sync_api import expect

from app.cases import demo_content

PARTY = "某木业有限公司"
SAYS = {
    "行政强制措施审批表": [
        "冻结存款、汇款，30日",
        "￥186,400.00",
        "￥23,600.00",
        "人民币贰拾壹万元整（￥210,000.00）",
        "批准冻结",
    ],
    "冻结通知书": [
        "演示银行枣庄分行、演示农商行薛城支行：",
        "统一社会信用代码：91370403XXXL00819B",
        "期限30日",
        "23,600.00",
    ],
    "冻结现场笔录": ["2026年7月6日10时50分至2026年7月6日11时20分", "全部冻结", "与现场情况相符"],
    "冻结决定书": ["自2026年7月6日起冻结你单位的下列存款", "六十日内向国家税务总局山东省税务局申请行政复议"],
    "解除冻结决定书": [
        "自2026年7月13日起解除冻结",
        "当事人已经缴清税款和滞纳金",
        "六个月内依法向枣庄市薛城区人民法院",
    ],
}


def test_a_freezing_from_the_report_to_the_archive(desk: Desk, shot: Callable, axe: Callable):
    case = Journey(desk, demo_content.case_of("timber-account"), "tax")
    case.open()
    case.run(until="deliver")
    page = case.page("officer1")
    limits = page.locator("li", has_text="冻结决定书交付期限")
    expect(limits).to_contain_text("7月9日")
    expect(page.locator("li", has_text="冻结期限").last).to_contain_text("8月5日")
    shot("journey-freeze", page)

    case.run()
    assert case.numbered("exec", "《冻结决定书》枣税冻〔2026〕")
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = {paper.title: paper for paper in all_papers(page)}
    assert SAYS.keys() == found.keys()
    for title, lines in SAYS.items():
        for words in (title, PARTY, found[title].number, *lines):
            assert words in found[title].text, f"{title} does not say {words}"
    bound = bound_file(case.page("head"))
    assert all(paper.number in bound for paper in found.values())
    assert "三十年（至2056年12月31日）" in bound
    page = desk.windows["tax-head"]
    expect(page.get_by_role("region", name="保管期限")).to_contain_text("归档时填写十年")
    shot("journey-freeze-kept", page)
    page = desk.page("tax-head", "/register/files")
    row = page.get_by_role("row", name=case.case_no)
    expect(row).to_contain_text("不足规定的期限，按三十年保管")
    expect(row).to_contain_text("2056年12月31日")
    axe(page)
    shot("register-files", page)
