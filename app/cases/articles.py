"""The articles with which acts of this room are refused (`data/articles.yaml`)."""

from functools import lru_cache
from pathlib import Path

import yaml

DATA = Path(__file__).parent / "data" / "articles.yaml"


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {name: row["article"] for name, row in yaml.safe_load(DATA.read_text(encoding="utf-8")).items()}


def article(name: str) -> str:
    """The article of a refusal, as it is cited."""
    return _known()[name]
