"""The demonstration procedure under the knife: small edits of its diagrams, rule set and forms."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from app.diagrams.bundle import from_folder
from app.kernel.actions import ACTIONS
from app.verify.reader import BPMN, XQ
from app.verify.subject import Subject, Template, build

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = from_folder("penalty/ordinary")


def _stock() -> Iterator[Template]:
    for path in sorted((ROOT / "documents").glob("*/template.yaml")):
        text = path.read_text(encoding="utf-8")
        head = yaml.safe_load(text)
        yield Template(
            str(head["code"]), str(head["title"]), text, bool(head.get("type")), bool(head.get("seal")), 1
        )


STOCK = {template.code: template for template in _stock()}


class Pair:
    """A copy of the procedure that can be damaged."""

    def __init__(self) -> None:
        self.inner = etree.fromstring(BUNDLE.whole)
        self.outer = etree.fromstring(BUNDLE.external)
        self.rules: dict[str, Any] = copy.deepcopy(dict(BUNDLE.rules))
        self.forms: dict[str, Any] = copy.deepcopy(dict(BUNDLE.forms))
        self.templates: dict[str, Template] = dict(STOCK)

    @property
    def internal(self) -> bytes:
        return etree.tostring(self.inner)

    def subject(self) -> Subject:
        outer = etree.tostring(self.outer)
        return build(self.internal, outer, self.rules, self.forms, self.templates, ACTIONS)[0]

    # ---- the drawing

    def find(self, ident: str, root: etree._Element | None = None) -> etree._Element:
        found = next((e for e in (self.inner if root is None else root).iter() if e.get("id") == ident), None)
        assert found is not None, ident
        return found

    def external(self, ident: str) -> etree._Element:
        return self.find(ident, self.outer)

    def _flows(self) -> list[etree._Element]:
        return list(self.inner.iter(f"{{{BPMN}}}sequenceFlow"))

    def attribute(
        self, ident: str, name: str, value: str | None, root: etree._Element | None = None
    ) -> "Pair":
        """Set an attribute of ours; None takes it away."""
        element, key = self.find(ident, root), f"{{{XQ}}}{name}"
        assert element.get(key) != value, "the edit changes nothing"
        if value is None:
            del element.attrib[key]
        else:
            element.set(key, value)
        return self

    def to(self, flow: str, target: str) -> "Pair":
        """Lead a flow elsewhere."""
        self.find(flow).set("targetRef", target)
        return self

    def out_of(self, flow: str, source: str) -> "Pair":
        """Let a flow begin elsewhere."""
        self.find(flow).set("sourceRef", source)
        return self

    def without(self, ident: str) -> "Pair":
        """Take a flow or node away, as it is."""
        element = self.find(ident)
        element.getparent().remove(element)
        for ref in [r for r in self.inner.iter(f"{{{BPMN}}}flowNodeRef") if r.text == ident]:
            ref.getparent().remove(ref)
        return self

    def skip(self, node: str) -> "Pair":
        """Remove a task: what leads to it leads to what follows it."""
        out = [f for f in self._flows() if f.get("sourceRef") == node]
        assert len(out) == 1
        for flow in self._flows():
            if flow.get("targetRef") == node:
                flow.set("targetRef", out[0].get("targetRef"))
        return self.without(out[0].get("id")).without(node)

    def flow(self, ident: str, source: str, target: str, condition: str = "") -> "Pair":
        """Draw a flow."""
        process = self.find(source).getparent()
        flow = etree.SubElement(
            process, f"{{{BPMN}}}sequenceFlow", id=ident, sourceRef=source, targetRef=target
        )
        return self.when(flow.get("id"), condition) if condition else self

    def gate(self, ident: str, flow: str) -> "Pair":
        """Put an exclusive gateway into a flow; its default leads where the flow led."""
        element = self.find(flow)
        process, target = element.getparent(), element.get("targetRef")
        made = etree.SubElement(process, f"{{{BPMN}}}exclusiveGateway", id=ident, default=f"{ident}_default")
        position = next(
            r for r in self.inner.iter(f"{{{BPMN}}}flowNodeRef") if r.text == element.get("sourceRef")
        )
        etree.SubElement(position.getparent(), f"{{{BPMN}}}flowNodeRef").text = made.get("id")
        return self.to(flow, ident).flow(f"{ident}_default", ident, str(target))

    def when(self, flow: str, condition: str) -> "Pair":
        """Change the condition of a flow; empty takes it away."""
        element = self.find(flow)
        for old in element.findall(f"{{{BPMN}}}conditionExpression"):
            element.remove(old)
        if condition:
            etree.SubElement(element, f"{{{BPMN}}}conditionExpression").text = condition
        return self

    def default(self, gateway: str, flow: str | None) -> "Pair":
        element = self.find(gateway)
        if flow is None:
            del element.attrib["default"]
        else:
            element.set("default", flow)
        return self

    def kind(self, node: str, tag: str) -> "Pair":
        """Make a node one of another kind."""
        self.find(node).tag = f"{{{BPMN}}}{tag}"
        return self

    def lane(self, node: str, position: str) -> "Pair":
        """Give a node to another position."""
        for ref in [r for r in self.inner.iter(f"{{{BPMN}}}flowNodeRef") if r.text == node]:
            ref.getparent().remove(ref)
        etree.SubElement(self.find(f"lane_{position}"), f"{{{BPMN}}}flowNodeRef").text = node
        return self

    def length(self, timer: str, limit: str) -> "Pair":
        """Make a timer wait for another time."""
        element = self.find(timer)
        next(element.iter(f"{{{BPMN}}}timeDuration")).text = limit
        element.set(f"{{{XQ}}}limit", limit)
        return self

    def paperless(self, node: str) -> "Pair":
        """Let a task issue no documents."""
        element = self.find(node)
        for wrapper in element.findall(f"{{{BPMN}}}extensionElements"):
            element.remove(wrapper)
        return self

    # ---- rule set, forms, templates

    def silent(self, code: str, words: str) -> "Pair":
        """Leave words out of a document."""
        old = self.templates[code]
        assert words in old.text
        self.templates[code] = replace(old, text=old.text.replace(words, ""))
        return self

    def change(self, section: str, edit: Callable[[Any], Any]) -> "Pair":
        """Replace a section of the rule set."""
        before = copy.deepcopy(self.rules.get(section))
        self.rules[section] = edit(self.rules.get(section))
        assert self.rules[section] != before, "the edit changes nothing"
        return self

    def drop(self, section: str, **wanted: Any) -> "Pair":
        """Take away the entries of a section that have these values."""
        return self.change(
            section, lambda found: [e for e in found if any(e.get(k) != v for k, v in wanted.items())]
        )

    def clock(self, ident: str, **values: Any) -> "Pair":
        """Change a statutory clock."""
        return self.change("clocks", lambda all_: [{**c, **values} if c["id"] == ident else c for c in all_])

    def unasked(self, form: str, *keys: str) -> "Pair":
        """Take questions out of a form."""

        def kept(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [item for item in items if item.get("key") not in keys]

        before = self.forms[form]["items"]
        self.forms[form] = {**self.forms[form], "items": kept(before)}
        assert len(self.forms[form]["items"]) == len(before) - len(keys)
        return self

    def optional(self, form: str, key: str) -> "Pair":
        """No longer insist on an answer."""
        item = next(item for item in self.forms[form]["items"] if item.get("key") == key)
        assert item.pop("required")
        return self

    def unwritten(self, form: str, name: str) -> "Pair":
        """Let a form no longer set an attribute."""
        writes: Mapping[str, Any] = self.forms[form]["writes"]
        self.forms[form] = {**self.forms[form], "writes": {k: v for k, v in writes.items() if k != name}}
        assert len(self.forms[form]["writes"]) < len(writes)
        return self
