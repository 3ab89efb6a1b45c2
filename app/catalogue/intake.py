"""Taking power items over from files: as drafts, on which no case can be opened until they are published.

`put` is the one place that writes; the same rows again change nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.diagrams.models import ProcedureVersion
from app.kernel import sheets
from app.people.models import Agency
from app.people.service import Scope

from . import citations, item_versions, library
from .item_rows import Fault, Known, Read, Row, columns, facts
from .item_rows import read as read_rows
from .models import PowerItem
from .validity import WORDS, Standing

DRAFT = "draft"
BY = "文件导入"
"""Who drew a draft up that came from a file."""
PART = 500
"""Rows written with one statement."""
OWN = frozenset({"limit", "fee", "office", "place", "phone", "complaints", "note", "kinds", "levels", "fine", "codes",
                 "provenance"})  # fmt: skip
"""What of an item's content a file has; the rest (tiers, baseline, field) stays as it is."""
PUBLISHED = "事项已经公布，文件内容与公布的不同。已公布事项的变更须经事项调整程序，导入不改动它。"
DRAWN_UP = (
    "这个事项的草稿已有人编制或者正在审核，文件内容与它不同，导入不改动它。"
    "请到该事项的页面修改；要以文件为准的，先撤销草稿再导入。"
)
ABOLISHED = "事项已经取消，不能导入。需要恢复的，请经事项调整程序办理。"


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows made a new draft, changed one, or changed nothing."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(self.new + other.new, self.changed + other.changed, self.same + other.same)


def known(session: Session, scope: Scope | None, agency_id: int | None) -> Known:
    """What the database knows for reading rows: agencies of the scope (None: all), the one the file is for."""
    chosen = select(Agency)
    if scope is not None:
        chosen = chosen.where(scope.condition(Agency))
    rows = session.scalars(chosen).all()
    names = {name: row.id for row in rows for name in (row.code, row.name)}
    kind = next((row.kind for row in rows if row.id == agency_id), "")
    keys = session.scalars(select(ProcedureVersion.key).distinct())
    return Known(names, agency_id, kind, frozenset(keys))


def check(session: Session, content: bytes, name: str, told: Known) -> tuple[sheets.Table, Read]:
    """A file, read and checked to the end: against itself, and against what is published.

    Raises:
        Invalid: code `file`; it cannot be read.
    """
    table = sheets.read(content, name)
    found = read_rows(table, told)
    standing = _existing(session, found.rows)
    drawn = item_versions.drawn_up(session, [item.id for item in standing.values()])
    kept = []
    for row in found.rows:
        item = standing.get((row.agency_id, row.code))
        wrong = _stands_in_the_way(item, row, drawn)
        if wrong:
            found.faults.append(Fault(row.refs["code"], wrong, row.code))
            found.refused.append(row.number)
        else:
            kept.append(row)
    found.rows[:] = kept
    return table, found


def _stands_in_the_way(item: PowerItem | None, row: Row, drawn: Collection[int]) -> str:
    if item is None:
        return ""
    if item.status == DRAFT:
        return DRAWN_UP if item.id in drawn and not _is_same(item, row) else ""
    if item.status == "abolished":
        return ABOLISHED
    return "" if _is_same(item, row) else PUBLISHED


def compare(session: Session, rows: Sequence[Row]) -> Written:
    """What taking these rows over would do."""
    standing = _existing(session, rows)
    told = Written()
    for row in rows:
        item = standing.get((row.agency_id, row.code))
        told += (
            Written(new=1) if item is None else Written(same=1) if _is_same(item, row) else Written(changed=1)
        )
    return told


def put(session: Session, rows: Sequence[Row]) -> Written:
    """Take rows over that were checked: new ones as drafts, drafts as the rows have them; the rest stays."""
    done = Written()
    for at in range(0, len(rows), PART):
        done += _put(session, rows[at : at + PART])
    return done


def _put(session: Session, rows: Sequence[Row]) -> Written:
    standing = _existing(session, rows, lock=True)
    drawn = item_versions.drawn_up(session, [item.id for item in standing.values()])
    new, changed, same = [], [], 0
    for row in rows:
        item = standing.get((row.agency_id, row.code))
        if item is None:
            new.append(_values(row, {}))
        elif _is_same(item, row) or item.status != DRAFT or item.id in drawn:
            same += 1
        else:
            values = _values(row, item.content)
            session.execute(update(PowerItem).where(PowerItem.id == item.id).values(values))
            changed.append(item.id)
    made: Sequence[int] = ()
    if new:
        statement = insert(PowerItem).on_conflict_do_nothing().returning(PowerItem.id)
        made = session.scalars(statement, new).all()
    touched = select(PowerItem).where(PowerItem.id.in_([*made, *changed])).order_by(PowerItem.id)
    item_versions.drafted(
        session, session.scalars(touched.execution_options(populate_existing=True)).all(), BY
    )
    return Written(len(made), len(changed), same + len(new) - len(made))


