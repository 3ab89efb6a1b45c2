"""Ordinary penalties, after the decision: serving, paying, crimes, and what goes with a decision."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from ..demands import After, Before, Never
from ..findings import Finding, Severity
from ..subject import Subject
from .base import Rule, called
from .penalty_texts import DECIDE, LEADERS, PENALTY, TRANSFER
from .reading import asked, at_most, entries, officers, param, reached_from

HANDED_OVER = ("decide.transfer", "transfer.crim")


class ServedBeforePaying(Rule):
    id = "P25"
    name = "送达先于缴款、催告、强制"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十一条、第六十七条"
    message = "决定书没有送达就可以到达“{target}”。"
    advice = "请把“送达”（serve）画在缴款、催告和强制执行之前。"
    guards = ("gate:step_before",)
    demands = (
        Before(
            ("pay.*", "urge", "urge.*", "court.apply", "enforce.*"), ("serve",), voids=("decide.penalty",)
        ),
    )
    breaks = """
        begin > 制作处罚决定书(decide.penalty) > p1
        p1 > 送达(serve): officers=2 limit=7wd > p2
        p1 > 缴款核对(pay.collect): position=finance > p2 > end
    """
    keeps = """
        begin > 制作处罚决定书(decide.penalty) > 送达(serve): officers=2 limit=7wd
        送达 > 缴款核对(pay.collect): position=finance > end
    """


class PublicationWithdrawn(Rule):
    id = "P27"
    name = "决定变更、撤销后三个工作日内撤回公示"
    scope = "penalty.ordinary"
    severity = Severity.WARN
    cite = f"{PENALTY}第四十八条第二款、第八十五条"
    advice = (
        "请画出决定被依法变更、撤销、确认违法或者无效时三个工作日内撤回公示并说明理由的环节（publish.withdraw），"
        "或者在规则集 pending 中写明复议、诉讼和纠正另案办理（在该案中撤回）。"
    )
    wherever = ("publish.withdraw",)
    guards = ("gate:step_before", "gate:disputed")
    MOST = "3wd"
    TAGS = ("publish.withdraw", "withdraw")
    breaks = """
        begin > 制作处罚决定书(decide.penalty) > 决定公示(publish): position=archive limit=7wd > end
    """
    keeps = """
        begin > 制作处罚决定书(decide.penalty) > 决定公示(publish): position=archive limit=7wd writes=revoked > x1
        x1 > 撤回公示(publish.withdraw): position=archive limit=3wd [revoked == True] > end
        x1 > end2 [default]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        withdrawing = [*subject.nodes(self.TAGS)]
        for node in subject.nodes(("publish",)):
            if not withdrawing and not any(entries(subject, "pending")):
                yield self.finding(f"“{called(node)}”之后没有撤回公示的环节。", node)
        for other in withdrawing:
            if not at_most(other.attributes.get("limit", ""), self.MOST):
                yield self.finding(f"“{called(other)}”的时限超过三个工作日或者没有写明。", other)


class SurchargeDeclared(Rule):
    id = "P29"
    name = "加处罚款参数"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第七十二条第一款第一项、第七十三条第三款"
    advice = (
        "请在规则集 claims 中写明罚款每日加处的比例（rate，指向参数 0.03）和上限（cap，指向参数 1），"
        "并用 stops 写明复议、诉讼期间不计，用 instalments 写明延期、分期期间不计。"
    )
    guards = ("gate:stated", "gate:settled")
    RATE = 0.03
    CAP = 1
    NOT_COUNTED: ClassVar[Mapping[str, str]] = {"stops": "复议、诉讼", "instalments": "延期、分期"}
    breaks = """
        begin > 送达(serve): officers=2 > 催告(urge): officers=2 fields=surcharge > end
        @params {daily: {value: 0.05}, most: {value: 1}}
        @claims [{name: 罚款, rate: daily, cap: most}]
        @stops [{answer: pay.stops}]
        @instalments [{answer: defer.parts}]
    """
    keeps = """
        begin > 送达(serve): officers=2 > 催告(urge): officers=2 fields=surcharge > end
        @params {daily: {value: 0.03}, most: {value: 1}}
        @claims [{name: 罚款, rate: daily, cap: most}]
        @stops [{answer: pay.stops}]
        @instalments [{answer: defer.parts}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        charging = [*subject.nodes(("urge", "urge.check", "surcharge", "pay.collect"))]
        if not charging:
            return
        growing = [claim for claim in entries(subject, "claims") if claim.get("rate")]
        if not growing:
            yield self.finding("没有声明加处罚款的比例和上限。", *charging)
            return
        for claim in growing:
            rate, cap = (param(subject, claim.get(name)) for name in ("rate", "cap"))
            if rate != self.RATE:
                yield self.finding(f"加处罚款的日比例是 {rate}，法定为百分之三。", *charging)
            if not isinstance(cap, int | float) or not 0 < cap <= self.CAP:
                yield self.finding(f"加处罚款的上限是罚款数额的 {cap} 倍，法定不得超过罚款数额。", *charging)
        for section, causes in self.NOT_COUNTED.items():
            if not any(entries(subject, section)):
                yield self.finding(f"{causes}期间仍计算加处罚款。", *charging)


class CrimeHandedOver(Rule):
    id = "P31"
    name = "涉嫌犯罪的移送司法机关"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第二十七条第一款、第五十七条第一款第四项；{TRANSFER}第五条、第六条"
    message = "决定移送司法机关的案件可以不移送就办结。"
    advice = "请让决定移送的分支经过“移送司法机关”（decide.transfer）：二人以上办理，二十四小时内移送，由正职负责人决定。"
    guards = ("gate:step_before",)
    MOST = "24h"
    LEAST = 2
    demands = (
        After(
            DECIDE,
            HANDED_OVER,
            when=(
                "crime == True and returned == False",
                "decided_outcome == 'transfer'",
                "outcome == 'transfer'",
            ),
        ),
    )
    breaks = """
        begin > 作出决定(decide): position=head writes=decided_outcome > x1
        x1 > 移送(decide.transfer): officers=2 limit=24h [decided_outcome == "no_penalty"] > end
        x1 > 制作处罚决定书(decide.penalty) [default] > end2
        @attributes {decided_outcome: {type: choice, options: [penalty, no_penalty, transfer], default: penalty}}
    """
    keeps = """
        begin > 作出决定(decide): position=head writes=decided_outcome > x1
        x1 > 移送(decide.transfer): officers=2 limit=24h [decided_outcome == "transfer"] > end
        x1 > 制作处罚决定书(decide.penalty) [default] > end2
        @attributes {decided_outcome: {type: choice, options: [penalty, no_penalty, transfer], default: penalty}}
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(HANDED_OVER):
            if not at_most(node.attributes.get("limit", ""), self.MOST):
                yield self.finding(f"“{called(node)}”的时限超过二十四小时或者没有写明。", node)
            if officers(node) < self.LEAST:
                yield self.finding(f"“{called(node)}”没有由两名以上执法人员办理。", node)
            for decision in subject.nodes(DECIDE):
                if decision.position != LEADERS[-1]:
                    yield self.finding(
                        f"移送由“{called(decision)}”决定，它不在正职负责人的岗位上。", decision
                    )


