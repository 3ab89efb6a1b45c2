"""What the browser computes is what the server computes: shared vectors, and fresh dice in both."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.forms.conditions import evaluate
from app.kernel import money

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "app" / "frontend" / "src"
VECTORS = json.loads((HERE / "vectors.json").read_text(encoding="utf-8"))

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not on PATH")


def generator() -> Any:
    spec = importlib.util.spec_from_file_location("build_vectors", HERE / "build_vectors.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_node(expression: str, cases: list[Any], imports: str, folder: Path) -> list[Any]:
    """Run `expression` (of `c`, one case) over the cases in node."""
    (folder / "package.json").write_text('{"type": "module"}')
    for name in ("conditions.js", "money.js", "identity.js"):
        (folder / name).write_text((SOURCES / name).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "run.js").write_text(
        f"{imports}\nlet s = '';\nprocess.stdin.on('data', (d) => {{ s += d; }}).on('end', () => "
        f"console.log(JSON.stringify(JSON.parse(s).map((c) => ({expression})))));\n"
    )
    done = subprocess.run(
        ["node", str(folder / "run.js")], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_vectors_are_many_and_mixed():
    answers = [case[3] for case in VECTORS["conditions"]]
    assert len(answers) > 400
    assert 0.2 < sum(answers) / len(answers) < 0.8


def test_hand_written_answers_stand():
    for tree, data, params, expected in generator().BY_HAND:
        assert evaluate(tree, data, params) is expected, (tree, data)


def test_python_agrees_with_the_vectors():
    for tree, data, params, expected in VECTORS["conditions"]:
        assert evaluate(tree, data, params) is expected, (tree, data, params)
    for typed, plain, spelled in VECTORS["amounts"]:
        assert (money.plain(typed), money.spell(typed)) == (plain, spelled)


def test_the_vectors_are_what_the_generator_makes():
    assert json.loads(json.dumps(generator().build())) == VECTORS


@needs_node
def test_javascript_agrees_with_the_vectors(tmp_path: Path):
    cases = VECTORS["conditions"]
    answers = in_node(
        "evaluate(c[0], c[1], c[2])", cases, "import { evaluate } from './conditions.js';", tmp_path
    )
    assert [case for case, answer in zip(cases, answers, strict=True) if case[3] is not answer] == []


@needs_node
def test_javascript_agrees_on_fresh_dice(tmp_path: Path):
    cases = generator().conditions(20_000, 20261121)
    answers = in_node(
        "evaluate(c[0], c[1], c[2])", cases, "import { evaluate } from './conditions.js';", tmp_path
    )
    assert [case for case, answer in zip(cases, answers, strict=True) if case[3] is not answer] == []


@needs_node
def test_javascript_spells_amounts_alike(tmp_path: Path):
    cases = VECTORS["amounts"]
    answers = in_node(
        "[plain(c[0]), upper(plain(c[0]))]", cases, "import { plain, upper } from './money.js';", tmp_path
    )
    assert answers == [case[1:] for case in cases]


@needs_node
def test_javascript_doubts_the_same_codes(tmp_path: Path):
    cases = VECTORS["identity"]
    answers = in_node(
        "checkCode(c[0], c[1]) === ''", cases, "import { checkCode } from './identity.js';", tmp_path
    )
    assert [case for case, answer in zip(cases, answers, strict=True) if case[2] is not answer] == []
