"""Asking further signers for their opinion on a task (加签、会签)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.forms import service as forms
from app.kernel.errors import Invalid
from app.people import service as people

from .. import acts, rules, signing, work_items
from ..desk_models import Part, PartState
from ..models import SignRound
from ..sign_models import RoundKind, RoundRule, RoundState
from .base import DeskAct, Field, Kind, Offer, Option, Place
from .signing import barred, rounds

MOST = 20
KINDS = (
    Option(RoundKind.BEFORE, "先签", "会签人员先签署，形成结果后您再提交"),
    Option(RoundKind.PARALLEL, "同时签", "您可以同时办理、提交；会签同意后生效"),
    Option(RoundKind.AFTER, "后签", "您提交后会签人员看到全部内容；同意后生效，不同意的退回您修改"),
)
RULES = (
    Option(RoundRule.ALL, "全部同意", "每一名都同意"),
    Option(RoundRule.ANY, "一人同意", "任何一名同意即可"),
    Option(RoundRule.RATIO, "按比例同意", "达到下面填写的百分比"),
    Option(RoundRule.SEQUENCE, "依次同意", "按先后逐一签署，前一名同意后才轮到下一名"),
    Option(RoundRule.VOTE, "表决", "到会过半数同意，由您填写表决纪要"),
)


class AddSigners(DeskAct):
    """Ask others for an opinion of their own before the task is done."""

    name = "sign_add"
    label = "加签、会签"
    hint = "请本机关其他人员对这项任务签署意见"
    verb = "送会签"

    def shown(self, place: Place) -> bool:
        return place.mine and place.work.kind == "user"

    def offer(self, place: Place) -> Offer:
        return Offer(
            consequences=(
                "所选人员可以查看本案，并各自签署意见；您在提交前后都能看到他们的意见。",
                "没有自动同意：不签署就一直等待，可以减签或者撤销会签。期限照常计算。",
                *self._separated(place),
            ),
            fields=(
                Field("kind", "会签方式", Kind.CHOICE, options=KINDS),
                Field("rule", "同意的条件", Kind.CHOICE, options=RULES),
                Field(
                    "percent",
                    "同意的百分比",
                    Kind.NUMBER,
                    "选择“按比例同意”时填写，1 至 100。",
                    required=False,
                    most=100,
                ),
                Field("members", "会签人员", Kind.CHOICES, options=self._people(place), most=MOST),
                Field(
                    "order",
                    "签署的先后",
                    Kind.LINE,
                    "选择“依次同意”时，按先后写出姓名，用顿号分开；不填写的，按上面的排列。",
                    required=False,
                ),
                Field("note", "请会签的事项", hint="写明请对方就什么发表意见；会签人员都能看到。", most=1000),
            ),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        self._agreeing(place, given)
        work_items.live(place.running, place.work)
        work, running = place.work, place.running
        found = SignRound(
            case_id=work.case_id, work_item_id=work.id, agency_id=work.agency_id, kind=given["kind"],
            rule=given["rule"], percent=given["percent"] or None, by_id=place.officer_id, at=running.at,
            said={"note": given["note"], "proposal": self._entered(place)},
        )  # fmt: skip
        place.session.add(found)
        place.session.flush()
        chosen = self._ordered(place, given)
        for number, officer_id in enumerate(chosen, 1):
            place.session.add(
                signing.signer(found, officer_id, number if found.rule == RoundRule.SEQUENCE else 0)
            )
        place.session.flush()
        work.version += 1
        detail = {
            "node": work.node, "round": found.id, "kind": found.kind, "rule": found.rule, "with": chosen,
            "data": {"note": given["note"]},
        }  # fmt: skip
        acts.note(running, place.actor, f"work.{self.name}", detail, position=work.position_key)
        names = people.officers(place.session, set(chosen))
        return f"已送{'、'.join(names[o].name for o in chosen)}会签。"

    @staticmethod
    def _agreeing(place: Place, given: Mapping[str, Any]) -> None:
        errors: dict[str, list[str]] = {}
        if (given["rule"] == RoundRule.RATIO) != bool(given["percent"]):
            told = (
                "请填写同意的百分比。" if not given["percent"] else "只有“按比例同意”才填写百分比，请清空。"
            )
            errors["percent"] = [told]
        if given["rule"] in (RoundRule.VOTE, RoundRule.RATIO) and len(given["members"]) < 2:
            errors["members"] = ["按比例或者表决的会签，至少选择两名人员。"]
        if given["kind"] == RoundKind.AFTER and any(
            found.kind == RoundKind.AFTER for found in rounds(place, RoundState.OPEN)
        ):
            errors["kind"] = ["这项任务已有一轮后签。请先撤销，或者改用先签、同时签。"]
        if given["order"] and given["rule"] != RoundRule.SEQUENCE:
            errors["order"] = ["只有“依次同意”才填写先后，请清空。"]
        if errors:
            raise Invalid(errors=errors)

    @staticmethod
    def _ordered(place: Place, given: Mapping[str, Any]) -> list[int]:
        chosen = [int(one) for one in given["members"]]
        if not given["order"]:
            return chosen
        cards = people.officers(place.session, set(chosen))
        by_name = {cards[officer_id].name: officer_id for officer_id in chosen}
        named = [name for name in re.split(r"[、，,\s]+", given["order"]) if name]
        if sorted(named) != sorted(by_name) or len(by_name) != len(chosen):
            raise Invalid(errors={"order": [f"请按先后写出全部会签人员：{'、'.join(by_name)}。"]})
        return [by_name[name] for name in named]

    @staticmethod
    def _people(place: Place) -> Sequence[Option]:
        cards = people.officers_at(place.session, place.work.agency_id)
        kept_out = barred(place, [card.id for card in cards])
        positions = people.position_names(place.session)
        asked = {p.officer_id for p in place.parts if p.part == Part.SIGNER and p.state == PartState.OPEN}

        def why_not(officer_id: int) -> str:
            if officer_id == place.officer_id:
                return "您是承办人"
            if officer_id == place.work.cosigner_id:
                return "本任务的协办人员，以确认的方式负责"
            if officer_id in asked:
                return "已在会签人员中，尚未签署"
            refusal = kept_out.get(officer_id)
            return f"{refusal.message}（{refusal.article}）" if refusal else ""

        return [
            Option(
                str(card.id),
                card.name,
                "、".join(positions[key] for key in positions if key in card.positions),
                why_not(card.id),
            )
            for card in cards
        ]

    @staticmethod
    def _separated(place: Place) -> list[str]:
        declared = place.running.procedure.rules
        mine = [group for group in declared.separation if rules.matches(place.work.step, group.steps)]
        others = list(dict.fromkeys(name for group in mine for name in group.excludes))
        if not others:
            return []
        told = "”“".join(others)
        return [f"签署意见即参加本环节：签署人员此后不能办理本案的“{told}”（{mine[0].article}）。"]

    @staticmethod
    def _entered(place: Place) -> dict[str, Any]:
        draft = forms.load_draft(place.session, place.actor.account_id, f"work:{place.work.id}")
        return dict(draft or place.work.pending or {})


__all__ = ["AddSigners"]
