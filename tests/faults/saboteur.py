"""The platform's web process with a saboteur inside: it kills its own process at the boundary that is armed.

`arm(home, point)` writes the wish; the process that reaches the point first takes it and dies by SIGKILL. As a program:
a worker of its own with the same hooks.
"""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

NAME = "sabotage"
POINTS = (
    "before the lock",
    "behind the lock",
    "behind the engine",
    "writes half sent",
    "before commit",
    "behind commit",
    "job claimed",
    "pdf written",
    "job settled",
)
SWEEPS = ("timer fired", "light turned")


def arm(home: Path, point: str) -> None:
    """Let the next process of this home die that comes to this point."""
    part = home / f"{NAME}.part"
    part.write_text(point)
    part.replace(home / NAME)


def pending(home: Path) -> bool:
    """Whether nobody has died yet."""
    return (home / NAME).exists()


def install() -> None:
    """Put the hooks into this process."""
    import psycopg
    from flask import has_request_context
    from sqlalchemy.orm import Session

    from app.cases import locking
    from app.deadlines import turning
    from app.engine import service as engine
    from app.kernel import files, jobs, reads, settings, worker

    wish = settings.home() / NAME

    def die_at(point: str) -> None:
        try:
            if wish.read_text() != point:
                return
            wish.unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def around(
        place: Any, name: str, before: str = "", after: str = "", when: Callable = lambda *_: True
    ) -> None:
        inner = getattr(place, name)

        def hooked(*given: Any, **named: Any) -> Any:
            mine = when(*given)
            if mine and before:
                die_at(before)
            found = inner(*given, **named)
            if mine and after:
                die_at(after)
            return found

        setattr(place, name, hooked)

    def asked() -> bool:
        return has_request_context()

    def locks(_: Any, *queries: Any) -> bool:
        return queries[0][0] is locking.LOCK_OF_WORK

    def acts(session: Any) -> bool:
        return asked() and bool(session.info.get("act"))

    around(reads, "fetch", "before the lock", "behind the lock", locks)
    around(engine, "complete", after="behind the engine")
    around(Session, "commit", "before commit", "behind commit", acts)
    around(jobs, "_handle", before="job claimed")
    around(files, "put", after="pdf written", when=lambda *_: not asked())
    around(jobs, "_settle", after="job settled")
    around(locking, "release", after="timer fired", when=lambda *_: not asked())
    around(turning, "publish", after="light turned", when=lambda *_: not asked())
    execute = psycopg.Connection.execute

    def half(self: Any, query: Any, *given: Any, **named: Any) -> Any:
        found = execute(self, query, *given, **named)
        if self._pipeline and isinstance(query, str) and query.startswith('insert into "submission"'):
            self.pgconn.send_flush_request()
            self.pgconn.flush()
            die_at("writes half sent")
        return found

    psycopg.Connection.execute = half  # type: ignore[method-assign]
    jobs.LEASE, jobs.FIRST_DELAY = timedelta(seconds=1), timedelta(seconds=1)
    worker.INTERVAL = 0.3
    worker.start.__defaults__ = worker.run_forever.__defaults__ = (0.3,)


if __name__ == "__main__":
    install()
    from app.cli import xq

    xq(["worker"])
elif os.environ.get("XQ_SERVE_TARGET"):
    install()
    from app.web_process import app

    __all__ = ["app"]
