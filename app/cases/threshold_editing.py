"""Setting thresholds, version by version: an agency's by its heads, a region's by its supervising office, each stricter
than the law and than what a region above has set, never looser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.diagrams.rules import Rules, Threshold
from app.kernel import clock, words
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people

from . import thresholds
from .desk_settings import is_head, settings
from .threshold_models import AgencyThreshold
from .thresholds import Line, begins, ends, lines_of, stretches_of

HEADS_ONLY = "本机关标准由本机关分管负责人或者主要负责人决定。"
SUPERVISORS_ONLY = "本地区标准由本级司法行政机关的执法监督科负责人决定。"
LONGEST = 500
MOST_LINES = 60
LATEST = timedelta(days=366)
"""How far ahead a version may be set."""
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the page shows it; `state`: `now`, `coming`, `over`, or `never` (a later one began before it)."""

    id: int
    valid_from: date
    valid_to: date | None
    lines: tuple[Line, ...]
    basis: str
    reason: str
    by: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Table:
    """What may be set lower for one attribute of one procedure: the law's thresholds with the amounts that count above
    (the law's, or those of a region that are in `regional`), the items it may be set for, and the versions, the newest
    first."""

    procedure: str
    procedure_name: str
    attribute: str
    label: str
    thresholds: tuple[tuple[Threshold, Decimal], ...]
    items: Sequence[tuple[int, str]]
    versions: Sequence[Version]
    regional: frozenset[str] = frozenset()

    @property
    def current(self) -> Version | None:
        """The version in force."""
        return next((one for one in self.versions if one.state == "now"), None)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to set, as it was typed: `lines` are `(most, amount, item or empty)`; `seen` is the id of the newest
    version the person has seen (0: none)."""

    lines: Sequence[tuple[str, str, str]]
    valid_from: str
    basis: str
    reason: str
    seen: int
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose thresholds: an agency's, under its `region`; without an agency the region's own."""

    agency_id: int | None
    region: str

    @property
    def key(self) -> str:
        return f"region:{self.region}" if self.agency_id is None else str(self.agency_id)


def tables(session: Session, actor: Actor) -> list[Table]:
    """Everything the actor's agency may set lower, by procedure.

    Raises:
        Forbidden: the person is no head.
    """
    _for_heads(actor)
    items: dict[str, list[tuple[int, str]]] = {}
    for item in catalogue.items_of(session, actor.agency_id):
        items.setdefault(item.procedure, []).append((item.id, item.name))
    return _tables(session, Owner(actor.agency_id, actor.region), items)


def region_tables(session: Session, actor: Actor) -> list[Table]:
    """Everything that may be set lower for all agencies of the actor's region, by procedure.

    Raises:
        Forbidden: the person does not decide it.
    """
    if not sets_for_region(actor):
        raise Forbidden(SUPERVISORS_ONLY)
    agencies = people.scope(session, actor)
    return _tables(
        session, Owner(None, actor.region), {key: [] for key in catalogue.procedures_in(session, agencies)}
    )


def sets_for_region(actor: Actor) -> bool:
    """Whether this person decides the thresholds of the region: of its supervising office, at the position for it."""
    return Role.SUPERVISOR in actor.roles and bool(actor.positions & settings().sets_for_region)


def _tables(session: Session, owner: Owner, items: Mapping[str, list[tuple[int, str]]]) -> list[Table]:
    found = []
    for key in sorted(items):
        rules = _rules(session, key)
        for attribute in thresholds.named(rules) if rules else ():
            found.append(_table(session, owner, rules, attribute, items[key]))
    return found


def _rules(session: Session, key: str) -> Rules | None:
    """The rule set in force; None where the procedure is not published yet."""
    try:
        return diagrams.current(session, key).rules
    except NotFound:
        return None


def _table(
    session: Session, owner: Owner, rules: Rules, attribute: str, items: Sequence[tuple[int, str]]
) -> Table:
    above = thresholds.above(
        session, owner.region, rules.key, attribute, clock.now(), own=owner.agency_id is not None
    )
    limits = [
        (one, Decimal(str(rules.params[one.most]))) for one in rules.thresholds if one.attribute == attribute
    ]
    regional = frozenset(one.most for one, most in limits if above.get(one.most, most) < most)
    return Table(
        rules.key,
        rules.name,
        attribute,
        rules.labels[attribute],
        tuple((one, min(most, above.get(one.most, most))) for one, most in limits),
        items,
        _versions(session, _rows(session, owner, rules.key, attribute)),
        regional,
    )


