"""Each rule finds its own broken example and passes its own kept one; the demonstration's pair keeps them all."""

from datetime import date
from importlib.util import find_spec

import pytest

from app.diagrams.bundle import from_folder
from app.documents import service as documents
from app.verify import sketch
from app.verify.demands import After, NeverAfter
from app.verify.findings import Severity
from app.verify.guards import flow_condition
from app.verify.monitor import compiled
from app.verify.proof import prove
from app.verify.rules import RULES, Rule, by_id
from app.verify.subject import Template, build

OURS = [rule for rule in RULES if rule.id[0] not in "PS"]
STATIC = [rule for rule in OURS if rule.static and not rule.decided_by]
ELSEWHERE = [rule for rule in OURS if rule.decided_by and find_spec(f"app.verify.{rule.decided_by}")]
SCOPE_OF_ALL = "demonstration"
DEMANDS = [(rule, i) for rule in RULES for i in range(len(rule.demands))]


def proven(rule, text, templates=None, scope=""):
    scope = scope or (SCOPE_OF_ALL if rule.scope == "all" else rule.scope)
    subject = sketch.read(text, scope).subject(templates)
    assert rule.applies(subject)
    return [f for f in prove(subject, rules=[rule]).findings if f.rule == rule.id]


@pytest.mark.parametrize("rule", STATIC, ids=lambda rule: rule.id)
def test_a_rule_finds_what_breaks_it(rule):
    found = proven(rule, rule.breaks)
    assert rule.severity in {f.severity for f in found}
    assert all(f.cite == rule.cite and "{" not in f.message for f in found)


@pytest.mark.parametrize("rule", STATIC, ids=lambda rule: rule.id)
def test_a_rule_passes_what_keeps_it(rule):
    assert proven(rule, rule.keeps) == []


@pytest.mark.parametrize("rule", ELSEWHERE, ids=lambda rule: rule.id)
def test_what_other_modules_decide_is_found_and_kept(rule):
    scope = SCOPE_OF_ALL
    broken, kept = (prove(sketch.read(text, scope).subject(), rules=[]) for text in (rule.breaks, rule.keeps))
    assert broken.blocking
    assert kept.findings == ()


@pytest.mark.parametrize(("rule", "i"), DEMANDS, ids=lambda value: getattr(value, "id", value))
def test_every_single_demand_can_be_broken(rule, i):
    """The shortest diagram that does what a demand forbids, or not what it asks for."""
    demand = rule.demands[i]
    names = flow_condition(demand.when[0]).names if demand.when else ()
    worded = [wordings[0] for wordings in (getattr(demand, "passed", ()), demand.when) if wordings]
    declared = {name: _kind(name, text) for text in worded for name in flow_condition(text).names}
    kinds = ", ".join(f"{name}: {kind}" for name, kind in sorted(declared.items()))
    writes = f": writes={','.join(sorted(names))}" if names else ""
    if isinstance(demand, After):
        steps = f"甲({_plain(demand.trigger[0])}){writes}"
    elif isinstance(demand, NeverAfter):
        steps = f"甲({_plain(demand.first[0])}){writes} > 乙({_plain(demand.then[0])})"
    else:
        steps = f"甲(other){writes} > 乙({_plain(demand.target[0])})"
    only = type(f"Only{rule.id}", (Rule,), {**vars(type(rule)), "demands": (demand,), "check": Rule.check})()
    found = proven(only, f"@attributes {{{kinds}}}\nbegin > {steps} > end")
    assert [f.severity for f in found] == [rule.severity], demand


def _plain(tag):
    return tag.replace(".*", ".some")


def _kind(name, condition):
    guard = flow_condition(condition)
    values = sorted(guard.constants[name], key=str)
    if isinstance(values[0], str):
        return f"{{type: choice, default: other, options: [other, {', '.join(values)}], label: {name}}}"
    if isinstance(values[0], bool):
        return f"{{type: boolean, default: false, label: {name}}}"
    return f"{{type: number, default: 0, label: {name}}}"


