"""The case, its tasks, and what was handed in at each of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    DDL,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    event,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson
from app.kernel.seldom import SeldomIds

from .change_models import ChangeState, DocumentChange
from .desk_models import UNREAD, Involvement, Part, PartState, TextDigests, Urging
from .deviation_models import Deviation, DeviationState
from .evidence_models import Evidence, EvidenceState
from .hands_models import Allocation, AllocationRule, Way
from .link_models import CaseLink
from .moving_models import BatchStatus, Move, MoveBatch, MoveStatus
from .recusal_models import Recusal, RecusalState
from .sight_models import SightSnapshot
from .sign_models import SignRound
from .standard_models import CaseStandard
from .switch_models import AgencySwitch
from .threshold_models import AgencyThreshold
from .trail_models import TokenStep

__all__ = ["INDEXED", "UNREAD", "AgencySwitch", "AgencyThreshold", "Allocation", "AllocationRule", "BatchStatus", "Case",
           "CaseLink", "CaseStandard", "CaseStatus", "ChangeState", "Deviation", "DeviationState", "DocumentChange",
           "Done", "Evidence", "EvidenceState", "Handler", "Involvement", "Move", "MoveBatch", "MoveStatus", "Part",
           "PartState", "Recusal", "RecusalState", "SightSnapshot", "SignRound", "Submission", "TextDigests", "TokenStep",
           "Urging", "Way", "WorkItem", "WorkStatus"]  # fmt: skip


class CaseStatus(StrEnum):
    """Whether a case still runs."""

    OPEN = "open"
    CLOSED = "closed"


class WorkStatus(StrEnum):
    """Whether a task still waits for somebody."""

    OPEN = "open"
    COSIGN = "cosign"  # handed in by one officer, waits for the second one's confirmation
    SIGNING = "signing"  # handed in, takes effect when further signers have agreed (`signing`)
    DONE = "done"
    CANCELLED = "cancelled"
    LATE = "late"  # its period is over; what came in time may still be entered until the next step is done


INDEXED = "array_append(search, '@@'::text || agency_id::text)"
"""What the index of words holds of a case: the pairs of characters, and the agency as one more word, which no
pair can be (`seeking.indexed`)."""


class Case(Base):
    """One run of a procedure (案件/办件).

    `state` is the engine's own compact form; `attributes` the declared routing attributes and the derived
    ones as of the last act; `passed` the legal steps passed and not voided, with the moment of each.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("no"),
        Index("ix_case_agency_open", "agency_id", "id"),
        Index("ix_case_opened_by", "opened_by", "id"),
        Index("ix_case_item", "agency_id", "item_id", "id"),
        # the running cases of a version (`moving`)
        Index("ix_case_running", "procedure_id", "agency_id", "id", postgresql_where=text("status = 'open'")),
        Index("ix_case_next_due", "next_due", "id", postgresql_where=text("next_due is not null")),
        Index("ix_case_search", text(INDEXED), postgresql_using="gin"),
        Index("ix_case_party_keys", "party_keys", postgresql_using="gin"),
    )

    id: Mapped[int] = identity()
    no: Mapped[str]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    region_code: Mapped[str]
    item_id: Mapped[int] = mapped_column(ForeignKey("power_item.id"))
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id"))
    title: Mapped[str]
    cause: Mapped[str] = mapped_column(default="")
    party: Mapped[dict] = mapped_column(SealedJson("case.party"), default=dict)
    state: Mapped[bytes] = mapped_column(BYTEA)
    attributes: Mapped[dict] = mapped_column(JSONB)
    passed: Mapped[dict] = mapped_column(JSONB, default=dict)
    held: Mapped[dict] = mapped_column(JSONB, default=dict)
    """Attributes as they were when certain steps were completed: what the party was told, for example."""
    monitor: Mapped[str | None] = mapped_column(Text)
    """The demands of law that are met and those that are not (`monitoring`); None: not kept yet."""
    status: Mapped[str] = mapped_column(default=CaseStatus.OPEN)
    late: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    """What the firing of a timer replaced, as long as nothing else was done since (see `late`)."""
    next_due: Mapped[datetime | None]
    """The earliest moment at which a timer of the procedure fires."""
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    closed_at: Mapped[datetime | None]
    record_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    """The number of the newest entry of the case's record, and its digest: the head of the chain."""
    record_digest: Mapped[bytes] = mapped_column(BYTEA, default=b"", server_default=text("''::bytea"))
    seal: Mapped[bytes] = mapped_column(BYTEA, default=b"", server_default=text("''::bytea"))
    """Says that the platform left the row as it is (`seals`)."""
    search: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """Every pair of neighbouring characters of number, title and party: Chinese search without extensions."""
    party_keys: Mapped[list[bytes]] = mapped_column(ARRAY(BYTEA), default=list, server_default="{}")
    """Keyed digests of the identity numbers named in the case (`app.kernel.searchable`): it is found by them."""


