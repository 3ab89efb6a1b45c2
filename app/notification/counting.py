"""What waits for a person, as numbers and names of steps: all that a message ever says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.kernel import clock
from app.kernel.auth import Actor

Count = Callable[[Session, Actor, datetime], int]
MOST_NAMES = 6
"""Names of steps that are written out."""

MINE = """
    w.kind = 'user' and w.agency_id = :agency and (
        (w.status = 'open' and w.assignee_id = :officer)
        or (w.status = 'cosign' and w.cosigner_id = :officer)
        or (w.status = 'open' and w.assignee_id is null and w.position_key = any(:positions)))
"""
WAITING = text(f"""
select w.name, count(*) filter (where w.due_at < :now) as overdue,
    count(*) filter (where w.due_at >= :now and w.due_at < :soon) as due,
    count(*) filter (where w.opened_at >= :since) as new,
    count(*) filter (where w.due_at < :now and w.due_at >= :since) as turned,
    count(*) as waiting
from work_item w where {MINE} group by w.name order by 2 desc, 3 desc, 4 desc, w.name
""")  # noqa: S608 - texts of this module
AWAITED = text(f"select count(*) from ({cases.AWAITED.format(me=':officer')}) a")  # noqa: S608 - a text of the cases
URGED = text("""
select count(distinct u.work_item_id) from urging u join work_item w on w.id = u.work_item_id
where u.officer_id = :officer and w.status in ('open', 'cosign') and :officer in (w.assignee_id, w.cosigner_id)
""")
UNREAD = text("""
select count(*) from involvement
where officer_id = :officer and state <> 'removed' and part = 'copy' and read_at is null
""")


@dataclass(frozen=True, slots=True)
class Counter:
    """One more number a message may give: its name, and how it is counted since a moment."""

    key: str
    label: str
    count: Count


@dataclass(frozen=True, slots=True)
class Waiting:
    """The numbers of a person; `turned` of the overdue ones became so since the moment asked about. `names` are those of
    the steps concerned, the most pressing first; `more` the other numbers with their labels, zeros left out."""

    overdue: int
    due: int
    new: int
    waiting: int
    turned: int
    names: Sequence[str]
    more: Sequence[tuple[str, int]] = ()

    @property
    def anything(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.overdue or self.due or self.new or self.more)

    def lines(self) -> list[tuple[str, int]]:
        """The numbers with their labels, zeros left out."""
        own = (("已经超期", self.overdue), ("今明两日到期", self.due), ("新到达", self.new))
        return [(label, n) for label, n in (*own, *self.more) if n]


def _involved(question: Any) -> Count:
    return lambda session, actor, since: int(
        session.execute(question, {"officer": actor.officer_id}).scalar_one()
    )


_counters: dict[str, Counter] = {
    "awaited": Counter("awaited", "等您答复", _involved(AWAITED)),
    "urged": Counter("urged", "被催办", _involved(URGED)),
    "unread": Counter("unread", "抄送未读", _involved(UNREAD)),
}


def register(counter: Counter) -> None:
    """Let messages give one more number (a room above says here what it counts)."""
    _counters[counter.key] = counter


def counters() -> Mapping[str, Counter]:
    """The further numbers by key."""
    return dict(_counters)


def of(session: Session, actor: Actor, since: datetime) -> Waiting:
    """What waits for a person, what of it is new since a moment."""
    now = clock.now()
    tomorrow = clock.legal_day(now) + timedelta(days=2)
    values = {
        "agency": actor.agency_id,
        "officer": actor.officer_id,
        "positions": sorted(actor.positions),
        "now": now,
        "soon": datetime.combine(tomorrow, datetime.min.time(), clock.CHINA),
        "since": since,
    }
    rows = session.execute(WAITING, values).all()
    pressing = [row for row in rows if row.overdue or row.due or row.new]
    more = [(c.label, n) for c in _counters.values() if (n := c.count(session, actor, since))]
    return Waiting(
        overdue=sum(row.overdue for row in rows),
        due=sum(row.due for row in rows),
        new=sum(row.new for row in rows),
        waiting=sum(row.waiting for row in rows),
        turned=sum(row.turned for row in rows),
        names=[row.name for row in pressing[:MOST_NAMES]],
        more=more,
    )