MORE = [
    ("G03", "begin > 登记: position= limit=3wd > end", "没有岗位、职责"),
    ("G05", "begin > 送达(serve) > end\n-- external\nbegin > 送达(serve): basis=惯例 > end", "没有写到法律名称和条款"),
    ("G11", "@clocks [{id: a, name: 甲, limit: 7wd, starts: [b], stops: [c]}]\nbegin > 乙(b) > end", "的停止环节"),
    ("G11", "@clocks [{id: a, name: 甲, limit: 7wd, starts: [b], stops: [b]}]\nbegin > 乙(b) > end", "没有提醒时间"),
    ("G12", "begin > 决定(decide): position=head > 法制审核(legal.review): position=legal > end", "没有禁止同一人"),
    ("G14", "@templates {}\nbegin > 决定书(decide.penalty): document=JD-09 > end", "没有模板"),
    ("C01", "begin > 实施(comp.exec): writes=urgent > 补办(comp.approve): limit=2d writes=comp_approved > end", "24小时"),
    ("C02", "begin > 实施(comp.exec): officers=2 fields=id_shown,rights_told,plea,record,signed > end", "通知当事人到场"),
    ("C03", "begin > 实施(comp.exec) > 交付(comp.doc): document=QC-02 > end", "没有同时制作决定书和清单"),
    ("C04", "@clocks [{id: seal, limit: 30d, starts: [comp.exec], stops: [destroy], "
     "extension: {limit: 60d, approver: head}}]\n"
     "begin > 实施(comp.exec) > 销毁(destroy) > end", "只能延长一次"),
    ("C04", "@clocks [{id: a, limit: 30d, starts: [comp.exec], stops: [destroy], extension: {limit: 30d}}]\n"
     "begin > 实施(comp.exec) > 销毁(destroy) > end", "由谁批准"),
    ("C06", "@suspensions [{clock: a, cause: 检测检验检疫鉴定}]\nbegin > 实施(comp.exec) > end", "没有从书面告知"),
    ("C07", "begin > 实施(comp.exec): writes=crime > end", "transfer.crim"),
    ("C08", "begin > t1(freeze.exec) > t2(freeze.doc): limit=3wd > t3(freeze.release): limit=15wd > end", "没有不超过30日"),
    ("E02", "begin > t1(surcharge.period): limit=20d > 催告(urge) > 划拨(enforce.exec.money) > end", "短于法定的30日"),
    ("E03", "begin > 代履行(perform) > end", "没有派员"),
    ("E03", "begin > t1(perform.period): limit=3d > 代履行(perform): officers=2 > end", "短于法定的3个工作日"),
    ("E04", "begin > 执行(enforce.exec) > end", "没有登记执行时间"),
    ("E06", "begin > t1(remedy.period): limit=60d > 执行(enforce.exec) > end", "短于法定的184日"),
    ("X01", "begin > 接收(lic.receive) > e1\ne1 > m1 > 受理(lic.accept) > end\ne1 > t1: limit=7wd > 受理", "不会视为受理"),
    ("X02", "@templates {XK-02: 受理}\nbegin > 受理(lic.accept) > end", "书面凭证"),
    ("X06", "begin > 受理(lic.accept) > 审查(lic.review) > 决定(lic.decide): limit=2wd > end", "没有不超过20个工作日"),
    ("X06", "begin > 受理(lic.accept) > end", "缺少“许可决定”"),
    ("X07", "@templates {XK: 不予许可}\nbegin > 不予(lic.decide.refuse): document=XK fields=reason > end", "没有告知"),
    ("X08", "begin > 决定(lic.decide) > end", "缺少“准予许可”"),
    ("X09", "begin > 准予(lic.decide.grant) > 公示(publish): limit=20wd > end", "时限超过7个工作日"),
    ("X10", "begin > 评审(pause) > end", "没有书面告知"),
    ("I01", "begin > 填报(item.draft) > end", "没有必填的依据"),
    ("I02", "begin > 申报(item.submit) > 审核(item.audit): limit=10wd > end", "没有必填的生效日期"),
    ("V02", "begin > 签收(sup.sign) > 回复(sup.reply): limit=3wd > end", "超期即升级"),
    ("V04", "@separation [{name: 评查, steps: [ef.score]}]\nbegin > 抽样(ef.sample) > 计分(ef.score) > end", "没有排除"),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "text", "said"), MORE, ids=[f"{m[0]}-{i}" for i, m in enumerate(MORE)])
def test_what_else_a_rule_sees(rule_id, text, said):
    found = proven(by_id(rule_id), text)
    assert any(said in f.message for f in found), [f.message for f in found]


def test_remedies_are_not_proven_without_the_stock_of_templates():
    rule = by_id("G15")
    found = proven(rule, "begin > 决定书(decide.penalty): document=JD-01 > end")
    assert [f.severity for f in found] == [Severity.UNPROVEN]


def test_a_decision_without_a_number_is_found():
    stock = {"JD-01": Template("JD-01", "行政处罚决定书", "复议", numbered=False)}
    found = proven(by_id("G14"), "begin > 决定书(decide.penalty): document=JD-01 > end", stock)
    assert ["文号规则" in f.message for f in found] == [True]


def test_a_penalty_procedure_needs_its_archive():
    found = proven(by_id("G07"), "begin > 决定(decide) > end", scope="penalty.ordinary")
    assert ["缺少“归档”环节" in f.message for f in found] == [True]


def test_materials_without_a_published_list_are_not_proven():
    text = by_id("X13").breaks.replace("@materials", "# @materials")
    assert [f.severity for f in proven(by_id("X13"), text)] == [Severity.UNPROVEN]


ODD = (None, 1, "x", [1], ["x"], {"a": 1}, [{}], [{"starts": 1, "stops": 1, "steps": 1, "limit": 1}])
SECTIONS = ("clocks", "suspensions", "separation", "named", "abnormal", "materials", "periods", "surcharge")


@pytest.mark.parametrize("rule", [r for r in RULES if r.static], ids=lambda rule: rule.id)
def test_no_rule_stumbles_over_an_odd_rule_set(rule):
    drawn = sketch.read(rule.breaks, rule.scope)
    for odd in ODD:
        rules = {**drawn.rules, **dict.fromkeys(SECTIONS, odd)}
        subject, _ = build(drawn.internal, drawn.external, rules, drawn.forms, drawn.templates)
        assert all(f.message for f in rule.check(subject))


