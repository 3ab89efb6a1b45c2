"""What lawfully moves the end of a clock: suspension, resumption, extension, a new calendar."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock as kernel_clock
from app.kernel.auth import Actor
from app.kernel.clock import legal_day
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.kernel.events import ClockMoved, StepCompleted, publish

from .calendar import ONE_DAY, Calendar
from .calendars import calendar
from .clocks import ledger, lock_cases, open_states, reckon, set_due
from .declarations import Cause, ClockRule, ExtensionStage, happened_at, stages_of
from .lights import day_words
from .models import CalendarEdition, Clock, ClockState, DueChange, Extension, Suspension
from .rules import Due, Interval, Limit, parse_limit, union

DIGEST = re.compile(r"[0-9a-f]{64}")
BATCH = 500
MOST = 400
"""Units of an extension whose length the law leaves to the approver."""


def _open_clock(session: Session, clock_id: int, actor: Actor, act: str) -> Clock:
    case_id = session.scalar(select(Clock.case_id).where(Clock.id == clock_id))
    if case_id is not None:
        lock_cases(session, [case_id], wait=True)  # before the clock, as every step does
    clock = session.get(Clock, clock_id, with_for_update=True, populate_existing=True)
    if clock is None or clock.agency_id != actor.agency_id:
        raise NotFound
    if clock.state not in open_states():
        raise Refused(f"“{clock.name}”已经结束计时，不能{act}。", code="clock_stopped", article=clock.basis)
    return clock


def moved_by(
    session: Session,
    clock: Clock,
    found: Due,
    days: Calendar,
    cause: str,
    now: datetime,
    by: int | None,
    edition_id: int | None = None,
) -> bool:
    """Write a new due moment, record the change, tell the others. False where nothing changed."""
    before = (clock.due_on, clock.provisional, clock.earliest_on, clock.latest_on, clock.light)
    set_due(clock, found, days, now)
    if before == (clock.due_on, clock.provisional, clock.earliest_on, clock.latest_on, clock.light):
        return False
    session.add(
        DueChange(
            clock_id=clock.id,
            cause=cause,
            before_on=before[0],
            after_on=clock.due_on,
            before_provisional=before[1],
            after_provisional=clock.provisional,
            edition_id=edition_id,
            by=by,
            at=now,
        )
    )
    session.flush()
    publish(
        session,
        ClockMoved(
            case_id=clock.case_id,
            agency_id=clock.agency_id,
            region=clock.region_code,
            at=now,
            clock_id=clock.id,
            name=clock.name,
            cause=cause,
            due_at=clock.due_at,
            light=clock.light,
            work_item_id=clock.work_item_id,
        ),
    )
    return True


def suspend(
    session: Session,
    clock_id: int,
    cause: str,
    basis: str,
    proof_digest: str,
    from_day: date,
    actor: Actor,
) -> Suspension:
    """Stop a clock for a lawful cause from a day on, that day included.

    `basis` is the provision that lets these days not count (empty: the declared one); `proof_digest` the
    stored file that shows them (the commission of a test, the notice of a hearing). The caller publishes the
    act itself.

    Raises:
        Invalid: cause, basis, proof or day is missing or cannot be.
        Refused: the clock has ended or run out, or the procedure does not know this cause.
        Conflict: the same cause is running already.
        NotFound: no such clock in the actor's agency.
    """
    clock = _open_clock(session, clock_id, actor, "暂停")
    now = kernel_clock.now()
    errors: dict[str, list[str]] = {}
    if cause not in set(Cause):
        errors["cause"] = ["请选择暂停计时的法定情形。"]
    declared = clock.rule.get("causes") or {}
    basis = basis.strip() or declared.get(cause, "")
    if not basis:
        errors["basis"] = ["请写明不计入期限所依据的法律、法规、规章条文。"]
    if not DIGEST.fullmatch(proof_digest):
        errors["proof"] = ["请上传证明文件，例如委托鉴定书、听证通知书。"]
    if from_day > legal_day(now):
        errors["from_day"] = ["起始日不能晚于今天。"]
    elif from_day < legal_day(clock.started_at):
        errors["from_day"] = [f"起始日不能早于计时开始的{day_words(legal_day(clock.started_at))}。"]
    elif clock.state == ClockState.RUNNING and from_day > clock.due_on:
        errors["from_day"] = [f"期限已于{day_words(clock.due_on)}届满，届满之后的日子不能扣除。"]
    if errors:
        raise Invalid(errors=errors)
    if declared and cause not in declared:
        raise Refused(
            f"“{clock.name}”的规定中没有这一暂停情形，不能暂停。", code="cause_unlawful", article=clock.basis
        )
    suspensions, extensions = ledger(session, [clock.id])
    if any(s.cause == cause and s.until_day is None for s in suspensions):
        raise Conflict("同一情形正在暂停计时，无需重复办理。", code="suspended_already")
    suspension = Suspension(
        clock_id=clock.id,
        cause=Cause(cause),
        basis=basis,
        proof_digest=proof_digest,
        from_day=from_day,
        by=actor.account_id,
        by_name=actor.name,
        at=now,
    )
    session.add(suspension)
    clock.state = ClockState.PAUSED
    days = calendar(session, clock.region_code)
    moved_by(
        session, clock, reckon(clock, days, suspensions, extensions), days, "suspend", now, actor.account_id
    )
    session.flush()
    return suspension


def resume(session: Session, suspension_id: int, until_day: date, actor: Actor) -> Suspension:
    """End one suspension: from `until_day` on the days count again, unless another suspension still runs.

    Raises:
        Invalid: the day lies before the suspension or in the future.
        Conflict: it was ended before.
        NotFound: no such suspension in the actor's agency.
    """
    suspension = session.get(Suspension, suspension_id)
    if suspension is None:
        raise NotFound
    clock = _open_clock(session, suspension.clock_id, actor, "恢复")
    session.refresh(suspension)
    now = kernel_clock.now()
    if suspension.until_day is not None:
        raise Conflict("这一暂停已经结束。请刷新页面查看。", code="resumed_already")
    if not suspension.from_day <= until_day <= legal_day(now):
        raise Invalid(errors={"until_day": [f"恢复计时日应在{day_words(suspension.from_day)}至今天之间。"]})
    suspension.until_day = until_day
    suspension.ended_by, suspension.ended_by_name, suspension.ended_at = actor.account_id, actor.name, now
    session.flush()
    suspensions, extensions = ledger(session, [clock.id])
    if all(s.until_day is not None for s in suspensions):
        clock.state = ClockState.RUNNING
    days = calendar(session, clock.region_code)
    moved_by(
        session, clock, reckon(clock, days, suspensions, extensions), days, "resume", now, actor.account_id
    )
    return suspension


def follow_pauses(session: Session, clock: Clock, rule: ClockRule, step: str, event: StepCompleted) -> None:
    """Pause or resume a clock whose procedure declares that a stretch of it does not count (听证 ...)."""
    due_pauses = [pause for pause in rule.pauses if step in (pause.from_step, pause.to_step)]
    if not due_pauses:
        return
    day = legal_day(happened_at(rule, step, event.data, event.at))
    suspensions, extensions = ledger(session, [clock.id])
    cause = "suspend"
    for pause in due_pauses:
        running = [s for s in suspensions if s.cause == pause.cause and s.until_day is None]
        if step == pause.to_step:
            for one in running:
                if one.step:
                    one.until_day = max(one.from_day, day)
                    one.ended_by, one.ended_at = event.actor_id, event.at
                    event.clocked.append((step, "resume", one.id))
                    cause = "resume"
        elif not running:
            suspensions.append(
                Suspension(
                    clock_id=clock.id,
                    cause=pause.cause,
                    basis=pause.basis or rule.basis,
                    step=step,
                    from_day=day,
                    by=event.actor_id,
                    at=event.at,
                )
            )
            session.add(suspensions[-1])
            session.flush()
            event.clocked.append((step, "pause", suspensions[-1].id))
    paused = any(s.until_day is None for s in suspensions)
    clock.state = ClockState.PAUSED if paused else ClockState.RUNNING
    days = calendar(session, clock.region_code)
    moved_by(
        session, clock, reckon(clock, days, suspensions, extensions), days, cause, event.at, event.actor_id
    )
    session.flush()


def extend(
    session: Session, clock_id: int, limit: str, reason: str, actor: Actor, basis: str = ""
) -> Extension:
    """Lengthen a clock by a limit that the law allows and the right person approves; `actor` approves.

    Raises:
        Refused: no provision allows it (again), it is longer than allowed, too late, or `actor` may not
            approve it.
        Invalid: the limit or the reason is missing or badly written.
        NotFound: no such clock in the actor's agency.
    """
    clock = _open_clock(session, clock_id, actor, "延长")
    now = kernel_clock.now()
    more = parse_limit(limit)
    if not reason.strip():
        raise Invalid(errors={"reason": ["请写明延长的理由。"]})
    suspensions, extensions = ledger(session, [clock.id])
    stage = _next_stage(clock, extensions, now)
    _check_length(clock, more, stage.limit, stage.basis)
    if stage.approver and stage.approver not in actor.positions:
        raise Refused(
            f"延长“{clock.name}”须由{stage.approver_words}批准，请报请批准。",
            code="extension_approver",
            article=stage.basis,
        )
    extension = Extension(
        clock_id=clock.id,
        limit_text=str(more),
        basis=basis.strip() or stage.basis,
        reason=reason.strip(),
        approved_by=actor.account_id,
        approved_by_name=actor.name,
        at=now,
        capped=stage.limit is not None,
    )
    if not extension.basis:
        raise Invalid(errors={"basis": ["请写明延长所依据的法律、法规、规章条文。"]})
    session.add(extension)
    clock.extended_by = "+".join([e.limit_text for e in extensions] + [str(more)])
    days = calendar(session, clock.region_code)
    found = reckon(clock, days, suspensions, [*extensions, extension])
    moved_by(session, clock, found, days, "extend", now, actor.account_id)
    session.flush()
    return extension


def lengthen(session: Session, clock: Clock, rule: ClockRule, step: str, event: StepCompleted) -> None:
    """Extend a clock to the last day named by a step that approves it; whoever is competent for the step approves. A
    step whose opinion is against it, or that names no day, lengthens nothing.

    Raises:
        Refused: no provision allows it again or so long, the day is none beyond the end, or the clock has run out.
    """
    against = any(isinstance(v, dict) and v.get("stance") == "disagree" for v in event.data.values())
    try:
        wanted = date.fromisoformat(str(event.data.get(rule.lengthened[step])))
    except ValueError:
        return
    if against:
        return
    suspensions, extensions = ledger(session, [clock.id])
    stage = _next_stage(clock, extensions, event.at)
    days = calendar(session, clock.region_code)
    made = Extension(clock_id=clock.id, basis=stage.basis or rule.basis, at=event.at)
    made.approved_by, made.approved_by_name = event.actor_id or 0, event.actor_name
    made.reason, made.capped = event.task.name if event.task else "", stage.limit is not None
    unit = stage.limit.unit if stage.limit else rule.limit.unit
    most = stage.limit.n if stage.limit else MOST
    for number in range(1, most + 1):
        made.limit_text = str(Limit(number, unit))
        found = reckon(clock, days, suspensions, [*extensions, made])
        if found.day >= wanted > clock.due_on:
            break
    else:
        raise Refused(
            f"“{clock.name}”现在于{_dated(clock.due_on)}届满，最长可以延长至{_dated(found.day)}，不能改为{_dated(wanted)}。",
            code="extension_cap",
            article=stage.basis,
        )
    session.add(made)
    clock.extended_by = "+".join(e.limit_text for e in [*extensions, made])
    moved_by(session, clock, found, days, "extend", event.at, event.actor_id)
    session.flush()
    event.clocked.append((step, "extend", made.id))


def _dated(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _next_stage(clock: Clock, extensions: Sequence[Extension], now: datetime) -> ExtensionStage:
    stages = stages_of(clock.rule)
    if not stages:
        raise Refused(
            f"没有法律、法规、规章规定“{clock.name}”可以延长，不能延长。",
            code="extension_unlawful",
            article=clock.basis,
        )
    if len(extensions) >= len(stages):
        raise Refused(
            f"“{clock.name}”已延长{len(extensions)}次，达到规定的次数，不能再延长。",
            code="extension_used",
            article=stages[-1].basis,
        )
    stage = stages[len(extensions)]
    if clock.state == ClockState.RUNNING and now >= clock.due_at:
        raise Refused(
            f"“{clock.name}”已于{day_words(clock.due_on)}届满。延长应当在届满之前批准，现在不能再延长。",
            code="extension_late",
            article=stage.basis,
        )
    return stage


def _check_length(clock: Clock, more: Limit, cap: Limit | None, basis: str) -> None:
    unit = cap.unit if cap else parse_limit(clock.limit_text).unit
    if more.unit is not unit:
        example = Limit(cap.n if cap else 1, unit).words
        raise Invalid(errors={"limit": [f"延长的期限应当用规定的单位，例如“{example}”。"]})
    if cap is not None and more.n > cap.n:
        raise Refused(
            f"“{clock.name}”本次最多延长{cap.words}，不能延长{more.words}。",
            code="extension_cap",
            article=basis,
            field="limit",
        )


def recompute(session: Session, edition_id: int, after: int = 0) -> tuple[int, int | None]:
    """Reckon a batch of open provisional clocks anew after the calendar changed.

    `after` is the last clock id of the batch before. Returns how many changed and the last id of this batch,
    None where it was the last batch. Clocks that were certain keep their day, also where a notice changes the
    past: nobody who relied on it is harmed (the spring festival of 2020 was lengthened after the fact).
    """
    edition = session.get_one(CalendarEdition, edition_id)
    wanted = (Clock.id > after, Clock.provisional.is_(True), Clock.state.in_(open_states()))
    found = session.execute(
        select(Clock.id, Clock.case_id).where(*wanted).order_by(Clock.id).limit(BATCH)
    ).all()
    lock_cases(session, [case_id for _, case_id in found], wait=True)
    ids = [clock_id for clock_id, _ in found]
    statement = select(Clock).where(Clock.id.in_(ids), *wanted).order_by(Clock.id).with_for_update()
    suspensions, extensions = ledger(session, ids)
    changed = 0
    for clock in session.scalars(statement.execution_options(populate_existing=True)).all():
        days = calendar(session, clock.region_code)
        due = reckon(
            clock,
            days,
            [s for s in suspensions if s.clock_id == clock.id],
            [e for e in extensions if e.clock_id == clock.id],
        )
        changed += moved_by(session, clock, due, days, "calendar", kernel_clock.now(), edition.by, edition.id)
    edition.recomputed += changed
    session.flush()
    return changed, ids[-1] if len(ids) == BATCH else None


def excluded_days(clock: Clock, suspensions: Iterable[Suspension], today: date) -> int:
    """How many days do not count so far: each once, an open suspension up to today, never the event's day."""
    first = legal_day(clock.started_at) + ONE_DAY
    merged = union(Interval(max(s.from_day, first), s.until_day or today) for s in suspensions)
    return sum((interval.until - interval.first).days for interval in merged)
