"""The internal diagram refines the external one: what officers do is what was published (S4-25).

The external diagram runs along as a monitor: every internal node belongs to an external step (the longest
prefix in the rule set's `external_steps`), several nodes of one step in a row stutter inside it, and the next
external step must be one the external diagram allows then, for the values of the case. Rework may return to the
steps the rule set names in `external_returns` as long as a step of `freeze_after` can still come.
In the other direction every external step and every branch must be gone by some internal case.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .explain import tell
from .external import Env, External, Markings
from .findings import Finding, Severity
from .orders import Orders
from .regions import FIRST
from .runs import Fired
from .states import LIMIT, Explorer
from .steps import Program
from .subject import Subject

RULE = "G02"
CITE = "权力运行流程：内部流程与外部流程一致（S4-25）"
Moves = list[tuple[int, int, Fired, tuple[tuple[int, str], ...]]]
"""Marking, what is then known, the transitions fired, where among them which external steps are done."""


def refinement(subject: Subject, limit: int = LIMIT) -> Iterator[Finding]:
    """Where the internal diagram leaves the published one, and what of that it never does."""
    if subject.external is None:
        return
    external = External(subject)
    guards = tuple(external.guard(f.condition) for f in subject.external.flows.values() if f.condition)
    program = Program(subject, subject.net, Orders((), subject.names), keep=guards)
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
        self._moves: dict[tuple[int, int], Moves] = {}
        self._tagged: dict[Fired, tuple[tuple[int, str], ...]] = {}
        self._open: dict[Markings, tuple[str, ...]] = {}
        self._envs: dict[int, Env] = {}
        self._alike: dict[tuple[Any, ...], Env] = {}
        self.findings: dict[tuple[str, str], Finding] = {}
        self.origin: list[tuple[int, Fired] | None] = []

    def env(self, data: int) -> Env:
        """What is known of the attributes that the external diagram reads."""
        data &= self.looked
        found = self._envs.get(data)
        if found is None:
            regions = self.program.regions
            values = [regions.value(data, n) if regions.known(data, n) else None for n in self.names]
            env = Env(dict(zip(self.names, values, strict=True)))
            found = self._envs[data] = self._alike.setdefault(tuple(map(repr, values)), env)
        return found

    def moves(self, marking: int, data: int) -> Moves:
        """What can be done in a state of the internal diagram, with what is then remembered."""
        key = (marking, data)
        found = self._moves.get(key)
        if found is None:
            forget, looked = self.program.forget, self.looked
            found = self._moves[key] = [
                (m, forget(m, d) | d & looked, fired, self._steps(fired))
                for m, d, fired in self.explorer.moves_from(marking, data)
            ]
        return found

    def _steps(self, fired: Fired) -> tuple[tuple[int, str], ...]:
        found = self._tagged.get(fired)
        if found is None:
            tags = ((position, self.tags[k]) for position, k in enumerate(fired))
            found = self._tagged[fired] = tuple((position, tag) for position, tag in tags if tag)
        return found

    def run(self) -> Iterator[Finding]:
        """Walk through the product, breadth first."""
        program, external = self.program, self.external
        first = (program.net.initial, program.start(), external.start())
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
                for m, d, fired, steps in self.moves(marking, settled):
                    after = self._along(i, settled, d, fired, steps, markings) if steps else markings
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
        found = self._open.get(markings)
        if found is None:
            names = self.external.names(markings)
            found = self._open[markings] = tuple(n for n in names if n in self.program.regions.field)
        return found

    def _along(
        self,
        i: int,
        before: int,
        after: int,
        fired: Fired,
        steps: tuple[tuple[int, str], ...],
        markings: Markings,
    ) -> Markings | None:
        """Where the external diagram can be after a move; None: it does not allow the move."""
        for position, tag in steps:
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
        found: list[Fired] = []
        step = self.origin[i]
        while step is not None:
            i, fired = step
            found.append(fired)
            step = self.origin[i]
        return [k for fired in reversed(found) for k in fired]

    def _refused(self, i: int, data: int, fired: Fired, tag: str, markings: Markings, env: Env) -> None:
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