def _rows(session: Session, owner: Owner, procedure: str, attribute: str) -> Sequence[AgencyThreshold]:
    whose = (
        AgencyThreshold.region_code == owner.region
        if owner.agency_id is None
        else AgencyThreshold.agency_id == owner.agency_id
    )
    chosen = select(AgencyThreshold).where(
        whose, AgencyThreshold.procedure == procedure, AgencyThreshold.attribute == attribute
    )
    return session.scalars(chosen.order_by(AgencyThreshold.id)).all()


def _versions(session: Session, rows: Sequence[AgencyThreshold]) -> list[Version]:
    now = clock.now()
    names = people.officers(session, {row.set_by for row in rows})
    known = [
        thresholds.Version(
            row.id, begins(row.valid_from, row.set_at), lines_of(row.lines), ends(row.valid_to)
        )
        for row in rows
    ]
    stretches = {one.id: one for one in stretches_of(known)}
    found = []
    for row in rows:
        stretch = stretches.get(row.id)
        if stretch is None:
            state = "never"
        elif stretch.since > now:
            state = "coming"
        else:
            state = "over" if stretch.until is not None and stretch.until <= now else "now"
        by = names[row.set_by].name
        lines, told = lines_of(row.lines), (row.basis, row.reason)
        found.append(Version(row.id, row.valid_from, row.valid_to, lines, *told, by, row.set_at, state))
    return found[::-1]


def set_version(session: Session, actor: Actor, procedure: str, attribute: str, new: NewVersion) -> int:
    """Set the agency's next version; its id.

    Raises:
        Forbidden: the person is no head. NotFound: the agency has nothing of the kind to set.
        Conflict: somebody else set one meanwhile. Invalid: messages by field; nothing is kept.
    """
    owner = Owner(actor.agency_id, actor.region)
    return _set(session, actor, owner, tables(session, actor), (procedure, attribute), new)


def set_for_region(session: Session, actor: Actor, procedure: str, attribute: str, new: NewVersion) -> int:
    """Set the next version of the actor's region, for all its agencies; its id.

    Raises:
        Forbidden: the person does not decide it. NotFound, Conflict, Invalid: as for an agency.
    """
    owner, found = Owner(None, actor.region), region_tables(session, actor)
    return _set(session, actor, owner, found, (procedure, attribute), new)


