"""Old law or lighter law in a case (行政处罚法第三十七条): the law of the day of the act against that of today, for the
gate, the page of a task and the papers. Which answers say the day and the choice stands in the rule set (`applied_law`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.catalogue import service as catalogue
from app.diagrams.rules import AppliedLaw, Rules
from app.kernel import clock

from .gates import LawFact, matches

if TYPE_CHECKING:
    from .locking import Running

Filed = Mapping[str, Mapping[str, Any]]
"""The newest answers of each form."""
OLD, NEW = "old", "new"


@dataclass(frozen=True, slots=True)
class Applied:
    """A comparison as the page of a task shows it: `chosen` is what was said in the case, `reason` why."""

    compared: catalogue.ComparedLaw
    chosen: str
    reason: str
    article: str


def forms_at(rules: Rules, step: str) -> set[str]:
    """The forms whose answers the gate reads at a step."""
    return {
        path.partition(".")[0]
        for entry in rules.applied_law
        if matches(step, entry.steps)
        for path in (*entry.acted, entry.choice, entry.reason)
    }


def facts(running: "Running", step: str, filed: Filed) -> dict[str, Any]:
    """What the gates look at: the comparisons, and the item with the ranges of the day whose law was chosen."""
    laws, item = {}, running.item
    for entry in running.procedure.rules.applied_law:
        if not matches(step, entry.steps) or (found := _compared(running, entry, filed)) is None:
            continue
        choice = found.verdict.choice
        laws[entry.choice] = LawFact(found.differs, choice == OLD, found.verdict.told)
        day = found.new.day if answer(filed, entry.choice) == NEW else found.old.day
        if rows := item.get("fine"):
            item = {**item, "fine": catalogue.ranges_on(rows, day)}
    return {"laws": laws, "item": item}


def shown(running: "Running", step: str, filed: Filed) -> list[Applied]:
    """The comparisons that the page of a task shows, where the law differs or something else was chosen."""
    found = []
    for entry in running.procedure.rules.applied_law:
        if not matches(step, (*entry.steps, *entry.at)):
            continue
        compared = _compared(running, entry, filed)
        chosen, reason = (str(answer(filed, path) or "") for path in (entry.choice, entry.reason))
        if compared and (compared.differs or chosen == NEW):
            found.append(Applied(compared, chosen, reason, entry.article))
    return found


def told(running: "Running", filed: Iterable[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any] | None:
    """The comparison as forms and documents read it (`applied_law`); None: the day of the act is not known yet."""
    newest = dict(filed)
    for entry in running.procedure.rules.applied_law:
        if compared := _compared(running, entry, newest):
            choice = compared.verdict.choice if compared.differs else OLD
            return {
                "acted_on": compared.old.day.isoformat(),
                "differs": compared.differs,
                "choice": choice if choice in (OLD, NEW) else "",
                "words": compared.words if compared.differs else "",
            }
    return None


def answer(filed: Filed, path: str) -> Any:
    """An answer by `form.key`."""
    form, _, key = path.partition(".")
    return filed.get(form, {}).get(key)


def _compared(running: "Running", entry: AppliedLaw, filed: Filed) -> catalogue.ComparedLaw | None:
    acted = next((day for path in entry.acted if (day := _day(answer(filed, path)))), None)
    today = clock.legal_day(running.at)
    return compare(running, acted, today) if acted and acted <= today else None


def _day(value: Any) -> date | None:
    """A day as it was handed in; what somebody is still typing may be none."""
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None


def compare(running: "Running", acted: date, decided: date) -> catalogue.ComparedLaw:
    """What the case's item cites, as the case was opened on it and as it counts by the day of the decision."""
    later = catalogue.item(running.session, running.case.item_id, decided).content
    basis = catalogue.basis_of_contents(running.item, later)
    return catalogue.compare_law(running.session, basis, acted, decided)
