"""A town with cases before a legal review, committed, for the reviewer's workbench."""

from callers import cheap_hashes
from cases.conftest import town

__all__ = ["cheap_hashes", "town"]
