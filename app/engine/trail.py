"""What an act did to the tokens of a case, and the same act done again on other tokens.

A token is known by its id, unique in its case: an act takes some away and brings others, the rest stays as it is. So
the acts of a case say which of them builds on which, and a case from which one act is left out is had by doing the
later ones again: whoever finds the task it was done at is kept, whoever does not was built on what is gone.

Tokens of sub-processes stand beside those of the case and name the token that hosts them. Tokens of a host and its
boundary events name the host: it is the first to come and the last to go.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from SpiffWorkflow.util.task import TaskState

from . import run
from . import state as codec
from .gateways import Join
from .parser import Spec
from .timers import Due

NEVER = "9999-12-31T23:59:59+00:00"
"""The due moment of a timer that must not fire in an act done again: in the act itself its task was done in time."""


class Token(NamedTuple):
    """One row of a state. `group` is the id of the host it stands beside as a boundary event (its own for the host),
    `host` that of the sub-process it is in; 0: none."""

    node: str
    id: int
    state: int
    extra: Any
    group: int
    host: int


Tokens = Mapping[int, Token]
"""By id, in order of arrival."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What an act did: the ids that are gone, the tokens that came."""

    gone: tuple[int, ...]
    came: tuple[Token, ...]

    def dump(self) -> bytes:
        """As it is stored."""
        return orjson.dumps([self.gone, [tuple(token) for token in self.came]])

    def after(self, tokens: Tokens) -> dict[int, Token]:
        """The tokens after the act."""
        left = {ident: token for ident, token in tokens.items() if ident not in self.gone}
        return left | {token.id: token for token in self.came}


def moved(stored: bytes) -> Moved:
    """What was stored by `Moved.dump`."""
    gone, came = orjson.loads(stored)
    return Moved(tuple(gone), tuple(Token(*row) for row in came))


def tokens(state: bytes) -> dict[int, Token]:
    """The tokens of a stored state."""
    return {token.id: token for token in _flat(codec.content_of(state)[2], 0)}


def _flat(rows: Iterable[list[Any]], host: int) -> Iterable[Token]:
    first: dict[int, int] = {}
    for row in rows:
        node, ident, mode, extra = row[:4]
        group = first.setdefault(row[4], ident) if len(row) > 4 else 0
        inside = mode == TaskState.STARTED
        yield Token(node, ident, mode, 0 if inside else extra, group, host)
        if inside:
            yield from _flat(extra, ident)


def difference(before: bytes, after: bytes) -> Moved:
    """What an act did between two states."""
    return between(tokens(before), tokens(after))


def between(old: Tokens, new: Tokens) -> Moved:
    """What lies between two sets of tokens."""
    return Moved(
        tuple(ident for ident, token in old.items() if new.get(ident) != token),
        tuple(token for ident, token in new.items() if old.get(ident) != token),
    )


def counter(state: bytes) -> int:
    """The greatest id a case has given."""
    found: int = codec.content_of(state)[0]
    return found


def stored(number: int, attributes: Mapping[str, Any], found: Tokens) -> bytes:
    """A state of these tokens; `number` is the greatest id given so far."""
    content = [number, codec.checked(attributes), _nested(found, 0)]
    return codec.VERSION + orjson.dumps(content, default=codec._decimal)


def _nested(found: Tokens, host: int) -> list[list[Any]]:
    groups: dict[int, int] = {}
    rows = []
    for token in found.values():
        if token.host != host:
            continue
        inside = token.state == TaskState.STARTED
        row = [token.node, token.id, token.state, _nested(found, token.id) if inside else token.extra]
        if token.group:
            row.append(groups.setdefault(token.group, len(groups) + 1))
        rows.append(row)
    return rows


@dataclass(frozen=True, slots=True)
class Act:
    """One act as it was carried out. `task_id` is empty where a timer fired; `received` is when a letter came that was
    entered after its period."""

    task_id: str
    message: bool
    at: datetime
    received: datetime | None
    moved: Moved


