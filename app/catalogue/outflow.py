"""The catalogue and the list of elements given out as tables: all items of an agency with what they say, and for each item
which of the four elements (basis, procedure, discretion, officers) are there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams.models import ProcedureVersion
from app.kernel import sheets
from app.kernel.words import china
from app.people import service as people
from app.people.models import Agency

from . import library
from .item_rows import columns, facts, fine_text
from .models import ItemVersion, PowerItem

STATES = {"draft": "草稿", "published": "已公布", "abolished": "已取消"}
NEEDED_OFFICERS = "needed_officers"
SEPARATOR = "；"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to be given out."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_csv(self) -> bytes:
        """For programs and spreadsheets."""
        return sheets.as_csv(self.heads, self.rows)

    def as_xlsx(self) -> bytes:
        """For people."""
        return sheets.as_xlsx(self.title, self.heads, self.rows)


def catalogue(session: Session, agencies: Collection[int]) -> Sheet:
    """All items of these agencies, in the columns in which they are handed in, and their state."""
    told = columns()
    types = {each["kind"]: each["name"] for each in facts()["types"]}
    heads = (*(column["title"] for column in told), *facts()["provenance"].values(), "实施机关名称", "状态")
    rows = tuple(
        (
            *(_value(column["key"], item, agency, types) for column in told),
            *(str((item.content.get("provenance") or {}).get(key, "")) for key in facts()["provenance"]),
            agency.name,
            STATES.get(item.status, item.status),
        )
        for item, agency in _items(session, agencies)
    )
    return Sheet("权力事项目录", heads, rows)


def _items(session: Session, agencies: Collection[int]) -> Iterator[tuple[PowerItem, Agency]]:
    chosen = (
        select(PowerItem, Agency)
        .join(Agency, Agency.id == PowerItem.agency_id)
        .where(PowerItem.agency_id.in_(agencies))
        .order_by(Agency.region_code, Agency.code, PowerItem.code)
    )
    yield from session.execute(chosen).tuples()


def _value(key: str, item: PowerItem, agency: Agency, types: Mapping[str, str]) -> str:
    content = item.content
    match key:
        case "agency":
            return agency.code
        case "code" | "name" | "procedure":
            return str(getattr(item, key))
        case "type":
            return types.get(item.kind, item.kind)
        case "basis":
            return SEPARATOR.join(map(str, item.basis))
        case "fine":
            return fine_text([each for each in content.get("fine") or () if isinstance(each, Mapping)])
        case "level":
            return SEPARATOR.join(content.get("levels") or ())
        case "kinds":
            return SEPARATOR.join(content.get("kinds") or ())
        case "other_code":
            return SEPARATOR.join(str(each.get("code", "")) for each in content.get("codes") or ())
        case _:
            return str(content.get(key) or "")


SIGNED = ("签核人", "签核时间", "校验结果")
UNSIGNED = ("", "", "")
ELEMENTS = ("法定依据", "运行流程", "裁量基准", "执法人员")


def elements(session: Session, agencies: Collection[int], day: date) -> Sheet:
    """The list of elements of these agencies: what each item has of the four, and what is missing."""
    listed = list(_items(session, agencies))
    published = set(session.scalars(select(ProcedureVersion.key).distinct()))
    officers = _certified(session, agencies, day)
    standing = _laws(session, [item for item, _ in listed], day)
    signed = _signed(session, [item.id for item, _ in listed])
    rows = tuple(
        _elements(
            item, agency, published, officers.get(agency.id, 0), standing, signed.get(item.id, UNSIGNED)
        )
        for item, agency in listed
    )
    heads = ("实施机关", "事项编码", "事项名称", "状态", *ELEMENTS, *SIGNED, "要素是否齐全", "缺少")
    return Sheet("要素清单", heads, rows)


def _elements(
    item: PowerItem,
    agency: Agency,
    published: Collection[str],
    officers: int,
    standing: Mapping[str, bool],
    signed: tuple[str, str, str],
) -> tuple[str, ...]:
    lost = [law for law in _cited(item) if not standing.get(law, True)]
    basis = SEPARATOR.join(map(str, item.basis))
    procedure = item.procedure if item.procedure in published else ""
    discretion = _discretion(item)
    least = facts()[NEEDED_OFFICERS]["least"]
    there = (bool(basis) and not lost, bool(procedure), bool(discretion), officers >= least)
    missing = [name for name, is_there in zip(ELEMENTS, there, strict=True) if not is_there]
    if lost:
        missing[0] = f"法定依据（{'、'.join(f'《{law}》' for law in lost)}已废止或者已修改）"
    return (
        agency.name, item.code, item.name, STATES.get(item.status, item.status), basis, procedure, discretion,
        f"{officers} 人", *signed, "否" if missing else "是", SEPARATOR.join(missing),
    )  # fmt: skip


def _signed(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Who signed the newest version of each item that was reported, when, and what the validation had found (S0-10)."""
    rows = session.execute(
        select(ItemVersion.item_id, ItemVersion.signed)
        .where(ItemVersion.item_id.in_(item_ids), ItemVersion.signed.is_not(None))
        .where(ItemVersion.state.in_(("review", "audit", "approved")))
        .order_by(ItemVersion.id)
    )
    return {
        item_id: (
            f"{said['name']}（{said['position']}）",
            china(datetime.fromisoformat(said["at"])),
            said["result"],
        )
        for item_id, said in rows
    }


def _discretion(item: PowerItem) -> str:
    """Penalties need a baseline; other powers have none to apply."""
    if item.kind not in facts()["with_discretion"]:
        return "不适用"
    if key := item.content.get("baseline"):
        return f"裁量基准 {key}"
    tiers = item.content.get("tiers") or ()
    return f"{len(tiers)} 档" if tiers else ""


def _certified(session: Session, agencies: Collection[int], day: date) -> dict[int, int]:
    return {
        agency_id: sum(bool(card.certificate()) for card in people.officers_at(session, agency_id, on=day))
        for agency_id in agencies
    }


def _cited(item: PowerItem) -> list[str]:
    return list(
        dict.fromkeys(
            piece.law
            for each in item.basis
            for piece in library.citations.pieces(str(each))
            if piece.articles
        )
    )


def _laws(session: Session, items: Sequence[PowerItem], day: date) -> dict[str, bool]:
    """Whether each cited statute may still be relied on: nothing is known against it."""
    laws = {law for item in items for law in _cited(item)}
    bad = {library.Standing.REPEALED, library.Standing.OUTDATED}
    found = library.histories(session, laws)
    same: dict[str, Any] = {law: found[library.citations.same_law(law)] for law in laws}
    return {law: history.on(day).standing not in bad for law, history in same.items()}
