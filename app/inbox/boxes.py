"""The lists of the inbox, each as ways that do not overlap and that an index answers in the order of the list.

The questions are texts, put together from the texts of this module alone; every value travels beside them. States are
literal, as in the partial indexes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from app.cases.models import DUE, UNREAD
from app.cases.service import AWAITED, KEPT_OUT, OVERSEERS, governs_only
from app.kernel.auth import Actor

MOST = 1000
"""Counts stop here: shown as 999+. Of requests for an opinion, and of urgings, the newest 300 are looked at."""
FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""The moment of tasks without a limit: they come last."""


class Box(StrEnum):
    """The lists of the inbox."""

    MINE = "mine"
    POSITIONS = "positions"
    OPINIONS = "opinions"
    URGED = "urged"
    COPIED = "copied"
    INITIATED = "initiated"
    WATCHED = "watched"
    AGENCY = "agency"
    DONE = "done"


NAMES = {
    Box.MINE: "我的待办",
    Box.POSITIONS: "本岗待签收",
    Box.OPINIONS: "待我出具意见",
    Box.URGED: "被催办",
    Box.COPIED: "抄送我的",
    Box.INITIATED: "我发起的",
    Box.WATCHED: "我关注的",
    Box.AGENCY: "本机关在办",
    Box.DONE: "我已办",
}

WAITS = "b.kind = 'user' and b.status in ('open', 'cosign', 'signing')"
ASKED = f"""
(select distinct a.work_item_id as asked from ({AWAITED.format(me="%(me)s")} order by i.part, i.id limit 300) a) i
join work_item b on b.id = i.asked"""  # noqa: S608 - a text of the cases
URGED = """
(select distinct u.work_item_id as asked from (
    (select work_item_id from urging where officer_id = %(me)s order by id desc limit 300)
    union all (select work_item_id from urging where officer_id is null and agency_id = %(agency)s
        order by id desc limit 300)) u) u
join work_item b on b.id = u.asked"""
STILL_MINE = """
(b.assignee_id = %(me)s or b.cosigner_id = %(me)s or (b.assignee_id is null and b.position_key = any(%(positions)s))
    or exists (select from involvement i where i.work_item_id = b.id and i.officer_id = %(me)s and i.state = 'open'
        and i.part in ('delegate', 'signer')))"""
ONE_OF_THE_CASE = """
not exists (select from involvement n where n.officer_id = %(me)s and n.part = 'watch' and n.state <> 'removed'
    and n.case_id = b.case_id and n.id > b.id)"""
SEEN = """
(%(oversees)s or exists (select from "case" v where v.id = b.case_id and v.opened_by = %(me)s)
    or exists (select from case_handler h where h.case_id = b.case_id and h.officer_id = %(me)s)
    or exists (select from work_item t where t.case_id = b.case_id
        and (t.position_key = any(%(positions)s) or t.assignee_id = %(me)s or t.done_by = %(me)s))
    or exists (select from involvement p where p.case_id = b.case_id and p.officer_id = %(me)s
        and p.state <> 'removed' and p.part <> 'watch'))"""
"""As `cases.visible`: to watch a case gives no right to see it."""
GOVERNED = """
exists (select from "case" g join procedure_version v on v.id = g.procedure_id
    where g.id = {case} and v.kind = 'governance')"""
"""Of those who handle cases of governance alone."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way into a box: its rows `b`, the `place` of a row (a number of its own in the box), its task and case."""

    table: str
    where: str
    moment: str
    work: str = "b.id"
    case: str = "b.case_id"
    place: str = "b.id"
    plain: bool = False
    """Ordered by the place alone; the moment says nothing."""


def _due(where: str, table: str = "work_item b") -> Way:
    return Way(table, where, DUE.replace("due_at", "b.due_at"))


PLAIN = "'2000-01-01 00:00:00+00'::timestamp with time zone"
WAYS: Mapping[Box, Sequence[Way]] = {
    Box.MINE: (
        _due("b.kind = 'user' and b.status = 'open' and b.assignee_id = %(me)s"),
        _due("b.kind = 'user' and b.status = 'cosign' and b.cosigner_id = %(me)s"),
    ),
    Box.POSITIONS: (
        _due(
            "b.kind = 'user' and b.status = 'open' and b.assignee_id is null and b.position_key = %(held{n})s"
        ),
    ),
    Box.OPINIONS: (_due(WAITS, ASKED),),
    Box.URGED: (_due(f"{WAITS} and {STILL_MINE}", URGED),),
    Box.COPIED: (
        Way(
            "involvement b",
            "b.officer_id = %(me)s and b.part = 'copy' and b.state <> 'removed'",
            UNREAD.replace("read_at", "b.read_at"),
            work="b.work_item_id",
        ),
    ),
    Box.INITIATED: (
        Way('"case" b', "b.opened_by = %(me)s", PLAIN, work="null::bigint", case="b.id", plain=True),
    ),
    Box.WATCHED: (
        Way(
            "involvement b",
            f"b.officer_id = %(me)s and b.part = 'watch' and b.state <> 'removed' and {ONE_OF_THE_CASE}"
            f" and {SEEN}",
            PLAIN,
            work="null::bigint",
            plain=True,
        ),
    ),
    Box.AGENCY: (_due(WAITS),),
    Box.DONE: (Way("work_item b", "b.status = 'done' and b.done_by = %(me)s", "b.done_at"),),
}
NEWEST_FIRST = frozenset({Box.COPIED, Box.INITIATED, Box.WATCHED, Box.DONE})
OF_CASES = frozenset({Box.INITIATED, Box.WATCHED})
"""A row is a case with the task in it that is due first, if one waits."""
BY_DUE = frozenset(set(Box) - NEWEST_FIRST)
OPEN = (Box.MINE, Box.POSITIONS, Box.OPINIONS, Box.URGED)
"""What waits for the person."""


