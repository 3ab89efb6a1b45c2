"""Statutes of the tests' own making, as files and as values, and where the shared articles are found."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from app.catalogue.statutes import Article, Statute

SHARED = Path(os.environ.get("XQ_SHARED", Path(__file__).resolve().parents[3] / "shared"))
"""Beside the checkout: articles and items as facts. The repository holds none of their texts."""


def shared(name: str) -> Path:
    """A file of the shared data; the test is skipped where it is not there."""
    found = next((root / name for root in (SHARED,) if (root / name).exists()), None)
    if found is None:
        pytest.skip(f"the shared data is not at hand ({name})")
    return found


def statute(
    law: str, texts: dict[str, str], adopted: str, stated: str | None = None, *, whole: bool = False
) -> Statute:
    """A version of a statute with these articles."""
    day = date.fromisoformat(adopted)
    articles: Sequence[Article] = [Article(law, n, text, day, "公报（演示）") for n, text in texts.items()]
    since = date.fromisoformat(stated) if stated else None
    return Statute(law, "法律", "", day, since, "公报（演示）", tuple(articles), (), whole)
