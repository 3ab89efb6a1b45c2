"""A published procedure whose tiers a decision table decides: the page tells the tier, the gate holds to it."""

import copy
from dataclasses import replace

import pytest
from diagrams.tables.made import dmn, table

from app.cases import demo
from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.kernel.errors import Refused

from .town import Town, hand_in, plan_of, waiting

TIERS = table(
    "party_kind",
    {"tier": "choice", "low": "number", "high": "number"},
    '"person" => "从轻" | 10000 | 20000',
    '"organisation" => "一般" | 20000 | 60000',
    name="tiers",
    kinds={"party_kind": "choice"},
)


@pytest.fixture(scope="module")
def by_table(town: Town) -> Town:
    """The town, with the penalty procedure's tiers in a table."""
    real = diagrams.from_folder("penalty/ordinary")
    rules = copy.deepcopy(dict(real.rules))
    band = rules["bands"][0]
    del band["item_tiers"]
    band["table"] = "tiers"
    rules["tables"] = {"tiers": {"source": "本机关裁量基准"}}
    made = replace(real, rules=rules, tables=dmn(TIERS), written={})
    with town.act() as session:
        diagrams.publish(
            session,
            replace(made, digest=bundles.named(made)),
            gate,
            diagrams.approved(1, "枣司案〔2026〕1号"),
        )
    return town


def test_the_page_tells_the_tier_of_the_case(by_table):
    case_id = by_table.open("dust-heap", "report")
    work_id, _ = by_table.work(case_id, "report")
    with by_table.read() as session:
        assert waiting(session, case_id, "report").step == "invest.end"
    page = by_table.caller("hb-officer1").get(f"/work/{work_id}").get_data(as_text=True)
    assert "裁量基准：一般" in page
    assert "罚款 20,000 元至 60,000 元" in page
    assert "从轻 10,000–20,000 元" in page
    assert "应当写明偏离的理由" in page
    other, _ = by_table.work(by_table.open("dust-heap", "investigate"), "investigate")
    assert "裁量基准" not in by_table.caller("hb-officer1").get(f"/work/{other}").get_data(as_text=True)


def test_the_gate_holds_to_the_tier_of_the_table(by_table):
    with by_table.act() as session:
        drive = demo.Drive(session, plan_of("dust-heap"))
        drive.run("report")
        with pytest.raises(Refused) as refused:
            hand_in(drive, "report", "hb-officer1", fine_amount="60000.01")
        assert "“一般”的幅度（20000元至60000元）" in refused.value.message
        assert hand_in(drive, "report", "hb-officer1", fine_amount="60000.00").outcome == "cosign"


def test_a_version_keeps_its_tables(by_table):
    with by_table.read() as session:
        current = diagrams.current(session, "penalty/ordinary")
        assert current.tables == dmn(TIERS)
        assert diagrams.parts_of(current, {})["tables/tiers.dmn"] == dmn(TIERS)["tiers"]
