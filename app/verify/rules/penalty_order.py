"""Ordinary penalties, from the source of a case to the notice: what comes before what."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from ..demands import Before, Never
from ..findings import Finding, Severity
from ..subject import Subject
from .base import Rule
from .penalty_texts import DECIDE, NEW_REPORT, PENALTY
from .reading import asked, entries, listed, speaks_of

FILING = ("file.review", "file.approve", "file.reject")
INVESTIGATION = ("invest", "invest.*", "evid.*")


class SourceBeforeFiling(Rule):
    id = "P01"
    name = "案源登记先于立案"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十四条；S2-13、S2-14"
    message = "可以不登记案源就到达“{target}”。"
    advice = "请把“案源登记”（src.register）画在立案审批之前的每条路径上。"
    guards = ("gate:step_before",)
    demands = (Before(FILING, ("src.register",)),)
    breaks = """
        begin > 立案审批(file.approve): position=deputy writes=filing_ok > 登记(src.register): position=intake > end
    """
    keeps = """
        begin > 登记(src.register): position=intake > 立案审批(file.approve): position=deputy writes=filing_ok > end
    """


class FilingBeforeInvestigation(Rule):
    id = "P02"
    name = "立案先于调查"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十四条第二款"
    message = "可以未经批准立案到达“{target}”。"
    advice = "请让调查取证只从立案审批后“立案”的分支到达，条件写批准立案的属性（filing_ok）。"
    guards = ("gate:step_before",)
    demands = (Before(INVESTIGATION, ("file.approve",), passed=("filing_ok == True",)),)
    breaks = """
        begin > 登记(src.register) > 立案审批(file.approve): position=deputy writes=filing_ok
        立案审批 > 调查取证(invest): officers=2 > end
    """
    keeps = """
        begin > 登记(src.register) > 立案审批(file.approve): position=deputy writes=filing_ok > x1
        x1 > 调查取证(invest): officers=2 [filing_ok == True] > end
        x1 > 不予立案告知(file.reject) [default] > end2
    """


class InvestigationEndedBeforeNotice(Rule):
    id = "P06"
    name = "调查终结先于告知"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第四十四条、第五十七条第一款"
    message = "可以在调查没有终结（或者终结后又补充调查）时到达“{target}”。"
    advice = "请在告知之前画“调查终结报告”（invest.end）；补充调查以后应当重新提出报告。"
    guards = ("gate:step_before",)
    demands = (Before(("notice", "notice.*"), NEW_REPORT, voids=("invest", "invest.plan")),)
    breaks = """
        begin > 调查终结报告(invest.end) > x1 > 送达告知书(notice): writes=enough > x2
        x2 > 补充调查(invest) [enough == False] > x1
        x2 > end [default]
    """
    keeps = """
        begin > x0 > 调查终结报告(invest.end) > 送达告知书(notice): writes=enough > x2
        x2 > 补充调查(invest) [enough == False] > x0
        x2 > end [default]
    """


class NoticeBeforeDecision(Rule):
    id = "P07"
    name = "告知先于决定"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第四十四条、第六十二条"
    message = "可以不告知当事人就到达“{target}”。"
    advice = "请在处罚决定之前的每条路径上画“告知”（notice）；报告改变后应当重新告知。"
    guards = ("gate:step_before", "gate:document")
    demands = (Before(("decide.penalty",), ("notice",), voids=NEW_REPORT),)
    breaks = """
        begin > 调查终结报告(invest.end): writes=small > x1
        x1 > 送达告知书(notice) [default] > x2
        x1 > x2 [small == True]
        x2 > 作出决定(decide): position=head > 制作处罚决定书(decide.penalty) > end
    """
    keeps = """
        begin > 调查终结报告(invest.end) > 送达告知书(notice)
        送达告知书 > 作出决定(decide): position=head > 制作处罚决定书(decide.penalty) > end
    """


class PleaReviewed(Rule):
    id = "P09"
    name = "收到陈述申辩须复核后方可决定"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第四十五条第一款、第六十二条"
    message = "收到陈述、申辩的案件可以不经复核到达“{target}”。"
    advice = "请让收到陈述、申辩（plea_received）的分支经过“复核”（plea.review）再到决定。"
    guards = ("gate:step_before",)
    demands = (
        Before(
            DECIDE,
            ("plea.review",),
            when=("plea_received == True",),
            voids=("plea.received", "notice", *NEW_REPORT),
        ),
    )
    breaks = """
        begin > 送达告知书(notice) > 登记当事人意见(plea.received): writes=plea_received > x1
        x1 > 复核(plea.review) [default] > x2
        x1 > x2 [plea_received == True]
        x2 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > 送达告知书(notice) > 登记当事人意见(plea.received): writes=plea_received > x1
        x1 > 复核(plea.review) [plea_received == True] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """


class NotHeavierForPleading(Rule):
    id = "P10"
    name = "不得因申辩加重"
    scope = "penalty.ordinary"
    severity = Severity.WARN
    cite = f"{PENALTY}第四十五条第二款"
    message = "复核后改变了处理意见的案件可以不重新告知就到达“{target}”。"
    advice = "请让改变意见的分支回到调查终结报告并重新告知，规则集 no_increase 写明决定不得重于告知。"
    guards = ("gate:no_increase",)
    demands = (Never(DECIDE, when=("proposal_changed == True",)),)
    breaks = """
        begin > 调查终结报告(invest.end) > 送达告知书(notice) > 复核(plea.review): writes=proposal_changed
        复核 > 作出决定(decide): position=head > end
        @no_increase [{step: decide, than: notice, attributes: [fine]}]
    """
    keeps = """
        begin > x0 > 调查终结报告(invest.end) > 送达告知书(notice) > 复核(plea.review): writes=proposal_changed > x1
        x1 > x0 [proposal_changed == True]
        x1 > 作出决定(decide): position=head [default] > end
        @no_increase [{step: decide, than: notice, attributes: [fine]}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(DECIDE):
            if not any(
                speaks_of(each, "step", DECIDE) and speaks_of(each, "than", ("notice",))
                for each in entries(subject, "no_increase")
            ):
                yield self.finding("规则集没有比较决定的处罚与告知的处罚（no_increase）。", node)


class FilingChecked(Rule):
    id = "P33"
    name = "立案守卫：时效、管辖、一事不再罚、年龄"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第二十二条至第二十五条、第二十九条、第三十条、第三十六条"
    advice = "请在立案前的核查或者审批表单中加上这些必填项。"
    guards = ("app.forms.form.Form.validate",)
    FIELDS: ClassVar[Mapping[str, str]] = {
        "in_time": "在追责时效内",
        "own_jurisdiction": "属于本机关管辖",
        "not_fined": "同一违法行为没有受过罚款处罚",
        "of_age": "当事人已满十四周岁",
    }
    BEFORE = ("check", "check.*", *FILING)
    breaks = """
        begin > 登记(src.register) > 核查(check): fields=in_time,own_jurisdiction
        核查 > 立案审批(file.approve): position=deputy > end
    """
    keeps = """
        begin > 登记(src.register) > 核查(check): fields=in_time,own_jurisdiction,not_fined,of_age
        核查 > 立案审批(file.approve): position=deputy > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        filing = [*subject.nodes(FILING)]
        if not filing:
            return
        known = asked(subject, self.BEFORE)
        lacking = [words for key, words in self.FIELDS.items() if not known.get(key)]
        if lacking:
            nodes = [*subject.nodes(("check",)), *filing]
            yield self.finding(f"立案前的表单没有核对：{'、'.join(lacking)}。", *nodes[:1])


class TierNamed(Rule):
    id = "P36"
    name = "裁量档次引用"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第三十四条；S0-8、S4-52"
    advice = "请在规则集 bands 中把决定环节的罚款与裁量阶次、偏离理由绑定，并让表单填写这两项。"
    guards = ("gate:discretion",)
    PROPOSING = ("invest.end", "case.review", "decide")
    breaks = """
        begin > 调查终结报告(invest.end): writes=fine fields=tier > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > 调查终结报告(invest.end): writes=fine fields=tier
        调查终结报告 > 作出决定(decide): position=head fields=deviation > end
        @bands [{name: 罚款, steps: [decide], amount: fine, tier: form_调查终结报告.tier, reason: deviation}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        known = asked(subject, self.PROPOSING)
        for node in subject.nodes(DECIDE):
            bands = [band for band in entries(subject, "bands") if speaks_of(band, "steps", DECIDE)]
            bound = [band for band in bands if band.get("amount") and band.get("tier") and band.get("reason")]
            if not bound:
                yield self.finding(f"“{node.name}”的罚款数额没有和裁量基准的阶次、偏离理由绑定。", node)
            for band in bound:
                for key in (str(band["tier"]).split(".")[-1], *listed(band["reason"])):
                    if key not in known:
                        yield self.finding(f"表单没有填写裁量所需的“{key}”。", node)


RULES: tuple[Rule, ...] = (
    SourceBeforeFiling(),
    FilingBeforeInvestigation(),
    InvestigationEndedBeforeNotice(),
    NoticeBeforeDecision(),
    PleaReviewed(),
    NotHeavierForPleading(),
    FilingChecked(),
    TierNamed(),
)
