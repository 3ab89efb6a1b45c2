"""The legal basis says which edition of it is in force, so that processes may keep what they have read of it."""

from alembic import op

revision = "20261201_laws"
down_revision = "20261201_orders"
branch_labels = None
depends_on = None
TABLES = ("law", "law_version", "law_article", "law_change")


def upgrade() -> None:
    """The triggers of an edition on the tables of the legal basis."""
    op.execute("insert into edition values ('laws', nextval('edition_number')) on conflict do nothing")
    for table in TABLES:
        op.execute(
            f"create or replace trigger edition after insert or update or delete or truncate on {table}"
            " for each statement execute function bump_edition('laws')"
        )


def downgrade() -> None:
    """Without them."""
    for table in TABLES:
        op.execute(f"drop trigger edition on {table}")
    op.execute("delete from edition where name = 'laws'")
