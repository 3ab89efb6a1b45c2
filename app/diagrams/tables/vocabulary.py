"""What a table may speak of: the declared attributes and thresholds of a rule set, and which numbers they can be."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from .model import BOOLEAN, NUMBER, Attribute, Domain, Table, Vocabulary

Said = Mapping[str, Mapping[str, str]]
"""Attribute -> value -> what the forms call it (`app.forms.service.values_said`)."""


def exact(value: Any) -> Any:
    """A value of a case as tables compare it: numbers exactly, as they are written."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return value if isinstance(value, Decimal) else Decimal(str(value))


def vocabulary(
    rules: Mapping[str, Any],
    tables: Mapping[str, Table] | None = None,
    said: Said | None = None,
) -> Vocabulary:
    """The names of a rule set as written, with what its other tables decide and what the forms call options."""
    found: dict[str, Attribute] = {}
    for name, raw in _mapping(rules.get("attributes")).items():
        if isinstance(raw, Mapping):
            options = raw.get("options")
            found[name] = Attribute(
                name,
                str(raw.get("type", BOOLEAN)),
                str(raw.get("label") or name),
                tuple(str(option) for option in options) if isinstance(options, list) else (),
                (said or {}).get(name, {}),
            )
    for name, raw in _mapping(rules.get("derived")).items():
        label = raw.get("label") if isinstance(raw, Mapping) else None
        found[name] = Attribute(name, BOOLEAN, str(label or name))
    for table in (tables or {}).values():
        for column in table.outputs:
            if column.kind == BOOLEAN:
                found.setdefault(column.name, Attribute(column.name, BOOLEAN, column.title))
    params: dict[str, Decimal] = {}
    labels: dict[str, str] = {}
    for name, raw in _mapping(rules.get("params")).items():
        value = raw.get("value") if isinstance(raw, Mapping) else raw
        if isinstance(value, int | float) and not isinstance(value, bool):
            params[name] = exact(value)
            labels[name] = str(raw.get("label") or name) if isinstance(raw, Mapping) else name
    return Vocabulary(found, params, labels)


def _source(name: str, form: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The field of a form that is written into an attribute."""
    source = _mapping(_mapping(form.get("writes")).get(name))
    key = str(source.get("field", "")).split(".")[0]
    return next((each for each in _items(form.get("items")) if key and each.get("key") == key), None)


def domains(rules: Mapping[str, Any], forms: Mapping[str, Mapping[str, Any]]) -> dict[str, Domain]:
    """Which numbers the attributes can be: their default, and what the forms that write them accept.

    An attribute that no form writes can be any number.
    """
    found: dict[str, Domain] = {}
    for name, raw in _mapping(rules.get("attributes")).items():
        if not isinstance(raw, Mapping) or raw.get("type") != NUMBER:
            continue
        sources = [domain for form in forms.values() if (domain := _written(name, form)) is not None]
        default = exact(raw.get("default"))
        if not sources or not isinstance(default, Decimal):
            continue
        leasts = [domain.least for domain in sources]
        least = None if None in leasts else min([default, *(each for each in leasts if each is not None)])
        whole = default == default.to_integral_value() and all(domain.whole for domain in sources)
        found[name] = Domain(least, whole)
    return found


def _written(name: str, form: Mapping[str, Any]) -> Domain | None:
    """Which numbers a form writes into an attribute; None: it does not write it."""
    source = _mapping(form.get("writes")).get(name)
    if not isinstance(source, Mapping):
        return None
    if "value" in source:
        value = exact(source["value"])
        return Domain(value, value == value.to_integral_value()) if isinstance(value, Decimal) else Domain()
    item = _source(name, form)
    if item is None or item.get("type") not in ("number", "money"):
        return Domain()
    least = exact(item.get("min", 0))
    whole = item["type"] == "number" and item.get("decimals") == 0
    return Domain(least if isinstance(least, Decimal) else None, whole)


def _items(items: Any) -> Iterator[Mapping[str, Any]]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping):
            yield item
            yield from _items(item.get("items"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
