"""Old law or lighter law in a case (行政处罚法第三十七条): the law of the day of the act against that of today, for the
gate, the page of a task and the papers. Which answers say the day and the choice stands in the rule set (`applied_law`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.catalogue import service as catalogue
from app.diagrams.rules import AppliedLaw, Rules
from app.kernel import clock

from . import standards
from .gates import LawFact, matches
from .standards import NEW, OLD, Filed, acted_on, answer

if TYPE_CHECKING:
    from .locking import Running


@dataclass(frozen=True, slots=True)
class Applied:
    """A comparison as the page of a task shows it: `chosen` is what was said in the case, `reason` why."""

    compared: catalogue.ComparedLaw
    chosen: str
    reason: str
    article: str


def forms_at(rules: Rules, step: str) -> set[str]:
    """The forms whose answers the gates on the law and on sums read at a step."""
    weighed = any(band.item_tiers and matches(step, band.steps) for band in rules.bands)
    return {
        path.partition(".")[0]
        for entry in rules.applied_law
        if weighed or matches(step, entry.steps)
        for path in (*entry.acted, entry.choice, entry.reason)
    }


def facts(running: "Running", step: str, filed: Filed) -> dict[str, Any]:
    """What the gates look at: the comparisons, and the item with the ranges of the day whose law was chosen and the tiers
    of the standard chosen with it."""
    laws, item, told = {}, running.item, {}
    if standards.weighs(running, step):
        counted = standards.counted(running, filed, step)
        item, told = standards.item_of(running, counted), counted.told
    today = clock.legal_day(running.at)
    for entry in running.procedure.rules.applied_law:
        if not matches(step, entry.steps) or (found := _compared(running, entry, filed, today)) is None:
            continue
        choice = found.verdict.choice
        laws[entry.choice] = LawFact(found.differs, choice == OLD, found.verdict.told)
        day = found.new.day if answer(filed, entry.choice) == NEW else found.old.day
        if rows := item.get("fine"):
            item = {**item, "fine": catalogue.ranges_on(rows, day)}
    return {"laws": laws, "item": item, "standard": told}


def shown(running: "Running", step: str, filed: Filed) -> list[Applied]:
    """The comparisons that the page of a task shows: where law or standard differ, where one day has no standard, or where
    something else was chosen."""
    found = []
    for entry in running.procedure.rules.applied_law:
        if not matches(step, (*entry.steps, *entry.at)):
            continue
        compared = _compared(running, entry, filed, clock.legal_day(running.at))
        chosen, reason = (str(answer(filed, path) or "") for path in (entry.choice, entry.reason))
        lacking = compared.standards.lacking if compared and compared.standards else ""
        if compared and (compared.differs or lacking or chosen == NEW):
            found.append(Applied(compared, chosen, reason, entry.article))
    return found


def told(running: "Running", filed: Iterable[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any] | None:
    """The comparison as forms and documents read it (`applied_law`); None: the day of the act is not known yet."""
    newest = dict(filed)
    for entry in running.procedure.rules.applied_law:
        if compared := _compared(running, entry, newest, standards.decided_on(running)):
            choice = compared.verdict.choice if compared.differs else OLD
            return {
                "acted_on": compared.old.day.isoformat(),
                "differs": compared.differs,
                "choice": choice if choice in (OLD, NEW) else "",
                "words": compared.words if compared.differs else "",
                "standard": _standard(compared, choice),
            }
    return None


def _standard(compared: catalogue.ComparedLaw, choice: str) -> str:
    """The name of the baseline that goes with a choice; empty: people have to choose first, or there is none."""
    if compared.standards is None or choice not in (OLD, NEW):
        return ""
    found = compared.standards.chosen(choice)[1]
    return found.name if found and "key" in found.told else ""


def _compared(
    running: "Running", entry: AppliedLaw, filed: Filed, decided: date
) -> catalogue.ComparedLaw | None:
    acted = acted_on(entry, filed)
    return compare(running, acted, decided) if acted and acted <= decided else None


def compare(running: "Running", acted: date, decided: date) -> catalogue.ComparedLaw:
    """What the case's item cites, as the case was opened on it and as it counts by the day of the decision, and its
    discretion standards of both days."""
    session, item_id = running.session, running.case.item_id
    basis = catalogue.basis_of_contents(running.item, catalogue.item(session, item_id, decided).content)
    opened = clock.legal_day(running.case.opened_at)
    pair = catalogue.standards_of(session, item_id, acted, decided, opened)
    return catalogue.compare_law(session, basis, acted, decided, pair)
