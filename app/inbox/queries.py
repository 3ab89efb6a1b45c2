"""The pages of the inbox. Keyset paging over (moment, place): the thousandth page costs what the first one costs.

A page asks once: its lines with their cases and clocks, and the counts, travel together (`kernel.reads`). Of a case
only what a line shows is read. Where something narrows the list (a filter, words), which rows they are is found first,
in bounded work (`cases.seeking`): of what is rare an index knows all cases, else the list is looked through.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.cases.service import KEPT_OUT, full_text, governs_only, seeking
from app.deadlines import service as deadlines
from app.kernel import reads
from app.kernel.auth import Actor

from . import boxes, filters
from .boxes import FAR, MOST, OF_CASES, Box, Part
from .filters import RETURNED
from .searching import EVERYTHING, PAGE, Asked, Key, Search, keyed

__all__ = ["FAR", "MOST", "PAGE", "Asked", "Box", "Page", "Row", "page"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list as the database gives it: a task (`id`; None where a case has none that waits), its case, and
    its clock (`deadlines.lines_of`; not read for what is done). `place` is its number in the box; `urgings` how often
    it was urged, `urged_said` the last word, sealed; `said` what was said with a copy or a request, sealed; `unread`
    whether a copy was not opened; `returned` whether the task came back; `kept_out` whether the person was recused from
    the case, of which nothing is told then."""

    id: int | None
    name: str | None
    node: str | None
    status: str | None
    position_key: str | None
    officers: int | None
    version: int | None
    assignee_id: int | None
    cosigner_id: int | None
    opened_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    case_id: int
    no: str
    title: str
    case_status: str
    item_id: int
    begun_at: datetime
    clock: Mapping[str, Any] | None
    place: int
    moment: datetime
    returned: bool
    urgings: int
    urged_at: datetime | None
    urged_by: int | None
    urged_said: bytes | None
    said: bytes | None
    said_by: int | None
    unread: bool
    kept_out: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` is the key of the next page, None on the last one. `counts` says how many rows
    wait in the open boxes, counted up to `MOST` and no further. `looked` is set where a search was given up for this
    request: so many rows were looked through, `after` goes on from there. `found` are the places in texts at which
    words were found, by case."""

    rows: Sequence[Row]
    counts: Mapping[Box, int]
    after: str | None
    looked: int | None = None
    found: Mapping[int, Sequence[full_text.Snippet]] = field(default_factory=dict)


COUNTS = """
select (select count(*) from (select 1 from work_item where kind = 'user' and status = 'open'
        and assignee_id = %(me)s and agency_id = %(agency)s{kind} limit %(most)s) mine)
    + (select count(*) from (select 1 from work_item where kind = 'user' and status = 'cosign'
        and cosigner_id = %(me)s and agency_id = %(agency)s{kind} limit %(most)s) confirm) as mine,
    (select count(*) from (select 1 from work_item where kind = 'user' and status = 'open'
        and assignee_id is null and agency_id = %(agency)s and position_key = any(%(positions)s){kind}
        limit %(most)s) pool) as positions,
    (select count(*) from ({opinions}) opinions) as opinions,
    (select count(*) from ({urged}) urged) as urged,
    (select count(*) from (select 1 from involvement b where b.officer_id = %(me)s and b.part = 'copy'
        and b.state <> 'removed' and b.read_at is null limit %(most)s) copied) as copied
"""
GOVERNED = f"""
        and {boxes.GOVERNED.format(case="work_item.case_id")}"""
_SHOWN = "id, name, node, status, position_key, officers, version, assignee_id, cosigner_id, opened_at, due_at, done_at"
_TOLD = {
    Box.COPIED: "(select i.said from involvement i where i.id = s.place) as said,"
    " (select i.by_id from involvement i where i.id = s.place) as said_by,"
    " s.moment > '9000-01-01 00:00:00+00'::timestamptz as unread",
    Box.OPINIONS: "o.said as said, o.by_id as said_by, false as unread",
}
_NOTHING_TOLD = "null::bytea as said, null::bigint as said_by, false as unread"
_ASKED = """
left join lateral (select i.said, i.by_id from involvement i where i.work_item_id = s.id and i.officer_id = %(me)s
    and i.state = 'open' and i.part in ('delegate', 'signer') order by i.id desc limit 1) o on true"""
_URGED = """
left join lateral (select count(*) over () as urgings, u.at, u.by_id, u.said from urging u where u.work_item_id = w.id
    order by u.id desc limit 1) u on true"""


def _lines(box: Box, shown: str) -> str:
    """The lines of the rows that the question `shown` gives, in order."""
    work = filters.WORK_OF_CASE if box in OF_CASES else filters.WORK_OF_ROW
    clock = "null::jsonb" if box is Box.DONE else f"({deadlines.CLOCK_OF_TASK.format(task='w')})"
    kept = f"(c.id in ({KEPT_OUT}))" if box is Box.DONE else "false"
    columns = ", ".join(f"w.{name}" for name in _SHOWN.split(", "))
    return f"""
with shown as materialized ({shown})
select s.place, s.moment, {columns}, c.id as case_id, c.no, case when {kept} then '' else c.title end as title,
    c.status as case_status, c.item_id,
    c.opened_at as begun_at, {clock} as clock, w.id is not null and {RETURNED} = 'yes' and not {kept} as returned,
    coalesce(u.urgings, 0) as urgings, u.at as urged_at, u.by_id as urged_by, u.said as urged_said,
    {_TOLD.get(box, _NOTHING_TOLD)}, {kept} as kept_out
from shown s join "case" c on c.id = s.case_id {work.format(row="s")} {_URGED}
{_ASKED if box is Box.OPINIONS else ""}
order by {boxes.order(box, "s")}
"""  # noqa: S608 - texts of this room


def page(
    session: Session,
    actor: Actor,
    box: Box,
    words: Sequence[str] = (),
    after: str | None = None,
    asked: Asked = EVERYTHING,
) -> Page:
    """One page of a box, what is due first on top (cases and what is done: newest first); where it is narrowed, as
    much as bounded work finds."""
    asked = Asked(words) if words else asked
    key = _key(after) if after else None
    if not asked:
        part = Part(PAGE + 1, beyond=key is not None, handled=True)
        return _page(session, actor, box, boxes.joined(actor, box, part), keyed(key))
    search = Search(session, actor, box, asked, key)
    sought = seeking.seek(search.walk, search.among, key, PAGE + 1)
    question = boxes.joined(actor, box, Part(None, places=True))
    made = _page(session, actor, box, question, {"places": list(sought.rows)}, sought)
    return replace(made, found=search.snippets)


def _page(
    session: Session,
    actor: Actor,
    box: Box,
    question: str,
    more: Mapping[str, Any],
    sought: seeking.Found[int, Key] | None = None,
) -> Page:
    who = boxes.values(actor) | {"most": MOST} | more
    kind = GOVERNED if governs_only(actor) else ""
    some = Part(MOST)
    counting = COUNTS.format(
        kind=kind,
        opinions=boxes.joined(actor, Box.OPINIONS, some),
        urged=boxes.joined(actor, Box.URGED, some),
    )
    found, (counted,) = reads.fetch(session, (_lines(box, question), who), (counting, who))
    rows = [Row(**row) for row in found]
    counts = {one: min(counted[one.value], MOST) for one in (*boxes.OPEN, Box.COPIED)}
    if len(rows) > PAGE:
        return Page(rows[:PAGE], counts, _text(rows[PAGE - 1].moment, rows[PAGE - 1].place))
    if sought and sought.end:
        return Page(rows, counts, _text(*sought.end), sought.looked)
    return Page(rows, counts, None)


def _text(moment: datetime, number: int) -> str:
    return f"{moment.isoformat()}~{number}"


def _key(text: str) -> Key | None:
    try:
        at, last = text.split("~")
        moment, number = datetime.fromisoformat(at), int(last)
        return (moment, number) if moment.tzinfo and abs(number) < 2**63 else None
    except ValueError:
        return None
