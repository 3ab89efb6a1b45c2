"""The rules of law that diagrams are proven against, one list."""

from . import compulsion, enforcement, general, general_forms, licence, licence_after, supervision
from .base import SCOPES, Rule

_MODULES = (general, general_forms, compulsion, enforcement, licence, licence_after, supervision)

RULES: tuple[Rule, ...] = tuple(
    sorted((rule for module in _MODULES for rule in module.RULES), key=lambda rule: rule.id)
)


def by_id(rule_id: str) -> Rule | None:
    """The rule with this id; None where there is none."""
    return next((rule for rule in RULES if rule.id == rule_id), None)


__all__ = ["RULES", "SCOPES", "Rule", "by_id"]
