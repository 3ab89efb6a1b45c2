"""Plays a counter-example again: in the token game and in the engine, with real values.

A finding's trace lists what was passed, gateways included, and what each step wrote. Only the tasks and events
in it are decisions of people; everything between them must follow by itself, or the trace was a fiction.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.engine import service
from app.kernel.errors import Invalid
from app.verify.findings import Finding
from app.verify.game import Game
from app.verify.guards import flow_condition
from app.verify.net import Kind, Net
from app.verify.reader import Node
from app.verify.subject import Subject
from tests.engine.diagrams import Run


@dataclass
class Played:
    """How a case stands after a replay.

    Attributes:
        done: the tasks and events of the trace, in order, with all attributes after each.
        passed: what the token game passed, by element.
        waiting: what the case waits for at the end.
        tokens: places of the token game that hold more than one token.
        steps: how often each legal step was passed.
        refused: why the engine would not do the last act of the trace.
        given: what the agency has set.
    """

    done: list[tuple[Node, dict[str, Any]]] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    waiting: list[str] = field(default_factory=list)
    finished: bool = False
    tokens: list[str] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    refused: str = ""
    given: dict[str, bool] = field(default_factory=dict)


def evaluate(text: str, values: Mapping[str, Any]) -> bool:
    """A flow condition on real values."""
    return flow_condition(text).holds(values)


def first(subject: Subject, **given: bool) -> dict[str, Any]:
    """The attributes of a new case, at an agency that has set these."""
    values = {name: attribute.default for name, attribute in subject.attributes.items()}
    return derived(subject, values | given)


def settings(subject: Subject) -> Iterator[dict[str, bool]]:
    """What the agency can have set, nothing first: a trace does not tell it, the message does."""
    names = [name for name, attribute in subject.attributes.items() if attribute.given]
    for values in itertools.product((False, True), repeat=len(names)):
        yield dict(zip(names, values, strict=True))


def derived(subject: Subject, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values with the derived ones computed anew."""
    found = dict(values)
    for name, guard in subject.derived.items():
        found[name] = guard.holds(found)
    return found


def allowed(subject: Subject, node: Node, wrote: Mapping[str, Any]) -> bool:
    """Whether the node may write these values: by its form, a reset, and what the attributes can be."""
    writes = subject.writes(node)
    for name, value in wrote.items():
        if name not in subject.attributes:
            continue
        options = subject.attributes[name].options
        if name not in writes or (options and value not in options):
            return False
    return True


def in_game(subject: Subject, finding: Finding) -> Played:
    """Play a trace in the token game, at an agency where it can be played.

    Raises:
        LookupError: a task or event of the trace cannot happen at its turn, whatever the agency has set.
    """
    *others, last = settings(subject)
    for given in others:
        try:
            return _in_game(subject, finding, given)
        except LookupError:
            continue
    return _in_game(subject, finding, last)


def _in_game(subject: Subject, finding: Finding, given: Mapping[str, bool]) -> Played:
    net = Net(subject.internal, subject.called)
    acts = {t.node for t in net.transitions if t.kind is not Kind.AUTO}
    game, played = Game(net, evaluate, first(subject, **given)), Played(given=dict(given))
    for step in finding.trace:
        if step.element not in acts:
            continue
        node = subject.internal.nodes[step.element]
        assert allowed(subject, node, step.set), (step.element, step.set)
        game.attributes.update(derived(subject, {**game.attributes, **step.set}))
        game.play(step.element)
        played.done.append((node, dict(game.attributes)))
    played.passed = Counter(game.passed)
    for element, count in played.passed.items():
        if tag := subject.step(subject.internal.nodes[element]):
            played.steps[tag] += count
    played.waiting, played.finished = game.live(), game.finished()
    played.tokens = [net.names(place)[0] for place, count in game.marking.items() if count > 1]
    return played


def in_engine(subject: Subject, diagram: bytes, finding: Finding, **given: bool) -> Played:
    """Play the same trace in the engine, every act through stored bytes; `given`: what the agency has set.

    Raises:
        LookupError: a task or event of the trace cannot happen at its turn.
    """
    net = Net(subject.internal, subject.called)
    acts = {t.node for t in net.transitions if t.kind is not Kind.AUTO}
    values, played = first(subject, **given), Played()
    run = Run(diagram, **values)
    played.steps.update(run.last.steps)
    for step in finding.trace:
        if step.element not in acts:
            continue
        node = subject.internal.nodes[step.element]
        values = derived(subject, {**values, **step.set})
        try:
            _act(run, node, values)
        except Invalid as error:
            played.refused = error.message
            played.done.append((node, values))
            break
        played.steps.update(run.last.steps)
        played.done.append((node, values))
    played.waiting, played.finished = run.live, run.last.finished
    return played


def _act(run: Run, node: Node, values: Mapping[str, Any]) -> None:
    """Do what the trace says was done: complete, register, or let the time come at which a timer is due."""
    if node.event("timer") and run.last.next_due is not None:
        run.now = run.last.next_due
        run.last = service.refresh(run.spec, run.last.state, run.now, run.due)
    elif node.id in run.live:
        run.do(node.id, **values)
    else:
        raise LookupError(node.id)