class NoFineInsteadOfCrime(Rule):
    id = "P32"
    name = "不得以罚代刑"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第八十二条；{TRANSFER}第十一条"
    message = "拟移送司法机关的案件可以到达“{target}”。"
    advice = "请让涉嫌犯罪的案件只能移送；负责人不同意移送的，退回重新提出报告。"
    guards = ("gate:step_before",)
    demands = (
        Never(("decide.penalty",), when=("crime == True and returned == False", "outcome == 'transfer'")),
    )
    breaks = """
        begin > 调查终结报告(invest.end): writes=crime,returned > 作出决定(decide): position=head writes=harsh > x1
        x1 > 制作处罚决定书(decide.penalty) [harsh == True] > end
        x1 > 移送(decide.transfer) [default] > end2
    """
    keeps = """
        begin > 调查终结报告(invest.end): writes=crime,returned > 作出决定(decide): position=head > x1
        x1 > 移送(decide.transfer) [crime == True and returned == False] > end2
        x1 > 制作处罚决定书(decide.penalty) [default] > end
    """


class EducationRecorded(Rule):
    id = "P34"
    name = "不予处罚要教育"
    scope = "penalty.ordinary"
    severity = Severity.WARN
    cite = f"{PENALTY}第三十三条第三款"
    advice = "请在不予处罚决定的表单中加上教育内容（education），或者画“教育记录”（educate.record）。"
    guards = ("app.forms.form.Form.validate",)
    breaks = """
        begin > 作出决定(decide): position=head > 制作不予处罚决定书(decide.nopenalty): fields=ground > end
    """
    keeps = """
        begin > 作出决定(decide): position=head > 制作不予处罚决定书(decide.nopenalty): fields=ground,education > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("decide.nopenalty",)):
            known = {str(item["key"]) for item in subject.fields(node) if item.get("required")}
            reached = reached_from(subject.internal, [node])
            if "education" not in known and not any(
                other.id in reached for other in subject.nodes(("educate.record",))
            ):
                yield self.finding(f"“{called(node)}”没有记录对当事人的教育。", node)


class CorrectionOrdered(Rule):
    id = "P35"
    name = "责令改正并行"
    scope = "penalty.ordinary"
    severity = Severity.WARN
    cite = f"{PENALTY}第二十八条第一款"
    advice = "请在调查或者决定的表单中加上责令改正（correction），或者画“责令改正”（order.correct）。"
    guards = ("app.forms.form.Form.validate",)
    STEPS = ("invest", "invest.end", *DECIDE, "decide.penalty")
    breaks = """
        begin > 作出决定(decide): position=head fields=kinds > 制作处罚决定书(decide.penalty) > end
    """
    keeps = """
        begin > 作出决定(decide): position=head fields=kinds,correction > 制作处罚决定书(decide.penalty) > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("decide.penalty",)):
            if "correction" not in asked(subject, self.STEPS) and not any(subject.nodes(("order.correct",))):
                yield self.finding("作出处罚时没有责令当事人改正违法行为。", node)


RULES: tuple[Rule, ...] = (
    ServedBeforePaying(),
    PublicationWithdrawn(),
    SurchargeDeclared(),
    CrimeHandedOver(),
    NoFineInsteadOfCrime(),
    EducationRecorded(),
    CorrectionOrdered(),
)
