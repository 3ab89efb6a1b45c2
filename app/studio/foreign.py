"""BPMN files from other tools: made readable, and what of them is not understood here. Pure.

A file is taken as it is: elements and attributes of other tools stay where they are, so that they are still there when
the diagram is saved. Only what no reader could keep apart is put in order (`_one_wrapper`), and the encoding becomes
UTF-8. What is not understood is named by the proof's own reader and `refusals`.
"""

import codecs
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lxml import etree

from app.diagrams import service as diagrams
from app.engine import service as engine
from app.kernel.actions import ACTIONS
from app.kernel.errors import Invalid
from app.verify import reader
from app.verify.refusals import notes, refusals

ENCODINGS = frozenset({"utf-8", "utf-16", "iso8859-1", "cp1252", "ascii", "gb18030", "gbk", "gb2312"})
"""What a diagram may be written in; the names are Python's."""
MAX_BYTES = reader.MAX_BYTES
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_STANDARD = frozenset(
    {
        reader.BPMN,
        reader.XQ,
        _DI,
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one element: its id, what it is called, and the message."""

    element: str
    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What another tool wrote into the file: its namespace and how many elements and attributes."""

    namespace: str
    elements: int
    attributes: int


@dataclass(frozen=True, slots=True)
class Foreign:
    """A file from elsewhere.

    Attributes:
        text: the diagram in UTF-8, to be opened in the editor.
        tool: the program that wrote it, empty where it does not say.
        drawn: whether it says where its elements stand; otherwise the editor lays it out.
        nodes: how many flow nodes it has.
        refused: what the platform does not run, and what to draw instead.
        simplified: what is understood in a simplified way.
        lacking: what an internal diagram needs besides before it can be published, as the engine's own check says.
        kept: content of other tools, which is kept but has no effect.
        positions: lane id → position, matched by name.
        changed: what was changed in the file, in words.
    """

    text: str
    tool: str
    drawn: bool
    nodes: int
    refused: tuple[Finding, ...]
    simplified: tuple[Finding, ...]
    lacking: tuple[Finding, ...]
    kept: tuple[Kept, ...]
    positions: Mapping[str, str]
    changed: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def receive(
    content: bytes,
    positions: Mapping[str, str],
    attributes: Collection[str] | None = None,
    called: Mapping[str, str] | None = None,
) -> Foreign:
    """Read a file that an analyst uploads.

    Args:
        content: the file.
        positions: key → name of the positions there are; a lane of such a name gets the position.
        attributes: what conditions may speak of, where the file is to be the internal diagram; None for the external.
        called: the processes it may call, by name.

    Raises:
        Invalid: it is no BPMN 2.0 diagram, too large, or not safe to read.
    """
    if len(content) > MAX_BYTES:
        raise Invalid(f"流程图文件超过 {MAX_BYTES // 1_000_000} MB，请精简后再导入。", code="too_large")
    changed: list[str] = []
    root = reader.parse(_utf8(content, changed))
    if root.tag != f"{{{reader.BPMN}}}definitions":
        raise Invalid(
            "这不是 BPMN 2.0 流程图文件，请从原来的工具中导出为 BPMN 2.0（.bpmn 或 .xml）。", code="no_bpmn"
        )
    if merged := _one_wrapper(root):
        changed.append(f"{merged} 个元素写有多个扩展区，已合并为一个，内容没有变化。")
    if twice := _own_prefix(root):
        changed.append(f"{twice} 处扩展属性的前缀与所在元素相同，已去掉前缀，内容没有变化。")
    matched = _positions(root, positions)
    if matched:
        changed.append(f"{len(matched)} 条泳道按名称对应到了岗位。")
    processes = reader.processes(root)
    names = {element.get("id"): element.get("name") or "" for element in root.iter(etree.Element)}
    by_kind = [
        tuple(
            Finding(found.element, names.get(found.element, ""), found.code, found.message)
            for process in processes
            for found in of(process)
        )
        for of in (refusals, notes)
    ]
    refused = by_kind[0]
    if not processes:
        refused = (
            *refused,
            Finding("", "", "no_process", "文件中没有可以办理的流程，请检查导出时是否选对了流程。"),
        )
    text = etree.tostring(root, encoding="unicode")
    known = {(found.element, found.code) for found in refused}
    lacking = (
        ()
        if attributes is None or not processes
        else _lacking(_whole(text, called), attributes, names, known)
    )
    tool = " ".join(filter(None, (root.get("exporter"), root.get("exporterVersion"))))
    return Foreign(
        text=text,
        tool=tool[:120],
        drawn=root.find(f".//{{{_DI}}}BPMNShape") is not None,
        nodes=sum(len(process.nodes) for process in processes),
        refused=refused,
        simplified=by_kind[1],
        lacking=lacking,
        kept=_kept(root),
        positions=matched,
        changed=tuple(changed),
    )


def _whole(text: str, called: Mapping[str, str] | None) -> str:
    """The diagram with what it calls, as far as that can be put in its place."""
    known = called or {}
    try:
        return diagrams.calls.linked(text.encode(), diagrams.calls.reached(text, known)).decode()
    except Invalid:
        return text  # told of the draft that it becomes


def _lacking(
    text: str, attributes: Collection[str], names: Mapping[Any, str], known: Collection[tuple[str, str]]
) -> tuple[Finding, ...]:
    problems = engine.check(engine.Source(text.encode()), attributes, ACTIONS)
    return tuple(
        Finding(problem.element, names.get(problem.element, ""), problem.code, problem.message)
        for problem in problems
        if (problem.element, problem.code) not in known
    )


def _utf8(content: bytes, changed: list[str]) -> bytes:
    """The file in UTF-8, whatever known encoding it declares."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    else:
        found = _DECLARED.match(content.removeprefix(codecs.BOM_UTF8)[:200])
        name = found.group(1).decode() if found else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if encoding not in ENCODINGS:
        raise Invalid(f"不支持文件的编码 {name[:40]}，请用 UTF-8 重新导出。", code="encoding")
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        raise Invalid(
            f"文件声明的编码是 {name[:40]}，但内容不符，请用 UTF-8 重新导出。", code="encoding"
        ) from None
    if encoding not in ("utf-8", "ascii"):
        changed.append(f"文件编码由 {name} 转为 UTF-8。")
    return _DECLARATION.sub("", text, count=1).encode()


def _one_wrapper(root: etree._Element) -> int:
    """Put the content of repeated `extensionElements` of one element into the first: editors keep only one."""
    merged = 0
    tag = f"{{{reader.BPMN}}}extensionElements"
    for element in root.iter(etree.Element):
        first, *others = element.findall(tag) or [None]
        for other in others:
            for child in list(other):
                first.append(child)
            element.remove(other)
        merged += bool(others)
    return merged


def _own_prefix(root: etree._Element) -> int:
    """In content of other tools, an attribute in its element's own namespace is written without prefix, as the editor
    writes it; where it stands twice with one value, once."""
    done = 0
    for element in root.iter(etree.Element):
        namespace = etree.QName(element).namespace or ""
        if not namespace or namespace in _STANDARD:
            continue
        for key, value in list(element.attrib.items()):
            name = etree.QName(str(key))
            if name.namespace == namespace and element.get(name.localname, value) == value:
                del element.attrib[key]
                element.set(name.localname, value)
                done += 1
    return done


def _positions(root: etree._Element, positions: Mapping[str, str]) -> dict[str, str]:
    """Give each lane that is called like a position that position."""
    by_name = {name: key for key, name in positions.items()}
    matched: dict[str, str] = {}
    for lane in root.iter(f"{{{reader.BPMN}}}lane"):
        key = by_name.get((lane.get("name") or "").strip())
        if key and not lane.get(f"{{{reader.XQ}}}position"):
            lane.set(f"{{{reader.XQ}}}position", key)
            matched[lane.get("id") or ""] = key
    return matched


def _kept(root: etree._Element) -> tuple[Kept, ...]:
    elements: Counter[str] = Counter()
    attributes: Counter[str] = Counter()
    for element in root.iter(etree.Element):
        namespace = etree.QName(element).namespace or ""
        if namespace not in _STANDARD:
            elements[namespace] += 1
        for key in element.attrib:
            space = etree.QName(str(key)).namespace
            if space and space not in _STANDARD:
                attributes[space] += 1
    every = sorted({*elements, *attributes})
    return tuple(Kept(name[:200], elements[name], attributes[name]) for name in every)