def _existing(
    session: Session, rows: Sequence[Row], *, lock: bool = False
) -> dict[tuple[int, str], PowerItem]:
    found: dict[tuple[int, str], PowerItem] = {}
    for at in range(0, len(rows), PART):
        keys = [(row.agency_id, row.code) for row in rows[at : at + PART]]
        chosen = select(PowerItem).where(tuple_(PowerItem.agency_id, PowerItem.code).in_(keys))
        chosen = chosen.order_by(PowerItem.id)
        for item in session.scalars(chosen.with_for_update() if lock else chosen):
            found[item.agency_id, item.code] = item
    return found


def _values(row: Row, before: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in before.items() if key not in OWN}
    return {
        "agency_id": row.agency_id,
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "procedure": row.procedure,
        "status": DRAFT,
        "basis": list(row.basis),
        "content": kept | dict(row.content),
    }


def _is_same(item: PowerItem, row: Row) -> bool:
    mine = {key: value for key, value in item.content.items() if key in OWN}
    return (item.name, item.kind, item.procedure, list(item.basis), mine) == (
        row.name, row.kind, row.procedure, list(row.basis), dict(row.content),
    )  # fmt: skip


def hints(session: Session, rows: Sequence[Row], day: date) -> list[Fault]:
    """What a person should look at though it stands in nobody's way: bases that are repealed, outdated, not in force."""
    cited = {
        row.number: [piece.law for each in row.basis for piece in citations.pieces(each) if piece.articles]
        for row in rows
    }
    laws = {law for each in cited.values() for law in each}
    held = {key: history.on(day) for key, history in library.histories(session, laws).items()}
    doubtful = {Standing.REPEALED, Standing.OUTDATED, Standing.NOT_YET}
    found = []
    for row in rows:
        for law in dict.fromkeys(cited[row.number]):
            standing = held[citations.same_law(law)].standing
            if standing in doubtful:
                found.append(
                    Fault(
                        row.refs.get("basis", f"第{row.number}行"),
                        f"《{law}》{WORDS[standing]}，请核对依据。",
                    )
                )
    return found


def template() -> bytes:
    """The empty file to be filled in, with how to do it and what each column takes."""
    told = columns()
    heads = [column["title"] + ("*" if column["needed"] else "") for column in told]
    notes = [(head, column["hint"] or "按实际填写。") for head, column in zip(heads, told, strict=True)]
    notes.append(("带 * 的列", "必须填写。一行一个事项；不要合并单元格，不要用公式。"))
    notes.append(("权力类型", "、".join(f"{each['code']} {each['name']}" for each in facts()["types"])))
    return sheets.as_xlsx("事项", heads, [], notes=notes, widths=_widths(told))


def marked(table: sheets.Table, faults: Sequence[Fault]) -> bytes:
    """The file as it was handed in, with what is wrong at each cell and once more at the end of each row."""
    by_row: dict[int, list[Fault]] = {}
    places = {cell.ref: number for number, cells in table.rows for cell in cells}
    for fault in faults:
        number = places.get(fault.ref) or int("".join(char for char in fault.ref if char.isdigit()) or 0)
        by_row.setdefault(number, []).append(fault)
    heads = [cell.text for cell in table.heads]
    wrong = "需要修改的地方"
    width = len(heads)
    marks: dict[str, str] = {}
    rows = []
    for line, (number, cells) in enumerate(table.rows, 2):
        mine = by_row.get(number, [])
        texts = [cell.text for cell in cells[:width]] + [""] * max(0, width - len(cells))
        rows.append([*texts, "；".join(f"{fault.ref} {fault.message}" for fault in mine)])
        columns_ = {cell.ref: at for at, cell in enumerate(cells)}
        for fault in mine:
            ref = f"{sheets.letter(columns_.get(fault.ref, width))}{line}"
            marks[ref] = f"{marks[ref]}\n{fault.message}" if ref in marks else fault.message
    return sheets.as_xlsx("需要修改", [*heads, wrong], rows, marks=marks)


def _widths(told: Sequence[Mapping[str, Any]]) -> list[int]:
    wide = {"name": 48, "basis": 60, "fine": 40, "limit": 30}
    return [wide.get(str(column["key"]), 16) for column in told]
