"""Rules of levies: the compensation for soil and water conservation (L01-L07)."""

from collections.abc import Iterable, Iterator

from ..demands import After, Before, Tags
from ..findings import Finding
from ..reader import Node
from ..subject import Subject
from .base import Rule, called
from .enforcement import waits as long_enough
from .general_forms import codes, tells_remedies
from .reading import entries, kept_apart, officers
from .statutes import COMPULSION, CONSERVATION, LEVYING
from .terms import Term

DECIDED: Tags = ("levy.decide.levy", "levy.decide.exempt")
TOLD: Tags = ("levy.decide.levy", "levy.order")
RECEIVED: Tags = ("levy.pay.*", "levy.entry")


class Assessed(Rule):
    id = "L01"
    name = "两人以上核定并经审核后方可决定"
    scope = "collection"
    cite = f"{CONSERVATION}第三十二条第二款；{LEVYING}"
    message = "可以未经核定或者审核就到达“{target}”。"
    advice = "请使核定（levy.verify，两人以上）和审核（levy.review）都在决定之前，重新核定的重新审核。"
    guards = ("gate:step_before", "gate:certified_officers")
    demands = (
        Before(DECIDED, ("levy.verify",)),
        Before(DECIDED, ("levy.review",), voids=("levy.verify",)),
    )
    breaks = "begin > 核定(levy.verify): officers=1 > 决定书(levy.decide.levy) > end"
    keeps = "begin > 核定(levy.verify): officers=2 > 审核(levy.review) > 决定书(levy.decide.levy) > end"

    officers = 2

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("levy.verify",)):
            if officers(node) < self.officers:
                yield self.finding(f"“{called(node)}”没有要求{self.officers}人以上。", node)


class HeardBefore(Rule):
    id = "L02"
    name = "告知数额、听取意见后决定，不得高于告知的数额"
    scope = "collection"
    cite = f"{CONSERVATION}第三十二条第二款；征收执法程序规范（S1-1）"
    message = "可以没有告知就到达“{target}”，或者对陈述申辩没有复核就结束。"
    advice = (
        "请在决定之前告知拟征收的数额（levy.inform），收到陈述申辩（levy.plea）的复核（levy.plea.review），"
        "并在规则集的“no_increase”中声明决定（levy.decide）不得高于告知。"
    )
    guards = ("gate:step_before", "gate:period", "gate:no_increase")
    demands = (
        Before(DECIDED, ("levy.inform",)),
        After(("levy.plea",), ("levy.plea.review",)),
    )
    breaks = "begin > 征收决定(levy.decide) > 决定书(levy.decide.levy) > end"
    keeps = """
        @no_increase [{step: levy.decide, than: levy.inform, attributes: [amount]}]
        begin > 告知(levy.inform) > 征收决定(levy.decide) > 决定书(levy.decide.levy) > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        declared = list(entries(subject, "no_increase"))
        for node in subject.nodes(("levy.decide",)):
            if not any(each.get("step") == "levy.decide" for each in declared):
                yield self.finding(f"规则集没有禁止“{called(node)}”高于告知的数额。", node)


class LeviedInWriting(Rule):
    id = "L03"
    name = "书面决定并送达，写明滞纳金标准和救济途径"
    scope = "collection"
    cite = f"{COMPULSION}第四十五条第一款；{CONSERVATION}第五十七条"
    message = "征收决定书可以不送达当事人，流程就结束。"
    advice = "请送达征收决定书（levy.serve）；决定书和责令限期缴纳通知书写明滞纳金的标准、复议和诉讼的途径。"
    guards = ("gate:document", "app.documents.service.issue")
    demands = (After(("levy.decide.levy",), ("levy.serve",)), After(("levy.decide.exempt",), ("serve",)))
    breaks = "begin > 决定书(levy.decide.levy) > end"
    keeps = "begin > 决定书(levy.decide.levy) > 送达(levy.serve) > end"

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(TOLD):
            for code in codes(node):
                paper = (subject.templates or {}).get(code)
                if paper is not None and not ("滞纳金" in paper.text and tells_remedies(paper)):
                    yield self.finding(f"《{paper.title}》没有写明滞纳金的标准或者救济途径。", node)


class LateFeeCapped(Rule):
    id = "L04"
    name = "责令限期缴纳期满后方可加收滞纳金，不得超出应缴数额"
    scope = "collection"
    cite = f"{CONSERVATION}第五十七条；{COMPULSION}第四十五条第二款"
    message = "可以没有责令限期缴纳，或者期限未满就到达“{target}”。"
    advice = (
        "请在加收滞纳金（levy.late）之前责令限期缴纳（levy.order）并等期满（levy.order.period），"
        "在规则集的“no_increase”中声明滞纳金不超过责令时的应缴数额。"
    )
    guards = ("gate:step_before", "gate:period", "gate:no_increase")
    demands = (Before(("levy.late",), ("levy.order",)), Before(("levy.late",), ("levy.order.period",)))
    breaks = "begin > 责令(levy.order) > 加收滞纳金(levy.late) > end"
    keeps = """
        @no_increase [{step: levy.late, than: levy.order, attributes: [fee]}]
        begin > 责令(levy.order) > t1(levy.order.period): limit=10d from=levy.order > 加收滞纳金(levy.late) > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("levy.late",)):
            if not any(each.get("step") == "levy.late" for each in entries(subject, "no_increase")):
                yield self.finding(f"规则集没有要求“{called(node)}”的数额不超过应缴数额。", node)


