"""What a rule of law is: a small class with its article, its demand, and an example either way."""

from abc import ABC
from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar

from ..demands import Demand, Tags, matches
from ..findings import Finding, Severity, Step
from ..reader import Node
from ..subject import Subject

SCOPES: dict[str, str] = {
    "all": "所有流程",
    "penalty.ordinary": "行政处罚普通程序",
    "penalty.simple": "行政处罚简易程序",
    "compulsion.measure": "行政强制措施",
    "compulsion.freeze": "冻结存款、汇款",
    "compulsion.execute": "行政强制执行",
    "licence": "行政许可",
    "inspection": "行政检查",
    "confirmation": "行政确认",
    "payment": "行政给付（最低生活保障）",
    "adjudication": "行政裁决（土地权属争议）",
    "collection": "行政征收（水土保持补偿费）",
    "remedy": "行政复议、诉讼的应对和决定的纠正",
    "transfer": "案件移送",
    "reception": "移送案件的接收",
    "item.change": "权力事项动态调整",
    "supervision": "执法监督督办",
    "complaint": "投诉和咨询",
    "efile.review": "案卷评查",
}


class Rule(ABC):
    """A rule that every diagram of its scope must keep.

    A rule either states `demands` on the order of steps, which are decided over all states, or overrides
    `check` and looks at the diagram, the forms, the templates and the rule set; it may do both.

    Attributes:
        id: as in `compliance_rules.json`.
        name: Chinese, short.
        scope: a key of `SCOPES`; `licence` also covers `licence.renewal`.
        wherever: legal steps that bring a procedure under the rule although it has another scope: the law of
            seizing binds a seizure within a penalty case.
        severity: of a violation.
        cite: statutes and obligations.
        message: Chinese, of a violated demand: `{target}` is the name of the element reached.
        advice: Chinese: what the analyst does about it.
        guards: dotted names of what enforces the rule at run time: a gate's code (`gate:legal_review`), or a
            function (`app.cases.opening.open_case`). Empty only where nothing can go wrong at run time.
        static: whether the diagram decides it; else `guards` alone do.
        since, until: days between which the rule is in force; None: no bound.
        breaks, keeps: sketches (see `sketch`), one that violates it and one that does not.
        decided_by: the module of `verify` that decides it instead of demands and `check`; its findings carry ids
            of their own.
        open: Chinese: why nothing enforces it at run time yet; empty where `guards` do.
        unsure: a number in it was taken from memory, not from the original text.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    scope: ClassVar[str]
    wherever: ClassVar[Tags] = ()
    severity: ClassVar[Severity] = Severity.BLOCK
    cite: ClassVar[str]
    message: ClassVar[str] = ""
    advice: ClassVar[str] = ""
    guards: ClassVar[tuple[str, ...]] = ()
    static: ClassVar[bool] = True
    since: ClassVar[date | None] = None
    until: ClassVar[date | None] = None
    demands: ClassVar[tuple[Demand, ...]] = ()
    breaks: ClassVar[str] = ""
    keeps: ClassVar[str] = ""
    decided_by: ClassVar[str] = ""
    open: ClassVar[str] = ""
    unsure: ClassVar[bool] = False

    def check(self, subject: Subject) -> Iterable[Finding]:
        """What can be seen without walking through the states."""
        return ()

    def applies(self, subject: Subject, today: date | None = None) -> bool:
        """Whether the rule speaks of this procedure on this day."""
        steps = (subject.step(node) for node in subject.internal.nodes.values())
        return self.in_force(today) and self.covers(subject.scope, steps)

    def in_force(self, today: date | None) -> bool:
        """Whether the rule is law on a day; None: whatever the day."""
        return today is None or not (
            (self.since and today < self.since) or (self.until and today > self.until)
        )

    def covers(self, scope: str, steps: Iterable[str]) -> bool:
        """Whether the rule speaks of procedures of a scope that hold these legal steps."""
        if self.scope == "all" or scope == self.scope or scope.startswith(self.scope + "."):
            return True
        return bool(self.wherever) and any(matches(step, self.wherever) for step in steps)

    def finding(
        self,
        message: str = "",
        *elements: Node | str,
        diagram: str = "internal",
        trace: tuple[Step, ...] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule."""
        text = (message or self.message) + self.advice
        ids = tuple(e if isinstance(e, str) else e.id for e in elements)
        return Finding(self.id, severity or self.severity, text, self.cite, ids, diagram, trace)


def called(node: Node) -> str:
    """How a node is spoken of."""
    return node.name or node.id


def missing(rule: Rule, subject: Subject, *tags: str, what: str = "") -> Iterator[Finding]:
    """A finding for each legal step of `tags` that no node of the internal diagram takes."""
    for tag in tags:
        if not any(subject.nodes((tag,))):
            yield rule.finding(f"内部流程缺少“{what or tag}”环节（{tag}）。")
