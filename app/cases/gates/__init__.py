"""The gates of law below every interface. Pure.

Each gate is a small class: the article it enforces, the Chinese message, and `check`, which looks at the
facts of one act and either returns None or what stands in the way. `GATES` is the one list; the service runs
all of them inside the transaction of every act, whatever door the act came through. `docs/gates.md` has a row
for each of them. There is no way around them: no parameter, role or setting leaves one out.
"""

from .base import (
    ActFacts,
    ClockFact,
    Evaluate,
    Exhibit,
    Exhibits,
    Gate,
    Handed,
    LawFact,
    Refusal,
    Signer,
    Sitting,
    matches,
)
from .content import (
    AbnormalExplained,
    DocumentsPresent,
    EvidenceAgrees,
    NotHeavierThanNoticed,
    OldOrLighter,
    WithinBand,
)
from .money import DayReckoned, DisputeOver, QuietHours, Settled, StatedRight
from .order import (
    CaseIsOpen,
    ClockOpen,
    HearingHeld,
    InTime,
    MomentInOrder,
    NothingAfterDecision,
    PeriodOver,
    ReviewInForce,
    RoundsCapped,
    StepsBefore,
)
from .persons import CertifiedOfficers, NamedSeparated, PersonsSeparated, PositionHeld, Recused
from .sitting import SittingAgrees

GATES: tuple[Gate, ...] = (
    CaseIsOpen(),
    Recused(),
    PositionHeld(),
    CertifiedOfficers(),
    PersonsSeparated(),
    NamedSeparated(),
    NothingAfterDecision(),
    ReviewInForce(),
    HearingHeld(),
    StepsBefore(),
    MomentInOrder(),
    PeriodOver(),
    InTime(),
    ClockOpen(),
    RoundsCapped(),
    DocumentsPresent(),
    EvidenceAgrees(),
    OldOrLighter(),
    NotHeavierThanNoticed(),
    WithinBand(),
    AbnormalExplained(),
    DayReckoned(),
    DisputeOver(),
    QuietHours(),
    Settled(),
    StatedRight(),
    SittingAgrees(),
)

PERSON_GATES: tuple[Gate, ...] = (CaseIsOpen(), Recused(), PositionHeld(), PersonsSeparated())
"""What already decides whether a person may take a task at all."""

STANDING_GATES: tuple[Gate, ...] = (ReviewInForce(), HearingHeld(), StepsBefore(), DocumentsPresent())
"""What must already hold where a case merely stands before a task, whoever acts next: asked of a migration."""


def first_refusal(act: ActFacts, evaluate: Evaluate, gates: tuple[Gate, ...] = GATES) -> Refusal | None:
    """The first gate that stands in the way, or None."""
    for gate in gates:
        if refusal := gate.check(act, evaluate):
            return refusal
    return None


def marks(act: ActFacts) -> tuple[str, ...]:
    """What does not stand in the way but must be seen: limits run out where the law makes it no bar."""
    return tuple(
        f"“{act.clocks[bar.clock].name}”已经超期，仍办理“{act.name}”。"
        for bar in act.rules.clock_bars
        if bar.expired == "mark"
        and matches(act.step, bar.before)
        and bar.clock in act.clocks
        and act.clocks[bar.clock].over
    )


__all__ = [
    "GATES", "PERSON_GATES", "STANDING_GATES", "ActFacts", "ClockFact", "Evaluate", "Exhibit", "Exhibits", "Gate", "Handed",
    "LawFact", "Refusal", "Signer", "Sitting", "first_refusal", "marks", "matches",
]  # fmt: skip
