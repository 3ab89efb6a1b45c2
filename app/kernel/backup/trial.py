"""Start a restored home and look whether everything is there."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from ..db import db
from . import checks, content
from .manifest import Manifest
from .place import Place
from .restore import leave_nothing, restore

Opened = Callable[[], AbstractContextManager[Any]]
Say = Callable[[str], None]
LIGHT = ("-c", "fsync=off")
"""What is removed in a minute need not outlive a power cut."""


def rehearse(place: Place, chosen: Manifest | None, opened: Opened, say: Say) -> list[str]:
    """Restore into a temporary home, check it, and remove it; what is wrong.

    The folder is made where TMPDIR says; it needs room for the whole database.
    """
    folder = Path(tempfile.mkdtemp(prefix="xq-verify-"))
    folder.chmod(0o711)
    home = folder / "home"
    try:
        restore(place, home, backup=chosen.id if chosen else None, with_files=False, options=LIGHT, say=say)
        return check(home, place.files, opened)
    finally:
        leave_nothing(home)
        shutil.rmtree(folder, ignore_errors=True)


def check(home: Path, files: Path, opened: Opened) -> list[str]:
    """Run every check on a restored home, with the files in that folder; what is wrong."""
    # opening the application would make a signing key where there is none: the operator will put the real one
    key = {} if (home / "secret_key").exists() else {"XQ_SECRET_KEY": secrets.token_hex(32)}
    settings = key | {"XQ_HOME": str(home), "XQ_FILES": files.as_uri(), "DATABASE_URL": "", "XQ_BACKUP": ""}
    with _environment(settings), opened():
        session = db.session()
        try:
            found = checks.run(session, lambda digest: content.path(files, digest).exists())
        finally:
            db.session.remove()
            db.engine.dispose()
    return [f"{name}：{sentence}" for name, sentences in found.items() for sentence in sentences]


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """The process's environment with changes; an empty value takes a variable away."""
    before = dict(os.environ)
    try:
        for name, value in changes.items():
            os.environ.pop(name, None)
            if value:
                os.environ[name] = value
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
