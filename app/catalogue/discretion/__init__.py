"""Discretion baselines (裁量基准): read, check, recommend a tier for the facts of a case. Pure."""

from .checks import Problem, Severity, check
from .model import NO_PENALTY, Baseline, Statutory, Tier, read
from .recommending import Advice, recommend

__all__ = [
    "NO_PENALTY",
    "Advice",
    "Baseline",
    "Problem",
    "Severity",
    "Statutory",
    "Tier",
    "check",
    "read",
    "recommend",
]
