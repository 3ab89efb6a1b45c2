"""Rules of administrative licences up to the decision (X01-X06). All terms are working days (第八十二条)."""

from collections.abc import Iterable, Iterator

from ..demands import After, Before, NeverAfter, Tags
from ..findings import Finding
from ..reader import Node
from ..subject import Subject
from . import terms
from .base import Rule, called, missing
from .reading import officers, reached_from
from .statutes import LICENCE
from .terms import Term
from .ways import following

DECIDED: Tags = ("lic.decide", "lic.decide.*")
LEFT: Tags = ("lic.withdraw", "lic.terminate")
"""The applicant takes the application back, or there is nothing left to decide."""


class ToldOnce(Rule):
    id = "X01"
    name = "五个工作日内一次告知补正，逾期视为受理"
    scope = "licence"
    cite = f"{LICENCE}第三十二条第一款第四项"
    message = "可以再次到达“{target}”，不是一次告知。"
    advice = "请在接收申请之后设不超过5个工作日的计时事件，期满直接到“受理”；补正只告知一次。"
    guards = ("gate:rounds", "gate:clock")
    demands = (NeverAfter(("lic.supplement",), ("lic.supplement",)),)
    breaks = """
        begin > 接收(lic.receive) > e1
        e1 > m1 > 受理(lic.accept) > end
        e1 > t1: limit=5wd from=lic.receive > 不予受理(lic.reject) > end2
    """
    keeps = """
        begin > 接收(lic.receive) > e1
        e1 > m1: writes=complete > x1
        x1 > 补正(lic.supplement) [complete == False] > x2
        x1 > x2 [default]
        e1 > t1: limit=5wd from=lic.receive > x2
        x2 > 受理(lic.accept) > end
    """

    law = Term(5, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("lic.receive",)):
            timers = list(timers_of(subject, node))
            good = [t for t in timers if (term := terms.limit(t)) and terms.within(term, self.law)]
            if not good:
                yield self.finding(
                    f"“{called(node)}”之后没有不超过{self.law}的计时，逾期不会视为受理。", node
                )
            for timer in good:
                steps = {subject.step(n) for n in following(subject.internal, timer)}
                if "lic.accept" not in steps or "lic.reject" in steps:
                    yield self.finding(f"计时“{called(timer)}”期满后没有直接视为受理。", timer)


def timers_of(subject: Subject, node: Node) -> Iterator[Node]:
    """The timers that run once a node is reached or done: its boundary events, and those that come next."""
    for found in (*subject.internal.boundary(node.id), *following(subject.internal, node)):
        if found.event("timer"):
            yield found


class Receipted(Rule):
    id = "X02"
    name = "受理和不予受理出具书面凭证"
    scope = "licence"
    cite = f"{LICENCE}第三十二条第二款"
    advice = "请在该环节制作加盖专用印章、注明日期的受理通知书或者不予受理通知书。"
    guards = ("gate:document", "app.documents.service.issue")
    breaks = "begin > 接收(lic.receive) > 受理(lic.accept) > end"
    keeps = "begin > 接收(lic.receive) > 受理(lic.accept): document=XK-02 > end"

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("lic.accept", "lic.reject")):
            if not node.documents:
                yield self.finding(f"“{called(node)}”没有出具书面凭证。", node)
            for document in node.documents:
                found = (subject.templates or {}).get(str(document.get("code")))
                if found is not None and not found.sealed:
                    yield self.finding(f"“{called(node)}”的《{found.title}》没有加盖印章。", node)


class OnSiteByTwo(Rule):
    id = "X03"
    name = "实地核查两人以上"
    scope = "licence"
    cite = f"{LICENCE}第三十四条第三款"
    advice = "请在核查任务上要求两名以上工作人员（officers=2）。"
    guards = ("gate:certified_officers",)
    breaks = "begin > 核查(lic.review.onsite): officers=1 > end"
    keeps = "begin > 核查(lic.review.onsite): officers=2 > end"

    officers = 2

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("lic.review.onsite",)):
            if officers(node) < self.officers:
                yield self.finding(f"“{called(node)}”没有要求{self.officers}人以上。", node)


class ThirdPartyHeard(Rule):
    id = "X04"
    name = "涉他人重大利益须告知并听取意见"
    scope = "licence"
    cite = f"{LICENCE}第三十六条、第四十七条"
    message = "直接关系他人重大利益的申请，可以未告知利害关系人就到达“{target}”。"
    advice = "请登记是否直接关系他人重大利益（third_party），是的在决定之前告知利害关系人（lic.inform3p）并听取意见。"
    guards = ("gate:step_before",)
    demands = (Before(DECIDED, ("lic.inform3p",), when=("third_party == True", "True")),)
    breaks = "begin > 审查(lic.review): writes=third_party > 决定(lic.decide) > end"
    keeps = """
        begin > 审查(lic.review): writes=third_party > x1
        x1 > 告知利害关系人(lic.inform3p) [third_party == True] > x2
        x1 > x2 [default]
        x2 > 决定(lic.decide) > end
    """


