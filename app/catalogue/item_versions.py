"""Which version of an item counts on which day, and how a version is made, approved and brought into force.

What counts is a function of the day: nobody has to be awake at midnight. The worker's sweep (`apply_due`) only brings
the row of the item, which lists and searches read, to what counts.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.errors import Conflict, NotFound

from . import changes, item_rules
from .item_models import OPEN, Change, ItemVersion, VersionState
from .models import PowerItem

EXERCISED = (Change.NEW, Change.ADJUST)
STATUS: Mapping[str, str] = {
    Change.NEW: "published",
    Change.ADJUST: "published",
    Change.TRANSFER: "transferred",
    Change.ABOLISH: "abolished",
}
"""What the item is as long as a version of this change counts."""
SENT = ("change", "name", "kind", "procedure", "basis", "content", "elements", "trial", "to_agency_id")
"""What is examined: all of a version that decides what the power is."""


def counting(versions: Iterable[ItemVersion], day: date) -> ItemVersion | None:
    """The approved version that counts on a day, if any does."""
    known = [v for v in versions if v.state == VersionState.APPROVED]
    known = [v for v in known if v.effective_on is None or v.effective_on <= day]
    return max(known, key=lambda v: (v.effective_on or date.min, v.number or 0), default=None)


def approved(session: Session, item_id: int) -> Sequence[ItemVersion]:
    """The approved versions of an item, those of later days included."""
    chosen = select(ItemVersion).where(ItemVersion.item_id == item_id, ItemVersion.state == "approved")
    return session.scalars(chosen.order_by(ItemVersion.number)).all()


def digest_of(version: ItemVersion) -> str:
    """The SHA-256 that names what a version says."""
    told = [getattr(version, name) for name in SENT]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def told(version: ItemVersion, until: date | None = None) -> dict[str, Any]:
    """A version for who keeps it elsewhere: all that its digest names, and from when until when it counts (the day before
    `until`, which the next one begins; None: none follows)."""
    return {
        "says": {name: getattr(version, name) for name in SENT},
        "digest": version.digest,
        "number": version.number,
        "effective_on": version.effective_on.isoformat() if version.effective_on else None,
        "until": until.isoformat() if until else None,
        "approved_in": version.case_no,
    }


def on_day(session: Session, item_id: int, day: date) -> tuple[ItemVersion | None, date | None]:
    """The version that counts on a day, and the day on which the one after it begins."""
    known = approved(session, item_id)
    later = (v.effective_on for v in known if v.effective_on and v.effective_on > day)
    return counting(known, day), min(later, default=None)


def taken_over(
    session: Session,
    item: PowerItem,
    by: str,
    elements: Mapping[str, Any] | None = None,
    approval: str = "",
) -> ItemVersion:
    """The first version of an item that is taken over as it is, from a file or an older release: it always counted.
    `approval` is the paper of its examination from before; without one nothing of it is made public."""
    now = clock.now()
    version = ItemVersion(
        item_id=item.id,
        agency_id=item.agency_id,
        number=1,
        change=Change.NEW,
        state=VersionState.APPROVED,
        name=item.name,
        kind=item.kind,
        procedure=item.procedure,
        basis=list(item.basis),
        content=dict(item.content),
        elements=dict(elements or {}),
        trial=(elements or {}).get("trial") == "yes",
        approval=approval,
        publishable=item_rules.publishable(elements or {}),
        created_at=now,
        created_by=by,
        updated_at=now,
        approved_at=now,
        applied_at=now,
        checks=[],
    )
    version.digest = digest_of(version)
    session.add(version)
    return version


def examined_before(session: Session, item: PowerItem, told: Mapping[str, Any], paper: str) -> None:
    """Note the paper of an examination from before on what was taken over without one, if the item is still just that."""
    if not paper:
        return
    known = approved(session, item.id)
    if len(known) != 1 or known[0].approval or known[0].case_id is not None:
        return
    if all(getattr(known[0], name) == value for name, value in told.items()):
        known[0].approval = paper
        touch(session, item.id)
        session.flush()


def on_trial(session: Session) -> list[int]:
    """The ids of the items that are or once were in trial operation: mostly none."""
    chosen = select(ItemVersion.item_id).where(ItemVersion.trial, ItemVersion.state == VersionState.APPROVED)
    return sorted(set(session.scalars(chosen)))


def drafted(session: Session, items: Sequence[PowerItem], by: str) -> None:
    """The items' first drafts say what their rows say: what a file brought in is drawn up further on its pages. A draft
    that somebody has worked on already is left alone (`drawn_up`)."""
    now = clock.now()
    chosen = select(ItemVersion).where(
        ItemVersion.item_id.in_([item.id for item in items]), ItemVersion.state.in_(OPEN)
    )
    standing = {version.item_id: version for version in session.scalars(chosen.with_for_update())}
    new = []
    for item in items:
        said = {name: getattr(item, name) for name in ("name", "kind", "procedure")}
        said |= {"basis": list(item.basis), "content": dict(item.content)}
        said["elements"] = item_rules.elements_of({**said, "code": item.code})
        version = standing.get(item.id)
        if version is None:
            new.append(
                {
                    **said, "item_id": item.id, "agency_id": item.agency_id, "change": Change.NEW,
                    "state": VersionState.DRAFT, "created_at": now, "created_by": by, "updated_at": now, "checks": [],
                }
            )  # fmt: skip
        elif untouched(version):
            for name, value in said.items():
                setattr(version, name, value)
            version.updated_at = now
    if new:
        session.execute(insert(ItemVersion), new)


def untouched(version: ItemVersion) -> bool:
    """Whether a draft is as a file brought it in."""
    return version.state == VersionState.DRAFT and version.revision == 1


def drawn_up(session: Session, item_ids: Sequence[int]) -> frozenset[int]:
    """Those items whose open draft somebody has worked on, or which are being examined."""
    chosen = select(ItemVersion).where(ItemVersion.item_id.in_(item_ids), ItemVersion.state.in_(OPEN))
    return frozenset(version.item_id for version in session.scalars(chosen) if not untouched(version))


def open_of(session: Session, item_id: int) -> ItemVersion | None:
    """The version of an item that is being made."""
    chosen = select(ItemVersion).where(ItemVersion.item_id == item_id, ItemVersion.state.in_(OPEN))
    return session.scalar(chosen)


def locked(session: Session, version_id: int) -> ItemVersion:
    """A version with its row locked.

    Raises:
        NotFound: there is none.
    """
    chosen = select(ItemVersion).where(ItemVersion.id == version_id).with_for_update()
    found = session.scalar(chosen.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("没有这个事项版本。")
    return found


def of_case(session: Session, case_id: int, *, lock: bool = False) -> ItemVersion | None:
    """The version that a case is about: the agency's own case, or the legal office's."""
    chosen = select(ItemVersion).where(
        or_(ItemVersion.case_id == case_id, ItemVersion.audit_case_id == case_id)
    )
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    return session.scalar(chosen)


def approve(session: Session, version: ItemVersion, day: date, at: datetime) -> None:
    """What was examined counts from a day on, which is to come: cases opened before it keep what they were opened on.

    Raises:
        Conflict: the day is not to come.
    """
    if day <= clock.legal_day(at):
        raise Conflict("生效日期应当晚于公布当日。", code="item_day")
    newest = select(func.coalesce(func.max(ItemVersion.number), 0)).where(
        ItemVersion.item_id == version.item_id
    )
    version.number = (session.scalar(newest) or 0) + 1
    version.state = VersionState.APPROVED
    version.effective_on, version.approved_at, version.applied_at = day, at, None
    version.checked_on = clock.legal_day(at)
    version.publishable = item_rules.publishable(version.elements)
    if version.change == Change.TRANSFER:
        _receive(session, version, day, at)
    touch(session, version.item_id)
    session.flush()


def earliest(at: datetime) -> date:
    """The first day from which a version published now may count."""
    return clock.legal_day(at) + timedelta(days=1)


def _receive(session: Session, version: ItemVersion, day: date, at: datetime) -> None:
    """The receiving agency's own item, from the same day on. Cases stay where they are, with the old one."""
    item = session.get_one(PowerItem, version.item_id)
    known = session.scalar(
        select(PowerItem).where(PowerItem.agency_id == version.to_agency_id, PowerItem.code == item.code)
    )
    if known is None:
        known = PowerItem(
            agency_id=version.to_agency_id,
            code=item.code,
            name=version.name,
            kind=version.kind,
            procedure=version.procedure,
            status="draft",
            basis=list(version.basis),
            content=dict(version.content),
        )
        session.add(known)
        session.flush()
    newest = select(func.coalesce(func.max(ItemVersion.number), 0)).where(ItemVersion.item_id == known.id)
    new = ItemVersion(
        item_id=known.id,
        agency_id=known.agency_id,
        number=(session.scalar(newest) or 0) + 1,
        change=Change.NEW,
        state=VersionState.APPROVED,
        name=version.name,
        kind=version.kind,
        procedure=version.procedure,
        basis=list(version.basis),
        content=dict(version.content),
        elements=dict(version.elements),
        trial=version.trial,
        reason=version.reason,
        effective_on=day,
        case_no=version.case_no,
        approval=version.case_no,
        publishable=version.publishable,
        created_at=at,
        created_by=version.created_by,
        updated_at=at,
        approved_at=at,
        checked_on=clock.legal_day(at),
        checks=[],
    )
    new.digest = digest_of(new)
    session.add(new)
    touch(session, known.id)


