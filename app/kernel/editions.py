"""Which edition of rarely changing data is in force, so that a process may keep what it has read of it.

A trigger writes the next number of a sequence under the data's name. Whoever keeps data in a process keeps it
under the edition he read before; a changed edition is a reason to read again. A number is never used twice,
not even when its transaction is rolled back: then nobody ever meets it.
"""

from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import DDL, BigInteger, Text, event, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import reads
from .db import Base

FUNCTION = """
create or replace function bump_edition() returns trigger language plpgsql as $$
begin
    insert into edition (name, number) values (tg_argv[0], nextval('edition_number'))
    on conflict (name) do update set number = excluded.number;
    return null;
end $$
"""
TRIGGER = """
create or replace trigger edition after insert or update or delete or truncate on {table}
for each statement execute function bump_edition('{name}')
"""
CURRENT = """
select coalesce(jsonb_object_agg(name, number), '{}') || jsonb_build_object('', current_database()) from edition
"""
MEMO = "editions"


class Edition(Base):
    """The number of the last change of the data of this name."""

    __tablename__ = "edition"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


event.listen(Edition.__table__, "after_create", DDL("create sequence if not exists edition_number"))
event.listen(Edition.__table__, "after_create", DDL(FUNCTION))


def watch(name: str, *tables: type[Base]) -> None:
    """From now on a change of one of these tables is a new edition of the data of this name."""
    for model in tables:
        model.__table__.add_is_dependent_on(Edition.__table__)
        ddl = TRIGGER.format(table=model.__tablename__, name=name)
        event.listen(model.__table__, "after_create", DDL(ddl))


def remember(session: Session, numbers: dict[str, Any]) -> None:
    """The editions as an act on a case has read them: it changes none of this data, so they hold until it
    ends (`forget`)."""
    session.info[MEMO] = numbers


def told(session: Session, numbers: dict[str, Any]) -> None:
    """The editions as a page that only reads has read them with its first question."""
    if _only_reads() and not session.info.get("act"):
        g.editions = numbers


def forget(session: Session) -> None:
    """The act on a case is over."""
    session.info.pop(MEMO, None)


def current(session: Session, name: str) -> str:
    """The edition of this data in force, with the database it is counted in.

    A page that only reads asks once: what was in force when it began to read holds until it ends.
    """
    known = session.info.get(MEMO) or (g.get("editions") if _only_reads() else None)
    if known is None:
        known = session.execute(text(CURRENT)).scalar_one()
        told(session, known)
    return f"{known['']}:{known.get(name, 0)}"


def _only_reads() -> bool:
    return has_request_context() and request.method in ("GET", "HEAD")


FRAGMENT = reads.Fragment("editions", CURRENT)
