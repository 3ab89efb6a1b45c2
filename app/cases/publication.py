"""The gate a procedure passes before it may be started: its diagrams run, its forms and documents exist, and it is
proven to keep the rules of law (`app.verify`)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.diagrams import tables as decision_tables
from app.diagrams.rules import Rules
from app.documents import service as documents
from app.engine import service as engine
from app.forms import conditions
from app.forms import service as forms
from app.kernel.actions import ACTIONS
from app.kernel.errors import Invalid
from app.verify.proof import Proof
from app.verify.rules import SCOPES
from app.verify.rules.steps import PUBLISHES

from . import former, gate_declarations, on_demand, proving
from .handling import GOVERNANCE


def gate(bundle: diagrams.Bundle, rules: Rules, formers: Sequence[former.Former] = ()) -> Sequence[str]:
    """Chinese reasons why the bundle may not be published; none when it may."""
    return examined(bundle, rules, formers)[0]


def gate_of_release(session: Session) -> diagrams.Gate:
    """The gate of what a release ships: it must not undo what an agency tightened with an approval."""
    return lambda bundle, rules: gate(bundle, rules, former.approved_before(session, bundle.key))


def examined(
    bundle: diagrams.Bundle, rules: Rules, formers: Sequence[former.Former] = ()
) -> tuple[Sequence[str], Proof | None]:
    """The reasons of `gate`, and the proof. What is no runnable procedure is not proven (None). `formers` is what the
    bundle follows, and may only be tighter than."""
    if reasons := [*runnable(bundle, rules), *_scope(rules)]:
        return reasons, None
    compiled = decision_tables.compiled_in(bundle.rules, bundle.tables)
    looser = former.findings(formers, compiled, bundle.whole)
    proof = proving.with_findings(proving.proof_of(bundle), looser)
    return [f"［{f.rule}］{f.message}" for f in proof.blocking], proof


def runnable(bundle: diagrams.Bundle, rules: Rules) -> list[str]:
    """Chinese reasons why no case could run on the bundle, lawful or not."""
    try:
        if reasons := diagrams.calls.problems(bundle.internal, bundle.called):
            return reasons
        source = engine.Source(internal=bundle.whole)
    except Invalid as error:
        return [f"内部流程：{error.message}"]
    reasons = [p.message for p in engine.check(source, rules.names(), ACTIONS)]
    try:
        diagrams.safe_xml(bundle.external)
    except Invalid as error:
        reasons.append(f"外部流程：{error.message}")
    if reasons:
        return reasons
    loaded, broken = _forms(bundle)
    reasons += broken
    for key, form in loaded.items():
        if unknown := {w.attribute for w in form.writes} - set(rules.attributes):
            reasons.append(f"表单“{key}”写入了规则中没有声明的属性：{'、'.join(sorted(unknown))}")
    spec = engine.spec(bundle.digest, lambda: source)
    reasons += _nodes(spec, bundle)
    reasons += _on_demand(spec, bundle, rules, loaded)
    reasons += _templates(bundle, rules, loaded)
    reasons += _rights(spec, loaded)
    reasons += _rules(rules, loaded)
    reasons += gate_declarations.check(rules, spec, loaded, documents.all_codes(bundle.templates))
    reasons += _tables(bundle, loaded)
    reasons += _publishing(spec, rules)
    reasons += [NO_STANDARD.format(name) for name in rules.without_standard()]
    return reasons


NO_STANDARD = "属性“{}”由本机关标准决定，规则中却没有为它声明本机关标准"
ROOMS = {
    "diagrams": ("流程的审核发布", (GOVERNANCE,)),
    "items": ("权力事项的调整和审核", ("item",)),
    "orders": ("基础数据变更的审核", ("order",)),
}
"""Named actions by the room that carries them out: for what they may be used, in procedures of which kinds."""


def _publishing(spec: engine.Spec, rules: Rules) -> Iterator[str]:
    """What publishes procedures or power items is bound by the law of item changes, whatever it calls itself."""
    for node in engine.nodes(spec).values():
        action = node.attributes.get("action", "")
        purpose, kinds = ROOMS.get(action.partition(".")[0], ("", ()))
        if not kinds:
            continue
        if rules.kind not in kinds or rules.scope != "item.change":
            yield f"“{node.name}”的动作“{action}”只能用于{purpose}（kind: {kinds[0]}，scope: item.change）"
        if action.endswith(".publish") and node.attributes.get("step") != PUBLISHES:
            yield f"“{node.name}”公布{'流程版本' if kinds[0] == GOVERNANCE else '权力事项'}，法定环节应当是 {PUBLISHES}"


def _scope(rules: Rules) -> Iterator[str]:
    """A procedure that no law of its kind is asked of would be proven of nothing."""
    known = {scope: name for scope, name in SCOPES.items() if scope != "all"}
    if not any(rules.scope == scope or rules.scope.startswith(f"{scope}.") for scope in known):
        told = "、".join(f"{scope}（{name}）" for scope, name in known.items())
        yield f"规则没有说明适用哪一类权力的规则，请在规则文件中写明 scope：{told}"


def _tables(bundle: diagrams.Bundle, loaded: Mapping[str, forms.Form]) -> Iterator[str]:
    """Gaps, overlaps and whatever else is wrong with the decision tables."""
    for name, problem in decision_tables.problems_of(
        bundle.rules, bundle.forms, bundle.tables, forms.values_said(loaded.values())
    ):
        if problem.severity is decision_tables.Severity.BLOCK:
            said = problem.message
            yield said if not name or said.startswith("决策表") else f"决策表“{name}”：{said}"


def _forms(bundle: diagrams.Bundle) -> tuple[dict[str, forms.Form], list[str]]:
    loaded: dict[str, forms.Form] = {}
    reasons = []
    for key, definition in bundle.forms.items():
        try:
            loaded[key] = forms.load(dict(definition))
        except Invalid as error:
            reasons.append(f"表单“{key}”：{error.message}")
        else:
            if loaded[key].key != key:
                reasons.append(f"表单“{key}”的标识写作“{loaded[key].key}”，两者应当一致")
    return loaded, reasons


def _nodes(spec: engine.Spec, bundle: diagrams.Bundle) -> Iterator[str]:
    for node in engine.nodes(spec).values():
        for declared in node.documents:
            if declared["code"] not in documents.all_codes(bundle.templates):
                yield f"“{node.name}”要求的文书“{declared['code']}”没有模板"
        key = node.attributes.get("form")
        if key and key not in bundle.forms:
            yield f"“{node.name}”要求的表单“{key}”不存在"
        elif not key and node.kind in ("user", "message"):
            yield f"“{node.name}”没有指定表单"


def _on_demand(
    spec: engine.Spec, bundle: diagrams.Bundle, rules: Rules, loaded: Mapping[str, forms.Form]
) -> Iterator[str]:
    """What may be made on demand is filled in on a form that moves nothing, and stands for no paper that a rule asks
    for: an officer's wish must not open a gate."""
    gates = {code for paper in rules.documents_before for code in paper.codes}
    for act, code in rules.act_papers.items():
        if act not in on_demand.ACTS:
            yield f"规则“act_papers”中没有“{act}”这项处理，可以写：{'、'.join(on_demand.ACTS)}"
        if code not in documents.all_codes(bundle.templates):
            yield f"规则“act_papers”：“{act}”的文书“{code}”没有模板"
        if code in gates:
            yield f"规则“act_papers”：文书“{code}”是后续环节的前置文书，只能在法定环节办结时制发"
    for node in engine.nodes(spec).values():
        for declared in node.on_demand:
            code, key = declared["code"], declared["form"]
            where = f"“{node.name}”按需制作的文书“{code}”"
            if code not in documents.all_codes(bundle.templates):
                yield f"{where}没有模板"
            if code in gates:
                yield f"{where}是后续环节的前置文书，只能在法定环节办结时制发"
            if key not in bundle.forms:
                yield f"{where}要求的表单“{key}”不存在"
            elif key in loaded:
                yield from (f"{where}的表单“{key}”{why}" for why in _moves(loaded[key]))


