"""The declared gates of a rule set, checked when a procedure is published: what they name must exist.

A gate that names a step, an attribute or a paper that does not exist would stay silent while a case runs.
"""

from collections.abc import Collection, Iterator, Mapping

from app.diagrams.rules import AppliedLaw, Band, EvidenceList, Named, Rules
from app.documents import service as documents
from app.engine import service as engine
from app.forms import conditions
from app.forms import service as forms

from . import money_declarations
from .applied import NEW, OLD
from .gates import matches

CERTIFICATES = ("enforcement", "legal", "hearing")

Forms = Mapping[str, forms.Form]


def check(
    rules: Rules, spec: engine.Spec, loaded: Forms, codes: Collection[str] | None = None
) -> Iterator[str]:
    """Chinese reasons why the declared gates cannot hold; none when they can. `codes` are the kinds of document
    that can be issued (None: those of the release)."""
    by_step = {
        node.attributes["step"]: node.attributes.get("form", "")
        for node in engine.nodes(spec).values()
        if node.attributes.get("step")
    }
    yield from of_steps(rules, by_step, loaded, codes)


def of_steps(
    rules: Rules, by_step: Mapping[str, str], loaded: Forms, codes: Collection[str] | None = None
) -> Iterator[str]:
    """The same for a diagram that may not run yet: its legal steps, each with the form it is done with."""
    codes = documents.all_codes() if codes is None else codes
    for pattern in sorted(rules.gate_steps()):
        if not any(matches(step, (pattern,)) for step in by_step):
            yield f"规则中的法定环节“{pattern}”在流程图中不存在"
    for section, entry in rules.declared():
        for problem in _entry(rules, entry, loaded, by_step, codes):
            yield f"规则“{section}”：{problem}"


def _entry(
    rules: Rules, entry: object, loaded: Forms, by_step: Mapping[str, str], codes: Collection[str]
) -> Iterator[str]:
    names = rules.names()
    if tree := getattr(entry, "when", None):
        yield from (f"条件：{found}" for found in conditions.check(tree, names, names | set(rules.params)))
    read = [getattr(entry, "passed", ""), *getattr(entry, "ended_by", ()), *getattr(entry, "unless", ())]
    if unknown := [name for name in read if name and name not in names]:
        yield f"引用了没有声明的属性：{'、'.join(unknown)}"
    if unknown := [code for code in getattr(entry, "codes", ()) if code not in codes]:
        yield f"文书“{'、'.join(unknown)}”没有模板"
    clock = getattr(entry, "clock", "")
    if clock and clock not in {declared["id"] for declared in rules.clocks}:
        yield f"计时“{clock}”没有声明"
    certificate = getattr(entry, "certificate", "")
    if certificate and certificate not in CERTIFICATES:
        yield f"证件种类“{certificate}”不认识"
    if (attribute := getattr(entry, "attribute", "")) and attribute not in names:
        yield f"引用了没有声明的属性：{attribute}"
    passed = getattr(entry, "passed", "")
    form = loaded.get(by_step.get(getattr(entry, "step", ""), ""))
    if passed and form and passed not in {write.attribute for write in form.writes}:
        yield f"环节“{getattr(entry, 'step', '')}”的表单不填写“{passed}”"
    if isinstance(entry, Named):
        yield from _named(rules, entry, form)
    if isinstance(entry, EvidenceList):
        yield from _evidence(entry, loaded, by_step)
    if isinstance(entry, AppliedLaw):
        yield from _law(entry, loaded)
    if isinstance(entry, Band):
        yield from _band(rules, entry, loaded, by_step)
    yield from money_declarations.check(rules, entry, loaded, by_step)


def _named(rules: Rules, entry: Named, form: forms.Form | None) -> Iterator[str]:
    if entry.group not in {group.name for group in rules.separation}:
        yield f"人员分组“{entry.group}”没有声明"
    if form is None or entry.field not in {i.key for i in form.keyed() if i.type == "person"}:
        yield f"环节“{entry.step}”的表单没有人员栏“{entry.field}”"


def _evidence(entry: EvidenceList, loaded: Forms, by_step: Mapping[str, str]) -> Iterator[str]:
    for path, kinds in (
        (entry.answer, {"evidence"}),
        *((path, {"evidence", "file"}) for path in entry.files),
    ):
        form, _, key = path.partition(".")
        if form not in loaded or key not in {i.key for i in loaded[form].keyed() if i.type in kinds}:
            yield f"证据或者附件栏“{path}”不存在"
    listed = entry.answer.partition(".")[0]
    if unlisted := [step for step in entry.before if by_step.get(step, listed) != listed]:
        yield f"环节“{'、'.join(unlisted)}”不用表单“{listed}”办理"


def _law(entry: AppliedLaw, loaded: Forms) -> Iterator[str]:
    kinds = {"radio", "select"}
    asked = [*((path, {"date", "datetime"}) for path in entry.acted), (entry.choice, kinds)]
    for path, types in (*asked, (entry.reason, {"text", "textarea"})):
        form, _, key = path.partition(".")
        found = next((i for i in loaded[form].keyed() if i.key == key), None) if form in loaded else None
        if found is None or found.type not in types:
            yield f"“{path}”不存在，或者不是{'日期' if 'date' in types else '单选' if types is kinds else '文字'}栏"
        elif types is kinds and {option.value for option in found.options} != {OLD, NEW}:
            yield f"“{path}”的选项应当是 {OLD}（行为时的规定）和 {NEW}（新的规定）"


def _band(rules: Rules, entry: Band, loaded: Forms, by_step: Mapping[str, str]) -> Iterator[str]:
    amount = rules.attributes.get(entry.amount)
    if amount is None or amount.type != "number":
        yield f"数额“{entry.amount}”不是数字属性"
    if unknown := {n for n in (entry.minimum, entry.maximum) if n} - set(rules.params):
        yield f"上下限“{'、'.join(sorted(unknown))}”没有在 params 中声明"
    if not (entry.item_range or entry.minimum or entry.maximum):
        yield "没有写明法定幅度（item_range 或者 minimum、maximum）"
    if entry.tier:
        form, _, key = entry.tier.partition(".")
        if form not in loaded or key not in {i.key for i in loaded[form].keyed()}:
            yield f"裁量阶次的来源“{entry.tier}”不存在"
    for step in entry.steps:
        form_of_step = loaded.get(by_step.get(step, ""))
        keys = {i.key for i in form_of_step.keyed()} if form_of_step else set()
        for key in (entry.reason, entry.kinds):
            if key and key not in keys:
                yield f"环节“{step}”的表单没有“{key}”一栏"
