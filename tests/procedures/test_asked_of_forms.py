"""What the regulations ask of the forms of the shipped procedures, whatever the procedure."""

import json
from datetime import date

import pytest

from app.forms import service as forms
from app.forms.context import FormContext
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

SHOWN = sorted(
    path.stem
    for path in (ROOT / "forms").glob("*.json")
    if '"key": "id_shown"' in path.read_text(encoding="utf-8")
)
POINTS = ("subject", "facts", "law", "procedure", "power", "document", "crime")
"""主体、事实证据、适用法律和裁量、程序、权限、文书、涉嫌犯罪: the points of a legal review (国办发〔2018〕118号)."""


def load(name):
    return forms.load(json.loads((ROOT / "forms" / f"{name}.json").read_text(encoding="utf-8")))


def wrong(name, **answers):
    with pytest.raises(Invalid) as caught:
        load(name).validate(answers, FormContext((), None, date(2026, 3, 2)))
    return set(caught.value.errors)


def test_there_are_forms_of_investigation_inspection_and_seizure():
    assert {"penalty_investigate", "inspect_exec", "seize_exec", "simple_onsite"} <= set(SHOWN)


@pytest.mark.requirement("S1-5")
@pytest.mark.parametrize("name", SHOWN)
def test_without_the_certificates_shown_no_investigation_or_inspection_is_done(name):
    assert "id_shown" in wrong(name)
    assert "id_shown" in wrong(name, id_shown="no")
    assert "id_shown" not in wrong(name, id_shown="yes")


@pytest.mark.requirement("S1-15")
def test_a_legal_review_concludes_on_each_of_the_seven_points():
    assert set(POINTS) <= wrong("penalty_legal_review")
    for point in POINTS:
        assert point in wrong("penalty_legal_review", **dict.fromkeys(set(POINTS) - {point}, "没有问题"))
