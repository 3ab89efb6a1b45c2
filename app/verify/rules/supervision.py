"""Rules of item changes, supervision orders, complaints and file reviews (I01-I03, V01-V05)."""

from collections.abc import Iterable

from ..demands import After, Before, matches
from ..findings import Finding, Severity
from ..subject import Subject
from . import terms
from .base import Rule, called, missing
from .licence import timers_of
from .reading import entries, kept_apart, listed
from .terms import Term
from .ways import following


class ItemExamined(Rule):
    id = "I01"
    name = "依据、初审、集体研究、合法性审核先于公布"
    scope = "item.change"
    cite = "部门初审后报合法性审核，须提供法律依据（S4-15）；审核后公布（S4-16）；集体研究确定（S0-11）"
    message = "事项可以未经初审、集体研究或者合法性审核通过就到达“{target}”。"
    advice = (
        "请使填报（item.draft，必填依据 basis）、初审、集体研究、合法性审核通过都在公布之前；改动后重新办理。"
    )
    guards = ("gate:step_before", "gate:legal_review")
    demands = (
        Before(("item.publish",), ("item.draft",)),
        Before(("item.publish",), ("item.initial",), voids=("item.draft",)),
        Before(("item.publish",), ("item.collective",), voids=("item.draft",)),
        Before(
            ("item.publish",), ("item.audit",), passed=("audit_passed == True", "True"), voids=("item.draft",)
        ),
    )  # fmt: skip
    breaks = (
        "begin > 填报(item.draft): fields=basis > 初审(item.initial) > 集体研究(item.collective) > "
        "审核(item.audit): writes=audit_passed > 公布(item.publish) > end"
    )
    keeps = """
        begin > x1 > 填报(item.draft): fields=basis > 初审(item.initial) > 集体研究(item.collective) > 申报(item.submit)
        申报 > 审核(item.audit): writes=audit_passed > x2
        x2 > 公布(item.publish) [audit_passed == True] > end
        x2 > x1 [default]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("item.draft",)):
            if not subject.required(node, "basis"):
                yield self.finding(f"“{called(node)}”的表单没有必填的依据（basis）。", node)


class ItemInTime(Rule):
    id = "I02"
    name = "申报在生效前十五个工作日，审核十个工作日"
    scope = "item.change"
    severity = Severity.WARN
    cite = "生效前15个工作日内完成申报（S4-20）；10个工作日内完成审核并回复（S4-21）"
    advice = "请在申报表单必填生效日期（effective_on），并声明自申报起不超过10个工作日的审核计时。"
    guards = ("app.deadlines.service.of_case", "gate:clock")
    breaks = "begin > 申报(item.submit): fields=effective_on > 审核(item.audit): limit=15wd > end"
    keeps = "begin > 申报(item.submit): fields=effective_on > 审核(item.audit): limit=10wd > end"

    audit = Term(10, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("item.submit",), ("item.audit",), self.audit)
        for node in subject.nodes(("item.submit",)):
            if not subject.required(node, "effective_on"):
                yield self.finding(f"“{called(node)}”没有必填的生效日期，不能倒推申报期限。", node)


class ItemUpdated(Rule):
    id = "I03"
    name = "审核回复后重新公布并更新职权库"
    scope = "item.change"
    cite = "按审核意见重新公布，并调整职权数据库（S4-22）"
    message = "审核通过之后可以不公布或者不更新职权库就结束。"
    advice = "请使审核通过之后的每条路径都有公布（item.publish）和更新职权库（db.update）。"
    guards = ("gate:step_before",)
    demands = (
        After(("item.audit",), ("item.publish",), when=("audit_passed == True", "True")),
        After(("item.publish",), ("db.update",)),
    )
    breaks = (
        "begin > 审核(item.audit): writes=audit_passed > x1\n"
        "x1 > 公布(item.publish) [audit_passed == True] > end\nx1 > end2 [default]"
    )
    keeps = breaks.replace(
        "(item.publish) [audit_passed == True]", "(item.publish) [audit_passed == True] > 更新(db.update)"
    )


class OrderAnswered(Rule):
    id = "V01"
    name = "督办三个工作日内回复，核查后办结"
    scope = "supervision"
    cite = "收到督办意见后3个工作日内提交整改说明或者处理意见和理由（S2-38）"
    message = "督办可以不经回复、核查就结束或者到达“{target}”。"
    advice = "请使签收之后有不超过3个工作日的回复（sup.reply），办结之前有核查（sup.verify）。"
    guards = ("gate:step_before", "app.deadlines.service.of_case")
    demands = (
        After(("sup.sign",), ("sup.reply", "sup.escalate")),
        Before(("sup.close",), ("sup.verify",), passed=("verify_passed == True", "True")),
    )
    breaks = "begin > 签收(sup.sign) > 回复(sup.reply): limit=5wd > 办结(sup.close) > end"
    keeps = "begin > 签收(sup.sign) > 回复(sup.reply): limit=3wd > 核查(sup.verify) > 办结(sup.close) > end"

    law = Term(3, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from terms.kept(self, subject, ("sup.sign",), ("sup.reply",), self.law)


class OrderEscalated(Rule):
    id = "V02"
    name = "超期、拒不整改的升级处理"
    scope = "supervision"
    cite = "查实后制发《纠错建议书》或者提请发《行政执法督察决定书》（S2-52）；拒不整改的追责（S2-67）"
    message = "“{target}”之后可以不升级处理就结束。"
    advice = "请在回复期限上设超期的计时事件（sup.overdue），期满升级处理（sup.escalate）；核查不通过的退回或者升级。"
    guards = ("gate:step_before", "app.deadlines.service.engine_due")
    demands = (
        After(("sup.overdue",), ("sup.escalate",)),
        After(("sup.verify",), ("sup.reply", "sup.escalate"), when=("verify_passed == False",)),
    )
    breaks = """
        begin > 签收(sup.sign) > 回复(sup.reply): limit=3wd > 核查(sup.verify): writes=verify_passed > x1
        x1 > 办结(sup.close) [verify_passed == True] > end
        x1 > end2 [default]
    """
    keeps = """
        begin > 签收(sup.sign) > x2 > e1
        e1 > m1(sup.reply) > 核查(sup.verify): writes=verify_passed > x1
        e1 > t1(sup.overdue): limit=3wd from=sup.sign > 升级(sup.escalate) > end2
        x1 > 办结(sup.close) [verify_passed == True] > end
        x1 > x2 [default]
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("sup.sign",)):
            around = [node, *subject.nodes(("sup.reply",))]
            timers = [timer for each in around for timer in timers_of(subject, each)]
            if not any(
                subject.step(n) == "sup.escalate"
                for timer in timers
                for n in following(subject.internal, timer)
            ):
                yield self.finding(f"“{called(node)}”之后没有超期即升级的计时。", node)


