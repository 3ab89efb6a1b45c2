"""Breaks diagrams in every way and has them read, refused, netted and proven.

Run as a program (`python -m tests.verify.fuzz COUNT SEED`), so that memory can be limited to the process; it
prints a JSON summary. Work is counted in function calls: who goes beyond the budget hangs.
"""

import json
import random
import re
import resource
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from lxml import etree

from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.verify import reader
from app.verify.net import Net
from app.verify.proof import prove
from app.verify.refusals import notes, refusals
from app.verify.subject import build

MEMORY = 1_500_000_000
"""Bytes of address space."""
CALLS = 6_000_000
"""Function calls that one file may cost."""
STATES = 150
FOREIGN = Path(__file__).parent / "foreign"
DEMO = ROOT / "bpmn" / "penalty" / "ordinary"
TAG = re.compile(rb"<[A-Za-z][^<>]*>")
ID = re.compile(rb'(?:id|sourceRef|targetRef|attachedToRef|default|processRef|messageRef)="([^"]*)"')
ATTRIBUTE = re.compile(rb'\s([\w:]+)="([^"]*)"')
NAMES = sorted(
    reader.FLOW_NODES | reader.MARKERS | {"process", "sequenceFlow", "lane", "messageEventDefinition"}
)
BOMB = b'<!DOCTYPE d [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = b'<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/hostname">]>'


class Hang(BaseException):
    """The budget of work is used up; nothing on the way may take it for an error of its own."""


class Meter:
    """Counts function calls."""

    def __init__(self) -> None:
        self.calls = self.most = 0

    def __enter__(self) -> None:
        self.calls = 0
        sys.setprofile(self.count)

    def __exit__(self, *error: object) -> None:
        sys.setprofile(None)
        self.most = max(self.most, self.calls)

    def count(self, frame: FrameType, event: str, argument: Any) -> None:
        self.calls += 1
        if self.calls > CALLS:
            sys.setprofile(None)
            raise Hang


def corpus() -> list[bytes]:
    """What is broken: small diagrams of other tools, and the demo pair."""
    return [path.read_bytes() for path in sorted(FOREIGN.glob("*.bpmn"))]


def flips(xml: bytes, dice: random.Random) -> bytes:
    found = bytearray(xml)
    for _ in range(dice.choice((1, 3, 20))):
        found[dice.randrange(len(found))] = dice.randrange(256)
    return bytes(found)


def cut(xml: bytes, dice: random.Random) -> bytes:
    start, end = sorted(dice.randrange(len(xml)) for _ in range(2))
    piece = xml[start : min(end, start + 400)]
    return dice.choice((xml[:start] + xml[start + len(piece) :], xml[:end] + piece + xml[end:], xml[:end]))


def elements(xml: bytes, dice: random.Random) -> bytes:
    """Drop, repeat or move whole elements."""
    try:
        root = etree.fromstring(xml)
    except etree.XMLSyntaxError:
        return xml
    found = [e for e in root.iter() if isinstance(e.tag, str) and e is not root]
    for _ in range(dice.choice((1, 2, 6)) if found else 0):
        one, other = dice.choice(found), dice.choice(found)
        if one.getparent() is None:
            continue
        kind = dice.randrange(4)
        if kind == 0:
            one.getparent().remove(one)
        elif kind == 1:
            one.addnext(etree.fromstring(etree.tostring(one, with_tail=False)))
        elif other not in one.iter():
            (other if kind == 2 else other.getparent() if other.getparent() is not None else root).append(one)
    return etree.tostring(root)


def tags(xml: bytes, dice: random.Random) -> bytes:
    """Give an element another name."""
    hits = list(re.finditer(rb"<(/?)([\w]+:)?(\w+)", xml))
    for hit in dice.sample(hits, min(len(hits), dice.choice((1, 2)))):
        name = hit.group(3)
        new = dice.choice(NAMES).encode()
        prefix = hit.group(2) or b""
        xml = xml.replace(b"<" + prefix + name, b"<" + prefix + new).replace(
            b"</" + prefix + name + b">", b"</" + prefix + new + b">"
        )
    return xml