def test_a_condition_that_cannot_be_read_is_no_matter_of_reasons():
    text = by_id("G09").breaks.replace("filing_ok == True", "filing_ok ===")
    assert [f.severity for f in by_id("G09").check(sketch.read(text).subject())] == [Severity.BLOCK]


def test_the_law_of_measures_binds_a_measure_within_a_penalty_case():
    subject = sketch.read(by_id("C05").breaks, "penalty.ordinary").subject()
    assert by_id("C05").applies(subject)
    assert not by_id("E01").applies(subject)
    assert not by_id("C05").applies(sketch.read("begin > 调查(invest) > end", "penalty.ordinary").subject())


@pytest.mark.requirement("S2-79", part="流程证明的规则")
def test_a_rule_is_in_force_between_its_days():
    rule = type("Dated", (type(by_id("C05")),), {"since": date(2012, 1, 1), "until": date(2030, 12, 31)})()
    subject = sketch.read(rule.breaks, rule.scope).subject()

    def found(day):
        return [f.rule for f in prove(subject, day, rules=[rule]).findings if f.rule == "C05"]

    assert found(date(2011, 12, 31)) == []
    assert found(date(2012, 1, 1)) == found(date(2030, 12, 31)) == found(None) == ["C05"]
    assert found(date(2031, 1, 1)) == []


@pytest.mark.requirement("S2-79", part="办理中监控的规则")
def test_a_case_is_watched_by_a_rule_from_its_day_on(monkeypatch):
    dated = type("Dated", (type(by_id("P02")),), {"since": date(2014, 12, 1)})()
    monkeypatch.setattr("app.verify.monitor.RULES", [dated])
    steps = {"src.register", "file.approve", "invest"}

    known = {"filing_ok": False}

    def broken(day):
        watch = compiled("penalty.ordinary", steps, frozenset({"filing_ok"}), day)
        _, found = watch.step(watch.start(), "invest", known, known)
        return [violation.rule for violation in found]

    assert broken(date(2014, 11, 30)) == []
    assert broken(date(2014, 12, 1)) == ["P02"]


@pytest.fixture(scope="module")
def demo():
    return from_folder("penalty/ordinary")


@pytest.fixture(scope="module")
def stock():
    return documents.stock()


def of_demo(demo, stock, rule_id, inner=("", ""), outer=("", ""), **rules):
    """The findings of one rule about the demonstration's pair with something replaced."""
    for content, (old, _) in ((demo.whole, inner), (demo.external, outer)):
        assert old.encode() in content
    internal = demo.whole.replace(inner[0].encode() or b"\0", inner[1].encode())
    external = demo.external.replace(outer[0].encode() or b"\0", outer[1].encode())
    subject, _ = build(internal, external, {**demo.rules, **rules}, demo.forms, stock)
    return [f for f in prove(subject, rules=[by_id(rule_id)]).findings if f.rule == rule_id]


@pytest.mark.parametrize("rule", [r for r in STATIC if r.scope == "all"], ids=lambda rule: rule.id)
def test_the_demonstration_keeps_the_rules_of_every_procedure(demo, stock, rule):
    assert of_demo(demo, stock, rule.id) == []


PLANTED = [
    ("G03", {"inner": ('xq:limit="3wd" xq:form="penalty_lead"', 'xq:form="penalty_lead"')}),
    ("G03", {"inner": ("<bpmn:flowNodeRef>archive</bpmn:flowNodeRef>", "")}),
    ("G05", {"outer": ("《中华人民共和国行政处罚法》第六十一条", "内部惯例")}),
    ("G07", {"inner": ('sourceRef="archive_merge" targetRef="archive"', 'sourceRef="archive_merge" targetRef="finish"')}),
    ("G08", {"inner": ('targetRef="close_propose"', 'targetRef="invest_plan"')}),
    ("G09", {"inner": ('xq:form="penalty_preserve_approve"', 'xq:form="penalty_archive"'), "abnormal": []}),
    ("G11", {"inner": ('xq:limit="2wd" xq:form="penalty_publish"', 'xq:limit="七日" xq:form="penalty_publish"')}),
    ("G12", {"separation": []}),
    ("G12", {"inner": ('xq:position="legal_review"', 'xq:position="investigator"')}),
    ("G14", {"inner": ('<xq:document code="JD-01" when="complete"/>', "")}),
    ("G15", {"inner": ('code="JD-01"', 'code="SD-01"')}),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "change"), PLANTED, ids=[f"{p[0]}-{i}" for i, p in enumerate(PLANTED)])
def test_a_defect_planted_in_the_demonstration_is_found(demo, stock, rule_id, change):
    assert Severity.BLOCK in {f.severity for f in of_demo(demo, stock, rule_id, **change)}


def test_the_demonstration_is_proven_whole(demo, stock):
    subject, problems = build(demo.whole, demo.external, demo.rules, demo.forms, stock)
    proof = prove(subject)
    assert problems == []
    assert proof.blocking == []
    assert proof.conclusive
