"""The proof of a procedure: everything that can be decided about its diagrams, in one call."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..kernel.errors import Invalid
from .demands import Before, Demand, Never, NeverAfter
from .explain import fired, shortest, tell
from .findings import Finding, Severity, blocking
from .guards import Guard, flow_condition
from .orders import Machine, Orders, advance
from .refinement import refinement
from .refusals import refusals
from .rules import RULES, Rule
from .soundness import soundness
from .space import Space
from .states import LIMIT, Explorer
from .steps import Program
from .subject import Subject
from .timing import Budget, budgets, timing
from .traps import eager, harmless


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found.

    Attributes:
        findings: the gravest first.
        states: states looked at, of the internal diagram.
        budgets: statutory limits with the longest way through them; none where the states are not sound.
        conclusive: whether everything was decided; then a procedure without findings is proven.
    """

    findings: tuple[Finding, ...]
    states: int
    conclusive: bool
    budgets: tuple[Budget, ...] = ()

    @property
    def blocking(self) -> list[Finding]:
        """What stands in the way of publication."""
        return blocking(self.findings)

    @property
    def proven(self) -> bool:
        """Whether everything was decided and nothing stands in the way."""
        return self.conclusive and not self.blocking


_ORDER = (Severity.BLOCK, Severity.UNPROVEN, Severity.WARN)


class Parts:
    """How `prove` comes by the parts of a proof: here each is computed (see `recheck` for another way)."""

    def begin(self, subject: Subject, applying: Sequence[Rule], limit: int) -> None:
        """A proof begins."""

    def states(self, make: Callable[[], Space]) -> Space:
        """The states of the internal diagram."""
        return make()

    def findings(self, part: str, make: Callable[[], Iterable[Finding]]) -> Sequence[Finding]:
        """What is found in `states`, `soundness`, `demands`, `external` or `refinement`."""
        return tuple(make())

    def budgets(self, make: Callable[[], Sequence[Budget]]) -> Sequence[Budget]:
        """The longest ways."""
        return make()


def prove(
    subject: Subject,
    today: date | None = None,
    rules: Sequence[Rule] | None = None,
    limit: int = LIMIT,
    parts: Parts | None = None,
) -> Proof:
    """Decide a procedure.

    Args:
        subject: the procedure (see `subject.build`).
        today: the day on which rules must be in force; None: all of them.
        rules: other rules than `RULES`.
        limit: states to look at before giving up.
        parts: parts of an earlier proof that may be used again (see `recheck.Session`).
    """
    # A proof makes a great many values and no rings of them, which are freed without being searched for; every
    # search for rings would go through all that the platform holds in memory.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _prove(subject, today, RULES if rules is None else rules, limit, parts or Parts())
    finally:
        if collecting:
            gc.enable()


def _prove(subject: Subject, today: date | None, rules: Sequence[Rule], limit: int, known: Parts) -> Proof:
    applying = [rule for rule in rules if rule.applies(subject, today)]
    known.begin(subject, applying, limit)
    findings = [*refused(subject), *conditions(subject)]
    for rule in applying:
        findings += rule.check(subject)
    try:
        space = known.states(lambda: explored(subject, applying, limit))
    except Invalid as error:  # too large, or calls itself: nothing can be said about its states
        return _proof([*findings, Finding(error.code, Severity.BLOCK, error.message)], 0)
    by_id = {rule.id: rule for rule in applying}
    findings += known.findings("states", lambda: undecided(space.program))
    findings += known.findings("soundness", lambda: soundness(space, settled=settled(space, limit)))
    findings += known.findings("demands", lambda: violations(space, by_id))
    try:
        findings += known.findings("external", lambda: external_soundness(subject, limit))
        if not space.cut:
            findings += known.findings("refinement", lambda: refinement(subject, limit))
    except Invalid as error:
        findings.append(Finding(error.code, Severity.BLOCK, error.message, diagram="external"))
    limits = known.budgets(lambda: budgets(space)) if space.complete and not space.cut else ()
    findings += timing(space, limits)
    return _proof(findings, len(space.order), limits)


