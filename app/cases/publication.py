"""The gate a procedure passes before it may be started: its diagrams run, its forms and documents exist, and it is
proven to keep the rules of law (`app.verify`)."""

from collections.abc import Collection, Iterator, Mapping, Sequence

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

from . import gate_declarations, proving
from .handling import GOVERNANCE


def gate(bundle: diagrams.Bundle, rules: Rules) -> Sequence[str]:
    """Chinese reasons why the bundle may not be published; none when it may."""
    return examined(bundle, rules)[0]


def examined(bundle: diagrams.Bundle, rules: Rules) -> tuple[Sequence[str], Proof | None]:
    """The reasons of `gate`, and the proof. What is no runnable procedure is not proven (None)."""
    if reasons := _obstacles(bundle, rules):
        return reasons, None
    proof = proving.proof_of(bundle)
    return [f"［{f.rule}］{f.message}" for f in proof.blocking], proof


def _obstacles(bundle: diagrams.Bundle, rules: Rules) -> list[str]:
    source = engine.Source(internal=bundle.internal)
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
    reasons += _templates(bundle, rules, loaded)
    reasons += _rules(rules, loaded)
    reasons += gate_declarations.check(rules, spec, loaded, documents.all_codes(bundle.templates))
    reasons += _scope(rules)
    reasons += _tables(bundle, loaded)
    reasons += _publishing(spec, rules)
    return reasons


def _publishing(spec: engine.Spec, rules: Rules) -> Iterator[str]:
    """What publishes procedures is bound by the law of item changes, whatever it calls itself."""
    for node in engine.nodes(spec).values():
        action = node.attributes.get("action", "")
        if not action.startswith("diagrams."):
            continue
        if rules.kind != GOVERNANCE or rules.scope != "item.change":
            yield f"“{node.name}”的动作“{action}”只能用于流程的审核发布（kind: governance，scope: item.change）"
        if action == "diagrams.publish" and node.attributes.get("step") != "item.publish":
            yield f"“{node.name}”公布流程版本，法定环节应当是 item.publish"


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
