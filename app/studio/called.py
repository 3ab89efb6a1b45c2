"""What a draft may call: the shared sub-procedures of this release, and those the draft has pinned. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.diagrams import service as diagrams
from app.kernel.errors import Invalid
from app.verify import reader

Parts = Mapping[str, str]
PERSONAL = frozenset({"userTask", "manualTask"})


def offered(parts: Parts) -> list[dict[str, Any]]:
    """Everything that can be called, by name: what people call it, its newest text (None: this release has none), what it
    calls itself, and its tasks in the edition the draft has, else in the newest."""
    newest, pinned = diagrams.calls.of_release(), diagrams.calls.in_tree(parts)
    found = []
    for name in sorted({*newest, *pinned}):
        text = pinned.get(name, newest.get(name, ""))
        try:
            calls, tasks = diagrams.calls.named(text), list(_tasks(text))
        except Invalid:
            calls, tasks = [], []
        title = diagrams.calls.title(text) or name
        found.append({"key": name, "name": title, "text": newest.get(name), "calls": calls, "tasks": tasks})
    return found


def behind(parts: Parts) -> dict[str, str]:
    """The called processes of a draft of which this release has another edition: path → what people call it."""
    newest = diagrams.calls.of_release()
    try:
        pinned = diagrams.calls.reached(parts.get(diagrams.tree.INTERNAL, ""), diagrams.calls.in_tree(parts))
    except Invalid:
        return {}
    return {
        diagrams.calls.path_of(name): diagrams.calls.title(text) or name
        for name, text in pinned.items()
        if name in newest and newest[name] != text
    }


def _tasks(text: str) -> Iterator[dict[str, str]]:
    for process in reader.read(text.encode()):
        for node in process.nodes.values():
            if node.tag in PERSONAL:
                own = node.attributes
                yield {
                    "node": node.id,
                    "name": node.name or node.id,
                    "form": own.get("form", ""),
                    "limit": own.get("limit", ""),
                }
