"""Rules of inspections (K01-K03): 国办发〔2024〕54号 and what 行政处罚法 asks of whoever inspects."""

from collections.abc import Iterable

from ..demands import After, Before
from ..findings import Finding
from ..subject import Subject
from .base import Rule, called
from .reading import officers
from .statutes import ENTERPRISES, PENALTY


class Allowed(Rule):
    id = "K01"
    name = "检查必审批，紧急的及时补办"
    scope = "inspection"
    wherever = ("insp.exec",)
    cite = ENTERPRISES
    message = "可以未经行政机关负责人批准就到达“{target}”。"
    advice = (
        "请把检查审批（insp.approve）放在现场检查之前；情况紧急当场检查的，检查后补办批准，不批准的终止检查。"
    )
    guards = ("gate:step_before", "gate:clock")
    demands = (
        Before(
            ("insp.exec",), ("insp.approve",), passed=("insp_approved == True", "True"),
            when=("urgent == False", "True"),
        ),
        Before(("insp.result",), ("insp.approve",), passed=("insp_approved == True", "True")),
    )  # fmt: skip
    breaks = """
        begin > 申请(insp.apply): writes=urgent > x1
        x1 > 审批(insp.approve): writes=insp_approved [urgent == True] > 检查(insp.exec)
        x1 > 检查 [default]
        检查 > 结果(insp.result) > end
    """
    keeps = """
        begin > 申请(insp.apply): writes=urgent > x1
        x1 > 审批(insp.approve): writes=insp_approved [urgent == False] > x2
        x2 > 检查(insp.exec) [insp_approved == True] > x4
        x2 > end2 [default]
        x1 > 紧急检查(insp.exec) [default] > 补办(insp.approve): writes=insp_approved > x3
        x3 > x4 [insp_approved == True]
        x3 > end3 [default]
        x4 > 结果(insp.result) > end
    """


class OnSite(Rule):
    id = "K02"
    name = "两人持证，出示证件和通知书，当场笔录"
    scope = "inspection"
    wherever = ("insp.exec",)
    cite = f"{PENALTY}第四十二条第一款、第五十五条；{ENTERPRISES}"
    advice = (
        "现场检查须两名以上持证人员，表单必填：出示证件（id_shown）、检查通知书（notice_given）、告知权利（rights_told）、"
        "检查情况（findings）、被检查人的意见（statement）、签名（signed）。"
    )
    guards = ("gate:certified_officers", "app.forms.service.from_json")
    breaks = "begin > 检查(insp.exec): officers=1 fields=id_shown,findings > end"
    keeps = (
        "begin > 检查(insp.exec): officers=2 "
        "fields=id_shown,notice_given,rights_told,findings,statement,signed > end"
    )

    officers = 2
    answers = (
        ("id_shown", "出示证件"),
        ("notice_given", "检查通知书"),
        ("rights_told", "告知权利"),
        ("findings", "检查情况"),
        ("statement", "被检查人的意见"),
        ("signed", "签名"),
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("insp.exec", "insp.recheck")):
            if officers(node) < self.officers:
                yield self.finding(f"“{called(node)}”没有要求由{self.officers}名以上持证人员办理。", node)
        for node in subject.nodes(("insp.exec",)):
            lacking = [what for key, what in self.answers if not subject.required(node, key)]
            if lacking:
                yield self.finding(f"“{called(node)}”的表单没有必填：{'、'.join(lacking)}。", node)


class FollowedUp(Rule):
    id = "K03"
    name = "责令改正的必须复查"
    scope = "inspection"
    wherever = ("insp.correct",)
    cite = f"《中华人民共和国安全生产法》第六十五条第一款第二项；{ENTERPRISES}"
    message = "责令限期改正之后可以不复查，或者没有责令改正就到达“{target}”。"
    advice = "请使复查（insp.recheck）在责令限期改正（insp.correct）之后。"
    guards = ("gate:step_before",)
    demands = (
        After(("insp.correct",), ("insp.recheck",)),
        Before(("insp.recheck",), ("insp.correct",)),
    )
    breaks = "begin > 结果(insp.result): writes=result > 责令(insp.correct) > 归档(archive) > end"
    keeps = "begin > 结果(insp.result) > 责令(insp.correct) > 复查(insp.recheck) > 归档(archive) > end"


RULES = (Allowed(), OnSite(), FollowedUp())
