"""Rules of every procedure: the drawing, its statutory side, and what stays closed (G01-G09, G11)."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ...kernel.errors import Invalid
from ..demands import After, NeverAfter
from ..findings import Finding
from ..guards import flow_condition
from ..reader import SCOPES as SUB_PROCESSES
from ..reader import TASKS, Flow, Node
from ..subject import Subject
from . import terms
from .base import Rule, called, missing
from .reading import entries, listed
from .statutes import LICENCE, PENALTY, PUBLICATION
from .ways import preceding

CITES = re.compile(r"《[^》]+》.*第[〇零一二三四五六七八九十百千\d]+条|〔\d{4}〕\d+号")
EXCEPTIONS = ("file.reject", "file.revoke", "lic.reject", "hear.terminate", "nopublish.reason")
OPENING = ("src.register", "show.id", "lic.receive", "insp.apply", "conf.apply")
REASONS = re.compile(r"reason|ground|opinion|content")


class Sound(Rule):
    id = "G01"
    name = "图可达且可终止"
    scope = "all"
    cite = "行政权力事项运行一律绘制流程图（S4-23）"
    message = "流程不能保证从起点走到终点。"
    advice = "请按反例改正流向、网关配对或者条件。"
    guards = ("app.engine.service.check", PUBLICATION)
    decided_by = "soundness"
    breaks = (
        "begin > 核查(check): writes=serious > p1\np1 > 调查(invest) > x1\np1 > x1\nx1 > 归档(archive) > end"
    )
    keeps = (
        "begin > 核查(check): writes=serious > p1\np1 > 调查(invest) > p2\np1 > p2\np2 > 归档(archive) > end"
    )


class Refines(Rule):
    id = "G02"
    name = "内部图细化外部图"
    scope = "all"
    cite = "内部流程图按外部流程的程序与时限细化到岗位（S4-25）"
    message = "内部流程与公布的外部流程不一致。"
    advice = "请使每个外部环节都有内部任务实现，先后次序与外部流程相同。"
    guards = ("gate:step_before", PUBLICATION)
    decided_by = "refinement"
    breaks = (
        "begin > 登记(src.register) > 归档(archive) > end\n-- external\n"
        "begin > 登记(src.register) > 决定(decide) > 归档(archive) > end"
    )
    keeps = (
        "begin > 登记(src.register) > 决定(decide) > 归档(archive) > end\n-- external\n"
        "begin > 登记(src.register) > 决定(decide) > 归档(archive) > end"
    )


class Positions(Rule):
    id = "G03"
    name = "内部任务三要素"
    scope = "all"
    cite = "内部流程图明确岗位名称、工作职责、时间期限（S4-25）"
    advice = "请把任务放进岗位的泳道，并填写职责和时限（如 5wd、30d、24h）。"
    guards = ("gate:position", "app.deadlines.service.due_of_work_item")
    breaks = "begin > 登记(src.register): duty=登记线索 > end"
    keeps = "begin > 登记(src.register): duty=登记线索 limit=3wd > end"

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.tasks():
            known = (
                ("岗位", node.position),
                ("职责", node.attributes.get("duty")),
                ("时限", node.attributes.get("limit")),
            )
            if lacking := [what for what, value in known if not value]:
                yield self.finding(f"任务“{called(node)}”没有{'、'.join(lacking)}。", node)


class InTime(Rule):
    id = "G04"
    name = "内部时限和不超过外部法定期限"
    scope = "all"
    cite = f"{PENALTY}第六十条；《中华人民共和国行政强制法》第二十五条；{LICENCE}第四十二条；S4-25"
    message = "各岗位时限之和超过法定期限。"
    advice = "请压缩岗位时限或者减少退回次数。"
    guards = ("gate:clock", "gate:rounds")
    decided_by = "timing"
    breaks = (
        "@budget {clock: decision, from: file.approve, to: [decide.penalty], working_days: 56}\n"
        "@clocks [{id: decision, name: 办案期限, limit: 90d, starts: [file.approve], stops: [decide.penalty]}]\n"
        "begin > 立案(file.approve): limit=1wd > 调查(invest): limit=40wd > 终结(invest.end): limit=20wd > "
        "决定书(decide.penalty): limit=2wd > end"
    )
    keeps = breaks.replace("40wd", "25wd")


class Founded(Rule):
    id = "G05"
    name = "外部环节有依据与法定期限"
    scope = "all"
    cite = "外部流程按法定程序，列明法定环节、依据和期限（S4-24）；审核须提供法律依据（S4-15）"
    advice = "请写明法律全称和条款，如《中华人民共和国行政处罚法》第六十一条，并填写期限。"
    guards = (PUBLICATION,)
    breaks = "begin > 送达(serve) > end\n-- external\nbegin > 送达(serve): limit=7wd > end"
    keeps = (
        "begin > 送达(serve) > end\n-- external\n"
        "begin > 送达(serve): limit=7wd basis=《中华人民共和国行政处罚法》第六十一条 > end"
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.external.nodes.values() if subject.external else ():
            if node.tag not in TASKS | SUB_PROCESSES:
                continue
            basis = node.attributes.get("basis", "")
            if not CITES.search(basis):
                what = f"依据“{basis}”没有写到法律名称和条款" if basis else "没有法律依据"
                yield self.finding(f"外部环节“{called(node)}”{what}。", node, diagram="external")
            if terms.limit(node) is None:
                yield self.finding(f"外部环节“{called(node)}”没有可以计算的期限。", node, diagram="external")


class Published(Rule):
    id = "G06"
    name = "事项已审核公布"
    scope = "all"
    cite = "行政权力事项经合法性审核方可行使（S4-14、S4-50）"
    advice = "未公布的事项不能发起办件，请先办理事项审核。"
    guards = ("app.catalogue.service.published",)
    static = False


class Archived(Rule):
    id = "G07"
    name = "归档在终点之前"
    scope = "all"
    cite = f"{PENALTY}第四十七条；全过程记录并归档（S1-8）"
    message = "流程可以在“{target}”之后不经归档就结束。"
    advice = "请使每条通往终点的路径都经过归档（archive）。"
    guards = ("gate:step_before",)
    demands = (After(OPENING, ("archive",)),)
    breaks = (
        "begin > 登记(src.register): writes=filed > x1\nx1 > 归档(archive) [filed == True] > end\n"
        "x1 > end2 [default]"
    )
    keeps = (
        "begin > 登记(src.register): writes=filed > x1\nx1 > 决定(decide) [filed == True] > x2\n"
        "x1 > x2 [default]\nx2 > 归档(archive) > end"
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        if subject.scope.partition(".")[0] in ("penalty", "licence"):
            yield from missing(self, subject, "archive", what="归档")


class NothingAdded(Rule):
    id = "G08"
    name = "决定后不得补录"
    scope = "all"
    cite = "不得在行政执法决定作出后补录（S0-21）；不得录入与实际时间不一致的信息（S2-28）"
    message = "决定作出之后还可以办理“{target}”，等于补录决定之前的材料。"
    advice = "请把该环节移到决定之前；确需重新调查的，应当先撤销决定。"
    guards = ("gate:frozen",)
    demands = (
        NeverAfter(
            ("decide.*", "lic.decide", "lic.decide.*", "conf.decide", "conf.decide.*"),
            (
                "check",
                "file.*",
                "invest",
                "invest.*",
                "evid.preserve",
                "evidence.*",
                "opinion.pre",
                "lic.review.*",
                "conf.quick",
                "conf.invest",
            ),
            voids=("decide.revoke", "lic.revoke", "transfer.resume"),
        ),
    )
    breaks = "begin > 调查(invest) > 决定书(decide.penalty) > 补录证据(evidence.add) > 归档(archive) > end"
    keeps = "begin > 调查(invest) > 补录证据(evidence.add) > 决定书(decide.penalty) > 归档(archive) > end"


class Explained(Rule):
    id = "G09"
    name = "异常分支带理由"
    scope = "all"
    cite = "异常情形须在表单写明理由（S2-19、S2-20）"
    advice = "请在表单设必填的理由，或者在规则集的“abnormal”中声明哪个属性取何值时须写理由。"
    guards = ("gate:reason",)
    breaks = (
        "begin > 审批(file.approve): writes=filing_ok > x1\nx1 > 调查(invest) [filing_ok == True] > end\n"
        "x1 > 不予立案(file.reject): fields=receiver [default] > end2"
    )
    keeps = (
        "@abnormal [{attribute: filing_ok, value: false, step: file.approve, message: 应当写明理由。}]\n"
        + breaks
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.internal.nodes.values():
            unusual = node.attributes.get("abnormal") == "true" or subject.step(node) in EXCEPTIONS
            if unusual and not _explains(subject, node) and not self.declared(subject, node.incoming):
                yield self.finding(f"异常情形“{called(node)}”没有要求写明理由。", node)
        for flow in subject.internal.flows.values():
            if flow.attributes.get("abnormal") != "true" or self.declared(subject, [flow]):
                continue
            source = subject.internal.nodes[flow.source]
            asked = [node for node in preceding(subject.internal, source) if _explains(subject, node)]
            if not asked and not _explains(subject, subject.internal.nodes[flow.target]):
                yield self.finding(f"异常流向“{flow.name or flow.id}”没有要求写明理由。", flow.id)

    def declared(self, subject: Subject, flows: Iterable[Flow]) -> bool:
        """Whether the rule set wants a reason for an attribute that leads into one of the flows."""
        wanted = {str(entry.get("attribute")) for entry in entries(subject, "abnormal")}
        for flow in flows:
            source = subject.internal.nodes[flow.source]
            read: set[str] = set()
            for other in source.outgoing:
                read |= _names(other.condition)
            if wanted & _sources(subject, read):
                return True
        return False


def _names(condition: str) -> frozenset[str]:
    """The attributes a flow's condition reads; none where it has none or cannot be read."""
    try:
        return flow_condition(condition).names if condition else frozenset()
    except Invalid:
        return frozenset()


