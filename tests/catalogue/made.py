"""A baseline as an agency would draw it up, to be bent by the tests."""

import copy
from typing import Any

WHOLE: dict[str, Any] = {
    "id": "DB-演示-001",
    "violation": "未按规定堆放物料",
    "law_refs": ["《演示条例》第一条"],
    "statutory": {"kind": "range", "min": 1000, "max": 10000, "unit": "元"},
    "factors": ["事实性质情节社会影响:堆放面积"],
    "tiers": [
        {
            "name": "不予处罚",
            "conditions": "minor and corrected",
            "low": 0,
            "high": 0,
            "basis": "《行政处罚法》第三十三条",
        },
        {"name": "从轻", "conditions": "area_m2 < 10", "low": 1000, "high": 3000, "high_incl": False},
        {"name": "一般", "conditions": "10 <= area_m2 < 100", "low": 3000, "high": 7000, "high_incl": False},
        {"name": "从重", "conditions": "area_m2 >= 100", "low": 7000, "high": 10000},
    ],
    "version": "演示规〔2026〕1号",
    "effective_from": "2026-01-01",
}


def baseline(**changes: Any) -> dict[str, Any]:
    """The baseline with parts exchanged; `tier2={…}` changes the second tier, `None` takes it away."""
    made = copy.deepcopy(WHOLE)
    tiers = list(made["tiers"])
    for name, value in changes.items():
        if name.startswith("tier") and name != "tiers":
            place = int(name.removeprefix("tier")) - 1
            tiers[place] = None if value is None else tiers[place] | value
        else:
            made[name] = value
    if "tiers" not in changes:
        made["tiers"] = [tier for tier in tiers if tier is not None]
    return made
