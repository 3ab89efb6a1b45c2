"""The open cases that a change of law touches: counted by agency, the first of them named."""

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.kernel.auth import Actor

from .models import Case
from .queries import visible

COLUMNS = "c.id, c.no, c.agency_id, c.item_id, c.procedure_id"
ON_ITEMS = f"""
select {COLUMNS} from unnest(cast(:items as bigint[]), cast(:agencies as bigint[])) as t(item, agency)
join "case" c on c.agency_id = t.agency and c.item_id = t.item and c.status = 'open'
"""  # noqa: S608 - our own columns
ON_EITHER = f"""
select {COLUMNS} from "case" c where c.status = 'open'
    and (c.procedure_id = any(cast(:procedures as bigint[])) or c.item_id = any(cast(:items as bigint[])))
"""  # noqa: S608
"""Where a procedure is touched nearly everything is read anyway: once, and each case counts once."""
COUNT = "select agency_id, count(*) from ({}) as found group by agency_id"
FIRST = "select * from ({}) as found order by id desc limit :most"
ALIVE = """
select id from procedure_version v where id = any(cast(:ids as bigint[])) and (
    not exists (select from procedure_version n where n.key = v.key and n.number > v.number)
    or exists (select from "case" c where c.procedure_id = v.id and c.status = 'open'))
"""


def open_cases(
    session: Session,
    items: Sequence[tuple[int, int]],
    procedures: Sequence[int],
    most: int,
    actor: Actor | None = None,
) -> catalogue.OpenCases:
    """The open cases on these items (item, agency) and procedure versions, each once. With an actor only those are named
    that the person may see; they are counted all the same."""
    values = {
        "items": [item for item, _ in items],
        "agencies": [agency for _, agency in items],
        "procedures": list(procedures),
    }
    chosen = ON_EITHER if procedures else ON_ITEMS
    counted = Counter(dict(session.execute(text(COUNT.format(chosen)), values).tuples().all()))
    rows = session.execute(text(FIRST.format(chosen)), {**values, "most": most})
    first = [catalogue.OpenCase(*row) for row in rows]
    if actor is not None and first:
        chosen = select(Case.id).where(Case.id.in_([each.id for each in first]), visible(actor))
        seen = set(session.scalars(chosen))
        first = [each for each in first if each.id in seen]
    return catalogue.OpenCases(counted, tuple(first))


def alive(session: Session, ids: Sequence[int]) -> Collection[int]:
    """Of these procedure versions those on which cases begin or still run."""
    return session.scalars(text(ALIVE), {"ids": list(ids)}).all()
