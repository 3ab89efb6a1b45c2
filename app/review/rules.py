"""The rules by which a sitting counts: members, quorum, majority. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "sittings.toml"

STANCES = {"agree": "同意", "amend": "修改后同意", "disagree": "不同意"}
OUTCOMES = {"agreed": "同意拟处理意见", "amended": "变更拟处理意见", "rejected": "不同意，退回重新提出意见"}
"""The outcome of a meeting, in the words of the form it fills."""


@dataclass(frozen=True, slots=True)
class Order:
    """The rule of order of a collective deliberation."""

    name: str
    article: str
    steps: tuple[str, ...]
    member_positions: tuple[str, ...]
    least_members: int
    quorum: Fraction
    majority: Fraction
    source: str
    unsure: bool


@cache
def data() -> Mapping[str, Any]:
    """The data file."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def legal_steps() -> tuple[str, str]:
    """The legal step of the legal review, and that of answering its remarks."""
    return data()["legal"]["review"], data()["legal"]["respond"]


def hearing_steps() -> tuple[str, str, str]:
    """The legal steps of a hearing: it is called, held, reported on."""
    raw = data()["hearing"]
    return raw["notice"], raw["hold"], raw["report"]


def notice_methods() -> Sequence[str]:
    """How the persons of a hearing may be told of it."""
    return tuple(data()["hearing"]["notice_methods"])


@cache
def order() -> Order:
    """The rule of order in force."""
    raw = data()["collective"]
    return Order(
        raw["name"],
        raw["article"],
        tuple(raw["steps"]),
        tuple(raw["member_positions"]),
        raw["least_members"],
        Fraction(raw["quorum_more_than"]),
        Fraction(raw["majority_more_than"]),
        raw["source"],
        raw["unsure"],
    )


def quorate(present: int, members: int, rule: Order) -> bool:
    """Whether enough are there. `members` are those who need not stay away."""
    return present >= 1 and present > members * rule.quorum


def outcome(stances: Sequence[str], rule: Order) -> str:
    """What those present decided: one position held by the majority of them, else nothing is carried. An amendment is
    not an agreement to what was proposed, nor the other way round; the chair's vote is one of them."""
    for stance, result in (("agree", "agreed"), ("amend", "amended")):
        if sum(one == stance for one in stances) > len(stances) * rule.majority:
            return result
    return "rejected"


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
