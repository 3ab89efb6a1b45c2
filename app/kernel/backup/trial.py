"""Start a restored home and look whether everything is there."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from .. import keys, migrations, settings
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
        return check(home, place.files, opened, say)
    finally:
        leave_nothing(home)
        shutil.rmtree(folder, ignore_errors=True)


def check(home: Path, files: Path, opened: Opened, say: Say) -> list[str]:
    """Run every check on a restored home, with the files in that folder; what is wrong.

    Where the home has no keys, those of this machine's installation are tried; where they are not its keys
    either, what needs them is left out, and that is said.
    """
    secret, ring = _keys(home)
    # opening the application would make a signing key where there is none: the operator will put the real one
    changes = {
        "XQ_SECRET_KEY": secret or secrets.token_hex(32),
        "XQ_DATA_KEYS": ring,
        "XQ_HOME": str(home),
        "XQ_FILES": files.as_uri(),
        "DATABASE_URL": "",
        "XQ_BACKUP": "",
    }
    with _environment(changes), opened():
        session = db.session()
        try:
            keyed = bool(secret) and _fits(session)
            if not keyed:
                say(
                    f"没有这个数据库的密钥，未检查：{'、'.join(checks.keyed())}。"
                    "放回密钥后请运行 script/xq audit verify。"
                )
            found = checks.run(session, lambda digest: content.path(files, digest).exists(), keyed)
        finally:
            db.session.remove()
            db.engine.dispose()
    return [f"{name}：{sentence}" for name, sentences in found.items() for sentence in sentences]


def _keys(home: Path) -> tuple[str, str]:
    """The signing key, and the ring as XQ_DATA_KEYS names it; empty where there is none."""
    secret = os.environ.get("XQ_SECRET_KEY", "")
    ring = os.environ.get("XQ_DATA_KEYS", "")
    for known in (home, settings.home()):
        if not secret and (known / "secret_key").exists():
            secret = (known / "secret_key").read_text().strip()
        if not ring and (known / "keys" / "data.json").exists():
            ring = str(known / "keys" / "data.json")
    return secret, ring


def _fits(session: Session) -> bool:
    try:
        keys.check(migrations.known_keys(session.connection()))
    except keys.KeysError:
        return False
    return True


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
