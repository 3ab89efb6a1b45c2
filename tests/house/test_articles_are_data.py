"""Articles of law that a user reads stand in data with their source, not in code.

A rule of law is a class whose `article` is part of the rule itself (`app/verify/rules`, `app/cases/gates`: STYLE.md). What
else names an article may only show how one is written.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.kernel.settings import ROOT

ARTICLE = re.compile(r"第[零〇一二三四五六七八九十百千\d]+条")
SHOWS_HOW = {
    "app/catalogue/item_rules.py": "how a citation is written",
    "app/catalogue/law_commands.py": "how a file of a statute and a citation are written",
    "app/forms/samples.py": "a sample answer",
    "app/orders/sheets.py": "how the number of an article is written",
    "app/studio/paper_samples.py": "a sample answer",
}


def said(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text in a module that is no documentation."""
    bodies = [body for node in ast.walk(tree) if isinstance(body := getattr(node, "body", None), list)]
    documentation = {id(each.value) for body in bodies for each in body if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def article_of_class(tree: ast.Module) -> set[int]:
    """The lines of `article = "…"` in classes."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "article" for target in statement.targets)
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }


def cited(file: Path) -> list[str]:
    name = file.relative_to(ROOT).as_posix()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    of_rules = article_of_class(tree) if name.startswith("app/cases/gates/") else set()
    return [f"{name}:{line}" for line, text in said(tree) if ARTICLE.search(text) and line not in of_rules]


def test_no_code_holds_an_article_of_law():
    files = [f for f in sorted((ROOT / "app").rglob("*.py")) if "/verify/rules/" not in f.as_posix()]
    found = [place for file in files for place in cited(file)]
    assert [place for place in found if place.partition(":")[0] not in SHOWS_HOW] == []
    assert {place.partition(":")[0] for place in found} == set(SHOWS_HOW), "the list names no file in vain"
