"""The studio's forms for a rule set name the fields that the code reads, no more and no fewer."""

from dataclasses import MISSING, fields

import pytest

from app.deadlines import declarations
from app.diagrams import gate_rules, rules, tables
from app.kernel.settings import ROOT
from app.studio import rule_schema
from app.studio.rule_schema import COMPILED, schema, section

SECTIONS = {each["name"]: each for each in schema()["sections"]}
LISTS = {"steps", "documents", "attributes", "texts", "groups", "needs", "prefixes"}
OF_RULES = {
    "needs": "required_before",
    "certificate": "certified",
    "certificates": "certified",
    "labels": "attributes",
    "key": "",
    "name": "",
    "kind": "",
    "scope": "",
}
"""Fields of the parsed rule set that are written under another name."""


def names(of: str) -> set[str]:
    return {field["name"] for field in SECTIONS[of]["fields"]}


def test_every_part_of_a_rule_set_has_a_form():
    parts = {OF_RULES.get(field.name, field.name) for field in fields(rules.Rules)}
    assert parts - set(SECTIONS) == set()
    assert set(SECTIONS) - parts == {"tables"}


@pytest.mark.parametrize("name", gate_rules.SECTIONS)
def test_a_gate_s_form_has_its_fields_its_demands_and_fitting_controls(name):
    known = {field.name: field for field in fields(gate_rules.SECTIONS[name]) if field.name not in COMPILED}
    shown = {field["name"]: field for field in section(name)["fields"]}
    assert set(shown) == set(known)
    for field in shown.values():
        declared = known[field["name"]]
        assert field["required"] == (declared.default is MISSING), field["name"]
        assert (field["kind"] in LISTS) == (declared.type == gate_rules.Steps), field["name"]
        assert (field["kind"] == "condition") == (declared.type == gate_rules.Condition | None), field["name"]
        assert (field["kind"] == "integer") == (declared.type is int), field["name"]


def test_a_field_without_words_is_an_error(monkeypatch):
    monkeypatch.setattr(rule_schema, "SECTIONS", {"rounds": gate_rules.Period})
    with pytest.raises(LookupError, match="rounds"):
        rule_schema._section({"name": "rounds", "fields": {"step": {"label": "环节", "kind": "step"}}})


def test_the_other_sections_have_the_fields_of_what_they_declare():
    read = lambda kind: {field.name for field in fields(kind)}  # noqa: E731
    assert names("attributes") == read(rules.Attribute) - {"name"}
    assert names("separation") == read(rules.Separation)
    assert names("thresholds") == read(rules.Threshold)
    assert names("no_increase") == read(rules.NoIncrease)
    assert names("abnormal") == read(rules.Abnormal) - {"steps"} | {"step"}
    assert names("required_before") == read(rules.Need) - {"steps", "attributes"} | {"needs"}
    assert names("clocks") == declarations.KNOWN - {"suspensions"}
    assert names("tables") == tables.compiling.OPTIONS


def test_every_field_has_words_and_a_control_the_page_knows():
    page = (ROOT / "app/frontend/src/studio/rules/fields.js").read_text(encoding="utf-8")
    for each in SECTIONS.values():
        shown = [*each["fields"], *([each["value"]] if "value" in each else [])]
        for field in shown:
            assert field["label"], each["name"]
            assert f"case '{field['kind']}'" in page or field["kind"] in ("text", "identifier"), field["kind"]
        for name in each["summary"]:
            assert name in names(each["name"])


def test_every_section_stands_in_a_group():
    groups = {group["name"] for group in schema()["groups"]}
    assert {each["group"] for each in SECTIONS.values()} == groups


def test_what_the_shipped_rule_set_holds_can_be_edited_or_is_known_to_be_for_readers():
    import yaml

    raw = yaml.safe_load((ROOT / "bpmn/penalty/ordinary/rules.yaml").read_text(encoding="utf-8"))
    own = {name for name in SECTIONS if name} | names("")
    assert set(raw) - own == {"budget", "freeze_article", "external_returns"}
