"""A choice among the agency's own items of a kind of power: code and name, nothing else."""

from collections.abc import Sequence

import pytest
from werkzeug.datastructures import MultiDict

from app.forms import service as forms
from app.kernel.errors import Invalid

from .conftest import TODAY, make

ASK = {"type": "select", "key": "target", "label": "事项", "required": True, "items": "penalty"}
KNOWN = {"penalty": ["ZZ-1　对甲行为的处罚", "ZZ-2　对乙行为的处罚"], "licence": ["ZZ-3　丙许可"]}


def items(kind: str) -> Sequence[str]:
    return KNOWN[kind]


CONTEXT = forms.FormContext((), None, TODAY, items=items)


def answer(text: str) -> str:
    form = make(ASK)
    return form.validate(form.parse(MultiDict({"target": text})), CONTEXT)["target"]


def test_an_item_of_the_kind_may_be_chosen():
    assert answer("ZZ-2　对乙行为的处罚") == "ZZ-2　对乙行为的处罚"


@pytest.mark.parametrize("text", ["ZZ-3　丙许可", "ZZ-2", "", "ZZ-9　没有的事项"])
def test_nothing_else_may(text: str):
    with pytest.raises(Invalid) as caught:
        answer(text)
    assert set(caught.value.errors) == {"target"}


def test_the_page_and_the_schema_offer_them_and_the_summary_reads_the_answer():
    form = make(ASK)
    page = forms.render(form, {"target": "ZZ-1　对甲行为的处罚"}, context=CONTEXT)
    assert '<option value="ZZ-1　对甲行为的处罚" selected>ZZ-1　对甲行为的处罚</option>' in page
    assert "丙许可" not in page
    offered = forms.json_schema(form, CONTEXT)["properties"]["target"]["oneOf"]
    assert [each["const"] for each in offered] == KNOWN["penalty"]
    (line,) = forms.summary(form, {"target": "ZZ-1　对甲行为的处罚"})
    assert line.text == "ZZ-1　对甲行为的处罚"


def test_a_select_needs_options_or_a_kind_and_a_radio_has_options():
    with pytest.raises(Invalid):
        make({"type": "select", "key": "a", "label": "事项"})
    with pytest.raises(Invalid):
        make({**ASK, "type": "radio"})
