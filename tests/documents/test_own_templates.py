"""A procedure's version brings templates of its own: they are used, and they keep what the law wrote."""

import hashlib
from typing import Any

import pytest
import yaml

from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.documents import placeholders, service, template
from app.documents.template import DocumentError
from app.forms import service as forms

from .conftest import completed, pdf_text


def parsed(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe ones


SHIPPED = {
    code: (template.FOLDER / code / "template.yaml").read_text(encoding="utf-8") for code in template.codes()
}
LOCKED = [code for code, text in SHIPPED.items() if any(b.get("lock") for b in parsed(text)["blocks"])]


@pytest.fixture(scope="module")
def penalty() -> bundles.Bundle:
    return diagrams.from_folder("penalty/ordinary")


@pytest.fixture(scope="module")
def fields(penalty) -> dict[str, set[str]]:
    return {k: {item.key for item in forms.load(dict(f)).keyed()} for k, f in penalty.forms.items()}


@pytest.fixture(scope="module")
def names(penalty) -> set[str]:
    return {*penalty.rules["attributes"], *penalty.rules["derived"]}


@pytest.fixture
def own(monkeypatch) -> dict[str, str]:
    """The templates of the version that the events of these tests name."""
    given: dict[str, str] = {}
    monkeypatch.setattr(service, "_own_templates", lambda session, procedure: given)
    return given


def changed(code: str, change) -> str:
    """A template of the release, changed as parsed."""
    raw = parsed(SHIPPED[code])
    change(raw)
    return yaml.safe_dump(raw, allow_unicode=True, sort_keys=False)


def test_the_versions_template_is_issued_and_named_in_the_register(issue, decided, own):
    own["JD-01"] = changed("JD-01", lambda raw: raw["blocks"].append({"note": "本机关另行附送政策解读。"}))
    (document,) = issue(completed(decided, "JD-01"))
    assert document.template_digest == hashlib.sha256(own["JD-01"].encode()).hexdigest()
    assert "本机关另行附送政策解读" in pdf_text(service.render(document))
    assert document.number == "枣环罚〔2025〕1号"


def test_other_documents_stay_the_releases(issue, decided, own):
    own["LA-06"] = changed("LA-06", lambda raw: raw["blocks"].append({"note": "另附。"}))
    (document,) = issue(completed(decided, "JD-01"))
    assert document.template_digest == template.load("JD-01").digest


def test_a_kind_the_release_does_not_know_can_be_issued(issue, decided, own):
    own["ZZ-01"] = changed(
        "JD-01", lambda raw: raw.update(code="ZZ-01", title="政策解读告知书", name="政策解读告知书")
    )
    (document,) = issue(completed(decided, "ZZ-01"))
    assert (document.code, document.title) == ("ZZ-01", "政策解读告知书")
    assert service.kind("ZZ-01", own).name == "政策解读告知书"
    assert "ZZ-01" in service.all_codes(own)
    assert "ZZ-01" not in service.all_codes()


def test_the_preview_shows_the_versions_template(decided):
    mine = {"JD-01": changed("JD-01", lambda raw: raw["blocks"].append({"note": "仅供预览的话。"}))}
    context = decided | {"today": "2025-07-16"}
    assert "仅供预览的话" in pdf_text(service.preview("JD-01", context, mine))
    assert "仅供预览的话" not in pdf_text(service.preview("JD-01", context))


def test_a_wrong_template_of_a_version_refuses_the_act(issue, decided, own):
    own["JD-01"] = SHIPPED["LA-06"]
    with pytest.raises(DocumentError, match="写的代码是 LA-06"):
        issue(completed(decided, "JD-01"))


# what publication looks at


def obstacles(code: str, text: str, fields, names) -> list[str]:
    return list(service.template_obstacles({code: text}, fields, names))


BUNDLES = {key: diagrams.from_folder(key) for key in diagrams.shipped()}
ISSUING = [
    (code, key)
    for key, bundle in BUNDLES.items()
    for code in SHIPPED
    if code not in bundle.templates
    and (f'code="{code}"'.encode() in bundle.whole or code in bundle.rules.get("act_papers", {}).values())
]
"""Which of the release's templates a procedure issues, by a step or by an act on the case; it may have its own instead."""


WITHOUT_A_TASK = {"XD-01", "XD-02", "XD-03"}
"""Supervision: for procedures that an agency draws; `tests/procedures/test_documents_on_demand.py`
holds each to the form it is made from."""


def test_every_template_of_the_release_is_issued_somewhere():
    """The release's own, or in the wording of the procedure that issues it."""
    own = {code for bundle in BUNDLES.values() for code in bundle.templates}
    assert {code for code, _ in ISSUING} | own == set(SHIPPED) - WITHOUT_A_TASK


@pytest.mark.parametrize(("code", "key"), ISSUING)
def test_the_releases_own_templates_stand_in_no_ones_way(code, key):
    bundle = diagrams.from_folder(key)
    fields = {k: {item.key for item in forms.load(dict(f)).keyed()} for k, f in bundle.forms.items()}
    names = {*bundle.rules["attributes"], *bundle.rules.get("derived", ())}
    assert obstacles(code, SHIPPED[code], fields, names) == []


def of_clauses(reasons: list[str]) -> list[str]:
    """What is said of the clauses of law; a template of another procedure asks for more than this one has."""
    return [reason for reason in reasons if "法定条款" in reason]


@pytest.mark.parametrize("code", LOCKED)
def test_a_locked_clause_may_not_be_dropped(code, fields, names):
    def drop(raw):
        raw["blocks"] = [block for block in raw["blocks"] if not block.get("lock")]

    assert of_clauses(obstacles(code, changed(code, drop), fields, names))


@pytest.mark.parametrize("code", LOCKED)
def test_a_locked_clause_may_not_be_unlocked_or_made_conditional(code, fields, names):
    def unlock(raw):
        del next(block for block in raw["blocks"] if block.get("lock"))["lock"]

    def sometimes(raw):
        next(block for block in raw["blocks"] if block.get("lock"))["if"] = "attributes.fine > 1"

    for change in (unlock, sometimes):
        assert len(of_clauses(obstacles(code, changed(code, change), fields, names))) == 1


def test_other_clauses_may_stand_between_locked_ones(fields, names):
    text = changed("JD-01", lambda raw: raw["blocks"].insert(-1, {"p": "另行说明。"}))
    assert obstacles("JD-01", text, fields, names) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{{ forms.penalty_lead.causes }}", "forms.penalty_lead.causes"),
        ("{{ forms.penalty_led.cause }}", "forms.penalty_led.cause"),
        ("{{ lead.causes }}", "forms.penalty_lead.causes"),
        ("{{ casse.no }}", "casse.no"),
        ("{{ attributes.fines }}", "attributes.fines"),
        (
            "{% for e in forms.penalty_report.evidences %}{{ e.name }}{% endfor %}",
            "forms.penalty_report.evidences",
        ),
    ],
)
def test_a_placeholder_to_nowhere_is_named(text, path, fields, names):
    def add(raw):
        raw.setdefault("let", {})["lead"] = "forms.penalty_lead"
        raw["blocks"].append({"p": text})

    (reason,) = obstacles("LA-06", changed("LA-06", add), fields, names)
    assert f"“{path}”" in reason


