"""Rules of every procedure about people, forms and documents (G10, G12-G15)."""

import re
from collections.abc import Iterable, Iterator

from ..demands import Tags, matches
from ..findings import Finding, Severity
from ..reader import Node
from ..subject import Subject, Template
from .base import Rule, called
from .reading import kept_apart, papers
from .statutes import COMPULSION, LICENCE, LITIGATION, PENALTY, PUBLICATION, REVIEW
from .steps import name


class Opinions(Rule):
    id = "G10"
    name = "上下环节意见不一致须说明"
    scope = "all"
    severity = Severity.WARN
    cite = "上下环节意见不一致的必须阐述具体理由（S2-22）"
    advice = "请在表单引用标准意见（opinion）：同意、不同意或者修改，不同意的必填理由。"
    guards = ("app.forms.service.from_json", "gate:reason")
    breaks = "begin > 立案审批(file.approve): fields=decision > end"
    keeps = "begin > 立案审批(file.approve): fields=opinion:opinion > end"

    approvals: Tags = (
        "file.review", "case.review", "legal.review", "decide", "close", "comp.extend", "lic.decide", "item.initial",
        "item.audit", "enforce.decide", "conf.decide",
    )  # fmt: skip

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.tasks():
            step = subject.step(node)
            if not (step.endswith(".approve") or matches(step, self.approvals)):
                continue
            if not any(
                item.get("type") == "opinion" or item["key"] == "opinion" for item in subject.fields(node)
            ):
                yield self.finding(f"审批环节“{called(node)}”的表单没有意见一栏。", node)


