"""Drawing an order up: a draft of the agency's own, changed until it is sent in, or given up."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound

from . import finding
from .models import ChangeOrder, State
from .room import for_proposers

AFTER = "after"
"""Names in a draft the order that it begins with; gone as soon as the draft is saved."""


def digest_of(found: ChangeOrder) -> str:
    """SHA-256 of what an order says."""
    said = {name: getattr(found, name) for name in ("kind", "content", "reason", "source", "excerpt")}
    said["effective_on"] = found.effective_on.isoformat() if found.effective_on else ""
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def begin(session: Session, kind: str, agency_id: int, by: str, content: Mapping[str, Any]) -> ChangeOrder:
    """A draft in an agency; `by` is who draws it up, by name."""
    now = clock.now()
    made = ChangeOrder(
        kind=kind,
        state=State.DRAFT,
        agency_id=agency_id,
        content=dict(content),
        prepared_by=by,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    return made


def save(
    session: Session,
    actor: Actor,
    kind: str,
    order_id: int | None,
    revision: int,
    content: Mapping[str, Any],
    said: Mapping[str, str],
    effective_on: date,
) -> ChangeOrder:
    """Keep a draft, new where `order_id` is None. `said`: reason, source, excerpt.

    Raises:
        Forbidden: the actor does not propose for the agency.
        NotFound: there is no such order of the agency.
        Conflict: it was saved by somebody else meanwhile, or is sent in.
    """
    if order_id is None:
        for_proposers(actor)
        found = begin(session, kind, actor.agency_id, actor.name, content)
    else:
        found = editable(session, actor, kind, order_id, revision)
        found.content = dict(content)
        found.revision += 1
    for name in ("reason", "source", "excerpt"):
        setattr(found, name, said.get(name, "").strip())
    found.effective_on, found.updated_at = effective_on, clock.now()
    session.flush()
    return found


def editable(session: Session, actor: Actor, kind: str, order_id: int, revision: int) -> ChangeOrder:
    """A draft of the own agency as this person knows it, locked.

    Raises:
        Forbidden: the actor does not propose for the agency.
        NotFound: there is no such order. Conflict: it has moved on.
    """
    found = finding.own(session, actor, kind, order_id)
    for_proposers(actor)
    open_still(found)
    if found.revision != revision:
        raise Conflict("变更单在您打开本页以后又有修改，请刷新后核对。", code="order_changed")
    return found


def own(actor: Actor, found: ChangeOrder) -> None:
    """Go on only with an order of the own agency.

    Raises:
        NotFound: it is another agency's.
    """
    if found.agency_id != actor.agency_id:
        raise NotFound(finding.NO_ORDER)


def open_still(found: ChangeOrder) -> None:
    """Go on only with a draft.

    Raises:
        Conflict: it is sent in.
    """
    if found.state != State.DRAFT:
        raise Conflict("这张变更单已经报送，不能再修改。", code="order_sent")


def again(session: Session, actor: Actor, kind: str, order_id: int) -> int:
    """A new draft that says what an order said that was not confirmed or could not be carried out; asked for twice it is
    the same one as long as nobody has worked on it. Its id.

    Raises:
        Forbidden: the actor does not propose for the agency.
        NotFound: there is no such order. Conflict: it is open, or was carried out.
    """
    before = finding.own(session, actor, kind, order_id)
    for_proposers(actor)
    if before.state not in (State.REJECTED, State.FAILED):
        raise Conflict("只有没有同意或者没有能够调整的变更单可以据此重新提出。", code="order_not_over")
    content = {name: value for name, value in before.content.items() if name != "by"} | {AFTER: before.id}
    drafts = session.scalars(finding.drafts(kind, actor.agency_id)).all()
    if known := next((each for each in drafts if each.content == content), None):
        return known.id
    made = begin(session, kind, actor.agency_id, actor.name, content)
    for name in ("reason", "source", "excerpt", "effective_on"):
        setattr(made, name, getattr(before, name))
    session.flush()
    return made.id


def drop(session: Session, actor: Actor, kind: str, order_id: int) -> None:
    """Give a draft up: it was never sent in, so nothing of it stays.

    Raises:
        Forbidden: the actor does not propose for the agency.
        NotFound: there is no such order. Conflict: it is sent in.
    """
    found = finding.own(session, actor, kind, order_id)
    for_proposers(actor)
    if found.state != State.DRAFT:
        raise Conflict("这张变更单已经报送，不能放弃。", code="order_sent")
    session.delete(found)
    session.flush()
