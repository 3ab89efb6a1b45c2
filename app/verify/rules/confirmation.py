"""Rules of the confirmation of work injuries (N01-N03): 工伤保险条例 and 工伤认定办法."""

from collections.abc import Iterable

from ..demands import After, Before
from ..findings import Finding
from ..subject import Subject
from .base import Rule, called
from .reading import officers
from .statutes import INJURY, INJURY_FINDING
from .terms import Term, kept


class Examined(Rule):
    id = "N01"
    name = "受理、调查先于认定，决定必须送达"
    scope = "confirmation"
    wherever = ("conf.decide",)
    cite = f"{INJURY}第十八条至第二十条；{INJURY_FINDING}第二十二条"
    message = "可以未经受理、调查核实就到达“{target}”，或者决定之后不送达。"
    advice = "请使受理（conf.accept）、调查核实（conf.invest）或核对事实（conf.quick）在决定前，送达（serve）在决定后。"
    guards = ("gate:step_before", "gate:document")
    demands = (
        Before(("conf.invest", "conf.quick"), ("conf.accept",)),
        Before(("conf.decide",), ("conf.invest", "conf.quick")),
        After(("conf.decide",), ("serve",)),
    )
    breaks = "begin > 受理(conf.accept) > 决定(conf.decide) > 送达(serve) > end"
    keeps = "begin > 受理(conf.accept) > 调查(conf.invest) > 决定(conf.decide) > 送达(serve) > end"


class Heard(Rule):
    id = "N02"
    name = "两人调查并听取用人单位和职工的意见"
    scope = "confirmation"
    wherever = ("conf.invest",)
    cite = f"{INJURY}第十九条；{INJURY_FINDING}第十条、第十七条"
    advice = (
        "调查核实须两名以上人员，表单必填：出示证件（id_shown）、用人单位的意见（employer_view）、"
        "职工的意见（worker_view）。"
    )
    guards = ("gate:certified_officers", "gate:period", "app.forms.service.from_json")
    breaks = "begin > 调查(conf.invest): officers=1 fields=id_shown > end"
    keeps = "begin > 调查(conf.invest): officers=2 fields=id_shown,employer_view,worker_view > end"

    officers = 2
    answers = (
        ("id_shown", "出示证件"),
        ("employer_view", "用人单位的意见"),
        ("worker_view", "职工的意见"),
    )

    def check(self, subject: Subject) -> Iterable[Finding]:
        for node in subject.nodes(("conf.invest",)):
            if officers(node) < self.officers:
                yield self.finding(f"“{called(node)}”没有要求由{self.officers}名以上人员办理。", node)
            lacking = [what for key, what in self.answers if not subject.required(node, key)]
            if lacking:
                yield self.finding(f"“{called(node)}”的表单没有必填：{'、'.join(lacking)}。", node)


class InSixtyDays(Rule):
    id = "N03"
    name = "六十日内认定，二十日内送达"
    scope = "confirmation"
    wherever = ("conf.decide",)
    cite = f"{INJURY}第二十条；{INJURY_FINDING}第二十二条"
    advice = "请声明自受理到认定决定不超过六十日、自决定到送达不超过二十日的计时；事实清楚的自核对到决定不超过十五日。"
    guards = ("app.deadlines.service.of_case", "gate:clock")
    breaks = (
        "@clocks [{id: decision, name: 认定期限, limit: 90d, starts: [conf.accept], stops: [conf.decide]}, "
        "{id: serve, name: 送达期限, limit: 20d, starts: [conf.decide], stops: [serve]}]\n"
        "begin > 受理(conf.accept) > 决定(conf.decide) > 送达(serve) > end"
    )
    keeps = breaks.replace("90d", "60d")

    decision, clear, service = Term(60, "d"), Term(15, "d"), Term(20, "d")

    def check(self, subject: Subject) -> Iterable[Finding]:
        yield from kept(self, subject, ("conf.accept",), ("conf.decide",), self.decision)
        yield from kept(self, subject, ("conf.quick",), ("conf.decide",), self.clear)
        yield from kept(self, subject, ("conf.decide",), ("serve",), self.service)


RULES = (Examined(), Heard(), InSixtyDays())
