"""The sections of a rule set as forms: words and controls from `data/rule_sections.yaml`, fields from the dataclasses.

What a gate's entry may and must hold is what its dataclass says (`app.diagrams.rules.SECTIONS`), so that a field that
is added there without words here is an error, not a field nobody can reach.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.deadlines import service as deadlines
from app.diagrams.rules import SECTIONS
from app.verify.rules import SCOPES

DATA = Path(__file__).parent / "data" / "rule_sections.yaml"
COMPILED = frozenset({"tiers"})
"""Fields that nobody writes: they are made from decision tables."""


@lru_cache(maxsize=1)
def schema() -> Mapping[str, Any]:
    """Groups, sections, and the lists to choose from, as the page reads them.

    Raises:
        LookupError: the words and the dataclasses do not name the same fields.
    """
    raw = yaml.load(DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {
        "groups": raw["groups"],
        "powers": raw["kinds"],
        "certificates": raw["certificates"],
        "scopes": [{"value": scope, "label": words} for scope, words in SCOPES.items() if scope != "all"],
        "causes": [{"value": words, "label": words} for words in deadlines.CAUSE_WORDS.values()],
        "approvers": [{"value": value, "label": words} for value, words in deadlines.APPROVERS.items()],
        "sections": [_section(section) for section in raw["sections"]],
    }


def _section(raw: Mapping[str, Any]) -> dict[str, Any]:
    words = dict(raw.get("fields") or {})
    if kind := SECTIONS.get(raw["name"]):
        known = {f.name: f for f in fields(kind) if f.name not in COMPILED}
        if strange := set(words) ^ set(known):
            raise LookupError(
                f"section {raw['name']}: fields {sorted(strange)} are not the same in words and code"
            )
        words = {name: {**said, "required": known[name].default is MISSING} for name, said in words.items()}
    return {
        "help": "",
        "summary": [],
        **raw,
        "fields": [{"required": False, "help": "", **said, "name": name} for name, said in words.items()],
    }


def section(name: str) -> Mapping[str, Any]:
    """One section."""
    found: Mapping[str, Any] = next(each for each in schema()["sections"] if each["name"] == name)
    return found
