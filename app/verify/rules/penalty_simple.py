"""Penalties imposed on the spot (行政处罚简易程序)."""

from collections.abc import Iterable

from ..demands import After, Before, Never
from ..findings import Finding, Severity
from ..subject import Subject
from .base import Rule, called
from .penalty_texts import PENALTY, REVIEW
from .reading import at_most

DECISION = ("decide", "decide.penalty")
ON_SITE = ("onsite",)
"""One form for what is done on the spot before the decision: cards shown, party told and heard."""


class SimpleOnlyWhereAllowed(Rule):
    id = "S01"
    name = "简易程序适用条件守卫"
    scope = "penalty.simple"
    cite = f"{PENALTY}第五十一条"
    message = "超出简易程序适用条件的案件可以到达“{target}”。"
    advice = (
        "请在当场决定之前判断：违法事实确凿并有法定依据、只有警告或者小额罚款（simple_ok），"
        "公民不超过二百元、法人或者其他组织不超过三千元；否则转普通程序。"
    )
    guards = ("gate:discretion",)
    PERSON = 200
    ORGANISATION = 3000
    demands = (
        Never(
            DECISION,
            when=(
                f"(party_kind == 'person' and fine > {PERSON}) or fine > {ORGANISATION}",
                f"fine > {PERSON}",
            ),
        ),
        Never(DECISION, when=("simple_ok == False",)),
    )
    breaks = """
        begin > 核对(show.id): officers=2 writes=fine,simple_ok > x1
        x1 > 当场决定(decide.penalty): officers=2 [fine <= 500 and simple_ok == True] > end
        x1 > end2 [default]
        @attributes {fine: {type: number, default: 0}}
    """
    keeps = """
        begin > 核对(show.id): officers=2 writes=fine,simple_ok > x1
        x1 > 当场决定(decide.penalty): officers=2 [fine <= 200 and simple_ok == True] > end
        x1 > end2 [default]
        @attributes {fine: {type: number, default: 0}}
    """


class HeardOnTheSpot(Rule):
    id = "S02"
    name = "出示证件、告知、听取申辩先于决定"
    scope = "penalty.simple"
    cite = f"{PENALTY}第四十四条、第四十五条、第五十二条、第六十二条"
    message = "可以没有出示证件、告知或者听取陈述申辩就到达“{target}”。"
    advice = (
        "请在当场决定之前画出示证件（show.id）、告知（inform）、听取申辩（hear.plea），"
        "或者用一张表单（onsite）记录三项。"
    )
    guards = ("gate:step_before", "app.forms.form.Form.validate")
    FIELDS = ("id_shown", "informed", "plea_heard")
    demands = (
        Before(DECISION, ("show.id", *ON_SITE)),
        Before(DECISION, ("inform", *ON_SITE)),
        Before(DECISION, ("hear.plea", *ON_SITE)),
    )
    breaks = """
        begin > 出示证件(show.id): officers=2 > 告知(inform): officers=2 > 当场决定(decide.penalty): officers=2
        当场决定 > 听取申辩(hear.plea): officers=2 > end
    """
    keeps = """
        begin > 当场告知(onsite): officers=2 fields=id_shown,informed,plea_heard
        当场告知 > 当场决定(decide.penalty): officers=2 > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(ON_SITE):
            if not subject.required(node, *self.FIELDS):
                yield self.finding(f"“{called(node)}”的表单没有记录出示证件、告知和听取申辩三项。", node)


class DeliveredAndReported(Rule):
    id = "S03"
    name = "当场交付、报备、一个工作日内录入"
    scope = "penalty.simple"
    cite = f"{PENALTY}第五十二条第二款、第三款；S2-15"
    message = "当场决定以后可以不交付、不报备或者不录入就办结。"
    advice = "请在当场决定之后画当场交付（deliver）、报所属机关备案（report）和一个工作日内录入（register）。"
    guards = ("gate:step_before", "app.deadlines.steps.on_event")
    MOST = "1wd"
    demands = (
        After(("decide.penalty",), ("deliver",)),
        After(("decide.penalty",), ("report",)),
        After(("decide.penalty",), ("register",)),
    )
    breaks = """
        begin > 当场决定(decide.penalty): officers=2 > 当场交付(deliver): officers=2 writes=minor > x1
        x1 > 录入(register): limit=1wd [minor == False] > 报备(report) > end
        x1 > end2 [default]
    """
    keeps = """
        begin > 当场决定(decide.penalty): officers=2 > 当场交付(deliver): officers=2
        当场交付 > 录入(register): limit=1wd > 报备(report) > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("register",)):
            if not at_most(node.attributes.get("limit", ""), self.MOST):
                yield self.finding(f"“{called(node)}”的时限超过一个工作日或者没有写明。", node)


