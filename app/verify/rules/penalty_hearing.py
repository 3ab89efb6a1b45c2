"""Ordinary penalties: the party's time to answer, and the hearing."""

from collections.abc import Iterable, Iterator

from ..demands import Before
from ..findings import Finding
from ..reader import Node
from ..subject import Subject
from .base import Rule, called
from .penalty_texts import DECIDE, NEW_REPORT, PENALTY
from .reading import asked, at_least, entries, kept_apart, length, listed, papers, speaks_of, waits

RESPONSE = ("plea.received", "hear.request", "waiver")
PERIOD = ("notice.period",)
"""The timer that waits for the end of the period after the notice."""
ASKED_FOR = ("hearing_requested == True",)
NEW_NOTICE = ("notice", *NEW_REPORT)


class TimeToPlead(Rule):
    id = "P08"
    name = "告知到决定留足陈述申辩期"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第四十五条、第六十二条、第六十四条第一项"
    message = "当事人还可以提出意见、告知期限也没有届满时，可以到达“{target}”。"
    advice = (
        "请在告知之后等待期限届满（notice.period）或者当事人明确不再提出意见（response_final），"
        "并在规则集 periods 中声明这一期限。"
    )
    guards = ("gate:period",)
    LEAST = "3wd"
    """The Act fixes no time for pleading; departments set three or five working days (from memory)."""
    unsure = True
    demands = (
        Before(DECIDE, (*PERIOD, *RESPONSE), when=("outcome == 'penalty'", "True"), voids=NEW_NOTICE),
        Before(
            DECIDE,
            PERIOD,
            when=("outcome == 'penalty' and response_final == False", "response_final == False", "True"),
            voids=NEW_NOTICE,
        ),
    )
    breaks = """
        begin > 调查终结报告(invest.end) > 送达告知书(notice) > e1
        e1 > m1(plea.received): writes=response_final > x1
        e1 > t1(notice.period): from=notice limit=5wd > x1
        x1 > 作出决定(decide): position=head > end
        @periods [{after: notice, limit: 5wd, before: [decide]}]
    """
    keeps = """
        begin > 调查终结报告(invest.end) > 送达告知书(notice) > x0 > e1
        e1 > m1(plea.received): writes=response_final > x2
        x2 > x1 [response_final == True]
        x2 > x0 [default]
        e1 > t1(notice.period): from=notice limit=5wd > x1
        x1 > 作出决定(decide): position=head > end
        @periods [{after: notice, limit: 5wd, before: [decide]}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for timer in waits(subject, PERIOD):
            if not at_least(length(timer), self.LEAST):
                yield self.finding(f"“{called(timer)}”只等 {length(timer)}，少于三个工作日。", timer)
        for node in subject.nodes(DECIDE):
            if not _periods(subject):
                yield self.finding(f"“{called(node)}”没有受告知期限的约束（规则集 periods）。", node)


def _periods(subject: Subject) -> list[str]:
    """The periods after the notice that the rule set keeps before the decision."""
    return [
        str(each.get("limit"))
        for each in entries(subject, "periods")
        if speaks_of(each, "after", ("notice",)) and speaks_of(each, "before", DECIDE)
    ]


class HearingRightTold(Rule):
    id = "P11"
    name = "符合听证条件须告知听证权"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第四十四条、第六十三条"
    message = "符合听证条件的案件可以不告知听证权利就到达“{target}”。"
    advice = "请让符合听证条件的案件在决定前经过告知（notice），并制发载明听证权利的听证告知书（GZ-02）。"
    guards = ("gate:step_before", "gate:document")
    PAPER = "GZ-02"
    demands = (
        Before(DECIDE, ("notice", "notice.hearing"), when=("hearing_applicable == True",), voids=NEW_REPORT),
    )
    breaks = """
        begin > 调查终结报告(invest.end): writes=hearing_applicable > x1
        x1 > 送达告知书(notice): document=GZ-02 [hearing_applicable == False] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > 调查终结报告(invest.end): writes=hearing_applicable > x1
        x1 > 送达告知书(notice): document=GZ-02 [hearing_applicable == True] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        telling = [*subject.nodes(("notice", "notice.*"))]
        if not telling or any(subject.nodes(("notice.hearing",))):
            return
        if self.PAPER not in papers(subject, ("notice", "notice.*")):
            yield self.finding("告知环节没有制发听证告知书。", *telling)


