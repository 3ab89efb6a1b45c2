"""An example of every step: its form filled in and its document, from the sample cases of the templates. Pure.

The sample of a template is a whole made-up case, as far as it had come when the document was issued. A form that no
sample holds gets answers made up from its definition.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from app.diagrams import service as diagrams
from app.documents import service as documents
from app.forms import service as forms
from app.kernel.errors import NotFound

from . import course, steps

DAY = "2026-03-16"
ITEM = "示例编码　示例事项"
OFFICERS = ((1, "示例人员甲"), (2, "示例人员乙"), (3, "示例人员丙"))


@dataclass(frozen=True, slots=True)
class Example:
    """A filled form, the documents to look at (code, name), and which made-up case it is of (empty: of none)."""

    title: str
    answers: Sequence[forms.Answer]
    papers: Sequence[tuple[str, str]]


def of_step(procedure: diagrams.Procedure, guide: steps.StepGuide) -> Example:
    """The example of a step."""
    cases = _samples(procedure)
    papers = [(p.code, p.name) for p in guide.papers if p.code in cases]
    if not guide.form:
        return Example("", (), papers)
    form = forms.published(procedure.digest, procedure.forms, guide.form).at(guide.step, guide.node)
    own = [cases[code] for code, _ in papers]
    for case in (*own, *sorted(cases.values(), key=lambda c: -len(c["forms"]))):
        if given := case["forms"].get(guide.form):
            answers = _readable(form, given)
            if answers:
                return Example(case.get("case", {}).get("title", ""), answers, papers)
    return Example("", _readable(form, _made_up(form)), papers)


def paper(procedure: diagrams.Procedure, code: str) -> bytes:
    """The document of an example as PDF, marked 示例.

    Raises:
        NotFound: the procedure issues no such document, or its template has no sample.
    """
    found = _samples(procedure).get(code)
    if found is None:
        raise NotFound("这份文书没有示例。")
    return documents.example(code, found, procedure.templates)


def _samples(procedure: diagrams.Procedure) -> Mapping[str, Mapping[str, Any]]:
    codes = {
        d["code"] for node in course.of(procedure.whole).nodes.values() for d in node.documents if "code" in d
    }
    own = tuple(sorted((code, procedure.samples.get(code, "")) for code in codes))
    return _read(own)


@lru_cache(maxsize=32)
def _read(own: tuple[tuple[str, str], ...]) -> Mapping[str, Mapping[str, Any]]:
    found = {}
    for code, text in own:
        raw = json.loads(text) if text else documents.writing.sample_of(code)
        if isinstance(raw, dict):
            found[code] = {"today": DAY, **raw, "forms": raw.get("forms") or {}}
    return found


def _made_up(form: forms.Form) -> Mapping[str, Any]:
    people = [forms.OfficerOption(number, name) for number, name in OFFICERS]
    context = forms.FormContext(people, None, date.fromisoformat(DAY), items=lambda kind: [ITEM])
    answers = forms.sample(form, context, form.prefilled({}))
    for item in form.keyed():
        if item.type == "person" and item.key not in form.hidden(answers):
            named = [{"id": number, "name": name} for number, name in OFFICERS]
            answers[item.key] = named[:2] if getattr(item, "multiple", False) else named[0]
    return answers


def _readable(form: forms.Form, answers: Mapping[str, Any]) -> Sequence[forms.Answer]:
    """The answers in words; none where the sample was written for a form of another shape."""
    try:
        return forms.summary(form, answers)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ()
