"""The internal diagram refines the external one: what officers do is what was published (S4-25).

The external diagram runs along as a monitor: every internal node belongs to an external step (the longest
prefix in the rule set's `external_steps`), several nodes of one step in a row stutter inside it, and the next
external step must be one the external diagram allows then, for the values of the case. Rework may return to the
steps the rule set names in `external_returns` as long as a step of `freeze_after` can still come.
In the other direction every external step and every branch must be gone by some internal case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .explain import tell
from .findings import Finding, Severity
from .game import join_enabled
from .guards import Guard
from .net import Kind, Net, Transition
from .orders import Orders
from .regions import FIRST
from .states import LIMIT, Explorer
from .steps import Program
from .subject import Subject

RULE = "G02"
CITE = "权力运行流程：内部流程与外部流程一致（S4-25）"
Markings = frozenset[int]
Env = tuple[tuple[str, Any], ...]
MOST = 2_000
"""Markings the external diagram can be in between two steps."""


class External:
    """The external diagram as a monitor over steps."""

    def __init__(self, subject: Subject) -> None:
        assert subject.external is not None  # noqa: S101 - callers ask only with both diagrams
        self.process = subject.external
        self.net = Net(subject.external, subject.called)
        program = Program(
            replace(subject, internal=subject.external, external=None), self.net, Orders((), subject.names)
        )
        self.guard = program.guard
        self.regions = program.regions
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
            self._closed[key] = frozenset(self._walk(markings, dict(env), set()))
        return self._closed[key]

    def move(self, markings: Markings, tag: str, env: Env) -> Markings:
        """Where it can be once a node of this step is done; empty: the step is not allowed now."""
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


def refinement(subject: Subject, limit: int = LIMIT) -> Iterator[Finding]:
    """Where the internal diagram leaves the published one, and what of that it never does."""
    if subject.external is None:
        return
    external = External(subject)
    guards = tuple(external.guard(f.condition) for f in subject.external.flows.values() if f.condition)
    program = Program(subject, Net(subject.internal, subject.called), Orders((), subject.names), keep=guards)
    names = tuple(sorted({name for guard in guards for name in guard.names}))
    yield from _Product(external, program, names, limit).run()


class _Product:
    """The internal states together with where the external diagram can be."""

    def __init__(self, external: External, program: Program, names: tuple[str, ...], limit: int) -> None:
        self.external, self.program, self.limit = external, program, limit
        self.names = tuple(name for name in names if name in program.regions.field)
        self.looked = 0
        for name in self.names:
            shift, mask = program.regions.field[name]
            self.looked |= mask << shift
        self.explorer = Explorer(program, limit, reduced=False)
        self.done: set[str] = set()
        nodes = [program.node(k) if t.passes else None for k, t in enumerate(program.transitions)]
        self.tags = [external.of(program.subject.step(node)) if node is not None else "" for node in nodes]
        self._moves: dict[tuple[int, int], list[tuple[int, int, tuple[int, ...]]]] = {}
        self._envs: dict[int, Env] = {}
        self.findings: dict[tuple[str, str], Finding] = {}
        self.origin: list[tuple[int, tuple[int, ...]] | None] = []

    def env(self, data: int) -> Env:
        """What is known of the attributes that the external diagram reads."""
        data &= self.looked
        if data not in self._envs:
            regions = self.program.regions
            self._envs[data] = tuple(
                (name, regions.value(data, name) if regions.known(data, name) else None)
                for name in self.names
            )
        return self._envs[data]

    def moves(self, marking: int, data: int) -> list[tuple[int, int, tuple[int, ...]]]:
        """What can be done in a state of the internal diagram, with what is then remembered."""
        key = (marking, data)
        if key not in self._moves:
            self._moves[key] = [
                (m, self.program.forget(m, d) | d & self.looked, fired)
                for m, d, fired in self.explorer.moves_from(marking, data)
            ]
        return self._moves[key]

    def run(self) -> Iterator[Finding]:
        """Walk through the product, breadth first."""
        program, external = self.program, self.external
        first = (program.net.initial, 0, external.start())
        index = {first: 0}
        order = [first]
        self.origin = [None]
        for i, (marking, data, markings) in enumerate(order):
            if len(order) > self.limit or not (self.explorer.space.complete and external.complete):
                yield Finding(
                    RULE, Severity.UNPROVEN, "状态过多，不能证明内部流程与外部流程一致。请拆分流程。", CITE
                )
                return
            for settled in program.regions.settle(data, self._asked(markings)):
                if marking == 0:
                    self._ended(i, settled, markings)
                    continue
                for m, d, fired in self.moves(marking, settled):
                    after = self._along(i, settled, d, fired, markings)
                    if after is None:
                        continue
                    state = (m, d, after)
                    if state not in index:
                        index[state] = len(order)
                        order.append(state)
                        self.origin.append((i, fired))
        yield from self.findings.values()
        yield from self._uncovered()

    def _asked(self, markings: Markings) -> tuple[str, ...]:
        return tuple(name for name in self.external.names(markings) if name in self.program.regions.field)

    def _along(
        self, i: int, before: int, after: int, fired: tuple[int, ...], markings: Markings
    ) -> Markings | None:
        """Where the external diagram can be after a move; None: it does not allow the move."""
        for position, k in enumerate(fired):
            tag = self.tags[k]
            if not tag:
                continue
            env = self.env(before if position == 0 else after)
            moved = self.external.move(markings, tag, env)
            if not moved:
                self._refused(i, before, fired[: position + 1], tag, markings, env)
                return None
            self.done.add(tag)
            markings = moved
        return markings

    def _settled(self, data: int) -> dict[str, int]:
        """What is known of the attributes that the external diagram reads: attribute -> region."""
        codes = {name: self.program.regions.get(data, name) for name in self.names}
        return {name: code for name, code in codes.items() if code >= FIRST}

    def _way(self, i: int) -> list[int]:
        found: list[tuple[int, ...]] = []
        step = self.origin[i]
        while step is not None:
            i, fired = step
            found.append(fired)
            step = self.origin[i]
        return [k for fired in reversed(found) for k in fired]

    def _refused(
        self, i: int, data: int, fired: tuple[int, ...], tag: str, markings: Markings, env: Env
    ) -> None:
        k = fired[-1]
        element = self.program.element(k)
        key = (element, tag)
        if key in self.findings:
            return
        node = self.program.node(k)
        name = (node.name if node is not None else "") or element
        told = tell(self.program, self._way(i), then=self._settled(data), beyond=fired)
        step = next(n for n in self.external.process.nodes.values() if n.attributes.get("step") == tag)
        allowed = "、".join(self.external.allowed(markings, env)) or "无"
        finding = Finding(
            RULE,
            Severity.BLOCK,
            f"内部流程办理“{name}”时，外部流程还不能进行“{step.name or step.id}”（此时可以进行：{allowed}）。"
            f"{_values(self.program.subject, told.values)}请使两张图的次序一致。",
            CITE,
            (element,),
            "internal",
            told.trace,
            told.values,
        )
        self.findings[key] = (
            finding.softened("没有找到能走到这里的具体数值") if told.real is False else finding
        )

    def _ended(self, i: int, data: int, markings: Markings) -> None:
        env = self.env(data)
        if 0 in self.external.closure(markings, env) or ("", "end") in self.findings:
            return
        told = tell(self.program, self._way(i), then=self._settled(data))
        allowed = "、".join(self.external.allowed(markings, env)) or "无"
        finding = Finding(
            RULE,
            Severity.BLOCK,
            f"内部流程办结时，外部流程还没有走完（还应当进行：{allowed}）。"
            f"{_values(self.program.subject, told.values)}请补上缺少的环节。",
            CITE,
            tuple(step.element for step in told.trace[-1:]),
            "internal",
            told.trace,
            told.values,
        )
        self.findings["", "end"] = (
            finding.softened("没有找到能走到这里的具体数值") if told.real is False else finding
        )

    def _uncovered(self) -> Iterator[Finding]:
        for node in self.external.process.nodes.values():
            tag = node.attributes.get("step", "")
            if tag and tag not in self.done:
                yield Finding(
                    RULE,
                    Severity.BLOCK,
                    f"外部流程的“{node.name or node.id}”没有任何内部环节办理。请在内部流程中画出，或者从外部流程删去。",
                    CITE,
                    (node.id,),
                    "external",
                )


def _values(subject: Subject, values: Mapping[str, Any]) -> str:
    if not values:
        return ""
    return (
        "例如："
        + "，".join(f"{subject.label(n)}为{subject.said(n, v)}".rstrip() for n, v in values.items())
        + "。"
    )
