"""The shipped forms for programs: their JSON Schema, and answers that go in as they come out."""

import json
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from app.cases import demo_content
from app.forms import service as forms
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

FORMS = sorted(Path(ROOT / "forms").glob("*.json"))
OFFICERS = [forms.OfficerOption(n, f"甲{n}", frozenset(), {"enforcement": f"证{n}"}) for n in (1, 2, 3)]
CONTEXT = forms.FormContext(
    OFFICERS, None, date(2026, 6, 1), "work:1", items=lambda kind: [f"演示编码　{kind}"]
)


def given(key: str) -> list[dict]:
    """The demonstration's answers to a form; people become numbers."""
    content = demo_content.content()
    found = [data for j in content["journeys"].values() for k, data in j["answers"].items() if k == key]
    found += [content["defaults"][key]] if key in content["defaults"] else []
    flat = [one for each in found for one in (each if isinstance(each, list) else [each])]
    return [
        {k: v for k, v in one.items() if "$" not in json.dumps(v) and v not in (None, "", [])} for one in flat
    ]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_shipped_form_has_a_schema_its_own_answers_satisfy(app, path):
    form = forms.load(json.loads(path.read_text(encoding="utf-8")))
    schema = forms.json_schema(form, CONTEXT)
    jsonschema_rs.meta.validate(schema)
    relaxed = {**schema, "required": []}
    with app.app_context():
        for answers in given(form.key):
            out = forms.to_json(form, answers, "work:1")
            wrong = list(jsonschema_rs.validator_for(relaxed).iter_errors(out))
            assert [str(e.message) for e in wrong if "oneOf" not in str(e.schema_path)] == []
            read = forms.from_json(form, out, "work:1")
            assert read.errors == {}
            assert forms.to_json(form, read, "work:1").keys() == out.keys()


def test_a_mistyped_answer_is_told_at_its_place(app):
    form = forms.load(json.loads(FORMS[0].read_text(encoding="utf-8")))
    for item in form.keyed():
        with pytest.raises(Invalid) as caught:
            forms.from_json(form, {item.key: {"a": {"b": 1}}}, "work:1")
        assert caught.value.errors or caught.value.code == "unknown_field"


def test_numbers_come_as_numbers_or_texts(app):
    form = forms.load({"key": "f", "title": "表", "items": [
        {"type": "number", "key": "n", "label": "数"}, {"type": "money", "key": "m", "label": "金额"}]})  # fmt: skip
    for n, m in ((3, 1200.5), ("3", "1200.50"), (3.0, "1,200.50元")):
        read = forms.from_json(form, {"n": n, "m": m}, "")
        assert form.validate(read, CONTEXT) == {"n": 3, "m": "1200.50"}
    with pytest.raises(Invalid):
        forms.from_json(form, {"n": True}, "")
