"""Tables of the legal basis: statutes with their versions and articles, what changes them, who cites them, and the work
that a change makes."""

from datetime import date, datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity

TEXT_PAIRS = """
create or replace function text_pairs(words text) returns text[] language sql immutable parallel safe cost 10000 as $$
    select coalesce(array_agg(distinct pair), '{}') from (
        select letter || lead(letter) over (order by place) as pair
        from unnest(string_to_array(lower(regexp_replace(words, '\\s+', '', 'g')), null)) with ordinality u(letter, place)
    ) as pairs where pair is not null
$$
"""
"""Every pair of neighbouring characters: what a Chinese text is found by without an extension."""


class Law(Base):
    """A statute (法律、法规、规章). `key` is its name without that of the state; `level` as told by its file, or empty."""

    __tablename__ = "law"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str] = mapped_column(default="", server_default="")


class LawVersion(Base):
    """One text of a statute: when it was adopted, from when it is in force. When it ends follows from the next one and
    from what changes the statute (`validity`)."""

    __tablename__ = "law_version"
    __table_args__ = (
        UniqueConstraint("law_key", "adopted_on", postgresql_nulls_not_distinct=True),
        CheckConstraint("dated in ('stated', 'adopted', 'unknown')", name="dated"),
    )

    id: Mapped[int] = identity()
    law_key: Mapped[str] = mapped_column(ForeignKey("law.key"))
    adopted_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    dated: Mapped[str]
    """How `effective_on` is known: the text says it, it was adopted that day and nothing else is said, or not at all."""
    doc_no: Mapped[str] = mapped_column(default="", server_default="")
    source: Mapped[str] = mapped_column(default="", server_default="")
    loaded_at: Mapped[datetime]


class LawArticle(Base):
    """The text of one article of a version, taken in by the installation (`script/xq law load`). Its paragraphs, items
    and sub-items are its lines (`provisions`)."""

    __tablename__ = "law_article"
    __table_args__ = (
        Index("ix_law_article_law", "law_key", "article"),
        Index("ix_law_article_words", text("text_pairs(body::text)"), postgresql_using="gin"),
    )

    version_id: Mapped[int] = mapped_column(
        ForeignKey("law_version.id", ondelete="CASCADE"), primary_key=True
    )
    article: Mapped[str] = mapped_column(primary_key=True)
    """`54`; `36-1` is 第三十六条之一."""
    law_key: Mapped[str]
    body: Mapped[str]
    source: Mapped[str]
    loaded_at: Mapped[datetime]


event.listen(LawArticle.__table__, "before_create", DDL(TEXT_PAIRS))


class LawChange(Base):
    """A repeal or an amendment of a statute from a day on. `articles`: those that an amendment concerns, none: all."""

    __tablename__ = "law_change"
    __table_args__ = (
        UniqueConstraint("law_key", "kind", "on_date"),
        CheckConstraint("kind in ('repealed', 'amended')", name="kind"),
    )

    id: Mapped[int] = identity()
    law_key: Mapped[str]
    """Also of a statute whose text nobody has taken in."""
    law: Mapped[str]
    kind: Mapped[str]
    on_date: Mapped[date]
    by_law: Mapped[str]
    basis: Mapped[str]
    articles: Mapped[list] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    source: Mapped[str]
    order_no: Mapped[str] = mapped_column(default="", server_default="")
    """The change order that was confirmed, with its case; empty: recorded by the installation (`script/xq law`)."""
    recorded_at: Mapped[datetime]


class CitingText(Base):
    """Something that cites statutes (an item, a baseline, a procedure, a document template), as it was when its
    citations were taken down: `digest` is its text's. The index may lag behind; whoever asks reads anew what has
    changed since (`citing`)."""

    __tablename__ = "citing_text"
    __table_args__ = (UniqueConstraint("kind", "ref"),)

    id: Mapped[int] = identity()
    kind: Mapped[str]
    ref: Mapped[str]
    agency_id: Mapped[int | None]
    label: Mapped[str]
    digest: Mapped[str]


class Citation(Base):
    """One article that a text cites; without `article` the statute as a whole."""

    __tablename__ = "citation"
    __table_args__ = (Index("ix_citation_law", "law_key", "article", "citing_id"),)

    id: Mapped[int] = identity()
    citing_id: Mapped[int] = mapped_column(ForeignKey("citing_text.id", ondelete="CASCADE"), index=True)
    law_key: Mapped[str]
    article: Mapped[str]
    cited: Mapped[str]
    """As it is written there."""


class LawTask(Base):
    """The work that a change of law makes for one item: its agency draws the item up anew, or says why it need not."""

    __tablename__ = "law_task"
    __table_args__ = (
        UniqueConstraint("change_id", "item_id"),
        CheckConstraint("state in ('open', 'adjusted', 'unaffected')", name="state"),
        CheckConstraint("(state = 'open') = (closed_at is null)", name="closed"),
        Index("ix_law_task_agency", "agency_id", "state", "due_on", "id"),
        Index("ix_law_task_item", "item_id"),
    )

    id: Mapped[int] = identity()
    change_id: Mapped[int] = mapped_column(ForeignKey("law_change.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("power_item.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    cited: Mapped[list] = mapped_column(JSONB)
    """What the item cites of the statute, as it is written there."""
    due_on: Mapped[date]
    """The last day on which the adjustment is to be submitted."""
    state: Mapped[str] = mapped_column(default="open", server_default="open")
    note: Mapped[str] = mapped_column(default="", server_default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


LAWS = "laws"
editions.watch(LAWS, Law, LawVersion, LawArticle, LawChange)