class TimeToAskForHearing(Rule):
    id = "P12"
    name = "听证申请期不少于五个工作日"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十四条第一项、第八十五条"
    advice = "请把告知后的等待画成事件网关：不少于五个工作日的定时器，和收到当事人意见的消息。"
    guards = ("gate:period", "gate:out_of_time")
    LEAST = "5wd"
    breaks = """
        begin > 送达告知书(notice) > e1
        e1 > t1(notice.period): from=notice limit=3wd > x1
        e1 > m1(plea.received) > x1 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > 送达告知书(notice) > e1
        e1 > t1(notice.period): from=notice limit=5wd > x1
        e1 > m1(plea.received) > x1 > 作出决定(decide): position=head > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        timers = waits(subject, PERIOD)
        if any(subject.nodes(DECIDE)) and any(subject.nodes(("notice",))) and not timers:
            yield self.finding(
                "告知之后没有等待听证申请期限的定时器（notice.period）。", *subject.nodes(("notice",))
            )
        for timer in timers:
            if not at_least(length(timer), self.LEAST):
                yield self.finding(f"“{called(timer)}”只等 {length(timer)}，少于五个工作日。", timer)
            if timer.attributes.get("from") not in ("notice", None):
                yield self.finding(f"“{called(timer)}”没有从告知书送达起算。", timer)
            if not any(self._answers(subject, timer)):
                yield self.finding(f"等待“{called(timer)}”时不能登记当事人的听证申请。", timer)
        for limit in _periods(subject):
            if not at_least(limit, self.LEAST):
                yield self.finding(f"规则集里告知后的期限是 {limit}，少于五个工作日。", *timers)

    def _answers(self, subject: Subject, timer: Node) -> Iterator[Node]:
        """The messages that can come in while a timer waits."""
        nodes = subject.internal.nodes
        for flow in timer.incoming:
            gateway = nodes[flow.source]
            if gateway.tag == "eventBasedGateway":
                for other in gateway.outgoing:
                    if subject.step(nodes[other.target]) in RESPONSE:
                        yield nodes[other.target]
        if timer.attached:
            for event in subject.internal.boundary(timer.attached):
                if subject.step(event) in RESPONSE:
                    yield event
            if subject.step(nodes[timer.attached]) in RESPONSE:
                yield nodes[timer.attached]


class HearingHeld(Rule):
    id = "P13"
    name = "申请听证必须先听证"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十三条；S2-36"
    message = "当事人要求听证的案件可以不经听证到达“{target}”。"
    advice = "请让要求听证（hearing_requested）的分支先经过“举行听证”（hear.hold）；放弃的在该环节记明。"
    guards = ("gate:hearing", "gate:step_before")
    demands = (Before(DECIDE, ("hear.hold",), when=ASKED_FOR, voids=NEW_NOTICE),)
    breaks = """
        begin > 送达告知书(notice) > 登记意见(plea.received): writes=hearing_requested,late > x1
        x1 > 举行听证(hear.hold): position=hearing [hearing_requested == True and late == False] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > 送达告知书(notice) > 登记意见(plea.received): writes=hearing_requested > x1
        x1 > 举行听证(hear.hold): position=hearing [hearing_requested == True] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """


class HearingAnnounced(Rule):
    id = "P14"
    name = "听证通知提前七个工作日"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十四条第二项、第八十五条"
    message = "可以不通知听证的时间、地点就到达“{target}”。"
    advice = "请在听证之前画“组织听证”（hear.notice），并在规则集 periods 中声明通知后满七个工作日方可举行。"
    guards = ("gate:period", "gate:step_before")
    LEAST = "7wd"
    demands = (Before(("hear.hold",), ("hear.notice",), voids=NEW_NOTICE),)
    breaks = """
        begin > 组织听证(hear.notice): position=hearing > 举行听证(hear.hold): position=hearing > end
        @periods [{after: hear.notice, limit: 5wd, before: [hear.hold]}]
    """
    keeps = """
        begin > 组织听证(hear.notice): position=hearing > 举行听证(hear.hold): position=hearing > end
        @periods [{after: hear.notice, limit: 7wd, before: [hear.hold]}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        kept = [
            str(each.get("limit"))
            for each in entries(subject, "periods")
            if speaks_of(each, "after", ("hear.notice",))
            and speaks_of(each, "before", ("hear.hold",))
            and not each.get("when")
            and not listed(each.get("ended_by"))
        ]
        for node in subject.nodes(("hear.hold",)):
            if not any(at_least(limit, self.LEAST) for limit in kept):
                yield self.finding(f"通知后不满七个工作日也可以办理“{called(node)}”。", node)


class PresiderApart(Rule):
    id = "P15"
    name = "听证主持人不是本案调查人员"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十四条第四项"
    advice = "请把主持听证放在调查以外的岗位，并在规则集 separation 中声明两组人员互相排斥。"
    guards = ("gate:separation", "gate:named_person")
    breaks = """
        begin > 调查(invest): officers=2 position=investigator > 举行听证(hear.hold): position=investigator > end
        @separation [{name: 调查, steps: [invest], excludes: [听证]}, {name: 听证, steps: [hear.hold], excludes: []}]
    """
    keeps = """
        begin > 调查(invest): officers=2 position=investigator > 举行听证(hear.hold): position=hearing > end
        @separation [{name: 调查, steps: [invest], excludes: [听证]}, {name: 听证, steps: [hear.hold], excludes: []}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        investigating = {node.position for node in subject.nodes(("invest", "invest.*")) if node.position}
        for node in subject.nodes(("hear.hold",)):
            if node.position in investigating:
                yield self.finding(f"“{called(node)}”由调查人员的岗位主持。", node)
            if investigating and not kept_apart(subject, ("invest",), ("hear.hold",)):
                yield self.finding(f"“{called(node)}”的人员可以是本案调查人员。", node)


class HearingRecorded(Rule):
    id = "P16"
    name = "听证笔录先于决定"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十四条第八项、第六十五条"
    message = "举行听证以后，可以没有听证笔录和听证报告就到达“{target}”。"
    advice = "请在听证环节制作听证笔录（GZ-08）并画“听证报告”（hear.report），再到决定。"
    guards = ("gate:hearing", "gate:document")
    RECORD = "GZ-08"
    demands = (
        Before(DECIDE, ("hear.report", "hear.record"), when=ASKED_FOR, voids=("hear.hold", *NEW_NOTICE)),
    )
    breaks = """
        begin > 送达告知书(notice) > 登记意见(plea.received): writes=hearing_requested > x1
        x1 > 举行听证(hear.hold): document=GZ-08 [hearing_requested == True] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > 送达告知书(notice) > 登记意见(plea.received): writes=hearing_requested > x1
        x1 > 举行听证(hear.hold): document=GZ-08 [hearing_requested == True] > 听证报告(hear.report) > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("hear.hold",)):
            if self.RECORD in papers(subject, ("hear.*",)) or any(subject.nodes(("hear.record",))):
                return
            if "record" not in asked(subject, ("hear.*",)):
                yield self.finding(f"“{called(node)}”没有制作听证笔录。", node)


