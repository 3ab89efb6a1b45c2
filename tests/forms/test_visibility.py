"""What is hidden is not asked, not kept, and not there for other conditions."""

from hypothesis import given
from hypothesis import strategies as st

from app.forms.conditions import evaluate

from .conftest import make, text

KIND = {"type": "radio", "key": "kind", "label": "类", "options": ["人", "企"]}
CODE = text("code", required=True, visibleWhen={"field": "kind", "op": "eq", "value": "企"})
AGE = text("age", required=True, visibleWhen={"field": "code", "op": "notEmpty"})


def test_hidden_answers_are_dropped_and_not_required(check):
    form = make(KIND, CODE, AGE)
    assert check(form, {"kind": "人", "code": "x", "age": "y"}) == {"kind": "人", "code": "", "age": ""}
    assert form.hidden({"kind": "人", "code": "x"}) == {"code", "age"}
    assert form.hidden({"kind": "企", "code": "x"}) == set()
    assert form.hidden({}) == {"code", "age"}


def test_order_of_items_does_not_matter():
    assert make(AGE, CODE, KIND).hidden({"kind": "人", "code": "x"}) == {"code", "age"}


def test_conditions_see_parts_of_composites():
    form = make(
        {"type": "party", "key": "p", "label": "人"},
        {"type": "opinion", "key": "o", "label": "意"},
        {"type": "evidence", "key": "e", "label": "证"},
        text("a", visibleWhen={"field": "p.kind", "op": "eq", "value": "person"}),
        text("b", visibleWhen={"field": "o", "op": "eq", "value": "agree"}),
        text("c", visibleWhen={"field": "e", "op": "notEmpty"}),
    )
    assert form.hidden({}) == {"a", "b", "c"}
    assert form.hidden({"p": {"kind": "person"}, "o": {"stance": "agree"}, "e": [{"name": "x"}]}) == set()


def test_routing_is_computed_from_what_is_shown():
    form = make(
        {"type": "radio", "key": "outcome", "label": "意见", "options": ["penalty", "none"]},
        {
            "type": "money",
            "key": "sum",
            "label": "罚款",
            "visibleWhen": {"field": "outcome", "op": "eq", "value": "penalty"},
        },
        {
            "type": "yesno",
            "key": "big",
            "label": "重大",
            "visibleWhen": {"field": "outcome", "op": "eq", "value": "penalty"},
        },
        {"type": "checkboxes", "key": "kinds", "label": "种类", "options": ["停产停业", "罚款"]},
        writes={
            "outcome": {"field": "outcome"},
            "fine": {"field": "sum"},
            "complex": {"field": "big"},
            "harsh": {"when": {"field": "kinds", "op": "contains", "value": "停产停业"}},
        },
    )
    full = {"outcome": "penalty", "sum": "250000", "big": "yes", "kinds": ["停产停业"]}
    assert form.routing(full) == {"outcome": "penalty", "fine": 250000, "complex": True, "harsh": True}
    # a second run of the step leaves nothing of the first
    assert form.routing({**full, "outcome": "none"}) == {
        "outcome": "none",
        "fine": 0,
        "complex": False,
        "harsh": True,
    }
    assert form.routing({}) == {"fine": 0, "complex": False, "harsh": False}
    assert form.routing({"sum": "0.50", "outcome": "penalty"})["fine"] == 0.5


def test_prefill_takes_what_fits():
    form = make(
        text(),
        {"type": "money", "key": "m", "label": "款"},
        {"type": "party", "key": "p", "label": "人"},
        {"type": "person", "key": "w", "label": "协办"},
        {"type": "yesno", "key": "y", "label": "是否"},
        {"type": "list", "key": "l", "label": "表", "columns": [text("law")]},
        prefill={
            "a": "forms.r.facts",
            "m": "attributes.fine",
            "p": "party",
            "w": "handlers.1",
            "y": "attributes.b",
            "l": "forms.r.laws",
        },
    )
    context = {
        "forms": {"r": {"facts": "事实", "laws": [{"law": "某法", "extra": 1}]}},
        "attributes": {"fine": 5000, "b": True},
        "party": {"kind": "person", "name": "演示·甲", "masked": "x"},
        "handlers": [{"id": 1}, {"id": 2, "name": "甲子002(演示)"}],
    }
    assert form.prefilled(context) == {
        "a": "事实",
        "m": "5000",
        "p": {"kind": "person", "name": "演示·甲"},
        "w": "2",
        "y": "yes",
        "l": [{"law": "某法"}],
    }
    assert form.prefilled({}) == {}
    assert form.prefilled({"forms": {"r": {"facts": {"x": 1}}}, "handlers": []}) == {}


VALUES = st.one_of(
    st.none(), st.booleans(), st.text(max_size=5), st.integers(-99, 99), st.lists(st.text(max_size=2))
)
COMPLEMENTS = [("empty", "notEmpty"), ("eq", "ne"), ("in", "notIn")]


@given(VALUES, VALUES, st.sampled_from(COMPLEMENTS))
def test_complements_never_agree(value, other, pair):
    leaf = {"field": "a", "value": other}
    assert evaluate({**leaf, "op": pair[0]}, {"a": value}) is not evaluate(
        {**leaf, "op": pair[1]}, {"a": value}
    )


@given(VALUES, VALUES)
def test_comparison_is_symmetric(value, other):
    def holds(op, left, right):
        return evaluate({"field": "a", "op": op, "value": right}, {"a": left})

    assert holds("gt", value, other) is holds("lt", other, value)
    assert holds("gte", value, other) is holds("lte", other, value)
    assert not (holds("gt", value, other) and holds("lt", value, other))
