"""What acts did to the tokens adds up to the state, and an act left out leaves what the others alone would have left."""

import os
import random
from dataclasses import dataclass
from typing import Any

from app.engine import service, state
from app.engine.nodes import SubProcess
from app.engine.parser import Spec, build
from tests.engine.diagrams import MONDAY, due
from tests.engine.random_blocks import Generator

DIAGRAMS = 400 if os.environ.get("XQ_MANY") else 120
SEED, ACTS = 20260711, 14
START = {"a": False, "b": False, "n": 0}


@dataclass
class Done:
    """An act as it was carried out, with the attributes before and after it."""

    node: str
    act: service.Act
    before: dict[str, Any]
    after: dict[str, Any]


def played(spec: Spec, dice: random.Random) -> tuple[bytes, bytes, list[Done]]:
    """A case some random acts long: its first state, its last, and the acts. No time passes."""
    last = service.start(spec, START, MONDAY, due)
    first, acts, attributes = last.state, [], dict(START)
    for _ in range(dice.randrange(1, ACTS)):
        if not last.live:
            break
        task = dice.choice(last.live)
        after = {"a": dice.random() < 0.5, "b": dice.random() < 0.5, "n": dice.randrange(4)}
        move = service.complete if task.kind == "user" else service.register
        before, last = last.state, move(spec, last.state, task.id, after, MONDAY, due)
        moved = service.moved(service.difference(before, last.state).dump())
        act = service.Act(task.id, task.kind == "message", MONDAY, None, moved)
        acts.append(Done(task.node, act, attributes, after))
        attributes = after
    return first, last.state, acts


def waiting(spec: Spec, tokens: service.Tokens, attributes: dict[str, Any], number: int) -> list[str]:
    """The nodes at which the tokens of a case stand, sub-processes by their inside."""
    case = state.load(spec, service.stored(number, attributes, tokens), MONDAY, due)
    return sorted(t.task_spec.name for t in case.everywhere() if not isinstance(t.task_spec, SubProcess))


def without(spec: Spec, first: bytes, last: bytes, acts: list[Done], left_out: int) -> tuple[Any, list[int]]:
    """The tokens without one act, and which acts are kept; as `app.cases.cutting` does it."""
    tokens: Any = service.tokens(first)
    for one in acts[:left_out]:
        tokens = one.act.moved.after(tokens)
    kept, number = list(range(left_out)), service.counter(last)
    attributes = acts[left_out].before
    calm = set(acts[left_out].act.moved.gone)
    for place, one in enumerate(acts[left_out + 1 :], left_out + 1):
        if service.ident(one.act.task_id) not in tokens:
            calm |= set(one.act.moved.gone) & tokens.keys()
            continue
        again = service.again(spec, tokens, one.act, number, attributes, one.after, due, calm)
        number = max(number, again.counter)
        tokens = (one.act.moved if again.same else again.moved).after(tokens)
        attributes = one.after
        kept.append(place)
    return tokens, kept


def replayed(spec: Spec, acts: list[Done], kept: list[int]) -> list[str] | None:
    """Where a case stands at which only the kept acts were ever done; None where one of them cannot be told apart."""
    last = service.start(spec, START, MONDAY, due)
    for place in kept:
        same = [task for task in last.live if task.node == acts[place].node]
        if len(same) != 1:
            return None
        move = service.complete if same[0].kind == "user" else service.register
        last = move(spec, last.state, same[0].id, acts[place].after, MONDAY, due)
    tokens = service.tokens(last.state)
    return waiting(spec, tokens, last.attributes, service.counter(last.state))


def test_an_act_left_out_leaves_what_the_others_alone_would_have_left() -> None:
    compared = branches = 0
    for number in range(DIAGRAMS):
        spec = build(str(number), service.Source(Generator(SEED + number).draw(depth=2 + number % 3).xml()))
        for attempt in range(3):
            dice = random.Random(SEED * 100 + number * 10 + attempt)
            first, last, acts = played(spec, dice)
            tokens: Any = service.tokens(first)
            for one in acts:
                tokens = one.act.moved.after(tokens)
            assert service.stored(service.counter(last), service.attributes(last), tokens) == last, number
            for left_out in range(len(acts)):
                found, kept = without(spec, first, last, acts, left_out)
                expected = replayed(spec, acts, kept)
                if expected is None:
                    continue
                told = waiting(spec, found, acts[left_out].before, 10_000)
                assert told == expected, (number, attempt, left_out)
                fresh, names, _ = service.renewed(found, set(found), 10_000)
                assert waiting(spec, fresh, acts[left_out].before, 20_000) == told
                assert len(names) == len(found)
                compared += 1
                branches += len(kept) > left_out
    assert compared > DIAGRAMS * 3
    assert branches > DIAGRAMS / 4, "acts of other branches are kept"