def explored(subject: Subject, applying: Sequence[Rule], limit: int = LIMIT) -> Space:
    """The states of the internal diagram, with what the rules' demands see of them.

    Raises:
        Invalid: the diagram is too large, or calls itself.
    """
    orders = Orders(((rule.id, demand) for rule in applying for demand in rule.demands), subject.names)
    return Explorer(Program(subject, subject.net, orders), limit).run()


def _proof(findings: list[Finding], states: int, limits: Sequence[Budget] = ()) -> Proof:
    findings.sort(key=lambda finding: _ORDER.index(finding.severity))
    conclusive = states > 0 and all(finding.severity is not Severity.UNPROVEN for finding in findings)
    single = {(f.rule, f.severity, f.message, f.elements, f.diagram): f for f in reversed(findings)}
    return Proof(tuple(reversed(single.values())), states, conclusive, tuple(limits))


def refused(subject: Subject) -> Iterator[Finding]:
    """Elements without a meaning, by name."""
    for diagram, process in (("internal", subject.internal), ("external", subject.external)):
        for refusal in refusals(process, subject.called) if process is not None else ():
            elements = (refusal.element,) if refusal.element else ()
            yield Finding(refusal.code, Severity.BLOCK, refusal.message, "", elements, diagram)


def undecided(program: Program) -> Iterator[Finding]:
    """Gateways with too many combinations of values to try."""
    for element in sorted(program.grouping.undecided):
        node = program.find(element)
        name = (node.name if node is not None else "") or element
        text = f"网关“{name}”的条件不能逐一判断，各个分支都按可能处理。请简化条件。"
        yield Finding("condition", Severity.UNPROVEN, text, "", (element,))


def settled(space: Space, limit: int = LIMIT) -> Space:
    """The states in which a loop can be seen that only some values never leave (see `traps`)."""
    names = eager(space)
    if not names or not space.complete or space.cut or harmless(space, names):
        return space
    program = Program(space.program.subject, space.net, Orders((), space.program.subject.names), eager=names)
    return Explorer(program, limit).run()


def external_soundness(subject: Subject, limit: int = LIMIT) -> Iterator[Finding]:
    """The external diagram by itself: whatever the internal one may do, it is no trap."""
    if subject.external is None:
        return
    alone = replace(subject, internal=subject.external, external=None)
    program = Program(alone, subject.external_net, Orders((), subject.names), loose=True)
    yield from soundness(Explorer(program, limit).run(), "external")


def conditions(subject: Subject) -> Iterator[Finding]:
    """Conditions that cannot be read, or name attributes nobody declares."""
    for diagram, process in (("internal", subject.internal), ("external", subject.external)):
        for flow in process.flows.values() if process is not None else ():
            if not flow.condition:
                continue
            try:
                guard = flow_condition(flow.condition)
            except Invalid as error:
                yield Finding("condition", Severity.BLOCK, error.message, "", (flow.id,), diagram)
                continue
            if unknown := guard.names - subject.names:
                names = "、".join(sorted(unknown))
                text = f"连线“{flow.name or flow.id}”的条件使用了没有声明的属性：{names}。请先在规则中声明。"
                yield Finding("condition", Severity.BLOCK, text, "", (flow.id,), diagram)
            elif wrong := _mistyped(subject, guard):
                text = f"连线“{flow.name or flow.id}”的条件“{guard.text}”{wrong}。请改正。"
                yield Finding("condition", Severity.BLOCK, text, "", (flow.id,), diagram)
            elif not guard.finite:
                text = f"连线“{flow.name or flow.id}”的条件“{guard.text}”在属性之间比较或者计算，两种结果都按可能处理。"
                yield Finding("condition", Severity.UNPROVEN, text, "", (flow.id,), diagram)


