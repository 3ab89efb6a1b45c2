"""The database: one PostgreSQL, one session, one naming convention.

Rooms declare their tables on `Base`. `db.session` is Flask-SQLAlchemy's scoped session; who may commit is
decided by `app.kernel.transaction` alone.
"""

from datetime import datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Identity, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table. `datetime` columns hold aware UTC moments, `int` columns 64 bits, `dict` and `list` columns JSON
    documents."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: DateTime(timezone=True),
            dict: JSONB,
            list: JSONB,
            int: BigInteger,
        },
    )


db = SQLAlchemy(model_class=Base)


def identity() -> Mapped[int]:
    """A surrogate key that PostgreSQL alone hands out."""
    return mapped_column(BigInteger, Identity(always=True), primary_key=True)
