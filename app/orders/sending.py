"""Sending an order in: it is locked, and the legal office gets a case that begins with it."""

from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.people import service as people

from . import drafting, finding, kinds, offices
from .models import ChangeOrder, State
from .room import for_proposers

MOST_ROWS = 50
"""Of the list in the form that comes in."""


def statement(session: Session, order: ChangeOrder) -> dict[str, Any]:
    """What comes in at the legal office: the form with which its case begins."""
    kind = kinds.of(order)
    return {
        "matter": f"{finding.KINDS[order.kind]}变更：{kind.matter(session, order)}"[:200],
        "kind": finding.KINDS[order.kind],
        "order_no": finding.number(order),
        "agency": people.agency(session, order.agency_id).name,
        "fingerprint": order.digest,
        "effective_on": finding.day(order).isoformat(),
        "reason": order.reason,
        "source": order.source,
        "excerpt": order.excerpt,
        "changes": _bounded(kind.rows(session, order)),
        "impact": kind.impact(session, order)[:4000],
    }


def _bounded(rows: Any) -> list[dict[str, str]]:
    """No more rows than the form takes: the last one says how many there are besides."""
    told = [
        {"part": row["part"][:200], "before": row["before"][:1000], "after": row["after"][:1000]}
        for row in rows
    ]
    if len(told) <= MOST_ROWS:
        return told
    rest = len(told) - MOST_ROWS + 1
    return [*told[: MOST_ROWS - 1], {"part": "…", "before": "", "after": f"另有 {rest} 项，见变更单"}]


def send(session: Session, actor: Actor, kind: str, order_id: int, revision: int) -> ChangeOrder:
    """Send an order in. Sent again by the same person it is what it was.

    Raises:
        Forbidden: the actor does not propose for the agency, or the order is about the actor.
        NotFound: there is no such order of the agency.
        Conflict: it was changed since the person looked.
        Invalid: it cannot be carried out; every reason is named.
        Refused: there is no legal office, or a gate of law stands in the way.
    """
    order = finding.own(session, actor, kind, order_id)
    for_proposers(actor)
    if order.state != State.DRAFT:
        if order.proposed_by == actor.officer_id:
            return order
        raise Conflict("这张变更单已经报送。", code="order_sent")
    if order.revision != revision:
        raise Conflict("变更单在您打开本页以后又有修改，请刷新后核对，再报送。", code="order_changed")
    _complete(session, actor, order)
    office = offices.examining(session, order.agency_id)
    order.state, order.digest = State.SENT, drafting.digest_of(order)
    order.proposed_by, order.proposed_at = actor.officer_id, clock.now()
    order.office_id = office.agency_id
    session.flush()
    stated = statement(session, order)
    assert actor.officer_id is not None  # noqa: S101 - who proposes holds a position
    cases.come(session, office.agency_id, office.item, actor.officer_id, stated["matter"], stated)
    return order


def _complete(session: Session, actor: Actor, order: ChangeOrder) -> None:
    missing = {"reason": "理由", "source": "来源"}
    lacking = [word for name, word in missing.items() if not getattr(order, name).strip()]
    if order.effective_on is None:
        lacking.append("生效日期")
    if lacking:
        raise Invalid(f"变更单还缺少{'、'.join(lacking)}，请填写后再报送。")
    kind = kinds.of(order)
    if actor.officer_id in kind.subjects(order):
        raise Forbidden("变更涉及您本人，请由本机关其他权力事项管理岗人员报送。", code="own_order")
    kinds.checked(session, order)
