"""Writes vectors.json: what conditions, amounts and codes must answer alike in Python and JavaScript.

Run `python -m tests.forms.build_vectors` after a deliberate change of meaning; the answers come from the
Python side, so look at the difference before keeping it. The cases `BY_HAND` carry an answer thought out.
"""

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.forms import codes
from app.forms.conditions import OPERATORS, evaluate
from app.kernel import money

TARGET = Path(__file__).with_name("vectors.json")

POOL: list[Any] = [
    "",
    None,
    True,
    False,
    "true",
    "yes",
    "no",
    "0",
    "00",
    "1",
    "1.0",
    "1.00",
    "-1",
    "-0",
    "0.0",
    "10",
    "9",
    "2000",
    "2000.5",
    "\uff12\uff10",
    "1e3",
    " 5 ",
    "5",
    "5 ",
    "+5",
    ".5",
    "5.",
    "2026-01-02",
    "2026-11-21",
    "2025-12-31",
    "\u81ea\u7136\u4eba",
    "\u6cd5\u4eba",
    "\u6cd5",
    "\U0001f600",
    "\uffee",
    "A",
    "a",
    [],
    ["a"],
    ["1.0", "\u6cd5\u4eba"],
    ["row", "row"],
    5,
    0,
    -3,
    100,
    0.1,
    1e-07,
    2.5e-09,
    1e21,
    50000,
    49999.99,
    "50000",
    "50,000",
    "\u3000",
    "\u3000 7",
    "\ufeff8",
    "\u0661",
    "NaN",
    "Infinity",
    "9999999999999999999999999.01",
    "9999999999999999999999999.02",
    "constructor",
    "__proto__",
]

BY_HAND: list[tuple[Any, dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, {}, True),
    ({"field": "a", "op": "eq", "value": "1"}, {"a": "1.00"}, {}, True),
    ({"field": "a", "op": "eq", "value": "1"}, {"a": "01"}, {}, True),
    ({"field": "a", "op": "eq", "value": "-0"}, {"a": "0"}, {}, True),
    ({"field": "a", "op": "gte", "value": {"param": "cap"}}, {"a": "10000"}, {"cap": 10000}, True),
    ({"field": "a", "op": "gt", "value": {"param": "cap"}}, {"a": "10000"}, {"cap": 10000}, False),
    ({"field": "a", "op": "lt", "value": "10"}, {"a": "9"}, {}, True),
    ({"field": "a", "op": "lt", "value": "b10"}, {"a": "b9"}, {}, False),
    ({"field": "a", "op": "lt", "value": 5}, {"a": ""}, {}, False),
    ({"field": "a", "op": "gte", "value": 5}, {"a": None}, {}, False),
    ({"field": "a", "op": "lte", "value": "2026-01-01"}, {"a": "2025-12-31"}, {}, True),
    ({"field": "a", "op": "contains", "value": "罚款"}, {"a": ["警告", "罚款"]}, {}, True),
    ({"field": "a", "op": "contains", "value": ""}, {"a": "x"}, {}, False),
    ({"field": "a", "op": "empty"}, {"a": []}, {}, True),
    ({"field": "a", "op": "empty"}, {"a": False}, {}, True),
    ({"field": "a", "op": "empty"}, {"a": 0}, {}, False),
    ({"field": "constructor", "op": "empty"}, {}, {}, True),
    ({"field": "a", "op": "lt", "value": "\U0001f600"}, {"a": "\uffee"}, {}, True),
    ({"not": {"all": [{"field": "a", "op": "eq", "value": "x"}]}}, {"a": "x"}, {}, False),
    ({"any": []}, {}, {}, False),
    ({"all": []}, {}, {}, True),
]


