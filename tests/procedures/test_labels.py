"""No two labels of a shipped diagram lie on one another: each can be read."""

from itertools import combinations

import pytest
from lxml import etree

from app.kernel.settings import ROOT

DIAGRAMS = sorted(ROOT.glob("bpmn/**/*.bpmn"))
NAMES = {
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
}


def labels(text: bytes) -> list[tuple[str, float, float, float, float]]:
    """Every label: what it belongs to, left, top, right, bottom."""
    found = []
    for drawn in etree.fromstring(text).iter(f"{{{NAMES['bpmndi']}}}*"):
        for box in drawn.findall("bpmndi:BPMNLabel/dc:Bounds", NAMES):
            x, y, width, height = (float(box.get(part)) for part in ("x", "y", "width", "height"))
            found.append((drawn.get("bpmnElement"), x, y, x + width, y + height))
    return found


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: "/".join(path.parts[-3:]))
def test_no_label_lies_on_another(path):
    pairs = combinations(labels(path.read_bytes()), 2)
    over = [(a[0], b[0]) for a, b in pairs if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4]]
    assert over == []
