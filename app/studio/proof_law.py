"""The rules of law as pages show them: what each demands in words, and its examples as chains of steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc

from app.verify import reader, sketch
from app.verify import rules as law
from app.verify.catalogue_text import DECIDERS, GATES, LEVELS
from app.verify.diagram import Flow, Node, Process
from app.verify.limits import read as read_limit
from app.verify.rules.steps import ATTRIBUTES
from app.verify.rules.steps import name as step_name
from app.verify.wording import said, sentence

SOUNDNESS = {
    "deadlock": "走到中途停住", "livelock": "反复循环不能结束", "dead-node": "永远办不到的环节",
    "dead-branch": "永远走不到的分支",
    "states": "状态过多", "condition": "条件写法", "double-token": "同一环节重复办理",
}  # fmt: skip
"""Classes of faults of form, by the ids of their findings; rule G01 speaks of all of them."""
OTHER = {"file": "文件不能读取", "rule-set": "规则写法", "tighten": "规则只能收紧"}
UNITS = {"wd": "个工作日", "d": "日", "h": "小时"}
KINDS = {
    "startEvent": "开始", "endEvent": "结束", "exclusiveGateway": "分支", "parallelGateway": "并行",
    "inclusiveGateway": "可多选分支",
    "eventBasedGateway": "等候", "serviceTask": "自动办理", "intermediateCatchEvent": "等待",
}  # fmt: skip


def page_of(rule_id: str) -> tuple[str, str]:
    """The rule whose page a finding leads to (empty: none), and what the finding's rule is called."""
    if rule := law.by_id(rule_id):
        return rule.id, rule.name
    if rule_id in SOUNDNESS:
        return "G01", SOUNDNESS[rule_id]
    return "", OTHER.get(rule_id, "图的写法")


@dataclass(frozen=True, slots=True)
class Group:
    """The rules of one scope."""

    scope: str
    title: str
    rules: tuple[law.Rule, ...]


def groups(scope: str = "") -> list[Group]:
    """The rules by their scopes; only those of one where it is named."""
    wanted = [scope] if scope in law.SCOPES else list(law.SCOPES)
    found = (Group(s, law.SCOPES[s], tuple(r for r in law.RULES if r.scope == s)) for s in wanted)
    return [group for group in found if group.rules]


def neighbours(rule: law.Rule) -> tuple[str, str]:
    """The ids of the rules before and after, empty at the ends."""
    ids = ["", *(each.id for each in law.RULES), ""]
    place = ids.index(rule.id)
    return ids[place - 1], ids[place + 1]


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule in words."""

    id: str
    name: str
    scope: str
    level: str
    blocks: bool
    cite: str
    unsure: bool
    demands: tuple[str, ...]
    decided: str
    advice: str
    guards: tuple[str, ...]
    open: str
    examples: tuple["Example", ...]


def shown(rule: law.Rule, positions: Mapping[str, str]) -> Shown:
    """A rule as its page shows it; `positions` says what positions are called."""
    examples = (("违反的例子", rule.breaks, False), ("符合的例子", rule.keeps, True))
    return Shown(
        rule.id,
        rule.name,
        law.SCOPES[rule.scope],
        LEVELS[rule.severity],
        rule.severity == "block",
        rule.cite,
        rule.unsure,
        tuple(sentence(demand).replace("`", "") for demand in rule.demands) or (f"{rule.name}。",),
        _decided(rule),
        rule.advice,
        tuple(_guard(guard) for guard in rule.guards),
        rule.open,
        tuple(example(title, text, keeps, rule.scope, positions) for title, text, keeps in examples if text),
    )


def _decided(rule: law.Rule) -> str:
    if not rule.static:
        return "运行时：图上看不出来，逐案把关"
    if rule.decided_by:
        return DECIDERS[rule.decided_by]
    looks = type(rule).check is not law.Rule.check
    words = [
        w
        for w, holds in (
            ("走遍流程的全部状态", rule.demands),
            ("检查图上的属性、表单、文书模板和规则", looks),
        )
        if holds
    ]
    return f"发布前静态证明：{'，并'.join(words)}"


def _guard(guard: str) -> str:
    kind, _, code = guard.partition(":")
    return GATES.get(code, code) if kind == "gate" else "办理时由平台检查"


@dataclass(frozen=True, slots=True)
class Link:
    """One part of a chain: a step, or (where `flow`) the condition of the way to the next one."""

    text: str
    flow: bool = False
    kind: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A small procedure in words: chains of steps for each diagram, and what its rule set says."""

    title: str
    keeps: bool
    diagrams: tuple[tuple[str, tuple[tuple[Link, ...], ...]], ...]
    settings: tuple[str, ...]


