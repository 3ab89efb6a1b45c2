"""Expression injection: what a diagram, a rule set or a form may say at publication is no program.

The language itself is held shut by `tests/engine/test_expressions.py` and `tests/forms/test_visibility.py`; here
whole bundles, right but for one evil expression, are offered for publication.
"""

import dataclasses
import re
from typing import Any

import pytest
from cases.town import Town

from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.forms import service as forms
from app.kernel.db import db
from app.kernel.errors import Invalid

EVIL = [
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "open('/etc/passwd').read()",
    "9**9**9",
    "'a'*10**9",
    "[x for x in ()]",
    "(lambda: 1)()",
    "major.__class__",
    "globals()['x']",
    "f'{major}'",
    "import os",
    "major == 1; x = 1",
    "nothing_declared == true",
    "not " * 500 + "major",
    "(" * 300 + "major" + ")" * 300,
]


@pytest.fixture(scope="module")
def real():
    return diagrams.from_folder("penalty/ordinary")


def with_internal(real: bundles.Bundle, internal: bytes) -> bundles.Bundle:
    changed = dataclasses.replace(real, internal=internal)
    return dataclasses.replace(changed, digest=bundles.named(changed))


def refused(town: Town, bundle: bundles.Bundle) -> str:
    with town.app.app_context():
        session = db.session()
        try:
            with pytest.raises(Invalid) as caught:
                diagrams.publish(session, bundle, gate)
        finally:
            session.rollback()
    return caught.value.message


def xml(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode()


@pytest.mark.parametrize("evil", EVIL, ids=lambda text: text[:24])
def test_no_condition_of_a_diagram_is_a_program(town, real, stored, evil):
    pattern = rb"(<(?:bpmn:)?conditionExpression[^>]*>)([^<]*)(<)"
    assert re.search(pattern, real.internal)
    internal = re.sub(pattern, lambda m: m[1] + xml(evil) + m[3], real.internal, count=1)
    before = stored()
    message = refused(town, with_internal(real, internal))
    assert "不能发布" in message
    assert "Traceback" not in message
    assert stored() == before


@pytest.mark.parametrize("evil", EVIL[:4])
def test_no_condition_of_a_document_is_a_program(town, real, stored, evil):
    pattern = rb"(<xq:document )([^>]*?)(/?>)"
    assert re.search(pattern, real.internal)
    internal = re.sub(
        pattern,
        lambda m: m[1] + re.sub(rb' ?if="[^"]*"', b"", m[2]) + b' if="' + xml(evil) + b'"' + m[3],
        real.internal,
        count=1,
    )
    before = stored()
    assert "不能发布" in refused(town, with_internal(real, internal))
    assert stored() == before


@pytest.mark.parametrize("limit", ["9" * 40 + "d", "${1}d", "PT{{7*7}}S", "R999999/PT1S", "-5wd", "1e9d", ""])
def test_no_limit_is_anything_but_a_limit(town, real, stored, limit):
    pattern = rb'(xq:limit=")([^"]*)(")'
    internal = re.sub(pattern, lambda m: m[1] + xml(limit) + m[3], real.internal, count=1)
    if internal == real.internal:
        pytest.fail("the shipped diagram has limits")
    before = stored()
    if limit:  # without a limit a task simply has none
        assert "不能发布" in refused(town, with_internal(real, internal))
    assert stored() == before


FORMS: list[dict[str, Any]] = [
    {"visibleWhen": "__import__('os')"},
    {"visibleWhen": {"field": "a.__class__", "op": "eq", "value": "x"}},
    {"visibleWhen": {"field": "a", "op": "__eq__", "value": "x"}},
    {"visibleWhen": {"field": "a", "op": "eq", "value": {"$where": "1"}}},
    {"visibleWhen": {"field": "a", "op": "matches", "value": "(a+)+$"}},
    {"pattern": "(a+)+$"},
    {"pattern": "(?P<x>a)(?P=x)"},
    {"key": "__class__"},
    {"key": "a.b"},
    {"onclick": "alert(1)"},
    {"type": "script"},
]


@pytest.mark.parametrize("evil", FORMS, ids=str)
def test_no_form_definition_is_a_program(evil):
    item = {"type": "text", "key": "b", "label": "乙"} | evil
    definition = {"key": "f", "title": "表", "items": [{"type": "text", "key": "a", "label": "甲"}, item]}
    with pytest.raises(Invalid) as caught:
        forms.load(definition)
    assert caught.value.errors


def test_a_prefill_looks_up_and_calls_nothing():
    base = {"key": "f", "title": "表", "items": [{"type": "text", "key": "a", "label": "甲"}]}
    for path in (
        "case.__class__",
        "case.__init__.__globals__",
        "case.no.upper()",
        "forms[0]",
        "case..no",
        "{{7*7}}",
    ):
        try:
            form = forms.load({**base, "prefill": {"a": path}})
        except Invalid:
            continue
        assert form.prefilled({"case": {"no": "一号"}, "forms": {}}) == {}


def test_the_shipped_bundle_would_be_published(town, real):
    """What is refused above is refused for the evil alone."""
    assert dataclasses.is_dataclass(real)
    with town.act() as session:
        assert diagrams.publish(session, real, gate)
