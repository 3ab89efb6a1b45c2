"""What is proven: a procedure's two diagrams with everything that says what its steps do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..kernel.errors import Invalid
from . import reader
from .demands import Tags, matches
from .findings import Finding, Severity
from .guards import Guard, flow_condition, tree_condition
from .net import Net
from .reader import Node, Process

FORM_TYPES_WITHOUT_ANSWER = frozenset({"section", "note"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """A routing attribute. `least`: the smallest number a form accepts for it, None where it is not known. `given`: it is
    what the agency has set it to, either value, before anybody does anything."""

    name: str
    kind: str
    default: Any = None
    label: str = ""
    options: tuple[str, ...] = ()
    least: float | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """What is known of a document template: its text with all placeholders, and how it is issued."""

    code: str
    title: str
    text: str = ""
    numbered: bool = True
    sealed: bool = False
    copies: int = 1


@dataclass(frozen=True)
class Subject:
    """A procedure under proof.

    Attributes:
        scope: which rules apply: `penalty.ordinary`, `licence` ... (see `rules.SCOPES`).
        internal, external: the diagrams; external None where only one is looked at.
        attributes: the declared routing attributes.
        derived: attribute -> the guard it is computed from after every act, in order of computation.
        forms: form key -> its definition.
        rules: the rule set (`rules.yaml`) as written.
        templates: code -> template; None where the stock of templates is not at hand.
        actions: registered service actions; None where they are not at hand.
    """

    scope: str
    internal: Process
    external: Process | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    derived: Mapping[str, Guard] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    templates: Mapping[str, Template] | None = None
    actions: frozenset[str] | None = None
    called: Mapping[str, Process] = field(default_factory=dict)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name a condition may read."""
        return frozenset(self.attributes) | frozenset(self.derived)

    @cached_property
    def net(self) -> Net:
        """The internal diagram, made for all that is proven of it.

        Raises:
            Invalid: it is too large or too deep, or calls itself.
        """
        return Net(self.internal, self.called)

    @cached_property
    def external_net(self) -> Net:
        """The external diagram, which must be there; see `net`."""
        assert self.external is not None  # noqa: S101 - callers ask only with both diagrams
        return Net(self.external, self.called)

    def step(self, node: Node) -> str:
        """The legal step a node is part of; empty where it is none."""
        return node.attributes.get("step", "")

    def nodes(self, tags: Tags) -> Iterator[Node]:
        """The nodes of the internal diagram whose legal step is one of `tags`, in document order."""
        return (node for node in self.internal.nodes.values() if matches(self.step(node), tags))

    def everywhere(self) -> dict[str, Node]:
        """Every node of the diagrams by its id; the internal diagram and what is called come before the external."""
        found = dict(self.external.nodes) if self.external is not None else {}
        for process in (self.internal, *self.called.values()):
            found.update(process.nodes)
        return found

    def tasks(self) -> Iterator[Node]:
        """The internal tasks that a person does."""
        return (n for n in self.internal.nodes.values() if n.tag in ("task", "userTask", "manualTask"))

    def form(self, node: Node) -> Mapping[str, Any] | None:
        """The form a node is done with; None where it has none or the form is not at hand."""
        return self.forms.get(node.attributes.get("form", ""))

    def fields(self, node: Node) -> Iterator[Mapping[str, Any]]:
        """Every question that a node's form asks there, those in columns of lists too.

        What the form's `rights` let the node only read, or hide from it, is not asked of it.
        """
        form = self.form(node) or {}
        closed = _closed(form, self.step(node), node.id)
        return _fields([i for i in _items(form) if not (isinstance(i, Mapping) and i.get("key") in closed)])

    def required(self, node: Node, *keys: str) -> bool:
        """Whether the form asks each of these fields and insists on an answer."""
        asked = {str(item["key"]) for item in self.fields(node) if item.get("required")}
        return asked.issuperset(keys)

    def writes(self, node: Node) -> dict[str, tuple[Any, ...] | None]:
        """What completing a node sets: attribute -> the values it can get, None: any of its domain.

        Resets of the legal step come first, then what the form writes; a sticky attribute is never unsaid.
        """
        found: dict[str, tuple[Any, ...] | None] = {
            name: (value,)
            for name, value in (self.rules.get("resets") or {}).get(self.step(node), {}).items()
        }
        for name, source in ((self.form(node) or {}).get("writes") or {}).items():
            known = source.get("value") if isinstance(source, Mapping) and "value" in source else None
            found[name] = None if known is None else (known,)
        return found

    def sticky(self, node: Node) -> tuple[str, ...]:
        """Attributes that, once true, a later act of the node's step does not make false again."""
        return tuple((self.rules.get("sticky") or {}).get(self.step(node), ()))

    def said(self, name: str, value: Any) -> str:
        """A value of an attribute as people say it: what a form calls it, else what it is."""
        if isinstance(value, str):
            for form in self.forms.values():
                source = (form.get("writes") or {}).get(name)
                key = str(source.get("field", "")).split(".")[0] if isinstance(source, Mapping) else ""
                for item in _fields(form.get("items")) if key else ():
                    for option in item.get("options") or () if item.get("key") == key else ():
                        if isinstance(option, Mapping) and option.get("value") == value:
                            return f"“{option.get('label', value)}”"
            return f"“{value}”"
        if isinstance(value, bool):
            return "“是”" if value else "“否”"
        return f" {value:,} " if isinstance(value, int | float) else f"“{value}”"

    def label(self, name: str) -> str:
        """What people call an attribute."""
        if name in self.attributes:
            return self.attributes[name].label or name
        raw = (self.rules.get("derived") or {}).get(name) or {}
        return str(raw.get("label", name))


