"""The answer to an act, and how a repeated request gets it again (exactly once)."""

from collections.abc import Collection
from dataclasses import dataclass

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from app.kernel import clock, writes
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid

from . import handling, locking
from .models import Done


@dataclass(frozen=True, slots=True)
class ActResult:
    """The answer to an act. A repeated request gets an equal one.

    `outcome` is `opened`, `done`, `cosign` (waits for the second officer), `returned` or `claimed`; of an act on
    a clock `suspended`, `resumed` or `extended`, and then `work_item_id` is the clock's id;
    `documents` the numbers issued; `next` the names of the tasks that follow with their position.
    """

    outcome: str
    case_id: int
    work_item_id: int
    message: str
    documents: list[dict[str, str]]
    next: list[dict[str, str]]


REMEMBER = """
insert into act_done (key, account_id, case_id, result, at)
values (%(key)s, %(account_id)s, %(case_id)s, %(result)s, %(at)s) on conflict do nothing
"""
KEY_REUSED = "这次提交的标识已被使用，请刷新页面后重新提交。"


def answered(
    done: Done | None, actor: Actor, outcomes: Collection[str], work_item_id: int | None = None
) -> ActResult | None:
    """The answer this very request got before. A key says nothing about another act, task or person: taking
    it for an answer would lose what was handed in."""
    if done is None:
        return None
    result = ActResult(**done.result)
    same_task = work_item_id is None or result.work_item_id == work_item_id
    if done.account_id != actor.account_id or result.outcome not in outcomes or not same_task:
        raise Conflict(KEY_REUSED, code="key_reused")
    return result


def remember(session: Session, actor: Actor, key: str, result: ActResult) -> ActResult:
    """Keep the answer with the act, and end it: everything it wrote is sent."""
    told = {name: getattr(result, name) for name in ActResult.__slots__}
    values = {"key": key, "account_id": actor.account_id, "case_id": result.case_id, "at": clock.now()}
    writes.run(session, REMEMBER, values | {"result": Jsonb(told)}, _first)
    locking.release(session)
    return result


def _first(count: int) -> None:
    if not count:  # the same key on two cases at once: their locks do not keep the two apart
        raise Conflict(KEY_REUSED, code="key_reused")


def checked_key(key: str) -> str:
    if not 16 <= len(key) <= 64 or not key.isalnum():
        raise Invalid("提交的标识缺失或格式不对，请刷新页面后重新提交。", code="key")
    return key


def officer_of(actor: Actor) -> int:
    """The officer behind an account, for acts of enforcement; administrators and analysts are none."""
    return handling.handler_of(actor, "")
