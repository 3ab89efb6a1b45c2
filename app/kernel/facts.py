"""What this installation knows about itself: one small JSON document per key, in the database."""

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from .db import Base


class Fact(Base):
    """One fact, e.g. that the demo city was loaded. Never anything about a case."""

    __tablename__ = "fact"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)


def get(session: Session, key: str) -> Any:
    """The fact's value, or None."""
    fact = session.get(Fact, key)
    return fact.value if fact else None


def put(session: Session, key: str, value: Any) -> None:
    """Write a fact, replacing what was there."""
    statement = insert(Fact).values(key=key, value=value)
    session.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value})
    )
