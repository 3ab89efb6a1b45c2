"""The published discretion standards as tables: every defect that people and programs found in them is found.

Their conditions become rows (one for each alternative), their variables attributes. The data lies beside the
repository and is left out with a word where it is not there.
"""

import ast
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from app.diagrams.tables import Column, Row, Table, problems_of, read, write
from app.kernel.settings import ROOT

DATA = ROOT.parent / "shared" / "data" / "discretion.json"
BASELINES = json.loads(DATA.read_text(encoding="utf-8"))["baselines"] if DATA.exists() else []
FORM = {
    "DB-LL-000": "its amounts are formulas of the law's range",
    "DB-LY-000": "one of its conditions is prose",
}
"""Standards that are no decision table."""
WHOLE = {"nth", "persons", "errors", "forged_count"}
LEAST = {"nth": 1, "persons": 1, "errors": 1}
SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

pytestmark = pytest.mark.skipif(not BASELINES, reason="the published standards are not at hand")


def alternatives(node: ast.expr) -> list[dict[str, list[str]]]:
    """A condition as alternatives, each variable -> what is asked of it."""
    if isinstance(node, ast.BoolOp):
        parts = [alternatives(value) for value in node.values]
        if isinstance(node.op, ast.Or):
            return [each for part in parts for each in part]
        found: list[dict[str, list[str]]] = [{}]
        for part in parts:
            found = [{k: a.get(k, []) + b.get(k, []) for k in {**a, **b}} for a in found for b in part]
        return found
    if isinstance(node, ast.Name):
        return [{node.id: ["true"]}]
    assert isinstance(node, ast.Compare)
    asked: dict[str, list[str]] = {}
    sides = [node.left, *node.comparators]
    for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
        if isinstance(left, ast.Name):
            name, value, sign = left.id, ast.literal_eval(right), SIGNS.get(type(operator), "")
        else:
            name, value = right.id, ast.literal_eval(left)
            sign = OPPOSITE[SIGNS[type(operator)]]
        values = value if isinstance(value, tuple) else (value,)
        text = ", ".join(json.dumps(each, ensure_ascii=False) for each in values)
        asked.setdefault(name, []).append(f"{sign} {text}".strip())
    return [asked]


def cell(tests: list[str]) -> str:
    """Several tests of one number as one range."""
    if len(tests) < 2:
        return tests[0] if tests else "-"
    low = next(each for each in tests if each.startswith(">"))
    high = next(each for each in tests if each.startswith("<"))
    opening, closing = "[" if "=" in low else "(", "]" if "=" in high else ")"
    return f"{opening}{low.strip('>= ')}..{high.strip('<= ')}{closing}"


def as_table(baseline: dict[str, Any]) -> tuple[Table, dict[str, Any], dict[str, Any]]:
    """A standard as a table, with the rule set and the form that give its variables their meaning."""
    rows = [
        (asked, tier)
        for tier in baseline["tiers"]
        for asked in alternatives(ast.parse(tier["conditions"], mode="eval").body)
    ]
    kinds: dict[str, str] = {}
    for asked, _ in rows:
        for name, tests in asked.items():
            kinds[name] = "boolean" if tests == ["true"] else "choice" if '"' in tests[0] else "number"
    options = {
        name: sorted(
            {text for asked, _ in rows for t in asked.get(name, []) for text in re.findall(r'"(.*?)"', t)}
        )
        for name, kind in kinds.items()
        if kind == "choice"
    }
    inputs = tuple(Column(f"in_{name}", name, kind, name) for name, kind in kinds.items())
    outputs = (Column("o1", "tier", "choice"), Column("o2", "low", "number"), Column("o3", "high", "number"))
    made = tuple(
        Row(
            f"row_{number}",
            number,
            tuple(cell(asked.get(name, [])) for name in kinds),
            (json.dumps(tier["name"], ensure_ascii=False), str(tier["low"]), str(tier["high"])),
            tier["conditions_text"],
        )
        for number, (asked, tier) in enumerate(rows, 1)
    )
    attributes = {
        name: {
            "type": kind,
            "default": {"number": LEAST.get(name, 0), "boolean": False}.get(
                kind, (options.get(name) or [""])[0]
            ),
            **({"options": options[name]} if kind == "choice" else {}),
        }
        for name, kind in kinds.items()
    }
    fields = [
        {"type": "number", "key": name, "min": LEAST.get(name, 0), "decimals": 0 if name in WHOLE else 2}
        for name, kind in kinds.items()
        if kind == "number"
    ]
    form = {"items": fields, "writes": {field["key"]: {"field": field["key"]} for field in fields}}
    law = baseline["statutory"]
    band = {"name": "罚款", "table": "standard", "minimum": "least", "maximum": "most", "lenient": "减轻"}
    rules = {
        "attributes": attributes,
        "params": {"least": {"value": law["min"]}, "most": {"value": law["max"]}},
        "bands": [band],
        "tables": {"standard": {"official": True, "source": baseline["version"]}},
    }
    table = Table("standard", baseline["violation"], "UNIQUE", inputs, outputs, made)
    return table, rules, {"form": form}


def problems(baseline: dict[str, Any]) -> list[Any]:
    table, rules, forms = as_table(baseline)
    text = write(table)
    assert read("standard", text) == table
    return [problem for _, problem in problems_of(rules, forms, {"standard": text})]


def numbers(text: str) -> list[Decimal]:
    return [Decimal(each) for each in re.findall(r"\d+(?:\.\d+)?", text)]


TABLES = [b for b in BASELINES if b["id"] not in FORM]


@pytest.mark.parametrize("baseline", TABLES, ids=lambda b: b["id"])
def test_every_computed_defect_of_amounts_is_found(baseline):
    found = problems(baseline)
    for known in baseline["computed_checks"]:
        wanted = numbers(known["msg"])
        if "固定点" in known["msg"]:
            code = ("fixed",)
        elif "缺口" in known["msg"]:
            code = ("amount_gap",)
        else:
            code = ("shared_end",)
        same = [
            p for p in found if p.code in code and set(wanted) <= set(numbers(p.message.replace(",", "")))
        ]
        assert same, known["msg"]


CONDITIONS = {
    "DB-SZ-041": ("overlap", {"nth": 3, "littering": True}),  # 第三次被处罚且随意抛撒
    "DB-HJ-002": ("overlap", {"volume_m3": 50}),  # 边界双含
    "DB-SC-001": ("gap", {"mitigating": False}),  # 没有从轻情节的普通案件落不进任何档
    "DB-SC-002": ("overlap", {"illegal_income": 10000, "goods_value": 100000}),  # 选择性条件可交叉
    "DB-WS-001": ("overlap", {"not_corrected": True}),  # 从重档与前两档不互斥
    "DB-AJ-001": (None, {}),
}


@pytest.mark.parametrize(("name", "expected"), CONDITIONS.items(), ids=list(CONDITIONS))
def test_conditions_that_overlap_or_leave_out_are_found_with_an_example(name, expected):
    code, values = expected
    found = [
        p for p in problems(next(b for b in BASELINES if b["id"] == name)) if p.code in ("gap", "overlap")
    ]
    if code is None:
        assert found == []
        return
    examples = [p.example for p in found if p.code == code]
    assert any(example.items() >= values.items() for example in examples), examples


def test_an_official_standard_is_told_and_not_refused():
    refused = {b["id"]: [p.code for p in problems(b) if p.severity == "block"] for b in TABLES}
    assert {name: codes for name, codes in refused.items() if codes} == {}


def test_most_standards_are_tables():
    assert len(TABLES) == len(BASELINES) - len(FORM) == 22
