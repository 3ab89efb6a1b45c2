"""Rules of compulsory execution (E01-E06). Terms from 行政强制法, read in the original."""

from collections.abc import Iterable

from ..demands import After, Before, Never, Tags
from ..findings import Finding
from ..subject import Subject
from . import terms
from .base import Rule, called
from .statutes import COMPULSION
from .terms import Term

EXECUTED: Tags = ("enforce.exec", "enforce.exec.*")
ENFORCED: Tags = (*EXECUTED, "enforce.decide", "perform")


def waits(rule: Rule, subject: Subject, tag: str, least: Term) -> Iterable[Finding]:
    """A finding for each timer of this tag that is shorter than the law's least period."""
    for node in subject.nodes((tag,)):
        term = terms.limit(node)
        if term is None or not terms.within(least, term):
            yield rule.finding(f"计时“{called(node)}”短于法定的{least}。", node)


class Urged(Rule):
    id = "E01"
    name = "催告、申辩复核先于强制执行决定"
    scope = "compulsion.execute"
    wherever = ENFORCED
    cite = f"{COMPULSION}第三十五条、第三十六条、第三十七条"
    message = "可以未经催告、未等催告期满或者未复核申辩就到达“{target}”。"
    advice = (
        "请使催告（urge）和催告期满（计时事件 urge.period）在强制执行决定之前；"
        "催告期间有证据证明转移、隐匿财物的（concealed）方可不等期满。"
    )
    guards = ("gate:step_before", "gate:period")
    demands = (
        Before(("enforce.decide",), ("urge",)),
        Before(("enforce.decide",), ("urge.period",), when=("concealed == False", "True")),
        Before(("enforce.decide",), ("plea.review",), when=("plea_received == True",)),
        Before(EXECUTED, ("enforce.decide",)),
    )
    breaks = """
        begin > 催告(urge): writes=plea_received > t1(urge.period): limit=10wd from=urge > 决定(enforce.decide)
        决定 > 执行(enforce.exec) > end
    """
    keeps = """
        begin > 催告(urge): writes=plea_received > t1(urge.period): limit=10wd from=urge > x1
        x1 > 复核(plea.review) [plea_received == True] > x2
        x1 > x2 [default]
        x2 > 决定(enforce.decide) > 执行(enforce.exec) > end
    """


class SurchargeRun(Rule):
    id = "E02"
    name = "加处罚款满三十日并经催告"
    scope = "compulsion.execute"
    wherever = ENFORCED
    cite = f"{COMPULSION}第四十六条第一款"
    message = "加处罚款或者滞纳金未满三十日、未经催告就可以到达“{target}”。"
    advice = "请在划拨、拍卖（enforce.exec.money）之前设催告和满三十日的计时事件（surcharge.period）。"
    guards = ("gate:step_before", "gate:period")
    demands = (
        Before(("enforce.exec.money",), ("urge",)),
        Before(("enforce.exec.money",), ("surcharge.period",)),
    )
    breaks = (
        "begin > 加处罚款(surcharge) > 催告(urge) > 决定(enforce.decide) > 划拨(enforce.exec.money) > end"
    )
    keeps = (
        "begin > 加处罚款(surcharge) > t1(surcharge.period): limit=30d from=surcharge > 催告(urge) > "
        "决定(enforce.decide) > 划拨(enforce.exec.money) > end"
    )

    least = Term(30, "d")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from waits(self, subject, "surcharge.period", self.least)


