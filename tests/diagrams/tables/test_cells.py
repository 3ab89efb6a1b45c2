"""What a cell asks: read, answered, said in Chinese; what is not understood is told with its place."""

from decimal import Decimal

import pytest
from diagrams.tables.made import RULES, table

from app.diagrams.tables import check, vocabulary
from app.diagrams.tables.cells import read_cell, read_result
from app.kernel.errors import Invalid

KNOWN = vocabulary(RULES)
FINE, PARTY, HARSH = (KNOWN.attributes[name] for name in ("fine", "party", "harsh"))


def holds(text, attribute, value):
    return read_cell(text, attribute, KNOWN).holds(Decimal(str(value)) if attribute is FINE else value)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("-", (0, -5, "0.01"), ()),
        ("", (0,), ()),
        ("10000", (10000,), (9999, "10000.01")),
        (">= 10000", (10000, "10000.01"), ("9999.99",)),
        ("> 10000", ("10000.01",), (10000,)),
        ("<0.3", ("0.29", -1), ("0.3",)),
        ("<= 0.3", ("0.3",), ("0.30001",)),
        ("[10000..50000)", (10000, 49999), (50000, 9999)),
        ("(10000..50000]", (50000, 10001), (10000,)),
        ("]10000..50000[", (10001,), (10000, 50000)),
        ("[-5..-1.5]", (-5, "-1.5"), ("-1.4",)),
        ("1, 3, > 10", (1, 3, 11), (2, 10)),
        ("not(1, [5..7])", (2, 8), (1, 5, 6, 7)),
        (">= major_person", (10000,), (9999,)),
        ("[major_person..major_organisation)", (10000, 99999), (100000,)),
    ],
)
def test_numbers(text, inside, outside):
    assert [value for value in inside if not holds(text, FINE, value)] == []
    assert [value for value in outside if holds(text, FINE, value)] == []


def test_choices_and_truth_values():
    assert holds('"person"', PARTY, "person")
    assert holds('"person", "organisation"', PARTY, "organisation")
    assert not holds('not("person")', PARTY, "person")
    assert holds("true", HARSH, True)
    assert not holds("true", HARSH, False)
    assert holds("not(true)", HARSH, False)


@pytest.mark.parametrize(
    ("text", "attribute", "told"),
    [
        ("大于一万", FINE, "看不懂"),
        (">= minimum", FINE, "没有名为“minimum”的阈值"),
        ("[5..1]", FINE, "范围是空的"),
        ("(5..5]", FINE, "范围是空的"),
        ("1.2.3", FINE, "看不懂"),
        ("1 2", FINE, "多出了“2”"),
        ("1,", FINE, "看不懂"),
        ("not(1", FINE, "这里应当有“)”"),
        ("[1,2]", FINE, "两个点"),
        ("1234567890123456", FINE, "太长"),
        ("true", FINE, "没有名为“true”的阈值"),
        ("person", PARTY, "加英文引号"),
        ('"nobody"', PARTY, "没有选项“nobody”"),
        (">= 3", PARTY, "看不懂"),
        ("yes", HARSH, "true（是）"),
        ("1", HARSH, "true（是）"),
        ('__import__("os")', FINE, "看不懂"),
        ("1" * 500, FINE, "太长"),
    ],
)
def test_what_is_not_understood_is_told(text, attribute, told):
    with pytest.raises(Invalid) as refused:
        read_cell(text, attribute, KNOWN)
    assert told in refused.value.message


def test_the_place_of_what_is_not_understood():
    problems = check(
        table("party fine", {"x": "boolean"}, '"person" | 1 => true', '"nobody" | ? => maybe'), KNOWN
    )
    places = [(p.rows, p.column) for p in problems if p.code == "cell"]
    assert places == [((2,), "in_party"), ((2,), "in_fine"), ((2,), "out_x")]
    assert all(p.message.startswith("第 2 行") for p in problems if p.code == "cell")


def test_results_are_values_of_the_column():
    assert read_result("true", "boolean", KNOWN) is True
    assert read_result("0.10", "number", KNOWN) == Decimal("0.1")
    assert read_result("major_person", "number", KNOWN) == 10000
    assert read_result('"从轻"', "choice", KNOWN) == "从轻"
    assert read_result("-", "choice", KNOWN) is None
    for text, kind in (("从轻", "choice"), ("1e5", "number"), ("1", "boolean")):
        with pytest.raises(Invalid):
            read_result(text, kind, KNOWN)


def test_cells_are_said_in_chinese():
    def said(text, attribute):
        return read_cell(text, attribute, KNOWN).words(attribute, KNOWN.labels)

    assert said("[10000..50000)", FINE) == "不低于 10,000且低于 50,000"
    assert said(">= major_person", FINE) == "不低于 公民较大数额罚款（10,000）"
    assert said('not("person")', PARTY) == "不是“person”"
    assert said("false", HARSH) == "否"
    assert said("-", HARSH) == ""
