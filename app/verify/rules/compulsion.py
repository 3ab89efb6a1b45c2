"""Rules of compulsory measures: sealing and seizing (C01-C07). Terms from 行政强制法, read in the original."""

from collections.abc import Iterable

from ..demands import After, Before, Tags
from ..findings import Finding
from ..subject import Subject
from . import terms
from .base import Rule, called, missing
from .reading import entries, officers, reached_from
from .statutes import COMPULSION
from .terms import Term
from .ways import following

HANDLED: Tags = ("comp.release", "confiscate", "destroy", "transfer.goods")
"""What ends a measure: released, confiscated, destroyed, handed over with the case."""


class Approved(Rule):
    id = "C01"
    name = "批准先于实施，紧急的二十四小时内补办"
    scope = "compulsion.measure"
    wherever = ("comp.exec",)
    cite = f"{COMPULSION}第十八条第一项、第十九条"
    message = "强制措施可以未经行政机关负责人批准就到达“{target}”。"
    advice = "请把审批放在实施之前；情况紧急的，实施后二十四小时内补办批准，不批准的立即解除。"
    guards = ("gate:step_before", "gate:clock")
    demands = (
        Before(
            ("comp.exec",), ("comp.approve",), passed=("comp_approved == True", "True"),
            when=("urgent == False", "True"),
        ),
        After(("comp.exec",), ("comp.approve", "comp.release"), when=("urgent == True",)),
        After(("comp.approve",), ("comp.release",), when=("urgent == True and comp_approved == False",)),
    )  # fmt: skip
    breaks = """
        begin > 报告(report): writes=urgent > x1
        x1 > 审批(comp.approve): limit=8h writes=comp_approved [urgent == False] > 实施(comp.exec)
        x1 > 实施 [default]
        实施 > 解除(comp.release) > end
    """
    keeps = """
        begin > 报告(report): writes=urgent > x1
        x1 > 审批(comp.approve): limit=8h writes=comp_approved [urgent == False] > x2
        x2 > 实施(comp.exec) [comp_approved == True] > x4
        x2 > end2 [default]
        x1 > 紧急实施(comp.exec) [default] > 补办(comp.approve): limit=24h writes=comp_approved > x3
        x3 > x4 [comp_approved == True]
        x3 > 立即解除(comp.release) [default] > end3
        x4 > 解除(comp.release) > end
    """

    later = Term(24, "h")

    def check(self, subject: Subject) -> Iterable[Finding]:
        reached = reached_from(subject.internal, subject.nodes(("comp.exec",)))
        for node in subject.nodes(("comp.approve",)):
            term = terms.limit(node)
            if node.id in reached and (term is None or not terms.within(term, self.later)):
                yield self.finding(f"先实施后补办的“{called(node)}”时限超过{self.later}。", node)


class TenElements(Rule):
    id = "C02"
    name = "实施强制措施的程序要素"
    scope = "compulsion.measure"
    wherever = ("comp.exec",)
    cite = f"{COMPULSION}第十八条"
    advice = (
        "实施环节须两名以上持证人员，表单必填：出示证件（id_shown）、通知当事人到场（party_notified）、"
        "告知理由依据和权利（rights_told）、听取陈述申辩（plea）、现场笔录（record）、签名或者见证（signed）。"
    )
    guards = ("gate:certified_officers", "app.forms.service.from_json")
    breaks = "begin > 实施(comp.exec): officers=1 fields=id_shown,record > end"
    keeps = "begin > 实施(comp.exec): officers=2 fields=id_shown,party_notified,rights_told,plea,record,signed > end"

    officers = 2
    answers = (
        ("id_shown", "出示证件"),
        ("party_notified", "通知当事人到场"),
        ("rights_told", "告知理由、依据和权利"),
        ("plea", "听取陈述申辩"),
        ("record", "现场笔录"),
        ("signed", "签名或者见证"),
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("comp.exec",)):
            if officers(node) < self.officers:
                yield self.finding(f"“{called(node)}”没有要求由{self.officers}名以上持证人员实施。", node)
            lacking = [what for key, what in self.answers if not subject.required(node, key)]
            if lacking:
                yield self.finding(f"“{called(node)}”的表单没有必填：{'、'.join(lacking)}。", node)


class HandedOver(Rule):
    id = "C03"
    name = "当场交付决定书和清单"
    scope = "compulsion.measure"
    wherever = ("comp.exec",)
    cite = f"{COMPULSION}第二十四条"
    message = "实施之后可以不交付决定书和清单。"
    advice = "请使“交付决定书和清单”（comp.doc）紧接在实施之后，制作决定书和清单两种文书。"
    guards = ("gate:document", "gate:step_before")
    demands = (After(("comp.exec",), ("comp.doc",)),)
    breaks = "begin > 实施(comp.exec) > 入库(keep) > 交付(comp.doc): document=QC-02 > end"
    keeps = "begin > 实施(comp.exec) > 交付(comp.doc): document=QC-02,QC-03 > 入库(keep) > end"

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("comp.exec",)):
            if any(subject.step(n) == "comp.doc" for n in following(subject.internal, node)):
                continue
            yield self.finding(f"“{called(node)}”之后没有当场交付决定书和清单。", node)
        for node in subject.nodes(("comp.doc",)):
            if len(node.documents) < 2:
                yield self.finding(f"“{called(node)}”没有同时制作决定书和清单。", node)


