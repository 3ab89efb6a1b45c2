"""An item's own discretion baseline (裁量档次), drawn up with a version of the item and examined with it.

What is typed is a mapping of plain texts (`Typed`), so that the page shows again whatever was typed; `written` makes the
baseline of it. A baseline with something that blocks is not saved (S0-8); what was typed stays a draft.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import DiscretionBaseline, ItemVersion, PowerItem
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid, NotFound

from . import drawing
from .room import for_drawers

discretion = catalogue.discretion
FACTORS: Sequence[str] = tuple(discretion.VOCABULARY["factors"])
HEAD = ("violation", "law_refs", "kind", "min", "max", "base", "premise", "adapted_from")
FACTOR_FIELDS = tuple(f"factor{n}" for n in range(len(FACTORS)))
ROW = ("name", "told", "condition", "low", "high", "low_out", "high_out", "fixed", "basis", "others")
MOST_ROWS = discretion.MOST_TIERS
LONGEST = 500
NOTHING_DRAWN = "这个版本没有选择自拟裁量档次，请先在“收费和裁量”一页选择。"
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands on the page: the head by name, and the tiers from the lightest to the heaviest."""

    head: Mapping[str, str]
    rows: Sequence[Row]

    def kept(self, revision: int) -> dict[str, Any]:
        """As a draft keeps it, begun on this revision of the version."""
        return {"head": dict(self.head), "rows": [dict(row) for row in self.rows], "revision": revision}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or to be weighed: at a row (from 0) or, None, of the whole; `field` of the head it is about."""

    row: int | None
    field: str
    message: str
    basis: str = ""
    severity: str = "block"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was typed, examined: the baseline as it would be kept, None where it cannot be read."""

    written: Mapping[str, Any] | None
    findings: Sequence[Finding]

    @property
    def blocked(self) -> bool:
        """Whether it may not be saved."""
        return self.written is None or any(one.severity == "block" for one in self.findings)


def scope(version_id: int) -> str:
    """The name under which what is typed is kept until it is saved."""
    return f"item:{version_id}:tiers"


def version_of(session: Session, actor: Actor, version_id: int, *, lock: bool = False) -> ItemVersion:
    """The version whose tiers are drawn up.

    Raises:
        NotFound: it is none of the agency's. Forbidden: the person does not draw items up.
        Conflict: it may not be changed, or does not bring a baseline of its own.
    """
    version = drawing.version_of(session, actor, version_id, lock=lock)
    for_drawers(actor)
    drawing.editable(version, elements=True)
    if version.elements.get("discretion") != "own":
        raise Conflict(NOTHING_DRAWN, code="item_tiers")
    return version


def standing(session: Session, actor: Actor, version: ItemVersion) -> tuple[Typed, bool]:
    """What the page begins with: the draft, else what was saved, else what the item's other pages say already; and
    whether somebody has saved the version since the draft was begun."""
    draft = forms.load_draft(session, actor.account_id, scope(version.id))
    if draft:
        return Typed(draft["head"], draft["rows"]), draft["revision"] != version.revision
    if saved := version.elements.get("own_baseline"):
        return typed(saved), False
    return _first(session, version), False


def _first(session: Session, version: ItemVersion) -> Typed:
    fine: Mapping[str, Any] = next(iter(version.elements.get("fines") or ()), {})
    head = dict.fromkeys((*HEAD, *FACTOR_FIELDS), "")
    head |= {
        "violation": version.name.removeprefix("对").removesuffix("的处罚"),
        "law_refs": "\n".join(str(one) for one in version.basis),
        "kind": "multiple" if fine.get("unit") == "倍" else "range" if fine else "none",
        "min": str(fine.get("min") or ""),
        "max": str(fine.get("max") or ""),
        "base": str(fine.get("base") or ""),
    }
    return Typed(head, [{**dict.fromkeys(ROW, ""), "name": name} for name in ("从轻", "一般", "从重")])


def typed(written: Mapping[str, Any]) -> Typed:
    """A baseline as it stands on the page."""
    law = written.get("statutory") or {}
    head = dict.fromkeys((*HEAD, *FACTOR_FIELDS), "")
    head |= {
        "violation": str(written.get("violation") or ""),
        "law_refs": "\n".join(written.get("law_refs") or ()),
        "kind": str(law.get("kind") or "range"),
        "min": _plain(law.get("min")),
        "max": _plain(law.get("max")),
        "base": str(law.get("base") or ""),
        "premise": discretion.words(str(written.get("premise") or "")),
        "adapted_from": str(written.get("adapted_from") or ""),
    }
    for factor in written.get("factors") or ():
        kind, _, said = str(factor).replace("：", ":", 1).partition(":")
        place = FACTORS.index(kind.strip()) if kind.strip() in FACTORS else len(FACTORS) - 1
        head[FACTOR_FIELDS[place]] = "；".join(filter(None, (head[FACTOR_FIELDS[place]], said or kind)))
    return Typed(head, [_row(tier) for tier in written.get("tiers") or ()])


