"""Ordinary penalties: limits and clocks."""

from collections.abc import Iterable

from ..demands import After, Before
from ..findings import Finding
from ..subject import Subject
from .base import Rule, called
from .penalty_texts import COMPULSION, DECISION_PAPERS, LEADERS, LITIGATION, PENALTY, PUBLICITY, REVIEW
from .reading import at_least, at_most, entries, length, waits
from .terms import clocks

CLOCK_GUARD = "app.deadlines.steps.on_event"
LIGHT_GUARD = "app.deadlines.turning.turn_lights"


class PreservedEvidenceSettled(Rule):
    id = "P05"
    name = "先行登记保存七个工作日内处理"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第五十六条、第八十五条"
    message = "先行登记保存可以不经负责人批准、或者不作处理决定而经过“{target}”。"
    advice = (
        "请在先行登记保存之前画负责人审批（evid.preserve.approve，preserve_ok），之后画处理决定"
        "（evid.preserve.decide），并声明不超过七个工作日的时钟。"
    )
    guards = ("gate:step_before", CLOCK_GUARD)
    MOST = "7wd"
    demands = (
        Before(
            ("evid.preserve",),
            ("evid.preserve.approve",),
            passed=("preserve_ok == True",),
            voids=("invest.plan",),
        ),
        After(("evid.preserve",), ("evid.preserve.decide",)),
    )
    breaks = """
        begin > 审批(evid.preserve.approve): position=deputy writes=preserve_ok > x1
        x1 > 登记保存(evid.preserve): officers=2 [preserve_ok == True] > end
        x1 > end2 [default]
        @clocks [{id: p, limit: 7wd, starts: [evid.preserve], stops: [evid.preserve.decide]}]
    """
    keeps = """
        begin > 审批(evid.preserve.approve): position=deputy writes=preserve_ok > x1
        x1 > 登记保存(evid.preserve): officers=2 [preserve_ok == True] > 处理(evid.preserve.decide) > end
        x1 > end2 [default]
        @clocks [{id: p, limit: 7wd, starts: [evid.preserve], stops: [evid.preserve.decide]}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("evid.preserve.approve",)):
            if node.position not in LEADERS:
                yield self.finding(f"“{called(node)}”不在行政机关负责人的岗位上。", node)
        for node in subject.nodes(("evid.preserve",)):
            running = clocks(subject, ("evid.preserve",), ("evid.preserve.decide",))
            if not any(at_most(str(clock.get("limit")), self.MOST) for clock in running):
                yield self.finding(f"“{called(node)}”之后没有七个工作日以内的处理期限。", node)


class NinetyDays(Rule):
    id = "P23"
    name = "立案到决定不超过九十日"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十条"
    advice = (
        "请在规则集 clocks 中声明自立案起不超过九十日的办案期限；法律、法规、规章另有规定的，"
        "在期限的依据（basis）中写明该规定；延长须经负责人批准，扣除须写明依据。"
    )
    guards = (CLOCK_GUARD, LIGHT_GUARD)
    MOST = "90d"
    breaks = """
        begin > 立案审批(file.approve): position=deputy > 作出决定(decide): position=head
        作出决定 > 制作处罚决定书(decide.penalty) > end
        @clocks [{id: d, limit: 120d, starts: [file.approve], stops: [decide.penalty]}]
    """
    keeps = """
        begin > 立案审批(file.approve): position=deputy > 作出决定(decide): position=head
        作出决定 > 制作处罚决定书(decide.penalty) > end
        @clocks [{id: d, limit: 90d, starts: [file.approve], stops: [decide.penalty]}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        filing = [*subject.nodes(("file.approve",))]
        papers = ("decide", *DECISION_PAPERS)
        if not filing or not any(subject.nodes(papers)):
            return
        running = [*clocks(subject, ("file.approve",), papers)]
        if not running:
            yield self.finding("没有声明自立案起的办案期限。", *filing)
        for clock in running:
            limit, basis = str(clock.get("limit")), str(clock.get("basis") or "")
            if not at_most(limit, self.MOST) and (not basis or PENALTY in basis):
                yield self.finding(f"办案期限是 {limit}，超过九十日。", *filing)
            more = clock.get("extension")
            for stage in more if isinstance(more, list) else [more] if more else []:
                if not stage.get("basis") or stage.get("approver") not in (*LEADERS, "collective"):
                    yield self.finding("办案期限的延长没有依据或者不由负责人批准。", *filing)
            for pause in entries(subject, "suspensions"):
                if pause.get("clock") == clock.get("id") and not pause.get("basis"):
                    yield self.finding(f"办案期限可以因“{pause.get('cause')}”扣除，却没有依据。", *filing)


class ServedInTime(Rule):
    id = "P24"
    name = "决定必须在七个工作日内送达"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第六十一条、第八十五条"
    message = "作出决定以后可以不送达决定书就办结。"
    advice = "请让每一种决定书都经过“送达”（serve），环节时限和送达时钟不超过七个工作日。"
    guards = ("gate:step_before", CLOCK_GUARD)
    MOST = "7wd"
    PAPERS = ("decide.penalty", "decide.nopenalty")
    demands = (After(PAPERS, ("serve",)),)
    breaks = """
        begin > 作出决定(decide): position=head > 制作处罚决定书(decide.penalty): writes=absent > x1
        x1 > 送达(serve): officers=2 limit=7wd [absent == False] > end
        x1 > end2 [default]
        @clocks [{id: s, limit: 7wd, starts: [decide.penalty], stops: [serve]}]
    """
    keeps = """
        begin > 作出决定(decide): position=head > 制作处罚决定书(decide.penalty)
        制作处罚决定书 > 送达(serve): officers=2 limit=7wd > end
        @clocks [{id: s, limit: 7wd, starts: [decide.penalty], stops: [serve]}]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("serve",)):
            if not at_most(node.attributes.get("limit", ""), self.MOST):
                yield self.finding(f"“{called(node)}”的时限超过七个工作日或者没有写明。", node)
        for node in subject.nodes(self.PAPERS):
            running = clocks(subject, (subject.step(node),), ("serve",))
            if not any(at_most(str(clock.get("limit")), self.MOST) for clock in running):
                yield self.finding(f"“{called(node)}”之后没有七个工作日以内的送达期限。", node)


class DecisionPublished(Rule):
    id = "P26"
    name = "决定后七个工作日内公示或者登记不公示理由"
    scope = "penalty.ordinary"
    cite = f"{PENALTY}第四十八条第一款；{PUBLICITY}；S3-13"
    message = "作出处罚决定以后可以既不公示、也不登记不公示的理由就办结。"
    advice = "请在处罚决定之后画“决定公示”（publish），时限七个工作日，表单确认已去除不应公开的信息。"
    guards = ("gate:reason", "gate:step_before", CLOCK_GUARD)
    MOST = "7wd"
    demands = (After(("decide.penalty",), ("publish", "nopublish.reason")),)
    breaks = """
        begin > 制作处罚决定书(decide.penalty): writes=social > 送达(serve): officers=2 limit=7wd > x1
        x1 > 决定公示(publish): position=archive limit=7wd fields=masked [social == True] > end
        x1 > end2 [default]
    """
    keeps = """
        begin > 制作处罚决定书(decide.penalty): writes=social > 送达(serve): officers=2 limit=7wd > x1
        x1 > 决定公示(publish): position=archive limit=7wd fields=masked [social == True] > end
        x1 > 登记不公示理由(nopublish.reason): position=archive fields=reason [default] > end2
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("publish",)):
            if not at_most(node.attributes.get("limit", ""), self.MOST):
                yield self.finding(f"“{called(node)}”的时限超过七个工作日或者没有写明。", node)
            if not subject.required(node, "masked") and not any(subject.nodes(("publish.mask",))):
                yield self.finding(f"“{called(node)}”之前没有确认去除不应公开的信息。", node)