class HearingFirst(Rule):
    id = "X05"
    name = "应当听证的公告并听证后决定"
    scope = "licence"
    cite = f"{LICENCE}第四十六条、第四十七条、第四十八条"
    message = "应当听证的许可可以未公告、未听证就到达“{target}”。"
    advice = (
        "请在决定之前设听证：法定应当听证的（hearing_required）先公告（hear.announce），"
        "申请听证的（hearing_requested）组织听证。"
    )
    guards = ("gate:hearing", "gate:step_before")
    demands = (
        Before(DECIDED, ("hear.announce",), when=("hearing_required == True",)),
        Before(DECIDED, ("hear.hold",), when=("hearing_required == True",)),
        Before(DECIDED, ("hear.hold",), when=("hearing_requested == True",)),
    )
    breaks = """
        begin > 审查(lic.review): writes=hearing_required,hearing_requested > x1
        x1 > 听证(hear.hold) [hearing_required == True] > x2
        x1 > x2 [default]
        x2 > 决定(lic.decide) > end
    """
    keeps = """
        begin > 审查(lic.review): writes=hearing_required,hearing_requested > x1
        x1 > 公告(hear.announce) [hearing_required == True] > x3
        x1 > x3 [hearing_required == False and hearing_requested == True]
        x3 > 听证(hear.hold) > x2
        x1 > x2 [default]
        x2 > 决定(lic.decide) > end
    """


class DecidedInTime(Rule):
    id = "X06"
    name = "二十个工作日内决定，延长不超过十个工作日"
    scope = "licence"
    cite = f"{LICENCE}第四十二条第一款、第八十二条"
    message = "受理之后可以不作出决定就结束。"
    advice = "请使受理之后的每条路径都有决定，并声明不超过20个工作日的计时（经负责人批准延长一次，不超过10个工作日）。"
    guards = ("gate:clock", "app.deadlines.service.of_case")
    demands = (After(("lic.accept",), (*DECIDED, *LEFT)),)
    breaks = """
        @clocks [{id: decision, name: 许可期限, limit: 30wd, starts: [lic.accept], stops: [lic.decide], warn: 3wd}]
        begin > 受理(lic.accept): document=XK-02 > 审查(lic.review) > 决定(lic.decide): limit=2wd > end
    """
    keeps = """
        @clocks [{id: decision, name: 许可期限, limit: 20wd, starts: [lic.accept], stops: [lic.decide], warn: 3wd, extension: {limit: 10wd, times: 1, approver: deputy}}]
        begin > 受理(lic.accept): document=XK-02 > 审查(lic.review) > 决定(lic.decide): limit=2wd > end
    """  # noqa: E501

    law, extension = Term(20, "wd"), Term(10, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("lic.accept",), DECIDED, self.law, self.extension)
        accepted = list(subject.nodes(("lic.accept",)))
        if accepted and not any(subject.nodes(DECIDED)):
            yield from missing(self, subject, "lic.decide", what="许可决定")


class Renewed(Rule):
    id = "X11"
    name = "延续申请届满前决定，逾期视为准予"
    scope = "licence"
    cite = f"{LICENCE}第五十条第二款"
    message = "“{target}”之后可以不作出决定就结束。"
    advice = "请在延续申请之后设有效期届满的计时事件，期满直接到“准予许可”（lic.decide.grant）。"
    guards = ("gate:clock", "app.deadlines.service.engine_due")
    demands = (After(("lic.renew",), (*DECIDED, "lic.reject", *LEFT)),)
    breaks = "begin > 延续申请(lic.renew) > 审查(lic.review) > 决定(lic.decide.grant) > end"
    keeps = """
        begin > 延续申请(lic.renew) > e1
        e1 > m1(lic.review) > x1
        e1 > t1: limit=30wd from=lic.renew > x1
        x1 > 准予(lic.decide.grant) > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("lic.renew",)):
            for ident in reached_from(subject.internal, [node]):
                timer = subject.internal.nodes[ident]
                if timer.event("timer") and any(
                    subject.step(n) == "lic.decide.grant" for n in following(subject.internal, timer)
                ):
                    break
            else:
                yield self.finding(f"“{called(node)}”之后没有届满视为准予延续的计时。", node)


RULES = (
    ToldOnce(), Receipted(), OnSiteByTwo(), ThirdPartyHeard(), HearingFirst(), DecidedInTime(), Renewed(),
)  # fmt: skip
