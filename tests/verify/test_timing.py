"""The longest way through the positions' limits against the statutory ones."""

import csv
from datetime import date, timedelta

import pytest

from app.kernel.settings import ROOT
from app.verify import sketch
from app.verify.findings import Severity
from app.verify.limits import cost, fewest, working_days
from app.verify.net import Net
from app.verify.orders import Orders
from app.verify.states import Explorer
from app.verify.steps import Program
from app.verify.timing import Budget, budgets, timing

CLOCK = (
    "@clocks [{id: main, name: 办案期限, limit: %s, basis: 测试, side: authority, starts: [a], stops: [z]}]\n"
)


def space(text: str):
    subject = sketch.read(text).subject()
    return Explorer(Program(subject, Net(subject.internal), Orders((), subject.names))).run()


def budget(text: str, limit: str = "10wd") -> Budget:
    return budgets(space(text + "\n" + CLOCK % limit))[0]


def test_the_fewest_working_days_are_those_of_the_published_calendars():
    path = ROOT / "app/deadlines/data/calendar_2019_2026.csv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    listed = {row["date"]: row["kind"] == "work" for row in csv.DictReader(lines)}
    days = [date(2019, 1, 1) + timedelta(n) for n in range((date(2026, 12, 31) - date(2019, 1, 1)).days + 1)]
    before = [0]
    for day in days:
        before.append(before[-1] + listed.get(day.isoformat(), day.weekday() < 5))
    table = fewest()
    for n in (1, 7, 10, 15, 30, 60, 90, 365, len(table) - 1):
        assert table[n] == min(before[i + n] - before[i] for i in range(len(days) - n + 1))
    assert (table[15], table[30], table[60], table[90]) == (5, 15, 36, 56)


def test_limits_are_counted_by_the_worst_case():
    assert [working_days(limit) for limit in ("7wd", "90d", "24h", "30d", "")] == [7, 56, 1, 15, None]
    assert [cost(limit) for limit in ("7wd", "15d", "24h", "25h", "七日", "")] == [7, 15, 1, 2, 0, 0]


def test_the_days_of_a_chain_are_added():
    found = budget(
        "begin > 甲(a): limit=9wd > 乙: limit=3wd > 丙: limit=4d > 丁(z): limit=2wd > 戊: limit=9wd > end"
    )
    assert (found.longest, found.days) == (9, 10)
    assert found.chain == (("乙", 3), ("丙", 4), ("丁", 2))
    assert found.slack == {"乙": 1, "丙": 1, "丁": 1}


def test_the_longer_branch_counts_and_parallel_ones_run_side_by_side():
    text = """
        begin > 甲(a): writes=big > x1 > 乙: limit=3wd [big == True] > x2
        x1 > 丙: limit=5wd [default] > x2
        x2 > p1 > 丁: limit=1wd > p2 > 末(z) > end
        p1 > 戊: limit=4wd > p2
    """
    found = budget(text)
    assert found.longest == 9
    assert found.slack == {"乙": 3, "丙": 1, "丁": 4, "戊": 1}


def test_a_way_that_no_values_go_does_not_count():
    text = """
        begin > 甲(a): writes=big > x1 > 乙: limit=3wd [big == True] > x2
        x1 > 丙: limit=5wd [default] > x2
        x2 > x3 > 丁: limit=7wd [big == True] > x4
        x3 > x4 [default]
        x4 > 末(z) > end
    """
    assert budget(text, "11wd").longest == 10


def test_declared_rework_is_told_apart():
    text = """
        begin > 甲(a) > x0 > 乙: limit=3wd > 审: limit=1wd writes=ok > x1
        x1 > 末(z): limit=1wd [ok == True] > end
        x1: rounds.x0=2 > x0 [default]
    """
    found = budget(text)
    assert (found.longest, found.rework) == (5, 8)
    finding = next(timing(space(text + "\n" + CLOCK % "10wd")))
    assert finding.severity is Severity.WARN
    assert "13 个工作日" in finding.message


def test_a_loop_without_a_number_has_no_bound():
    text = """
        begin > 甲(a) > x0 > 乙: limit=3wd > 审: limit=1wd writes=ok > x1
        x1 > 末(z): limit=1wd [ok == True] > end
        x1 > x0 [default]
    """
    assert budget(text).longest is None
    finding = next(timing(space(text + "\n" + CLOCK % "10wd")))
    assert (finding.rule, finding.severity) == ("G04", Severity.BLOCK)
    assert set(finding.elements) == {"乙", "审"}


def test_a_loop_of_waiting_alone_takes_no_days():
    text = """
        begin > 甲(a) > x0 > e1 > t1: limit=5wd > x1 > 末(z) > end
        e1 > m1: writes=final > x2 > x1 [final == True]
        x2 > x0 [default]
    """
    assert budget(text).longest == 5


@pytest.mark.parametrize(("limit", "blocked"), [("90d", False), ("60d", True)])
def test_working_days_in_calendar_days_are_judged_by_the_worst_calendar(limit, blocked):
    text = f"begin > 甲(a) > 乙: limit=40wd > 末(z) > end\n{CLOCK % limit}"
    findings = list(timing(space(text)))
    assert [finding.severity for finding in findings] == ([Severity.BLOCK] if blocked else [])
    if blocked:
        assert "最少只有 36 个工作日" in findings[0].message


def test_what_stands_still_is_not_counted():
    text = """
        begin > 甲(a) > 听证(hear): limit=30wd > 末(z): limit=2wd > end
        @budget {clock: main, excluded: [hear], working_days: 8}
    """
    found = budget(text, "20wd")
    assert (found.longest, found.days) == (2, 8)