class CourtWindow(Rule):
    id = "P30"
    name = "催告满十个工作日、救济期满后三个月内申请法院强制执行"
    scope = "penalty.ordinary"
    cite = (
        f"{COMPULSION}第五十三条、第五十四条；{REVIEW}第二十条；{LITIGATION}第四十六条；{PENALTY}第七十二条"
    )
    message = "催告没有满十个工作日，或者行政复议、行政诉讼的期限没有届满，可以到达“{target}”。"
    advice = (
        "请在申请法院强制执行之前画催告（urge）、催告期满（urge.period，十个工作日）和救济期满"
        "（court.window，自送达起六个月）两个定时器。"
    )
    guards = ("gate:step_before", "app.cases.timers.fire_due")
    URGED = "10wd"
    REMEDY = "184d"
    """The longer of sixty days for review and six months for a lawsuit: six months hold at most 184 days."""
    WINDOW = "89d"
    """Three months hold at least 89 days."""
    TARGET = ("court.apply",)
    demands = (
        Before(TARGET, ("urge",), voids=("serve",)),
        Before(TARGET, ("urge.period",), voids=("serve", "urge")),
        Before(TARGET, ("court.window",), voids=("serve",)),
    )
    breaks = """
        begin > 送达(serve): officers=2 > 催告(urge): officers=2 > t1(court.window): from=serve limit=184d
        t1 > 申请法院强制执行(court.apply): position=legal_review limit=60d > end
    """
    keeps = """
        begin > 送达(serve): officers=2 > 催告(urge): officers=2 > t1(urge.period): from=urge limit=10wd
        t1 > t2(court.window): from=serve limit=184d
        t2 > 申请法院强制执行(court.apply): position=legal_review limit=60d > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        if not any(subject.nodes(self.TARGET)):
            return
        for tag, since, least in (
            ("urge.period", "urge", self.URGED),
            ("court.window", "serve", self.REMEDY),
        ):
            for timer in waits(subject, (tag,)):
                if not at_least(length(timer), least) or timer.attributes.get("from") != since:
                    yield self.finding(f"“{called(timer)}”的起算或者长短（{length(timer)}）不对。", timer)
        for node in subject.nodes(self.TARGET):
            if not at_most(node.attributes.get("limit", ""), self.WINDOW):
                yield self.finding(f"“{called(node)}”的时限超过三个月或者没有写明。", node)


RULES: tuple[Rule, ...] = (
    PreservedEvidenceSettled(),
    NinetyDays(),
    ServedInTime(),
    DecisionPublished(),
    CourtWindow(),
)
