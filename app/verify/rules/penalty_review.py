"""Ordinary penalties: legal review, collective deliberation, the decision and its four outcomes."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from ..demands import Before, NeverAfter
from ..findings import Finding
from ..subject import Subject
from .base import Rule, called, missing
from .penalty_texts import DECIDE, DECISION_PAPERS, LEADERS, NEW_REPORT, PENALTY
from .reading import entries, reached_from, speaks_of

PASSED = ("legal_passed == True",)
MAJOR = ("major == True",)
REOPENED = (*NEW_REPORT, "notice", "plea.received", "plea.review", "hear.hold")
"""What is done or learnt after a legal review that makes it one of another case file."""


class LegalReviewBeforeDecision(Rule):
    id = "P17"
    name = "应审案件法制审核先于决定"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十八条；S1-14"
    message = "重大执法决定可以不经法制审核到达“{target}”。"
    advice = "请让重大（major）的分支先通过“法制审核”（legal.review，legal_passed）再到决定。"
    guards = ("gate:legal_review", "gate:step_before")
    demands = (Before(DECIDE, ("legal.review",), passed=PASSED, when=MAJOR, voids=REOPENED),)
    breaks = """
        begin > 调查终结报告(invest.end): writes=major > x1
        x1 > 法制审核(legal.review): position=legal_review writes=legal_passed [major == False] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > x0 > 调查终结报告(invest.end): writes=major > x1
        x1 > 法制审核(legal.review): position=legal_review writes=legal_passed [major == True] > x2
        x2 > x3 [legal_passed == True]
        x2 > x0 [default]
        x1 > x3 [default]
        x3 > 作出决定(decide): position=head > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        if any(subject.nodes(DECIDE)):
            yield from missing(self, subject, "legal.review", what="法制审核")


class FailedReviewStops(Rule):
    id = "P18"
    name = "审核未通过不得到达决定"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十八条；S1-14"
    message = "法制审核未通过的案件可以不重新审核就到达“{target}”。"
    advice = (
        "请让未通过的分支回到补正或者调查，再次通过法制审核后才到集体讨论和决定，"
        "并在规则集 reviews 中声明这一闸门。"
    )
    guards = ("gate:legal_review",)
    demands = (
        NeverAfter(
            ("legal.review",),
            ("collective", *DECIDE),
            when=("legal_passed == False",),
            voids=("legal.review", *NEW_REPORT),
        ),
    )
    breaks = """
        begin > 调查终结报告(invest.end) > 法制审核(legal.review): writes=legal_passed > x1
        x1 > x2 [legal_passed == True]
        x1 > 补正(legal.respond) [default] > x2
        x2 > 作出决定(decide): position=head > end
        @reviews [{step: legal.review, passed: legal_passed, before: [decide]}]
    """
    keeps = """
        begin > 调查终结报告(invest.end) > x0 > 法制审核(legal.review): writes=legal_passed > x1
        x1 > 作出决定(decide): position=head [legal_passed == True] > end
        x1 > 补正(legal.respond) [default] > x0
        @reviews [{step: legal.review, passed: legal_passed, before: [decide]}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(DECIDE):
            if any(subject.nodes(("legal.review",))) and not any(
                each.get("step") == "legal.review"
                and each.get("passed")
                and speaks_of(each, "before", DECIDE)
                for each in entries(subject, "reviews")
            ):
                yield self.finding(f"规则集没有在“{called(node)}”之前设法制审核的闸门（reviews）。", node)


class CollectiveBeforeDecision(Rule):
    id = "P20"
    name = "重大复杂案件集体讨论先于决定，且在法制审核之后"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十七条第二款、第五十八条"
    message = "应当集体讨论或者应当先经法制审核的案件可以直接到达“{target}”。"
    advice = "请让须集体讨论的案件先通过法制审核，再由负责人集体讨论通过（collective_done），然后到决定。"
    guards = ("gate:step_before", "gate:legal_review", "gate:document")
    demands = (
        Before(
            DECIDE,
            ("collective",),
            passed=("collective_done == True",),
            when=("collective_required == True", *MAJOR),
            voids=("legal.review", *REOPENED),
        ),
        Before(("collective",), ("legal.review",), passed=PASSED, when=MAJOR, voids=REOPENED),
    )
    breaks = """
        begin > 调查终结报告(invest.end): writes=major > x1
        x1 > 集体讨论(collective): position=head writes=collective_done [major == True] > x3
        x3 > 法制审核(legal.review): writes=legal_passed > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > x0 > 调查终结报告(invest.end): writes=major > x1
        x1 > 法制审核(legal.review): writes=legal_passed [major == True] > x3
        x3 > 集体讨论(collective): position=head writes=collective_done [legal_passed == True] > x4
        x3 > x0 [default]
        x4 > x0 [collective_done == False]
        x4 > x2 [default]
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        if any(subject.nodes(DECIDE)):
            yield from missing(self, subject, "collective", what="负责人集体讨论")
        for node in subject.nodes(("collective",)):
            if node.position not in LEADERS:
                yield self.finding(f"“{called(node)}”不在行政机关负责人的岗位上。", node)


