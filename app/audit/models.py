"""The record: one row for every act on a case, in order, chained, never changed."""

from datetime import datetime

from sqlalchemy import DDL, BigInteger, Identity, Index, Integer, event
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class RecordEntry(Base):
    """One entry. `seq` counts within the case without gaps: the case row is locked while it is written.

    Its line (see `lines`) is these columns together with what `packed` holds; `digest` covers the line and the
    digest of the entry before, so that no column can change unnoticed. `id` is the order of writing over all
    cases: the anchors find the newly written by it.
    """

    __tablename__ = "record_entry"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    case_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    """The officer; empty for the platform itself."""
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    digest: Mapped[bytes] = mapped_column(BYTEA)
    packed: Mapped[bytes] = mapped_column(BYTEA)

    __table_args__ = (
        Index("ix_record_entry_id", "id", postgresql_using="brin"),
        Index("ix_record_entry_at", "at", postgresql_using="brin"),
    )


REFUSES = """
create or replace function record_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
        using errcode = 'insufficient_privilege';
end $$
"""
"""The record is written once. Whoever wants to correct it adds an entry."""

GUARD = (
    "create trigger append_only before update or delete or truncate on {table}"
    " for each statement execute function record_is_append_only()"
)

event.listen(RecordEntry.__table__, "before_create", DDL(REFUSES.replace("%", "%%")))
event.listen(RecordEntry.__table__, "after_create", DDL(GUARD.format(table="record_entry")))
event.listen(
    RecordEntry.__table__,
    "after_create",
    DDL("alter table record_entry alter column packed set storage external"),
)
"""Packed already: trying to compress it once more only costs time."""


class RecordAnchor(Base):
    """One anchor over all chains: `line` says which (root over the heads of the cases that changed, the anchor
    before), `mac` is its HMAC with a key that is not in the database."""

    __tablename__ = "record_anchor"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    line: Mapped[str]
    mac: Mapped[bytes] = mapped_column(BYTEA)


class RecordLeaves(Base):
    """The heads one anchor covers, in order of the cases, packed 44 bytes each, a few hundred to a row."""

    __tablename__ = "record_leaves"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_case: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_case: Mapped[int]
    packed: Mapped[bytes] = mapped_column(BYTEA)


for guarded in (RecordAnchor, RecordLeaves):
    name = guarded.__tablename__
    event.listen(guarded.__table__, "before_create", DDL(REFUSES.replace("%", "%%")))
    event.listen(guarded.__table__, "after_create", DDL(GUARD.format(table=name)))
