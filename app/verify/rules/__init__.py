"""The rules of law that diagrams are proven against, one list."""

from . import (
    penalty_after,
    penalty_hearing,
    penalty_order,
    penalty_people,
    penalty_review,
    penalty_simple,
    penalty_time,
)
from .base import SCOPES, Rule

RULES: tuple[type[Rule], ...] = tuple(
    sorted(
        (
            *penalty_order.RULES,
            *penalty_hearing.RULES,
            *penalty_review.RULES,
            *penalty_people.RULES,
            *penalty_time.RULES,
            *penalty_after.RULES,
            *penalty_simple.RULES,
        ),
        key=lambda rule: rule.id,
    )
)

__all__ = ["RULES", "SCOPES", "Rule"]