def ids(xml: bytes, dice: random.Random) -> bytes:
    """Exchange references for one another."""
    hits = list(ID.finditer(xml))
    for _ in range(dice.choice((1, 2, 5))):
        if hits:
            one, other = dice.choice(hits), dice.choice(hits)
            new = dice.choice((other.group(1), b"", b"a/b", b":", b"p", other.group(1) + b"/x"))
            xml = xml[: one.start(1)] + new + xml[one.end(1) :]
            hits = list(ID.finditer(xml))
    return xml


def attributes(xml: bytes, dice: random.Random) -> bytes:
    hits = list(ATTRIBUTE.finditer(xml))
    if not hits:
        return xml
    hit = dice.choice(hits)
    value = dice.choice(
        (b"", b"x" * 100_000, "法" .encode() * 20_000, b"&#0;", b"&#x10FFFF;", b"-1", b"true", b"&lt;", b"1e999")
    )  # fmt: skip
    return xml[: hit.start(2)] + value + xml[hit.end(2) :]


def conditions(xml: bytes, dice: random.Random) -> bytes:
    """Give flows conditions, bad ones too."""
    texts = (
        b"x == 1", b"x", b"not x", b"(" * 200, b"x " * 400, b"x == 9" * 80, b"a+b*c > 1", b"f()", b"1 ** 9 ** 9",
        b"x in (1, 'a', None)", b"-x &gt; 1", b"x &lt; 1e308", b"u.v", b"lambda: 0", b"x == 1\n", b"not " * 90 + b"x",
        b"a1 and a2 and a3 and a4 and a5 and a6 or a7 &gt; 3 or a8 in (1,2,3,4,5,6) or a9 == 'q'",
    )  # fmt: skip
    prefix = (re.search(rb"<(\w+:)?definitions", xml) or re.match(b"()", b"")).group(1) or b""
    flows = list(re.finditer(rb"<(\w+:)?sequenceFlow[^<>]*?/>", xml))
    for hit in reversed(dice.sample(flows, min(len(flows), 3))):
        inner = b"<%sconditionExpression>%s</%sconditionExpression>" % (prefix, dice.choice(texts), prefix)
        xml = xml[: hit.end() - 2] + b">" + inner + b"</" + prefix + b"sequenceFlow>" + xml[hit.end() :]
    return xml


def nesting(xml: bytes, dice: random.Random) -> bytes:
    """Sub-processes, lanes or elements within each other."""
    depth, kind = dice.choice((20, 60, 200, 300, 5_000)), dice.choice(("subProcess", "childLaneSet", "any"))
    opens = b"".join(b'<s:%s id="n%d">' % (kind.encode(), i) for i in range(depth))
    closes = (b"</s:%s>" % kind.encode()) * depth
    inner = b'<s:task xmlns:s="%s" id="inmost"/>' % reader.BPMN.encode()
    first = opens.find(b" id=")
    opens = opens[:first] + b' xmlns:s="%s"' % reader.BPMN.encode() + opens[first:]
    return re.sub(rb"(<(\w+:)?process[^>]*>)", lambda m: m.group(0) + opens + inner + closes, xml, count=1)


def many(xml: bytes, dice: random.Random) -> bytes:
    """Very many nodes and flows, wide gateways."""
    count, tag = dice.choice((30, 300, 1_500, 6_000)), dice.choice(sorted(reader.FLOW_NODES)).encode()
    space = reader.BPMN.encode()
    nodes = b"".join(b'<m:%s id="m%d"/>' % (tag, i) for i in range(count))
    shape = dice.randrange(3)
    ends = [
        (dice.randrange(count), dice.randrange(count)) if shape == 0 else (0, i) if shape == 1 else (i, (i + 1) % count)
        for i in range(count)
    ]  # fmt: skip
    text = dice.choice((b"", b"<m:conditionExpression>x == %d</m:conditionExpression>"))
    flows = b"".join(
        b'<m:sequenceFlow id="mf%d" sourceRef="m%d" targetRef="m%d">%s</m:sequenceFlow>'
        % (i, a, b, text % i if text else b"")
        for i, (a, b) in enumerate(ends)
    )
    body = b'<m:subProcess xmlns:m="%s" id="many">%s%s</m:subProcess>' % (space, nodes, flows)
    return re.sub(rb"(<(\w+:)?process[^>]*>)", lambda m: m.group(0) + body, xml, count=1)


