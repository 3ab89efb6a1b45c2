"""Rules of freezing deposits and remittances (C08-C11). Terms from 行政强制法, read in the original."""

from collections.abc import Iterable

from ..demands import After, Before, Tags
from ..findings import Finding
from ..subject import Subject
from . import terms
from .base import Rule, called
from .reading import officers
from .statutes import COMPULSION
from .terms import Term

HANDLED: Tags = ("freeze.release", "freeze.settle", "transfer.goods")
"""What ends a freeze: released, used up by a decision, handed over with the case."""
WHEREVER: Tags = ("freeze.exec",)


class Frozen(Rule):
    id = "C08"
    name = "冻结三个工作日内交付决定书，三十日内处理"
    scope = "compulsion.freeze"
    wherever = WHEREVER
    cite = f"{COMPULSION}第三十一条、第三十二条"
    message = "冻结之后可以不交付决定书，或者没有处理决定就结束。"
    advice = (
        "请在冻结后三个工作日内交付冻结决定书（freeze.doc），并声明不超过三十日、延长不超过三十日的计时。"
    )
    guards = ("gate:clock", "app.deadlines.service.of_case")
    demands = (
        After(("freeze.exec",), ("freeze.doc",), when=("frozen == True", "True")),
        After(("freeze.exec",), HANDLED, when=("frozen == True", "True")),
    )
    breaks = (
        "begin > 冻结(freeze.exec) > 交付(freeze.doc): limit=5wd > 解除(freeze.release): limit=15wd > end"
    )
    keeps = """
        @clocks [{id: freeze, name: 冻结期限, limit: 30d, starts: [freeze.exec], stops: [freeze.release], warn: 5wd}]
        begin > 冻结(freeze.exec) > 交付(freeze.doc): limit=3wd > 解除(freeze.release): limit=15wd > end
    """

    deliver, law, extension = Term(3, "wd"), Term(30, "d"), Term(30, "d")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("freeze.exec",), ("freeze.doc",), self.deliver)
        yield from terms.kept(self, subject, ("freeze.exec",), HANDLED, self.law, self.extension)


class FreezeApproved(Rule):
    id = "C09"
    name = "冻结前批准"
    scope = "compulsion.freeze"
    wherever = WHEREVER
    cite = f"{COMPULSION}第十八条第一项、第三十条第一款"
    message = "可以未经行政机关负责人批准就到达“{target}”。冻结没有先实施后补办的例外。"
    advice = "请使每条到达冻结（freeze.exec）的路径都经过批准（freeze.approve）。"
    guards = ("gate:step_before",)
    demands = (Before(("freeze.exec",), ("freeze.approve",), passed=("freeze_approved == True", "True")),)
    breaks = "begin > 报告(freeze.report) > 冻结(freeze.exec) > 解除(freeze.release) > end"
    keeps = """
        begin > 报告(freeze.report) > 审批(freeze.approve): writes=freeze_approved > x1
        x1 > 冻结(freeze.exec) [freeze_approved == True] > 解除(freeze.release) > end
        x1 > end2 [default]
    """


class FreezeElements(Rule):
    id = "C10"
    name = "实施冻结的程序要素"
    scope = "compulsion.freeze"
    wherever = WHEREVER
    cite = f"{COMPULSION}第十八条第二项、第三项、第七项，第三十条第一款"
    advice = (
        "实施冻结须两名以上持证人员，表单必填：出示证件（id_shown）、现场笔录（record）、签名（signed）。"
    )
    guards = ("gate:certified_officers", "app.forms.service.from_json")
    breaks = "begin > 冻结(freeze.exec): officers=1 fields=id_shown > end"
    keeps = "begin > 冻结(freeze.exec): officers=2 fields=id_shown,record,signed > end"

    officers = 2
    answers = (("id_shown", "出示证件"), ("record", "现场笔录"), ("signed", "签名"))

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("freeze.exec",)):
            if officers(node) < self.officers:
                yield self.finding(f"“{called(node)}”没有要求由{self.officers}名以上持证人员实施。", node)
            lacking = [what for key, what in self.answers if not subject.required(node, key)]
            if lacking:
                yield self.finding(f"“{called(node)}”的表单没有必填：{'、'.join(lacking)}。", node)


class ReleaseTold(Rule):
    id = "C11"
    name = "解除冻结即通知金融机构和当事人"
    scope = "compulsion.freeze"
    wherever = WHEREVER
    cite = f"{COMPULSION}第三十三条第二款"
    message = "“{target}”之后可以不通知金融机构和当事人。"
    advice = "请使解除冻结之后的每条路径都有通知（freeze.notify）。"
    guards = ("gate:step_before", "gate:document")
    demands = (After(("freeze.release",), ("freeze.notify",)),)
    breaks = "begin > 冻结(freeze.exec) > 解除(freeze.release) > end"
    keeps = "begin > 冻结(freeze.exec) > 解除(freeze.release) > 通知(freeze.notify) > end"


RULES = (Frozen(), FreezeApproved(), FreezeElements(), ReleaseTold())