def _tree(dice: random.Random, depth: int = 0) -> dict[str, Any]:
    roll = dice.random()
    if depth < 3 and roll < 0.15:
        return {"all": [_tree(dice, depth + 1) for _ in range(dice.randint(1, 3))]}
    if depth < 3 and roll < 0.3:
        return {"any": [_tree(dice, depth + 1) for _ in range(dice.randint(1, 3))]}
    if depth < 3 and roll < 0.36:
        return {"not": _tree(dice, depth + 1)}
    operator = dice.choice(sorted(OPERATORS))
    value = dice.choice(POOL)
    if operator in ("in", "notIn"):
        value = [each for each in dice.sample(POOL, 4) if not isinstance(each, list)]
    elif dice.random() < 0.1:
        value = {"param": dice.choice(["p", "q"])}
    return {"field": dice.choice("abc"), "op": operator, "value": value}


def conditions(count: int, seed: int) -> list[list[Any]]:
    """`[tree, data, params, answer]`, drawn from a seed."""
    dice = random.Random(seed)
    drawn = []
    for _ in range(count):
        tree = _tree(dice)
        data = {name: dice.choice(POOL) for name in dice.sample("abc", dice.randint(0, 3))}
        params = {"p": dice.choice([1, 5, 50000, 2000.5]), "q": dice.choice(["5", "法人", 0])}
        drawn.append([tree, data, params, evaluate(tree, data, params)])
    return drawn


def amounts() -> list[list[str]]:
    """`[typed, plain, capital numerals]`."""
    typed = [
        "0",
        "0.00",
        "-0",
        "0.05",
        "0.5",
        "0.50",
        "1",
        "5.10",
        "10",
        "12",
        "100",
        "101",
        "110",
        "1001",
        "1010",
        "1100",
        "10000",
        "10001",
        "10010",
        "11000",
        "100000",
        "101000",
        "107000.53",
        "1409.5",
        "16409.02",
        "6007.14",
        "1680.32",
        "1001000",
        "10000000",
        "100000000",
        "100000001",
        "100010000",
        "110000000",
        "1000000000000",
        "1000100000000",
        "1000000000001",
        "9999999999999999.99",
        "-5.10",
        "250000",
        "250,000.00",
        "￥12,345.60",
        "¥8元",
        "１２３４",
        "1.",
        ".5",
        "1e999",
        "NaN",
        "Infinity",
        "-Infinity",
        "1.234",
        "12345678901234567",
        "abc",
        "五元",
        "+1",
        "0x10",
    ]
    dice = random.Random(5)
    typed += [str(Decimal(dice.randrange(10 ** dice.randint(1, 16))).scaleb(-2)) for _ in range(120)]
    typed = [each for each in typed if "E" not in each]
    return [[each, money.plain(each), money.spell(each)] for each in typed]


def identity() -> list[list[Any]]:
    """`[kind, typed, sound]`, from our own fictional test codes."""
    import csv
    from datetime import date

    today = date(2026, 11, 21)
    cases: list[list[Any]] = []
    for kind, name in (("person", "id"), ("organisation", "uscc")):
        for state in ("valid", "invalid"):
            source = TARGET.parent / "assets" / f"party_{name}_{state}.csv"
            with source.open(encoding="utf-8-sig", newline="") as lines:
                for row in csv.DictReader(lines):
                    code = row.get("value", row.get("id_number", row.get("uscc", "")))
                    # what lies in the future depends on the day the test runs
                    if code and row.get("error_kind") != "date_future":
                        checked = (
                            codes.check_resident_id(code, today)
                            if kind == "person"
                            else codes.check_uscc(code)
                        )
                        cases.append([kind, code, checked.ok])
    return cases


def build() -> dict[str, Any]:
    return {
        "conditions": [list(case) for case in BY_HAND] + conditions(400, 7),
        "amounts": amounts(),
        "identity": identity(),
    }


if __name__ == "__main__":
    rows = {name: [json.dumps(case, ensure_ascii=True) for case in cases] for name, cases in build().items()}
    parts = [f'"{name}": [\n' + ",\n".join(lines) + "\n]" for name, lines in rows.items()]
    TARGET.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
