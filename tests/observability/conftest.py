"""The demonstration city, its people at their browsers, and the log as it would be written."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from callers import caller, callers, cheap_hashes, city

from app.kernel import logs

__all__ = ["caller", "callers", "cheap_hashes", "city"]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """`lines()`: what this process has logged so far, as its JSON lines."""
    stream = io.StringIO()
    monkeypatch.setenv("XQ_LOG", "json")
    root = logging.getLogger()
    before = root.level
    handler = logs.install(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)
    logging.captureWarnings(False)
