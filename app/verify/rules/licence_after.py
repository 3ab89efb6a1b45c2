"""Rules of administrative licences at and after the decision, and of what may be asked for (X07-X10, X12, X13)."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..demands import After
from ..findings import Finding, Severity
from ..reader import Node
from ..subject import Subject
from . import terms
from .base import Rule, called, missing
from .compulsion import PauseTold
from .general_forms import codes, tells_remedies
from .reading import listed
from .statutes import LICENCE, OPENNESS, PUBLICATION
from .terms import Term


class Refused(Rule):
    id = "X07"
    name = "不予许可说明理由并告知救济"
    scope = "licence"
    cite = f"{LICENCE}第三十八条第二款"
    advice = "请在不予许可环节（lic.decide.refuse）必填理由（reason），决定书写明行政复议和行政诉讼的权利。"
    guards = ("app.forms.service.from_json", "app.documents.service.issue")
    breaks = "begin > 决定(lic.decide): writes=granted > 不予许可(lic.decide.refuse): document=XK-05 > end"
    keeps = """
        @templates {XK-05: 理由如下。六十日内可以申请行政复议，六个月内可以提起行政诉讼。}
        begin > 决定(lic.decide): writes=granted > x1
        x1 > 不予许可(lic.decide.refuse): document=XK-05 fields=reason [granted == False] > end
        x1 > 准予许可(lic.decide.grant): document=XK-04 [default] > end2
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        if any(subject.nodes(("lic.decide",))):
            yield from missing(self, subject, "lic.decide.refuse", what="不予许可")
        for node in subject.nodes(("lic.decide.refuse",)):
            if not subject.required(node, "reason"):
                yield self.finding(f"“{called(node)}”没有必填的理由。", node)
            yield from self.told(subject, node)

    def told(self, subject: Subject, node: Node) -> Iterator[Finding]:
        """Findings about the refusal's document."""
        if not node.documents:
            yield self.finding(f"“{called(node)}”没有制作书面决定。", node)
        elif subject.templates is not None:
            texts = [t for code in codes(node) if (t := subject.templates.get(code)) is not None]
            if not any(tells_remedies(template) for template in texts):
                yield self.finding(f"“{called(node)}”的决定书没有告知行政复议和行政诉讼。", node)


class Delivered(Rule):
    id = "X08"
    name = "准予后十个工作日内送达证件"
    scope = "licence"
    cite = f"{LICENCE}第四十四条"
    message = "“{target}”之后可以不颁发、送达证件就结束。"
    advice = "请使准予之后的每条路径都有制证送达（lic.deliver），时限不超过10个工作日。"
    guards = ("gate:step_before", "app.deadlines.service.of_case")
    demands = (After(("lic.decide.grant",), ("lic.deliver",)),)
    breaks = "begin > 准予(lic.decide.grant) > 制证送达(lic.deliver): limit=15wd > end"
    keeps = "begin > 准予(lic.decide.grant) > 制证送达(lic.deliver): limit=10wd > end"

    law = Term(10, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        if any(subject.nodes(("lic.decide",))):
            yield from missing(self, subject, "lic.decide.grant", what="准予许可")
        yield from terms.kept(self, subject, ("lic.decide.grant",), ("lic.deliver",), self.law)


class Open(Rule):
    id = "X09"
    name = "许可决定公开"
    scope = "licence"
    cite = f"{LICENCE}第四十条；{OPENNESS}（七个工作日）"
    message = "“{target}”之后可以不公开许可决定就结束。"
    advice = "请使准予之后的每条路径都有公示（publish），时限不超过7个工作日。"
    guards = ("gate:step_before", "app.deadlines.service.of_case")
    demands = (After(("lic.decide.grant",), ("publish",)),)
    breaks = "begin > 准予(lic.decide.grant) > 制证送达(lic.deliver): limit=3wd > end"
    keeps = """
        begin > 准予(lic.decide.grant) > p1
        p1 > 制证送达(lic.deliver): limit=3wd > p2
        p1 > 公示(publish): limit=7wd > p2
        p2 > end
    """

    law = Term(7, "wd")
    unsure = True

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("publish",)):
            term = terms.limit(node)
            if term is None or not terms.within(term, self.law):
                yield self.finding(f"“{called(node)}”的时限超过{self.law}。", node)


