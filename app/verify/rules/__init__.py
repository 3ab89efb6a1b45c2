"""The rules of law that diagrams are proven against, one list."""

from .base import SCOPES, Rule

RULES: tuple[Rule, ...] = ()

__all__ = ["RULES", "SCOPES", "Rule"]