event.listen(
    Case.__table__,
    "after_create",
    DDL(
        'alter table "case" set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, toast_tuple_target = 2688);'
        'alter table "case" alter column state set storage external'
    ),
)
"""The state is rewritten at every step: leave room on the page, and never try to compress it. With a target of 2,688
bytes, a quarter more than usual, it stays in the row of nearly every case (two to a page as ever): outside it would cost
each step another table and its index, to read and to write."""


class Handler(Base):
    """A case's handlers (承办人): the lead one and the second one."""

    __tablename__ = "case_handler"
    __table_args__ = (Index("ix_case_handler_officer", "officer_id", "case_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    role: Mapped[str]


DUE = "COALESCE(due_at, '9999-01-01 00:00:00+00'::timestamp with time zone)"
"""By what open tasks are ordered: those without a limit come last."""


class WorkItem(Base):
    """One task in somebody's inbox, or an event that may be registered (`kind` message)."""

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("case_id", "task_id"),
        # the boxes of the inbox, each in its order (`app.inbox.queries`)
        Index(
            "ix_work_item_mine",
            "assignee_id",
            text(DUE),
            "id",
            postgresql_where=text("kind = 'user' and status = 'open'"),
            postgresql_include=["agency_id", "position_key", "case_id"],
        ),
        Index(
            "ix_work_item_cosign",
            "cosigner_id",
            text(DUE),
            "id",
            postgresql_where=text("kind = 'user' and status = 'cosign'"),
        ),
        Index(
            "ix_work_item_pool",
            "agency_id",
            "position_key",
            text(DUE),
            "id",
            postgresql_where=text("kind = 'user' and status = 'open' and assignee_id is null"),
        ),
        Index(
            "ix_work_item_agency",
            "agency_id",
            text(DUE),
            "id",
            postgresql_where=text("kind = 'user' and status in ('open', 'cosign')"),
        ),
        # few: what was handed in and waits for further signers (`lapses`)
        Index("ix_work_item_signing", "assignee_id", "id", postgresql_where=text("status = 'signing'")),
        Index("ix_work_item_done", "done_by", "done_at", "id", postgresql_where=text("status = 'done'")),
        # the cases a person may see (`finding`); those of one case are found by the unique key
        Index("ix_work_item_touched", "agency_id", "position_key", "case_id"),
        Index("ix_work_item_done_case", "done_by", "case_id", postgresql_where=text("status = 'done'")),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    task_id: Mapped[str]
    node: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    step: Mapped[str]
    form: Mapped[str]
    position_key: Mapped[str]
    officers: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How many certified officers must sign; 0 and 1 need no second one."""
    status: Mapped[str] = mapped_column(default=WorkStatus.OPEN)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    cosigner_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    pending: Mapped[dict | None] = mapped_column(SealedJson("work_item.pending"))
    """What the first officer handed in, while the second one's confirmation is awaited."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    """When somebody took it; empty where it came to a person by itself."""
    for_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """For whom a substitute took it (`substituting`)."""
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))


event.listen(
    WorkItem.__table__,
    "after_create",
    DDL("alter table work_item set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)"),
)


def _of_task(column: Any, work_item_id: Any) -> Any:
    """What a submission's task says of itself: a task that is done never changes."""
    chosen = select(column).where(WorkItem.id == work_item_id).correlate_except(WorkItem)
    return column_property(chosen.scalar_subquery())


class Submission(Base):
    """What was handed in at a task: never changed afterwards, a correction is a new submission."""

    __tablename__ = "submission"
    __table_args__ = (Index("ix_submission_case", "case_id", "id"),)

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    data: Mapped[dict] = mapped_column(SealedJson("submission.data"))
    opinion_field: Mapped[str] = mapped_column(default="", server_default="")
    """The field of the data that holds the opinion; empty where the form asks for none."""
    with_ids: Mapped[list[int]] = mapped_column(SeldomIds, nullable=True)
    void_at: Mapped[datetime | None]
    """Since when it does not count any more: its task was returned or withdrawn."""
    for_ids: Mapped[list[int]] = mapped_column(SeldomIds, nullable=True)
    """Who signed for whom as a substitute: pairs of the signer and the absent officer."""

    node: Mapped[str] = _of_task(WorkItem.node, work_item_id)
    name: Mapped[str] = _of_task(WorkItem.name, work_item_id)
    step: Mapped[str] = _of_task(WorkItem.step, work_item_id)
    form: Mapped[str] = _of_task(WorkItem.form, work_item_id)
    at: Mapped[datetime] = _of_task(WorkItem.done_at, work_item_id)
    by_id: Mapped[int] = _of_task(WorkItem.done_by, work_item_id)

    def stood_for(self, officer_id: int) -> list[int]:
        """For whom one of the signers acted."""
        pairs = zip(self.for_ids[::2], self.for_ids[1::2], strict=True)
        return [absent for who, absent in pairs if who == officer_id]

    @property
    def opinion(self) -> dict | None:
        """The opinion given (stance, text), if the form asks for one."""
        return self.data.get(self.opinion_field) or None


class Done(Base):
    """The answer to an act already carried out, by its idempotency key: a repeated request gets it again."""

    __tablename__ = "act_done"

    key: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    case_id: Mapped[int]
    result: Mapped[dict] = mapped_column(JSONB)
    at: Mapped[datetime]
