"""The clocks of finished cases, put together: one row for a case instead of one for every clock.

When a case is over its clocks have stopped for good and are only read. `FOLD` takes them out of the table in which
clocks run and keeps of each what cannot be told otherwise: not what is as usual, and not what its task says
(a task that is done never changes). What a clock had in its ledger needs its row, and keeps it. `EVER` gives
every clock back as the row it was, column by column, to whoever reads or counts past ones too.
"""

from sqlalchemy import TextClause, text

from app.kernel.many import DIALECT

from .models import Clock

_DAY = "({} at time zone 'Asia/Shanghai')::date - 1"
"""The day whose end a due moment is."""
_DUE = "coalesce(r.due_at, w.due_at)"
_DUE_ON = f"coalesce(r.due_on, {_DAY.format(_DUE)})"
_BACK = {
    "id": "r.id",
    "case_id": "p.case_id",
    "agency_id": "p.agency_id",
    "region_code": "p.region_code",
    "work_item_id": "r.work_item_id",
    "task_id": "coalesce(r.task_id, w.task_id)",
    "kind": "coalesce(r.kind, 'position')",
    "key": "coalesce(r.key, '')",
    "name": "coalesce(r.name, w.name)",
    "basis": "r.basis",
    "side": "coalesce(r.side, 'authority')",
    "limit_text": "r.limit_text",
    "rule": "coalesce(r.rule, jsonb_build_object())",
    "started_at": "coalesce(r.started_at, w.opened_at)",
    "due_at": _DUE,
    "due_on": _DUE_ON,
    "provisional": "coalesce(r.provisional, false)",
    "earliest_on": f"coalesce(r.earliest_on, {_DUE_ON})",
    "latest_on": f"coalesce(r.latest_on, {_DUE_ON})",
    "state": "'stopped'",
    "light": "coalesce(r.light, 'normal')",
    "next_light_at": "null::timestamptz",
    "stopped_at": "coalesce(r.stopped_at, w.done_at)",
    "extended_by": "coalesce(r.extended_by, '')",
}
"""Every column of a clock, from what is kept (`r`), its case (`p`) and its task (`w`)."""
_USUAL = {
    "task_id": "w.task_id",
    "kind": "'position'",
    "key": "''",
    "name": "w.name",
    "side": "'authority'",
    "started_at": "w.opened_at",
    "due_at": "w.due_at",
    "due_on": _DAY.format("k.due_at"),
    "provisional": "false",
    "earliest_on": "k.due_on",
    "latest_on": "k.due_on",
    "light": "'normal'",
    "stopped_at": "w.done_at",
    "extended_by": "''",
}
"""What a clock's column holds where nothing is kept of it."""
_KEPT = [
    c
    for c in Clock.__table__.columns
    if c.name in ("id", "work_item_id", "basis", "limit_text", "rule", *_USUAL)
]
_NAMES = [c.name for c in Clock.__table__.columns]

PAST = f"""
select {", ".join(_BACK[name] for name in _NAMES)} from clock_past p
cross join lateral jsonb_to_recordset(p.clocks) r({", ".join(f"{c.name} {c.type.compile(DIALECT)}" for c in _KEPT)})
left join work_item w on w.id = r.work_item_id
"""  # noqa: S608 - our names
"""The clocks that were put together, as rows of `clock`. Ask by `p.case_id`: that is found by the key."""
EVER = f"select {', '.join(_NAMES)} from clock union all {PAST}"  # noqa: S608
"""Every clock there is or ever was, as rows of `clock`. Ask by `case_id`: both kinds are found by an index."""

_VALUES = [
    (c.name, f"nullif(k.{c.name}, {_USUAL[c.name]})" if c.name in _USUAL else f"k.{c.name}")
    for c in _KEPT
    if c.name != "rule"
]
FOLD = f"""
with ended as (
    select k.case_id, k.agency_id, k.region_code, k.id,
    jsonb_strip_nulls(jsonb_build_object({", ".join(f"'{name}', {value}" for name, value in _VALUES)}))
    || case when k.rule = jsonb_build_object() then k.rule else jsonb_build_object('rule', k.rule) end as kept
    from clock k left join work_item w on w.id = k.work_item_id and w.status in ('done', 'cancelled')
    where k.case_id = %(case)s and k.state = 'stopped' and k.stopped_at is not null and k.next_light_at is null
    and (k.work_item_id is null or k.task_id is not null)
    and not exists (select from suspension where clock_id = k.id)
    and not exists (select from extension where clock_id = k.id)
    and not exists (select from due_change where clock_id = k.id)
), gone as (delete from clock where id in (select id from ended))
insert into clock_past as p (case_id, agency_id, region_code, clocks)
select case_id, agency_id, region_code, jsonb_agg(kept order by id) from ended group by 1, 2, 3
on conflict (case_id, agency_id, region_code) do update set clocks = p.clocks || excluded.clocks
"""  # noqa: S608 - our names
"""Put the clocks of the finished case `case` together. They are locked with their case."""


def of_case(case: str) -> str:
    """The question for all clocks of a case: the law's first, then the positions', each in order of their start.
    `case` is the expression for the case's id."""
    return f"select * from ({EVER}) k where case_id = {case} order by kind desc, started_at, id"  # noqa: S608


OF_CASE: TextClause = text(of_case(":case"))


def of_work(tasks: str) -> str:
    """The question for the position clocks of tasks, oldest first. `tasks` is the expression for their ids, an
    array. A clock is found among those of its case."""
    return f"""
select k.* from work_item w join clock k on k.case_id = w.case_id and k.work_item_id = w.id where w.id = any({tasks})
union all {PAST} where p.case_id in (select case_id from work_item where id = any({tasks})) and w.id = any({tasks})
order by id
"""  # noqa: S608 - our names


OF_WORK: TextClause = text(of_work(":items"))
