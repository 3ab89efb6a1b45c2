"""The rule set of a procedure (`rules.yaml`) as values. Pure.

It declares what the diagrams cannot: routing attributes with their defaults, thresholds with their source,
derived attributes, statutory clocks, which persons exclude one another, and the gates of law that hold at
run time whatever the diagram says.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from app.kernel.errors import Invalid

from . import tables as decision_tables
from .gate_rules import (
    SECTIONS,
    AppliedLaw,
    Band,
    Bound,
    ClockBar,
    EvidenceList,
    Follow,
    Named,
    Paper,
    Pending,
    Period,
    Proof,
    Quiet,
    Reckoned,
    Round,
    Settled,
    Stated,
    read_all,
    steps_of,
)
from .money_rules import FOLLOWING, SOURCE, SURCHARGE, Claim, Instalments, Receipt, Stop, Waiver

__all__ = [
    "FOLLOWING", "SECTIONS", "SOURCE", "SURCHARGE", "TYPES", "Abnormal", "AppliedLaw", "Attribute", "Band", "Bound",
    "Claim", "ClockBar", "EvidenceList", "Follow", "Instalments", "Named", "Need", "NoIncrease", "Paper", "Pending",
    "Period", "Proof", "Quiet", "Receipt", "Reckoned", "Round", "Rules", "Separation", "Settled", "Stated", "Stop",
    "Threshold", "Waiver", "parse",
]  # fmt: skip

Condition = Mapping[str, Any]

TYPES: Mapping[str, tuple[type, ...]] = {"boolean": (bool,), "number": (int, float), "choice": (str,)}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A routing attribute: one of the few values that the flow conditions can see."""

    name: str
    type: str
    default: Any
    label: str
    options: tuple[str, ...] = ()
    setting: str = ""
    """The setting of the agency that makes it true (`cases.switches`); empty: forms write it."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold of the law that an agency may set lower for itself, never higher: where `number` reaches `most` (a
    param), or the amount of the agency's own table, and `where` holds, `attribute` is true (`cases.thresholds`)."""

    attribute: str
    number: str
    most: str
    label: str
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """A gate of law: before any of the steps `before`, each of `steps` must have been passed (and not voided
    since) and each of `attributes` be true, whenever `when` holds after the act."""

    before: tuple[str, ...]
    steps: tuple[str, ...]
    attributes: tuple[str, ...]
    when: Condition | None
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class Separation:
    """Persons who took part in a step of this group may not take part in one of the groups it excludes."""

    name: str
    steps: tuple[str, ...]
    excludes: tuple[str, ...]
    article: str


@dataclass(frozen=True, slots=True)
class Abnormal:
    """A branch that the law wants explained: when `attribute` gets `value` at one of `steps` (none: at any),
    a reason must have been given."""

    attribute: str
    value: Any
    steps: tuple[str, ...]
    message: str
    article: str = ""
    reason: str = ""
    """The field of the form that holds the reason; empty: the text of its opinion."""


