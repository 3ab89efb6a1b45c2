"""Rules of payments: the minimum living allowance (J01-J07)."""

from collections.abc import Iterable, Iterator

from ..demands import After, Before, NeverAfter, Tags
from ..findings import Finding
from ..reader import Node
from ..subject import Subject
from . import terms
from .base import Rule, called
from .general_forms import codes, tells_remedies
from .reading import at_least, kept_apart, length, officers, waits
from .statutes import ALLOWANCE, ASSISTANCE
from .terms import Term

DECIDED: Tags = ("aid.decide.grant", "aid.decide.refuse")
EXAMINED: Tags = ("aid.survey", "aid.review", "aid.decide")
PAID: Tags = ("aid.pay", "aid.repay")


class Surveyed(Rule):
    id = "J01"
    name = "未经两人以上调查和信息核对不得决定"
    scope = "payment"
    cite = f"{ASSISTANCE}第十一条第二项；{ALLOWANCE}第十六条、第二十八条"
    message = "可以没有受理、入户调查或者信息核对就到达“{target}”。"
    advice = "请使受理（aid.accept）、入户调查（aid.survey，两人以上）和信息核对（aid.verify）都在决定之前。"
    guards = ("gate:step_before", "gate:certified_officers")
    demands = tuple(Before(DECIDED, (step,)) for step in ("aid.accept", "aid.survey", "aid.verify"))
    breaks = "begin > 调查(aid.survey): officers=1 > 确认(aid.decide.grant) > end"
    keeps = (
        "begin > 受理(aid.accept) > 调查(aid.survey): officers=2 > 核对(aid.verify) > "
        "确认(aid.decide.grant) > end"
    )

    officers = 2

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("aid.survey", "aid.recheck", "aid.periodic")):
            if officers(node) < self.officers:
                yield self.finding(f"“{called(node)}”没有要求{self.officers}人以上。", node)


class ShownToNeighbours(Rule):
    id = "J02"
    name = "初审意见公示满七天方可确认"
    scope = "payment"
    cite = f"{ASSISTANCE}第十一条第二项；{ALLOWANCE}第十九条"
    message = "可以没有公示就到达“{target}”，或者对异议没有重新调查就结束。"
    advice = (
        "请在确认之前公示初审意见（aid.publicise），设不少于7日的计时（aid.publicise.period），"
        "收到异议（aid.objection）的重新调查（aid.recheck）。"
    )
    guards = ("gate:step_before", "gate:period")
    demands = (
        Before(("aid.decide.grant",), ("aid.publicise",)),
        After(("aid.objection",), ("aid.recheck",)),
    )
    breaks = """
        begin > x1 > 公示(aid.publicise) > e1
        e1 > t1(aid.publicise.period): limit=5d from=aid.publicise > x2
        e1 > m1(aid.objection) > x2
        x2 > 确认(aid.decide.grant) > end
        x1 > x2 [default]
    """
    keeps = """
        begin > 公示(aid.publicise) > e1
        e1 > t1(aid.publicise.period): limit=7d from=aid.publicise > x2
        e1 > m1(aid.objection) > 重新调查(aid.recheck) > x2
        x2 > 确认(aid.decide.grant) > end
    """

    days = "7d"

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("aid.publicise",)):
            timers = waits(subject, ("aid.publicise.period",))
            if not timers:
                yield self.finding(f"“{called(node)}”之后没有公示期的计时。", node)
            for timer in timers:
                if not at_least(length(timer), self.days):
                    yield self.finding(f"公示期“{called(timer)}”少于七天。", timer)


class AskedOnce(Rule):
    id = "J03"
    name = "补齐材料一次性告知"
    scope = "payment"
    cite = f"{ALLOWANCE}第十条"
    message = "可以再次到达“{target}”，不是一次性告知。"
    advice = "请使补齐材料（aid.supplement）只告知一次，并出具告知书。"
    guards = ("gate:rounds",)
    demands = (NeverAfter(("aid.supplement",), ("aid.supplement",)),)
    breaks = """
        begin > x1 > 告知补齐(aid.supplement): writes=supplied > x2
        x2 > x1 [supplied == False]
        x2 > 受理(aid.accept) [default] > end
    """
    keeps = "begin > 告知补齐(aid.supplement) > 受理(aid.accept) > end"


