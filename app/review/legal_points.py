"""What a review form asks for: its points, its conclusion, and which answers let the case pass. Pure.

No form is known here. A point is a choice that is explained in a text field shown by that choice alone; the
conclusion is the other choice on which the passing of the review depends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.diagrams.rules import Rules
from app.forms import conditions
from app.forms import service as forms

CHOICES = frozenset({"radio", "select"})


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the review: the field of its finding and of its explanation; `good` are the findings that pass."""

    key: str
    label: str
    note: str
    good: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """The review form of a procedure. `passed` is the attribute that says the review was passed, `conclusion` and
    `opinion` the fields of the conclusion and of the reviewer's words (empty: the form has none)."""

    points: tuple[Point, ...]
    conclusion: str
    good: frozenset[str]
    opinion: str
    passed: str

    def point(self, key: str) -> Point | None:
        """The point of this name."""
        return next((each for each in self.points if each.key == key), None)

    def failed(self, data: Mapping[str, Any]) -> list[Point]:
        """The points that what was handed in finds wanting."""
        return [p for p in self.points if data.get(p.key) and p.good and data[p.key] not in p.good]


def shape_of(form: forms.Form, rules: Rules, step: str) -> Shape:
    """What the form of a legal step asks for."""
    passed = next((proof.passed for proof in rules.reviews if proof.step == step), "")
    tree = next((write.when for write in form.writes if write.attribute == passed), None)
    good = dict(_good(tree))
    points = []
    for item in form.items:
        if item.type in CHOICES and (note := _note(form, item.key)):
            points.append(Point(item.key, item.label, note, good.get(item.key, frozenset())))
    known = {point.key for point in points}
    others = [i.key for i in form.items if i.type in CHOICES and i.key in good and i.key not in known]
    reasons = [a.reason for a in rules.abnormal if a.attribute == passed and a.reason]
    conclusion = others[0] if others else ""
    return Shape(
        tuple(points), conclusion, good.get(conclusion, frozenset()), reasons[0] if reasons else "", passed
    )


def _note(form: forms.Form, key: str) -> str:
    for item in form.items:
        if item.type == "textarea" and item.visible_when and conditions.fields(item.visible_when) == {key}:
            return item.key
    return ""


def _good(tree: Any) -> Iterator[tuple[str, frozenset[str]]]:
    """The values that a passing condition asks of its fields."""
    for leaf in conditions.leaves(tree):
        value = leaf.get("value")
        if leaf.get("op") == "eq" and isinstance(value, str):
            yield leaf["field"], frozenset({value})
        elif leaf.get("op") == "in" and isinstance(value, list):
            yield leaf["field"], frozenset(map(str, value))
