"""The rules of law that diagrams are proven against, one list."""

from . import (
    adjudication,
    collection,
    compulsion,
    confirmation,
    enforcement,
    freezing,
    general,
    general_forms,
    inspection,
    licence,
    licence_after,
    payment,
    penalty_after,
    penalty_hearing,
    penalty_order,
    penalty_people,
    penalty_review,
    penalty_simple,
    penalty_time,
    supervision,
    transfer,
)
from .base import SCOPES, Rule

_MODULES = (
    general, general_forms, penalty_order, penalty_hearing, penalty_review, penalty_people, penalty_time,
    penalty_after, penalty_simple, compulsion, freezing, enforcement, licence, licence_after, inspection,
    confirmation, payment, adjudication, collection, supervision, transfer,
)  # fmt: skip

RULES: tuple[Rule, ...] = tuple(
    sorted((rule for module in _MODULES for rule in module.RULES), key=lambda rule: rule.id)
)


def by_id(rule_id: str) -> Rule | None:
    """The rule with this id; None where there is none."""
    return next((rule for rule in RULES if rule.id == rule_id), None)


__all__ = ["RULES", "SCOPES", "Rule", "by_id"]
