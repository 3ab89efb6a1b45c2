"""How a person wants a box: one question for its columns, the filters that may be used and the one that applies."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.kernel import reads
from app.kernel.auth import Actor
from app.people import service as people

from . import columns, saved
from .boxes import Box
from .models import SavedFilter

QUESTION = """
select (select c.columns from inbox_columns c where c.account_id = %(account)s and c.box = %(box)s) as columns,
    (select d.filter_id from inbox_default d where d.account_id = %(account)s and d.box = %(box)s) as chosen,
    (select jsonb_agg(jsonb_build_object('id', f.id, 'account_id', f.account_id, 'shared', f.shared,
        'position_key', f.position_key, 'told', encode(f.told, 'hex'))
        order by f.account_id <> %(account)s, f.id) from inbox_filter f
        where f.box = %(box)s and (f.account_id = %(account)s or f.agency_id = %(agency)s and (f.shared = 'agency'
            or f.shared = 'position' and f.position_key = any(%(positions)s)))) as filters
"""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Columns in order, usable filters, and the one that applies by itself."""

    columns: Sequence[str]
    filters: Sequence[saved.SavedView]
    default: saved.SavedView | None


def of(session: Session, actor: Actor, box: Box) -> Preferences:
    """What this person wants of a box."""
    values = {
        "account": actor.account_id,
        "box": box.value,
        "agency": actor.agency_id,
        "positions": sorted(actor.positions),
    }
    ((row,),) = reads.fetch(session, (QUESTION, values))
    positions = people.position_names(session)
    views = [
        saved.view(
            actor,
            reads.entity(SavedFilter, one | {"box": box.value, "told": bytes.fromhex(one["told"])}),
            {box.value: row["chosen"]},
            positions,
        )
        for one in row["filters"] or ()
    ]
    default = next((view for view in views if view.default), None)
    return Preferences(columns.wanted(actor, box, row["columns"]), views, default)
