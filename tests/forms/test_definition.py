"""A form's definition is checked before anybody fills it in; every mistake of the author is named."""

from typing import Any

import pytest

from app.forms.service import load
from app.kernel.errors import Invalid

from .conftest import make, text


def refused(*items: dict[str, Any], **more: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        make(*items, **more)
    assert caught.value.code == "bad_form"
    return caught.value.errors


def test_a_sound_definition_is_frozen_and_cached():
    form = make(text())
    assert make(text()) is form
    with pytest.raises(AttributeError):
        form.title = "别的"  # type: ignore[misc]


def test_duplicate_keys():
    assert any("重复" in m for ms in refused(text(), text()).values() for m in ms)


def test_unknown_type_and_misspelt_attribute():
    assert "items[0].type" in refused({"type": "script", "label": "x"})
    assert refused(text(requried=True)) == {"items[0].requried": ["没有这个属性，请检查拼写。"]}


@pytest.mark.parametrize("key", ["_csrf", "A", "a.b", "", "甲", "a" * 41, "__proto__", 7, None])
def test_bad_keys(key):
    assert "items[0].key" in refused({"type": "text", "key": key, "label": "x"})


def test_conditions_on_unknown_fields_and_impossible_values():
    yes = {"type": "yesno", "key": "y", "label": "是否"}
    assert refused(text(visibleWhen={"field": "b", "op": "eq", "value": "1"}))
    assert refused(yes, text(visibleWhen={"field": "y", "op": "eq", "value": True}))
    assert refused(yes, text(visibleWhen={"field": "y", "op": "roughly", "value": "yes"}))
    assert refused(yes, text(visibleWhen={"field": "y", "op": "eq", "value": {"param": "p"}}))
    assert refused(text(visibleWhen="a == 1"))
    make(yes, text(visibleWhen={"field": "y", "op": "eq", "value": "yes"}))


def test_a_circle_of_conditions_has_no_answer():
    a = text("a", visibleWhen={"field": "b", "op": "notEmpty"})
    b = text("b", visibleWhen={"field": "a", "op": "notEmpty"})
    assert "成环" in refused(a, b)["items"][0]
    assert "成环" in refused(text(visibleWhen={"field": "a", "op": "empty"}))["items"][0]


def test_too_deep_or_too_wide_conditions():
    tree: dict[str, Any] = {"field": "a", "op": "empty"}
    for _ in range(20):
        tree = {"not": tree}
    assert refused(text(), text("b", visibleWhen=tree))
    wide = {"any": [{"field": "a", "op": "empty"}] * 500}
    assert refused(text(), text("b", visibleWhen=wide))


def test_writes_must_name_fields_that_can_be_copied():
    assert refused(text(), writes={"fine": {"field": "b"}})
    assert refused(text(), writes={"fine": {"field": "a"}})  # free text routes nothing
    assert refused(text(), writes={"Fine": {"when": {"field": "a", "op": "empty"}}})
    assert refused(text(), writes={"fine": "a"})
    assert refused(text(), prefill={"b": "forms.x.y"})
    assert refused(text(), prefill={"a": "forms.__class__..x"})


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "x",
        {},
        {"key": "t"},
        {"key": "t", "title": "x", "items": []},
        {"key": "t", "title": "x", "items": [1]},
    ],
)
def test_what_is_no_definition_at_all(raw):
    with pytest.raises(Invalid):
        load(raw)


def test_huge_and_endless_definitions():
    with pytest.raises(Invalid):
        make(*(text(f"k{n}") for n in range(201)))
    with pytest.raises(Invalid):
        make({"type": "note", "label": "长" * 300_000})
    endless: dict[str, Any] = {}
    endless["items"] = endless
    with pytest.raises(Invalid):
        load(endless)
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Invalid):
        load({"key": "t", "title": "x", "items": deep})


def test_columns_are_simple_items():
    assert refused(
        {"type": "list", "key": "l", "label": "表", "columns": [{"type": "party", "key": "p", "label": "x"}]}
    )
    assert refused({"type": "list", "key": "l", "label": "表", "columns": [text(), text()]})
