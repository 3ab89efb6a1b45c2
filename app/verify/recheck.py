"""A proof again after a small edit: the parts whose input did not change are taken from the last one.

Each part reads only some of a procedure. The states, soundness and the demands read how the diagram is drawn,
its conditions, what steps write, and the attributes; refinement reads both drawings and how their steps belong
together; the budgets read the limits besides. Names are read only to tell what was found: where a part found
nothing, other names change nothing. The result is exactly that of `prove`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from .diagram import Event, Process
from .findings import Finding
from .proof import Parts, Proof, prove
from .rules import Rule
from .space import Space
from .states import LIMIT
from .subject import Subject
from .timing import Budget

Key = tuple[Any, ...]


class Session:
    """Proves one procedure again and again while it is drawn. Not for several threads at once.

    Subjects must come from `subject.build`: a derived attribute is known by what the rule set says of it.
    """

    def __init__(self) -> None:
        self._kept = _Kept()

    def prove(
        self,
        subject: Subject,
        today: date | None = None,
        rules: Sequence[Rule] | None = None,
        limit: int = LIMIT,
    ) -> Proof:
        """Decide a procedure (see `proof.prove`)."""
        return prove(subject, today, rules, limit, self._kept)

    @property
    def reused(self) -> frozenset[str]:
        """The parts of the last proof that had been there already."""
        return frozenset(self._kept.reused)


class _Kept(Parts):
    """The parts of the last proof, each with a key of what it read."""

    def __init__(self) -> None:
        self.reused: set[str] = set()
        self._keys: dict[str, Key] = {}
        self._texts = ""
        self._space: tuple[Key, Space] | None = None
        self._found: dict[str, tuple[Key, str, tuple[Finding, ...]]] = {}
        self._budgets: tuple[Key, Sequence[Budget]] | None = None

    def begin(self, subject: Subject, applying: Sequence[Rule], limit: int) -> None:
        self._subject = subject
        self.reused = set()
        values, inner = values_of(subject), drawn(subject)
        outer = repr((_shape(subject.external), [_shape(p) for _, p in sorted(subject.called.items())]))
        demanded = (limit, inner, values, tuple(applying))
        self._keys = {
            "states": demanded,
            "soundness": demanded,
            "demands": demanded,
            "external": (limit, outer, values),
            "refinement": (limit, inner, outer, values, _sections(subject, *_REFINED)),
            "budgets": (*demanded, limits_of(subject), _sections(subject, "clocks", "budget")),
        }
        self._texts = texts(subject)

    def states(self, make: Callable[[], Space]) -> Space:
        key = self._keys["states"]
        if self._space is not None and self._space[0] == key:
            self.reused.add("space")
            space = self._space[1]
            space = replace(space, program=space.program.retold(self._subject))
        else:
            self._space = None
            space = make()
        self._space = (key, space)
        return space

    def findings(self, part: str, make: Callable[[], Iterable[Finding]]) -> Sequence[Finding]:
        key, kept = self._keys[part], self._found.get(part)
        if kept is not None and kept[0] == key and (not kept[2] or kept[1] == self._texts):
            self.reused.add(part)
            return kept[2]
        self._found.pop(part, None)
        found = tuple(make())
        self._found[part] = (key, self._texts, found)
        return found

    def budgets(self, make: Callable[[], Sequence[Budget]]) -> Sequence[Budget]:
        key = self._keys["budgets"]
        if self._budgets is not None and self._budgets[0] == key:
            self.reused.add("budgets")
            return self._budgets[1]
        found = make()
        self._budgets = (key, found)
        return found


_REFINED = ("external_steps", "external_returns", "freeze_after")


def _sections(subject: Subject, *names: str) -> str:
    return repr([subject.rules.get(name) for name in names])


def _shape(process: Process | None) -> str:
    """How a diagram is drawn, with the legal steps, without names, limits and whatever else tells nothing about
    the order of things."""
    if process is None:
        return ""
    nodes = [
        (
            n.id,
            n.tag,
            n.scope,
            [f.id for f in n.incoming],
            [f.id for f in n.outgoing],
            n.default,
            [_event(event) for event in n.events],
            n.attached,
            n.interrupting,
            n.event_subprocess,
            n.compensation,
            n.marker,
            n.called,
            n.message,
            sorted(n.traits),
            n.attributes.get("step"),
        )
        for n in process.nodes.values()
    ]
    flows = [(f.id, f.source, f.target, f.condition) for f in process.flows.values()]
    return repr((process.id, nodes, flows))


def _event(event: Event) -> tuple[str, ...]:
    """Timers may go off at any time, however long they are."""
    return (event.kind,) if event.kind == "timer" else (event.kind, event.form, event.value)


def drawn(subject: Subject) -> str:
    """The internal diagram and those it calls, with what each step writes."""
    called = sorted(subject.called.items())
    processes = (subject.internal, *(process for _, process in called))
    writes = [
        (node.id, list(subject.writes(node).items()), subject.sticky(node))
        for process in processes
        for node in process.nodes.values()
    ]
    shapes = [_shape(process) for process in processes]
    return repr(([key for key, _ in called], shapes, writes))


def values_of(subject: Subject) -> str:
    """The attributes: declared ones, derived ones with what they are computed from, and what they are called."""
    derived = [
        (name, guard.text, sorted(guard.names), guard.finite) for name, guard in subject.derived.items()
    ]
    declared = _sections(subject, "derived", "params")
    return repr((subject.scope, list(subject.attributes.items()), derived, declared))


def limits_of(subject: Subject) -> str:
    """What the positions have time for, and how often work may go back."""
    processes = (subject.internal, *(process for _, process in sorted(subject.called.items())))
    nodes = [(n.id, n.attributes.get("limit")) for n in subject.everywhere().values()]
    flows = [(f.id, f.attributes.get("rounds")) for p in processes for f in p.flows.values()]
    return repr((nodes, flows))


def texts(subject: Subject) -> str:
    """What everything is called."""
    processes = [subject.internal, *(process for _, process in sorted(subject.called.items()))]
    if subject.external is not None:
        processes.append(subject.external)
    nodes = [[(n.id, n.name) for n in p.nodes.values()] for p in processes]
    return repr((nodes, [[(f.id, f.name) for f in p.flows.values()] for p in processes]))
