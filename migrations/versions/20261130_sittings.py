"""Meetings of collective deliberation and hearings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "20261130_sittings"
down_revision = "20261130_signing"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def table(name: str, columns: tuple, references: tuple, checks: tuple, *more: sa.Constraint) -> None:
    """A table with a surrogate key, its references and checks under the names of the convention."""
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(column, kind, nullable=nullable) for column, kind, nullable in columns),
        *(sa.CheckConstraint(text, name=op.f(f"ck_{name}_{word}")) for word, text in checks),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{name}_{column}"))
            for column, target in references
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *more,
    )


def upgrade() -> None:
    """New tables only."""
    big = sa.BigInteger()
    table(
        "meeting",
        (
            *((column, big, False) for column in ("case_id", "work_item_id", "agency_id")),
            ("state", sa.String(), False),
            ("planned_at", MOMENT, False),
            ("chair_id", big, False),
            ("recorder_id", big, False),
            ("plan", BYTEA(), False),
            ("minutes", BYTEA(), False),
            ("version", sa.Integer(), False),
            ("outcome", sa.String(), False),
            ("by_id", big, False),
            ("at", MOMENT, False),
            *((column, MOMENT, True) for column in ("began_at", "ended_at", "closed_at")),
        ),
        (
            ("case_id", "case"),
            ("work_item_id", "work_item"),
            ("agency_id", "agency"),
            *((column, "officer") for column in ("chair_id", "recorder_id", "by_id")),
        ),
        (
            ("state", "state in ('planned', 'session', 'minutes', 'closed', 'cancelled')"),
            ("outcome", "outcome in ('', 'agreed', 'amended', 'rejected')"),
        ),
    )
    live = sa.text("state <> 'cancelled'")
    op.create_index("uq_meeting_work", "meeting", ["work_item_id"], unique=True, postgresql_where=live)
    op.create_index("ix_meeting_case", "meeting", ["case_id", "id"])
    table(
        "meeting_member",
        (
            ("meeting_id", big, False),
            ("officer_id", big, False),
            ("attendance", sa.String(), False),
            ("recused", sa.Boolean(), False),
            ("stance", sa.String(), False),
            ("said", BYTEA(), True),
            ("voted_at", MOMENT, True),
            ("signature", sa.String(), False),
            ("signed_at", MOMENT, True),
        ),
        (("meeting_id", "meeting"), ("officer_id", "officer")),
        (
            ("attendance", "attendance in ('expected', 'present', 'absent')"),
            ("stance", "stance in ('', 'agree', 'amend', 'disagree')"),
            ("signature", "signature in ('', 'signed', 'refused')"),
        ),
        sa.UniqueConstraint("meeting_id", "officer_id", name=op.f("uq_meeting_member_meeting_id_officer_id")),
    )
    op.create_index("ix_meeting_member_officer", "meeting_member", ["officer_id", "meeting_id"])
    table(
        "hearing",
        (
            *((column, big, False) for column in ("case_id", "work_item_id", "agency_id")),
            ("state", sa.String(), False),
            ("planned_at", MOMENT, False),
            ("host_id", big, False),
            ("member_id", big, True),
            ("recorder_id", big, False),
            ("plan", BYTEA(), False),
            ("record", BYTEA(), False),
            ("version", sa.Integer(), False),
            ("held", sa.Boolean(), True),
            ("by_id", big, False),
            ("at", MOMENT, False),
            *((column, MOMENT, True) for column in ("began_at", "ended_at", "closed_at")),
        ),
        (
            ("case_id", "case"),
            ("work_item_id", "work_item"),
            ("agency_id", "agency"),
            *((column, "officer") for column in ("host_id", "member_id", "recorder_id", "by_id")),
        ),
        (("state", "state in ('planned', 'session', 'record', 'closed', 'cancelled')"),),
    )
    op.create_index("uq_hearing_work", "hearing", ["work_item_id"], unique=True, postgresql_where=live)
    op.create_index("ix_hearing_case", "hearing", ["case_id", "id"])
    op.create_index("ix_hearing_host", "hearing", ["host_id", "id"])
    table(
        "hearing_person",
        (
            ("hearing_id", big, False),
            ("role", sa.String(), False),
            ("who", BYTEA(), False),
            ("notified_at", MOMENT, True),
            ("method", sa.String(), False),
            ("attendance", sa.String(), False),
            ("signature", sa.String(), False),
            ("signed_at", MOMENT, True),
            ("taken_by", big, True),
        ),
        (("hearing_id", "hearing"), ("taken_by", "officer")),
        (
            ("attendance", "attendance in ('expected', 'present', 'absent', 'left')"),
            ("signature", "signature in ('', 'signed', 'refused')"),
        ),
    )
    op.create_index("ix_hearing_person_hearing", "hearing_person", ["hearing_id", "id"])


def downgrade() -> None:
    """Minutes and records of sittings are lost; the documents made of them and the record of the cases remain."""
    for name in ("hearing_person", "hearing", "meeting_member", "meeting"):
        op.drop_table(name)
