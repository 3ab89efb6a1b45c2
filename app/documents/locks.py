"""Statutory clauses: blocks that a template holds under `lock: true` and that whoever adapts it to an agency may not touch.

Pure: it compares the content of two templates.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def broken(base: Mapping[str, Any], raw: Mapping[str, Any]) -> list[str]:
    """A Chinese sentence for every locked clause of `base` that `raw` changes, drops or puts elsewhere.

    What is new may stand before, between and after the clauses; their wording, their conditions and their order stay.
    """
    clauses = [block for block in _blocks(base) if locked(block)]
    rest = _blocks(raw)
    refusals = []
    position = 0
    for clause in clauses:
        places = [n for n, block in enumerate(rest) if block == clause]
        later = [n for n in places if n >= position]
        if not places:
            refusals.append(f"法定条款“{opening(clause)}”不得修改或者删除，请恢复原文。")
        elif not later:
            refusals.append(f"法定条款“{opening(clause)}”的先后次序不得改变。")
        else:
            position = later[0] + 1
    return refusals


def locked(block: Any) -> bool:
    """Whether a block is a statutory clause."""
    return isinstance(block, Mapping) and block.get("lock") is True


def _blocks(raw: Mapping[str, Any]) -> Sequence[Any]:
    blocks = raw.get("blocks")
    return blocks if isinstance(blocks, list) else []


def opening(block: Any) -> str:
    """The first words of a block, to know it by."""
    text = "".join(_texts({k: v for k, v in block.items() if k not in ("if", "lock")}))
    return text if len(text) <= 24 else f"{text[:24]}…"


def _texts(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]
