"""Tables of the register of documents. A number, once given, never leaves the register."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Enum, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..kernel.db import Base, identity
from ..kernel.sealed import SealedJson


class Status(StrEnum):
    """Whether a document stands."""

    ISSUED = "issued"
    VOID = "void"  # 作废: keeps its number and its row
    CORRECTED = "corrected"  # 已更正: another one says the same without the slip of the pen
    SUPERSEDED = "superseded"  # 已被替代: another one says what holds now


class DocumentSeries(Base):
    """The last serial number of one agency, type and year: the one row that makes numbers gapless.

    Unnumbered kinds of documents are counted under their code (`DC-06`) for the sake of identification codes.
    """

    __tablename__ = "document_series"

    agency_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type_char: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Document(Base):
    """One issued document. `data` holds the resolved blocks and meta from which every format is rendered.

    `replaces_id` names the document that this one corrects, supersedes or rectifies (补正, in its `relation`);
    `case_id` refers to `case` without a foreign key: documents stand below cases. `pdf_digest`, `docx_digest` and
    `ofd_digest` name files in the store and are empty until first rendered.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("agency_id", "type_char", "year", "seq"),
        CheckConstraint("status in ('issued', 'void', 'corrected', 'superseded')", name="status"),
        CheckConstraint("seq > 0", name="seq"),
        Index("ix_document_case", "case_id", "id"),
        Index("ix_document_register", "agency_id", "code", "year", "seq"),
        CheckConstraint("(replaces_id is null) = (relation = '')", name="relation"),
        Index("ix_document_replaces", "replaces_id", postgresql_where=text("replaces_id is not null")),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(BigInteger)
    agency_id: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str]
    code: Mapped[str]
    title: Mapped[str]
    type_char: Mapped[str]
    year: Mapped[int]
    seq: Mapped[int]
    number: Mapped[str | None]
    ident_code: Mapped[str] = mapped_column(unique=True)
    template_digest: Mapped[str]
    data: Mapped[dict] = mapped_column(SealedJson("document.data"), deferred=True)
    data_digest: Mapped[str]
    pdf_digest: Mapped[str | None]
    docx_digest: Mapped[str | None]
    ofd_digest: Mapped[str | None]
    status: Mapped[Status] = mapped_column(
        Enum(
            Status,
            native_enum=False,
            length=12,
            create_constraint=False,
            values_callable=lambda e: [s.value for s in e],
        ),
        default=Status.ISSUED,
    )
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    issued_by: Mapped[int | None] = mapped_column(BigInteger)
    work_item_id: Mapped[int | None] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(default="")
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[int | None] = mapped_column(BigInteger)
    void_reason: Mapped[str] = mapped_column(default="")
    """Why it does not stand any more, whether void or replaced."""
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    relation: Mapped[str] = mapped_column(default="", server_default="")
