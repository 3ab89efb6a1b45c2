"""Where a table is used, so that it is not deleted from under what needs it. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .model import BOOLEAN, Table

NAMING = frozenset(
    {"field", "param", "needs", "ended_by", "attribute", "attributes", "passed", "amount", "resets", "sticky"}
)
"""Keys of a rule set under which the name of an attribute can stand."""


def uses_of(table: Table, rules: Mapping[str, Any], diagrams: Mapping[str, str]) -> list[str]:
    """Chinese names of the places that need a table: bands that name it, conditions that read what it decides.

    Args:
        table: the table.
        rules: the rule set as written.
        diagrams: what people call a diagram -> its text; conditions are looked for by their words.
    """
    found = []
    bands = rules.get("bands")
    for band in bands if isinstance(bands, list) else ():
        if isinstance(band, Mapping) and band.get("table") == table.name:
            found.append(f"规则的处罚幅度“{band.get('name', '')}”")
    for column in table.outputs:
        if column.kind != BOOLEAN:
            continue
        for section, content in rules.items():
            if section != "tables" and column.name in set(_names(content)):
                found.append(f"规则的“{section}”（{column.title}）")
        word = re.compile(rf"\b{re.escape(column.name)}\b")
        found += [f"{name}的条件（{column.title}）" for name, text in diagrams.items() if word.search(text)]
    return found


def _names(content: Any, naming: bool = False) -> Iterator[str]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _names(value, str(key) in NAMING)
    elif isinstance(content, list):
        for each in content:
            yield from _names(each, naming)
    elif naming and isinstance(content, str):
        yield content
