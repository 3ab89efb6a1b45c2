"""Gaps and overlaps, against the enumeration of every case; what a table of tiers must keep."""

from decimal import Decimal
from itertools import product

import pytest
from diagrams.tables.made import MAJOR, RULES, TIERS, dmn, table
from hypothesis import given, settings
from hypothesis import strategies as st

from app.diagrams.tables import Domain, Severity, check, problems_of, vocabulary
from app.diagrams.tables.evaluation import hits, understand

KNOWN = vocabulary(RULES)
YES = {"x": "boolean"}
TIER = {"tier": "choice", "low": "number", "high": "number"}
COUNT = {"times": Domain(Decimal(1), True)}


def found(tested, code, domains=None):
    return [p for p in check(tested, KNOWN, domains) if p.code == code]


def test_a_table_without_gap_or_overlap():
    assert check(table("fine", YES, "< 10000 => false", ">= 10000 => true"), KNOWN) == []
    assert check(MAJOR, KNOWN) == []
    assert check(TIERS, KNOWN, COUNT) != []  # the shared ends are told
    assert {p.code for p in check(TIERS, KNOWN, COUNT)} == {"shared_end"}


def test_both_ends_included_overlap_with_the_amount_as_example():
    (overlap,) = found(table("fine", YES, "<= 10000 => false", ">= 10000 => true"), "overlap")
    assert overlap.rows == (1, 2)
    assert overlap.example == {"fine": 10000}
    assert "第 1、2 行重叠" in overlap.message
    assert "10,000" in overlap.message


def test_a_gap_is_told_with_its_range_and_an_example():
    (gap,) = found(table("fine", YES, "< 10000 => false", "> 50000 => true"), "gap")
    assert 10000 <= gap.example["fine"] <= 50000
    assert "不低于 10,000且不超过 50,000" in gap.message


def test_whole_numbers_leave_nothing_between():
    rows = ("1 => false", "2 => false", ">= 3 => true")
    assert found(table("times", YES, *rows), "gap", COUNT) == []
    assert found(table("times", YES, *rows, whole=("times",)), "gap", {"times": Domain(Decimal(1))}) == []
    below, *between = found(table("times", YES, *rows), "gap")
    assert "低于 1）：例如一年内被处罚次数 0，" in below.message
    assert [gap.cells for gap in between] == [("(1..2)",), ("(2..3)",)]


def test_a_gap_over_several_inputs_is_one_gap_and_names_only_what_matters():
    tested = table(
        "party fine harsh", YES, '"person" | - | - => true', "- | >= 10 | - => false", "- | - | true => false"
    )
    (gap,) = found(tested, "gap")
    assert gap.message.startswith(
        "有空档（当事人类型：“organisation”；罚款金额（元）：低于 10；吊销许可证件：否）"
    )


def test_a_row_that_never_applies():
    (never,) = found(
        table("harsh", YES, "true => true", "false => false", "not(true, false) => true"), "never"
    )
    assert never.rows == (3,)


def test_many_rows_and_inputs_are_checked_in_full():
    rows = [
        f"{low} | {party} | {harsh} => true"
        for low in range(60)
        for party in ('"person"', '"organisation"')
        for harsh in ("true", "false")
    ]
    tested = table("times party harsh", YES, *rows)
    gaps = found(tested, "gap", {"times": Domain(Decimal(0), True)})
    assert [gap.example["times"] for gap in gaps] == [60]


NUMBERS = st.integers(0, 6)
FINE_CELLS = st.one_of(
    st.just("-"),
    NUMBERS.map(str),
    st.tuples(st.sampled_from([">", ">=", "<", "<="]), NUMBERS).map(lambda t: f"{t[0]} {t[1]}"),
    st.tuples(st.sampled_from("[("), NUMBERS, st.integers(1, 4), st.sampled_from(")]")).map(
        lambda t: f"{t[0]}{t[1]}..{t[1] + t[2]}{t[3]}"
    ),
    st.lists(NUMBERS, min_size=1, max_size=3).map(lambda n: f"not({', '.join(map(str, n))})"),
)
PARTY_CELLS = st.sampled_from(
    ["-", '"person"', '"organisation"', 'not("person")', '"person", "organisation"']
)
HARSH_CELLS = st.sampled_from(["-", "true", "false", "not(true)"])
ROWS = st.lists(
    st.tuples(FINE_CELLS, PARTY_CELLS, HARSH_CELLS, st.sampled_from(["true", "false"])).map(
        lambda t: f"{t[0]} | {t[1]} | {t[2]} => {t[3]}"
    ),
    min_size=1,
    max_size=7,
)
EVERY = [
    dict(zip(("fine", "party", "harsh"), case, strict=True))
    for case in product([Decimal(n) / 2 for n in range(-2, 24)], ["person", "organisation"], [False, True])
]


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_gaps_and_overlaps_are_those_of_enumeration(rows):
    tested = table("fine party harsh", YES, *rows)
    understood = understand(tested, KNOWN)
    counted = [(case, hits(understood, case)) for case in EVERY]
    problems = check(tested, KNOWN)
    gaps = [p for p in problems if p.code == "gap"]
    overlaps = [p for p in problems if p.code == "overlap"]
    assert bool(gaps) == any(not hit for _, hit in counted)
    for gap in gaps:
        assert hits(understood, gap.example) == []
    closed = [*rows, *(" | ".join(gap.cells) + " => true" for gap in gaps)]
    after = check(table("fine party harsh", YES, *closed), KNOWN)
    assert [p for p in after if p.code in ("gap", "cell")] == []
    pairs = {(a + 1, b + 1) for _, hit in counted for a in hit for b in hit if a < b}
    assert {p.rows for p in overlaps} == pairs
    for overlap in overlaps:
        assert {row - 1 for row in overlap.rows} <= set(hits(understood, overlap.example))