class CollectedOnTheSpot(Rule):
    id = "S04"
    name = "当场收缴守卫与两个工作日上缴"
    scope = "penalty.simple"
    cite = f"{PENALTY}第六十八条至第七十一条"
    message = "不符合当场收缴条件、或者收缴后没有上缴的案件可以经过“{target}”。"
    advice = (
        "请让当场收缴（pay.collect）只在罚款一百元以下、不当场收缴事后难以执行（hard_later）或者边远地区当事人提出"
        "（remote_request）时到达，出具财政票据，二个工作日内交机关（pay.handin），二个工作日内缴付银行（pay.bank）。"
    )
    guards = ("gate:step_before", "app.forms.form.Form.validate", "app.deadlines.steps.on_event")
    SMALL = 100
    MOST = "2wd"
    COLLECT = ("pay.collect",)
    demands = (
        Never(
            COLLECT,
            when=(f"fine > {SMALL} and hard_later == False and remote_request == False", f"fine > {SMALL}"),
        ),
        After(COLLECT, ("pay.handin",)),
        After(COLLECT, ("pay.bank",)),
    )
    breaks = """
        begin > 当场决定(decide.penalty): officers=2 writes=fine,hard_later,remote_request > x1
        x1 > 当场收缴(pay.collect): officers=2 fields=receipt_no [fine <= 200 or hard_later == True] > 上交
        上交(pay.handin): limit=2wd > 缴付银行(pay.bank): limit=2wd > end
        x1 > end2 [default]
        @attributes {fine: {type: number, default: 0}}
    """
    keeps = """
        begin > 当场决定(decide.penalty): officers=2 writes=fine,hard_later,remote_request > x1
        x1 > 当场收缴(pay.collect): officers=2 fields=receipt_no [fine <= 100 or hard_later == True] > 上交
        上交(pay.handin): limit=2wd > 缴付银行(pay.bank): limit=2wd > end
        x1 > end2 [default]
        @attributes {fine: {type: number, default: 0}}
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(self.COLLECT):
            if not subject.required(node, "receipt_no"):
                yield self.finding(f"“{called(node)}”没有出具财政票据（receipt_no）。", node)
        for node in subject.nodes(("pay.handin", "pay.bank")):
            if not at_most(node.attributes.get("limit", ""), self.MOST):
                yield self.finding(f"“{called(node)}”的时限超过二个工作日或者没有写明。", node)


class ReviewFirstTold(Rule):
    id = "S05"
    name = "当场处罚文书告知复议前置"
    scope = "penalty.simple"
    cite = f"{REVIEW}第二十三条第一款第一项；{PENALTY}第五十二条第二款"
    advice = "请让当场处罚决定书写明：不服本决定的，应当先申请行政复议。"
    guards = ("app.documents.service.issue",)
    WORDS = "先申请行政复议"
    breaks = """
        begin > 当场决定(decide.penalty): officers=2 document=JD-03 > end
        @templates {JD-03: 如不服本决定，可以申请行政复议，也可以提起行政诉讼。}
    """
    keeps = """
        begin > 当场决定(decide.penalty): officers=2 document=JD-03 > end
        @templates {JD-03: 如不服本决定，应当先申请行政复议；对复议决定不服的，可以提起行政诉讼。}
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        deciding = [*subject.nodes(("decide.penalty",))]
        if deciding and not any(node.documents for node in deciding):
            yield self.finding("当场决定没有制作决定书。", *deciding)
        for node in deciding:
            for paper in node.documents:
                code = str(paper.get("code"))
                if subject.templates is None:
                    yield self.finding(
                        f"没有提供文书模板“{code}”，不能检查。", node, severity=Severity.UNPROVEN
                    )
                elif self.WORDS not in getattr(subject.templates.get(code), "text", ""):
                    yield self.finding(f"文书“{code}”没有告知先申请行政复议。", node)


RULES: tuple[Rule, ...] = (
    SimpleOnlyWhereAllowed(),
    HeardOnTheSpot(),
    DeliveredAndReported(),
    CollectedOnTheSpot(),
    ReviewFirstTold(),
)
