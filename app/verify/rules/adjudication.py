"""Rules of adjudication: disputes over the ownership and use of land (D01-D06)."""

import re
from collections.abc import Iterable

from ..demands import After, Before
from ..findings import Finding
from ..subject import Subject
from . import terms
from .base import Rule, called
from .general_forms import codes, tells_remedies
from .reading import at_least, kept_apart, length, officers, waits
from .statutes import LAND, LAND_DISPUTES, OPENNESS, REVIEW
from .terms import Term


class AcceptedInTime(Rule):
    id = "D01"
    name = "七个工作日决定是否受理，五个工作日发送副本"
    scope = "adjudication"
    cite = f"{LAND_DISPUTES}第十三条"
    advice = "请声明自申请（adj.apply）起不超过7个工作日受理、自受理（adj.accept）起不超过5个工作日发送副本的计时。"
    guards = ("app.deadlines.service.of_case",)
    breaks = "begin > 申请(adj.apply) > 受理(adj.accept): limit=15wd > 副本(adj.copy): limit=5wd > end"
    keeps = breaks.replace("15wd", "7wd")

    accept = Term(7, "wd")
    copy = Term(5, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("adj.apply",), ("adj.accept",), self.accept)
        yield from terms.kept(self, subject, ("adj.accept",), ("adj.copy",), self.copy)


class Answered(Rule):
    id = "D02"
    name = "被申请人有三十日答辩"
    scope = "adjudication"
    cite = f"{LAND_DISPUTES}第十三条第二款"
    message = "被申请人没有收到副本，或者没有答辩而答辩期未满，就可以到达“{target}”。"
    advice = "请在调解和决定之前发送副本（adj.copy），等待答辩（adj.answer）或者不少于30日的答辩期满（adj.answer.period）。"
    guards = ("gate:step_before", "gate:period", "gate:out_of_time")
    demands = (
        Before(("adj.mediate", "adj.decide"), ("adj.copy",)),
        Before(("adj.mediate", "adj.decide"), ("adj.answer", "adj.answer.period")),
    )
    breaks = "begin > 副本(adj.copy) > 决定(adj.decide) > end"
    keeps = """
        begin > 副本(adj.copy) > e1
        e1 > m1(adj.answer) > x1
        e1 > t1(adj.answer.period): limit=30d from=adj.copy > x1
        x1 > 决定(adj.decide) > end
    """

    days = "30d"

    def check(self, subject: Subject) -> Iterable[Finding]:
        for timer in waits(subject, ("adj.answer.period",)):
            if not at_least(length(timer), self.days):
                yield self.finding(f"答辩期“{called(timer)}”少于三十日。", timer)


class BothHeard(Rule):
    id = "D03"
    name = "两人以上调查，听取双方意见后处理"
    scope = "adjudication"
    cite = f"{LAND_DISPUTES}第十五条、第十九条至第二十一条"
    message = "可以未经调查或者未听取双方意见、质证就到达“{target}”。"
    advice = "请使调查（adj.invest，两人以上）和听取双方意见、质证（adj.hear）都在提出处理意见、决定之前。"
    guards = ("gate:step_before", "gate:certified_officers")
    demands = (
        Before(("adj.propose", "adj.decide"), ("adj.invest",)),
        Before(("adj.propose", "adj.decide"), ("adj.hear",)),
    )
    breaks = "begin > 调查(adj.invest): officers=1 > 处理意见(adj.propose) > end"
    keeps = "begin > 调查(adj.invest): officers=2 > 质证(adj.hear) > 处理意见(adj.propose) > end"

    officers = 2

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("adj.invest",)):
            if officers(node) < self.officers:
                yield self.finding(f"“{called(node)}”没有要求{self.officers}人以上。", node)


