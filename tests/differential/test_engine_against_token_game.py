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
from tests.engine.random_blocks import Generator

DIAGRAMS = int(os.environ.get("XQ_DIFFERENTIAL_DIAGRAMS", "800"))
RUNS = 4
ACTS = 60
SEED = 20260302


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
