"""How many tasks wait for a person, and how many of them cannot: for the frame of every page, many times an hour."""

from typing import Any

from sqlalchemy.orm import Session

from app.cases.models import DUE
from app.cases.service import governs_only
from app.kernel import clock, reads
from app.kernel.auth import Actor

from .boxes import GOVERNED

MOST = 1000
URGENT = 100
"""So many of the tasks that are due first are looked at."""

BADGE = """
with mine as materialized (
    (select id, case_id, task_id, {due} as due from work_item where kind = 'user' and status = 'open'
        and assignee_id = %(me)s and agency_id = %(agency)s{kind} order by {due}, id limit {urgent})
    union all (select id, case_id, task_id, {due} from work_item where kind = 'user' and status = 'cosign'
        and cosigner_id = %(me)s and agency_id = %(agency)s{kind} order by {due}, id limit {urgent}))
select (select count(*) from (select 1 from work_item where kind = 'user' and status = 'open'
        and assignee_id = %(me)s and agency_id = %(agency)s{kind} limit {most}) o)
    + (select count(*) from (select 1 from work_item where kind = 'user' and status = 'cosign'
        and cosigner_id = %(me)s and agency_id = %(agency)s{kind} limit {most}) s) as open,
    (select count(*) from mine m where exists (select from clock k where k.case_id = m.case_id
        and k.task_id = m.task_id and k.kind = 'position' and k.state = 'running'
        and (k.due_at <= %(now)s or k.light in ('warning', 'overdue')
            or k.next_light_at is not null and k.next_light_at <= %(now)s))
        or exists (select from urging u where u.work_item_id = m.id and u.seen_at is null
            and (u.officer_id = %(me)s or u.officer_id is null))) as urgent
"""


def badge(session: Session, actor: Actor) -> dict[str, Any]:
    """`open` tasks of this person, confirmations too, and the `urgent` among those that are due first: 临期, 超期 or
    urged and not looked at. Counted up to 1000 and 100."""
    kind = f" and {GOVERNED.format(case='work_item.case_id')}" if governs_only(actor) else ""
    question = BADGE.format(due=DUE, kind=kind, urgent=URGENT, most=MOST)
    values = {"me": actor.officer_id, "agency": actor.agency_id, "now": clock.now()}
    ((row,),) = reads.fetch(session, (question, values))
    return {"open": min(row["open"], MOST), "urgent": min(row["urgent"], URGENT)}
