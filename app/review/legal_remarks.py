"""Remarks anchored in the texts of a file: written, changed and taken back while the review is open, never after."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import WorkItem
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid, NotFound

from .legal_keeping import REVIEW
from .legal_models import ReviewRemark
from .legal_points import Shape
from .legal_text import Source, located

KINDS = {"problem": "问题", "change": "修改建议", "support": "佐证"}
QUOTE, TEXT, MOST = 1000, 2000, 200
"""Characters of a quote and of a remark; remarks of a round."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A remark as it comes from the page: the anchor, the quoted words, and what is said about them."""

    key: str
    source: str
    passage: str
    start: int
    quote: str
    kind: str
    point: str
    text: str


def of_case(session: Session, case_id: int) -> Sequence[ReviewRemark]:
    """The remarks of all rounds of a case, oldest first."""
    return session.scalars(
        select(ReviewRemark).where(ReviewRemark.case_id == case_id).order_by(ReviewRemark.id)
    ).all()


def open_task(session: Session, actor: Actor, work_item_id: int) -> WorkItem:
    """The review task this person is working on, held until the act is over.

    Raises:
        NotFound: there is no such task for this person, or it is no review.
        Conflict: the review was handed in, or is somebody else's.
    """
    work = cases.work_item(session, actor, work_item_id)
    if work.step != REVIEW:
        raise NotFound("这项任务不是法制审核。")
    held = session.scalars(
        select(WorkItem)
        .where(WorkItem.id == work.id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one()
    if held.status != cases.WorkStatus.OPEN or held.assignee_id != actor.officer_id:
        raise Conflict("这次法制审核已经提交，或者不由您办理，批注不能再改。", code="moved_on")
    return held


def add(
    session: Session, actor: Actor, work: WorkItem, shape: Shape, source: Source | None, wanted: Wanted
) -> ReviewRemark:
    """Write a remark beside quoted words. The same request again gives the same remark.

    Raises:
        Invalid: by field, what is wrong with it.
    """
    again = session.scalar(
        select(ReviewRemark).where(ReviewRemark.work_item_id == work.id, ReviewRemark.key == wanted.key)
    )
    if again is not None:
        return again
    _check(shape, wanted.kind, wanted.point, wanted.text)
    passages = list(source.passages()) if source else []
    quote = wanted.quote.strip("\n")
    if not quote.strip() or len(quote) > QUOTE:
        raise _wrong("quote", f"请选中要批注的文字，不超过 {QUOTE} 字。")
    place = located(passages, wanted.passage, max(0, wanted.start), quote)
    if source is None or place is None:
        raise _wrong("quote", "案卷中没有找到选中的文字，请刷新页面后重新选择。")
    mine = select(ReviewRemark.id).where(ReviewRemark.work_item_id == work.id).limit(MOST)
    if len(session.scalars(mine).all()) >= MOST:
        raise _wrong("text", f"一次审核的批注最多 {MOST} 条，请合并后再写。")
    remark = ReviewRemark(
        case_id=work.case_id,
        work_item_id=work.id,
        agency_id=work.agency_id,
        officer_id=work.assignee_id,
        key=wanted.key,
        kind=wanted.kind,
        point=wanted.point,
        source=source.key,
        source_digest=source.digest,
        passage=place[0],
        start=place[1],
        said={"quote": quote, "text": wanted.text.strip(), "title": source.title},
        at=clock.now(),
    )
    session.add(remark)
    session.flush()
    return remark


def change(
    session: Session, work: WorkItem, shape: Shape, remark_id: int, kind: str, point: str, text: str
) -> ReviewRemark:
    """Change what a remark says; its anchor stays.

    Raises:
        NotFound: it is no remark of this round.
        Invalid: by field, what is wrong with it.
    """
    remark = one(session, work, remark_id)
    _check(shape, kind, point, text)
    remark.kind, remark.point = kind, point
    remark.said = {**remark.said, "text": text.strip()}
    remark.changed_at = clock.now()
    session.flush()
    return remark


def remove(session: Session, work: WorkItem, remark_id: int) -> str:
    """Take a remark back; the text it stood in. One that is gone already is no error."""
    remark = session.scalar(_mine(work, remark_id))
    if remark is None:
        return ""
    source = remark.source
    session.delete(remark)
    session.flush()
    return source


def one(session: Session, work: WorkItem, remark_id: int) -> ReviewRemark:
    """A remark of this round.

    Raises:
        NotFound: it is none.
    """
    remark = session.scalar(_mine(work, remark_id))
    if remark is None:
        raise NotFound("没有这条批注，它可能已经删除。")
    return remark


def _mine(work: WorkItem, remark_id: int):  # type: ignore[no-untyped-def]
    return select(ReviewRemark).where(ReviewRemark.id == remark_id, ReviewRemark.work_item_id == work.id)


def _check(shape: Shape, kind: str, point: str, text: str) -> None:
    if kind not in KINDS:
        raise _wrong("kind", "请选择批注的类别。")
    if point and shape.point(point) is None:
        raise _wrong("point", "请选择本审核表中的要点。")
    if len(text) > TEXT:
        raise _wrong("text", f"批注不超过 {TEXT} 字，请删减。")
    if not text.strip() and kind != "support":
        raise _wrong("text", "请写明问题或者修改建议。")


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, field=field, errors={field: [message]})
