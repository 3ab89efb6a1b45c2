"""The rule set of the ordinary penalty procedure speaks of what its diagrams hold."""

import re

import pytest
import yaml
from bpmn_drawing import BUNDLE, Drawing

LIMIT = re.compile(r"[1-9]\d*(wd|d|h|m)")
RULES = yaml.safe_load((BUNDLE / "rules.yaml").read_text(encoding="utf-8"))
INTERNAL = Drawing.whole()
EXTERNAL = Drawing.load("external.bpmn")
BOTH = pytest.mark.parametrize("drawing", [INTERNAL, EXTERNAL], ids=["internal", "external"])
KNOWN = {*RULES["attributes"], *RULES["derived"]}
STEPS = {INTERNAL.get(n, "step"): n for n in INTERNAL.nodes if INTERNAL.get(n, "step")}


def test_rules_speak_of_steps_and_attributes_that_exist():
    known = set(STEPS)
    for gate in RULES["required_before"]:
        assert set(gate) <= {"before", "needs", "when", "article", "message"}
        assert set(gate["before"]) <= known, gate
        assert set(gate["needs"]) <= known | KNOWN, gate
        assert re.search("第.+条", gate["article"])
        assert re.search("[一-鿿]", gate["message"])
    for clock in RULES["clocks"]:
        assert set(clock["starts"]) | set(clock["stops"]) <= known, clock
        assert LIMIT.fullmatch(clock["limit"])
        assert clock["side"] in {"authority", "party"}
    for group in RULES["separation"]:
        assert set(group["steps"]) <= known, group
        assert set(group["excludes"]) <= {g["name"] for g in RULES["separation"]}
    for unusual in RULES["abnormal"]:
        assert unusual["attribute"] in RULES["attributes"]
        assert unusual["step"] in known
        options = RULES["attributes"][unusual["attribute"]].get("options", [True, False])
        assert unusual["value"] in options
    for step, values in RULES["resets"].items():
        assert step in known
        assert set(values) <= set(RULES["attributes"])
    for step, voided in RULES["voids"].items():
        assert {step, *voided} <= known
    assert set(RULES["freeze_after"]) <= known
    assert fields(RULES["derived"]) <= KNOWN
    assert fields(RULES) <= KNOWN


def fields(tree) -> set[str]:
    """Every attribute a condition tree anywhere in `tree` reads."""
    if isinstance(tree, dict):
        return {tree["field"]} if "field" in tree else set().union(*map(fields, tree.values()), set())
    return set().union(*map(fields, tree), set()) if isinstance(tree, list) else set()


def test_attributes_have_defaults_of_their_kind():
    for name, attribute in RULES["attributes"].items():
        match attribute["type"]:
            case "boolean":
                assert attribute["default"] is False, name
            case "number":
                assert attribute["default"] == 0, name
            case "choice":
                assert attribute["default"] in attribute["options"], name
        assert attribute["label"]
    assert all(p["source"] for p in RULES["params"].values())


# ---------------------------------------------------------------- the tests themselves can fail
