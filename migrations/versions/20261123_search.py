"""Search: the index of words knows the agency, so that it names an agency's matching cases and no others."""

from alembic import op

revision = "20261123_search"
down_revision = "20261122_trust"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The old index goes: nothing is searched without an agency."""
    op.drop_index("ix_case_search", "case")
    words = "array_append(search, '@@'::text || agency_id::text)"
    op.execute(f'create index ix_case_search on "case" using gin ({words})')


def downgrade() -> None:
    """The index of words without the agency."""
    op.drop_index("ix_case_search", "case")
    op.create_index("ix_case_search", "case", ["search"], postgresql_using="gin")
