"""The gate a procedure passes before it may be started: its diagrams run, its forms and documents exist."""

from collections.abc import Sequence

from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.diagrams.rules import Rules
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel.actions import ACTIONS
from app.kernel.errors import Invalid


def gate(bundle: diagrams.Bundle, rules: Rules) -> Sequence[str]:
    """Chinese reasons why the bundle may not be published; none when it may."""
    source = engine.Source(internal=bundle.internal)
    reasons = [p.message for p in engine.check(source, rules.names(), ACTIONS)]
    if reasons:
        return reasons
    for key, definition in bundle.forms.items():
        try:
            form = forms.load(definition)
        except Invalid as error:
            reasons.append(f"表单“{key}”：{error.message}")
            continue
        if unknown := {w.attribute for w in form.writes} - set(rules.attributes):
            reasons.append(f"表单“{key}”写入了规则中没有声明的属性：{'、'.join(sorted(unknown))}")
    for clock in rules.clocks:
        try:
            deadlines.read_rule(clock)
        except Invalid as error:
            reasons.append(error.message)
    spec = engine.spec(bundle.digest, lambda: source)
    for node in engine.nodes(spec).values():
        for declared in node.documents:
            if declared["code"] not in documents.all_codes():
                reasons.append(f"“{node.name}”要求的文书“{declared['code']}”没有模板")
        if node.kind == "user" and not node.attributes.get("form"):
            reasons.append(f"“{node.name}”没有指定表单")
    return reasons
