"""The gates of law below every interface. Pure.

Each gate is a small class: the article it enforces, the Chinese message, and `check`, which looks at the
facts of one act and either returns None or what stands in the way. `GATES` is the one list; the service runs
all of them inside the transaction of every act, whatever door the act came through.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from app.diagrams.rules import Rules
from app.kernel.clock import legal_day

Evaluate = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], bool]
"""(condition tree, attributes, params) -> whether it holds."""


@dataclass(frozen=True, slots=True)
class Signer:
    """An officer who signs an act: the positions held and the kinds of certificate valid today."""

    officer_id: int
    name: str
    positions: frozenset[str]
    certificates: frozenset[str]


@dataclass(frozen=True, slots=True)
class ActFacts:
    """What the gates look at: one act on one task.

    `before` and `after` are the attributes (derived ones included) before the act and as they would be after
    it, `writes` the names the act itself sets; `data` is what was handed in, `reason` its opinion's text;
    `passed` are the legal steps passed and not voided, `held` the attributes as they were when certain steps
    were completed; `took_part` who signed each step so far.
    """

    rules: Rules
    node: str
    name: str
    step: str
    position: str
    officers: int
    certificate: str
    signers: tuple[Signer, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    passed: Mapping[str, datetime]
    took_part: Mapping[str, Set[int]]
    case_open: bool
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    writes: frozenset[str] = frozenset()
    held: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    moment: datetime | None = None
    """When the act happened in law, where its form says so (served on Monday, entered on Wednesday)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What stands in the way of an act: the gate, the article and what to do, in Chinese."""

    gate: str
    article: str
    message: str


class Gate(ABC):
    """A rule of law that every act must keep."""

    code: ClassVar[str]
    article: ClassVar[str]

    @abstractmethod
    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        """None when the act keeps the rule."""

    def refuse(self, message: str, article: str = "") -> Refusal:
        return Refusal(self.code, article or self.article, message)


class CaseIsOpen(Gate):
    """A finished case takes no further act (行政处罚法第四十七条: the file is closed)."""

    code = "case_closed"
    article = "《中华人民共和国行政处罚法》第四十七条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        return None if act.case_open else self.refuse("案件已经办结归档，不能再办理或补录。")


class PositionHeld(Gate):
    """Only a holder of the lane's position handles the task (S4-25: every internal step has its position)."""

    code = "position"
    article = "行政权力运行规范：内部流程按岗位办理（S4-25）"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        if all(act.position in signer.positions for signer in act.signers):
            return None
        return self.refuse(f"“{act.name}”只能由担任该岗位的人员办理。")


class CertifiedOfficers(Gate):
    """Two certified officers where the step asks for it; one with the certificate elsewhere it is named."""

    code = "certified_officers"
    article = "《中华人民共和国行政处罚法》第四十二条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        if act.officers < 1:
            return None
        able = {s.officer_id for s in act.signers if act.certificate in s.certificates}
        if len(able) >= act.officers:
            return None
        lacking = [s.name for s in act.signers if s.officer_id not in able]
        if lacking:
            return self.refuse(
                f"{'、'.join(lacking)}没有有效的证件，不能办理“{act.name}”。请先更新证件或更换人员。"
            )
        return self.refuse(f"“{act.name}”须由不少于 {act.officers} 名持有效证件的执法人员办理。")


class PersonsSeparated(Gate):
    """Investigator, legal reviewer, hearing host, decider and collector are different persons."""

    code = "separation"
    article = "《中华人民共和国行政处罚法》第五十八条、第六十四条、第六十七条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        mine = [g for g in act.rules.separation if matches(act.step, g.steps)]
        for group in mine:
            for other in act.rules.separation:
                if other.name == group.name or not (
                    other.name in group.excludes or group.name in other.excludes
                ):
                    continue
                for signer in act.signers:
                    if any(
                        matches(step, other.steps) and signer.officer_id in who
                        for step, who in act.took_part.items()
                    ):
                        return self.refuse(
                            f"{signer.name}参加过本案“{other.name}”，不能再办理“{group.name}”的“{act.name}”。"
                            "请由其他人员办理。",
                            group.article,
                        )
        return None


