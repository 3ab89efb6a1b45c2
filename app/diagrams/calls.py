"""Shared sub-procedures (被调用流程): what a procedure calls instead of copying. Pure.

A call activity names a process by `calledElement`; its diagram stands beside the caller as `called/<name>.bpmn` and
is published with it, so that the digest of the caller pins the edition it calls. Whatever runs, proves or shows a
procedure reads `linked`: the internal diagram with every called one in the place of its call, as an embedded
sub-process. A call may say `xq:with` to give a node of what it calls a form, limit, basis and papers of the caller's
own: a hearing runs alike whatever law orders it, and is done on the papers of that law.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lxml import etree

from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.verify import reader
from app.verify.reader import BPMN, XQ

Called = Mapping[str, str]
"""Name of a called process → the text of its diagram."""
NAME = r"[a-z][a-z0-9_]{0,40}"
PATH = re.compile(rf"called/({NAME})\.bpmn")
FOLDER = "shared"
"""Below `bpmn/`: the sub-procedures that this release ships, each `<name>/internal.bpmn`."""
MOST = 60
"""Calls within one procedure, those within called ones counted at every place: a diagram doubles at each level."""

CALLED = "called"
"""Attribute of a sub-process of a linked diagram that was a call: the name of the process it called."""
OWN = ("form", "limit", "warn", "duty", "basis", "verb", "guide")
"""What a call may say anew of a node of what it calls. Who does it, and as which legal step, is the called one's."""

_CALL = f"{{{BPMN}}}callActivity"
_OWN = frozenset({f"{{{BPMN}}}extensionElements", f"{{{BPMN}}}documentation", f"{{{BPMN}}}ioSpecification"})
"""Children of a called process that say something of itself, not of its course."""
_REFERRING = ("sourceRef", "targetRef", "attachedToRef", "default")
_NAMING = frozenset(f"{{{BPMN}}}{name}" for name in ("incoming", "outgoing", "flowNodeRef"))


def path_of(name: str) -> str:
    """Where the diagram of a called process stands in a tree."""
    return f"called/{name}.bpmn"


def in_tree(tree: Mapping[str, str]) -> dict[str, str]:
    """The called diagrams of a tree of text files, by name."""
    return {found[1]: text for path, text in sorted(tree.items()) if (found := PATH.fullmatch(path))}


def named(diagram: str | bytes) -> list[str]:
    """The processes a diagram calls, in document order, each once.

    Raises:
        Invalid: the diagram cannot be read.
    """
    calls = _root(diagram).iter(_CALL)
    return list(dict.fromkeys(name for call in calls if (name := _target(call))))


def reached(internal: str | bytes, called: Called) -> dict[str, str]:
    """Of the called diagrams those that the internal one calls, directly or not.

    Raises:
        Invalid: a diagram cannot be read.
    """
    found: dict[str, str] = {}
    waiting = named(internal)
    while waiting:
        name = waiting.pop(0)
        if name in called and name not in found:
            found[name] = called[name]
            waiting += named(called[name])
    return {name: found[name] for name in sorted(found)}


def linked(internal: bytes, called: Called) -> bytes:
    """The internal diagram with every called process in the place of its call. A call whose process is not given, or
    which would call itself, stays what it is; `problems` tells it.

    Raises:
        Invalid: a diagram cannot be read, or there are too many calls.
    """
    return _linked(bytes(internal), tuple(sorted(called.items()))) if called else bytes(internal)


def problems(internal: str | bytes, called: Called) -> list[str]:
    """Chinese reasons why the calls of a procedure cannot be carried out; none when they can.

    Raises:
        Invalid: the internal diagram cannot be read.
    """
    found = list(_calls_of(internal, "", called, ()))
    for name, text in called.items():
        found += _process_problems(name, text)
    return list(dict.fromkeys(found))


def of_release(root: Path = ROOT) -> dict[str, str]:
    """The newest edition of every shared sub-procedure, as this release ships it."""
    files = sorted((root / "bpmn" / FOLDER).glob("*/internal.bpmn"))
    return {file.parent.name: file.read_bytes().decode() for file in files}


def title(text: str) -> str:
    """What people call a called process; empty where its diagram cannot be read."""
    try:
        found = _processes(_root(text))
    except Invalid:
        return ""
    return (found[0].get("name") or found[0].get("id") or "") if found else ""


def whole_of(tree: Mapping[str, str]) -> str:
    """The internal diagram of a draft's files with what it calls in its place, as far as they can be read."""
    internal = tree.get("internal.bpmn", "")
    try:
        return linked(internal.encode(), in_tree(tree)).decode()
    except Invalid:
        return internal