def example(title: str, text: str, keeps: bool, scope: str, positions: Mapping[str, str]) -> Example:
    """A sketch in words."""
    drawn = sketch.read(cleandoc(text.strip("\n")), scope)
    both = [("内部流程", drawn.internal)] + ([("外部流程", drawn.external)] if drawn.external else [])
    chains = tuple(
        (name if len(both) > 1 else "", tuple(_chains(reader.read(content)[0], drawn, positions)))
        for name, content in both
    )
    settings = tuple(
        line.strip().removeprefix("@") for line in text.splitlines() if line.strip().startswith("@")
    )
    return Example(title, keeps, chains, settings)


def _chains(
    process: Process, drawn: sketch.Sketch, positions: Mapping[str, str]
) -> Iterator[tuple[Link, ...]]:
    """Every flow once: each chain goes on as long as there is a way that was not told yet."""
    told: set[str] = set()

    def untold(node: Node) -> Flow | None:
        return next((flow for flow in node.outgoing if flow.id not in told), None)

    for first in process.nodes.values():
        while (flow := untold(first)) is not None:
            links = [_link(first, drawn, positions)]
            while flow is not None:
                told.add(flow.id)
                source, target = process.nodes[flow.source], process.nodes[flow.target]
                links += [Link(_condition(flow, source), flow=True), _link(target, drawn, positions)]
                flow = untold(target)
            yield tuple(links)


def _condition(flow: Flow, source: Node) -> str:
    if flow.condition:
        return said(flow.condition, ATTRIBUTES)
    return "其他情形" if source.default == flow.id else ""


def _link(node: Node, drawn: sketch.Sketch, positions: Mapping[str, str]) -> Link:
    named = node.tag not in KINDS
    return Link(
        node.name if named else KINDS[node.tag],
        kind="" if named else node.tag,
        notes=tuple(_notes(node, drawn, positions)),
    )


def _notes(node: Node, drawn: sketch.Sketch, positions: Mapping[str, str]) -> Iterator[str]:
    """What an example says of a step beside its name."""
    tag = node.attributes.get("step", "")
    if tag:
        yield f"法定环节：{step_name(tag)}"
    if limit := read_limit(node.attributes.get("limit", "")):
        yield f"时限：{limit[0]} {UNITS[limit[1]]}"
    form = drawn.forms.get(node.attributes.get("form", "")) or {}
    if writes := form.get("writes"):
        yield f"填写：{'、'.join(ATTRIBUTES.get(name, name) for name in writes)}"
    written = {
        source["field"]
        for source in (writes or {}).values()
        if isinstance(source, dict) and "field" in source
    }
    if asked := [str(item["key"]) for item in form.get("items", ()) if item.get("key") not in written]:
        yield f"必填：{'、'.join(asked)}"
    if node.documents:
        yield f"文书：{'、'.join(paper.get('code', '') for paper in node.documents)}"
    if node.position and node.position != "investigator":
        yield f"岗位：{positions.get(node.position, node.position)}"
    if officers := node.attributes.get("officers"):
        yield f"至少 {officers} 名持证人员"
