"""Asking that somebody keep out of the case (申请回避); a head decides on it (`recusals`)."""

from collections.abc import Mapping
from typing import Any

from app.kernel.errors import Invalid

from .. import recusals
from ..recusing import LONGEST, Request, concerned, law
from .base import DeskAct, Field, Kind, Offer, Option, Place


class Recuse(DeskAct):
    """Ask for one's own recusal, or enter the party's request."""

    name = "recuse"
    label = "申请回避"
    hint = "本人申请，或者登记当事人提出的回避申请"
    verb = "提出回避"

    def shown(self, place: Place) -> bool:
        return place.officer_id not in place.running.recused

    def offer(self, place: Place) -> Offer:
        kinds = [Option(key, label) for key, label in law()["kinds"].items() if key != "ordered"]
        persons = [
            Option(str(c.id), c.name, c.hint, c.why_not) for c in concerned(place.session, place.running)
        ]
        grounds = [Option(key, label) for key, label in law()["grounds"].items()]
        return Offer(
            consequences=(
                "由本机关主要负责人决定；涉及主要负责人的，由负责人集体讨论决定。",
                "决定作出以前，不停止调查，任务照常办理。",
                "决定回避的，该人员立即退出本案，其任务放回岗位待办；是承办人的，同时指定接替的人员。",
            ),
            fields=(
                Field("kind", "由谁提出", Kind.CHOICE, options=kinds),
                Field("officer", "应当回避的人员", Kind.CHOICE, options=persons),
                Field("ground", "情形", Kind.CHOICE, options=grounds),
                Field("facts", "事实理由", most=LONGEST, hint="写入案件记录，有权决定的负责人据此审查。"),
                Field(
                    "brought_by", "当事人一方的提出人", Kind.LINE, "登记当事人申请时填写。", (), False, 100
                ),
                Field("brought_on", "当事人提出的日期", Kind.DAY, "登记当事人申请时填写。", (), False),
            ),
            article=law()["article"],
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        asked = Request(
            int(given["officer"]),
            given["kind"],
            given["ground"],
            given["facts"],
            given["brought_by"],
            given["brought_on"],
        )
        if asked.kind == "ordered":
            raise Invalid(errors={"kind": ["请在列出的提出方式中选择。"]})
        return recusals.enter(place.running, place.actor, "", asked, f"work.{self.name}").message
