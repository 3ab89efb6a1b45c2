"""What the steps of the legal office's case do to the order, inside the transaction of the step (`app/flow.py`), and what a
worker does when the day of a confirmed one has come. Nothing but what was sent in and confirmed is ever carried out.

The case is locked before the order's row.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock, jobs, words
from app.kernel.errors import Invalid, Refused, XingquanError
from app.kernel.events import StepCompleted
from app.people import service as people

from . import drafting, finding, kinds
from .models import ChangeOrder, State
from .room import settings

FREEZE, REPLY = "orders.freeze", "orders.reply"
AGREED = "同意"
SWEEP = "orders.due"


def refused(message: str, code: str) -> Refused:
    return Refused(message, code=code, article=str(settings()["article"]))


def on_step(session: Session, event: StepCompleted) -> None:
    """Take an order in, keep whom it is about out of it, and do what was signed (flow subscriber).

    Raises:
        Refused: what came in is not the order, or what was signed cannot be carried out.
        Invalid: the day is not one for which it may be confirmed.
    """
    tried = event.agency_id == people.STAND_IN_AGENCY
    if tried or not event.procedure.startswith(f"{settings()['procedure']}@"):
        return
    if FREEZE in event.actions:
        _freeze(session, event)
        return
    order = finding.of_case(session, event.case_id, lock=REPLY in event.actions)
    if order is None:
        raise refused("没有与本案对应的变更单，不能办理。", "order_gone")
    if event.actor_id in kinds.of(order).subjects(order):
        raise refused("变更涉及您本人，不能审核和确认。请由其他人员办理。", "own_order")
    if REPLY in event.actions:
        _reply(session, event, order)


def _freeze(session: Session, event: StepCompleted) -> None:
    """Bind the case to the order with which it begins, if what came in is just what was sent in."""
    chosen = select(ChangeOrder).where(
        ChangeOrder.state == State.SENT,
        ChangeOrder.case_id.is_(None),
        ChangeOrder.digest == str(event.data.get("fingerprint") or ""),
        ChangeOrder.proposed_by == event.actor_id,
        ChangeOrder.office_id == event.agency_id,
    )
    waiting = session.scalars(chosen.with_for_update()).all()
    order = next((each for each in waiting if finding.number(each) == event.data.get("order_no")), None)
    if order is None or drafting.digest_of(order) != order.digest:
        raise refused("登记的内容与报来的变更单不一致。请在变更单页面报送。", "order_changed")
    order.case_id, order.case_no = event.case_id, str(event.context["case"]["no"])
    session.flush()


def _reply(session: Session, event: StepCompleted, order: ChangeOrder) -> None:
    if order.state != State.SENT or drafting.digest_of(order) != order.digest:
        raise refused("变更单已经有了变化，不能签发意见。请报告系统管理员。", "order_changed")
    signed = {name: event.data.get(name) or "" for name in ("conclusion", "opinion", "effective_on")}
    order.answer = {**signed, "signed_by": event.actor_name}
    order.answered_at = order.updated_at = event.at
    if signed["conclusion"] == AGREED:
        _confirm(session, event, order, date.fromisoformat(str(signed["effective_on"])))
    else:
        order.state = State.REJECTED
    session.flush()
    _tell(session, order)


def _confirm(session: Session, event: StepCompleted, order: ChangeOrder, day: date) -> None:
    kind = kinds.of(order)
    if wrong := kind.wrong_day(order, day):
        raise Invalid(errors={"effective_on": [wrong]})
    if found := kind.problems(session, order):
        listed = "；".join(text.rstrip("。") for text in found)
        raise refused(f"变更单现在不能执行：{listed}。请不予确认并写明理由。", "order_unfit")
    order.state, order.effective_on = State.CONFIRMED, day
    if kind.at_once or day <= clock.legal_day(event.at):
        _carry_out(session, order, event.at)


def _carry_out(session: Session, order: ChangeOrder, at: datetime) -> None:
    kinds.of(order).carry_out(session, order, clock.legal_day(at))
    order.state, order.applied_at = State.APPLIED, at
    session.flush()


def apply_due(session: Session, now: datetime, limit: int) -> int:
    """Carry out the confirmed orders whose day has come; how many were due. A worker's sweep: each once. One that does
    not fit any more changes nothing, and whoever proposed it is told why."""
    due = session.scalars(
        select(ChangeOrder)
        .where(ChangeOrder.state == State.CONFIRMED, ChangeOrder.effective_on <= clock.legal_day(now))
        .order_by(ChangeOrder.effective_on, ChangeOrder.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for order in due:
        try:
            with session.begin_nested():
                kinds.checked(session, order)
                _carry_out(session, order, now)
        except XingquanError as error:
            order.state, order.trouble, order.updated_at = State.FAILED, error.message, now
        session.flush()
        _tell(session, order)
    return len(due)


def _tell(session: Session, order: ChangeOrder) -> None:
    """Let whoever proposed it know how it stands."""
    if order.proposed_by is None:
        return
    answer: Mapping[str, Any] = order.answer or {}
    name = f"{finding.number(order)}（{kinds.of(order).matter(session, order)}）"
    said = {
        State.REJECTED: f"{name}不予确认：{answer.get('opinion', '')}",
        State.CONFIRMED: f"{name}已经确认，自{words.day(finding.day(order))}起调整。",
        State.APPLIED: f"{name}已经确认并调整，自{words.day(finding.day(order))}起生效。",
        State.FAILED: f"{name}没有能够调整：{order.trouble}请核对后重新提出。",
    }[State(order.state)]
    key = f"order:{order.id}:{order.state}"
    people.tell(session, [order.proposed_by], order.proposed_by, key, said)


def register_jobs() -> None:
    """Let the worker carry out what is due."""
    question = "select min(effective_on)::timestamp at time zone 'Asia/Shanghai' from change_order"
    jobs.register_sweep(SWEEP, apply_due, f"{question} where state = 'confirmed'")