class RefusedWithReasons(Rule):
    id = "J04"
    name = "不予确认的书面说明理由并送达"
    scope = "payment"
    cite = f"{ASSISTANCE}第十一条第三项、第六十五条；{ALLOWANCE}第二十一条、第三十八条"
    message = "不予确认之后可以不送达就结束。"
    advice = "请使不予确认通知书（必填理由，写明复议和诉讼的途径）在三个工作日内送达（serve）。"
    guards = ("gate:step_before", "gate:document", "app.deadlines.service.of_case")
    demands = (After(("aid.decide.refuse",), ("serve",)),)
    breaks = "begin > 不予确认(aid.decide.refuse): fields=reason > end"
    keeps = "begin > 不予确认(aid.decide.refuse): fields=reason > 送达(serve): limit=3wd > end"

    law = Term(3, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("aid.decide.refuse",), ("serve",), self.law)
        for node in subject.nodes(("aid.decide.refuse",)):
            if not subject.required(node, "reason"):
                yield self.finding(f"“{called(node)}”的表单没有必填的理由（reason）。", node)
            yield from untold(self, subject, node)


class PaidByOthers(Rule):
    id = "J05"
    name = "凭通知单发放，发放的人不参加审核"
    scope = "payment"
    cite = f"{ASSISTANCE}第五条第二款；{ALLOWANCE}第二十五条"
    message = "可以没有确认通知或者拨付通知单就到达“{target}”。"
    advice = (
        "请在发放（aid.pay）之前设确认通知和拨付通知单（aid.order），由没有参加调查、审核、决定的人员发放。"
    )
    guards = ("gate:step_before", "gate:separation")
    demands = (Before(PAID, ("aid.decide.grant",)), Before(PAID, ("aid.order",)))
    breaks = "begin > 调查(aid.survey) > 发放(aid.pay) > end"
    keeps = """
        @separation [{name: 调查, steps: [aid.survey]}, {name: 发放, steps: [aid.pay]}]
        begin > 调查(aid.survey) > 确认(aid.decide.grant) > 通知单(aid.order) > 发放(aid.pay) > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(PAID):
            for step in EXAMINED:
                for other in subject.nodes((step,)):
                    if not kept_apart(subject, (subject.step(node),), (step,)):
                        yield self.finding(
                            f"规则集没有禁止同一人在一案中办理“{called(node)}”和“{called(other)}”。",
                            node,
                            other,
                        )


class StoppedInWriting(Rule):
    id = "J06"
    name = "停发须经核查、决定并书面说明理由"
    scope = "payment"
    cite = f"{ASSISTANCE}第十三条；{ALLOWANCE}第三十一条、第三十二条"
    message = "可以未经核查、决定或者送达就到达“{target}”。"
    advice = "请使定期核查（aid.periodic）、决定（aid.adjust）和送达（aid.adjust.serve）都在停止发放（aid.stop）之前。"
    guards = ("gate:step_before", "gate:document")
    demands = (
        Before(("aid.adjust",), ("aid.periodic",)),
        Before(("aid.stop",), ("aid.adjust",)),
        Before(("aid.stop",), ("aid.adjust.serve",)),
    )
    breaks = "begin > 停发决定(aid.adjust): fields=reason > 停止发放(aid.stop) > end"
    keeps = (
        "begin > 核查(aid.periodic) > 停发决定(aid.adjust): fields=reason > 送达(aid.adjust.serve) > "
        "停止发放(aid.stop) > end"
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("aid.adjust",)):
            if not subject.required(node, "reason"):
                yield self.finding(f"“{called(node)}”的表单没有必填的理由（reason）。", node)
            yield from untold(self, subject, node)


class AllowanceInTime(Rule):
    id = "J07"
    name = "三个工作日启动调查，三十个工作日完成审核确认"
    scope = "payment"
    cite = f"{ALLOWANCE}第十五条第一款、第二十二条"
    advice = "请声明自受理（aid.accept）起不超过3个工作日启动调查、不超过30个工作日决定的计时，最多延长15个工作日。"
    guards = ("gate:clock", "app.deadlines.service.of_case")
    breaks = "begin > 受理(aid.accept) > 启动(aid.start): limit=5wd > end"
    keeps = "begin > 受理(aid.accept) > 启动(aid.start): limit=3wd > end"

    start = Term(3, "wd")
    whole = Term(30, "wd")
    extension = Term(15, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("aid.accept",), ("aid.start",), self.start)
        yield from terms.kept(self, subject, ("aid.accept",), DECIDED, self.whole, self.extension)


def untold(rule: Rule, subject: Subject, node: Node) -> Iterator[Finding]:
    """Findings for documents of a node none of which tells the ways of review and action."""
    found = [t for code in codes(node) if (t := (subject.templates or {}).get(code)) is not None]
    if found and not any(tells_remedies(template) for template in found):
        yield rule.finding(f"“{called(node)}”的文书《{found[0].title}》没有告知救济途径和期限。", node)


RULES = (
    Surveyed(), ShownToNeighbours(), AskedOnce(), RefusedWithReasons(), PaidByOthers(), StoppedInWriting(),
    AllowanceInTime(),
)  # fmt: skip
