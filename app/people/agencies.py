"""Entering regions and agencies from a file: the first thing a new installation needs.

Entering twice changes nothing but what the file says anew; nothing is ever deleted, cases refer to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel.errors import Invalid

from .models import Agency, Region

LEVELS = ("province", "city", "county", "town")
REGION = ("code", "name", "level")
AGENCY = ("code", "name", "abbreviation", "region", "kind", "uscc")
OPTIONAL = ("address", "phone", "review_organ", "court")


def enter(session: Session, content: Any) -> tuple[int, int]:
    """Enter or refresh the regions and agencies of a file's content; how many of each it names.

    `regions`: code, name, level (province, city, county, town), parent; `agencies`: code, name, abbreviation,
    region, kind, uscc (its credit code), and address, phone, review_organ, court, payment {bank, name, account}.

    Raises:
        Invalid: something is missing or refers to nothing; the messages name the entry.
    """
    regions, agencies = _lists(content)
    errors = _missing("区划", regions, REGION) + _missing("机关", agencies, AGENCY)
    errors += [
        f"区划 {r.get('code')}：级别“{r.get('level')}”不认识，只能是 {'、'.join(LEVELS)}"
        for r in regions
        if r.get("level") not in LEVELS
    ]
    known = dict(session.execute(select(Region.code, Region.level)).tuples().all())
    known |= {str(r.get("code")): str(r.get("level")) for r in regions}
    errors += [
        f"区划 {r['code']}：上级 {r['parent']} 不存在"
        for r in regions
        if r.get("parent") and str(r["parent"]) not in known
    ]
    errors += [
        f"机关 {a.get('code')}：区划 {a.get('region')} 不存在"
        for a in agencies
        if str(a.get("region")) not in known
    ]
    if errors:
        raise Invalid("文件内容需要修改：", errors={"file": errors})
    for region in sorted(regions, key=lambda r: LEVELS.index(r["level"])):
        values = {
            "name": region["name"],
            "level": region["level"],
            "parent_code": _text(region.get("parent")),
        }
        row = insert(Region).values(code=str(region["code"]), **values)
        session.execute(row.on_conflict_do_update(index_elements=[Region.code], set_=values))
    there = {a.code: a for a in session.scalars(select(Agency))}
    for entry in agencies:
        agency = there.get(str(entry["code"])) or Agency(code=str(entry["code"]))
        for name in ("name", "abbreviation", "kind", "uscc"):
            setattr(agency, name, str(entry[name]))
        agency.region_code = str(entry["region"])
        agency.level = known[agency.region_code]
        for name in OPTIONAL:
            setattr(agency, name, str(entry.get(name) or ""))
        agency.payment = {part: str(text) for part, text in (entry.get("payment") or {}).items()}
        session.add(agency)
    session.flush()
    return len(regions), len(agencies)


def _lists(content: Any) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    if not isinstance(content, Mapping):
        raise Invalid("文件应有 regions 和 agencies 两个列表。")
    found = [content.get(name) or [] for name in ("regions", "agencies")]
    if not all(isinstance(rows, list) and all(isinstance(r, Mapping) for r in rows) for rows in found):
        raise Invalid("regions 和 agencies 应是列表，每一项是“名称: 值”。")
    return found[0], found[1]


def _missing(what: str, rows: Sequence[Mapping[str, Any]], needed: Sequence[str]) -> list[str]:
    return [
        f"{what} {row.get('code') or row.get('name') or '？'}：缺少 {'、'.join(lacking)}"
        for row in rows
        if (lacking := [name for name in needed if not row.get(name)])
    ]


def _text(value: Any) -> str | None:
    return str(value) if value else None
