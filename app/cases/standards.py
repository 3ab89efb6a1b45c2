"""Which discretion standard (裁量基准) counts in a case, and by which one it was proposed and decided.

Where the rule set asks for the law to be applied (`applied_law`), the standard of the day of the act or that of the day of
the decision counts, as the law was chosen; else that of the day of the decision. The day of the decision is today until
the last step of the band is passed, and that step's moment from then on: what counted then goes on counting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams.rules import AppliedLaw, Band
from app.kernel import clock, writes
from app.kernel.events import StepCompleted

from .gates import matches
from .gates.tiers import off_listed
from .models import CaseStandard, CaseStatus
from .standard_models import folded, unfolded, words_of

if TYPE_CHECKING:
    from .locking import Running

Filed = Mapping[str, Mapping[str, Any]]
"""The newest answers of each form."""
OLD, NEW = "old", "new"
WHOSE = {OLD: "行为时的版本", NEW: "决定时的版本"}
KEEP = """
insert into case_standard (case_id, band, decided, told, at) values (%(case)s, %(band)s, %(decided)s, %(told)s, %(at)s)
on conflict (case_id, band) do update set decided = excluded.decided, told = excluded.told, at = excluded.at
"""
FORGET = "delete from case_standard where case_id = %(case)s and band = %(band)s"


@dataclass(frozen=True, slots=True)
class Counted:
    """The standard that counts. `pair` are those of both days, where the day of the act is known; `choice` says which of
    them `applied` is; None: there is none, or none is in force."""

    decided: date
    applied: catalogue.Standard | None
    choice: str = ""
    pair: catalogue.Standards | None = None

    @property
    def told(self) -> dict[str, Any]:
        """Plain values for the record, the documents and the case's own row; empty: no standard counts."""
        if self.applied is None:
            return {}
        found: dict[str, Any] = {
            "name": self.applied.name,
            "words": words_of(self.applied.told),
            "applied": dict(self.applied.told),
            "choice": self.choice,
            "decided_on": self.decided.isoformat(),
        }
        if self.pair:
            old, new = self.pair.old, self.pair.new
            found |= {
                "acted_on": self.pair.acted.isoformat(),
                "old": old.name if old else "",
                "new": new.name if new else "",
                "differs": self.pair.differs,
                "lacking": self.pair.lacking,
            }
        return found


def counted(running: "Running", filed: Filed, step: str = "") -> Counted:
    """The standard that counts by the newest answers; `step` is the step in hand, which is yet to be passed."""
    decided = decided_on(running, step)
    opened = clock.legal_day(running.case.opened_at)
    for entry in running.procedure.rules.applied_law:
        day = acted_on(entry, filed)
        if day and day <= decided and (pair := _pair(running, day, decided, opened)):
            choice, found = pair.chosen(str(answer(filed, entry.choice) or OLD))
            return Counted(decided, found, choice, pair)
    found = catalogue.standard_on(running.session, running.case.item_id, opened, decided)
    return Counted(decided, found)


def _pair(running: "Running", acted: date, decided: date, opened: date) -> catalogue.Standards | None:
    return catalogue.standards_of(running.session, running.case.item_id, acted, decided, opened)


def decided_on(running: "Running", step: str = "") -> date:
    """The legal day of the decision: of the last step of a band, once it is passed; until then today."""
    moments = [
        moment
        for band in running.procedure.rules.bands
        if not matches(step, band.steps)
        for passed, moment in running.passed.items()
        if matches(passed, band.steps[-1:])
    ]
    return clock.legal_day(max(moments) if moments else running.at)


def for_papers(running: "Running", filed: Filed, step: str = "") -> Mapping[str, Any]:
    """The standard as papers name it: at a step that sets a sum the one that counts there, after it the one by which the
    sum was set, whatever has come into force since."""
    if weighs(running, step) or not (rows := of_case(running.session, running.case.id)):
        return counted(running, filed, step).told
    return rows[-1].told


def for_context(running: "Running", step: str) -> dict[str, Any]:
    """What the context of an act reads of the standard when somebody asks (`context.build`): its plain values, and the
    item with its tiers; nothing where the procedure weighs none."""
    if not any(band.item_tiers for band in running.procedure.rules.bands):
        return {}
    return {
        "standard": lambda filed: for_papers(running, dict(filed), step),
        "weighed": lambda filed: item_of(running, counted(running, dict(filed), step)),
    }


def item_of(running: "Running", found: Counted) -> Mapping[str, Any]:
    """The case's item with the tiers of the standard that counts."""
    named = {band.item_tiers for band in running.procedure.rules.bands if band.item_tiers}
    if not named:
        return running.item
    listed = list(found.applied.tiers) if found.applied else []
    version = dict(found.applied.told) if found.applied and "key" in found.applied.told else None
    return {**running.item, **dict.fromkeys(named, listed), "baseline_version": version}