def encodings(xml: bytes, dice: random.Random) -> bytes:
    text = xml.decode("utf-8-sig")
    name = dice.choice(("utf-16", "utf-16-be", "utf-32", "gb18030", "utf-7", "latin-1", "shift_jis"))
    said = re.sub(r'encoding=["\'][^"\']*["\']', f'encoding="{name}"', text)
    return dice.choice((said.encode(name, "replace"), said.encode(), text.encode(name, "replace")))


def entities(xml: bytes, dice: random.Random) -> bytes:
    end = xml.find(b"?>") + 2
    kind = dice.choice((BOMB, FILE, b"<!DOCTYPE d SYSTEM 'http://localhost/d.dtd'>"))
    used = dice.choice((b"&b;", b"&f;", b"&amp;"))
    return xml[:end] + kind + xml[end:].replace(b'name="', b'name="' + used, 1)


def noise(xml: bytes, dice: random.Random) -> bytes:
    return dice.choice(
        (dice.randbytes(dice.randrange(4_000)), b"", b"<" * 5_000, b"\x00" * 100, b"<a>" * 50_000)
    )


BREAK: dict[Callable[[bytes, random.Random], bytes], int] = {
    flips: 14, cut: 8, elements: 22, tags: 14, ids: 14, attributes: 8, conditions: 8, nesting: 2, many: 1,
    encodings: 3, entities: 3, noise: 3,
}  # fmt: skip
STILL_XML = {elements, tags, ids, conditions, attributes}


def broken(number: int, seed: int, sources: list[bytes], demo: list[bytes]) -> tuple[str, bytes]:
    """The name and bytes of one broken file."""
    dice = random.Random(seed * 1_000_003 + number)
    xml = dice.choice(demo if number % 25 == 0 else sources)
    first = dice.choices(list(BREAK), list(BREAK.values()))[0]
    xml = first(xml, dice)
    if first in STILL_XML:
        for other in dice.sample(sorted(STILL_XML, key=lambda f: f.__name__), dice.choice((0, 1, 2))):
            xml = other(xml, dice)
    return first.__name__, xml


def attempt(xml: bytes) -> str:
    """What becomes of a file: `invalid`, `refused`, `proven`, `faulty` or `open`."""
    try:
        found = reader.read(xml)
        reader.collaboration(reader.parse(xml))
        named = [refusal for process in found for refusal in (*refusals(process), *notes(process))]
        called = {process.id: process for process in found[1:]}
        for process in found:
            Net(process, called)
        subject, _ = build(xml)
        proof = prove(subject, limit=STATES)
    except Invalid:
        return "invalid"
    if not proof.conclusive:
        return "open"
    return "faulty" if proof.blocking else "refused" if named else "proven"


def peak() -> int:
    """Most bytes this program ever held. `getrusage` would count the process that started it as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) * 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(count: int, seed: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sources = corpus()
    demo = [(DEMO / name).read_bytes() for name in ("internal.bpmn", "external.bpmn")]
    outcomes: Counter[str] = Counter()
    failures: list[str] = []
    meter = Meter()
    for number in range(count):
        name, xml = broken(number, seed, sources, demo)
        before = meter.most
        try:
            with meter:
                outcomes[attempt(xml)] += 1
        except (Exception, Hang) as error:  # everything but Invalid is a failure; it is told, not raised
            where = traceback.extract_tb(error.__traceback__)[-1]
            failures.append(
                f"{number} {name}: {type(error).__name__} {str(error)[:80]} {where.filename}:{where.lineno}"
            )
        if "-v" in sys.argv and meter.most > before:
            print(number, name, meter.most, file=sys.stderr)
    print(json.dumps({"outcomes": outcomes, "failures": failures, "calls": meter.most, "peak": peak()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
