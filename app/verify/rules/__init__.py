"""The rules of law that diagrams are proven against, one list."""

from . import general, general_forms
from .base import SCOPES, Rule

RULES: tuple[Rule, ...] = tuple(sorted((*general.RULES, *general_forms.RULES), key=lambda rule: rule.id))


def by_id(rule_id: str) -> Rule | None:
    """The rule with this id; None where there is none."""
    return next((rule for rule in RULES if rule.id == rule_id), None)


__all__ = ["RULES", "SCOPES", "Rule", "by_id"]
