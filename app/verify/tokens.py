"""What moves tokens: transitions over places, the places as bits of a mask."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Who fires a transition."""

    AUTO = "auto"
    """The diagram itself, at once: gateways, starts, ends, entering."""
    DO = "do"
    """A person completes a task."""
    EVENT = "event"
    """A message or a timer."""


class Choice(NamedTuple):
    """When a branch is taken: `flow`'s condition holds; for a default flow none of `others` does.

    An inclusive branch set is decided flow by flow. No choice: always. Only automatic transitions choose.
    """

    conditions: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


ALWAYS = Choice()


class Transition(NamedTuple):
    """Consumes `pre`, clears `clear`, produces `post`; not while a place of `inhibit` is marked.

    `join` names the inclusive join whose rule decides instead of `pre`. `passes` is false where firing only
    enters the node. `home`: for a token that ends inside an activity the place of the token that waits there for it.
    `into`: where time passes once an activity with something inside is entered, of all that `post` marks; 0: everywhere.
    """

    node: str
    kind: Kind
    pre: int
    post: int
    clear: int = 0
    inhibit: int = 0
    choice: Choice = ALWAYS
    join: str = ""
    passes: bool = True
    path: str = ""
    home: int = 0
    into: int = 0


def bits(mask: int) -> list[int]:
    """The places of a mask, one by one."""
    if not mask & (mask - 1):
        return [mask] if mask else []
    found = []
    while mask:
        low = mask & -mask
        found.append(low)
        mask ^= low
    return found
