"""What the proof says: findings with the way that leads to them, and the verdict over all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """What a finding means for publication."""

    BLOCK = "block"
    """May not be published."""
    WARN = "warn"
    """May be published; somebody should look at it."""
    UNPROVEN = "unproven"
    """Neither proven nor refuted; the run-time gate stands. Never counted as proven."""


@dataclass(frozen=True, slots=True)
class Step:
    """One element passed on the way of a counter-example, with the flow taken to leave it ("" at its end)
    and what the case's attributes became there, as far as the way depends on them."""

    element: str
    name: str = ""
    flow: str = ""
    set: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a diagram.

    Attributes:
        rule: id of the rule or class of fault (`P17`, `deadlock`, `R-missing` ...).
        severity: see `Severity`.
        message: Chinese, for an analyst; says what is wrong and what to do.
        cite: statute and article; empty for faults of form.
        elements: ids of the elements it is about, the main one first.
        diagram: `internal` or `external`.
        trace: a shortest way on which it happens; empty where it needs none.
        values: attribute values that make it happen.
    """

    rule: str
    severity: Severity
    message: str
    cite: str = ""
    elements: tuple[str, ...] = ()
    diagram: str = "internal"
    trace: tuple[Step, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def softened(self, why: str) -> "Finding":
        """The same finding as something that could not be decided."""
        return replace(self, severity=Severity.UNPROVEN, message=f"{self.message}（{why}）")


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stand in the way of publication."""
    return [finding for finding in findings if finding.severity is Severity.BLOCK]
