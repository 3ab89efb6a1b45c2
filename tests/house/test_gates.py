"""Every gate has its row in the docs, a test that breaks it and one that keeps it."""

import re
from pathlib import Path

from cases import test_declared_gates, test_gates

from app.cases.gates import GATES

ROOT = Path(__file__).resolve().parents[2]


def test_every_gate_has_a_row():
    page = (ROOT / "docs" / "gates.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, re.M)
    assert rows == [(type(gate).__name__, gate.code) for gate in GATES]


def test_every_gate_is_broken_and_kept_by_a_test():
    breaks = set(test_declared_gates.BREAKS) | set(test_gates.BREAKS)
    keeps = set(test_declared_gates.KEEPS) | set(test_gates.KEEPS)
    codes = {gate.code for gate in GATES}
    assert breaks == keeps == codes


def test_every_gate_names_its_article():
    assert all(re.search("第.+条|S[0-9]-[0-9]+", gate.article) for gate in GATES)
