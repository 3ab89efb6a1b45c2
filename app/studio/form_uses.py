"""Where a form and each of its fields are used: nodes of the diagrams, other forms, documents, rules.

Only what can be known from the texts is listed; nothing is changed. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.diagrams import service as diagrams
from app.documents import service as documents
from app.kernel import plain_yaml
from app.kernel.errors import Invalid
from app.verify.reader import XQ

from . import form_definitions as definitions

DIAGRAMS = {"internal.bpmn": "内部流程图", "external.bpmn": "外部流程图"}
FIRM = frozenset({"node", "form", "document", "rule"})
"""Kinds of use that name the form itself: without it they would be wrong."""
STEP_FIELDS = {
    "named": ("answer", "参与人员的规则"),
    "bands": ("reason", "幅度规则的理由"),
}
"""Sections of a rule set whose entries name a field of the form of their steps."""

Raw = Mapping[str, Any]
Spoken = tuple[documents.writing.Use, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """One place that speaks of a form. `kind`: node, form, document, rule, and by way of
    the attributes that the form writes derived, table, flow. `field` is empty where the
    whole form is meant; `what` says in words how it is used there."""

    kind: str
    path: str
    where: str
    what: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class FormNode:
    """A node of a diagram that uses a form, or issues documents."""

    path: str
    id: str
    name: str
    step: str
    form: str
    position: str
    documents: tuple[str, ...]
    asked: tuple[str, ...] = ()
    """The forms on which documents are made on demand."""


def nodes(parts: definitions.Parts) -> list[FormNode]:
    """The nodes of both diagrams that use a form or issue a document; a diagram that cannot be read has none."""
    return [node for path in DIAGRAMS for node in drawing(parts, path).nodes]


def drawing(parts: definitions.Parts, path: str) -> "_Drawing":
    """What one of the diagrams holds, the internal one with what it calls."""
    internal = path == diagrams.tree.INTERNAL
    return _drawn(path, diagrams.calls.whole_of(parts) if internal else parts.get(path, ""))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What matters here of a diagram: its nodes, and its flows as (name, condition)."""

    nodes: tuple[FormNode, ...] = ()
    flows: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=64)
def _drawn(path: str, text: str) -> _Drawing:
    """A diagram is asked for with every page and rarely changes: kept by its text."""
    try:
        root = diagrams.safe_xml(text.encode())
    except Invalid:
        return _Drawing()
    lanes = {
        (ref.text or "").strip(): lane.get(f"{{{XQ}}}position", "")
        for lane in root.iter("{*}lane")
        for ref in lane.iter("{*}flowNodeRef")
    }
    found = []
    for node in root.iter():
        papers = node.findall(f"{{*}}extensionElements/{{{XQ}}}document")
        issued = tuple(d.get("code", "") for d in papers)
        asked = tuple(form for d in papers if (form := d.get("form", "")))
        if (form := node.get(f"{{{XQ}}}form", "")) or issued:
            name, step = node.get("name", ""), node.get(f"{{{XQ}}}step", "")
            key = node.get("id", "")
            found.append(FormNode(path, key, name or key, step, form, lanes.get(key, ""), issued, asked))
    flows = (
        (flow.get("name") or flow.get("id", ""), flow.findtext("{*}conditionExpression") or "")
        for flow in root.iter("{*}sequenceFlow")
    )
    return _Drawing(tuple(found), tuple((name, condition) for name, condition in flows if condition))


def rules_of(parts: definitions.Parts) -> Raw:
    """The rule set of a draft, not to be changed; empty where it cannot be read."""
    return _ruled(parts.get("rules.yaml", ""))


@lru_cache(maxsize=32)
def _ruled(text: str) -> Raw:
    try:
        found = plain_yaml.load(text)
    except Invalid:
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=256)
def template_of(text: str) -> tuple[Raw | None, Spoken]:
    """The content of a template text, not to be changed, and every value it speaks of; None where it is none."""
    raw, _ = documents.writing.read_template(text)
    return raw, tuple(documents.writing.uses(raw)) if raw is not None else ()


def templates(parts: definitions.Parts) -> dict[str, tuple[str, Raw, Spoken, bool]]:
    """The templates a draft works with, by code: its path, its content, what it speaks of, whether it is the draft's own.
    The shipped ones count where a diagram issues them."""
    found = {}
    for path, text in parts.items():
        if path.startswith("documents/") and path.endswith(".yaml"):
            raw, _ = template_of(text)
            if raw is not None:
                found[path[len("documents/") : -len(".yaml")]] = (path, raw, template_of(text)[1], True)
    for code in {code for node in nodes(parts) for code in node.documents} - set(found):
        text = documents.writing.shipped(code)
        raw = template_of(text)[0] if text else None
        if raw is not None:
            found[code] = (f"documents/{code}.yaml", raw, template_of(text)[1], False)
    return found


def of_form(parts: definitions.Parts, key: str) -> list[Use]:
    """Every use of a form and its fields, diagrams first."""
    raw = definitions.raw_of(parts, key)
    mine = [node for node in nodes(parts) if node.form == key]
    found = [Use("node", n.path, f"{DIAGRAMS[n.path]}“{n.name}”", "办理时填写这个表单") for n in mine]
    found += [
        Use("node", n.path, f"{DIAGRAMS[n.path]}“{n.name}”", "按需制作文书时填写这个表单")
        for n in nodes(parts)
        if key in n.asked
    ]
    found += _other_forms(parts, key)
    found += _documents(parts, key)
    found += _rules(rules_of(parts), key, {n.step for n in mine if n.step})
    found += _attributes(parts, raw)
    return found


