"""Drives change orders as the people of an agency and of the legal office would: on their pages, and at their tasks."""

import itertools
from collections.abc import Mapping
from typing import Any

from callers import Caller
from cases.town import Town
from sqlalchemy import select

from app.cases import acts
from app.cases.models import WorkItem, WorkStatus
from app.kernel import clock, jobs
from app.orders.models import ChangeOrder

PROPOSER, EXAMINER, SIGNER = "hb-review", "sf-legal", "sf-deputy"
POINTS = dict.fromkeys(("genuine", "content", "day", "touched"), "符合")
_numbers = itertools.count(1)


def key() -> str:
    """A new idempotency key."""
    return f"changeorder{next(_numbers):09d}"


def newest(town: Town) -> ChangeOrder:
    """The order that was made last."""
    with town.read() as session:
        found = session.scalars(select(ChangeOrder).order_by(ChangeOrder.id.desc()).limit(1)).one()
        session.expunge(found)
        return found


def order(town: Town, order_id: int) -> ChangeOrder:
    """An order as it stands."""
    with town.read() as session:
        found = session.get_one(ChangeOrder, order_id)
        session.expunge(found)
        return found


def send(town: Town, caller: Caller, order_id: int, place: str = "laws", **more: Any) -> Any:
    """Send an order in from its page."""
    page = f"/{place}/orders/{order_id}"
    version = more.pop("version", None) or order(town, order_id).revision
    return caller.post(f"{page}/send", {"_version": str(version)}, page=page)


def again(caller: Caller, order_id: int, place: str = "laws") -> int:
    """Propose anew what came to nothing; the draft's id."""
    page = f"/{place}/orders/{order_id}"
    answer = caller.post(f"{page}/again", page=page)
    assert answer.status_code == 303
    return int(answer.headers["Location"].split("/")[-2])


def waiting(town: Town, case_id: int) -> WorkItem:
    """The one task of the legal office's case that waits."""
    with town.read() as session:
        chosen = select(WorkItem).where(WorkItem.case_id == case_id, WorkItem.status == WorkStatus.OPEN)
        found = session.scalars(chosen).one()
        session.expunge(found)
        return found


def hand_in(town: Town, order_id: int, login: str, data: Mapping[str, Any]) -> acts.ActResult:
    """Hand the waiting task in."""
    work = waiting(town, order(town, order_id).case_id or 0)
    return town.do(acts.hand_in, login, work.id, work.version, key(), lambda *_: data)


def opinion(conclusion: str, day: str) -> dict[str, str]:
    """What the legal office says."""
    if conclusion == "同意":
        return {"conclusion": conclusion, "effective_on": day}
    return {"conclusion": conclusion, "opinion": "来源无法查证（演示）。"}


def examine(
    town: Town, order_id: int, day: str = "", conclusion: str = "同意", login: str = EXAMINER
) -> None:
    """The legal office examines."""
    hand_in(town, order_id, login, {**POINTS, **opinion(conclusion, day)})


def sign(town: Town, order_id: int, day: str = "", conclusion: str = "同意", login: str = SIGNER) -> None:
    """The legal office signs."""
    hand_in(town, order_id, login, opinion(conclusion, day))


def work(town: Town) -> None:
    """What the worker does."""
    with town.app.app_context():
        now = clock.now()
        jobs.run_sweeps(now, without=jobs.idle(now))