def _moves(form: forms.Form) -> Iterator[str]:
    if form.writes:
        yield "不得写入流程属性：按需制作文书不改变流程"
    if names := [item.label for item in form.keyed() if item.type in ("file", "evidence")]:
        yield f"不得收取文件（{'、'.join(names)}）：文件应当登记为证据或者随环节提交"


def rule_reasons(
    rules: Rules, loaded: Mapping[str, forms.Form], by_step: Mapping[str, str], codes: Collection[str]
) -> Sequence[str]:
    """Chinese reasons why a rule set may not be published, of a draft whose diagram may not run yet: `by_step` are
    its legal steps, each with its form, `codes` the kinds of document it can issue."""
    return [*_rules(rules, loaded), *gate_declarations.of_steps(rules, by_step, loaded, codes)]


def _templates(bundle: diagrams.Bundle, rules: Rules, loaded: Mapping[str, forms.Form]) -> Iterator[str]:
    """The version's own document templates: well written, filled from what there is, statutory clauses kept."""
    fields = {key: {item.key for item in form.keyed()} for key, form in loaded.items()}
    yield from documents.template_obstacles(bundle.templates, fields, rules.names())


def _rights(spec: engine.Spec, loaded: Mapping[str, forms.Form]) -> Iterator[str]:
    """A right for a step that does not use the form would protect nothing, and nobody would notice."""
    used: dict[str, set[tuple[str, str]]] = {}
    for name, node in engine.nodes(spec).items():
        places = used.setdefault(node.attributes.get("form", ""), set())
        places |= {("step", node.attributes.get("step", "")), ("node", name)}
    for key, form in loaded.items():
        for each in form.rights:
            place = ("step", each.step) if each.step else ("node", each.node)
            if place not in used.get(key, ()):
                yield f"表单“{key}”的字段权限写给了“{each.step or each.node}”，但没有这样的环节使用这个表单"


