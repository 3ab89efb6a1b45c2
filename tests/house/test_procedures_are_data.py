"""The house knows no procedure of its library: no key, legal step, node, document or form of one stands in the code.

What may stand there are the rules of law, which speak of the legal steps that every diagram is drawn with, and words that
mean something else and happen to be spelt alike. Examples in docstrings are no code.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).resolve().parents[2]
XQ = "{urn:xingquan:bpmn:1}step"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
QUOTED = re.compile(r"""["'`]([A-Za-z][\w.\-/]*)["'`]""")
LAW = ("app/verify/rules/",)
"""The rules of law and their vocabulary: legal steps are the law's, not a procedure's; a rule may name the document
that a statute prescribes."""
ALIKE = {
    ("app/cases/gates/order.py", "legal_review"): "the code of a gate",
    ("app/kernel/navigation.py", "legal_review"): "a position",
    ("app/review/hearing_acts.py", "hearing_notice"): "the code of an error",
    ("app/review/hearings.py", "hearing_notice"): "the code of an error",
    ("app/verify/catalogue_text.py", "legal_review"): "the code of a gate",
}


def files() -> list[Path]:
    """The code of the house: Python, scripts, pages."""
    found = (p for kind in ("py", "js", "html") for p in (ROOT / "app").rglob(f"*.{kind}"))
    skipped = {"node_modules", "dist", "test"}
    return sorted(p for p in found if not skipped & set(p.relative_to(ROOT).parts))


def words_of(path: Path) -> set[str]:
    """The words a file holds in quotes; of Python only its strings, without docstrings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return set(QUOTED.findall(text))
    tree = ast.parse(text)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return {node.value for node in strings if id(node) not in told}


@cache
def library() -> dict[str, frozenset[str]]:
    """The names of the library, by what they name. Legal steps of one word and nodes without a separator are words of
    every language and cannot be told from others."""
    steps, nodes = set(), set()
    for path in ROOT.glob("bpmn/**/*.bpmn"):
        for element in etree.parse(str(path)).iter(etree.Element):
            if DI in element.tag:
                continue
            steps.add(element.get(XQ, ""))
            nodes.add(element.get("id", ""))
    return {
        "procedure": frozenset("/".join(p.parts[-3:-1]) for p in ROOT.glob("bpmn/*/*/rules.yaml")),
        "legal step": frozenset(step for step in steps if "." in step),
        "node": frozenset(node for node in nodes if "_" in node),
        "document": frozenset(p.parent.name for p in ROOT.glob("documents/*/template.yaml")),
        "form": frozenset(p.stem for p in ROOT.glob("forms/*.json")),
    }


def known(path: Path, names: frozenset[str]) -> set[str]:
    """The names of the library that a file speaks of and may not."""
    name = path.relative_to(ROOT).as_posix()
    return {word for word in words_of(path) & names if (name, word) not in ALIKE}


@pytest.mark.parametrize("kind", ["procedure", "legal step", "node", "document", "form"])
def test_the_code_names_nothing_of_the_library(kind: str):
    names = library()[kind]
    assert len(names) > 10
    found = {
        path.relative_to(ROOT).as_posix(): sorted(words)
        for path in files()
        if not path.relative_to(ROOT).as_posix().startswith(LAW) and (words := known(path, names))
    }
    assert found == {}


def test_what_is_only_spelt_alike_is_still_there():
    for (name, word), why in ALIKE.items():
        assert word in words_of(ROOT / name), (name, word, why)


def test_a_name_of_the_library_would_be_found(tmp_path: Path):
    stray = tmp_path / "stray.py"
    stray.write_text('"""`penalty/ordinary`"""\nKEY = "penalty/ordinary"\n', encoding="utf-8")
    assert words_of(stray) & library()["procedure"] == {"penalty/ordinary"}
    stray.write_text('"""`penalty/ordinary`"""\n', encoding="utf-8")
    assert not words_of(stray) & library()["procedure"]
