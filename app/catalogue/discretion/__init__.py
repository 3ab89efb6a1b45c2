"""Discretion baselines (裁量基准): read, check, recommend a tier for the facts of a case. Pure."""

from .checks import Problem, Severity, check
from .model import KINDS, MOST_TIERS, NO_PENALTY, TIERS, VOCABULARY, Baseline, Statutory, Tier, read
from .recommending import Advice, recommend
from .wording import Difference, amounts, differences, expression, lines, words

__all__ = [
    "KINDS",
    "MOST_TIERS",
    "NO_PENALTY",
    "TIERS",
    "VOCABULARY",
    "Advice",
    "Baseline",
    "Difference",
    "Problem",
    "Severity",
    "Statutory",
    "Tier",
    "amounts",
    "check",
    "differences",
    "expression",
    "lines",
    "read",
    "recommend",
    "words",
]
