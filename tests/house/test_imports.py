"""Doors that stay shut: the record is written only through the flow table and read only by the archive,
SpiffWorkflow is known only to the engine.

The order of the layers is checked by import-linter (`.importlinter`).
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "app"
DOORS = {
    "app.audit": ("audit", "flow.py", "archive"),
    "app.outbox": ("outbox", "flow.py"),
    "SpiffWorkflow": ("engine",),
}


@cache
def sources() -> dict[Path, frozenset[str]]:
    """Every file of the platform with what it imports; read once for all doors."""
    found = (path for path in APP.rglob("*.py") if "node_modules" not in path.parts)
    return {path.relative_to(APP): frozenset(imported(path)) for path in found}


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, relative imports spelt out."""
    package = ["app", *path.relative_to(APP).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("door", DOORS)
def test_only_who_may_imports_it(door: str):
    trespassers = [
        str(path)
        for path, names in sources().items()
        if path.parts[0] not in DOORS[door]
        for name in names
        if name == door or name.startswith(f"{door}.")
    ]
    assert trespassers == []
