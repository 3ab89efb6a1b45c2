"""Rules of handing cases over to other agencies (R01-R03): 行政处罚法第二十二条至第二十五条."""

from collections.abc import Iterable

from ..demands import After, Before
from ..findings import Finding
from ..subject import Subject
from . import terms
from .base import Rule
from .statutes import PENALTY
from .terms import Term


class TransferApproved(Rule):
    id = "R01"
    name = "移送先批准"
    scope = "transfer"
    wherever = ("transfer.serve",)
    cite = f"{PENALTY}第二十二条至第二十五条"
    message = "案件可以未经行政机关负责人批准就到达“{target}”。"
    advice = "请使每条到达移送（transfer.serve）的路径都经过审批（transfer.approve）。"
    guards = ("gate:step_before", "gate:document")
    demands = (
        Before(("transfer.serve",), ("transfer.approve",), passed=("transfer_approved == True", "True")),
    )
    breaks = "begin > 提出(transfer.propose) > 移送(transfer.serve) > end"
    keeps = """
        begin > 提出(transfer.propose) > 审批(transfer.approve): writes=transfer_approved > x1
        x1 > 移送(transfer.serve) [transfer_approved == True] > end
        x1 > end2 [default]
    """


class TransferInTime(Rule):
    id = "R02"
    name = "两个工作日内移送"
    scope = "transfer"
    wherever = ("transfer.serve",)
    cite = "处罚权已经集中的，发现案源应当在2个工作日内移交（S2-16）"
    advice = "请声明自提出移送意见至移送不超过两个工作日的计时，从发现之日起算。"
    guards = ("gate:clock", "app.deadlines.service.of_case")
    breaks = "begin > 提出(transfer.propose) > 移送(transfer.serve): limit=5wd > end"
    keeps = """
        @clocks [{id: handover, name: 移送期限, limit: 2wd, starts: [transfer.propose], stops: [transfer.serve], warn: 1wd}]
        begin > 提出(transfer.propose) > 移送(transfer.serve): limit=1wd > end
    """
    unsure = True

    law = Term(2, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("transfer.propose",), ("transfer.serve",), self.law)


class ReceptionEnds(Rule):
    id = "R03"
    name = "接收的登记案源，有异议的报请指定管辖"
    scope = "reception"
    wherever = ("reception.sign",)
    cite = f"{PENALTY}第二十五条、第五十四条"
    message = "签收移送的案件以后，可以既不登记案源，也不报请指定管辖就结束。"
    advice = "请使签收之后的每条路径都登记案源（reception.register）或者报请共同的上一级行政机关（reception.report）。"
    guards = ("gate:step_before", "app.cases.referring.on_step")
    demands = (After(("reception.sign",), ("reception.register", "reception.report")),)
    breaks = "begin > 签收(reception.sign) > 归档(archive) > end"
    keeps = "begin > 签收(reception.sign) > 登记案源(reception.register) > 归档(archive) > end"


RULES = (TransferApproved(), TransferInTime(), ReceptionEnds())