@pytest.mark.requirement("S0-8", part="固定数额的档次被拒")
def test_a_tier_of_one_amount_is_refused():
    tested = table(
        "times", TIER, '1 => "从轻" | 2000 | 2000', '>= 2 => "一般" | 2000 | 5000', whole=("times",)
    )
    (fixed,) = found(tested, "fixed", COUNT)
    assert fixed.rows == (1,)
    assert fixed.severity is Severity.BLOCK


def test_no_penalty_is_no_fixed_amount():
    tested = table("times", TIER, '1 => "不予处罚" | 0 | 0', '>= 2 => "一般" | 2000 | 5000', whole=("times",))
    assert check(tested, KNOWN, COUNT) == []


def test_amounts_between_the_tiers_and_in_two_tiers():
    gap = table("times", TIER, '1 => "从轻" | 100 | 200', '>= 2 => "一般" | 300 | 500', whole=("times",))
    assert "200 与“一般”档的下限 300 之间" in found(gap, "amount_gap", COUNT)[0].message
    both = table("times", TIER, '1 => "从轻" | 100 | 400', '>= 2 => "一般" | 300 | 500', whole=("times",))
    assert found(both, "amount_overlap", COUNT)[0].rows == (1, 2)


def test_tiers_that_turn_back_are_told():
    tested = table(
        "times", TIER,
        '1 => "从轻" | 100 | 200', '2 => "从重" | 300 | 400', '>= 3 => "一般" | 200 | 300', whole=("times",),
    )  # fmt: skip
    (order,) = found(tested, "order", COUNT)
    assert "加重" in order.message
    assert order.severity is Severity.HINT


@pytest.mark.parametrize(
    ("outputs", "policy", "told"),
    [
        ({"tier": "choice", "low": "number"}, "UNIQUE", "三个输出"),
        (TIER, "COLLECT", "应当是唯一"),
        ({"colour": "choice"}, "UNIQUE", "没有可以使用的输出"),
    ],
)
def test_a_table_of_tiers_is_whole_and_unique(outputs, policy, told):
    results = " | ".join({"choice": '"甲"', "number": "1"}[kind] for kind in outputs.values())
    problems = check(table("times", outputs, f"- => {results}", policy=policy), KNOWN)
    assert any(told in p.message for p in problems)


def bands(**extra):
    band = {"name": "罚款", "steps": ["decide"], "amount": "fine", "table": "tiers", "minimum": "least",
            "maximum": "most", "article": "第三十四条", "message": "请核对。"}  # fmt: skip
    params = {**RULES["params"], "least": {"value": 3000}, "most": {"value": 15000}}
    return {**RULES, "params": params, "bands": [band], "tables": {"tiers": extra}}


def test_tiers_outside_the_law_s_range_are_refused_unless_they_are_an_official_standard():
    def blocking(rules):
        return [p.message for _, p in problems_of(rules, {}, dmn(TIERS)) if p.severity is Severity.BLOCK]

    ours = blocking(bands())
    assert any("下限 2,000 低于法定下限 3,000" in message for message in ours)
    assert any("上限 20,000 超过法定上限 15,000" in message for message in ours)
    assert blocking(bands(official=True, source="某标准〔2023〕2号")) == []


def test_a_table_nobody_names_is_told():
    told = list(problems_of(RULES, {}, dmn(MAJOR)))
    assert [(name, p.code, p.severity) for name, p in told] == [("major", "unused", Severity.HINT)]


def test_what_a_table_decides_stands_nowhere_else():
    rules = {
        **RULES,
        "tables": ["major"],
        "derived": {"major": {"when": {"field": "harsh", "op": "eq", "value": True}}},
    }
    told = [p.message for _, p in problems_of(rules, {}, dmn(MAJOR)) if p.severity is Severity.BLOCK]
    assert told == ["决策表“major”的输出“major”已经是规则中的推导属性，请换一个名称。"]