def _set(
    session: Session,
    actor: Actor,
    owner: Owner,
    found: Sequence[Table],
    name: tuple[str, str],
    new: NewVersion,
) -> int:
    table = next((one for one in found if (one.procedure, one.attribute) == name), None)
    if table is None:
        raise NotFound("没有可以自行规定的这项标准。")
    procedure, attribute = name
    session.execute(ONE_AT_A_TIME, {"key": f"agency_threshold:{owner.key}:{procedure}:{attribute}"})
    rows = _rows(session, owner, procedure, attribute)
    if (rows[-1].id if rows else 0) != new.seen:
        raise Conflict("这项标准已由他人改动，未作任何处理。请刷新页面查看现在的标准。", code="moved_on")
    errors: dict[str, list[str]] = {}
    lines = _lines(table, new.lines, errors)
    first = _first_day(new.valid_from, errors)
    last = _last_day(new, first, errors) if owner.agency_id is None else None
    for field, value, name in (("basis", new.basis, "依据文件"), ("reason", new.reason, "理由")):
        if not value.strip():
            errors[field] = [f"请写明{name}。"]
        elif len(value.strip()) > LONGEST:
            errors[field] = [f"{name}不得超过 {LONGEST} 字，现在有 {len(value.strip())} 字。"]
    if not errors and not lines and not any(row.lines for row in rows[-1:]):
        errors["lines"] = ["请至少填写一项数额。现在没有自行规定的标准，不需要取消。"]
    if errors:
        raise Invalid(errors=errors)
    row = AgencyThreshold(
        agency_id=owner.agency_id,
        region_code=owner.region if owner.agency_id is None else None,
        procedure=procedure,
        attribute=attribute,
        valid_from=first,
        valid_to=last,
        lines=[{"most": one.most, "amount": f"{one.amount:f}", "item": one.item} for one in lines],
        basis=new.basis.strip(),
        reason=new.reason.strip(),
        set_by=actor.officer_id or 0,
        set_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row.id


def _first_day(given: str, errors: dict[str, list[str]]) -> date:
    today = clock.today()
    try:
        first = date.fromisoformat(given.strip()) if given.strip() else today
    except ValueError:
        errors["valid_from"] = ["日期格式应为 2026-01-31。"]
        return today
    if first < today:
        errors["valid_from"] = [f"标准不能从过去的日期起施行，最早是今天（{words.day(today)}）。"]
    elif first > today + LATEST:
        errors["valid_from"] = ["施行日期最晚在一年以内。"]
    return first


def longest_years() -> int:
    """For how many years a region's version is valid at most (`data/desk.yaml`)."""
    return settings().region_years


def _years_later(day: date, years: int) -> date:
    """The day before its date returns after so many years."""
    try:
        return day.replace(year=day.year + years) - timedelta(days=1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _last_day(new: NewVersion, first: date, errors: dict[str, list[str]]) -> date | None:
    """The last day of a region's version; both days are asked for, as of every normative document."""
    if not new.valid_from.strip():
        errors["valid_from"] = ["请填写施行日期，例如 2026-01-31。"]
    try:
        last = date.fromisoformat(new.valid_to.strip())
    except ValueError:
        errors["valid_to"] = ["请填写有效期的最后一日，例如 2030-12-31。"]
        return None
    if last < first:
        errors["valid_to"] = ["有效期的最后一日不得早于施行日期。"]
    elif last > _years_later(first, longest_years()):
        errors["valid_to"] = [f"有效期最长 {longest_years()} 年，届满以前可以重新规定。"]
    return last


def _lines(table: Table, given: Sequence[tuple[str, str, str]], errors: dict[str, list[str]]) -> list[Line]:
    limits: Mapping[str, tuple[Threshold, Decimal]] = {
        one.most: (one, most) for one, most in table.thresholds
    }
    mine = {item for item, _ in table.items}
    found: list[Line] = []
    wrong: list[str] = []
    if len(given) > MOST_LINES:
        wrong.append(f"一次最多规定 {MOST_LINES} 项，请删去一些。")
    for most, amount, item in given[:MOST_LINES]:
        if not amount.strip() and not item:
            continue
        if most not in limits:
            wrong.append("请选择标准的种类。")
            continue
        one, limit = limits[most]
        value = _amount(amount)
        chosen = int(item) if item.isascii() and item.isdecimal() and len(item) <= 18 else None
        if item and chosen not in mine:
            wrong.append("所选事项不是本机关适用这一流程的事项，请重新选择。")
        elif value is None:
            wrong.append(f"“{one.label}”应填写不带符号的数额，最多两位小数，如 5000；0 表示不论数额。")
        elif value >= limit:
            wrong.append(
                f"“{one.label}”应低于 {words.amount(limit)} 元。只能比现行规定更严，不能高于或者等于它。"
                if limit
                else f"“{one.label}”上级已经规定不论数额，不能再规定，请留空。"
            )
        elif any((one_.most, one_.item) == (most, chosen) for one_ in found):
            wrong.append(f"“{one.label}”对同一事项填写了两次，请留下一项。")
        else:
            found.append(Line(most, value, chosen))
    if wrong:
        errors["lines"] = list(dict.fromkeys(wrong))
    return found


def _amount(given: str) -> Decimal | None:
    cleaned = given.strip().replace(",", "").replace("，", "")
    if not cleaned or len(cleaned) > 15 or not all(c in "0123456789." for c in cleaned):
        return None
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        return None
    exponent: Any = value.as_tuple().exponent
    return value if exponent >= -2 else None


def _for_heads(actor: Actor) -> None:
    if not is_head(actor):
        raise Forbidden(HEADS_ONLY)
