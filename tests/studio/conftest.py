"""One town for all tests of the studio, with analysts of two agencies at its door."""

from collections.abc import Iterator

import pytest
from callers import hashing_cheaply
from cases.town import Town, own_town
from flask import Flask


@pytest.fixture(scope="package")
def town(app: Flask, database_url: str) -> Iterator[Town]:
    """A town of this folder alone."""
    with hashing_cheaply(), own_town(database_url) as found:
        yield found
