"""Random block-structured diagrams, for tests that compare two ways of running or proving them."""

import random
from typing import Any

from tests.engine.diagrams import Diagram


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