class ExemptedByApproval(Rule):
    id = "L05"
    name = "免征须经审批"
    scope = "collection"
    cite = f"{LEVYING}：除规定的情形外，任何单位和个人不得擅自减免"
    message = "可以未经批准就到达“{target}”。"
    advice = "请在免征决定书（levy.decide.exempt）之前设审批（levy.relief，写 relief_ok），由没有参加核定的人审批。"
    guards = ("gate:step_before", "gate:separation")
    demands = (
        Before(
            ("levy.decide.exempt",),
            ("levy.relief",),
            passed=("relief_ok == True", "True"),
            voids=("levy.verify",),
        ),
    )
    breaks = "begin > 核定(levy.verify) > 免征(levy.decide.exempt) > end"
    keeps = """
        @separation [{name: 核定, steps: [levy.verify]}, {name: 审批, steps: [levy.relief]}]
        begin > x2 > 核定(levy.verify) > 审批(levy.relief): writes=relief_ok > x1
        x1 > 免征(levy.decide.exempt) [relief_ok == True] > end
        x1 > x2 [default]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from apart(self, subject, ("levy.relief", "levy.decide"), ("levy.verify", "levy.review"))


class ReceivedByOthers(Rule):
    id = "L06"
    name = "收缴与核定、审核、决定分离"
    scope = "collection"
    cite = f"{LEVYING}；{COMPULSION}第四十九条"
    advice = "请由没有参加核定、审核、决定的财务人员登记缴款（levy.pay.*）和核对入库（levy.entry）。"
    guards = ("gate:separation",)
    breaks = "begin > 核定(levy.verify) > 登记缴款(levy.pay.due) > end"
    keeps = (
        "@separation [{name: 核定, steps: [levy.verify]}, {name: 收缴, steps: [levy.pay.due]}]\n"
        "begin > 核定(levy.verify) > 登记缴款(levy.pay.due) > end"
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from apart(
            self, subject, RECEIVED, ("levy.verify", "levy.review", "levy.decide", "levy.relief")
        )


class LevyEnforced(Rule):
    id = "L07"
    name = "催告期满且救济期满后申请法院强制执行"
    scope = "collection"
    cite = f"{COMPULSION}第五十三条、第五十四条"
    message = "可以未经催告，或者催告、复议和诉讼的期限未满就到达“{target}”。"
    advice = (
        "请在申请法院强制执行（court.apply）之前催告（urge），等满十个工作日（urge.period，10wd）"
        "和复议、诉讼的期限（remedy.period，184d）。"
    )
    guards = ("gate:step_before", "gate:period")
    demands = tuple(Before(("court.apply",), (step,)) for step in ("urge", "urge.period", "remedy.period"))
    breaks = "begin > 催告(urge) > 申请法院(court.apply) > end"
    keeps = """
        begin > 催告(urge) > t1(urge.period): limit=10wd from=urge > t2(remedy.period): limit=184d from=levy.serve
        t2 > 申请法院(court.apply) > end
    """

    urged = Term(10, "wd")
    remedies = Term(184, "d")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from long_enough(self, subject, "urge.period", self.urged)
        yield from long_enough(self, subject, "remedy.period", self.remedies)


def apart(rule: Rule, subject: Subject, ones: Tags, others: Tags) -> Iterator[Finding]:
    """Findings where the same person may do a step of both sides in one case."""
    for one, other in ((a, b) for a in ones for b in others):
        pair: list[Node] = [*subject.nodes((one,))][:1] + [*subject.nodes((other,))][:1]
        if len(pair) > 1 and not kept_apart(subject, (one,), (other,)):
            both = f"“{called(pair[0])}”和“{called(pair[1])}”"
            yield rule.finding(f"规则集没有禁止同一人在一案中办理{both}。", *pair)


RULES = (
    Assessed(), HeardBefore(), LeviedInWriting(), LateFeeCapped(), ExemptedByApproval(), ReceivedByOthers(),
    LevyEnforced(),
)  # fmt: skip
