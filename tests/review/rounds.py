"""Rounds of review driven through the very acts officers use."""

import itertools
from typing import Any

from callers import Caller
from cases.town import Town, actor, as_post

from app.cases import demo_content, service
from app.cases.demo import officers
from app.kernel import clock

_keys = itertools.count(1)


def key() -> str:
    """A new idempotency key."""
    return f"reviewround{next(_keys):021d}"


def answers(town: Town, name: str, form: str, earlier: int = 0, prefix: str = "cg") -> dict[str, Any]:
    """The planned answers to a form that was filled in `earlier` times before."""
    with town.read() as session:
        found = officers(session, actor(session, f"{prefix}-intake").agency_id)
    return demo_content.answers(demo_content.case_of(name), form, earlier, found, clock.now())


def take(town: Town, case_id: int, login: str) -> int:
    """Claim the waiting review; the id of its task."""
    work_id, _ = town.work(case_id, "legal_review")
    town.do(service.claim, login, work_id, key())
    return work_id


def hand_in(town: Town, case_id: int, node: str, login: str, data: dict[str, Any]) -> service.ActResult:
    """Hand a waiting task in."""
    work_id, version = town.work(case_id, node)
    return town.do(service.hand_in, login, work_id, version, key(), lambda *_: data)


def confirm(town: Town, case_id: int, node: str, login: str) -> service.ActResult:
    """Confirm it as the second officer."""
    work_id, version = town.work(case_id, node)
    return town.do(service.confirm, login, work_id, version, key())


def remark(who: Caller, work_id: int, source: str, passage: str, quote: str, **more: str) -> Any:
    """Write a remark as the page does."""
    given = {"source": source, "passage": passage, "start": "0", "quote": quote, "kind": "problem", "point": "",
             "text": "请补充依据。", "_key": key()} | more  # fmt: skip
    return who.post(f"/review/legal/{work_id}/remarks", given, page=f"/review/legal/{work_id}")


__all__ = ["answers", "as_post", "confirm", "hand_in", "key", "remark", "take"]
