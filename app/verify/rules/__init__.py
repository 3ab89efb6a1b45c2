"""The rules of law that diagrams are proven against, one list."""

from . import (
    compulsion,
    enforcement,
    general,
    general_forms,
    licence,
    licence_after,
    penalty_after,
    penalty_hearing,
    penalty_order,
    penalty_people,
    penalty_review,
    penalty_simple,
    penalty_time,
    supervision,
)
from .base import SCOPES, Rule

_MODULES = (
    general, general_forms, penalty_order, penalty_hearing, penalty_review, penalty_people, penalty_time,
    penalty_after, penalty_simple, compulsion, enforcement, licence, licence_after, supervision,
)  # fmt: skip

RULES: tuple[Rule, ...] = tuple(
    sorted((rule for module in _MODULES for rule in module.RULES), key=lambda rule: rule.id)
)


def by_id(rule_id: str) -> Rule | None:
    """The rule with this id; None where there is none."""
    return next((rule for rule in RULES if rule.id == rule_id), None)


__all__ = ["RULES", "SCOPES", "Rule", "by_id"]