def weighs(running: "Running", step: str) -> bool:
    """Whether a sum is held to a standard of the item at a step."""
    return any(band.item_tiers and matches(step, band.steps) for band in running.procedure.rules.bands)


def acted_on(entry: AppliedLaw, filed: Filed) -> date | None:
    """The day of the act: the first of the answers that is given."""
    return next((day for path in entry.acted if (day := _day(answer(filed, path)))), None)


def answer(filed: Filed, path: str) -> Any:
    """An answer by `form.key`."""
    form, _, key = path.partition(".")
    return filed.get(form, {}).get(key)


def _day(value: Any) -> date | None:
    """A day as it was handed in; what somebody is still typing may be none."""
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None


# ---------------------------------------------------------------- what the case keeps


def kept(sums: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The sums of an act (`gates.content.sums`), each with what row and record keep of its standard (`kept`)."""
    return [{**each, "kept": folded(each["standard"])} if each.get("standard") else each for each in sums]


def on_step(session: Session, event: StepCompleted) -> None:
    """Keep by which standard an act sets its sums, and forget what it sets no longer. Part of the act's own pipeline."""
    for sum_ in event.sums:
        values = {"case": event.case_id, "band": sum_["band"]}
        if said := sum_.get("kept"):
            row = {"decided": bool(sum_["decides"]), "told": Jsonb(said), "at": event.at}
            writes.run(session, KEEP, values | row)
        else:
            writes.run(session, FORGET, values)


def of_case(session: Session, case_id: int) -> Sequence[CaseStandard]:
    """By which standards the sums of a case are set, for whoever may see the case."""
    chosen = select(CaseStandard).where(CaseStandard.case_id == case_id)
    return session.scalars(chosen.order_by(CaseStandard.id)).all()


@dataclass(frozen=True, slots=True)
class Kept:
    """The standard of one band as pages tell it."""

    band: str
    name: str
    whose: str
    """Of which day it is, where that was chosen."""
    beside: str
    """The one that was not applied, in words; empty: there was no other."""
    state: str
    day: date


def told(row: CaseStandard) -> Kept:
    """What the case keeps of one band, in words."""
    said = row.told
    other = str(said.get("new" if said.get("choice") == OLD else "old") or "")
    beside = other if other != said["name"] else ""
    state = "已决定" if row.decided else "拟处罚"
    whose = WHOSE.get(str(said.get("choice")), "决定时的版本") if beside or said.get("lacking") else ""
    return Kept(row.band, said["name"], whose, beside, state, clock.legal_day(row.at))


def recorded(said: Mapping[str, Any]) -> str:
    """What an entry of the record says of the standard of one band (`kept`)."""
    said = unfolded(said)
    whose = WHOSE.get(str(said.get("choice")), "") if said.get("differs") or said.get("lacking") else ""
    return f"{said['band']}的裁量基准：{said['name']}" + (f"，{whose}" if whose else "")


def news(running: "Running", rows: Sequence[CaseStandard]) -> Sequence[str]:
    """Versions of the item's baseline that came into force since the case was opened, until it is decided."""
    if running.case.status != CaseStatus.OPEN or any(row.decided for row in rows):
        return ()
    opened, today = clock.legal_day(running.case.opened_at), clock.legal_day(running.at)
    found = catalogue.standard_changes(running.session, running.case.item_id, opened, opened, today)
    return [f"立案以后裁量基准有新的版本施行：{each.name}。" for each in found]


def since_proposed(
    running: "Running", step: str, filed: Filed, rows: Sequence[CaseStandard], attributes: Mapping[str, Any]
) -> Sequence[str]:
    """What who decides is to know: another standard counts now than when the sum was proposed, and what that means."""
    proposed = {row.band: row for row in rows if not row.decided}
    if not proposed:
        return ()
    now = counted(running, filed, step)
    latest = now.pair.new if now.pair else now.applied
    found = []
    for band in running.procedure.rules.bands:
        row = proposed.get(band.name)
        if row is None or not band.item_tiers:
            continue
        known = {row.told["name"], row.told.get("old"), row.told.get("new")}
        if latest and latest.name not in known:
            found.append(
                f"提出{band.name}以后裁量基准有变化：提出时参照{row.told['name']}，现在施行{latest.name}。"
            )
        if now.applied and now.applied.told != row.told["applied"]:
            found.append(_again(band, now.applied, filed, attributes))
    return found


def _again(band: Band, now: catalogue.Standard, filed: Filed, attributes: Mapping[str, Any]) -> str:
    tier = str(answer(filed, band.tier) or "") if band.tier else ""
    words = f"决定时参照{now.name}重新核对{band.name}。"
    if off := off_listed(attributes.get(band.amount), tier, now.tiers):
        return f"{words}{off}，不改变数额的，应当写明理由，作为裁量偏离处理。"
    return words
