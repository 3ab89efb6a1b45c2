"""Further signers of a task (会签、加签、减签): asking them, their answers, ending a round. See `cases.signing`.

An act that settles the last open round of a task that was handed in completes it: then the record holds its step, and
the act itself as `sign.completed`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.kernel.errors import Conflict, Invalid, Refused
from app.people import service as people

from .. import acts, rules, sign_rules, signing, stepping, work_items
from ..answers import ActResult
from ..desk_models import Involvement, Part, PartState
from ..gates import PositionHeld
from ..locking import Running
from ..models import SignRound, WorkItem, WorkStatus
from ..sign_models import RoundKind, RoundRule, RoundState
from .base import DeskAct, Field, Kind, Offer, Option, Place

HANDED_IN = frozenset({WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.SIGNING})
OPINION = Field(
    "opinion",
    "意见",
    hint="同意的可以不填；不同意、修改后同意或者弃权的，请写明理由。",
    required=False,
    most=2000,
)
MINUTES = Field(
    "minutes",
    "表决纪要",
    hint="写明到会人员、讨论情况和表决结果；采用表决的会签必须填写。",
    required=False,
    most=4000,
)
GATES = tuple(gate for gate in rules.PERSON_GATES if not isinstance(gate, PositionHeld))
"""What keeps a person from influencing a task. Signers need not hold its position: they are asked from elsewhere."""


def barred(place: Place, officer_ids: Sequence[int]) -> dict[int, rules.Refusal]:
    """Those of the officers whom the law keeps out of this task, with the reason."""
    return barred_from(place.running, place.work, officer_ids)


def barred_from(running: Running, work: WorkItem, officer_ids: Iterable[int]) -> dict[int, rules.Refusal]:
    """Those of the officers whom the law keeps out of a task, with the reason: whatever position they hold."""
    found = {}
    for officer_id in officer_ids:
        me = stepping.signer(running.session, officer_id, running.at)
        facts = stepping.facts_of(running, work, [me], running.case.attributes)
        if refusal := rules.first_refusal(facts, stepping.evaluate, GATES):
            found[officer_id] = refusal
    return found


def described(place: Place, found: SignRound) -> str:
    """A round in a line: 后签，全部同意（甲、乙）."""
    members = [p for p in place.parts if p.round_id == found.id]
    names = people.officers(place.session, {p.officer_id for p in members})
    told = "、".join(names[p.officer_id].name for p in members)
    return f"{signing.KINDS[RoundKind(found.kind)]}，{signing.rule_words(found)}（{told}）"


def rounds(place: Place, *states: RoundState) -> list[SignRound]:
    """The rounds of the task in these states."""
    return [found for found in place.running.sign_rounds or () if found.state in states]


def chosen_round(place: Place, given: Mapping[str, Any], among: Sequence[SignRound]) -> SignRound:
    """The round an act is about: the only one there is, or the one that was chosen; attached and writable."""
    wanted = int(given["round"]) if given.get("round") else among[0].id
    return place.session.get_one(SignRound, wanted)


def which(place: Place, among: Sequence[SignRound]) -> list[Field]:
    """The question for the round, where there are several."""
    if len(among) < 2:
        return []
    return [
        Field("round", "会签", Kind.CHOICE, options=[Option(str(f.id), described(place, f)) for f in among])
    ]


def took_effect(place: Place, detail: dict[str, Any], kind: str) -> ActResult | None:
    """Let a settled round work on the task, and record the act."""
    result = acts.after_signing(place.running, place.work, place.actor)
    completed = result is not None and result.outcome == "done"
    acts.note(
        place.running,
        place.actor,
        "sign.completed" if completed else kind,
        {"node": place.work.node, **detail},
    )
    return result


class Answer(DeskAct):
    """The opinion of a signer."""

    name = "sign_answer"
    label = "签署会签意见"
    hint = "写明您对这项任务的意见"
    verb = "签署意见"
    statuses = HANDED_IN

    def shown(self, place: Place) -> bool:
        return self._mine(place) is not None

    def offer(self, place: Place) -> Offer:
        mine = self._mine(place)
        if mine is None:
            return Offer(why_not="现在没有等待您签署的意见。")
        if refusal := barred(place, [place.officer_id]).get(place.officer_id):
            return Offer(why_not=f"{refusal.message}请承办人减签。", article=refusal.article)
        options = [Option(value, label) for value, label in sign_rules.STANCES.items()]
        return Offer(consequences=self._consequences(place, mine), fields=(
            Field("stance", "您的意见", Kind.CHOICE, options=options), OPINION))  # fmt: skip

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        mine = self._mine(place)
        if mine is None or mine.round_id is None:
            raise Conflict(acts.MOVED_ON, code="moved_on")
        if given["stance"] != sign_rules.AGREE and not given["opinion"]:
            raise Invalid(errors={"opinion": ["不同意、修改后同意或者弃权的，请写明理由。"]})
        work_items.live(place.running, place.work)
        found = place.session.get_one(SignRound, mine.round_id, populate_existing=True)
        mine.stance, mine.state = given["stance"], PartState.DONE
        mine.said = {**(mine.said or {}), "opinion": given["opinion"]}
        mine.answered_at = place.running.at
        place.session.flush()
        outcome = signing.settle(place.running, found)
        detail = {"round": found.id, "stance": given["stance"], "data": {"opinion": given["opinion"]}}
        if outcome is not None:
            detail["outcome"] = outcome
        result = took_effect(place, detail, f"work.{self.name}")
        return f"您的意见已签署。{result.message if result else ''}"

    @staticmethod
    def _mine(place: Place) -> Involvement | None:
        if place.mine:  # who was given the task meanwhile hands it in, and does not sign it besides
            return None
        return signing.turn_of(place.work, place.running.sign_rounds or (), place.parts, place.officer_id)

    @staticmethod
    def _consequences(place: Place, mine: Involvement) -> list[str]:
        found = next(f for f in place.running.sign_rounds or () if f.id == mine.round_id)
        told = [
            "意见签署后不能修改，写入案件记录。",
            "您将作为参加本环节的人员，依法应当回避的其他环节不能再由您办理。",
        ]
        if place.work.status == WorkStatus.SIGNING:
            told.append("最后一人同意后，这项任务即时生效；会签没有达成同意的，退回承办人修改。")
        elif found.kind == RoundKind.BEFORE:
            told.append("会签形成结果后，由承办人提交。")
        if found.rule == RoundRule.VOTE:
            told.append("表决结果由承办人按纪要确定。")
        return told


class Remove(DeskAct):
    """Take a signer who has not answered out of a round (减签)."""

    name = "sign_remove"
    label = "减签"
    hint = "不再需要某位尚未签署的会签人员"
    verb = "减签"
    statuses = HANDED_IN

    def shown(self, place: Place) -> bool:
        return place.mine and any(self._open(place))

    def offer(self, place: Place) -> Offer:
        waiting = self._open(place)
        names = people.officers(place.session, {p.officer_id for p in waiting})
        options = [Option(str(p.id), names[p.officer_id].name, why_not=self._last(place, p)) for p in waiting]
        return Offer(
            consequences=(
                "该人员不再签署意见，也不再看到这项任务；其他人员的意见继续有效，并按剩余人员确定结果。",
            ),
            fields=(
                Field("member", "减去的会签人员", Kind.CHOICE, options=options),
                Field("reason", "理由", hint="写入案件记录，相关人员都能看到。"),
            ),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        member = next(p for p in self._open(place) if p.id == int(given["member"]))
        work_items.live(place.running, place.work)
        member.state = PartState.REMOVED
        member.said = {**(member.said or {}), "removed": given["reason"]}
        place.session.flush()
        found = place.session.get_one(SignRound, member.round_id, populate_existing=True)
        outcome = signing.settle(place.running, found)
        detail: dict[str, Any] = {"round": found.id, "with": [member.officer_id], "reason": given["reason"]}
        if outcome is not None:
            detail["outcome"] = outcome
        result = took_effect(place, detail, f"work.{self.name}")
        return f"已减签。{result.message if result else ''}"

    @staticmethod
    def _open(place: Place) -> list[Involvement]:
        unsettled = {found.id for found in rounds(place, RoundState.OPEN)}
        return [
            p
            for p in place.parts
            if p.part == Part.SIGNER and p.state == PartState.OPEN and p.round_id in unsettled
        ]

    @staticmethod
    def _last(place: Place, part: Involvement) -> str:
        alone = sum(p.round_id == part.round_id for p in place.parts) < 2
        return "会签至少保留一人；不再需要会签的，请撤销会签" if alone else ""


class Close(DeskAct):
    """End a round that is settled, or a vote with its minutes."""

    name = "sign_close"
    label = "结束会签"
    hint = "会签已有结果，或者表决完毕、填写纪要"
    verb = "结束会签"
    statuses = HANDED_IN

    def shown(self, place: Place) -> bool:
        return place.mine and any(self._ripe(place))

    def offer(self, place: Place) -> Offer:
        ripe = self._ripe(place)
        vote = any(found.rule == RoundRule.VOTE for found in ripe)
        told = ["尚未签署的人员不再签署。"]
        if vote:
            told.append(
                "表决按到会（已经签署意见）的人员计算：到会须超过全体的一半，同意超过到会的一半为通过；弃权计入到会。"
            )
        return Offer(consequences=told, fields=(*which(place, ripe), *((MINUTES,) if vote else ())))

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        found = chosen_round(place, given, self._ripe(place))
        members = [p for p in place.parts if p.round_id == found.id]
        answered = [p for p in members if p.state == PartState.DONE]
        detail: dict[str, Any] = {"round": found.id}
        if found.state == RoundState.OPEN:
            if not given.get("minutes"):
                raise Invalid(errors={"minutes": ["请填写表决纪要。"]})
            outcome = sign_rules.counted([p.stance for p in answered], len(members), sign_rules.vote_rule())
            if outcome is None:
                raise Refused(
                    f"会签人员共 {len(members)} 名，只有 {len(answered)} 名到会签署，没有超过一半，不能形成表决结果。",
                    code="quorum",
                )
            found.said = {**(found.said or {}), "minutes": given["minutes"]}
            detail |= {"outcome": outcome, "data": {"minutes": given["minutes"]}}
            signing.decide(place.running, found, outcome)
        for member in members:
            if member.state == PartState.OPEN:
                member.state = PartState.REMOVED
        place.session.flush()
        result = took_effect(place, detail, f"work.{self.name}")
        word = "通过" if found.state == RoundState.AGREED else "没有通过"
        return f"会签已结束，结果：{word}。{result.message if result else ''}"

    @staticmethod
    def _ripe(place: Place) -> list[SignRound]:
        waiting = {p.round_id for p in place.parts if p.state == PartState.OPEN}
        votes = [
            found
            for found in rounds(place, RoundState.OPEN)
            if found.rule == RoundRule.VOTE
            and (found.kind != RoundKind.AFTER or place.work.status == WorkStatus.SIGNING)
            and any(p.round_id == found.id and p.state == PartState.DONE for p in place.parts)
        ]
        settled = [f for f in rounds(place, RoundState.AGREED, RoundState.FAILED) if f.id in waiting]
        return votes + settled


class Cancel(DeskAct):
    """Call a round off before it is settled."""

    name = "sign_cancel"
    label = "撤销会签"
    hint = "不再征求会签意见"
    verb = "撤销会签"
    statuses = HANDED_IN

    def shown(self, place: Place) -> bool:
        return place.mine and bool(rounds(place, RoundState.OPEN))

    def offer(self, place: Place) -> Offer:
        told = ["尚未签署的人员不再签署；已经签署的意见保留在案件记录中。"]
        if place.work.status == WorkStatus.SIGNING:
            told.append("已提交的内容退回您处，保留原来的填写，须重新提交才能生效。")
        return Offer(
            consequences=told,
            fields=(
                *which(place, rounds(place, RoundState.OPEN)),
                Field("reason", "理由", hint="写入案件记录，相关人员都能看到。"),
            ),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        found = chosen_round(place, given, rounds(place, RoundState.OPEN))
        work_items.live(place.running, place.work)
        signing.cancel(place.running, found, given["reason"])
        if place.work.status == WorkStatus.SIGNING:
            acts.give_back(place.running, place.work)
        else:
            place.work.version += 1
        detail = {"node": place.work.node, "round": found.id, "reason": given["reason"]}
        acts.note(place.running, place.actor, f"work.{self.name}", detail)
        return "会签已撤销。"


class Explain(DeskAct):
    """Write why the opinion of a failed round is not followed, for forms that ask for no opinion."""

    name = "sign_explain"
    label = "说明不采纳会签意见的理由"
    hint = "会签没有达成同意，仍要提交时须先说明"
    verb = "写明理由"

    def shown(self, place: Place) -> bool:
        return place.mine and bool(self._failed(place))

    def offer(self, place: Place) -> Offer:
        return Offer(
            consequences=("理由写入案件记录，与会签意见一并归档；说明以后可以提交。",),
            fields=(*which(place, self._failed(place)), Field("text", "不采纳的理由", most=2000)),
        )

    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        found = chosen_round(place, given, self._failed(place))
        found.said = {**(found.said or {}), "explained": given["text"]}
        found.dealt = True
        place.work.version += 1
        detail = {"node": place.work.node, "round": found.id, "data": {"text": given["text"]}}
        acts.note(place.running, place.actor, f"work.{self.name}", detail)
        return "理由已写明。"

    @staticmethod
    def _failed(place: Place) -> list[SignRound]:
        return [found for found in rounds(place, RoundState.FAILED) if not found.dealt]
