"""What a draft's rules and tables may name: attributes, thresholds, legal steps, forms, documents, clocks.

A draft may be half written. What cannot be read is left out, and said elsewhere (proof, rules page).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.diagrams import service as diagrams
from app.diagrams import tables as decision_tables
from app.documents import service as documents
from app.forms import service as form_room
from app.kernel.errors import Invalid
from app.verify import reader
from app.verify.diagram import Process

Parts = Mapping[str, str]
"""Path -> text."""


@dataclass(frozen=True)
class Reading:
    """A draft's parts, read as far as they can be. `errors` are what cannot, by path."""

    rules: Mapping[str, Any] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    internal: Process | None = None
    external: Process | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    loaded: Mapping[str, form_room.Form] = field(default_factory=dict)
    """The forms that are well written."""

    @cached_property
    def said(self) -> Mapping[str, Mapping[str, str]]:
        """What the forms call the values of attributes."""
        return form_room.values_said(self.loaded.values())

    @cached_property
    def readable(self) -> Mapping[str, decision_tables.Table]:
        """The tables that can be read."""
        found = {}
        for name, text in self.tables.items():
            try:
                found[name] = decision_tables.read(name, text)
            except Invalid:
                continue  # told as a problem of the table
        return found

    @cached_property
    def vocabulary(self) -> decision_tables.Vocabulary:
        """What tables may name, with the words of the forms."""
        return decision_tables.vocabulary(self.rules, self.readable, self.said)


def read(parts: Parts) -> Reading:
    """The parts of a draft that rules and tables speak of."""
    errors: dict[str, str] = {}

    def tried(path: str, act: Any) -> Any:
        try:
            return act()
        except Invalid as wrong:
            errors[path] = wrong.message
            return None

    rules = tried(
        diagrams.tree.RULES, lambda: diagrams.texts.read_yaml(parts.get(diagrams.tree.RULES, ""), "规则")
    )
    if diagrams.tree.RULES not in errors and not isinstance(rules, Mapping):
        errors[diagrams.tree.RULES] = "规则文件必须是“名称: 内容”的对象。"
    definitions = {}
    for path, text in parts.items():
        if path.startswith("forms/"):
            key = path.removeprefix("forms/").removesuffix(".json")
            form = tried(path, lambda text=text, key=key: diagrams.texts.read_json(text, f"表单 {key}"))
            if isinstance(form, Mapping):
                definitions[key] = form
    drawn = {
        path: tried(path, lambda path=path: next(iter(reader.read(_text_of(parts, path).encode())), None))
        for path in (diagrams.tree.INTERNAL, diagrams.tree.EXTERNAL)
        if path in parts
    }
    return Reading(
        rules if isinstance(rules, Mapping) else {},
        definitions,
        table_texts(parts),
        drawn.get(diagrams.tree.INTERNAL),
        drawn.get(diagrams.tree.EXTERNAL),
        errors,
        dict(_loaded(definitions)),
    )


def _text_of(parts: Parts, path: str) -> str:
    """A diagram of a draft, the internal one with what it calls."""
    return diagrams.calls.whole_of(parts) if path == diagrams.tree.INTERNAL else parts[path]


def _loaded(definitions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, form_room.Form]]:
    for key, definition in definitions.items():
        try:
            yield key, form_room.load(dict(definition))
        except Invalid:
            continue  # told where forms are drawn


def table_texts(parts: Parts) -> dict[str, str]:
    """The decision tables of a draft: name -> DMN text."""
    return {
        path.removeprefix("tables/").removesuffix(".dmn"): text
        for path, text in sorted(parts.items())
        if path.startswith("tables/")
    }


def names(found: Reading, parts: Parts) -> dict[str, Any]:
    """Everything that can be chosen from, each with what people call it."""
    tables, known = found.readable, found.vocabulary
    declared = found.rules.get("attributes")
    return {
        "attributes": [
            {
                "name": each.name,
                "label": each.label,
                "type": each.kind,
                "options": [{"value": o, "label": each.said.get(o, o)} for o in each.options],
                "derived": not isinstance(declared, Mapping) or each.name not in declared,
            }
            for each in known.attributes.values()
        ],
        "params": [
            {"name": name, "label": known.labels.get(name, name), "value": float(value)}
            for name, value in known.params.items()
        ],
        "steps": list(_steps(found.internal)),
        "external": list(_steps(found.external)),
        "forms": [
            {"key": key, "title": str(form.get("title") or key), "fields": list(_fields(form.get("items")))}
            for key, form in sorted(found.forms.items())
        ],
        "documents": _documents(parts),
        "clocks": _entries(found.rules.get("clocks"), "id", "name"),
        "groups": _entries(found.rules.get("separation"), "name", "name"),
        "tables": [
            {"name": name, "title": table.title, "tiers": table.decides_tiers}
            for name, table in tables.items()
        ],
    }


def _steps(process: Process | None) -> Iterator[dict[str, Any]]:
    """The legal steps of a diagram in its order, each with the names of its nodes and the form it is done with."""
    found: dict[str, dict[str, Any]] = {}
    for node in process.nodes.values() if process else ():
        if tag := node.attributes.get("step", ""):
            step = found.setdefault(tag, {"tag": tag, "names": [], "form": ""})
            if node.name and node.name not in step["names"]:
                step["names"].append(node.name)
            step["form"] = step["form"] or node.attributes.get("form", "")
    yield from found.values()


def _fields(items: Any) -> Iterator[dict[str, str]]:
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, Mapping):
            continue
        if item.get("key") and item.get("type") not in ("section", "note"):
            yield {
                "key": str(item["key"]),
                "label": str(item.get("label") or item["key"]),
                "type": str(item.get("type", "")),
            }
        yield from _fields(item.get("items"))


def _documents(parts: Parts) -> list[dict[str, str]]:
    """The release's kinds of document, and those the draft brings along."""
    found = {code: documents.kind(code).name for code in documents.all_codes()}
    for path, text in parts.items():
        if path.startswith("documents/") and path.endswith(".yaml"):
            code = path.removeprefix("documents/").removesuffix(".yaml")
            try:
                raw = diagrams.texts.read_yaml(text, path)
            except Invalid:
                raw = {}
            name = raw.get("name") if isinstance(raw, Mapping) else None
            found[code] = str(name or found.get(code, code))
    return [{"code": code, "title": name} for code, name in sorted(found.items())]


def _entries(raw: Any, key: str, label: str) -> list[dict[str, str]]:
    return [
        {"name": str(each[key]), "label": str(each.get(label) or each[key])}
        for each in (raw if isinstance(raw, list) else ())
        if isinstance(each, Mapping) and each.get(key)
    ]