def _other_forms(parts: definitions.Parts, key: str) -> Iterator[Use]:
    for other, raw in definitions.all_of(parts).items():
        prefill = raw.get("prefill")
        for field, path in prefill.items() if isinstance(prefill, dict) else ():
            names = str(path).split(".")
            if names[:2] == ["forms", key]:
                label = definitions.label_of(raw, str(field))
                where = f"表单“{definitions.title_of(raw, other)}”"
                source = names[2] if len(names) > 2 else ""
                yield Use("form", definitions.path_of(other), where, f"“{label}”取自这里", source)


def _documents(parts: definitions.Parts, key: str) -> Iterator[Use]:
    for code, (path, raw, spoken, own) in sorted(templates(parts).items()):
        name = str(raw.get("name") or raw.get("title") or code)
        where = f"文书“{name}”（{code}{'' if own else '，平台模板'}）"
        used: dict[str, None] = {}
        for use in spoken:
            for names in sorted(use.paths):
                if names[:2] == ("forms", key):
                    used[names[2] if len(names) > 2 else ""] = None
        fields = [field for field in used if field]
        yield from (Use("document", path, where, "文书写入这一项", field) for field in fields)
        if used and not fields:
            yield Use("document", path, where, "文书引用这个表单")


def _rules(rules: Raw, key: str, steps: set[str]) -> Iterator[Use]:
    for name, path in _mapping(rules.get("facts")).items():
        form, _, field = str(path).partition(".")
        if form == key:
            yield Use("rule", "rules.yaml", f"案件信息“{name}”", "取自这里", field)
    for step, field in _mapping(rules.get("moments")).items():
        if step in steps:
            yield Use("rule", "rules.yaml", f"环节“{step}”的法定时间", "以这里填写的时间为准", str(field))
    for clock in _listed(rules.get("clocks")):
        where = f"期限“{clock.get('name', clock.get('id'))}”"
        for fields, what in (("dates", "自这里填写的日期起算"), ("lengthened", "延长至这里填写的日期")):
            for step, field in _mapping(clock.get(fields)).items():
                if step in steps:
                    yield Use("rule", "rules.yaml", where, what, str(field))
    for section, (name, what) in STEP_FIELDS.items():
        for entry in _listed(rules.get(section)):
            named = {entry.get("step"), *(entry.get("steps") or ())}
            if named & steps and isinstance(entry.get(name), str):
                yield Use("rule", "rules.yaml", what, str(entry.get("message", ""))[:40], entry[name])
            form, _, field = str(entry.get("tier", "")).partition(".")
            if section == "bands" and form == key:
                yield Use(
                    "rule", "rules.yaml", f"幅度规则“{entry.get('name', '')}”", "裁量阶次取自这里", field
                )


def _attributes(parts: definitions.Parts, raw: Raw | None) -> Iterator[Use]:
    """What is decided by the attributes that the form writes."""
    rules = rules_of(parts)
    labels = {name: str(_mapping(entry).get("label", name)) for name, entry in _declared(rules)}
    written: dict[str, list[str]] = {}
    for attribute, source in _mapping(raw.get("writes") if raw else None).items():
        written[str(attribute)] = sorted({f.partition(".")[0] for f in _sources(source)})
    for name, entry in _mapping(rules.get("derived")).items():
        for attribute in sorted(set(_sources(_mapping(entry).get("when"))) & set(written)):
            for field in written[attribute]:
                what = f"由属性“{labels.get(attribute, attribute)}”推导"
                yield Use("derived", "rules.yaml", f"推导属性“{labels.get(name, name)}”", what, field)
    for path, title in DIAGRAMS.items():
        for flow, condition in drawing(parts, path).flows:
            for attribute, fields in written.items():
                if attribute in condition.replace("(", " ").replace(")", " ").split():
                    where = f"{title}的流向“{flow}”"
                    what = f"按属性“{labels.get(attribute, attribute)}”选择去向"
                    yield from (Use("flow", path, where, what, field) for field in fields)

    for path in sorted(p for p in parts if p.startswith("tables/") and p.endswith(".dmn")):
        for name, attribute in _tabled(parts[path]):
            for field in written.get(attribute, ()):
                what = f"按属性“{labels.get(attribute, attribute)}”判断"
                yield Use("table", path, f"决策表“{name}”", what, field)


@lru_cache(maxsize=64)
def _tabled(text: str) -> tuple[tuple[str, str], ...]:
    """What the decision tables of a file ask: (name of the table, expression), each once."""
    try:
        root = diagrams.safe_xml(text.encode())
    except Invalid:
        return ()
    return tuple(
        dict.fromkeys(
            (table.get("name") or table.get("id", ""), (asked.text or "").strip())
            for table in root.iter("{*}decision")
            for asked in table.iterfind(".//{*}inputExpression/{*}text")
        )
    )


def _declared(rules: Raw) -> Iterator[tuple[str, Any]]:
    yield from _mapping(rules.get("attributes")).items()
    yield from _mapping(rules.get("derived")).items()


def _sources(tree: Any) -> Iterator[str]:
    """The fields that a condition tree or a `writes` entry reads, however unfinished it is."""
    if isinstance(tree, Mapping):
        if isinstance(tree.get("field"), str):
            yield tree["field"]
        for inner in tree.values():
            yield from _sources(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _sources(inner)


def _mapping(value: Any) -> Raw:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Any) -> list[Raw]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
