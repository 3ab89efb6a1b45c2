"""An act on a case by somebody who need not hold one of its tasks: the member of a meeting, the recorder of a hearing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.auth import Actor
from app.kernel.errors import Refused

from . import acts, locking
from .answers import ActResult, answered, checked_key, remember
from .handling import handler_of
from .locking import Running
from .models import CaseStatus, Done


@dataclass(frozen=True, slots=True)
class Told:
    """What an act says to its person, and what the record keeps of it (`detail`; texts belong below its `data`)."""

    message: str
    detail: Mapping[str, Any]
    files: Sequence[str] = ()


def act(
    session: Session,
    actor: Actor,
    case_id: int,
    work_item_id: int,
    key: str,
    kind: str,
    do: Callable[[Running, int], Told],
) -> ActResult:
    """Lock the case and carry out `do` once: it is given the running case and the officer, checks who may, and writes
    rows of its own room. `kind` is what the record calls it (`work.…`).

    Raises:
        Refused: the case is closed, or the officer was recused from it.
        Conflict: the key served another act.
    """
    own = checked_key(key)
    running = locking.lock(session, case_id)
    officer_id = handler_of(actor, running.procedure.kind)
    locking.keep_out(running, officer_id)
    done = session.get(Done, own, populate_existing=True)
    if repeated := answered(done, actor, (kind,), work_item_id):
        return repeated
    if running.case.status != CaseStatus.OPEN:
        raise Refused("案件已经办结归档，不能再作这项处理。", code="closed")
    told = do(running, officer_id)
    session.flush()
    acts.note(running, actor, kind, told.detail, told.files)
    return remember(session, actor, own, ActResult(kind, case_id, work_item_id, told.message, [], []))
