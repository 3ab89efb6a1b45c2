"""People, and a town with published procedures, for tests of change orders."""

from callers import cheap_hashes, city
from cases.conftest import town

__all__ = ["cheap_hashes", "city", "town"]
