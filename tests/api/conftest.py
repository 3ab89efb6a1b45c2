"""One town for all tests of the API, with programs at its door."""

from collections.abc import Iterator

import pytest
from callers import hashing_cheaply
from cases.town import Town, own_town
from flask import Flask

from app.public import service as public
from app.public.rules import Pace


@pytest.fixture(scope="package")
def town(app: Flask, database_url: str) -> Iterator[Town]:
    """A town of this folder alone."""
    with hashing_cheaply(), own_town(database_url) as found:
        yield found


@pytest.fixture(autouse=True)
def at_ease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here is slowed down for asking often."""
    monkeypatch.setattr(public, "_pace", Pace(100_000, 60))
