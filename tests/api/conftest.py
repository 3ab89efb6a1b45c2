"""The town of the cases' tests, with programs at its door."""

import pytest
from callers import cheap_hashes
from cases.conftest import town

from app.public import service as public
from app.public.rules import Pace

__all__ = ["cheap_hashes", "town"]


@pytest.fixture(autouse=True)
def at_ease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here is slowed down for asking often."""
    monkeypatch.setattr(public, "_pace", Pace(100_000, 60))
