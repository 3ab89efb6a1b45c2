"""The door of the room."""

from flask import url_for
from sqlalchemy.orm import Session

from app.inbox import service as inbox
from app.kernel import words

from . import finding, kinds
from .acts import on_step, register_jobs
from .models import Kind
from .roster import Orders

__all__ = ["KIND", "ROSTER", "annex", "on_step", "register_jobs"]
KIND = "order"
"""The kind of the procedure by which change orders are examined."""
ROSTER = Orders()
"""How the room of people draws orders up (port)."""
SHOWN = 12
"""How many changes the task page lists."""
PLACES = {Kind.LAW: "laws", Kind.ROSTER: "roster"}


def annex(session: Session, case_id: int) -> inbox.Annex | None:
    """What lies beside the tasks of an order's case: what changes, and what it touches."""
    order = finding.of_case(session, case_id)
    if order is None:
        return None
    kind = kinds.of(order)
    rows = kind.rows(session, order)
    points = [(row["part"], f"{row['before'] or '（空）'} → {row['after']}") for row in rows[:SHOWN]]
    if (rest := len(rows) - SHOWN) > 0:
        points.append(("", f"另有 {rest} 项"))
    lines = [
        ("变更单", finding.number(order)),
        ("基础数据", finding.KINDS[order.kind]),
        ("生效日期", words.day(finding.day(order))),
        ("影响范围", kind.impact(session, order)),
    ]
    url = url_for("orders.order", place=PLACES[Kind(order.kind)], order_id=order.id)
    return inbox.Annex("变更单", lines, points, "查看变更单和影响范围", url)