@dataclass(frozen=True, slots=True)
class NoIncrease:
    """At `step` none of the attributes may exceed the value it had when `than` was last completed."""

    step: str
    than: str
    attributes: tuple[str, ...]
    when: Condition | None
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole rule set of one procedure."""

    key: str
    name: str
    kind: str
    attributes: Mapping[str, Attribute]
    params: Mapping[str, Any]
    derived: Mapping[str, Condition]
    labels: Mapping[str, str]
    clocks: Sequence[Mapping[str, Any]]
    suspensions: Sequence[Mapping[str, Any]]
    resets: Mapping[str, Mapping[str, Any]]
    voids: Mapping[str, tuple[str, ...]]
    sticky: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, str]
    moments: Mapping[str, str]
    separation: tuple[Separation, ...] = ()
    needs: tuple[Need, ...] = ()
    no_increase: tuple[NoIncrease, ...] = ()
    freeze_after: tuple[str, ...] = ()
    abnormal: tuple[Abnormal, ...] = ()
    reviews: tuple[Proof, ...] = ()
    hearings: tuple[Proof, ...] = ()
    periods: tuple[Period, ...] = ()
    in_time: tuple[Bound, ...] = ()
    named: tuple[Named, ...] = ()
    bands: tuple[Band, ...] = ()
    documents_before: tuple[Paper, ...] = ()
    clock_bars: tuple[ClockBar, ...] = ()
    rounds: tuple[Round, ...] = ()
    evidence_lists: tuple[EvidenceList, ...] = ()
    applied_law: tuple[AppliedLaw, ...] = ()
    reckoned: tuple[Reckoned, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    claims: tuple[Claim, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    instalments: tuple[Instalments, ...] = ()
    stops: tuple[Stop, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    settled: tuple[Settled, ...] = ()
    stated: tuple[Stated, ...] = ()
    follows: tuple[Follow, ...] = ()
    pending: tuple[Pending, ...] = ()
    scene: tuple[str, ...] = ()
    """Legal steps that may be worked on at the scene, with the task taken along."""
    thresholds: tuple[Threshold, ...] = ()
    """What an agency may demand from a lower amount on than the law."""
    act_papers: Mapping[str, str] = field(default_factory=dict)
    """Act on a case that leaves the procedure where it is (as the record calls it) → the document it issues."""
    certificate: str = "enforcement"
    certificates: Mapping[str, str] = field(default_factory=dict)
    external_steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scope: str = ""
    """Which rules of law apply: as `app.verify.subject.build` reads it."""
    loosened: tuple[Mapping[str, str], ...] = ()
    """Where it is looser than the version before it, each with the legal basis (`app.verify.loosening`)."""

    def initial(self) -> dict[str, Any]:
        """The attributes of a case that has just been opened."""
        return {a.name: a.default for a in self.attributes.values()}

    def external_of(self, step: str) -> str:
        """The external step tag that an internal one realises; the longest matching prefix decides."""
        best = ("", step)
        for external, prefixes in self.external_steps.items():
            for prefix in prefixes:
                if (step == prefix or step.startswith(prefix + ".")) and len(prefix) > len(best[0]):
                    best = (prefix, external)
        return best[1]

    def names(self) -> set[str]:
        """Every name that a flow condition may use."""
        return set(self.attributes) | set(self.derived)

    def declared(self) -> list[tuple[str, Any]]:
        """Every declared gate with the section it stands in."""
        return [(section, entry) for section in SECTIONS for entry in getattr(self, section)]

    def without_standard(self) -> list[str]:
        """The attributes that an agency's own standards decide, and for which none is declared: nothing could make them
        true."""
        held = {one.attribute for one in self.thresholds}
        return sorted(a.name for a in self.attributes.values() if a.setting == OWN and a.name not in held)

    def gate_steps(self) -> set[str]:
        """Every legal step that some gate speaks of."""
        found = steps_of(entry for _, entry in self.declared())
        found.update(step for need in self.needs for step in (*need.before, *need.steps))
        found.update(step for group in self.separation for step in group.steps)
        found.update(step for limit in self.no_increase for step in (limit.step, limit.than))
        found.update(self.freeze_after, self.scene)
        return found | {step for abnormal in self.abnormal for step in abnormal.steps}


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _attribute(name: str, raw: Mapping[str, Any]) -> Attribute:
    kind = str(raw.get("type"))
    if kind not in TYPES:
        raise Invalid(f"规则文件：属性“{name}”的类型“{kind}”不认识，只能是 boolean、number 或 choice。")
    # True is an int in Python, but no number of a case
    fits = "default" in raw and isinstance(raw["default"], TYPES[kind])
    if not fits or (kind == "number" and isinstance(raw["default"], bool)):
        raise Invalid(f"规则文件：属性“{name}”缺少类型正确的默认值。")
    options = tuple(raw.get("options") or ())
    if kind == "choice" and raw["default"] not in options:
        raise Invalid(f"规则文件：属性“{name}”的默认值不在选项中。")
    setting = str(raw.get("setting") or "")
    if setting and (kind != "boolean" or raw["default"]):
        raise Invalid(f"规则文件：属性“{name}”由机关设置决定，只能是默认为 false 的 boolean。")
    return Attribute(name, kind, raw["default"], raw.get("label", name), options, setting)


OWN = "agency_thresholds"
"""The `setting` of an attribute that an agency's own thresholds make true."""


def _thresholds(
    raw: Any, attributes: Mapping[str, Attribute], params: Mapping[str, Any]
) -> tuple[Threshold, ...]:
    found = tuple(
        Threshold(t["attribute"], t["number"], t["most"], t["label"], t.get("where")) for t in raw or ()
    )
    own = {a.name for a in attributes.values() if a.setting == OWN}
    for one in found:
        number = attributes.get(one.number)
        if one.attribute not in own or number is None or number.type != "number" or one.most not in params:
            raise Invalid(f"规则文件：本机关标准“{one.label}”引用的属性或者阈值不存在，或者类型不对。")
    if len({(t.attribute, t.most) for t in found}) < len(found):
        raise Invalid("规则文件：同一属性的本机关标准不能两次引用同一阈值。")
    return found


