"""Remarks on the elements of a draft: said, answered, settled, taken up again. Only for the draft's agency."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid, NotFound

from . import draft_tree, drafts
from .comment_models import DraftComment
from .draft_models import Draft, DraftStatus

MOST_CHARACTERS = 2000
MOST_COMMENTS = 3000
"""Of one draft."""
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
_OVER = (DraftStatus.PUBLISHED, DraftStatus.DISCARDED)


@dataclass(frozen=True, slots=True)
class Thread:
    """A remark with its answers, oldest first."""

    root: DraftComment
    answers: Sequence[DraftComment]


def threads(session: Session, found: Draft) -> list[Thread]:
    """All threads of a draft, the oldest first, settled ones too."""
    chosen = select(DraftComment).where(DraftComment.draft_id == found.id).order_by(DraftComment.id)
    rows = session.scalars(chosen).all()
    answers: dict[int, list[DraftComment]] = {}
    for row in rows:
        if row.parent_id is not None:
            answers.setdefault(row.parent_id, []).append(row)
    return [Thread(row, answers.get(row.id, ())) for row in rows if row.parent_id is None]


def say(
    session: Session,
    actor: Actor,
    draft_id: int,
    *,
    key: str,
    path: str,
    body: str,
    element: str = "",
    element_name: str = "",
) -> DraftComment:
    """A new thread; the same key again is the same thread.

    Raises:
        NotFound: the draft does not exist for this person.
        Conflict: the draft is over.
        Invalid: nothing is said, it is too long, or the place is none of a draft's.
    """
    found = _open(session, actor, draft_id)
    if not draft_tree.PATH.fullmatch(path):
        raise Invalid("批注的位置不对，请刷新页面后重试。", code="comment_place")
    if len(element) > 300 or "\0" in element + element_name:
        raise Invalid("批注的位置不对，请刷新页面后重试。", code="comment_place")
    return _add(session, actor, found, key, body, path=path, element=element, element_name=element_name[:100])


def answer(
    session: Session, actor: Actor, draft_id: int, thread_id: int, *, key: str, body: str
) -> DraftComment:
    """Answer to a thread; a settled one is open again by it.

    Raises:
        NotFound: draft or thread does not exist for this person.
        Conflict: the draft is over.
        Invalid: nothing is said, or it is too long.
    """
    found = _open(session, actor, draft_id)
    root = _root(session, found, thread_id)
    added = _add(
        session, actor, found, key, body, parent_id=root.id, path=root.path, element=root.element,
        element_name=root.element_name,
    )  # fmt: skip
    root.resolved_at, root.resolved_by, root.resolved_name = None, None, ""
    return added


def settle(session: Session, actor: Actor, draft_id: int, thread_id: int, *, settled: bool) -> DraftComment:
    """Settle a thread or take it up again; doing so twice changes nothing.

    Raises:
        NotFound: draft or thread does not exist for this person.
        Conflict: the draft is over.
    """
    root = _root(session, _open(session, actor, draft_id), thread_id)
    if settled and root.resolved_at is None:
        root.resolved_at, root.resolved_by, root.resolved_name = clock.now(), actor.account_id, actor.name
    elif not settled:
        root.resolved_at, root.resolved_by, root.resolved_name = None, None, ""
    return root


def _open(session: Session, actor: Actor, draft_id: int) -> Draft:
    found = drafts.draft(session, actor, draft_id, lock=True)
    if found.status in _OVER:
        raise Conflict("这份草稿已经结束，不能再批注。", code="draft_over")
    return found


def _root(session: Session, found: Draft, thread_id: int) -> DraftComment:
    root = session.get(DraftComment, thread_id)
    if root is None or root.draft_id != found.id or root.parent_id is not None:
        raise NotFound("没有这条批注。")
    return root


def _add(
    session: Session, actor: Actor, found: Draft, key: str, body: str, **place: str | int
) -> DraftComment:
    if not _KEY.fullmatch(key):
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body")
    chosen = select(DraftComment).where(DraftComment.draft_id == found.id)
    if known := session.scalar(chosen.where(DraftComment.key == key)):
        return known
    if not body.strip():
        raise Invalid("请填写批注的内容。", errors={"body": ["请填写批注的内容。"]})
    if len(body) > MOST_CHARACTERS:
        raise Invalid(
            f"批注不得超过 {MOST_CHARACTERS} 个字。",
            errors={"body": [f"批注不得超过 {MOST_CHARACTERS} 个字。"]},
        )
    if session.scalar(select(func.count()).select_from(chosen.subquery())) >= MOST_COMMENTS:
        raise Invalid("这份草稿的批注过多，请先在已有的批注中回复。", code="comment_count")
    row = DraftComment(
        draft_id=found.id, key=key, body=body.strip(), at=clock.now(), by=actor.account_id, by_name=actor.name,
        **place,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
