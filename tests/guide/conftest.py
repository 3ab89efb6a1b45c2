"""The shipped procedures as they would be published, and a town that runs them."""

from collections.abc import Iterator

import pytest
from callers import cheap_hashes
from cases.town import Town, own_town

from app.diagrams import service as diagrams
from app.diagrams.rules import parse

__all__ = ["cheap_hashes"]
KEYS = ("penalty/ordinary", "governance/publication")


def as_published(bundle: diagrams.Bundle) -> diagrams.Procedure:
    """A bundle as the version that it would be."""
    return diagrams.Procedure(
        id=1,
        key=bundle.key,
        number=1,
        digest=bundle.digest,
        name=str(bundle.rules["name"]),
        kind=str(bundle.rules["kind"]),
        external=bundle.external,
        internal=bundle.internal,
        rules=parse(bundle.rules, bundle.tables),
        forms=bundle.forms,
        templates=bundle.templates,
        samples=bundle.samples,
        tables=bundle.tables,
        runs=bundle.runs,
        called=bundle.called,
    )


@pytest.fixture(scope="session", params=KEYS)
def procedure(request: pytest.FixtureRequest) -> diagrams.Procedure:
    return as_published(diagrams.from_folder(request.param))


@pytest.fixture(scope="session")
def penalty() -> diagrams.Procedure:
    return as_published(diagrams.from_folder("penalty/ordinary"))


@pytest.fixture(scope="module")
def town(app, database_url: str) -> Iterator[Town]:
    with own_town(database_url) as made:
        yield made
