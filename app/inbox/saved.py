"""Saved filters: one's own, and those that the heads of the agency share with a position or with everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.cases.service import OVERSEERS
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people

from . import filters
from .boxes import Box
from .filters import Chosen
from .models import DefaultFilter, SavedFilter, Shared

NAME_MOST = 30
MOST = 50
"""Saved filters of one person."""
NO_FILTER = "没有这个筛选，或者它不再与您共享。"
SHARING = {Shared.OWN: "仅自己使用", Shared.POSITION: "共享给一个岗位", Shared.AGENCY: "共享给本机关"}


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved filter. `mine` whether this person may change it, `default` whether it applies when the person opens the
    box; `shared` for whom it is, in words."""

    id: int
    box: Box
    name: str
    chosen: Chosen
    shared: str
    mine: bool
    default: bool


def shares(actor: Actor) -> bool:
    """Whether this person may share filters: the heads of an agency may."""
    return bool(actor.positions & OVERSEERS)


def _usable(actor: Actor) -> ColumnElement[bool]:
    return or_(
        SavedFilter.account_id == actor.account_id,
        and_(
            SavedFilter.agency_id == actor.agency_id,
            or_(
                SavedFilter.shared == Shared.AGENCY,
                and_(
                    SavedFilter.shared == Shared.POSITION,
                    SavedFilter.position_key.in_(sorted(actor.positions)),
                ),
            ),
        ),
    )


def of(session: Session, actor: Actor, box: Box | None = None) -> list[SavedView]:
    """The filters this person may use, their own first."""
    chosen = select(SavedFilter).where(_usable(actor))
    if box is not None:
        chosen = chosen.where(SavedFilter.box == box.value)
    defaults = _defaults(session, actor)
    positions = people.position_names(session)
    rows = session.scalars(chosen.order_by(SavedFilter.account_id != actor.account_id, SavedFilter.id)).all()
    return [view(actor, row, defaults, positions) for row in rows]


def _defaults(session: Session, actor: Actor) -> dict[str, int]:
    rows = session.execute(
        select(DefaultFilter.box, DefaultFilter.filter_id).where(DefaultFilter.account_id == actor.account_id)
    )
    return {row.box: row.filter_id for row in rows}


def view(
    actor: Actor, row: SavedFilter, defaults: Mapping[str, int], positions: Mapping[str, str]
) -> SavedView:
    """A saved filter as this person sees it; `defaults` are the numbers of those that apply, by box."""
    shared = SHARING[Shared(row.shared)]
    if row.position_key:
        shared = f"共享给{positions.get(row.position_key, row.position_key)}"
    elif row.account_id != actor.account_id:
        shared = "本机关共享"
    return SavedView(
        row.id,
        Box(row.box),
        str(row.told.get("name", "")),
        filters.read(filters.Kept(row.told.get("chosen", {}))),
        shared,
        row.account_id == actor.account_id,
        defaults.get(row.box) == row.id,
    )


def one(session: Session, actor: Actor, filter_id: int) -> SavedFilter:
    """A filter this person may use.

    Raises:
        NotFound: there is none for this person.
    """
    found = session.scalar(select(SavedFilter).where(SavedFilter.id == filter_id, _usable(actor)))
    if found is None:
        raise NotFound(NO_FILTER)
    return found


def save(session: Session, actor: Actor, box: Box, given: Mapping[str, Any], chosen: Chosen) -> SavedFilter:
    """Save a filter under a name; one's own of that name in the box is replaced.

    Raises:
        Invalid: name or sharing are not acceptable, or the filter says nothing.
        Forbidden: only heads share.
        Conflict: the person has too many.
    """
    name = " ".join(str(given.get("name", "")).split())
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = ["请填写筛选的名称。"]
    elif len(name) > NAME_MOST:
        errors["name"] = [f"名称不得超过 {NAME_MOST} 字，现在有 {len(name)} 字。"]
    if not chosen:
        errors["chosen"] = ["没有选择任何筛选条件。请先选择条件，再保存。"]
    shared, position = _sharing(session, actor, given, errors)
    if errors:
        raise Invalid(errors=errors)
    mine = session.scalars(select(SavedFilter).where(SavedFilter.account_id == actor.account_id)).all()
    row = next((one for one in mine if one.box == box.value and one.told.get("name") == name), None)
    if row is None:
        if len(mine) >= MOST:
            raise Conflict(f"您已保存 {MOST} 个筛选，请先删除不再使用的。", code="too_many")
        row = SavedFilter(account_id=actor.account_id, agency_id=actor.agency_id, box=box.value)
        session.add(row)
    row.agency_id, row.shared, row.position_key = actor.agency_id, shared, position
    row.told = {"name": name, "chosen": chosen.told()}
    row.at = clock.now()
    session.flush()
    if given.get("default"):
        make_default(session, actor, row.id)
    return row


def _sharing(
    session: Session, actor: Actor, given: Mapping[str, Any], errors: dict[str, list[str]]
) -> tuple[Shared, str | None]:
    try:
        shared = Shared(given.get("shared") or Shared.OWN)
    except ValueError:
        errors["shared"] = ["请在列出的共享范围中选择。"]
        return Shared.OWN, None
    if shared is not Shared.OWN and not shares(actor):
        raise Forbidden("只有本机关负责人可以共享筛选。")
    if shared is not Shared.POSITION:
        return shared, None
    position = str(given.get("position") or "")
    if position not in people.position_names(session):
        errors["position"] = ["请选择共享给哪个岗位。"]
    return shared, position


def make_default(session: Session, actor: Actor, filter_id: int) -> SavedFilter:
    """Let a filter apply when this person opens its box.

    Raises:
        NotFound: there is none for this person.
    """
    found = one(session, actor, filter_id)
    statement = insert(DefaultFilter).values(account_id=actor.account_id, box=found.box, filter_id=found.id)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "box"], set_={"filter_id": statement.excluded.filter_id}
        )
    )
    return found


def no_default(session: Session, actor: Actor, box: Box) -> None:
    """Let the whole list be shown when this person opens the box."""
    session.execute(
        delete(DefaultFilter).where(
            DefaultFilter.account_id == actor.account_id, DefaultFilter.box == box.value
        )
    )


def drop(session: Session, actor: Actor, filter_id: int) -> None:
    """Delete one's own filter, for everybody it was shared with too.

    Raises:
        NotFound: there is none of this person.
    """
    found = one(session, actor, filter_id)
    if found.account_id != actor.account_id:
        raise NotFound(NO_FILTER)
    session.execute(delete(SavedFilter).where(SavedFilter.id == found.id))