def scopes(root: etree._Element) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The sub-processes of a diagram: id, start event, end events."""
    for scope in root.iter(f"{{{BPMN}}}subProcess"):
        start = scope.find(f"{{{BPMN}}}startEvent")
        if start is not None:
            ends = tuple(end.get("id", "") for end in scope.findall(f"{{{BPMN}}}endEvent"))
            yield scope.get("id", ""), start.get("id", ""), ends


@dataclass(frozen=True, slots=True)
class Drawing:
    """A called process as a page draws it beside its caller.

    Attributes:
        call: id of the call activity; `name`: what it is called there.
        called: name of the process it calls.
        within: id of the call around it, empty in the internal diagram itself.
        nodes: what it holds: id in the linked diagram → id in its own drawing.
    """

    call: str
    name: str
    called: str
    within: str
    nodes: Mapping[str, str]


def drawings(whole: bytes) -> tuple[Drawing, ...]:
    """The called processes of a linked diagram in document order, those inside others behind them."""
    return _drawings(bytes(whole))


@lru_cache(maxsize=64)
def _drawings(whole: bytes) -> tuple[Drawing, ...]:
    found = []
    for scope in _root(whole).iter(f"{{{BPMN}}}subProcess"):
        if name := scope.get(f"{{{XQ}}}{CALLED}"):
            call = scope.get("id") or ""
            own = (e for e in scope.iterdescendants() if e.get("id") and _around(e) is scope)
            nodes = {e.get("id") or "": (e.get("id") or "").removesuffix(f"__{call}") for e in own}
            around = _around(scope)
            within = "" if around is None else around.get("id") or ""
            found.append(Drawing(call, scope.get("name") or name, name, within, nodes))
    return tuple(found)


def _around(element: etree._Element) -> etree._Element | None:
    """The call that an element of a linked diagram stands in."""
    above = element.getparent()
    while above is not None and not above.get(f"{{{XQ}}}{CALLED}"):
        above = above.getparent()
    return above


def shown_at(whole: bytes) -> dict[str, str]:
    """For everything inside a called process the call activity of the internal diagram that leads there: what a drawing of
    the internal diagram can point at."""
    above = {drawing.call: drawing.within for drawing in drawings(whole)}
    found: dict[str, str] = {}
    for drawing in drawings(whole):
        outermost = drawing.call
        while above[outermost]:
            outermost = above[outermost]
        found |= dict.fromkeys(drawing.nodes, outermost)
    return found


def with_calls(nodes: Iterable[str], whole: bytes) -> list[str]:
    """Nodes of a linked diagram together with the calls they stand in, each once: what is marked on the drawings."""
    inside = {node: drawing for drawing in drawings(whole) for node in drawing.nodes}
    found: dict[str, None] = {}
    for node in nodes:
        found[node] = None
        while node in inside:
            node = inside[node].call
            found[node] = None
    return list(found)


# ---------------------------------------------------------------- putting called processes in the place of calls


@lru_cache(maxsize=128)
def _linked(internal: bytes, called: tuple[tuple[str, str], ...]) -> bytes:
    root = reader.parse(internal)
    texts = dict(called)
    taken = {ident for element in root.iter() if (ident := element.get("id"))}
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [
        (call, ()) for process in _processes(root) for call in process.iter(_CALL)
    ]
    count = 0
    while waiting:
        call, above = waiting.pop(0)
        name = _target(call)
        if name not in texts or name in above:
            continue
        count += 1
        if count > MOST:
            raise Invalid(f"流程中的调用超过 {MOST} 处（含逐层调用），请合并。", code="too_many_calls")
        inner = _put(root, call, name, texts[name], taken)
        waiting += [(deeper, (*above, name)) for deeper in inner.iter(_CALL)]
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _put(root: etree._Element, call: etree._Element, name: str, text: str, taken: set[str]) -> etree._Element:
    """One call as a sub-process with a copy of what it calls."""
    source = _root(text)
    processes = _processes(source)
    own = {} if not processes else {_id(e): e for e in processes[0].iter() if e.get("id")}
    _adapt(call, own)
    call.tag = f"{{{BPMN}}}subProcess"
    del call.attrib["calledElement"]
    call.set(f"{{{XQ}}}{CALLED}", name)
    if not processes:
        return call
    for child in processes[0]:
        if child.tag not in _OWN:
            call.append(deepcopy(child))
    _rename(call, {i for i in own if i != _id(processes[0])} & taken, call.get("id") or "")
    taken.update(ident for element in call.iter() if (ident := element.get("id")))
    for beside in source:  # messages and errors that events refer to
        known, tag = beside.get("id"), etree.QName(beside)
        drawn = tag.namespace != BPMN or tag.localname in ("process", "collaboration")
        if known and not drawn and known not in taken:
            root.insert(0, deepcopy(beside))
            taken.add(known)
    return call


def _adapt(call: etree._Element, own: Mapping[str, etree._Element]) -> None:
    """What the call says of single nodes, laid over them; the saying itself goes."""
    for extra in call.findall(f"{{{BPMN}}}extensionElements/{{{XQ}}}with"):
        node = own.get(extra.get("node") or "")
        if node is not None:
            for name in OWN:
                if (value := extra.get(name)) is not None:
                    node.set(f"{{{XQ}}}{name}", value)
            if extra.get("documents") == "own":
                _papers(node, extra.findall(f"{{{XQ}}}document"))
        if (wrapper := extra.getparent()) is not None:
            wrapper.remove(extra)


def _papers(node: etree._Element, papers: list[etree._Element]) -> None:
    """These documents instead of the node's."""
    wrapper = node.find(f"{{{BPMN}}}extensionElements")
    if wrapper is None:
        wrapper = etree.Element(f"{{{BPMN}}}extensionElements")
        node.insert(0, wrapper)
    for old in wrapper.findall(f"{{{XQ}}}document"):
        wrapper.remove(old)
    wrapper.extend(deepcopy(paper) for paper in papers)


