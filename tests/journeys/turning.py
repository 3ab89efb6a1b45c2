"""A calendar that a test can turn for a whole server: procedures take months, and their terms must pass."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.kernel import clock

NAME = "clock-shift"
"""The file in the server's home: by how many seconds its present moment is moved."""


def turn(home: Path, moment: datetime) -> None:
    """Let the server of this home believe it is `moment`, going on from there."""
    shift = (moment - datetime.now(UTC)).total_seconds()
    waiting = home / f"{NAME}.new"
    waiting.write_text(str(shift))
    waiting.replace(home / NAME)


def follow(home: Path) -> None:
    """Make this process's present moment the one of its home's file (no file: the real one)."""
    file = home / NAME

    def now() -> datetime:
        shift = float(file.read_text()) if file.exists() else 0
        return clock._told.get() or datetime.now(UTC) + timedelta(seconds=shift)

    clock.now = now
