"""Ordinary penalties: who does it, how many, with which papers shown."""

from collections.abc import Iterable, Mapping

from ..findings import Finding
from ..subject import Subject
from .base import Rule, called
from .penalty_texts import PENALTY
from .reading import kept_apart, officers


class TwoCertifiedOfficers(Rule):
    id = "P03"
    name = "办案二人持证"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第四十二条、第五十五条；S2-32"
    advice = "请把这些环节的办理人数（officers）设为二人以上，规则集 certified 要求执法证。"
    guards = ("gate:certified_officers",)
    LEAST = 2
    CERTIFICATE = "enforcement"
    STEPS = ("invest", "evid.preserve", "evid.preserve.decide", "notice", "serve", "urge")
    breaks = """
        begin > 调查取证(invest): position=investigator > end
    """
    keeps = """
        begin > 调查取证(invest): officers=2 position=investigator > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        nodes = [node for node in subject.nodes(self.STEPS) if node.tag == "userTask"]
        for node in nodes:
            if officers(node) < self.LEAST:
                yield self.finding(f"“{called(node)}”只要求一名执法人员办理。", node)
        certified = subject.rules.get("certified")
        declared = certified if isinstance(certified, Mapping) else {}
        if nodes and declared.get("two_or_more", self.CERTIFICATE) != self.CERTIFICATE:
            yield self.finding("两名执法人员不必持有执法证件。", *nodes)


class CardShown(Rule):
    id = "P04"
    name = "调查须出示证件"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十五条第一款；S1-5"
    advice = "请在这些环节的表单中加上必填的“已出示执法证件”（id_shown）。"
    guards = ("app.forms.form.Form.validate",)
    STEPS = ("invest", "evid.preserve")
    breaks = """
        begin > 调查取证(invest): officers=2 fields=facts > end
    """
    keeps = """
        begin > 调查取证(invest): officers=2 fields=facts,id_shown > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(self.STEPS):
            if not subject.required(node, "id_shown"):
                yield self.finding(f"“{called(node)}”的表单没有记录出示执法证件。", node)


class CollectorApart(Rule):
    id = "P28"
    name = "罚缴分离"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十七条第一款、第六十八条、第六十九条"
    advice = "请把缴款核对放在办案以外的岗位（如罚没收缴岗），并在规则集 separation 中声明两组人员互相排斥。"
    guards = ("gate:separation", "gate:position")
    STEPS = ("pay.collect", "urge.check")
    breaks = """
        begin > 调查(invest): officers=2 position=investigator > 收缴罚款(pay.collect): position=investigator > end
    """
    keeps = """
        begin > 调查(invest): officers=2 position=investigator > 缴款核对(pay.collect): position=finance > end
        @separation [{name: 调查, steps: [invest], excludes: []}, {name: 收缴, steps: [pay.collect], excludes: [调查]}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        investigating = {node.position for node in subject.nodes(("invest", "invest.*")) if node.position}
        for node in subject.nodes(self.STEPS):
            if node.position in investigating:
                yield self.finding(f"“{called(node)}”由作出处罚的办案岗位办理。", node)
            elif investigating and not kept_apart(subject, ("invest",), (subject.step(node),)):
                yield self.finding(f"“{called(node)}”的人员可以是本案调查人员。", node)


RULES: tuple[Rule, ...] = (TwoCertifiedOfficers(), CardShown(), CollectorApart())
