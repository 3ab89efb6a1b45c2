"""Discretion baselines as agencies keep them, version by version: taken in from files, or drawn up for an item and
published with its version (`items`). What is the agency's own counts only once the legal office has approved it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.errors import Conflict, Invalid

from . import discretion
from .discretion import Baseline, Problem, Severity
from .models import DiscretionBaseline, ItemVersion

MOST_BYTES = 8 * 1024 * 1024
OFFICIAL, LOCAL = "official", "local"


@dataclass(frozen=True, slots=True)
class Entry:
    """One baseline of a file: as written, as read (None where it cannot be), what is wrong with it."""

    place: int
    key: str
    written: Mapping[str, Any]
    baseline: Baseline | None
    errors: Sequence[str]
    problems: Sequence[Problem]

    @property
    def usable(self) -> bool:
        """Whether it may be taken in."""
        return self.baseline is not None and not any(p.severity is Severity.BLOCK for p in self.problems)


def read(file: Path, *, official: bool) -> list[Entry]:
    """The baselines of a file (JSON or YAML: a list, or a mapping with the list `baselines`), each with what is wrong.

    Raises:
        Invalid: the file is too large or no such list.
    """
    if file.stat().st_size > MOST_BYTES:
        raise Invalid(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，不像是裁量基准。")
    try:
        text = file.read_text(encoding="utf-8")
        content: Any = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except (UnicodeDecodeError, ValueError, yaml.YAMLError) as wrong:
        raise Invalid(f"文件不是 UTF-8 的 JSON 或者 YAML：{wrong}。") from wrong
    entries = content.get("baselines") if isinstance(content, Mapping) else content
    if not isinstance(entries, list) or not entries:
        raise Invalid("文件中没有裁量基准（一个列表，或者名为 baselines 的列表）。")
    return list(_entries(entries, official=official))


def _entries(entries: Sequence[Any], *, official: bool) -> Iterator[Entry]:
    seen: set[str] = set()
    for place, written in enumerate(entries, 1):
        try:
            baseline = discretion.read(written)
        except Invalid as error:
            told = [text for texts in error.errors.values() for text in texts] or [str(error)]
            key = str(written.get("id") or "") if isinstance(written, Mapping) else ""
            yield Entry(place, key, {}, None, told, ())
            continue
        if baseline.key in seen:
            yield Entry(place, baseline.key, written, None, [f"编号 {baseline.key} 在文件中重复。"], ())
            continue
        seen.add(baseline.key)
        yield Entry(place, baseline.key, written, baseline, (), discretion.check(baseline, official=official))


def load(
    session: Session, agency_id: int, entries: Sequence[Entry], *, official: bool, approval: str = ""
) -> int:
    """Take in what is usable of these; how many were new or changed. What is there already stays as it is.

    Args:
        approval: the paper by which the legal office has approved them before; without one an agency's own is taken in
            as a draft that nothing cites until it is examined with an item (`publish`).

    Raises:
        Invalid: one of them cannot be taken in.
    """
    if refused := [entry for entry in entries if not entry.usable]:
        raise Invalid(f"第 {refused[0].place} 条（{refused[0].key or '无编号'}）有错误，没有载入。")
    changed = 0
    for entry in entries:
        baseline = entry.baseline
        assert baseline  # noqa: S101 - usable
        said = {"origin": OFFICIAL if official else LOCAL, "approval": "" if official else approval.strip()}
        changed += _put(session, agency_id, entry.written, baseline, **said)
    return changed


def _put(
    session: Session,
    agency_id: int,
    written: Mapping[str, Any],
    baseline: Baseline,
    *,
    origin: str,
    approval: str,
    item_version_id: int | None = None,
) -> int:
    text = json.dumps(written, ensure_ascii=False, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    mine = (DiscretionBaseline.agency_id == agency_id, DiscretionBaseline.key == baseline.key)
    known = session.scalars(
        select(DiscretionBaseline).where(*mine).order_by(DiscretionBaseline.number).with_for_update()
    ).all()
    same = next((row for row in known if row.digest == digest), None)
    if same and (same.approval or origin == OFFICIAL or not approval):
        return 0
    if same:  # what was taken in as a draft has been approved since
        same.approval, same.item_version_id = approval, item_version_id
        session.flush()
        return 1
    session.add(
        DiscretionBaseline(
            agency_id=agency_id,
            key=baseline.key,
            number=max((row.number for row in known), default=0) + 1,
            origin=origin,
            violation=baseline.violation,
            version=baseline.version,
            effective_from=baseline.effective_from,
            content=json.loads(text),
            digest=digest,
            approval=approval,
            item_version_id=item_version_id,
            loaded_at=clock.now(),
        )
    )
    session.flush()
    return 1


def own(version: ItemVersion) -> Mapping[str, Any] | None:
    """The baseline that a version of an item brings with it, as written; None: it brings none."""
    elements = version.elements
    return elements.get("own_baseline") if elements.get("discretion") == "own" else None


def publish(session: Session, version: ItemVersion) -> None:
    """Publish the baseline that came through its approval with a version of an item, from the same day on; of a power that
    goes over to another agency with the other one's items.

    Raises:
        Conflict: it has defects that no approval mends.
    """
    written = own(version)
    if written is None or version.effective_on is None:
        return
    told = {**written, "effective_from": version.effective_on.isoformat(), "version": version.case_no}
    baseline = discretion.read(told)
    if any(problem.severity is Severity.BLOCK for problem in discretion.check(baseline, official=False)):
        raise Conflict("自拟的裁量基准有阻止公布的问题，请退回修改。", code="baseline")
    said = {"origin": LOCAL, "approval": version.case_no, "item_version_id": version.id}
    _put(session, version.to_agency_id or version.agency_id, told, baseline, **said)


def of_agency(
    session: Session, agency_id: int | None = None, *, cited: bool = False
) -> Sequence[DiscretionBaseline]:
    """All versions of an agency's baselines, or of every agency's; `cited`: only those that may be cited."""
    query = select(DiscretionBaseline)
    if agency_id is not None:
        query = query.where(DiscretionBaseline.agency_id == agency_id)
    if cited:
        query = query.where(citable())
    order = (DiscretionBaseline.agency_id, DiscretionBaseline.key, DiscretionBaseline.number)
    return session.scalars(query.order_by(*order)).all()


def citable() -> ColumnElement[bool]:
    """What may be cited at all: a superior authority has issued it, or the legal office has approved it."""
    return or_(DiscretionBaseline.origin == OFFICIAL, DiscretionBaseline.approval != "")


def in_force(session: Session, agency_id: int, key: str, day: date) -> DiscretionBaseline | None:
    """The version of a baseline that is in force on a day: of those that may be cited and had come into force by then the
    one that did last; one without a day counts from when it was taken in."""
    since = func.coalesce(DiscretionBaseline.effective_from, func.date(DiscretionBaseline.loaded_at))
    query = (
        select(DiscretionBaseline)
        .where(
            DiscretionBaseline.agency_id == agency_id, DiscretionBaseline.key == key, since <= day, citable()
        )
        .order_by(since.desc(), DiscretionBaseline.number.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def told(row: DiscretionBaseline) -> dict[str, Any]:
    """A version as cases name it (`content.baseline_version` of an item): plain values."""
    since = row.effective_from.isoformat() if row.effective_from else ""
    names = ("key", "number", "origin", "version", "approval")
    return {**{name: getattr(row, name) for name in names}, "effective_from": since}


def tiers_of(baseline: Baseline) -> list[dict[str, Any]]:
    """The tiers that set a sum in yuan, as a power item lists them (`name`, `when`, `low`, `high`, which ends belong)."""
    law = baseline.statutory
    if law.unit != "元" or law.most is None:
        return []
    least = law.least or 0
    return [
        {
            "name": tier.name,
            "when": tier.told,
            "low": str(tier.low.value(least, law.most)),
            "high": str(tier.high.value(least, law.most)),
            "low_included": tier.low_included,
            "high_included": tier.high_included,
        }
        for tier in baseline.tiers
        if tier.name not in discretion.NO_PENALTY
    ]
