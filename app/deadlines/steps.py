"""The clocks follow what happens to a case."""

from sqlalchemy.orm import Session

from app.kernel import writes
from app.kernel.events import CaseOpened, StepCompleted

from .calendar import Calendar
from .calendars import calendar
from .clocks import begin, begin_position, declared, end, holds, open_of, start, stop_all
from .declarations import happened_at
from .ledger import follow_pauses, lengthen
from .models import ClockKind
from .past import FOLD


def on_event(session: Session, event: CaseOpened | StepCompleted) -> None:
    """Start and stop clocks with what happened to a case (flow subscriber).

    Position clocks follow the engine's tasks. Statutory clocks follow the legal steps in their order; a step
    first stops, pauses, resumes or lengthens, then starts, so that one step may do both for the same clock. A clock that
    is running is not started again.
    """
    days = calendar(session, event.region)
    if isinstance(event, StepCompleted):
        if event.closed:
            _stop_positions(session, event)
        if event.steps:
            _follow_steps(session, event, days)
        if event.finished:
            stop_all(session, event.case_id, event.at)
    for task in event.opened:
        begin_position(session, event, days, task, event.work_items.get(task.id))
    if isinstance(event, StepCompleted) and event.finished:
        writes.run(session, FOLD, {"case": event.case_id})


def _stop_positions(session: Session, event: StepCompleted) -> None:
    for clock in open_of(session, event.case_id):
        if clock.kind == ClockKind.POSITION and clock.task_id in event.closed:
            end(session, clock, event.at)


def _follow_steps(session: Session, event: StepCompleted, days: Calendar) -> None:
    rules = declared(event.procedure)
    if not any(step in rule.followed for rule in rules for step in event.steps):
        return
    running = {c.key: c for c in open_of(session, event.case_id) if c.kind == ClockKind.STATUTORY}
    for step in event.steps:
        for rule in rules:
            if step in rule.stops and rule.id in running and holds(rule.stops_when.get(step), event):
                event.clocked.append((step, "stop", running[rule.id].id))
                end(session, running.pop(rule.id), happened_at(rule, step, event.data, event.at))
            elif rule.id in running:
                follow_pauses(session, running[rule.id], rule, step, event)
                if step in rule.lengthened:
                    lengthen(session, running[rule.id], rule, step, event)
        for rule in rules:
            if step in rule.starts and rule.id not in running and holds(rule.starts_when, event):
                running[rule.id] = begin(
                    event,
                    days,
                    kind=ClockKind.STATUTORY,
                    name=rule.name,
                    limit=rule.limit,
                    side=rule.side,
                    started_at=happened_at(rule, step, event.data, event.at),
                    basis=rule.basis,
                    key=rule.id,
                    rule=rule.stored(),
                )
                start(session, running[rule.id])
                event.clocked.append((step, "start", running[rule.id].id))
