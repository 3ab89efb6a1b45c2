"""The columns of a list: which there are, which are shown unless a person chose others, and what was chosen."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel.auth import Actor
from app.kernel.errors import Invalid

from .boxes import Box
from .models import ChosenColumns

COLUMNS: Mapping[str, str] = {
    "title": "案件",
    "no": "案号",
    "left": "剩余时间",
    "due": "到期日",
    "opened": "到达",
    "begun": "发起",
    "done": "办结时间",
    "position": "岗位",
    "holder": "承办人",
    "second": "协办人",
    "item": "事项",
}
"""In the order in which they are offered. The task itself always comes first."""
USUAL: Mapping[Box, Sequence[str]] = {
    Box.MINE: ("title", "no", "left", "due", "opened"),
    Box.POSITIONS: ("title", "no", "left", "due", "opened"),
    Box.OPINIONS: ("title", "no", "left", "due", "holder"),
    Box.URGED: ("title", "no", "left", "due", "holder"),
    Box.COPIED: ("title", "no", "left", "position", "holder"),
    Box.INITIATED: ("title", "no", "left", "due", "holder", "begun"),
    Box.WATCHED: ("title", "no", "left", "due", "position", "holder"),
    Box.AGENCY: ("title", "no", "left", "due", "position", "holder"),
    Box.DONE: ("title", "no", "done"),
}


def possible(box: Box) -> list[str]:
    """The columns a box can have."""
    if box is Box.DONE:
        return [name for name in COLUMNS if name not in ("left", "due")]
    return [name for name in COLUMNS if name != "done"]


def wanted(actor: Actor, box: Box, chosen: Sequence[str] | None) -> Sequence[str]:
    """The columns of a box for a person who chose these (None: never chose)."""
    usual = list(USUAL[box])
    if box in (Box.MINE, Box.POSITIONS) and len(actor.positions) > 1:
        usual.append("position")
    return [name for name in chosen if name in possible(box)] or usual if chosen else usual


def choose(session: Session, actor: Actor, box: Box, places: Mapping[str, int]) -> Sequence[str]:
    """Show these columns, in the order of their places (equal ones: in the order of the offer).

    Raises:
        Invalid: none was chosen, or one that the box does not have.
    """
    allowed = possible(box)
    if not places:
        raise Invalid(errors={"columns": ["请至少选择一列。"]})
    if not set(places) <= set(allowed):
        raise Invalid("选择的列不属于这个列表，请刷新页面后重新选择。", code="columns")
    chosen = sorted(places, key=lambda name: (places[name], allowed.index(name)))
    values = {"account_id": actor.account_id, "box": box.value, "columns": chosen}
    statement = insert(ChosenColumns).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "box"], set_={"columns": statement.excluded.columns}
        )
    )
    return chosen


def reset(session: Session, actor: Actor, box: Box) -> None:
    """Show the usual columns again."""
    session.execute(
        delete(ChosenColumns).where(
            ChosenColumns.account_id == actor.account_id, ChosenColumns.box == box.value
        )
    )
