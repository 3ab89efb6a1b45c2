"""Articles of statutes, tours seen, and who wants to be told what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "20261130_guide"
down_revision = "20261130_legal_review"
branch_labels = None
depends_on = None


def _account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id")
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=name, ondelete="CASCADE")


def _moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """New tables only."""
    op.create_table(
        "law_article",
        sa.Column("law_key", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("version_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        _moment("loaded_at"),
        sa.PrimaryKeyConstraint("law_key", "article", name=op.f("pk_law_article")),
    )
    op.create_table(
        "tour_seen",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("tour", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        _moment("at"),
        sa.CheckConstraint("outcome in ('finished', 'dismissed')", name=op.f("ck_tour_seen_outcome")),
        _account("tour_seen"),
        sa.PrimaryKeyConstraint("account_id", "tour", name=op.f("pk_tour_seen")),
    )
    op.create_table(
        "notice_setting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("mail", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("hour", sa.SmallInteger(), server_default=sa.text("8"), nullable=False),
        sa.Column("address", BYTEA(), nullable=True),
        sa.Column("asked", BYTEA(), nullable=True),
        _moment("looked_at", nullable=True),
        _moment("updated_at"),
        sa.CheckConstraint("hour between 0 and 23", name=op.f("ck_notice_setting_hour")),
        _account("notice_setting"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_setting")),
        sa.UniqueConstraint("account_id", name=op.f("uq_notice_setting_account_id")),
    )
    op.create_index("ix_notice_setting_hour", "notice_setting", ["hour"], postgresql_where=sa.text("mail"))
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("endpoint_digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", BYTEA(), nullable=False),
        sa.Column("agent", sa.String(60), nullable=False),
        _moment("created_at"),
        _moment("told_at", nullable=True),
        sa.Column("token", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("octet_length(endpoint_digest) = 32", name=op.f("ck_push_subscription_digest")),
        _account("push_subscription"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint_digest", name=op.f("uq_push_subscription_endpoint_digest")),
    )
    op.create_index(op.f("ix_push_subscription_account_id"), "push_subscription", ["account_id"])
    op.create_table(
        "digest_sent",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'queued'"), nullable=False),
        _moment("at"),
        sa.CheckConstraint(
            "state in ('queued', 'sent', 'empty', 'dropped')", name=op.f("ck_digest_sent_state")
        ),
        _account("digest_sent"),
        sa.PrimaryKeyConstraint("account_id", "day", name=op.f("pk_digest_sent")),
    )
    op.create_index("ix_digest_sent_day", "digest_sent", ["day"])


def downgrade() -> None:
    """The texts must be taken in again; everybody is shown the tour and is told nothing until they ask anew."""
    for table in ("digest_sent", "push_subscription", "notice_setting", "tour_seen", "law_article"):
        op.drop_table(table)
