"""From `serve` to a page that can be opened, on a database that exists already, and back to nothing."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time


def _once(home: str) -> tuple[float, float]:
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XQ_HOME": home},
    )
    for line in server.stdout or ():
        if line.startswith("ready "):
            break
    ready = time.perf_counter()
    server.send_signal(signal.SIGTERM)
    server.wait()
    return (ready - began) * 1000, (time.perf_counter() - ready) * 1000


def figures() -> dict[str, float | int]:
    with tempfile.TemporaryDirectory(prefix="xq-bench-") as home:
        os.chmod(home, 0o711)  # noqa: S103 - the server's account must be able to enter
        first, _ = _once(home)
        later = [_once(home) for _ in range(3)]
    return {
        "first_start": round(first, 1),
        "start_p50": round(statistics.median(start for start, _ in later), 1),
        "stop_p50": round(statistics.median(stop for _, stop in later), 1),
    }
