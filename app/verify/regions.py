"""Attribute values as finitely many cases, decided as late as possible.

The values of an attribute that no condition tells apart are one region, so that the search over regions is
exact. A vector of codes says what is known: 0 nothing has written it yet (it has its default), 1 any value,
2 + i a value of region i. A derived attribute is known or not in the same way; whether what is known can hold
together is asked of the conditions it is computed from.
"""

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from .guards import Atom, Guard
from .subject import Attribute, Subject

UNWRITTEN, ANY, FIRST = 0, 1, 2
MOST = 4_096
"""Combinations of values tried to see what a condition admits."""


class Regions:
    """The cases of every attribute that some condition reads.

    Attributes:
        names: base attributes first, then derived ones in order of computation.
        values: name -> one value of each region.
        field: name -> (shift, mask) of its code in a vector.
        support: derived name -> every base attribute it depends on, itself and derived ones between included.
    """

    def __init__(self, subject: Subject, guards: Iterable[Guard]) -> None:
        self._subject = subject
        self._derived = dict(subject.derived)
        self._below: dict[str, frozenset[str]] = {}
        read = [guard for guard in guards if guard.finite]
        used = self._closed({name for guard in read for name in guard.names})
        read += [self._derived[name] for name in used if name in self._derived]
        atoms: dict[str, list[Atom]] = {}
        constants: dict[str, set[Any]] = {}
        for guard in read:
            for name, tests in guard.atoms.items():
                atoms.setdefault(name, []).extend(tests)
            for name, found in guard.constants.items():
                constants.setdefault(name, set()).update(found)
        self.values: dict[str, tuple[Any, ...]] = {}
        for name, attribute in subject.attributes.items():
            if name in used:
                cases = _cases(attribute, constants.get(name, set()))
                self.values[name] = _classes(cases, atoms.get(name, []), attribute.default)
        for name in self._derived:
            if name in used:
                self.values[name] = (False, True)
        self.names = tuple(self.values)
        self.field: dict[str, tuple[int, int]] = {}
        at = 0
        for name, cases in self.values.items():
            width = (len(cases) + 1).bit_length()
            self.field[name] = (at, (1 << width) - 1)
            at += width
        self.bits = at
        self.support = {name: frozenset(self._closed({name})) for name in self.names if name in self._derived}
        self._atoms = atoms
        self._dependants = {
            name: tuple(d for d, base in self.support.items() if name in base and d != name)
            for name in self.names
        }
        self._feasible: dict[tuple[tuple[str, int], ...], bool] = {}
        self._bound = self.mask(self.support)
        self._families = [self.mask((name,)) for name in self.support]
        self._admitted: dict[tuple[int, bool], tuple[Guard, Mapping[str, frozenset[Any]]]] = {}
        self._held: dict[tuple[str, int], bool] = {}
        self._settled: dict[tuple[str, ...], dict[int, list[int]]] = {}

    def _closed(self, names: Collection[str]) -> set[str]:
        """Names with everything they are computed from."""
        found: set[str] = set()
        for name in names:
            if name not in self._below:
                self._below[name] = self._bases(name)
            found |= self._below[name]
        return found

    def _bases(self, name: str) -> frozenset[str]:
        found, todo = {name}, [name]
        while todo:
            guard = self._derived.get(todo.pop())
            if guard is not None:
                todo += guard.names - found
                found |= guard.names
        return frozenset(found)

    def mask(self, names: Iterable[str]) -> int:
        """The bits of some attributes, those that derived ones are computed from included."""
        found = 0
        for name in self._closed(set(names)):
            if name in self.field:
                shift, mask = self.field[name]
                found |= mask << shift
        return found

    def own(self, names: Iterable[str]) -> int:
        """The bits of some attributes, and of these only."""
        found = 0
        for name in names:
            shift, mask = self.field[name]
            found |= mask << shift
        return found

    def bound(self, bits: int) -> int:
        """These bits with those of every attribute whose value can rule out some of theirs."""
        changed = True
        while changed:
            changed = False
            for family in self._families:
                if family & bits and family & ~bits:
                    bits |= family
                    changed = True
        return bits

    def get(self, data: int, name: str) -> int:
        """The code of an attribute."""
        shift, mask = self.field[name]
        return data >> shift & mask

    def put(self, data: int, name: str, code: int) -> int:
        """The vector with another code."""
        shift, mask = self.field[name]
        return data & ~(mask << shift) | code << shift

    def write(self, data: int, name: str, code: int) -> int:
        """The vector after somebody wrote an attribute; what is derived from it is unknown again."""
        data = self.put(data, name, code)
        for derived in self._dependants[name]:
            data = self.put(data, derived, ANY)
        return data

    def region(self, name: str, value: Any) -> int:
        """The code of a value."""
        signature = [atom(value) for atom in self._atoms.get(name, ())]
        for i, one in enumerate(self.values[name]):
            if one == value or signature == [atom(one) for atom in self._atoms.get(name, ())]:
                return FIRST + i
        return ANY

    def default(self, name: str) -> Any:
        """What an attribute is before anybody has written it."""
        attribute = self._subject.attributes.get(name)
        return attribute.default if attribute is not None else None

    def value(self, data: int, name: str) -> Any:
        """The value of an attribute that is known."""
        code = self.get(data, name)
        return self.values[name][code - FIRST] if code >= FIRST else self.default(name)

    def known(self, data: int, name: str) -> bool:
        """Whether the vector settles an attribute."""
        code = self.get(data, name)
        return code >= FIRST or (code == UNWRITTEN and name not in self._derived)

    def settle(self, data: int, names: tuple[str, ...]) -> list[int]:
        """The vector in every way in which the given attributes can be known. Not to be changed."""
        known = self._settled.get(names)
        if known is None:
            known = self._settled[names] = {}
        found = known.get(data)
        if found is None:
            found = known[data] = self._ways(data, names)
        return found

    def _ways(self, data: int, names: tuple[str, ...]) -> list[int]:
        found = [data]
        for name in names:
            if name not in self.field:
                continue
            shift, mask = self.field[name]
            given = name not in self._derived  # a base attribute that nobody has written has its default
            after = []
            for one in found:
                code = one >> shift & mask
                if code >= FIRST or (given and code == UNWRITTEN):
                    after.append(one)
                    continue
                base = one & ~(mask << shift)
                for code in range(FIRST, FIRST + len(self.values[name])):
                    chosen = base | code << shift
                    if self._possible(chosen, name):
                        after.append(chosen)
            found = after
        return found

    def show(self, data: int) -> dict[str, Any]:
        """What is known, for people."""
        return {name: self.value(data, name) for name in self.names if self.get(data, name) >= FIRST}

    def _possible(self, data: int, changed: str) -> bool:
        """Whether what is known of derived attributes can hold together."""
        if not self.support:
            return True
        key = changed, data & self._bound
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = self._consistent(data, changed)
        return found

    def _consistent(self, data: int, changed: str) -> bool:
        affected = {d for d in (changed, *self._dependants[changed]) if d in self.support}
        known = [d for d in self.support if d in affected and self.get(data, d) >= FIRST]
        if not known:
            return True
        relevant: set[str] = set().union(*(self.support[d] for d in known))
        # What else is known of derived attributes that share a base attribute binds as well.
        relevant |= {d for d in self.support if self.get(data, d) >= FIRST and self.support[d] & relevant}
        for d in [d for d in relevant if d in self.support]:
            relevant |= self.support[d]
        key = tuple((name, self.get(data, name)) for name in self.names if name in relevant)
        found = self._feasible.get(key)
        if found is None:
            assignment = {name: self.value(data, name) for name, _ in key if self.known(data, name)}
            wanted = [d for d in self.support if d in relevant and d in assignment]
            found = self._feasible[key] = self._search(assignment, wanted)
        return found

    def _search(self, assignment: dict[str, Any], wanted: list[str]) -> bool:
        """Whether the open attributes can be chosen so that every derived one of `wanted` is as it should be."""
        if not wanted:
            return True
        first, rest = wanted[-1], wanted[:-1]  # the one computed last: it may read the others
        guard = self._derived[first]
        open_ = [name for name in self.names if name in guard.names and name not in assignment]
        for choice in self._choices(open_):
            trial = {**assignment, **choice}
            if guard.holds(trial) == trial[first]:
                more = [d for d in self.support if d in choice or d in rest]
                if self._search(trial, more):
                    return True
        return False

    def _choices(self, names: list[str]) -> Iterator[dict[str, Any]]:
        if not names:
            yield {}
            return
        head, tail = names[0], names[1:]
        for value in self.values[head]:
            for rest in self._choices(tail):
                yield {head: value, **rest}

    def admitted(self, guard: Guard, truth: bool) -> Mapping[str, frozenset[Any]]:
        """Base attribute -> the values with which a condition can have an answer at all, whatever the others are.
        Attributes that may have any are left out."""
        key = (id(guard), truth)
        if key not in self._admitted:
            self._admitted[key] = guard, self._admits(guard, truth)
        return self._admitted[key][1]

    def _admits(self, guard: Guard, truth: bool) -> dict[str, frozenset[Any]]:
        names = tuple(name for name in self.names if name in guard.names)
        if not guard.finite or len(names) < len(guard.names):
            return {}
        if math.prod(len(self.values[name]) for name in names) > MOST:
            return {}
        good: dict[str, set[Any]] = {name: set() for name in names}
        for chosen in itertools.product(*(self.values[name] for name in names)):
            try:
                possible = bool(guard.holds(dict(zip(names, chosen, strict=True)))) is truth
            except (TypeError, ValueError, KeyError, ArithmeticError):
                possible = True
            if possible:
                for name, value in zip(names, chosen, strict=True):
                    good[name].add(value)
        found = {n: frozenset(values) for n, values in good.items() if n not in self._derived}
        for name in names:
            if name in self._derived and len(good[name]) == 1:
                for base, values in self.admitted(self._derived[name], good[name] == {True}).items():
                    found[base] = found.get(base, values) & values
        return {name: values for name, values in found.items() if len(values) < len(self.values[name])}

    def derive(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values with every derived attribute computed anew, as far as its base is there."""
        for name, guard in self._derived.items():
            if name in self.values and guard.names <= values.keys():
                values[name] = guard.holds(values)
        return values


def _cases(attribute: Attribute, constants: set[Any]) -> tuple[Any, ...]:
    if attribute.kind == "boolean":
        return (False, True)
    if attribute.kind == "choice":
        return attribute.options or (attribute.default,)
    cuts = sorted(v for v in constants if isinstance(v, int | float) and not isinstance(v, bool))
    if not cuts:
        return (attribute.default if attribute.default is not None else 0,)
    found: list[Any] = [cuts[0] - 1]
    for i, cut in enumerate(cuts):
        found.append(cut)
        following = cuts[i + 1] if i + 1 < len(cuts) else None
        if following is None:
            found.append(cut + 1)
        else:
            # Just below the next threshold: what an official would try.
            found.append(following - 1 if following - 1 > cut else (cut + following) / 2)
    least = attribute.least
    if least is not None:
        kept = [value for value in found if value >= least]
        found = [least, *kept] if least < (kept or [least])[0] else kept or [least]
        found = [int(v) if isinstance(v, float) and v.is_integer() else v for v in found]
    return tuple(found)


def _classes(cases: tuple[Any, ...], atoms: list[Atom], default: Any) -> tuple[Any, ...]:
    """One value of every class that some comparison tells apart: the default where it is one of them, else of
    numbers the greatest (just below the next threshold), of texts the first."""
    found: dict[tuple[bool, ...], Any] = {}
    usual = tuple(atom(default) for atom in atoms)
    for case in cases:
        signature = tuple(atom(case) for atom in atoms)
        if signature == usual and isinstance(default, int | float) and not isinstance(default, bool):
            found.setdefault(signature, default)
        elif signature not in found or (isinstance(case, int | float) and not isinstance(case, bool)):
            found[signature] = case
    return tuple(found.values())


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values in a form that JSON and people take alike."""
    return {name: int(v) if isinstance(v, float) and v.is_integer() else v for name, v in values.items()}
