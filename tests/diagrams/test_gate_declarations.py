"""Declared gates are read strictly and must name what exists, else the procedure is not published."""

from copy import deepcopy
from typing import Any

import pytest
import yaml

from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.diagrams.gate_rules import SECTIONS
from app.diagrams.rules import parse
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

KEY = "penalty/ordinary"
RULES = yaml.safe_load((ROOT / "bpmn" / KEY / "rules.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def real() -> bundles.Bundle:
    return diagrams.from_folder(KEY)


def changed(section: str, **changes: Any) -> dict[str, Any]:
    """The rule set with another first entry of a section; None takes a key away."""
    rules = deepcopy(RULES)
    entry = rules[section][0] | changes
    rules[section][0] = {key: value for key, value in entry.items() if value is not None}
    return rules


MISSPELT = {
    "unknown key": ("reviews", {"befor": ["decide"]}, "befor"),
    "no article": ("reviews", {"article": None}, "article"),
    "no message": ("periods", {"message": ""}, "message"),
    "no step": ("in_time", {"step": None}, "step"),
    "limit in words": ("periods", {"limit": "五日"}, "五日"),
    "limit of nothing": ("in_time", {"limit": "0d"}, "0d"),
    "effect": ("clock_bars", {"paused": "maybe"}, "paused"),
    "no effect": ("clock_bars", {"paused": None, "expired": None}, "expired"),
    "steps that are no texts": ("documents_before", {"codes": [1]}, "codes"),
    "condition in words": ("reviews", {"when": "major"}, "when"),
    "a number as text": ("bands", {"name": 3}, "name"),
}


@pytest.mark.parametrize("name", MISSPELT)
def test_a_misspelt_gate_is_refused(name):
    section, changes, word = MISSPELT[name]
    with pytest.raises(Invalid) as caught:
        parse(changed(section, **changes))
    assert section in caught.value.message
    assert word in caught.value.message


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("value", ["decide", 7, {"step": "decide"}, ["decide"], [None]])
def test_a_section_that_is_no_list_of_entries_is_refused(section, value):
    with pytest.raises(Invalid):
        parse({**RULES, section: value})


def test_rounds_are_a_whole_number():
    for most in (0, -1, 1.5, True, "3"):
        with pytest.raises(Invalid):
            parse(
                {**RULES, "rounds": [{"step": "invest.end", "most": most, "article": "一", "message": "一"}]}
            )


NAMELESS = {
    "a step": ("reviews", {"step": "legal.reviw"}, "legal.reviw"),
    "a step before": ("periods", {"before": ["decid"]}, "decid"),
    "a step after": ("in_time", {"after": "notic"}, "notic"),
    "an attribute": ("reviews", {"passed": "legal_pased"}, "legal_pased"),
    "an attribute of another form": ("reviews", {"passed": "close_ok"}, "close_ok"),
    "an attribute that ends": ("periods", {"ended_by": ["over"]}, "over"),
    "a condition": ("hearings", {"when": {"field": "asked", "op": "eq", "value": True}}, "asked"),
    "a document": ("documents_before", {"codes": ["ZZ-99"]}, "ZZ-99"),
    "a clock": ("clock_bars", {"clock": "decison"}, "decison"),
    "a certificate": ("reviews", {"certificate": "lawful"}, "lawful"),
    "a group": ("named", {"group": "主持"}, "主持"),
    "an answer": ("named", {"answer": "place"}, "place"),
    "an amount": ("bands", {"amount": "harsh"}, "harsh"),
    "a parameter": ("bands", {"minimum": "least"}, "least"),
    "no range": ("bands", {"item_range": None}, "法定幅度"),
    "a tier": ("bands", {"tier": "penalty_report.teir"}, "penalty_report.teir"),
    "a reason": ("bands", {"reason": "why"}, "why"),
}


@pytest.mark.parametrize("name", NAMELESS)
def test_a_gate_that_names_nothing_is_not_published(real, name):
    section, changes, word = NAMELESS[name]
    raw = changed(section, **changes)
    bundle = bundles.Bundle(
        real.key, real.external, real.internal, raw, real.forms, "x" * 64, called=real.called
    )
    reasons = list(gate(bundle, parse(raw)))
    assert any(word in reason for reason in reasons), reasons


def test_the_shipped_procedure_declares_every_kind_of_gate():
    declared = {section for section, _ in parse(RULES).declared()}
    elsewhere = {"quiet", "waivers", "follows"}
    assert declared == set(SECTIONS) - {"rounds"} - elsewhere, "the law sets no number of rounds"
    found = set()
    for key in ("compulsion/enforcement", "remedy/ordinary"):
        rules = yaml.safe_load((ROOT / "bpmn" / key / "rules.yaml").read_text(encoding="utf-8"))
        found |= {section for section, _ in parse(rules).declared()}
    assert elsewhere <= found