def _rename(call: etree._Element, twice: set[str], suffix: str) -> None:
    """Ids that the procedure has already (it calls the same at another place): with the id of this call behind."""
    if not twice:
        return
    new = {ident: f"{ident}__{suffix}" for ident in twice}
    for element in call.iterdescendants():
        if element.getparent() is call and element.tag in _NAMING:
            continue  # the call's own flows
        for name in ("id", *_REFERRING):
            if (said := element.get(name) or "") in new:
                element.set(name, new[said])
        if element.tag in _NAMING and (element.text or "").strip() in new:
            element.text = new[(element.text or "").strip()]


# ---------------------------------------------------------------- what is wrong with calls


def _calls_of(diagram: str | bytes, inside: str, called: Called, above: tuple[str, ...]) -> Iterator[str]:
    for call in _root(diagram).iter(_CALL):
        label = f"“{call.get('name') or call.get('id')}”"
        where = f"被调用流程“{title(called[inside]) or inside}”中的" if inside else ""
        name = _target(call)
        if not name:
            yield f"{where}{label}没有选择被调用流程，请在属性中选择。"
        elif name not in called:
            yield f"{where}{label}调用的流程“{name}”不存在，请在它的属性中选择被调用流程，或者把它加入草稿。"
        elif name in above:
            chain = "→".join(f"“{title(called[n]) or n}”" for n in (*above[above.index(name) :], name))
            yield f"{where}{label}使流程直接或间接调用自己（{chain}），请改用循环。"
        else:
            yield from _unknown_nodes(call, label, called[name])
            try:
                yield from _calls_of(called[name], name, called, (*above, name))
            except Invalid as error:
                yield f"被调用流程“{name}”不能读取：{error.message}"


def _unknown_nodes(call: etree._Element, label: str, text: str) -> Iterator[str]:
    try:
        known = {element.get("id") for process in _processes(_root(text)) for element in process.iter()}
    except Invalid:
        return
    for extra in call.findall(f"{{{BPMN}}}extensionElements/{{{XQ}}}with"):
        if extra.get("node") not in known:
            told = extra.get("node") or ""
            yield f"{label}为被调用流程中的“{told}”另行指定了表单或者文书，但其中没有这个环节。"


def _process_problems(name: str, text: str) -> Iterator[str]:
    try:
        found = _processes(_root(text))
    except Invalid as error:
        yield f"被调用流程“{name}”不能读取：{error.message}"
        return
    if len(found) != 1:
        yield f"被调用流程“{name}”的图必须恰好包含一个流程。"
    elif found[0].get("id") != name:
        yield f"被调用流程“{name}”的图中，流程的编号是“{found[0].get('id')}”，应当是“{name}”。"


def _id(element: etree._Element) -> str:
    return element.get("id") or ""


def _root(diagram: str | bytes) -> etree._Element:
    return reader.parse(diagram.encode() if isinstance(diagram, str) else bytes(diagram))


def _processes(root: etree._Element) -> list[etree._Element]:
    return list(root.iter(f"{{{BPMN}}}process"))


def _target(call: etree._Element) -> str:
    return (call.get("calledElement") or "").strip().rpartition(":")[2]
