"""Whether a condition of one rule set holds wherever a condition of another one does: tried on one value of every kind
that the conditions tell apart, which decides it."""

import itertools
from collections.abc import Mapping
from typing import Any

from ..kernel.errors import Invalid
from .guards import Guard, tree_condition

MOST = 60_000
"""Combinations of values that are tried; a condition that takes more counts as changed."""


class Conditions:
    """The conditions of two rule sets, with what each of them derives. Thresholds of one name have the old value in
    both: that a threshold moved is told where it stands."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        params = {**_params(new), **_params(old)}
        self._params = params
        self._old, self._new = _guards(old, params), _guards(new, params)
        self._trees = tuple(
            {name: entry.get("when") for name, entry in (raw.get("derived") or {}).items()}
            for raw in (old, new)
        )
        self._attributes = {**(new.get("attributes") or {}), **(old.get("attributes") or {})}
        for name, entry in (new.get("attributes") or {}).items():
            known = self._attributes[name]
            options = [*(known.get("options") or ()), *(entry.get("options") or ())]
            self._attributes[name] = {**known, "options": list(dict.fromkeys(options))}

    def same(self, name: str) -> bool:
        """Whether a derived attribute is computed alike in both."""
        names = _closed({name}, self._old)
        return all(self._trees[0].get(n) == self._trees[1].get(n) for n in names if n in self._trees[0])

    def read_by(self, name: str) -> set[str]:
        """The derived attributes that one of the old rule set is computed from."""
        return (_closed({name}, self._old) & self._old.keys()) - {name}

    def implies(self, before: Any, after: Any, backwards: bool = False) -> bool:
        """Whether `after` holds in the new rule set wherever `before` does in the old one (`backwards`: the other
        way). What cannot be decided is no."""
        try:
            one, other = tree_condition(before, self._params), tree_condition(after, self._params)
            names = _closed(one.names, self._old) | _closed(other.names, self._new)
            used = [g for n in names for side in (self._old, self._new) if (g := side.get(n))] + [one, other]
            values = self._values(sorted(n for n in names if n not in self._old and n not in self._new), used)
        except (Invalid, KeyError, TypeError, ValueError):
            return False
        if values is None or not all(guard.finite for guard in used):
            return False
        for chosen in itertools.product(*values.values()):
            data = dict(zip(values, chosen, strict=True))
            try:
                first, second = _holds(one, dict(data), self._old), _holds(other, data, self._new)
            except (KeyError, TypeError, ValueError):
                return False
            if (second and not first) if backwards else (first and not second):
                return False
        return True

    def _values(self, names: list[str], used: list[Guard]) -> dict[str, list[Any]] | None:
        found: dict[str, list[Any]] = {}
        count = 1
        for name in names:
            constants = {c for guard in used for c in guard.constants.get(name, ())}
            found[name] = _cases(self._attributes.get(name) or {}, constants)
            count *= len(found[name])
            if count > MOST:
                return None
        return found


def _params(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry.get("value") for name, entry in (raw.get("params") or {}).items()}


def _guards(raw: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Guard]:
    found = {}
    for name, entry in (raw.get("derived") or {}).items():
        try:
            found[name] = tree_condition(entry.get("when"), params)
        except Invalid:
            continue  # said by the proof; what reads it cannot be decided
    return found


def _closed(names: Any, guards: Mapping[str, Guard]) -> set[str]:
    """Names with everything they are derived from."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += guards[name].names if name in guards else ()
    return found


def _holds(guard: Guard, values: dict[str, Any], derived: Mapping[str, Guard], depth: int = 0) -> bool:
    """Whether a condition holds; what it reads is derived into `values` on the way."""
    if depth > 60:
        raise ValueError("derived attributes read each other")
    for name in guard.names:
        if name in derived and name not in values:
            values[name] = _holds(derived[name], values, derived, depth + 1)
    return bool(guard.holds(values))


def _cases(attribute: Mapping[str, Any], constants: set[Any]) -> list[Any]:
    """One value of each kind that some comparison tells apart, and one that none names."""
    match attribute.get("type"):
        case "boolean":
            return [False, True]
        case "choice":
            options = list(attribute.get("options") or [attribute.get("default")])
            named = [value for value in options if value in constants]
            return named + [value for value in options if value not in constants][:1]
    cuts = sorted({c for c in constants if isinstance(c, int | float) and not isinstance(c, bool)})
    if not cuts:
        return [attribute.get("default", 0)]
    found: list[Any] = [cuts[0] - 1]
    for here, following in itertools.pairwise([*cuts, cuts[-1] + 2]):
        found += [here, (here + following) / 2]
    return found