def touch(session: Session, item_id: int) -> None:
    """Tell every process that keeps items that this one has changed (`editions`)."""
    session.execute(update(PowerItem).where(PowerItem.id == item_id).values(status=PowerItem.status))


def apply_due(session: Session, now: datetime, limit: int) -> int:
    """Bring items to the versions whose day has come; how many versions were due. A worker's sweep: each version is
    brought into force once, in one transaction with its item."""
    today = clock.legal_day(now)
    due = session.scalars(
        select(ItemVersion)
        .where(
            ItemVersion.state == VersionState.APPROVED,
            ItemVersion.applied_at.is_(None),
            ItemVersion.effective_on <= today,
        )
        .order_by(ItemVersion.effective_on, ItemVersion.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for item_id in sorted({version.item_id for version in due}):
        project(session, item_id, today)
    for version in due:
        version.applied_at = now
    session.flush()
    touched = session.scalars(select(PowerItem).where(PowerItem.id.in_({version.item_id for version in due})))
    changes.come_into_force(session, touched.all(), today)
    return len(due)


def project(session: Session, item_id: int, today: date) -> None:
    """Bring the row of an item to what counts today."""
    item = session.get_one(PowerItem, item_id, with_for_update=True, populate_existing=True)
    version = counting(approved(session, item_id), today)
    if version is None:
        return
    item.status = STATUS[version.change]
    item.name, item.kind, item.procedure = version.name, version.kind, version.procedure
    item.basis, item.content, item.trial = list(version.basis), dict(version.content), version.trial


def values(version: ItemVersion) -> dict[str, Any]:
    """What a version says of the item, to be carried into the next one."""
    return {name: getattr(version, name) for name in SENT if name not in ("change", "to_agency_id")}
