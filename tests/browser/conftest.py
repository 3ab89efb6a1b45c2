"""The frame and the pages, one by one, in real Chromium."""

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
)

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
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
