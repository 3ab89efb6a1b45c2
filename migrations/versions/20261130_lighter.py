"""A submission no longer repeats when its task was done and by whom, and lists of ids are words."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_lighter"
down_revision = "20261130_room"
branch_labels = None
depends_on = None

DIFFER = """
select count(*) from submission s left join work_item w on w.id = s.work_item_id
where s.at is distinct from w.done_at or s.by_id is distinct from w.done_by
"""
LISTS = ("with_ids", "for_ids")


def upgrade() -> None:
    """As `20261123_bytes` did for the other columns.

    Raises:
        RuntimeError: a submission says something else than its task, which the platform never wrote.
    """
    if op.get_bind().execute(sa.text(DIFFER)).scalar():
        raise RuntimeError(
            "有提交内容与所属任务的办理人或时间不一致，请先用 script/xq audit verify 查明原因。"
        )
    for name in ("at", "by_id"):
        op.drop_column("submission", name)
    for name in LISTS:
        op.execute(f"alter table submission alter column {name} type text using array_to_string({name}, ' ')")


def downgrade() -> None:
    """Submissions say again what their tasks say."""
    for name in LISTS:
        using = f"string_to_array({name}, ' ')::bigint[]"
        op.execute(f"alter table submission alter column {name} type bigint[] using {using}")
    op.add_column("submission", sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "submission", sa.Column("by_id", sa.BigInteger(), sa.ForeignKey("officer.id"), nullable=True)
    )
    op.execute(
        "update submission s set at = w.done_at, by_id = w.done_by from work_item w where w.id = s.work_item_id"
    )
    for name in ("at", "by_id"):
        op.alter_column("submission", name, nullable=False)
