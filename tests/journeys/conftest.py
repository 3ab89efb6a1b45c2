"""Journeys: several people in their own browsers on one real server, from the first act to the last."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsers import (
    axe,
    browser_context_args,
    browser_type_launch_args,
    chromium,
    new_page,
    serve_application,
    shot,
)
from databases import database
from desk import Desk
from running_server import RunningServer

from app.kernel.settings import ROOT

__all__ = [
    "axe",
    "browser_context_args",
    "browser_type_launch_args",
    "chromium",
    "new_page",
    "serve_application",
    "shot",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of data keys of the city: whoever prepares and whoever serves it need the same."""
    return str(tmp_path_factory.mktemp("keys") / "data.json")


SECRET = "journeys" * 8
"""Who prepared the city and who serves it vouch for its procedures with one key."""


@pytest.fixture(scope="session")
def bare_city(database_url: str, ring: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with the demo city's people, items and procedures, and not one case."""
    home = tmp_path_factory.mktemp("city")
    with database(database_url, "bare_city") as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "XQ_HOME": str(home),
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
        }
        environment |= {"XQ_DATA_KEYS": ring, "XQ_SECRET_KEY": SECRET}
        program = str(Path(__file__).with_name("bare_city.py"))
        subprocess.run([sys.executable, program], env=environment, cwd=ROOT, check=True)
        yield url


@pytest.fixture(scope="session")
def server(
    serve_application: Callable[..., RunningServer], bare_city: str, ring: str
) -> Iterator[RunningServer]:
    """The platform with its worker, on that city, with a calendar that can be turned and no nights."""
    settings = {"DATABASE_URL": bare_city, "XQ_DATA_KEYS": ring, "XQ_SECRET_KEY": SECRET, "XQ_WORKER": "1"}
    running = serve_application(XQ_SERVE_TARGET="nightless:app", **settings)
    yield running
    running.close()


@pytest.fixture
def base_url(server: RunningServer) -> str:
    return server.url


@pytest.fixture
def desk(new_page: Callable, server: RunningServer) -> Desk:
    """The desks of the city's people."""
    return Desk(new_page, server)
