"""Bytes: what a finished case leaves behind is kept once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.deadlines import past
from app.deadlines.models import Clock

revision = "20261123_bytes"
down_revision = "20261123_monitor"
branch_labels = None
depends_on = None


TASK = ("node", "name", "step", "form")
"""What a submission repeated of its task."""
DIFFER = "select count(*) from submission s left join work_item w on w.id = s.work_item_id where {}"


def upgrade() -> None:
    """Each part by itself. Only the tasks are written anew: two whole numbers become smaller."""
    submissions()
    tasks()
    clocks()


def submissions() -> None:
    """What was handed in at a task no longer repeats what the task says; nobody signed with it: no empty list.

    Raises:
        RuntimeError: a submission says something else than its task, which the platform never wrote.
    """
    unlike = " or ".join(f"s.{name} is distinct from w.{name}" for name in TASK)
    if op.get_bind().execute(sa.text(DIFFER.format(unlike))).scalar():
        raise RuntimeError("有提交内容与所属任务的环节、名称或表单不一致，请先用 script/xq audit verify 查明原因。")
    for name in ("agency_id", *TASK):
        op.drop_column("submission", name)
    op.alter_column("submission", "with_ids", nullable=True)


def tasks() -> None:
    """The case says the region; a handful of signatures and a few hundred versions need no 64 bits."""
    op.execute(
        "alter table work_item drop column region_code,"
        " alter column officers type smallint, alter column version type integer"
    )


def clocks() -> None:
    """Clocks of cases that finish from now on are put together; those of earlier ones stay as they are."""
    op.create_table(
        "clock_past",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("clocks", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "agency_id", "region_code", name="pk_clock_past"),
    )
    op.execute("alter table clock_past set (toast_tuple_target = 128)")
    op.execute("alter table clock_past alter column clocks set storage main")


def downgrade() -> None:
    """The clocks that were put together get their rows back, and submissions what their tasks say."""
    names = ", ".join(column.name for column in Clock.__table__.columns)
    op.execute(f"insert into clock ({names}) overriding system value {past.PAST}")  # noqa: S608 - our names
    op.drop_table("clock_past")
    for name in TASK:
        op.add_column("submission", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("submission", sa.Column("agency_id", sa.BigInteger(), sa.ForeignKey("agency.id"), nullable=True))
    told = ", ".join(f"{name} = w.{name}" for name in ("agency_id", *TASK))
    op.execute(f"update submission s set {told} from work_item w where w.id = s.work_item_id")  # noqa: S608
    op.execute("update submission set with_ids = '{}' where with_ids is null")
    for name in (*TASK, "agency_id", "with_ids"):
        op.alter_column("submission", name, nullable=False)
    op.execute(
        "alter table work_item add column region_code text,"
        " alter column officers type bigint, alter column version type bigint"
    )
    op.execute('update work_item w set region_code = c.region_code from "case" c where c.id = w.case_id')
    op.alter_column("work_item", "region_code", nullable=False)
