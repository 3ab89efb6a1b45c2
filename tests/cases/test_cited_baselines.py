"""Which baseline a case cites: the approved version of its item's, on the task page by number, day and approval."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from app.cases.models import Case
from app.catalogue import baselines, discretion
from app.catalogue import service as catalogue
from app.catalogue.models import ItemVersion

from .town import actor

KEY = "DB-扬尘（演示）"
WRITTEN: dict[str, Any] = {
    "id": KEY,
    "violation": "未按规定堆放物料",
    "law_refs": ["《中华人民共和国大气污染防治法》第一百一十七条"],
    "statutory": {"kind": "range", "min": 10000, "max": 100000, "unit": "元"},
    "factors": ["事实性质情节社会影响:裸露面积"],
    "tiers": [
        {"name": "从轻", "conditions": "area_m2 < 10", "low": 10000, "high": 25000, "high_incl": False},
        {"name": "从重", "conditions": "area_m2 >= 10", "low": 25000, "high": 100000},
    ],
    "effective_from": "2024-01-01",
}


@pytest.mark.requirement("S0-9", part="案件办理页")
def test_no_case_cites_what_was_not_approved(town):
    case_id = town.open("dust-heap", "report")
    work_id, _ = town.work(case_id, "report")
    entry = baselines.Entry(1, KEY, WRITTEN, discretion.read(json.loads(json.dumps(WRITTEN))), (), ())
    with town.act() as session:
        item_id = session.get_one(Case, case_id).item_id
        for version in session.scalars(select(ItemVersion).where(ItemVersion.item_id == item_id)):
            version.content = {**version.content, "baseline": KEY}
        catalogue.versions.touch(session, item_id)
        agency = actor(session, "hb-head").agency_id
        baselines.load(session, agency, [entry], official=False)
    officer = town.caller("hb-officer1")

    def shown() -> str:
        return officer.get(f"/work/{work_id}").get_data(as_text=True)

    assert "调查终结报告" in shown()
    assert "本事项的裁量档次" not in shown(), "it was taken in, but nobody has approved it"
    with town.act() as session:
        baselines.load(session, agency, [entry], official=False, approval="枣司演审〔2026〕3号")
    for told in (
        "本事项的裁量档次",
        f"{KEY} 第1版",
        "自2024-01-01起施行",
        "审核：枣司演审〔2026〕3号",
        "25,000–100,000 元",
    ):
        assert told in shown()
    new = {**WRITTEN, "effective_from": "2026-01-01", "tiers": [dict(tier) for tier in WRITTEN["tiers"]]}
    new["tiers"][1]["high"] = 90000
    entry = baselines.Entry(1, KEY, new, discretion.read(json.loads(json.dumps(new))), (), ())
    with town.act() as session:
        baselines.load(session, agency, [entry], official=False, approval="枣司演审〔2026〕4号")
    compared = (
        "裁量档次逐档对照",
        f"行为时：{KEY} 第 1 版",
        f"决定时：{KEY} 第 2 版",
        "25,000–100,000 元",
        "25,000–90,000 元",
    )
    page = shown()
    for told in (*compared, "适用新的规定（从轻）", f"{KEY} 第2版", "决定时的版本"):
        assert told in page, told
    page = officer.get(f"/cases/{case_id}").get_data(as_text=True)
    assert "立案以后裁量基准有新的版本施行" in page
    page = officer.get(f"/laws/choice?item={item_id}&acted=2025-10-09&decided=2026-02-01").get_data(
        as_text=True
    )
    for told in (*compared, "适用新的规定（从轻）"):
        assert told in page, told