class MediatedFirst(Rule):
    id = "D04"
    name = "先行调解，调解书十五日内送达"
    scope = "adjudication"
    cite = f"{LAND_DISPUTES}第二十三条、第二十六条、第二十七条"
    message = "可以没有先行调解就到达“{target}”。"
    advice = "请在提出处理意见（adj.propose）之前先行调解（adj.mediate），达成协议的十五日内送达调解书。"
    guards = ("gate:step_before", "app.deadlines.service.of_case")
    demands = (Before(("adj.propose",), ("adj.mediate",)),)
    breaks = "begin > 质证(adj.hear) > 处理意见(adj.propose) > end"
    keeps = """
        begin > 调解(adj.mediate): writes=agreed > x1
        x1 > 送达调解书(adj.mediate.serve): limit=5wd [agreed == True] > end
        x1 > 处理意见(adj.propose) [default] > end2
        @clocks [{id: a, name: 送达, limit: 15d, starts: [adj.mediate], stops: [adj.mediate.serve], warn: 3d}]
    """

    serve = Term(15, "d")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("adj.mediate",), ("adj.mediate.serve",), self.serve)


class DecidedByOthers(Rule):
    id = "D05"
    name = "法制审核通过，由没有参加调查处理的人决定"
    scope = "adjudication"
    cite = f"{LAND_DISPUTES}第三十条；{OPENNESS}"
    message = "可以没有调查处理意见或者法制审核未通过就到达“{target}”。"
    advice = "请使调查处理意见（adj.propose）和通过的法制审核（legal.review）在决定之前，三者由不同人员办理。"
    guards = ("gate:legal_review", "gate:separation")
    demands = (
        Before(("adj.decide",), ("adj.propose",)),
        Before(
            ("adj.decide",),
            ("legal.review",),
            passed=("legal_passed == True", "True"),
            voids=("adj.propose",),
        ),
    )
    breaks = "begin > 处理意见(adj.propose) > 决定(adj.decide) > end"
    keeps = """
        @separation [{name: 调查, steps: [adj.propose]}, {name: 审核, steps: [legal.review]}, {name: 决定, steps: [adj.decide]}]
        begin > x2 > 处理意见(adj.propose) > 审核(legal.review): writes=legal_passed > x1
        x1 > 决定(adj.decide) [legal_passed == True] > end
        x1 > x2 [default]
    """  # noqa: E501

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("adj.decide",)):
            for step in ("adj.invest", "adj.propose", "legal.review"):
                for other in subject.nodes((step,)):
                    if not kept_apart(subject, ("adj.decide",), (step,)):
                        both = f"“{called(node)}”和“{called(other)}”"
                        yield self.finding(f"规则集没有禁止同一人在一案中办理{both}。", node, other)


class BothTold(Rule):
    id = "D06"
    name = "决定书送达双方，告知复议在先和三十日起诉"
    scope = "adjudication"
    cite = f"{LAND}第十四条第三款；{REVIEW}第二十三条第一款第二项"
    message = "制作处理决定书之后可以不送达其中一方就结束。"
    advice = (
        "请分别送达申请人（adj.serve.applicant）和被申请人（adj.serve.respondent），"
        "决定书写明应当先申请行政复议的情形和三十日的起诉期限。"
    )
    guards = ("gate:step_before", "gate:document", "app.documents.service.issue")
    demands = (
        After(("adj.decide.award",), ("adj.serve.applicant",)),
        After(("adj.decide.award",), ("adj.serve.respondent",)),
    )
    breaks = "begin > 决定书(adj.decide.award) > 送达申请人(adj.serve.applicant) > end"
    keeps = (
        "begin > 决定书(adj.decide.award) > 送达申请人(adj.serve.applicant) > "
        "送达被申请人(adj.serve.respondent) > end"
    )

    first = re.compile("先.{0,40}行政复议", re.DOTALL)
    suing = re.compile("三十日.{0,40}(诉讼|起诉)", re.DOTALL)

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("adj.decide.award",)):
            found = [t for code in codes(node) if (t := (subject.templates or {}).get(code)) is not None]
            for paper in found:
                told = self.first.search(paper.text) and self.suing.search(paper.text)
                if not (told and tells_remedies(paper)):
                    yield self.finding(f"《{paper.title}》没有写明复议在先的情形或者三十日的起诉期限。", node)


RULES = (AcceptedInTime(), Answered(), BothHeard(), MediatedFirst(), DecidedByOthers(), BothTold())
