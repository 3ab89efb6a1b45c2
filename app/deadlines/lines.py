"""The position clock of a task as a line of a list shows it. A list has many: only what a line says is read and told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.kernel import reads

from . import past
from .calendars import calendar
from .lights import LIGHTS, Light, due_words, left_of, light_of
from .rules import Due, parse_limit


class _Told(NamedTuple):
    """What of a clock's row a line needs."""

    region_code: str
    basis: str
    limit_text: str
    state: str
    light: str
    next_light_at: datetime | None
    due_at: datetime
    due_on: date
    provisional: bool
    earliest_on: date
    latest_on: date
    stopped_at: datetime | None


_MOMENTS, _DAYS = ("next_light_at", "due_at", "stopped_at"), ("due_on", "earliest_on", "latest_on")
_COLUMNS = ", ".join(_Told._fields)
_JSON = ", ".join(f"'{name}', k.{name}" for name in _Told._fields)

OF_TASK = f"""
select jsonb_build_object({_JSON}) from clock k where k.case_id = {{task}}.case_id and k.task_id = {{task}}.task_id
and k.kind = 'position' and k.state in ('running', 'paused')
"""  # noqa: S608 - our names
"""An expression for the clock of a task that waits, as `views` reads it; `{task}` is the name of the task's row. A task
has one clock at most that has not ended, which a unique index finds; null where it has no limit."""
OF_TASKS = f"""
select work_item_id, {_COLUMNS} from ({past.of_work("%(tasks)s")}) k order by id
"""  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A clock in a list. `left` says what is left in the unit of the law, how it ended (`stopped`), or that it is
    paused; `limit` is in words (`5个工作日`)."""

    basis: str
    limit: str
    light: Light
    left: str
    due_words: str
    stopped: bool


def views(session: Session, clocks: Mapping[int, Mapping[str, Any]], now: datetime) -> dict[int, ClockLine]:
    """The lines of tasks by id, from what `OF_TASK` gave of each."""
    return _views(session, ((task, _read(told)) for task, told in clocks.items()), now)


def of_tasks(session: Session, task_ids: Iterable[int], now: datetime) -> dict[int, ClockLine]:
    """The lines of tasks by id, of finished cases too, in one query however many they are. Tasks without a limit
    are left out."""
    if not (tasks := list(task_ids)):
        return {}
    (rows,) = reads.fetch(session, (OF_TASKS, {"tasks": tasks}))
    found = ((row.pop("work_item_id"), _Told(**row)) for row in rows)  # the newest of a task comes last
    return _views(session, found, now)


def _read(told: Mapping[str, Any]) -> _Told:
    values = dict(told)
    for name in _MOMENTS:
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    for name in _DAYS:
        values[name] = date.fromisoformat(values[name])
    return _Told(**values)


def _views(session: Session, clocks: Iterable[tuple[int, _Told]], now: datetime) -> dict[int, ClockLine]:
    calendars = {}
    found = {}
    for task, told in clocks:
        days = calendars.get(told.region_code)
        if days is None:
            days = calendars[told.region_code] = calendar(session, told.region_code)
        limit = parse_limit(told.limit_text)
        due = Due(told.due_at, told.due_on, told.provisional, told.earliest_on, told.latest_on)
        found[task] = ClockLine(
            basis=told.basis,
            limit=limit.words,
            light=LIGHTS[light_of(told, now)],
            left=left_of(told, limit.unit, due, now, days),
            due_words=due_words(due, now),
            stopped=told.stopped_at is not None,
        )
    return found