class StepsBefore(Gate):
    """No step before the steps and findings the law puts in front of it (notice, hearing, review)."""

    code = "step_before"
    article = "《中华人民共和国行政处罚法》"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for need in act.rules.needs:
            if not matches(act.step, need.before):
                continue
            if need.when and not evaluate(need.when, act.after, act.rules.params):
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


class NotHeavierThanNoticed(Gate):
    """A decision is not heavier than what the party was told (行政处罚法第四十五条第二款)."""

    code = "no_increase"
    article = "《中华人民共和国行政处罚法》第四十五条第二款"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for limit in act.rules.no_increase:
            if not matches(act.step, (limit.step,)):
                continue
            if limit.when and not evaluate(limit.when, act.after, act.rules.params):
                continue
            told = act.held.get(limit.than, {})
            if any(act.after[name] > told.get(name, 0) for name in limit.attributes):
                return self.refuse(limit.message, limit.article)
        return None


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


class AbnormalExplained(Gate):
    """A branch off the ordinary course states its reason (S2-19, S2-20)."""

    code = "reason"
    article = "行政执法异常情形须说明理由（S2-19、S2-20）"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for abnormal in act.rules.abnormal:
            here = not abnormal.steps or matches(act.step, abnormal.steps)
            turned = act.after.get(abnormal.attribute) == abnormal.value and abnormal.attribute in act.writes
            given = act.data.get(abnormal.reason) if abnormal.reason else act.reason
            text = given.get("text") if isinstance(given, Mapping) else given
            if here and turned and not str(text or "").strip():
                return self.refuse(abnormal.message, abnormal.article)
        return None


GATES: tuple[Gate, ...] = (
    CaseIsOpen(),
    PositionHeld(),
    CertifiedOfficers(),
    PersonsSeparated(),
    NothingAfterDecision(),
    StepsBefore(),
    MomentInOrder(),
    NotHeavierThanNoticed(),
    AbnormalExplained(),
)

PERSON_GATES: tuple[Gate, ...] = (CaseIsOpen(), PositionHeld(), PersonsSeparated())
"""What already decides whether a person may take a task at all."""


def matches(step: str, patterns: tuple[str, ...] | list[str]) -> bool:
    """Whether a step tag is one of `patterns`; `decide.*` stands for every tag below `decide`."""
    return any(step == p or (p.endswith(".*") and step.startswith(p[:-1])) for p in patterns)


def first_refusal(act: ActFacts, evaluate: Evaluate, gates: tuple[Gate, ...] = GATES) -> Refusal | None:
    """The first gate that stands in the way, or None."""
    for gate in gates:
        if refusal := gate.check(act, evaluate):
            return refusal
    return None


def advance_attributes(
    rules: Rules,
    step: str,
    before: Mapping[str, Any],
    writes: Mapping[str, Any],
    evaluate: Evaluate,
) -> dict[str, Any]:
    """The attributes after an act: the step's resets, then what its form writes, then the derived ones.

    What is sticky at this step is not unsaid by a later act of the same step: true stays true.

    Raises:
        KeyError: a form writes an attribute that the rule set does not declare.
    """
    after = dict(before)
    for name, value in (rules.resets.get(step) or {}).items():
        after[name] = value
    for name, value in writes.items():
        if name not in rules.attributes:
            raise KeyError(name)
        after[name] = value or (name in rules.sticky.get(step, ()) and before[name])
    for name, condition in rules.derived.items():
        after[name] = evaluate(condition, after, rules.params)
    return after


def passed_after(
    rules: Rules, passed: Mapping[str, datetime], moments: Mapping[str, datetime]
) -> dict[str, datetime]:
    """The legal steps passed after an act: new ones with their moments added in order, those that a step
    voids taken away first."""
    result = dict(passed)
    for step, at in moments.items():
        for voided in rules.voids.get(step, ()):
            for name in [n for n in result if matches(n, (voided,))]:
                del result[name]
        result[step] = at
    return result
