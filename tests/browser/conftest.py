"""The frame and the pages, one by one, in real Chromium."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from browsers import (
    axe,
    base_url,
    browser_context_args,
    browser_type_launch_args,
    chromium,
    new_page,
    page,
    serve_application,
    server,
    shot,
    whole_chromium,
)
from desk import Desk
from drawing_board import Board
from playwright.sync_api import Page
from running_server import RunningServer

from app.kernel import postgres
from app.kernel.settings import ROOT

__all__ = [
    "axe",
    "base_url",
    "browser_context_args",
    "browser_type_launch_args",
    "chromium",
    "new_page",
    "page",
    "serve_application",
    "server",
    "shot",
    "whole_chromium",
]


@pytest.fixture(scope="session")
def busy_server(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A demonstration with a worker, more cases and a second version of their procedure (`prepare_moving.py`)."""
    running = serve_application(XQ_WORKER="1")
    here = Path(__file__).parent
    environment = os.environ | {
        "DATABASE_URL": postgres.address(running.home),
        "XQ_HOME": str(running.home),
        "PYTHONPATH": os.pathsep.join(str(path) for path in (here.parent, ROOT)),
    }
    subprocess.run([sys.executable, here / "prepare_moving.py"], check=True, env=environment)
    return running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture
def desk(new_page: Callable[..., Page], server: RunningServer) -> Desk:
    """Signs people of the demonstration in."""
    return Desk(new_page, server)


@pytest.fixture
def both_widths(axe: Callable[[Page], None], shot: Callable[..., None]) -> Callable[[Page, str], None]:
    """A page at both widths by the eyes of axe, and on pictures."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        shot(name, page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{name} needs {wide} pixels on a phone"
        page.set_viewport_size(before)

    return check


@pytest.fixture
def board(page: Page) -> Board:
    return Board(page)


@pytest.fixture
def fresh(board: Board) -> Board:
    """A copy of the shipped penalty procedure."""
    return board.start()


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Callable[[Board, str], None]:
    def check(board: Board, name: str) -> None:
        board.page.mouse.move(5, 5)
        axe(board.page)
        shot(name, board.page)

    return check