class HandledInTime(Rule):
    id = "C04"
    name = "三十日内处理，延长不超过三十日"
    scope = "compulsion.measure"
    wherever = ("comp.exec",)
    cite = f"{COMPULSION}第二十五条、第二十七条、第二十八条"
    message = "查封、扣押可以没有处理结果（解除、没收、销毁或者移送）就结束。"
    advice = (
        "请声明自实施起不超过三十日的计时（延长一次，不超过三十日，写明批准人），并使每条路径都有处理决定。"
    )
    guards = ("gate:clock", "app.deadlines.service.of_case")
    demands = (After(("comp.exec",), HANDLED),)
    breaks = (
        "begin > 实施(comp.exec) > 交付(comp.doc): document=QC-02,QC-03 > 处理(comp.release): limit=60d > end"
    )
    keeps = """
        @clocks [{id: seal, name: 查封扣押期限, limit: 30d, starts: [comp.exec], stops: [comp.release], warn: 5wd, extension: {limit: 30d, times: 1, approver: head}}]
        begin > 实施(comp.exec) > 交付(comp.doc): document=QC-02,QC-03 > 处理(comp.release): limit=15wd > end
    """  # noqa: E501

    law, extension = Term(30, "d"), Term(30, "d")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("comp.exec", "comp.doc"), HANDLED, self.law, self.extension)


class Returned(Rule):
    id = "C05"
    name = "解除即退还"
    scope = "compulsion.measure"
    wherever = ("comp.exec",)
    cite = f"{COMPULSION}第二十八条"
    message = "“{target}”之后可以不退还财物。"
    advice = "请使解除之后的每条路径都有退还财物（comp.return）。"
    guards = ("gate:step_before",)
    demands = (After(("comp.release",), ("comp.return",)),)
    breaks = "begin > 实施(comp.exec) > 解除(comp.release) > end"
    keeps = "begin > 实施(comp.exec) > 解除(comp.release) > 退还(comp.return) > end"


class PauseTold(Rule):
    """What C06 and X10 have in common: days are taken off only if the party was told in writing."""

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("pause", "pause.*")):
            if not node.documents:
                yield self.finding(f"“{called(node)}”没有书面告知当事人所需期间的文书。", node)
        told = {subject.step(node) for node in subject.nodes(("pause", "pause.*"))}
        for entry in entries(subject, "suspensions"):
            cause = str(entry.get("cause", ""))
            if (
                any(word in cause for word in ("检测", "检验", "检疫", "鉴定", "评审"))
                and entry.get("from") not in told
            ):
                yield self.finding(f"“{cause}”的期间扣除没有从书面告知的环节（pause）起算。")


class ExpertiseTold(PauseTold):
    id = "C06"
    name = "鉴定期间扣除须书面告知"
    scope = "compulsion.measure"
    wherever = ("comp.exec",)
    cite = f"{COMPULSION}第二十五条第三款"
    advice = "请在委托检测、检验、鉴定的环节（pause）制作期间告知书，扣除期间从该环节起算。"
    guards = ("gate:document", "app.deadlines.service.of_case")
    breaks = "begin > 实施(comp.exec) > 委托鉴定(pause) > 解除(comp.release) > end"
    keeps = "begin > 实施(comp.exec) > 委托鉴定(pause): document=DC-14 > 解除(comp.release) > end"


class GoodsFollow(Rule):
    id = "C07"
    name = "移送犯罪随案移送财物并书面告知"
    scope = "compulsion.measure"
    wherever = ("comp.exec", "freeze.exec")
    cite = f"{COMPULSION}第二十一条"
    message = "移送涉嫌犯罪案件之后，可以不移送查封、扣押、冻结的财物或者不书面告知当事人。"
    advice = "请使移送之后的每条路径都有随案移送财物（transfer.goods）和书面告知（transfer.notify）。"
    guards = ("gate:step_before", "gate:document")
    demands = (
        After(("transfer.crim",), ("transfer.goods",)),
        After(("transfer.crim",), ("transfer.notify",)),
    )
    breaks = "begin > 实施(comp.exec) > 移送案件(transfer.crim) > 移送财物(transfer.goods) > end"
    keeps = (
        "begin > 实施(comp.exec) > 移送案件(transfer.crim) > 移送财物(transfer.goods) > "
        "告知当事人(transfer.notify) > end"
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        if "crime" in subject.names and subject.scope == self.scope:
            yield from missing(self, subject, "transfer.crim", what="移送涉嫌犯罪案件")


RULES = (
    Approved(), TenElements(), HandedOver(), HandledInTime(), Returned(), ExpertiseTold(), GoodsFollow(),
)  # fmt: skip