class DecidedByHead(Rule):
    id = "P21"
    name = "决定人为负责人岗位"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十七条第一款"
    message = "行政机关负责人没有作出决定，也可以到达“{target}”。"
    advice = "请把“作出决定”（decide）放在分管负责人或者主要负责人的泳道里，决定文书画在它之后。"
    guards = ("gate:position", "gate:step_before")
    demands = (Before(DECISION_PAPERS, DECIDE, voids=NEW_REPORT),)
    breaks = """
        begin > 调查终结报告(invest.end) > 作出决定(decide): position=team_lead
        作出决定 > 制作处罚决定书(decide.penalty) > end
    """
    keeps = """
        begin > 调查终结报告(invest.end) > 作出决定(decide): position=deputy
        作出决定 > 制作处罚决定书(decide.penalty) > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from missing(self, subject, *DECIDE, what="作出决定")
        for node in subject.nodes(DECIDE):
            if node.position not in LEADERS:
                yield self.finding(f"“{called(node)}”不在行政机关负责人的岗位上。", node)


class FourOutcomes(Rule):
    id = "P22"
    name = "四种结论齐备"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十七条第一款"
    advice = "请让决定能够选择处罚、轻微不予处罚、事实不成立不予处罚、移送司法机关，并画出各自的分支。"
    guards = ("app.forms.form.Form.validate",)
    OUTCOMES: ClassVar[Mapping[str, str]] = {
        "penalty": "给予行政处罚",
        "no_penalty": "违法行为轻微，不予行政处罚",
        "not_established": "违法事实不能成立，不予行政处罚",
        "transfer": "移送司法机关",
    }
    BRANCHES: ClassVar[Mapping[str, str]] = {
        "decide.penalty": "制作处罚决定书",
        "decide.nopenalty": "制作不予处罚决定书",
        "decide.transfer": "移送司法机关",
    }
    breaks = """
        begin > 作出决定(decide): position=head writes=result > x1
        x1 > 制作处罚决定书(decide.penalty) [result == "penalty"] > end
        x1 > 制作不予处罚决定书(decide.nopenalty) [default] > end2
        @attributes {result: {type: choice, options: [penalty, no_penalty, not_established], default: penalty}}
    """
    keeps = """
        begin > 作出决定(decide): position=head writes=result > x1
        x1 > 制作处罚决定书(decide.penalty) [result == "penalty"] > end
        x1 > 移送(decide.transfer) [result == "transfer"] > end3
        x1 > 制作不予处罚决定书(decide.nopenalty) [default] > end2
        @attributes {result: {type: choice, options: [penalty, no_penalty, not_established, transfer], default: penalty}}
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(DECIDE):
            lacking = min(
                (self._lacking(subject, name) for name in subject.writes(node)), key=len, default=None
            )
            if lacking is None:
                lacking = list(self.OUTCOMES.values())
            if lacking:
                yield self.finding(f"“{called(node)}”不能作出：{'、'.join(lacking)}。", node)
            reached = reached_from(subject.internal, [node])
            for tag, words in self.BRANCHES.items():
                if not any(other.id in reached for other in subject.nodes((tag,))):
                    yield self.finding(f"“{called(node)}”之后没有“{words}”的分支（{tag}）。", node)

    def _lacking(self, subject: Subject, name: str) -> list[str]:
        """The outcomes that an attribute cannot take."""
        attribute = subject.attributes.get(name)
        options = attribute.options if attribute else ()
        return [words for key, words in self.OUTCOMES.items() if key not in options]


class SupervisorReminded(Rule):
    id = "P37"
    name = "重大处罚自动提醒监督机关"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第七十五条；S2-50"
    message = "重大执法决定可以不提醒执法监督机关就到达“{target}”。"
    advice = (
        "请在重大案件的决定之前画服务任务“提醒执法监督机关”（supervise.remind，supervision.major_reminder）。"
    )
    guards = ("app.supervision.service.on_step",)
    ACTION = "supervision.major_reminder"
    TAGS = ("supervise.remind",)
    demands = (Before(DECIDE, TAGS, when=MAJOR, voids=NEW_REPORT),)
    breaks = """
        begin > 调查终结报告(invest.end): writes=major > x1
        x1 > s1(supervise.remind): action=supervision.major_reminder [major == False] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > 调查终结报告(invest.end): writes=major > x1
        x1 > s1(supervise.remind): action=supervision.major_reminder [major == True] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        if any(subject.nodes(DECIDE)):
            yield from missing(self, subject, *self.TAGS, what="提醒执法监督机关")
        for node in subject.nodes(self.TAGS):
            if node.tag != "serviceTask" or node.attributes.get("action") != self.ACTION:
                yield self.finding(f"“{called(node)}”不会自动提醒执法监督机关。", node)


RULES: tuple[Rule, ...] = (
    LegalReviewBeforeDecision(),
    FailedReviewStops(),
    CollectiveBeforeDecision(),
    DecidedByHead(),
    FourOutcomes(),
    SupervisorReminded(),
)