class Separated(Rule):
    id = "G12"
    name = "不相容岗位分离"
    scope = "all"
    cite = f"{PENALTY}第五十七条、第五十八条、第六十四条第四项；{LICENCE}第四十八条第三项"
    advice = "请使两者在不同岗位的泳道，并在规则集的“separation”中互相排除。"
    guards = ("gate:separation", "gate:named_person")
    breaks = (
        "begin > 调查(invest): position=investigator > 法制审核(legal.review): position=investigator > end"
    )
    keeps = (
        "@separation [{name: 调查, steps: [invest]}, {name: 法制审核, steps: [legal.review]}]\n"
        "begin > 调查(invest): position=investigator > 法制审核(legal.review): position=legal_review > end"
    )

    pairs: tuple[tuple[Tags, Tags], ...] = (
        (
            ("legal.review",),
            ("invest", "invest.end", "lic.review", "lic.review.*", "comp.exec", "conf.quick", "conf.invest"),
        ),
        (("hear.hold",), ("invest", "invest.end", "lic.review", "lic.review.*")),
        (("decide", "lic.decide", "enforce.decide", "conf.decide"), ("legal.review",)),
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for one, other in self.pairs:
            for node in subject.nodes(one):
                for opposite in subject.nodes(other):
                    yield from self.apart(subject, node, opposite)

    def apart(self, subject: Subject, node: Node, other: Node) -> Iterator[Finding]:
        """Findings unless two steps lie in different positions and exclude each other's persons."""
        both = f"“{called(node)}”和“{called(other)}”"
        if node.position and node.position == other.position:
            yield self.finding(f"{both}由同一岗位办理。", node, other)
        if not kept_apart(subject, (subject.step(node),), (subject.step(other),)):
            yield self.finding(f"规则集没有禁止同一人在一案中办理{both}。", node, other)


class Recusal(Rule):
    id = "G13"
    name = "回避可申请"
    scope = "all"
    severity = Severity.WARN
    cite = f"{PENALTY}第四十三条；{LICENCE}第四十八条第三项"
    advice = (
        "请在调查或者听证的表单设“是否申请回避”及处理结果（由负责人决定），或者画出回避申请处理（recusal）。"
    )
    guards = ("app.forms.service.from_json", "gate:recused")
    breaks = "begin > 调查(invest): fields=facts > end"
    keeps = "begin > 调查(invest): fields=facts,avoid_request > end"

    asked = re.compile(r"回避|avoid|recus")

    def check(self, subject: Subject) -> Iterable[Finding]:
        if any(subject.nodes(("recusal",))):
            return
        for node in subject.nodes(("invest", "comp.exec", "hear.hold")):
            said = (f"{item['key']} {item.get('label', '')}" for item in subject.fields(node))
            if not any(self.asked.search(text) for text in said):
                yield self.finding(f"“{called(node)}”没有登记当事人是否申请回避。", node)


class Documented(Rule):
    id = "G14"
    name = "产生文书的环节有模板与编号"
    scope = "all"
    cite = "必须使用系统内统一文书（S2-23）；文书含标识码，统一制作和输出（S2-24）"
    advice = "请在该环节（或者其审批环节）登记文书代码，并准备对应的文书模板和文号规则。"
    guards = ("gate:document", "app.documents.service.issue", PUBLICATION)
    breaks = "begin > 决定书(decide.penalty) > end"
    keeps = "begin > 决定书(decide.penalty): document=JD-01 > end"

    families: tuple[Tags, ...] = (
        ("file.approve",), ("notice", "notice.*"), ("hear.notice",), ("hear.hold",), ("legal.review",),
        ("collective",), ("decide.penalty",), ("decide.nopenalty",), ("decide.transfer",), ("serve",), ("close",),
        ("urge",), ("court.apply",), ("comp.doc",), ("comp.extend",), ("comp.release",), ("enforce.decide",),
        ("perform.doc",), ("lic.decide.grant",), ("lic.decide.refuse",), ("sup.issue",),
        ("insp.approve",), ("insp.exec",), ("insp.result",), ("insp.correct",), ("insp.recheck",), ("insp.refer",),
        ("conf.supplement",), ("conf.accept",), ("conf.reject",), ("conf.stay",), ("conf.decide.grant",),
        ("conf.decide.refuse",),
    )  # fmt: skip
    deciding: Tags = (
        "file.approve", "notice", "notice.*", "legal.review", "collective", "decide", "decide.*", "close", "urge",
        "court.apply", "comp.doc", "comp.extend", "comp.release", "enforce.decide", "lic.decide.*", "lic.accept",
        "lic.reject", "sup.issue",
    )  # fmt: skip
    numbered: Tags = (
        "decide.*",
        "comp.doc",
        "enforce.decide",
        "lic.decide.*",
        "lic.accept",
        "lic.reject",
        "urge",
        "insp.correct",
        "conf.accept",
        "conf.reject",
        "conf.decide.*",
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for family in self.families:
            nodes = list(subject.nodes(family))
            if nodes and not any(node.documents for node in nodes):
                yield self.finding(
                    f"“{called(nodes[0])}”（{name(family[0])}）没有登记要制作的文书。", nodes[0]
                )
        for node in subject.internal.nodes.values():
            for code in codes(node):
                yield from self.stocked(subject, node, code)
        yield from self.demanded(subject)

    def demanded(self, subject: Subject) -> Iterator[Finding]:
        """Findings for what officers may make when they want: it has a template, and is not what only a decision or
        an approval of the procedure may bring about."""
        reserved = papers(subject, self.deciding)
        for node in subject.internal.nodes.values():
            for declared in node.on_demand:
                code = str(declared.get("code", ""))
                if code in reserved:
                    yield self.finding(
                        f"“{called(node)}”按需制作的文书“{code}”是决定或者审批环节的文书，只能由该环节制发。",
                        node,
                    )
                elif subject.templates is not None and code not in subject.templates:
                    yield self.finding(f"“{called(node)}”按需制作的文书“{code}”没有模板。", node)

    def stocked(self, subject: Subject, node: Node, code: str) -> Iterator[Finding]:
        """Findings for a document without a template, or without a number where it needs one."""
        if not code:
            yield self.finding(f"“{called(node)}”登记的文书没有代码。", node)
        elif subject.templates is not None:
            found = subject.templates.get(code)
            if found is None:
                yield self.finding(f"“{called(node)}”的文书“{code}”没有模板。", node)
            elif not found.numbered and matches(subject.step(node), self.numbered):
                yield self.finding(f"“{called(node)}”的文书“{code}”没有文号规则。", node)


def codes(node: Node) -> list[str]:
    """The codes of the documents made at a node."""
    return [str(document.get("code", "")) for document in node.documents]


class Remedies(Rule):
    id = "G15"
    name = "决定类文书必须告知救济"
    scope = "all"
    cite = (
        f"{PENALTY}第五十九条第一款第五项；{LICENCE}第三十八条第二款；{COMPULSION}第二十四条、第三十一条、第三十七条；"
        f"{REVIEW}第二十条；{LITIGATION}第四十六条"
    )
    advice = "请在文书模板写明申请行政复议的期限（六十日）和机关、提起行政诉讼的期限（六个月）和法院。"
    guards = ("app.documents.service.issue",)
    breaks = "@templates {JD-01: 依法缴纳罚款。}\nbegin > 决定书(decide.penalty): document=JD-01 > end"
    keeps = (
        "@templates {JD-01: 六十日内向复议机关申请行政复议，或者六个月内向人民法院提起行政诉讼。}\n"
        "begin > 决定书(decide.penalty): document=JD-01 > end"
    )

    decisions: Tags = (
        "decide.penalty", "decide.nopenalty", "comp.doc", "enforce.decide", "lic.decide.refuse", "lic.reject",
        "insp.correct", "conf.reject", "conf.decide.grant", "conf.decide.refuse",
    )  # fmt: skip

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(self.decisions):
            if subject.templates is None:
                if node.documents:
                    yield self.finding(
                        f"没有文书模板，“{called(node)}”的文书是否告知救济不能证明。",
                        node,
                        severity=Severity.UNPROVEN,
                    )
                continue
            texts = [t for code in codes(node) if (t := subject.templates.get(code)) is not None]
            if texts and not any(tells_remedies(template) for template in texts):
                yield self.finding(
                    f"“{called(node)}”的文书《{texts[0].title}》没有告知救济途径和期限。", node
                )


def tells_remedies(template: Template) -> bool:
    """Whether a document says how to apply for review and how to sue; the stricter duty to say 'first' is
    that of simple penalties alone."""
    text = template.text
    return all(
        re.search(part, text) for part in ("复议", "六十日|60日", "诉讼|起诉", "六个月|6个月|十五日|15日")
    )


RULES = (Opinions(), Separated(), Recusal(), Documented(), Remedies())
