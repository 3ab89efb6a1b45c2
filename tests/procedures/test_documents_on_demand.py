"""What officers may make on demand: form, sample and template of each fit together, for every shipped procedure."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.diagrams import bundle
from app.documents import filling, template
from app.documents import service as documents
from app.forms import service as forms
from app.kernel.settings import ROOT
from app.verify import reader

KEYS = bundle.on_disk()
UNSAID = {"id_shown"}
"""Answers that a locked clause of the document says for everybody."""


def own(key: str, code: str) -> Path:
    """Where a procedure keeps its own wording of a document."""
    return ROOT / "bpmn" / key / "documents" / f"{code}.yaml"


def declared() -> list[tuple[str, str, str]]:
    """Code and form of each document that some task lets be made on demand, and the procedure where its wording is that
    one's own."""
    found = set()
    for key in KEYS:
        nodes = (n for process in reader.read(bundle.from_folder(key).whole) for n in process.nodes.values())
        papers = (paper for node in nodes for paper in node.on_demand)
        found |= {(p["code"], p["form"], key if own(key, p["code"]).exists() else "") for p in papers}
    return sorted(found)


def told(code: str, key: str) -> tuple[str, dict[str, Any]]:
    """The template that is used, and its sample."""
    path = own(key, code)
    if not key:
        return str(documents.writing.shipped(code)), template.sample_of(code)
    sample = path.with_name(f"{code}.sample.json")
    return path.read_text(encoding="utf-8"), json.loads(sample.read_text(encoding="utf-8"))


WITHOUT_A_TASK = (
    ("XD-01", "paper_supervise", ""), ("XD-02", "paper_rectify", ""),
    ("XD-03", "paper_inspector", ""),
)  # fmt: skip
"""Papers of supervision over another agency's case: a procedure of one's own can name them, no shipped one does."""
PAPERS = [*declared(), *WITHOUT_A_TASK]


@cache
def form(key: str) -> Any:
    return forms.load(json.loads((ROOT / "forms" / f"{key}.json").read_text(encoding="utf-8")))


def said(sample: dict[str, Any], key: str) -> dict[str, Any]:
    """What the sample answers to a form; where a step issues the same kind, what it answered to the step's form."""
    known = {item.key for item in form(key).keyed()}
    every = [told for told in sample["forms"].values() if known <= set(told)]
    return {name: value for name, value in (sample["forms"].get(key) or every[0]).items() if name in known}


def answers(sample: dict[str, Any], key: str) -> dict[str, Any]:
    """The sample's answers as a page would post them: persons by their number."""
    given = said(sample, key)
    for item in form(key).keyed():
        if item.type == "person" and isinstance(given.get(item.key), dict):
            given[item.key] = str(given[item.key]["id"])
    return given


def officers(sample: dict[str, Any], key: str) -> list[Any]:
    every = {"investigator", "deputy", "head", "legal_review", "hearing", "team_lead"}
    told = [v for v in said(sample, key).values() if isinstance(v, dict) and "certificate" in v]
    certificates = dict.fromkeys(("enforcement", "legal", "hearing"), "演示")
    return [forms.OfficerOption(p["id"], p["name"], frozenset(every), certificates) for p in told]


def test_there_are_some():
    assert {("DC-12", "paper_sampling", ""), ("ZX-04", "paper_surcharge", "penalty/ordinary")} <= set(PAPERS)


@pytest.mark.parametrize(("code", "key", "procedure"), PAPERS)
def test_the_form_takes_what_the_sample_says_and_the_document_can_be_made_of_it(code, key, procedure):
    text, sample = told(code, procedure)
    context = forms.FormContext(officers(sample, key), None, date.fromisoformat(sample["today"]))
    data = form(key).validate(answers(sample, key), context)
    given = {k for k, v in said(sample, key).items() if v not in ("", [], None)}
    assert given == {k for k, v in data.items() if v not in ("", [], None)}
    found = template.of_text(text, code)
    made = {**sample, "forms": {**sample["forms"], key: data}}
    found.check_required(made)
    about = filling.draft_facts(found, made, date.fromisoformat(sample["today"]))
    title, blocks = filling.fill(found, made, about)
    printed = title + str(blocks)
    assert "None" not in printed
    assert "【待填" not in printed
    assert "。。" not in printed


@pytest.mark.parametrize(("code", "key", "procedure"), PAPERS)
def test_everything_that_is_asked_for_is_printed(code, key, procedure):
    """Answers to such a form are kept in the document alone: what it does not say would be lost."""
    raw, problems = documents.writing.read_template(told(code, procedure)[0])
    assert not problems
    spoken = {names[:3] for use in documents.writing.uses(raw) for names in use.paths}
    asked = {("forms", key, item.key) for item in form(key).keyed() if item.key not in UNSAID}
    assert asked <= spoken, sorted(asked - spoken)


@pytest.mark.parametrize("key", sorted({key for _, key, _ in PAPERS}))
def test_its_form_moves_nothing_and_takes_no_files(key):
    assert not form(key).writes
    assert not {item.type for item in form(key).keyed()} & {"file", "evidence"}


def test_prefilled_answers_come_from_forms_and_fields_that_exist():
    for _, key, _ in PAPERS:
        definition = json.loads((ROOT / "forms" / f"{key}.json").read_text(encoding="utf-8"))
        for path in definition.get("prefill", {}).values():
            root, name, *rest = path.split(".")
            if root == "forms":
                assert rest[0] in {item.key for item in form(name).keyed()}, (key, path)
