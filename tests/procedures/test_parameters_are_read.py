"""Every threshold and every attribute that a shipped procedure declares decides something somewhere."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.kernel.settings import ROOT

SHIPPED = sorted(ROOT.glob("bpmn/*/*/rules.yaml"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "app").rglob("*.py")))
BESIDE = (".bpmn", ".dmn")


def values(node: Any) -> Iterator[str]:
    """Every text in a rule set that is no key."""
    if isinstance(node, Mapping):
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from values(inner)
    elif isinstance(node, str):
        yield node


def written_beside(folder: Path) -> str:
    """The diagrams and decision tables of a procedure, and the shared ones."""
    files = [*folder.rglob("*"), *(ROOT / "bpmn" / "shared").rglob("*")]
    return "\n".join(f.read_text(encoding="utf-8") for f in files if f.suffix in BESIDE)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda f: "/".join(f.parts[-3:-1]))
def test_every_parameter_is_read(file):
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    params = declared.pop("params", {})
    said = set(values(declared))
    beside = written_beside(file.parent)
    unread = [
        name
        for name in params
        if name not in said and f'"{name}"' not in CODE and not re.search(rf"\b{name}\b", beside)
    ]
    assert unread == []