class ComplaintAnswered(Rule):
    id = "V03"
    name = "咨询三个、投诉十个工作日内答复，答复经审核"
    scope = "complaint"
    cite = "咨询件3个工作日内回复（S4-41）；投诉件10个工作日内答复（S4-42）"
    message = "可以不答复就结束，或者答复未经审核就到达“{target}”。"
    advice = (
        "请使接收之后的每条路径都有答复（cmp.reply）或者转为案源，答复之前经审核（cmp.approve），并声明计时。"
    )
    guards = ("gate:step_before", "app.deadlines.service.of_case")
    demands = (
        After(("cmp.receive",), ("cmp.reply", "src.register")),
        Before(("cmp.reply",), ("cmp.approve",)),
    )
    breaks = "begin > 接收(cmp.receive) > 办理(cmp.handle): limit=7wd > 答复(cmp.reply): limit=1wd > end"
    keeps = """
        @clocks [{id: reply, name: 投诉答复期限, limit: 10wd, starts: [cmp.receive], stops: [cmp.reply], warn: 2wd}]
        begin > 接收(cmp.receive) > 办理(cmp.handle): limit=7wd > 审核(cmp.approve): limit=1wd > 答复(cmp.reply) > end
    """

    complaint, enquiry = Term(10, "wd"), Term(3, "wd")

    def check(self, subject: Subject) -> Iterable[Finding]:
        law = self.enquiry if subject.scope.startswith("complaint.enquiry") else self.complaint
        yield from terms.kept(self, subject, ("cmp.receive",), ("cmp.reply",), law)


class ReviewersApart(Rule):
    id = "V04"
    name = "评查员不是本案办案人和审批人"
    scope = "efile.review"
    cite = "案卷评查公正（建议，依鲁司〔2023〕33号评查的要求）"
    advice = (
        "请在抽取案卷（ef.sample）时登记本案的办案人和审批人，在规则集的“named”中归入一组，"
        "并在“separation”中与评查（ef.veto、ef.score）互相排除。"
    )
    guards = ("gate:separation", "gate:named_person")
    breaks = "begin > 抽样(ef.sample): fields=handlers > 否决项(ef.veto) > 计分(ef.score) > end"
    keeps = """
        @separation [{name: 办案, steps: [ef.handlers]}, {name: 评查, steps: [ef.veto, ef.score]}]
        @named [{step: ef.sample, answer: handlers, group: 办案, article: 案卷评查公正, message: 评查员办理过本案。}]
        begin > 抽样(ef.sample): fields=handlers > 否决项(ef.veto) > 计分(ef.score) > end
    """

    def check(self, subject: Subject) -> Iterable[Finding]:
        groups = {str(g.get("name")): g for g in entries(subject, "separation")}
        named = [n for n in entries(subject, "named") if matches(str(n.get("step")), ("ef.sample",))]
        handled = [tag for n in named for tag in listed(groups.get(str(n.get("group")), {}).get("steps"))]
        for node in subject.nodes(("ef.veto", "ef.score")):
            if not handled or not kept_apart(subject, (subject.step(node),), tuple(handled)):
                yield self.finding(f"“{called(node)}”没有排除本案的办案人和审批人。", node)


class VetoFirst(Rule):
    id = "V05"
    name = "否决项先评后计分，结果告知并可申诉"
    scope = "efile.review"
    severity = Severity.WARN
    cite = "鲁司〔2023〕33号：基础标准和文书规范标准；申诉为建议"
    message = "可以未评否决项或者未告知被评单位就到达“{target}”。"
    advice = "请使否决项评查（ef.veto）在计分之前，告知和申诉（ef.appeal）在通报之前。"
    guards = ("gate:step_before",)
    demands = (
        Before(("ef.score", "ef.publish"), ("ef.veto",)),
        Before(("ef.publish",), ("ef.appeal",)),
    )
    unsure = True
    breaks = "begin > 抽样(ef.sample) > 计分(ef.score) > 否决项(ef.veto) > 通报(ef.publish) > end"
    keeps = "begin > 抽样(ef.sample) > 否决项(ef.veto) > 计分(ef.score) > 申诉(ef.appeal) > 通报(ef.publish) > end"

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from missing(self, subject, "ef.veto", "ef.appeal")


RULES = (
    ItemExamined(), ItemInTime(), ItemUpdated(), OrderAnswered(), OrderEscalated(), ComplaintAnswered(),
    ReviewersApart(), VetoFirst(),
)  # fmt: skip