@pytest.mark.parametrize(
    "text",
    [
        "{{ forms.penalty_lead.causes|default('') }}",
        "{% if forms.penalty_lead.causes %}{{ forms.penalty_lead.causes }}{% endif %}",
        "{% if forms.penalty_lead.causes is defined and true %}{{ forms.penalty_lead.causes }}{% endif %}",
        "{% set x = forms.penalty_lead.cause %}{{ x }}",
        "{% for e in forms.penalty_report.evidence %}{{ e.name }}{{ loop.index }}{% endfor %}",
    ],
)
def test_what_the_template_tests_itself_may_be_absent(text, fields, names):
    assert (
        obstacles("LA-06", changed("LA-06", lambda raw: raw["blocks"].append({"p": text})), fields, names)
        == []
    )


def test_paths_are_read_through_repetitions_and_short_names():
    raw = {
        "let": {"x": "forms.a", "y": "x.b", "z": "history|of_form('a')"},
        "title": "{{ y.c }}",
        "blocks": [
            {"table": {"each": "x.rows", "as": "r", "cells": ["{{ r.name }}", "{{ z.at }}"]}, "if": "x.t"}
        ],
    }
    assert placeholders.asked(raw) == {("forms", "a", "b", "c"), ("forms", "a", "rows"), ("history",)}
