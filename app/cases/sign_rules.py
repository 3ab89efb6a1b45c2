"""When a round of signing is settled, and how. Pure."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from .sign_models import RoundRule, RoundState

AGREE = "agree"
STANCES = {"agree": "同意", "amend": "修改后同意", "disagree": "不同意", "abstain": "弃权"}
"""Only a plain agreement counts as one: who wants changes has not agreed to what there is."""


@dataclass(frozen=True, slots=True)
class Vote:
    """How a vote counts: present must be more than `quorum` of the members, agreeing more than `majority` of those
    present."""

    quorum: Fraction
    majority: Fraction


@cache
def vote_rule() -> Vote:
    """The rule of votes, from the data file that names its source."""
    text = (Path(__file__).parent / "data" / "sign_rules.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)["vote"]
    return Vote(Fraction(raw["quorum_more_than"]), Fraction(raw["majority_more_than"]))


def settled(rule: str, percent: int | None, stances: Sequence[str], waiting: int) -> RoundState | None:
    """The outcome of a round in which `stances` were answered and `waiting` members have still to answer; None where it
    is open. A vote is settled by its minutes alone (`counted`)."""
    agreed, total = sum(one == AGREE for one in stances), len(stances) + waiting
    if not total or rule == RoundRule.VOTE:
        return None
    if rule == RoundRule.ANY:
        needed = 1
    elif rule == RoundRule.RATIO:
        needed = -(-total * (percent or 100) // 100)
    else:
        needed = total
    if agreed >= needed:
        return RoundState.AGREED
    return RoundState.FAILED if agreed + waiting < needed else None


def counted(stances: Sequence[str], members: int, rule: Vote) -> RoundState | None:
    """The outcome of a vote in which these members were present; None where too few were there to vote at all."""
    present, agreed = len(stances), sum(one == AGREE for one in stances)
    if present <= members * rule.quorum:
        return None
    return RoundState.AGREED if agreed > present * rule.majority else RoundState.FAILED


def is_turn(rule: str, place: int, waiting: Sequence[int]) -> bool:
    """Whether a member at this place may answer while those at the places `waiting` have not."""
    return rule != RoundRule.SEQUENCE or all(place <= other for other in waiting)
