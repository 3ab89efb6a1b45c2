"""`script/xq verify`: what it says of a pair of diagrams, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cases.proof_commands import verify
from app.kernel.settings import ROOT

FOLDER = ROOT / "bpmn" / "penalty" / "ordinary"
PROVEN, FOUND, UNREADABLE = 0, 1, 2
ACCOUNT = {"proven", "publishable", "conclusive", "states", "findings", "budgets"}
FINDING = {"rule", "severity", "message", "cite", "elements", "diagram", "trace", "values"}
STEP = {"element", "name", "flow", "set"}
BUDGET = {"id", "name", "days", "longest", "rework", "chain", "loop", "slack"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(verify, [str(argument) for argument in arguments])


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A copy of the demonstration's pair that may be damaged, its rule set beside it."""
    for name in ("external.bpmn", "internal.bpmn", "rules.yaml"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    return tmp_path


def without_review(folder: Path) -> Path:
    """Decisions no longer wait for the legal review: the flows to it lead to what follows it."""
    path = folder / "internal.bpmn"
    text = path.read_text(encoding="utf-8")
    assert text.count('targetRef="legal_call"') >= 1
    path.write_text(text.replace('targetRef="legal_call"', 'targetRef="decide"'), encoding="utf-8")
    return path


def of(folder: Path, *more: str) -> Result:
    return run(folder / "external.bpmn", folder / "internal.bpmn", *more)


def test_the_demonstration_is_proven(pair):
    answer = of(pair)
    assert answer.exit_code == PROVEN, answer.output
    assert answer.output.startswith("已证明：")


def test_for_programs_the_verdict_has_states_findings_and_budgets(pair):
    answer = of(pair, "--json")
    assert answer.exit_code == PROVEN
    told = json.loads(answer.output)
    assert set(told) == ACCOUNT
    assert (told["proven"], told["publishable"], told["conclusive"]) == (True, True, True)
    assert told["states"] > 50
    assert all(set(finding) == FINDING and finding["severity"] == "warn" for finding in told["findings"])
    assert told["budgets"]
    assert all(set(budget) == BUDGET and budget["longest"] > 0 for budget in told["budgets"])


def test_a_review_left_out_is_named_with_the_way_around_it(pair):
    without_review(pair)
    answer = of(pair, "--json")
    assert answer.exit_code == FOUND
    told = json.loads(answer.output)
    assert (told["proven"], told["publishable"]) == (False, False)
    found = next(f for f in told["findings"] if f["rule"] == "P17")
    assert found["severity"] == "block"
    assert "行政处罚法" in found["cite"]
    assert all(set(step) == STEP for step in found["trace"])
    elements = [step["element"] for step in found["trace"]]
    assert elements[-1] == found["elements"][0]
    assert "legal_review" not in elements
    assert found["values"]


def test_people_read_level_rule_place_law_and_way(pair):
    without_review(pair)
    answer = of(pair)
    assert answer.exit_code == FOUND
    assert answer.output.startswith("有阻断问题，不能发布：")
    assert "［阻断 P17］" in answer.output
    assert "   依据：" in answer.output
    assert "   路径：" in answer.output
    assert " → " in answer.output


def test_the_rule_set_may_be_elsewhere_or_a_shipped_one(pair, tmp_path):
    elsewhere = tmp_path / "mine.yaml"
    (pair / "rules.yaml").rename(elsewhere)
    assert of(pair, "--rules", str(elsewhere)).exit_code == PROVEN
    assert of(pair, "--rules", "penalty/ordinary").exit_code == PROVEN


def unreadable(answer: Result) -> str:
    assert answer.exit_code == UNREADABLE, answer.output
    told = json.loads(answer.output)
    assert set(told) == {"error", "code"}
    assert told["code"]
    return str(told["error"])


def test_a_file_that_is_not_there_is_named(pair):
    (pair / "internal.bpmn").unlink()
    assert "internal.bpmn" in unreadable(of(pair, "--json"))
    (pair / "external.bpmn").unlink()
    (pair / "external.bpmn").mkdir()
    (pair / "internal.bpmn").write_bytes(b"")
    assert unreadable(of(pair, "--json"))


@pytest.mark.parametrize(
    "content", [b"", b"no diagram", b"<a/>", b"<definitions", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_what_is_no_diagram_is_unreadable(pair, content):
    (pair / "internal.bpmn").write_bytes(content)
    assert unreadable(of(pair, "--json"))


@pytest.mark.parametrize(
    "given", ["../../pyproject.toml", "../forms", "penalty/none", "penalty/../../documents"]
)
def test_rule_sets_outside_of_the_shipped_ones_are_not_looked_for(pair, monkeypatch, given):
    monkeypatch.chdir(pair)
    assert given in unreadable(of(pair, "--json", "--rules", given))


def test_without_a_rule_set_nothing_is_proven(pair):
    (pair / "rules.yaml").unlink()
    assert "--rules" in unreadable(of(pair, "--json"))


@pytest.mark.parametrize(
    "content", [b"a: [", b"- list", b"text", b"\xff\xfe\x00", b"a: !!python/object:os.system {}"]
)
def test_a_rule_set_that_cannot_be_read_is_no_verdict(pair, content):
    (pair / "rules.yaml").write_bytes(content)
    assert unreadable(of(pair, "--json"))


def test_people_are_told_on_the_error_channel(pair):
    (pair / "rules.yaml").write_text("a: [", encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, "-m", "app", "verify", pair / "external.bpmn", pair / "internal.bpmn"],
        cwd=ROOT,
        env={**os.environ, "XQ_HOME": str(pair / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == UNREADABLE, answer.stderr
    assert answer.stdout == ""
    assert "不能读取：规则文件" in answer.stderr
    assert not (pair / "home").exists()  # no installation, no database


def test_looser_than_the_former_version_is_told_where_that_is_known(pair):
    rules = pair / "rules.yaml"
    before, after = (f"major_fine_person: {{value: {value}" for value in (10000, 20000))
    loose = rules.read_text(encoding="utf-8").replace(before, after)
    rules.write_text(loose, encoding="utf-8")
    answer = of(pair)
    assert answer.exit_code == FOUND
    assert "［阻断 tighten］" in answer.output
    assert "由10000放宽为20000" in answer.output
    assert of(pair, "--against", str(pair)).exit_code == PROVEN
    assert of(pair, "--against", "penalty/ordinary").exit_code == FOUND
    assert "不是流程文件夹" in unreadable(of(pair, "--against", "penalty/nowhere", "--json"))
    rules.write_text(
        loose
        + "\nloosened:\n  - {path: params.major_fine_person, basis: 《某某条例》第五条, document: 国务院令第000号}\n",
        encoding="utf-8",
    )
    answer = of(pair)
    assert answer.exit_code == PROVEN
    assert "已写明依据" in answer.output
