"""What a step causes, in one table: event -> its in-transaction subscribers, in order.

The case writes its own rows (state, attributes, work items) before it publishes. The record opens its entry,
to gather the documents of the act; then numbers (their jobs render after the commit), clocks, what other rooms
are to be told, and then the record again, whose entry names them all. Only a lead handed over and an item applied
for come after it: the case they open is an act of its own, and both are noted.
Any of them may refuse; then nothing happened.
"""

from collections.abc import Sequence

from .archive.binding import keeping as binding
from .audit import service as audit
from .cases import deviations, referring, standards, work_items
from .deadlines import service as deadlines
from .documents import service as documents
from .items import service as items
from .kernel.events import (
    CaseNoted,
    CaseOpened,
    ClockMoved,
    ClockTurned,
    DocumentDemanded,
    DocumentIssued,
    StepCompleted,
    Subscriber,
)
from .operations import counting
from .orders import service as orders
from .review import service as review
from .studio import publish_acts as publication
from .supervision import service as supervision

FLOW: dict[type, Sequence[Subscriber]] = {
    CaseOpened: (
        counting.on_opened,
        audit.gather,
        documents.issue,
        deadlines.on_event,
        audit.on_opened,
    ),
    StepCompleted: (
        counting.on_step,
        audit.gather,
        standards.on_step,
        documents.issue,
        deadlines.on_event,
        deviations.on_step,
        supervision.on_step,
        review.on_step,
        publication.on_step,
        items.on_step,
        orders.on_step,
        binding.on_step,
        audit.on_step,
        referring.on_step,
        items.after_record,
    ),
    DocumentDemanded: (
        audit.gather,
        documents.issue_on_demand,
        audit.on_demanded,
    ),
    CaseNoted: (audit.on_noted,),
    DocumentIssued: (audit.on_document,),
    ClockTurned: (audit.on_clock_turned,),
    ClockMoved: (work_items.follow_clock, audit.on_clock_moved),
}

entries_of = audit.of_kinds
"""How the inbox reads why tasks came back (port)."""
done_by = audit.by_people
"""How the audit of accounts reads what officers did (port)."""
record_of = audit.of_case
"""How the API reads the record of a case (port)."""
