"""Trust: what makes the record, the cases and the files of a city unbendable."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_trust"
down_revision = "9bd302a29890"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each part of the upgrade is a function of its own."""
    heads()
    access_tokens()


def heads() -> None:
    """The head of a case's record stands on the case row."""
    op.add_column("case", sa.Column("record_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "case",
        sa.Column("record_digest", postgresql.BYTEA(), server_default=sa.text("''::bytea"), nullable=False),
    )


def access_tokens() -> None:
    """Tokens of programs (API), and the record of unknown ones among the sign-ins."""
    op.create_table(
        "access_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_ip", sa.String(length=45), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(token_digest) = 32", name=op.f("ck_access_token_digest")),
        sa.CheckConstraint("scope in ('read', 'act')", name=op.f("ck_access_token_scope")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_access_token_valid_period")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_access_token_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_access_token_token_digest")),
    )
    op.create_index(op.f("ix_access_token_account_id"), "access_token", ["account_id"])
    op.drop_constraint(op.f("ck_sign_in_attempt_outcome"), "sign_in_attempt", type_="check")
    op.create_check_constraint(
        op.f("ck_sign_in_attempt_outcome"),
        "sign_in_attempt",
        "outcome in ('ok', 'wrong', 'locked', 'throttled', 'inactive', 'token')",
    )
    op.create_index(
        "ix_sign_in_attempt_token_ip_at",
        "sign_in_attempt",
        ["ip", "at"],
        postgresql_where=sa.text("outcome = 'token'"),
    )


def downgrade() -> None:
    """What was proven cannot be unproven: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