class SpecialTimeTold(PauseTold):
    id = "X10"
    name = "扣除期间须书面告知"
    scope = "licence"
    cite = f"{LICENCE}第四十五条"
    advice = (
        "请在听证、检验、检测、检疫、鉴定、专家评审的环节（pause）书面告知申请人所需时间，扣除从该环节起算。"
    )
    guards = ("gate:document", "app.deadlines.service.of_case")
    breaks = """
        @suspensions [{clock: decision, cause: 专家评审, basis: 《中华人民共和国行政许可法》第四十五条}]
        begin > 受理(lic.accept): document=XK-02 > 评审(lic.review) > 决定(lic.decide) > end
    """
    keeps = """
        @suspensions [{clock: decision, cause: 专家评审, from: pause, to: lic.review, basis: 《中华人民共和国行政许可法》第四十五条}]
        begin > 受理(lic.accept): document=XK-02 > 告知评审时间(pause): document=XK-06 > 评审(lic.review) > 决定(lic.decide) > end
    """  # noqa: E501


class NoFee(Rule):
    id = "X12"
    name = "不得收费，法律和行政法规另有规定的除外"
    scope = "licence"
    cite = f"{LICENCE}第五十八条"
    advice = "请去掉收费环节，或者写明规定收费的法律、行政法规条款；地方性法规、规章不能设定。"
    guards = (PUBLICATION,)
    breaks = "begin > 受理(lic.accept): document=XK-02 > 收费(lic.fee) > end"
    keeps = "begin > 受理(lic.accept): document=XK-02 > 收费(lic.fee): basis=《中华人民共和国道路交通安全法》第八条 > end"

    national = re.compile(
        r"《(中华人民共和国[^》]+(法|条例)|国务院[^》]+|[^》省市县区州]+(法|条例))》.*第.+条"
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("lic.fee", "pay.*")):
            if not self.national.search(node.attributes.get("basis", "")):
                yield self.finding(f"“{called(node)}”收费没有法律、行政法规依据。", node)


class NoFurtherPapers(Rule):
    id = "X13"
    name = "不得增设条件和材料"
    scope = "licence"
    cite = f"{LICENCE}第三十一条；擅自增加程序、条件（S4-51）"
    advice = "请使接收申请表单的材料（materials）都在已公布的材料清单（规则集 materials）之内。"
    guards = (PUBLICATION,)
    open = "办件受理时的材料还没有与事项公布的材料清单逐件核对；发布时以规则集的清单为准。"
    breaks = """
        @materials [申请书, 身份证明]
        @forms {receive: {key: receive, items: [{type: checkboxes, key: materials, label: 材料, options: [申请书, 身份证明, 无违法证明]}]}}
        begin > 接收(lic.receive): form=receive > end
    """  # noqa: E501
    keeps = breaks.replace(", 无违法证明", "")

    def check(self, subject: Subject) -> Iterable[Finding]:
        known = set(listed(subject.rules.get("materials")))
        for node in subject.nodes(("lic.receive",)):
            asked = set(materials_of(subject.fields(node)))
            if asked and not known:
                yield self.finding(
                    f"规则集没有已公布的材料清单，“{called(node)}”是否增设材料不能证明。",
                    node,
                    severity=Severity.UNPROVEN,
                )
            elif extra := sorted(asked - known):
                yield self.finding(f"“{called(node)}”要求了没有公布的材料：{'、'.join(extra)}。", node)


def materials_of(fields: Iterable[Any]) -> Iterator[str]:
    """The materials a form lets the officer tick off."""
    for item in fields:
        if item["key"] == "materials":
            for option in item.get("options") or ():
                yield (
                    str(option.get("label") or option.get("value"))
                    if isinstance(option, dict)
                    else str(option)
                )


RULES = (Refused(), Delivered(), Open(), SpecialTimeTold(), NoFee(), NoFurtherPapers())
