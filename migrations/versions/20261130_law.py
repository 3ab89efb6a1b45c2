"""Statutes have versions, each with its articles; what changes them, who cites them, and the work that makes; files with
power items that were handed in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261130_law"
down_revision = "20261130_staff"
branch_labels = None
depends_on = None

TEXT_PAIRS = """
create or replace function text_pairs(words text) returns text[] language sql immutable parallel safe cost 10000 as $$
    select coalesce(array_agg(distinct pair), '{}') from (
        select letter || lead(letter) over (order by place) as pair
        from unnest(string_to_array(lower(regexp_replace(words, '\\s+', '', 'g')), null)) with ordinality u(letter, place)
    ) as pairs where pair is not null
$$
"""
KEEP = """
insert into law (key, name) select law_key, max(law) from law_article_before group by law_key;
insert into law_version (law_key, adopted_on, effective_on, dated, source, loaded_at)
select law_key, version_on, version_on, case when version_on is null then 'unknown' else 'adopted' end, min(source),
    max(loaded_at) from law_article_before group by law_key, version_on;
insert into law_article (version_id, article, law_key, body, source, loaded_at)
select v.id, a.article, a.law_key, a.body, a.source, a.loaded_at from law_article_before a
join law_version v on v.law_key = a.law_key and v.adopted_on is not distinct from a.version_on;
drop table law_article_before;
"""
BACK = """
insert into law_article_before (law_key, article, law, body, version_on, source, loaded_at)
select distinct on (a.law_key, a.article) a.law_key, a.article, l.name, a.body, v.adopted_on, a.source, a.loaded_at
from law_article a join law_version v on v.id = a.version_id join law l on l.key = a.law_key
order by a.law_key, a.article, v.effective_on desc nulls last, v.id desc;
"""


def upgrade() -> None:
    """Articles that were taken in become those of the version of their day."""
    op.execute(TEXT_PAIRS)
    op.execute("alter table law_article rename to law_article_before")
    op.execute("alter table law_article_before drop constraint pk_law_article")
    _statutes()
    for statement in KEEP.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.create_index("ix_law_article_words", "law_article", [sa.text("text_pairs(body::text)")], postgresql_using="gin")
    op.create_index(
        "ix_power_item_words", "power_item", [sa.text("text_pairs((code::text || '¶'::text) || name::text)")], postgresql_using="gin"
    )
    _changes()
    _citations()
    _imports()


def _statutes() -> None:
    op.create_table(
        "law",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_law")),
    )
    op.create_table(
        "law_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("law_key", sa.String(), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("dated", sa.String(), nullable=False),
        sa.Column("doc_no", sa.String(), server_default="", nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("dated in ('stated', 'adopted', 'unknown')", name=op.f("ck_law_version_dated")),
        sa.ForeignKeyConstraint(["law_key"], ["law.key"], name=op.f("fk_law_version_law_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_version")),
        sa.UniqueConstraint(
            "law_key", "adopted_on", name=op.f("uq_law_version_law_key_adopted_on"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "law_article",
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("law_key", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["law_version.id"], name=op.f("fk_law_article_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_id", "article", name=op.f("pk_law_article")),
    )
    op.create_index("ix_law_article_law", "law_article", ["law_key", "article"])


def _changes() -> None:
    op.create_table(
        "law_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("law_key", sa.String(), nullable=False),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("by_law", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("articles", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('repealed', 'amended')", name=op.f("ck_law_change_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_change")),
        sa.UniqueConstraint("law_key", "kind", "on_date", name=op.f("uq_law_change_law_key_kind_on_date")),
    )
    op.create_table(
        "law_task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("cited", JSONB(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state in ('open', 'adjusted', 'unaffected')", name=op.f("ck_law_task_state")),
        sa.CheckConstraint("(state = 'open') = (closed_at is null)", name=op.f("ck_law_task_closed")),
        sa.ForeignKeyConstraint(["change_id"], ["law_change.id"], name=op.f("fk_law_task_change_id")),
        sa.ForeignKeyConstraint(["item_id"], ["power_item.id"], name=op.f("fk_law_task_item_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_law_task_agency_id")),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name=op.f("fk_law_task_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_task")),
        sa.UniqueConstraint("change_id", "item_id", name=op.f("uq_law_task_change_id_item_id")),
    )
    op.create_index("ix_law_task_agency", "law_task", ["agency_id", "state", "due_on", "id"])
    op.create_index("ix_law_task_item", "law_task", ["item_id"])


def _citations() -> None:
    op.create_table(
        "citing_text",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citing_text")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_citing_text_kind_ref")),
    )
    op.create_table(
        "citation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("citing_id", sa.BigInteger(), nullable=False),
        sa.Column("law_key", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("cited", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["citing_id"], ["citing_text.id"], name=op.f("fk_citation_citing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation")),
    )
    op.create_index(op.f("ix_citation_citing_id"), "citation", ["citing_id"])
    op.create_index("ix_citation_law", "citation", ["law_key", "article", "citing_id"])


def _imports() -> None:
    op.create_table(
        "item_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("handed_in_by", sa.BigInteger(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("found", JSONB(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'checked', 'taking', 'taken', 'refused')", name=op.f("ck_item_import_state")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_item_import_agency_id")),
        sa.ForeignKeyConstraint(["handed_in_by"], ["account.id"], name=op.f("fk_item_import_handed_in_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_import")),
    )
    op.create_index("ix_item_import_agency", "item_import", ["agency_id", "id"])


def downgrade() -> None:
    """Of every article the last version stays; changes, citations, and files handed in are gone."""
    for table in ("item_import", "citation", "citing_text", "law_task", "law_change"):
        op.drop_table(table)
    op.drop_index("ix_power_item_words", "power_item")
    op.create_table(
        "law_article_before",
        sa.Column("law_key", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("version_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(BACK)
    for table in ("law_article", "law_version", "law"):
        op.drop_table(table)
    op.execute("alter table law_article_before rename to law_article")
    op.create_primary_key("pk_law_article", "law_article", ["law_key", "article"])
    op.execute("drop function text_pairs(text)")