def _sources(subject: Subject, names: Iterable[str]) -> set[str]:
    """Attributes with those that derived ones among them are computed from."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += subject.derived[name].names if name in subject.derived else ()
    return found


def _explains(subject: Subject, node: Node) -> bool:
    """Whether the node's own form insists on some words of reason."""
    return any(item.get("required") and REASONS.search(str(item["key"])) for item in subject.fields(node))


class Watched(Rule):
    id = "G11"
    name = "时限任务有提醒和超期登记"
    scope = "all"
    cite = "执法关键环节实时警示（S0-23）；时效性自动发现、提醒、督办（S4-39）"
    advice = "时限写作 5wd（工作日）、30d（日）或 24h（小时）；法定计时写明起止环节和提醒时间。"
    guards = ("app.deadlines.service.of_case", "app.deadlines.service.due_of_work_item")
    breaks = "begin > 送达(serve): limit=七日 > end"
    keeps = (
        "@clocks [{id: serve, name: 送达期限, limit: 7wd, starts: [decide.penalty], stops: [serve], warn: 2wd}]\n"
        "begin > 决定书(decide.penalty): limit=1wd > 送达(serve): limit=7wd > end"
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.tasks():
            written = node.attributes.get("limit")
            if written and terms.read(written) is None:
                yield self.finding(f"任务“{called(node)}”的时限“{written}”不能计算，不会提醒和报超期。", node)
        taken = {subject.step(node) for node in subject.internal.nodes.values()}
        for clock in entries(subject, "clocks"):
            for what in self.lacking(clock, taken):
                yield self.finding(f"计时“{clock.get('name') or clock.get('id')}”{what}。")

    def lacking(self, clock: Any, taken: set[str]) -> Iterator[str]:
        """What a declared clock lacks to be watched."""
        if terms.read(clock.get("limit")) is None:
            yield "的期限不能计算"
        if terms.read(clock.get("warn")) is None:
            yield "没有提醒时间（warn）"
        for key, what in (("starts", "起算"), ("stops", "停止")):
            if not taken.intersection(listed(clock.get(key))):
                yield f"的{what}环节在内部流程中不存在"


RULES = (
    Sound(), Refines(), Positions(), InTime(), Founded(), Published(), Archived(), NothingAdded(), Explained(),
    Watched(),
)  # fmt: skip
