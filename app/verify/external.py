"""The external diagram as a monitor: where it can be after each step that the officers do."""

from collections.abc import Iterator, Mapping
from typing import Any

from .game import join_enabled
from .guards import Guard
from .net import Kind, Transition
from .steps import Conditions
from .subject import Subject

Markings = frozenset[int]
MOST = 2_000
"""Markings the external diagram can be in between two steps."""


class Env:
    """What is known of the attributes that the external diagram reads; None: the value is open. There is one for
    each combination of values, so that it is told from others by what it is."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values


class External:
    """The external diagram as a monitor over steps."""

    def __init__(self, subject: Subject) -> None:
        assert subject.external is not None  # noqa: S101 - callers ask only with both diagrams
        self.process = subject.external
        self.net = subject.external_net
        self.guard = Conditions(subject.names).guard
        self.steps = {n.id: n.attributes.get("step", "") for n in self.process.nodes.values()}
        self.tags = frozenset(tag for tag in self.steps.values() if tag)
        self.prefixes = {
            tag: tuple(found) if isinstance(found, list | tuple) else (str(found),)
            for tag, found in (subject.rules.get("external_steps") or {}).items()
        }
        self.returns = frozenset(subject.rules.get("external_returns") or ())
        frozen = subject.rules.get("freeze_after") or ()
        self.frozen = tuple(frozen) if isinstance(frozen, list | tuple) else (str(frozen),)
        self._running: dict[str, int] = {}
        self._enter: dict[str, list[Transition]] = {}
        self._free: list[Transition] = []
        for transition in self.net.transitions:
            tag = self.steps.get(transition.node, "")
            if tag and not transition.passes and transition.kind is Kind.AUTO:
                self._enter.setdefault(tag, []).append(transition)
                self._running[tag] = self._running.get(tag, 0) | transition.post
            else:
                self._free.append(transition)
        self._names: dict[Markings, tuple[str, ...]] = {}
        self._next: dict[int, list[tuple[Transition, int | None]]] = {}
        self._closed: dict[tuple[Markings, Env], Markings] = {}
        self._moved: dict[tuple[Markings, str, Env], Markings] = {}
        self._returnable: dict[int, bool] = {}
        self._of: dict[str, str] = {}
        self.complete = True
        """Whether every place the external diagram could be at was looked at."""

    def of(self, step: str) -> str:
        """The external step that an internal one realises; empty: none."""
        if step not in self._of:
            best = ("", step if step in self.tags else "")
            for tag, prefixes in self.prefixes.items():
                for prefix in prefixes:
                    if (step == prefix or step.startswith(prefix + ".")) and len(prefix) > len(best[0]):
                        best = (prefix, tag)
            self._of[step] = best[1] if best[1] in self.tags else ""
        return self._of[step]

    def names(self, markings: Markings) -> tuple[str, ...]:
        """The attributes the monitor will look at from here until the next step begins."""
        if markings not in self._names:
            found: set[str] = set()
            for marking in self._walk(markings, None, found):
                del marking
            self._names[markings] = tuple(sorted(found))
        return self._names[markings]

    def _walk(self, markings: Markings, env: Mapping[str, Any] | None, names: set[str]) -> Iterator[int]:
        seen, todo = set(markings), list(markings)
        while todo:
            marking = todo.pop()
            yield marking
            if marking not in self._next:
                self._next[marking] = list(self._following(marking))
            for transition, after in self._next[marking]:
                if self._open(transition, env, names) and after is not None and after not in seen:
                    if len(seen) >= MOST:
                        self.complete = False
                        return
                    seen.add(after)
                    todo.append(after)

    def _following(self, marking: int) -> Iterator[tuple[Transition, int | None]]:
        """What the external diagram can do without a step; None: there would be a second token."""
        for transition in self._free:
            if consumed := self._consumed(transition, marking):
                base = marking & ~(consumed | transition.clear)
                yield transition, None if base & transition.post else base | transition.post

    def _consumed(self, transition: Transition, marking: int) -> int:
        if transition.join:
            return join_enabled(self.net.joins[transition.join], marking)
        if marking & transition.pre != transition.pre or marking & transition.inhibit:
            return 0
        return transition.pre

    def _open(self, transition: Transition, env: Mapping[str, Any] | None, names: set[str]) -> bool:
        choice = transition.choice
        for texts, wanted in ((choice.conditions, True), (choice.refused, False)):
            for text in texts:
                guard = self.guard(text)
                names |= guard.names
                if env is not None and _known(guard, env) and guard.holds(env) is not wanted:
                    return False
        return True

    def closure(self, markings: Markings, env: Env) -> Markings:
        """Where the external diagram can be when steps end and gateways decide as the values say."""
        key = (markings, env)
        if key not in self._closed:
            self._closed[key] = frozenset(self._walk(markings, env.values, set()))
        return self._closed[key]

    def move(self, markings: Markings, tag: str, env: Env) -> Markings:
        """Where it can be once a node of this step is done; empty: the step is not allowed now."""
        key = (markings, tag, env)
        found = self._moved.get(key)
        if found is None:
            found = self._moved[key] = self._move(markings, tag, env)
        return found

    def _move(self, markings: Markings, tag: str, env: Env) -> Markings:
        running = self._running.get(tag, 0)
        found = {marking for marking in markings if marking & running}
        for marking in self.closure(markings, env):
            for transition in self._enter.get(tag, ()):
                if marking & transition.pre == transition.pre:
                    base = marking & ~transition.pre
                    if not base & transition.post:
                        found.add(base | transition.post)
            if not found and tag in self.returns and self._may_return(marking):
                found.update(transition.post for transition in self._enter.get(tag, ()))
        return frozenset(found)

    def _may_return(self, marking: int) -> bool:
        """Whether a step that freezes the case is running or can still come."""
        if marking not in self._returnable:
            frozen = 0
            for tag in self.frozen:
                frozen |= self._running.get(self.of(tag), 0)
            reached = marking
            changed = True
            while changed and not reached & frozen:
                changed = False
                for transition in self.net.transitions:
                    if transition.pre & reached == transition.pre and transition.post & ~reached:
                        reached |= transition.post
                        changed = True
            self._returnable[marking] = bool(reached & frozen)
        return self._returnable[marking]

    def allowed(self, markings: Markings, env: Env) -> list[str]:
        """The names of the steps that may come next, for people."""
        found = set()
        for marking in self.closure(markings, env):
            for transitions in self._enter.values():
                for transition in transitions:
                    if marking & transition.pre == transition.pre:
                        node = self.process.nodes[transition.node]
                        found.add(node.name or node.id)
            if not marking:
                found.add("办结")
        return sorted(found)

    def start(self) -> Markings:
        """Before the first step."""
        return frozenset({self.net.initial})


def _known(guard: Guard, env: Mapping[str, Any]) -> bool:
    return guard.finite and all(env.get(name) is not None for name in guard.names)
