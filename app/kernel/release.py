"""Which release of the platform this is."""

from functools import lru_cache
from importlib import metadata

from . import settings


@lru_cache(maxsize=1)
def version() -> str:
    """The platform's release."""
    try:
        return metadata.version("xingquan")
    except metadata.PackageNotFoundError:
        text = (settings.ROOT / "pyproject.toml").read_text(encoding="utf-8")
        return text.split('version = "', 1)[1].split('"', 1)[0]
