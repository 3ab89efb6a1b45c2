"""A sample case for the forms and documents of a draft: fictional answers for what its forms ask, by type. Pure.

The general part (case, agency, party, officers) is that of a shipped sample, which names nobody.
"""

import copy
from collections.abc import Mapping
from typing import Any

from app.documents import service as documents

from . import form_definitions as definitions
from . import form_uses
from .register import REGISTER

GENERAL: str = REGISTER["sample"]
"""The shipped template whose sample lends its general part."""
DAY, MOMENT = "2026-03-16", "2026-03-16T09:30"
NUMBER = 3
MOST_NAMES, MOST_ROWS, MOST_TEXT = 400, 200, 25_000
OFFICERS = (
    {"id": 1, "name": "示例人员甲", "certificate": "演示证-0001"},
    {"id": 2, "name": "示例人员乙", "certificate": "演示证-0002"},
)
ITEM = "示例编码　示例事项"
"""An item of the agency, as a form offers it."""
LAW = {"law": "中华人民共和国行政处罚法", "article": "第五十七条第一款"}


def of_draft(parts: definitions.Parts, code: str = GENERAL) -> dict[str, Any]:
    """A context for documents: the draft's own sample of this template, else the shipped one, completed by answers to
    the draft's forms and by values for its attributes."""
    own = definitions.read(parts.get(f"documents/{code}.sample.json", ""))
    found = copy.deepcopy(
        dict(own or documents.writing.sample_of(code) or documents.writing.sample_of(GENERAL) or {})
    )
    if own is None and documents.writing.sample_of(code) is None:
        found |= {"forms": {}, "history": [], "documents": [], "attributes": {}}
    found.setdefault("today", DAY)
    forms = found.setdefault("forms", {})
    for key, raw in definitions.all_of(parts).items():
        answers = forms.setdefault(key, {})
        for name, _, item in definitions.fields(raw):
            if isinstance(answers, dict) and name not in answers:
                answers[name] = answer(item)
    attributes = found.setdefault("attributes", {})
    for name, entry in (form_uses.rules_of(parts).get("attributes") or {}).items():
        attributes.setdefault(str(name), _attribute(entry))
    found.setdefault("item", {"code": "示例编码", "name": "示例事项", "basis": "示例依据"})
    found.setdefault("signers", [dict(officer) for officer in OFFICERS])
    found.setdefault("now", f"{found['today']}T09:30+08:00")
    return found


def sound(sample: Any) -> bool:
    """Whether a sample is of the size of a case: with one of another size a preview would say nothing, but take long."""
    if isinstance(sample, Mapping):
        return len(sample) <= MOST_NAMES and all(sound(inner) for inner in sample.values())
    if isinstance(sample, list):
        return len(sample) <= MOST_ROWS and all(sound(inner) for inner in sample)
    return not isinstance(sample, str) or len(sample) <= MOST_TEXT


def answer(item: Mapping[str, Any]) -> Any:
    """An answer that shows where it will stand."""
    kind, label = item.get("type"), str(item.get("label") or item.get("key"))
    options = item.get("options")
    first = options[0] if isinstance(options, list) and options else ITEM if item.get("items") else ""
    value = str(first.get("value", "")) if isinstance(first, Mapping) else str(first)
    plain = {
        "number": NUMBER,
        "money": "50000.00",
        "date": DAY,
        "datetime": MOMENT,
        "yesno": "yes",
        "radio": value,
        "select": value,
        "checkboxes": [value] if value else [],
        "law": LAW,
        "opinion": {"stance": "agree", "text": "同意。"},
        "evidence": [
            {"kind": "书证", "name": "示例书证1份", "proves": "示例证明内容", "pages": 1, "file": None}
        ],
        "file": [],
    }
    if kind == "person":
        return [dict(officer) for officer in OFFICERS] if item.get("multiple") else dict(OFFICERS[0])
    if kind == "party":
        party = (documents.writing.sample_of(GENERAL) or {}).get("party", {})
        return dict(party)
    if kind == "list":
        columns = [c for c in item.get("columns") or () if isinstance(c, Mapping) and c.get("key")]
        return [{str(column["key"]): answer(column) for column in columns}]
    return copy.deepcopy(plain.get(str(kind), f"（{label.rstrip('：:')}示例）"))


def _attribute(entry: Any) -> Any:
    entry = entry if isinstance(entry, Mapping) else {}
    if entry.get("default") is not None:
        return entry["default"]
    options = entry.get("options") or [""]
    return {"number": 0, "choice": options[0]}.get(str(entry.get("type")), False)