def _mistyped(subject: Subject, guard: Guard) -> str:
    """What is wrong with the constants a condition compares its attributes with, in Chinese."""
    for name, constants in guard.constants.items():
        attribute = subject.attributes.get(name)
        kind = attribute.kind if attribute is not None else "boolean"
        for constant in sorted(constants, key=str):
            number = isinstance(constant, int | float) and not isinstance(constant, bool)
            if kind == "number" and not number:
                return f"把数值“{subject.label(name)}”与“{constant}”比较"
            if kind == "boolean" and constant not in (True, False):
                return f"把是否型的“{subject.label(name)}”与“{constant}”比较"
            if attribute is not None and kind == "choice" and constant not in attribute.options:
                return f"把“{subject.label(name)}”与选项中没有的“{constant}”比较"
    return ""


def violations(space: Space, rules: dict[str, Rule]) -> Iterator[Finding]:
    """The demands that some case can violate, each with a shortest way."""
    orders = space.program.orders
    everything = (1 << len(orders.machines)) - 1
    met, unmet = [0] * len(space.order), [0] * len(space.order)
    met[0], unmet[0] = orders.start, everything & ~orders.start
    todo, violated = [0], 0
    while todo:
        i = todo.pop()
        for edge in space.edges[i]:
            a, b, hit = advance(met[i], unmet[i], edge.ops)
            violated |= hit
            j = edge.target
            if a & ~met[j] or b & ~unmet[j]:
                met[j] |= a
                unmet[j] |= b
                todo.append(j)
    ends = set(space.finished())
    for i in ends:
        violated |= unmet[i] & orders.owed
    for machine in orders.machines:
        rule = rules[machine.rule]
        if violated & machine.bit:
            yield _violation(space, machine, rule, ends)
        elif machine.undecided and _concerned(space, machine):
            yield rule.finding(f"流程没有声明“{rule.name}”所需的属性，不能证明。", severity=Severity.UNPROVEN)
        elif not space.complete:
            yield rule.finding(f"状态过多，不能证明“{rule.name}”。", severity=Severity.UNPROVEN)


def _concerned(space: Space, machine: Machine) -> bool:
    """Whether the procedure has a step that the demand forbids anything of."""
    demand: Demand = machine.demand
    tags = (
        demand.target
        if isinstance(demand, Before | Never)
        else demand.then
        if isinstance(demand, NeverAfter)
        else demand.trigger
    )
    return any(space.program.subject.nodes(tags))


def _violation(space: Space, machine: Machine, rule: Rule, ends: Iterable[int]) -> Finding:
    program = space.program
    owed, last = bool(program.orders.owed & machine.bit), set(ends)
    way = shortest(space, machine.bit, bool(program.orders.start & machine.bit), owed, last.__contains__)
    transitions = _until_violated(program, fired(way or ()), machine, owed)
    told = tell(program, transitions, machine.bit, owed)
    node = program.node(transitions[-1]) if transitions else None
    target = (node.name or node.id) if node is not None else ""
    if owed:
        target = _last_of(program, transitions, machine)
    text = (rule.message or rule.name).format(target=target)
    if told.values:
        pairs = (f"{program.subject.label(n)}为{program.subject.said(n, v)}" for n, v in told.values.items())
        text += f"例如：{'，'.join(pairs)}。".replace(" ，", "，").replace(" 。", "。")
    elements = (node.id,) if node is not None else ()
    found = Finding(
        rule.id, rule.severity, text + rule.advice, rule.cite, elements, "internal", told.trace, told.values
    )
    if machine.undecided:
        return found.softened("规则所需的属性没有声明，按最不利的情形处理")
    if told.real is not True:
        return found.softened("没有找到能走完这条路径的具体数值")
    return found


def _until_violated(program: Program, way: list[int], machine: Machine, owed: bool) -> list[int]:
    """The way up to and with the step that violates."""
    if owed:
        return way
    for position in range(len(way) - 1, -1, -1):
        effects = program.effects(way[position])
        if effects is not None and any(bit == machine.bit for bit, _ in effects.checks):
            return way[: position + 1]
    return way


def _last_of(program: Program, way: list[int], machine: Machine) -> str:
    """The name of the step after which something is owed."""
    for k in reversed(way):
        effects, node = program.effects(k), program.node(k)
        if effects is not None and node is not None and any(b == machine.bit for b, *_ in effects.judged):
            return node.name or node.id
    return ""
