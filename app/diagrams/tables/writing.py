"""A decision table as DMN 1.3 text."""

from typing import Any

from lxml import etree

from .model import CHOICE, UNIQUE, Column, Table
from .reading import DMN, XQ

TYPES = {CHOICE: "string"}
# the stubs of lxml do not know the default namespace
NAMESPACES: Any = {None: DMN, "xq": XQ}


def write(table: Table) -> str:
    """The file of a table, indented, with an XML declaration."""
    root = etree.Element(
        _tag("definitions"),
        {"id": f"definitions_{table.name}", "name": table.title, "namespace": XQ},
        nsmap=NAMESPACES,
    )
    decision = etree.SubElement(root, _tag("decision"), {"id": f"decision_{table.name}", "name": table.title})
    if table.basis:
        decision.set(f"{{{XQ}}}basis", table.basis)
    body = etree.SubElement(decision, _tag("decisionTable"), {"id": f"table_{table.name}"})
    if table.policy != UNIQUE:
        body.set("hitPolicy", table.policy)
    for column in table.inputs:
        _input(body, column)
    for column in table.outputs:
        element = etree.SubElement(body, _tag("output"), _labelled(column))
        element.set("name", column.name)
        element.set("typeRef", TYPES.get(column.kind, column.kind))
    for row in table.rows:
        element = etree.SubElement(body, _tag("rule"), {"id": row.id})
        if row.note:
            etree.SubElement(element, _tag("description")).text = row.note
        for kind, texts in (("inputEntry", row.cells), ("outputEntry", row.results)):
            for text in texts:
                etree.SubElement(etree.SubElement(element, _tag(kind)), _tag("text")).text = text
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8").decode() + "\n"


def _tag(name: str) -> str:
    return f"{{{DMN}}}{name}"


def _labelled(column: Column) -> dict[str, str]:
    return {"id": column.id} | ({"label": column.label} if column.label else {})


def _input(body: etree._Element, column: Column) -> None:
    element = etree.SubElement(body, _tag("input"), _labelled(column))
    if column.whole:
        element.set(f"{{{XQ}}}whole", "true")
    expression = etree.SubElement(
        element, _tag("inputExpression"), {"typeRef": TYPES.get(column.kind, column.kind)}
    )
    etree.SubElement(expression, _tag("text")).text = column.name
    if column.allowed:
        values = etree.SubElement(element, _tag("inputValues"))
        etree.SubElement(values, _tag("text")).text = column.allowed