def _items(form: Mapping[str, Any]) -> list[Any]:
    items = form.get("items")
    return items if isinstance(items, list) else []


def _closed(form: Mapping[str, Any], step: str, node: str) -> frozenset[Any]:
    """The keys a node may not fill in, by the form's `rights`; an entry about the node goes before its step's."""
    found: dict[Any, Any] = {}
    rights = form.get("rights")
    entries = [e for e in rights if isinstance(e, Mapping)] if isinstance(rights, list) else []
    for name, value in (("step", step), ("node", node)):
        for entry in entries:
            if value and entry.get(name) == value and isinstance(entry.get("fields"), Mapping):
                found |= entry["fields"]
    return frozenset(key for key, right in found.items() if right != "write")


def _fields(items: Any) -> Iterator[Mapping[str, Any]]:
    for item in items or ():
        if not isinstance(item, Mapping):
            continue
        if "key" in item and item.get("type") not in FORM_TYPES_WITHOUT_ANSWER:
            yield item
        for inner in ("items", "columns"):
            yield from _fields(item.get(inner))


def build(
    internal: bytes,
    external: bytes | None = None,
    rules: Mapping[str, Any] | None = None,
    forms: Mapping[str, Mapping[str, Any]] | None = None,
    templates: Mapping[str, Template] | None = None,
    actions: frozenset[str] | None = None,
    called: Mapping[str, bytes] | None = None,
) -> tuple[Subject, list[Finding]]:
    """A subject from files, and what could not be read of the rule set.

    Raises:
        Invalid: a diagram is unreadable or holds no process.
    """
    raw, problems = dict(rules or {}), list[Finding]()
    inner = _process(internal, "内部流程图")
    attributes = _attributes(raw, forms or {})
    derived: dict[str, Guard] = {}
    params = {name: _value(p) for name, p in (raw.get("params") or {}).items()}
    for name, entry in _ordered(raw.get("derived") or {}):
        try:
            derived[name] = tree_condition(entry.get("when"), params)
        except Invalid as error:
            problems.append(Finding("rule-set", Severity.BLOCK, f"推导属性“{name}”：{error.message}"))
    subject = Subject(
        scope=str(raw.get("scope") or raw.get("key") or inner.attributes.get("kind", "")).replace("/", "."),
        internal=inner,
        external=_process(external, "外部流程图") if external else None,
        attributes=attributes or _inferred(inner),
        derived=derived,
        forms=forms or {},
        rules=raw,
        templates=templates,
        actions=actions,
        called={key: _process(content, f"被调用流程“{key}”") for key, content in (called or {}).items()},
    )
    return subject, problems


def _process(content: bytes, what: str) -> Process:
    found = reader.read(content)
    if not found:
        raise Invalid(f"{what}里没有流程。", code="no_process")
    return found[0]


def _value(parameter: Any) -> Any:
    return parameter.get("value") if isinstance(parameter, Mapping) else parameter


def _attributes(rules: Mapping[str, Any], forms: Mapping[str, Mapping[str, Any]]) -> dict[str, Attribute]:
    found = {}
    for name, entry in (rules.get("attributes") or {}).items():
        found[name] = Attribute(
            name,
            str(entry.get("type", "boolean")),
            entry.get("default"),
            str(entry.get("label", name)),
            tuple(entry.get("options") or ()),
            _least(name, forms),
            bool(entry.get("setting")),
        )
    return found


def _least(name: str, forms: Mapping[str, Mapping[str, Any]]) -> float | None:
    """The smallest number that any form lets somebody write into an attribute."""
    bounds = []
    for form in forms.values():
        source = (form.get("writes") or {}).get(name)
        if not isinstance(source, Mapping) or "field" not in source:
            continue
        key = str(source["field"]).split(".")[0]
        field_ = next((item for item in _fields(form.get("items")) if item.get("key") == key), {})
        if field_.get("type") == "money":
            bounds.append(float(field_.get("min", 0)))
        elif isinstance(field_.get("min"), int | float):
            bounds.append(float(field_["min"]))
        else:
            return None
    return min(bounds, default=None)


def _ordered(derived: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Derived attributes, each after those it reads; a ring is left in the written order."""
    done: dict[str, Mapping[str, Any]] = {}

    def visit(name: str, above: frozenset[str]) -> None:
        if name in done or name in above:
            return
        text = str(derived[name])
        for other in derived:
            if other != name and f"'{other}'" in text:
                visit(other, above | {name})
        done[name] = derived[name]

    for name in derived:
        visit(name, frozenset())
    return list(done.items())


def _inferred(process: Process) -> dict[str, Attribute]:
    """Attributes of a diagram without a rule set, from the constants its conditions compare them with."""
    constants: dict[str, set[Any]] = {}
    for flow in process.flows.values():
        if not flow.condition:
            continue
        try:
            guard = flow_condition(flow.condition)
        except Invalid:
            continue
        for name in guard.names:
            constants.setdefault(name, set()).update(guard.constants.get(name, ()))
    found = {}
    for name, values in constants.items():
        texts = sorted(v for v in values if isinstance(v, str))
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        kind = "choice" if texts else "number" if numbers else "boolean"
        default = texts[0] if texts else 0 if numbers else False
        found[name] = Attribute(name, kind, default, name, (*texts, "其他") if texts else ())
    return found
