"""All tables: the rooms' models, imported so that the metadata is complete (migrations, tests)."""

import importlib
import importlib.util
import pkgutil

import app as package
from app.kernel import facts
from app.kernel.db import Base

__all__ = ["facts", "load"]


def load() -> type[Base]:
    """Import every room's `models.py` and return the base that now knows every table."""
    for room in pkgutil.iter_modules(package.__path__):
        if not room.ispkg:
            continue
        name = f"app.{room.name}.models"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
    return Base
