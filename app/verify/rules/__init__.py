"""The rules of law that diagrams are proven against, one list."""

from .base import SCOPES, Rule

__all__ = ["SCOPES", "Rule"]