def _row(tier: Mapping[str, Any]) -> dict[str, str]:
    condition = str(tier.get("conditions") or "")
    told = str(tier.get("conditions_text") or "")
    return {
        "name": str(tier.get("name") or ""),
        "told": "" if told == condition else told,
        "condition": discretion.words(condition),
        "low": _plain(tier.get("low")),
        "high": _plain(tier.get("high")),
        "low_out": "yes" if tier.get("low_incl") is False else "",
        "high_out": "yes" if tier.get("high_incl") is False else "",
        "fixed": str(tier.get("fixed_by_law") or ""),
        "basis": str(tier.get("basis") or ""),
        "others": "、".join(tier.get("other_penalties") or ()),
    }


def _plain(value: Any) -> str:
    """A number without what it does not need; a formula as it is."""
    if value is None or value == "":
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def moved(given: Typed, act: str) -> tuple[Typed, int | None]:
    """The page after a row was added, taken away, moved up or down (`add`, `remove:2`, `up:2`, `down:2`), and the row that
    is to have the focus.

    Raises:
        Invalid: there is no such act, or no such row.
    """
    name, _, place = act.partition(":")
    rows, at = list(given.rows), int(place) if place.isascii() and place.isdecimal() else -1
    if name == "add" and len(rows) < MOST_ROWS:
        return Typed(given.head, [*rows, dict.fromkeys(ROW, "")]), len(rows)
    if not 0 <= at < len(rows) or name not in ("remove", "up", "down"):
        raise Invalid(f"没有这一行，或者已经有 {MOST_ROWS} 档。请刷新页面后重试。", code="tiers")
    row = rows.pop(at)
    if name == "remove":
        return Typed(given.head, rows), min(at, len(rows) - 1) if rows else None
    to = max(at - 1, 0) if name == "up" else min(at + 1, len(rows))
    rows.insert(to, row)
    return Typed(given.head, rows), to


def checked(key: str, given: Typed) -> Checked:
    """Examine what was typed, as an agency's own draft: every finding at its place."""
    written, findings = _written(key, given)
    if findings:
        return Checked(None, findings)
    try:
        baseline = discretion.read(written)
    except Invalid as error:
        return Checked(
            None, [_misread(field, told) for field, texts in error.errors.items() for told in texts]
        )
    found = [
        Finding(place, "", problem.message, problem.basis, problem.severity.value)
        for problem in discretion.check(baseline, official=False)
        for place in problem.tiers or (None,)
    ]
    return Checked(written, found)


FIELDS = {"statutory": "max", "factors": "factor2", "tiers": ""}
"""Where on the page stands what the reading of a baseline calls so."""


def _misread(field: str, told: str) -> Finding:
    name, _, place = field.partition(".")
    return Finding(int(place) - 1 if place else None, FIELDS.get(name, name), told)


def _written(key: str, given: Typed) -> tuple[dict[str, Any], list[Finding]]:
    head, found = given.head, []
    for name in (*HEAD, *FACTOR_FIELDS):
        if len(head.get(name, "")) > LONGEST * 4:
            found.append(Finding(None, name, f"这一项不超过 {LONGEST * 4} 字，请缩短。"))
    law = {"kind": head["kind"], "unit": "倍" if head["kind"] == "multiple" else "元"}
    law |= {
        name: _number(head[name]) for name in ("min", "max") if head[name].strip() and head["kind"] != "none"
    }
    if head["kind"] == "multiple":
        law["base"] = head["base"].strip()
        if not law["base"]:
            found.append(Finding(None, "base", "按倍数计算的，请写明以什么为基数，例如货值金额、违法所得。"))
    rows = [_tier(place, row, head["kind"], found) for place, row in enumerate(given.rows)]
    written = {
        "id": key,
        "violation": head["violation"].strip(),
        "law_refs": [line.strip() for line in head["law_refs"].splitlines() if line.strip()],
        "statutory": law,
        "factors": [
            f"{kind}:{head[field].strip()}"
            for kind, field in zip(FACTORS, FACTOR_FIELDS, strict=True)
            if head[field].strip()
        ],
        "premise": _condition(None, "premise", "适用前提", head["premise"], found),
        "adapted_from": head["adapted_from"].strip(),
        "tiers": rows,
    }
    return written, found