class Performed(Rule):
    id = "E03"
    name = "代履行的决定、催告、监督和签名"
    scope = "compulsion.execute"
    wherever = ENFORCED
    cite = f"{COMPULSION}第五十一条、第五十二条"
    message = "代履行可以未送达决定书、未提前三个工作日催告就到达“{target}”。"
    advice = (
        "请在代履行（perform）之前送达决定书（perform.doc）、催告（perform.urge）并等满三个工作日（计时事件 "
        "perform.period），派员到场监督，之后各方签名（perform.sign）；需要立即清除的（immediate）除外。"
    )
    guards = ("gate:step_before", "gate:period", "gate:certified_officers")
    demands = (
        Before(("perform",), ("perform.doc",), when=("immediate == False", "True")),
        Before(("perform",), ("perform.urge",), when=("immediate == False", "True")),
        Before(("perform",), ("perform.period",), when=("immediate == False", "True")),
        After(("perform",), ("perform.sign",)),
    )
    breaks = "begin > 决定书(perform.doc) > 催告(perform.urge) > 代履行(perform): officers=2 > 签名(perform.sign) > end"
    keeps = (
        "begin > 决定书(perform.doc) > 催告(perform.urge) > t1(perform.period): limit=3wd from=perform.urge > "
        "代履行(perform): officers=2 > 签名(perform.sign) > end"
    )

    least = Term(3, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from waits(self, subject, "perform.period", self.least)
        for node in subject.nodes(("perform",)):
            if "officers" not in node.attributes:
                yield self.finding(f"“{called(node)}”没有派员到场监督（officers）。", node)


class NotAtNight(Rule):
    id = "E04"
    name = "夜间和法定节假日不得执行"
    scope = "compulsion.execute"
    wherever = ENFORCED
    cite = f"{COMPULSION}第四十三条第一款"
    message = "在夜间或者法定节假日、又没有紧急情况时，可以到达“{target}”。"
    advice = "请在执行之前登记执行时间是否在夜间或者法定节假日（off_hours）和情况是否紧急（urgent），不紧急的改期。"
    guards = ("gate:step_before",)
    demands = (Never(EXECUTED, when=("off_hours == True and urgent == False", "off_hours == True")),)
    breaks = "begin > 执行方案(enforce.plan): writes=off_hours,urgent > 执行(enforce.exec) > end"
    keeps = """
        begin > x1 > 执行方案(enforce.plan): writes=off_hours,urgent > x2
        x2 > x1 [off_hours == True and urgent == False]
        x2 > 执行(enforce.exec) [default] > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        if "off_hours" not in subject.names:
            for node in subject.nodes(EXECUTED):
                yield self.finding(f"“{called(node)}”之前没有登记执行时间（off_hours）。", node)


class Empowered(Rule):
    id = "E05"
    name = "无强制执行权的机关不得自行执行"
    scope = "compulsion.execute"
    wherever = ENFORCED
    cite = f"{COMPULSION}第十三条、第四十六条第三款"
    message = "没有行政强制执行权的机关可以到达“{target}”。"
    advice = "请按是否有强制执行权（enforcement_power）分流，没有的申请人民法院强制执行（court.apply）。"
    guards = ("gate:step_before",)
    demands = (Never((*EXECUTED, "enforce.decide"), when=("enforcement_power == False",)),)
    breaks = "begin > 核查(check): writes=enforcement_power > 决定(enforce.decide) > 执行(enforce.exec) > end"
    keeps = """
        begin > 核查(check): writes=enforcement_power > x1
        x1 > 决定(enforce.decide) [enforcement_power == True] > 执行(enforce.exec) > end
        x1 > 申请法院(court.apply) [default] > end2
    """


class Announced(Rule):
    id = "E06"
    name = "违法建筑强制拆除先公告且救济期满"
    scope = "compulsion.execute"
    wherever = ENFORCED
    cite = f"{COMPULSION}第四十四条"
    message = "违法建筑可以未公告或者未等复议、诉讼期满就到达“{target}”。"
    advice = "请在强制拆除之前公告限期自行拆除（enforce.announce），并等复议和诉讼期满（计时事件 remedy.period，184d）。"
    guards = ("gate:step_before", "gate:period")
    demands = (
        Before(EXECUTED, ("enforce.announce",), when=("illegal_building == True",)),
        Before(EXECUTED, ("remedy.period",), when=("illegal_building == True",)),
        Before(("enforce.exec.demolish",), ("enforce.announce",)),
        Before(("enforce.exec.demolish",), ("remedy.period",)),
    )
    breaks = "begin > 决定(enforce.decide): writes=illegal_building > 公告(enforce.announce) > 执行(enforce.exec) > end"
    keeps = """
        begin > 决定(enforce.decide): writes=illegal_building > x1
        x1 > 公告(enforce.announce) [illegal_building == True] > t1(remedy.period): limit=184d from=serve > x2
        x1 > x2 [default]
        x2 > 执行(enforce.exec) > end
    """

    least = Term(184, "d")
    """Six months at their longest."""

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from waits(self, subject, "remedy.period", self.least)


RULES = (Urged(), SurchargeRun(), Performed(), NotAtNight(), Empowered(), Announced())