@dataclass(frozen=True, slots=True)
class Again:
    """An act done again: what it does now, the steps and actions it passes, the greatest id it gave, and whether the
    same kind of tokens came as the first time."""

    moved: Moved
    steps: tuple[str, ...]
    actions: tuple[str, ...]
    counter: int
    same: bool


def ident(task_id: str) -> int:
    """The token behind a task's id."""
    return int(task_id.partition(".")[0])


def again(
    spec: Spec,
    found: Tokens,
    act: Act,
    number: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    due: Due,
    unhurried: Collection[int],
) -> Again:
    """Do an act again on other tokens, as of its moment; new tokens get ids from `number` on. The timers of the tokens
    `unhurried` do not fire.

    Raises:
        Conflict: the task it was done at is not there.
        Invalid: a condition cannot be judged.
    """
    calm = {i: _calm(spec, token) if i in unhurried else token for i, token in found.items()}
    state = stored(number, before, calm)
    if not act.task_id:
        advance = run.refresh(spec, state, act.at, due)
    elif act.received is not None:
        advance = run.register_late(spec, state, state, act.task_id, after, act.received, act.at, due)
    else:
        move = run.register if act.message else run.complete
        advance = move(spec, state, act.task_id, after, act.at, due)
    done = between(calm, tokens(advance.state))
    same = set(done.gone) == set(act.moved.gone) and _kinds(spec, done) == _kinds(spec, act.moved)
    return Again(done, advance.steps, advance.actions, counter(advance.state), same)


def alike(spec: Spec, one: Moved, other: Moved) -> bool:
    """Whether two acts took the same tokens and brought the same kinds."""
    return set(one.gone) == set(other.gone) and _kinds(spec, one) == _kinds(spec, other)


def next_due(spec: Spec, found: Tokens) -> datetime | None:
    """When the earliest waiting timer runs out."""
    moments = [datetime.fromisoformat(token.extra) for token in found.values() if _timed(spec, token)]
    return min(moments, default=None)


def renewed(
    found: Tokens, renew: Collection[int], number: int
) -> tuple[dict[int, Token], dict[int, int], int]:
    """The tokens with fresh ids for some of them, which id became which, and the greatest id given."""
    names = {}
    for old in found:
        if old in renew:
            number += 1
            names[old] = number
    return under(found, names), names, number


def renamed(token: Token, names: Mapping[int, int]) -> Token:
    """A token under new ids, where there are any."""
    own, group, host = (names.get(number, number) for number in (token.id, token.group, token.host))
    return token._replace(id=own, group=group, host=host)


def under(found: Tokens, names: Mapping[int, int]) -> dict[int, Token]:
    """Tokens under new ids, where there are any."""
    return {token.id: token for token in (renamed(one, names) for one in found.values())}


def rewritten(done: Moved, names: Mapping[int, int]) -> Moved:
    """What an act did, under new ids."""
    return replace(done, came=tuple(renamed(token, names) for token in done.came))


def _timed(spec: Spec, token: Token) -> bool:
    return bool(token.extra) and token.state == TaskState.WAITING and not _joins(spec, token)


def _joins(spec: Spec, token: Token) -> bool:
    scopes = (spec.process, *spec.subprocesses.values())
    return any(isinstance(scope.task_specs.get(token.node), Join) for scope in scopes)


def _calm(spec: Spec, token: Token) -> Token:
    return token._replace(extra=NEVER) if _timed(spec, token) else token


def _kinds(spec: Spec, done: Moved) -> Counter[tuple[str, int, Any]]:
    return Counter((t.node, t.state, t.extra if _joins(spec, t) else "") for t in done.came)


def attributes(state: bytes) -> dict[str, Any]:
    """The routing attributes in a stored state."""
    found: dict[str, Any] = codec.attributes_of(codec.content_of(state)[1])
    return found