def _tier(place: int, row: Row, kind: str, found: list[Finding]) -> dict[str, Any]:
    free = row["name"] in discretion.NO_PENALTY or kind == "none"
    for name in ROW:
        if len(row[name]) > LONGEST:
            found.append(Finding(place, name, f"每一格不超过 {LONGEST} 字，请缩短。"))
    if not row["condition"].strip():
        found.append(Finding(place, "condition", "请填写这一档的条件，例如“初次违法 且 危害后果轻微”。"))
    tier = {
        "name": row["name"],
        "conditions": _condition(place, "condition", "条件", row["condition"], found),
        "low": 0 if free and not row["low"].strip() else _number(row["low"]),
        "high": 0 if free and not row["high"].strip() else _number(row["high"]),
        "low_incl": not row["low_out"],
        "high_incl": not row["high_out"],
        "fixed_by_law": row["fixed"].strip(),
        "basis": row["basis"].strip(),
        "other_penalties": [one.strip() for one in row["others"].split("、") if one.strip()],
    }
    return {**tier, "conditions_text": row["told"].strip() or discretion.words(tier["conditions"])}


def _condition(place: int | None, field: str, label: str, said: str, found: list[Finding]) -> str:
    try:
        return discretion.expression(said)
    except ValueError as rest:
        told = f"{label}从“{rest}”起不能识别：请用列出的因素，以“且、或、非”和“≥、＜、＝”连接。"
        found.append(Finding(place, field, told))
        return ""


def _number(said: str) -> str | int | float:
    """A number as JSON has it; what is none stays text and is told by the reading."""
    text = said.strip().replace(",", "").replace("，", "")
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


def save(session: Session, actor: Actor, version_id: int, revision: int, given: Typed) -> Checked:
    """Keep the baseline with the version if nothing blocks it; what was typed is kept as a draft in either case.

    Raises:
        NotFound, Forbidden, Conflict: as `version_of`; or somebody else has saved meanwhile.
    """
    version = version_of(session, actor, version_id, lock=True)
    if version.revision != revision:
        raise Conflict(
            "另一人在您打开本页以后保存过这个事项，您填写的内容已存为草稿，没有丢失。请刷新后核对，再保存。",
            code="item_changed",
        )
    done = checked(key_of(session, version), given)
    if done.blocked or done.written is None:
        return done
    version.elements = {**version.elements, "own_baseline": dict(done.written)}
    version.content = catalogue.item_rules.content_of(version.elements, version.content)
    version.revision, version.updated_at = version.revision + 1, clock.now()
    session.flush()
    forms.drop_draft(session, actor.account_id, scope(version_id))
    return done


def key_of(session: Session, version: ItemVersion) -> str:
    """An item's own baseline is called as the item is."""
    return session.get_one(PowerItem, version.item_id).code


def keep(session: Session, actor: Actor, version_id: int, given: Typed, revision: int) -> None:
    """Keep what was typed on a page of this revision, unchecked."""
    forms.save_draft(session, actor.account_id, scope(version_id), given.kept(revision))


def models(session: Session, actor: Actor) -> Sequence[DiscretionBaseline]:
    """The baselines that may be adapted: the newest version of each of the agency, whatever came of it."""
    rows = {row.key: row for row in catalogue.baselines_of(session, actor.agency_id)}
    return list(rows.values())


def adapted(session: Session, actor: Actor, baseline_id: int | None) -> Typed:
    """The page with a baseline of the agency's in the place of what was typed.

    Raises:
        NotFound: there is no such baseline.
    """
    row = next((one for one in models(session, actor) if one.id == baseline_id), None)
    if row is None:
        raise NotFound("没有这份裁量基准，请重新选择底稿。")
    made = typed(row.content)
    return Typed({**made.head, "adapted_from": f"{row.key} 第{row.number}版"}, made.rows)


def before(session: Session, version: ItemVersion) -> catalogue.discretion.Baseline | None:
    """The baseline that the version counting today has, its own or one that it names."""
    base = drawing.standing_of(session, version)
    own = drawing.own_baseline(base) if base else None
    key = base.content.get("baseline") if base else None
    if own or not key:
        return own
    row = catalogue.baseline_in_force(session, version.agency_id, str(key), clock.today())
    return discretion.read(row.content) if row else None
