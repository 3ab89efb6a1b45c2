"""The penalty procedure with its major-decision catalogue as tables: proven and published as before."""

import copy
from dataclasses import replace
from itertools import product

import pytest
from diagrams.tables.made import dmn, table

from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.diagrams.rules import parse
from app.forms import conditions
from app.kernel.errors import Invalid

REAL = diagrams.from_folder("penalty/ordinary")
KINDS = {name: raw["type"] for name, raw in REAL.rules["attributes"].items()} | {
    "hearing_applicable": "boolean",
    "major": "boolean",
}
HEARING = table(
    "outcome harsh agency_hearing party_kind fine confiscated",
    {"hearing_applicable": "boolean"},
    '"penalty" | true | - | - | - | - => true',
    '"penalty" | - | true | - | - | - => true',
    '"penalty" | - | - | "person" | >= major_fine_person | - => true',
    '"penalty" | - | - | "person" | - | >= major_confiscated_person => true',
    '"penalty" | - | - | "organisation" | >= major_fine_organisation | - => true',
    '"penalty" | - | - | "organisation" | - | >= major_confiscated_organisation => true',
    policy="COLLECT", name="hearing", kinds=KINDS,
)  # fmt: skip
MAJOR = table(
    "outcome hearing_applicable agency_major complex public_interest hearing_requested hearing_held",
    {"major": "boolean"},
    'not("transfer", "elsewhere") | true | - | - | - | - | - => true',
    'not("transfer", "elsewhere") | - | true | - | - | - | - => true',
    'not("transfer", "elsewhere") | - | - | true | - | - | - => true',
    'not("transfer", "elsewhere") | - | - | - | true | - | - => true',
    'not("transfer", "elsewhere") | - | - | - | - | true | - => true',
    'not("transfer", "elsewhere") | - | - | - | - | - | true => true',
    policy="COLLECT", name="major", kinds=KINDS,
)  # fmt: skip
COLLECTIVE = table(
    "outcome major",
    {"collective_required": "boolean"},
    '"transfer", "elsewhere" | - => false',
    'not("transfer", "elsewhere") | true => true',
    'not("transfer", "elsewhere") | false => false',
    name="collective", kinds=KINDS,
)  # fmt: skip
TABLES = dmn(HEARING, MAJOR, COLLECTIVE)


def with_tables(tables=TABLES, **changes):
    rules = copy.deepcopy(dict(REAL.rules))
    for name in ("hearing_applicable", "major", "collective_required"):
        del rules["derived"][name]
    rules |= {"tables": {"hearing": {}, "major": {}, "collective": {}}, **changes}
    made = replace(REAL, rules=rules, tables=tables, written={})
    return replace(made, digest=bundles.named(made))


def reasons(bundle):
    return list(gate(bundle, parse(bundle.rules, bundle.tables)))


def test_the_catalogue_as_tables_decides_every_case_as_the_written_conditions():
    written, tables = parse(REAL.rules), parse(with_tables().rules, TABLES)
    flags = ("harsh", "complex", "public_interest", "hearing_requested", "hearing_held")
    for outcome, party, fine, confiscated, *truths in product(
        REAL.rules["attributes"]["outcome"]["options"], ("person", "organisation"),
        (0, 9999.99, 10000, 99999, 100000), (0, 10000, 100000), *[(False, True)] * len(flags),
    ):  # fmt: skip
        case = {"outcome": outcome, "party_kind": party, "fine": fine, "confiscated": confiscated}
        case |= dict(zip(flags, truths, strict=True))
        answers = []
        for rules in (written, tables):
            values = dict(case)
            for name, tree in rules.derived.items():
                values[name] = conditions.evaluate(tree, values, rules.params)
            answers.append({name: values[name] for name in written.derived})
        assert answers[0] == answers[1], case


def test_the_procedure_with_tables_is_proven(app):
    assert reasons(with_tables()) == []


def test_a_table_that_lets_a_major_case_through_is_refused_by_the_proof(app):
    """The proof sees what a table decides: major only where there is a hearing is less than the law asks."""
    narrow = {**TABLES, **dmn(table("fine", {"major": "boolean"}, ">= 1 => true", "< 1 => false", name="major",
                                    kinds=KINDS))}  # fmt: skip
    assert any("［" in reason for reason in reasons(with_tables(narrow)))


def test_gaps_and_overlaps_are_reasons_not_to_publish(app):
    broken = dmn(table("outcome major", {"collective_required": "boolean"}, "- | true => true",
                       '"transfer", "elsewhere" | - => false', name="collective", kinds=KINDS))  # fmt: skip
    told = reasons(with_tables({**TABLES, **broken}))
    assert any("决策表“collective”：有空档" in reason for reason in told)
    assert any("决策表“collective”：第 1、2 行重叠" in reason for reason in told)


def test_the_digest_names_the_tables_too():
    other = {**TABLES, **dmn(table("outcome major", {"collective_required": "boolean"}, "- | - => true",
                                   name="collective", kinds=KINDS))}  # fmt: skip
    assert with_tables().digest != with_tables(other).digest


def test_a_folder_s_tables_belong_to_its_bundle(tmp_path):
    folder = tmp_path / "bpmn" / "penalty" / "ordinary"
    (folder / "tables").mkdir(parents=True)
    (folder / "external.bpmn").write_bytes(REAL.external)
    (folder / "internal.bpmn").write_bytes(REAL.internal)
    (folder / "rules.yaml").write_text("key: penalty/ordinary", encoding="utf-8")
    (folder / "tables" / "major.dmn").write_text(TABLES["major"], encoding="utf-8")
    (tmp_path / "forms").symlink_to(bundles.ROOT / "forms")
    found = diagrams.from_folder("penalty/ordinary", tmp_path)
    assert found.tables == {"major": TABLES["major"]}


def test_a_missing_table_is_named():
    with pytest.raises(Invalid, match="不存在的决策表“hearing”"):
        parse(with_tables().rules, {})
