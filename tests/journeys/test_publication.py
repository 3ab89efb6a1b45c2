"""A draft becomes a version only by the case that approved exactly its content."""

import pytest
from callers import cheap_hashes
from cases.conftest import town
from journeys.publication import Way

__all__ = ["cheap_hashes", "town"]


@pytest.fixture
def way(town) -> Way:
    return Way(town)


def test_the_whole_way(way):
    way.draft()
    way.send()
    assert way.status() == "review"
    way.initial()
    way.collective()
    way.submit()
    way.audit()
    assert way.status() == "published"
    way.archive()