class HearingBeforeLegalReview(Rule):
    id = "P19"
    name = "听证在法制审核之前"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十八条第一款第二项"
    message = "当事人要求听证的案件可以在听证之前到达“{target}”。"
    advice = "请把法制审核（legal.review）画在听证之后。"
    guards = ("gate:hearing", "gate:legal_review")
    demands = (Before(("legal.review",), ("hear.hold",), when=ASKED_FOR, voids=NEW_NOTICE),)
    breaks = """
        begin > 送达告知书(notice) > 登记意见(plea.received): writes=hearing_requested > 法制审核(legal.review) > x1
        x1 > 举行听证(hear.hold) [hearing_requested == True] > x2
        x1 > x2 [default]
        x2 > 作出决定(decide): position=head > end
    """
    keeps = """
        begin > 送达告知书(notice) > 登记意见(plea.received): writes=hearing_requested > x1
        x1 > 举行听证(hear.hold) [hearing_requested == True] > x2
        x1 > x2 [default]
        x2 > 法制审核(legal.review) > 作出决定(decide): position=head > end
    """


RULES: tuple[Rule, ...] = (
    TimeToPlead(),
    HearingRightTold(),
    TimeToAskForHearing(),
    HearingHeld(),
    HearingAnnounced(),
    PresiderApart(),
    HearingRecorded(),
    HearingBeforeLegalReview(),
)