def of(actor: Actor) -> list[Box]:
    """The boxes of a person: the heads of an agency answer for all its tasks, and find them in one."""
    return [box for box in Box if box is not Box.AGENCY or actor.positions & OVERSEERS]


def order(box: Box, name: str = "") -> str:
    """The order of a box over columns `moment` and `place`."""
    down = " desc" if box in NEWEST_FIRST else ""
    dot = f"{name}." if name else ""
    return f"{dot}moment{down}, {dot}place{down}"


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a box is asked for. `bounds` are moments between which the due rows lie, `beyond` whether those
    after a key are meant, `cases` whether of given cases alone (`%(among)s`), `places` of given places alone. `handled`:
    of what a person has done, what lies in cases they were recused from as well (number and step are all it shows)."""

    limit: int | None
    bounds: tuple[datetime | None, datetime | None] = (None, None)
    beyond: bool = False
    cases: bool = False
    places: bool = False
    handled: bool = False


def ways(actor: Actor, box: Box, part: Part) -> list[str]:
    """A question for each way into the box: `id` of the task, `case_id`, `place` and `moment`, in order."""
    if box not in of(actor):
        return []
    if box is Box.POSITIONS:
        (way,) = WAYS[box]
        return [_question(actor, box, way, part, str(n)) for n in range(len(actor.positions))]
    return [_question(actor, box, way, part, "") for way in WAYS[box]]


def _question(actor: Actor, box: Box, way: Way, part: Part, n: str) -> str:
    conditions = [way.where.replace("{n}", n), "b.agency_id = %(agency)s"]
    if not (part.handled and box is Box.DONE):
        conditions.append(f"{way.case} not in ({KEPT_OUT})")
    if part.places:
        conditions.append(f"{way.place} = any(%(places)s::bigint[])")
    if part.cases:
        conditions.append(f"{way.case} = any(%(among)s::bigint[])")
    if part.bounds[0] is not None and box in BY_DUE:
        conditions.append(f"{way.moment} >= %(least)s")
    if part.bounds[1] is not None and box in BY_DUE:
        conditions.append(f"{way.moment} < %(end)s")
    if part.beyond:
        sign = "<" if box in NEWEST_FIRST else ">"
        here, there = (
            (way.place, "%(last)s")
            if way.plain
            else (f"({way.moment}, {way.place})", "(%(moment)s, %(last)s)")
        )
        conditions.append(f"{here} {sign} {there}")
    if governs_only(actor):
        conditions.append(GOVERNED.format(case=way.case))
    text = (
        f"select {way.work} as id, {way.case} as case_id, {way.place} as place, {way.moment} as moment"  # noqa: S608
        f" from {way.table} where {' and '.join(conditions)}"
    )
    if part.limit is not None:
        text += f" order by {order(box)} limit {int(part.limit)}"
    return text


def joined(actor: Actor, box: Box, part: Part) -> str:
    """One question for all ways, in order."""
    found = ways(actor, box, part)
    if not found:  # somebody without a position
        return NOTHING
    every = " union all ".join(f"({one})" for one in found)
    if part.limit is None:
        return f"select * from ({every}) every"  # noqa: S608
    if len(found) == 1:
        return found[0]
    return f"select * from ({every}) every order by {order(box)} limit {int(part.limit)}"  # noqa: S608


NOTHING = "select null::bigint as id, null::bigint as case_id, null::bigint as place, null::timestamptz as moment limit 0"


def values(actor: Actor, bounds: tuple[datetime | None, datetime | None] = (None, None)) -> dict[str, Any]:
    """The values of the questions above."""
    held = sorted(actor.positions)
    return {
        "me": actor.officer_id,
        "agency": actor.agency_id,
        "positions": held,
        "oversees": bool(actor.positions & OVERSEERS),
        "least": bounds[0],
        "end": bounds[1],
        **{f"held{n}": key for n, key in enumerate(held)},
    }
