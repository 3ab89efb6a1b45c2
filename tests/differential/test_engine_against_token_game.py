"""The engine must do what the net says: random diagrams, random decisions, three ways of running.

Each diagram is played by the token game, by the engine in memory, and through the engine's public interface
with stored state at every act. They must wait for the same tasks, messages and timers, pass the same nodes
and end together.
XQ_DIFFERENTIAL_DIAGRAMS runs more diagrams than the default.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from app.engine import expressions, service, state
from app.engine.gateways import Join
from app.engine.nodes import EventGateway, SubProcess
from app.engine.parser import Spec, build
from app.engine.workflow import Case
from app.verify import reader
from app.verify.game import Game
from app.verify.net import Net
from tests.engine.diagrams import MONDAY, Diagram, due

DIAGRAMS = int(os.environ.get("XQ_DIFFERENTIAL_DIAGRAMS", "800"))
RUNS = 4
ACTS = 60
SEED = 20260302


class Stepped(Diagram):
    """Every node is its own legal step, so that the steps of an act tell which nodes it passed."""

    def add(self, tag: str, ident: str, body: str = "", lane: bool = True, **attributes: str) -> Diagram:
        return super().add(tag, ident, body, lane, **{"xq_step": ident, **attributes})


class Generator:
    """Random block-structured diagrams over the attributes a, b (truth values) and n (0..3)."""

    CONDITIONS = ("a == True", "b == True", "n >= 2", "n == 1", "a == True and n < 2", "not b")

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.diagram = Stepped()
        self.count = 0

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def limit(self) -> str:
        return f"{self.dice.randrange(1, 9999)}h"

    def draw(self, depth: int) -> Diagram:
        self.diagram.start().users("first").end()
        entry, leave = self.block(depth)
        self.diagram.chain("s", "first", entry)
        self.diagram.flow(leave, "e")
        return self.diagram

    def block(self, depth: int) -> tuple[str, str]:
        """A block with one way in and one way out."""
        if depth == 0:
            return self.task()
        kinds = {
            self.task: 3, self.sequence: 4, self.choice: 3, self.loop: 3, self.parallel: 4,
            self.inclusive: 4, self.events: 3, self.sub: 3,
        }  # fmt: skip
        make: Any = self.dice.choices(list(kinds), list(kinds.values()))[0]
        return make() if make == self.task else make(depth - 1)

    def task(self) -> tuple[str, str]:
        ident = self.fresh("u")
        self.diagram.users(ident)
        return self.hosted(ident)

    def hosted(self, host: str) -> tuple[str, str]:
        """Sometimes boundary events: an interrupting one merges behind, the other has its own end."""
        leave = host
        for _ in range(self.dice.choice((0, 0, 0, 1, 2))):
            event, interrupting = self.fresh("b"), self.dice.random() < 0.5
            if self.dice.random() < 0.5:
                self.diagram.boundary_timer(event, host, self.limit(), interrupting)
            else:
                self.diagram.boundary_message(event, host, interrupting)
            if interrupting:
                merge = self.fresh("x")
                self.diagram.xor(merge).chain(leave, merge)
                self.diagram.flow(event, merge)
                leave = merge
            else:
                side, end = self.fresh("w"), self.fresh("e")
                self.diagram.users(side).end(end).chain(event, side, end)
        return host, leave

    def sequence(self, depth: int) -> tuple[str, str]:
        first, second = self.block(depth), self.block(depth)
        self.diagram.flow(first[1], second[0])
        return first[0], second[1]

    def conditional(self, tag: str, depth: int, branches: int) -> tuple[str, str]:
        split, join = self.fresh("g"), self.fresh("j")
        default = f"default_{split}"
        self.diagram.add(tag, split, default=default).add(tag, join)
        for i in range(branches):
            condition = self.dice.choice(self.CONDITIONS) if i else ""
            if i and self.dice.random() < 0.2:
                self.diagram.flow(split, join, condition) if i == 1 else None
                continue
            entry, leave = self.block(depth)
            self.diagram.flow(split, entry, condition, "" if i else default)
            self.diagram.flow(leave, join)
        return split, join

    def choice(self, depth: int) -> tuple[str, str]:
        return self.conditional("exclusiveGateway", depth, self.dice.choice((2, 3)))

    def inclusive(self, depth: int) -> tuple[str, str]:
        return self.conditional("inclusiveGateway", depth, self.dice.choice((2, 3)))

    def parallel(self, depth: int) -> tuple[str, str]:
        split, join = self.fresh("g"), self.fresh("j")
        self.diagram.parallel(split, join)
        for _ in range(self.dice.choice((2, 2, 3))):
            entry, leave = self.block(depth)
            self.diagram.flow(split, entry)
            self.diagram.flow(leave, join)
        return split, join

    def loop(self, depth: int) -> tuple[str, str]:
        # Somebody is asked in every round, else the loop would run for ever within one act.
        head, tail, onward, asked = self.fresh("x"), self.fresh("x"), self.fresh("u"), self.fresh("u")
        default = f"default_{tail}"
        self.diagram.xor(head).add("exclusiveGateway", tail, default=default)
        self.diagram.users(onward, asked)
        entry, leave = self.block(depth)
        self.diagram.chain(head, asked, entry)
        self.diagram.chain(leave, tail)
        self.diagram.flow(tail, head, self.dice.choice(self.CONDITIONS))
        self.diagram.flow(tail, onward, ident=default)
        return head, onward

    def events(self, depth: int) -> tuple[str, str]:
        gateway, merge = self.fresh("g"), self.fresh("x")
        self.diagram.add("eventBasedGateway", gateway).xor(merge)
        timed = self.dice.random() < 0.7
        for i in range(self.dice.choice((2, 3))):
            event = self.fresh("v")
            if i == 0 and timed:
                self.diagram.timer(event, self.limit())
            else:
                self.diagram.message(event)
            self.diagram.flow(gateway, event)
            if self.dice.random() < 0.5:
                self.diagram.flow(event, merge)
            else:
                entry, leave = self.block(depth)
                self.diagram.flow(event, entry)
                self.diagram.flow(leave, merge)
        return gateway, merge

    def sub(self, depth: int) -> tuple[str, str]:
        ident = self.fresh("p")
        with self.diagram.sub(ident):
            start, end = self.fresh("s"), self.fresh("e")
            self.diagram.start(start).end(end, terminate=self.dice.random() < 0.2)
            entry, leave = self.block(depth)
            self.diagram.flow(start, entry)
            self.diagram.flow(leave, end)
        return self.hosted(ident)


class InMemory:
    """One engine object for the whole run: nothing is ever stored."""

    def __init__(self, spec: Spec, attributes: dict[str, Any]) -> None:
        self.case = Case(spec, attributes, MONDAY, due)
        self.case.begin()
        self.case.settle()

    @property
    def passed(self) -> Counter[str]:
        return Counter(self.case.steps())

    @property
    def finished(self) -> bool:
        return not self.case.live()

    def waiting(self) -> list[str]:
        return waiting(self.case)

    def play(self, node: str, attributes: dict[str, Any]) -> None:
        self.case.attributes.update(attributes)
        for task in list(self.case.everywhere()):
            spec = task.task_spec
            if spec.name == node and spec.manual:
                task.run()
                break
            if spec.name == node or (isinstance(spec, EventGateway) and node in spec._outputs):
                self.case.happen(task, node)
                break
        else:
            raise LookupError(node)
        self.case.settle()


class Stored:
    """The public interface: every act loads the bytes of the last and stores its own."""

    def __init__(self, spec: Spec, attributes: dict[str, Any]) -> None:
        self.spec, self.now = spec, MONDAY
        self.last = service.start(spec, attributes, self.now, due)
        self.passed = Counter(self.last.steps)

    @property
    def finished(self) -> bool:
        return self.last.finished

    def case(self) -> Case:
        return state.load(self.spec, self.last.state, self.now, due)

    def waiting(self) -> list[str]:
        return waiting(self.case())

    def earliest(self) -> str:
        """The timer event that comes due first."""
        spec: Any = self.case().timers()[0][1].task_spec
        return str(spec.timer().name if isinstance(spec, EventGateway) else spec.name)

    def play(self, node: str, attributes: dict[str, Any]) -> None:
        before = {task.id for task in self.last.live}
        task = next((task for task in self.last.live if task.node == node), None)
        if task is None:
            assert self.last.next_due is not None
            self.now = self.last.next_due
            self.last = service.refresh(self.spec, self.last.state, self.now, due)
        else:
            act = service.complete if task.kind == "user" else service.register
            self.last = act(self.spec, self.last.state, task.id, attributes, self.now, due)
        self.passed.update(self.last.steps)
        after = {task.id for task in self.last.live}
        assert set(self.last.closed) == before - after
        assert {task.id for task in self.last.opened} == after - before
        assert service.live(self.spec, self.last.state) == self.last.live


def waiting(case: Case) -> list[str]:
    """What a case waits for, in the words of the net: no joins, sub-processes count by their inside."""
    specs = [task.task_spec for task in case.everywhere()]
    return sorted(spec.name for spec in specs if not isinstance(spec, Join | SubProcess))


def journeys() -> Iterator[tuple[int, Diagram]]:
    for number in range(DIAGRAMS):
        yield number, Generator(SEED + number).draw(depth=2 + number % 4)


def test_engine_and_token_game_never_differ() -> None:
    acts = finished = loops = 0
    for number, diagram in journeys():
        content = diagram.xml()
        spec = build(str(number), service.Source(content))
        net = Net(reader.read(content)[0])
        for attempt in range(RUNS):
            dice = random.Random(SEED * 1000 + number * 10 + attempt)
            attributes: dict[str, Any] = {"a": False, "b": False, "n": 0}
            game = Game(net, expressions.evaluate, attributes)
            stored = Stored(spec, attributes)
            engines: list[Any] = [InMemory(spec, attributes), stored]
            for _ in range(ACTS):
                where = f"diagram {number}, attempt {attempt}, after {game.passed}"
                for engine in engines:
                    assert engine.waiting() == game.live(), where
                    assert engine.finished is game.finished(), where
                    assert engine.passed == Counter(game.passed), where
                if game.finished():
                    finished += 1
                    break
                move = dice.choice(game.moves())
                if spec.nodes[move].kind == "timer":
                    # Time cannot skip a timer: the earliest fires, with the attributes as they are.
                    move = stored.earliest()
                else:
                    attributes = {
                        "a": dice.random() < 0.5,
                        "b": dice.random() < 0.5,
                        "n": dice.randrange(4),
                    }
                game.attributes = dict(attributes)
                game.play(move)
                for engine in engines:
                    engine.play(move, attributes)
                acts += 1
            loops += max(Counter(game.passed).values()) > 1
    print(
        f"{DIAGRAMS} diagrams, {DIAGRAMS * RUNS} runs, {acts} acts, {finished} finished, {loops} with rounds"
    )
    assert finished > DIAGRAMS * RUNS / 3
    assert loops > DIAGRAMS / 10
