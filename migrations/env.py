"""Alembic's environment: applies migrations on the connection `app.kernel.migrations` hands over.

A migration that waits for a lock makes everybody behind it wait too, so it gives up after a few seconds and
is tried again by the person who started it. Indexes on tables with data are made concurrently, inside
`with op.get_context().autocommit_block():`.
"""

from alembic import context
from sqlalchemy import text

from app.tables import load

connection = context.config.attributes["connection"]
if connection is None:
    raise RuntimeError("migrations are run by script/xq migrate")
connection.execute(text("set lock_timeout = '5s'"))
connection.commit()
context.configure(
    connection=connection,
    target_metadata=load().metadata,
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