def _conditions(clock: Mapping[str, Any]) -> list[Any]:
    """The condition trees of a declared clock."""
    return [tree for tree in (clock.get("starts_when"), *(clock.get("stops_when") or {}).values()) if tree]


def _rules(rules: Rules, loaded: Mapping[str, forms.Form]) -> Iterator[str]:
    """What the rule set names must exist, else a gate of law would fail or stay silent while a case runs."""
    names = rules.names()
    named = [name for values in rules.resets.values() for name in values]
    named += [name for values in rules.sticky.values() for name in values]
    named += [abnormal.attribute for abnormal in rules.abnormal]
    if unknown := set(named) - set(rules.attributes):
        yield f"规则引用了没有声明的属性：{'、'.join(sorted(unknown))}"
    if unknown := {name for limit in rules.no_increase for name in limit.attributes} - names:
        yield f"不得加重的规则引用了没有声明的属性：{'、'.join(sorted(unknown))}"
    trees = [*rules.derived.items(), *(("required_before", need.when) for need in rules.needs if need.when)]
    trees += [("no_increase", limit.when) for limit in rules.no_increase if limit.when]
    trees += [(clock.get("name", "计时"), tree) for clock in rules.clocks for tree in _conditions(clock)]
    for name, tree in trees:
        yield from (
            f"规则“{name}”的条件：{found}"
            for found in conditions.check(tree, names, names | set(rules.params))
        )
    for name, path in rules.facts.items():
        form, _, field = path.partition(".")
        if form not in loaded or field not in {item.key for item in loaded[form].keyed()}:
            yield f"规则中案件信息“{name}”的来源“{path}”不存在"
    for declared in rules.clocks:
        try:
            deadlines.read_rule(declared)
        except Invalid as error:
            yield error.message
