"""What a step causes, in one table: event -> its in-transaction subscribers, in order.

Numbers first (they need nothing else), then clocks, then the inbox, then the record that names them all,
then the jobs that do slow work after the commit. Any of them may refuse; then nothing happened.
"""

from collections.abc import Sequence

from .kernel.events import (
    CaseNoted,
    CaseOpened,
    ClockMoved,
    ClockTurned,
    DocumentIssued,
    StepCompleted,
    Subscriber,
)

FLOW: dict[type, Sequence[Subscriber]] = {
    CaseOpened: (),
    StepCompleted: (),
    CaseNoted: (),
    DocumentIssued: (),
    ClockTurned: (),
    ClockMoved: (),
}
