"""The pages of the drawing-up: which elements stand on which, as forms, and what they are called."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import NotFound

from .room import DATA, life

STEPS = ("basics", "basis", "subject", "running", "discretion")


@lru_cache(maxsize=1)
def definitions() -> Mapping[str, Mapping[str, Any]]:
    """The forms by step, as written."""
    return {step: json.loads((DATA / f"{step}.json").read_text(encoding="utf-8")) for step in STEPS}


def title(step: str) -> str:
    """What the page is called."""
    return str(definitions()[step]["title"])


def form(session: Session, agency_id: int, step: str) -> forms.Form:
    """The form of a page with what this agency may choose today.

    Raises:
        NotFound: there is no such page.
    """
    if step not in STEPS:
        raise NotFound("没有这一页。")
    choices = {"procedure": procedures(session), "baseline": baselines(session, agency_id)}
    content = dict(definitions()[step])
    content["items"] = [_offered(item, choices) for item in content["items"]]
    return forms.load(content)


def _offered(item: Mapping[str, Any], choices: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """An item with the options there are; where there are none, nothing can be chosen."""
    if item.get("key") not in choices:
        return dict(item)
    offered = choices[item["key"]] or {"-": "（还没有可以选择的内容）"}
    return {**item, "options": [{"value": key, "label": label[:200]} for key, label in offered.items()]}


def procedures(session: Session) -> dict[str, str]:
    """Procedures of powers that are in force, by key: their names, with the key where two are called the same."""
    today = clock.today()
    own = {life()["change"], life()["review"]}
    names = {
        row.key: row.name
        for row in reversed(diagrams.versions(session))
        if (row.effective_on is None or row.effective_on <= today) and row.key not in own
    }
    called = Counter(names.values())
    return {key: f"{name}（{key}）" if called[name] > 1 else name for key, name in names.items()}


def baselines(session: Session, agency_id: int) -> dict[str, str]:
    """The agency's baselines that may be cited, by key, each with the violation it is about."""
    rows = catalogue.baselines_of(session, agency_id, cited=True)
    return {row.key: f"{row.key} {row.violation}" for row in rows}


@lru_cache(maxsize=1)
def labels() -> Mapping[str, str]:
    """What every element is called, in the order of the pages."""
    return {
        item["key"]: item["label"]
        for step in STEPS
        for item in definitions()[step]["items"]
        if item.get("key")
    }


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, str]]:
    """What the answers to choose from are called, by element."""
    found = {}
    for step in STEPS:
        for item in definitions()[step]["items"]:
            if item.get("key"):
                found[item["key"]] = _words(item)
    return found


def _words(item: Mapping[str, Any]) -> dict[str, str]:
    parts = [item, *item.get("columns", ())]
    found = {"yes": "是", "no": "否"} if item["type"] == "yesno" else {}
    for part in parts:
        for option in part.get("options") or ():
            if isinstance(option, Mapping) and option["value"] != "@":
                found[option["value"]] = option["label"]
    return found


@lru_cache(maxsize=1)
def columns() -> Mapping[str, Mapping[str, str]]:
    """What the columns of the elements that are lists are called."""
    return {
        item["key"]: {column["key"]: column["label"] for column in item["columns"]}
        for step in STEPS
        for item in definitions()[step]["items"]
        if item.get("columns")
    }


UNITS = {"statutory": "statutory_unit", "promised": "promised_unit"}


def wording(session: Session) -> catalogue.item_rules.Wording:
    """How elements are told today."""
    said = {**words(), "procedure": procedures(session)}
    return catalogue.item_rules.Wording(labels(), said, columns(), UNITS)


def kinds() -> Mapping[str, str]:
    """The kinds of power that are drawn up; what the platform is kept by is none of them."""
    return words()["kind"]


def context() -> forms.FormContext:
    """The forms name nobody."""
    return forms.FormContext((), None, clock.today())