def _separation(raw: Sequence[Mapping[str, Any]]) -> tuple[Separation, ...]:
    names = [group["name"] for group in raw]
    return tuple(
        Separation(
            group["name"],
            _listed(group["steps"]),
            _listed(group.get("excludes")) or tuple(n for n in names if n != group["name"]),
            group.get("article", ""),
        )
        for group in raw
    )


def _need(raw: Mapping[str, Any], attributes: Set[str]) -> Need:
    needed = _listed(raw.get("needs"))
    return Need(
        _listed(raw["before"]),
        tuple(n for n in needed if n not in attributes),
        tuple(n for n in needed if n in attributes),
        raw.get("when"),
        raw["article"],
        raw["message"],
    )


def _in_order(derived: Mapping[str, Condition]) -> dict[str, Condition]:
    """Derived attributes so that each comes after those it reads: a stored rule set has lost the written order."""
    found: dict[str, Condition] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise Invalid(f"规则文件：推导属性{'、'.join(sorted(above))}互相推导。")
        if name not in found:
            for other in sorted(_read(derived[name]) & derived.keys()):
                visit(other, (*above, name))
            found[name] = derived[name]

    for name in derived:
        visit(name, ())
    return found


def _read(tree: Any) -> set[str]:
    """Every attribute that a condition tree reads."""
    if isinstance(tree, Mapping):
        mine = {str(tree[key]) for key in ("field", "param") if isinstance(tree.get(key), str)}
        return mine.union(*map(_read, tree.values()))
    return set().union(*map(_read, tree)) if isinstance(tree, list) else set()


def parse(raw: Any, tables: Mapping[str, str] | None = None) -> Rules:
    """The rule set from its parsed YAML, with its decision tables (name -> DMN text) compiled in.

    Raises:
        Invalid: something is missing or has the wrong type; the Chinese message names it.
    """
    if not isinstance(raw, Mapping):
        raise Invalid("规则文件必须是“名称: 内容”的对象。")
    try:
        return _parse(decision_tables.compiled_in(raw, tables or {}))
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise Invalid(f"规则文件的内容缺少或者写法不对：{wrong}。") from wrong


def _parse(raw: Mapping[str, Any]) -> Rules:
    missing = [k for k in ("key", "name", "kind", "attributes") if k not in raw]
    if missing:
        raise Invalid(f"规则文件缺少：{'、'.join(missing)}。")
    attributes = {name: _attribute(name, a) for name, a in raw["attributes"].items()}
    derived = raw.get("derived") or {}
    certified = raw.get("certified") or {}
    params = {name: p["value"] for name, p in (raw.get("params") or {}).items()}
    if twice := attributes.keys() & derived.keys():
        raise Invalid(f"规则文件：{'、'.join(sorted(twice))} 既是填写属性又是推导属性。")
    return Rules(
        key=raw["key"],
        name=raw["name"],
        kind=raw["kind"],
        attributes=attributes,
        params=params,
        derived=_in_order({name: d["when"] for name, d in derived.items()}),
        labels={a.name: a.label for a in attributes.values()}
        | {n: d.get("label", n) for n, d in derived.items()},
        clocks=tuple(raw.get("clocks") or ()),
        suspensions=tuple(raw.get("suspensions") or ()),
        resets=raw.get("resets") or {},
        voids={step: _listed(v) for step, v in (raw.get("voids") or {}).items()},
        sticky={step: _listed(v) for step, v in (raw.get("sticky") or {}).items()},
        facts=raw.get("facts") or {},
        moments=raw.get("moments") or {},
        separation=_separation(raw.get("separation") or ()),
        needs=tuple(_need(n, attributes.keys() | derived.keys()) for n in raw.get("required_before") or ()),
        no_increase=tuple(
            NoIncrease(
                n["step"], n["than"], _listed(n["attributes"]), n.get("when"), n["article"], n["message"]
            )
            for n in raw.get("no_increase") or ()
        ),
        freeze_after=_listed(raw.get("freeze_after")),
        abnormal=tuple(
            Abnormal(
                a["attribute"],
                a["value"],
                _listed(a.get("step")),
                a["message"],
                a.get("article", ""),
                a.get("reason", ""),
            )
            for a in raw.get("abnormal") or ()
        ),
        **read_all(raw),
        scene=_listed(raw.get("scene")),
        thresholds=_thresholds(raw.get("thresholds"), attributes, params),
        act_papers={str(act): str(code) for act, code in (raw.get("act_papers") or {}).items()},
        certificate=certified.get("two_or_more", "enforcement"),
        certificates=certified.get("steps") or {},
        external_steps={e: _listed(i) for e, i in (raw.get("external_steps") or {}).items()},
        scope=str(raw.get("scope") or raw["key"]).replace("/", "."),
        loosened=tuple(raw.get("loosened") or ()),
    )
