"""Gates about order and time: what must have happened before, and how long one must have waited."""

from app.diagrams.rules import Proof
from app.kernel.clock import legal_day

from .base import ActFacts, Evaluate, Gate, Refusal, applies, matches, opponents, took_part_in


class CaseIsOpen(Gate):
    """A finished case takes no further act (行政处罚法第四十七条: the file is closed)."""

    code = "case_closed"
    article = "《中华人民共和国行政处罚法》第四十七条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        return None if act.case_open else self.refuse("案件已经办结归档，不能再办理或补录。")


class NothingAfterDecision(Gate):
    """After the decision nothing is added to the steps before it (S0-21, S2-28)."""

    code = "frozen"
    article = "行政执法全过程记录：决定后不得补录（S0-21、S2-28）"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        decided = [act.passed[s] for s in act.passed if matches(s, act.rules.freeze_after)]
        if not decided or act.step not in act.passed or matches(act.step, act.rules.freeze_after):
            return None
        if act.passed[act.step] < min(decided):
            return self.refuse(f"案件已经作出决定，不能再补录或改动决定之前的“{act.name}”。")
        return None


class ReviewInForce(Gate):
    """A major decision rests on an approving legal review in force: read from what the reviewer handed in,
    not from the case's state (行政处罚法第五十八条)."""

    code = "legal_review"
    article = "《中华人民共和国行政处罚法》第五十八条"

    def declared(self, act: ActFacts) -> tuple[Proof, ...]:
        return act.rules.reviews

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for proof in self.declared(act):
            if applies(act, evaluate, proof.before, proof.when) and (lacks := _lacks(act, proof)):
                return self.refuse(f"{proof.message}（{lacks}）请先办理“{proof.name}”。", proof.article)
        return None


class HearingHeld(ReviewInForce):
    """When the party asked for a hearing, it was held and reported before anything is reviewed or decided."""

    code = "hearing"
    article = "《中华人民共和国行政处罚法》第六十三条、第六十五条"

    def declared(self, act: ActFacts) -> tuple[Proof, ...]:
        return act.rules.hearings


def _lacks(act: ActFacts, proof: Proof) -> str:
    """What a proof in force still lacks, in Chinese; empty: nothing."""
    handed = act.handed.get(proof.step)
    if handed is None or proof.step not in act.passed:
        return f"没有有效的“{proof.name}”记录"
    if proof.passed and not (handed.wrote.get(proof.passed) and act.after.get(proof.passed)):
        return f"最近一次“{proof.name}”没有通过"
    newer = [s for s in proof.over if s in act.handed and act.handed[s].number > handed.number]
    if newer:
        return f"“{proof.name}”之后案件又有变动"
    if proof.certificate and not all(proof.certificate in s.certificates for s in handed.signers):
        return f"“{proof.name}”的办理人员没有相应的有效证件"
    for group in act.rules.separation:
        if matches(proof.step, group.steps):
            barred = {who for other in opponents(act.rules, group.name) for who in took_part_in(act, other)}
            if any(s.officer_id in barred for s in handed.signers):
                return f"“{proof.name}”的办理人员参加过本案其他环节"
    return ""


class StepsBefore(Gate):
    """No step before the steps and findings the law puts in front of it (notice, hearing, review)."""

    code = "step_before"
    article = "《中华人民共和国行政处罚法》第四十四条至第六十七条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for need in act.rules.needs:
            if not applies(act, evaluate, need.before, need.when):
                continue
            lacking = [s for s in need.steps if not any(matches(p, (s,)) for p in act.passed)]
            if lacking or not all(act.after.get(name) for name in need.attributes):
                return self.refuse(need.message, need.article)
        return None


class MomentInOrder(Gate):
    """What the law puts after a step did not happen on a day before it: periods run from the told moment."""

    code = "moment_order"
    article = "《中华人民共和国行政处罚法》第四十四条、第六十一条、第八十五条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        if act.moment is None:
            return None
        before = {s for need in act.rules.needs if matches(act.step, need.before) for s in need.steps}
        last = max((act.passed[s] for s in before if s in act.passed), default=None)
        if last is None or legal_day(act.moment) >= legal_day(last):
            return None
        return self.refuse(
            f"“{act.name}”填写的时间早于前一法定环节完成的{legal_day(last):%Y-%m-%d}，期限不能从那时起算。"
            "请核对后重新填写。"
        )


class PeriodOver(Gate):
    """The party had the time the law gives after being told, or has said that it needs no more of it."""

    code = "period"
    article = "《中华人民共和国行政处罚法》第四十五条、第六十四条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for period in act.rules.periods:
            if not applies(act, evaluate, period.before, period.when):
                continue
            if any(act.after.get(name) for name in period.ended_by):
                continue
            end = act.ends.get((period.after, period.limit))
            if end is None:
                return self.refuse(period.message, period.article)
            if act.at is not None and act.at < end:
                return self.refuse(
                    f"{period.message}期限到{legal_day(end):%Y-%m-%d}零时届满，请届满后再办理。",
                    period.article,
                )
        return None


class InTime(Gate):
    """What a party brings after its period is out of time; the moment of receipt counts, not that of entry."""

    code = "out_of_time"
    article = "《中华人民共和国行政处罚法》第六十四条第一项"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for bound in act.rules.in_time:
            if act.step != bound.step:
                continue
            end = act.ends.get((bound.after, bound.limit))
            if end is not None and act.moment is not None and act.moment >= end:
                return self.refuse(bound.message, bound.article)
        return None


class ClockOpen(Gate):
    """No act on a matter whose time stands still, or has run out where the law makes that a bar."""

    code = "clock"
    article = "《中华人民共和国行政处罚法》第六十条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for bar in act.rules.clock_bars:
            clock = act.clocks.get(bar.clock)
            if clock is None or not applies(act, evaluate, bar.before, bar.when):
                continue
            if clock.paused and bar.paused == "refuse":
                return self.refuse(
                    f"“{clock.name}”正在暂停计时，不能办理“{act.name}”。请先恢复计时。", bar.article
                )
            if clock.over and bar.expired == "refuse":
                return self.refuse(f"“{clock.name}”已经届满。{bar.message}", bar.article)
        return None


class RoundsCapped(Gate):
    """A step is not repeated more often than its rule set allows."""

    code = "rounds"
    article = "行政权力运行规范：退回次数有上限（S4-36）"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for cap in act.rules.rounds:
            if act.step == cap.step and act.rounds.get(cap.step, 0) >= cap.most:
                return self.refuse(cap.message, cap.article)
        return None
