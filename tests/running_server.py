"""A real server in a process of its own, for tests that need one."""

import os
import subprocess
import sys
from pathlib import Path

from app.kernel.settings import ROOT


class RunningServer:
    """`python -m app serve` on its own home and a free port; `url` is where it is ready.

    `settings` are environment variables for it, e.g. XQ_SERVE_TARGET to serve another application object.
    """

    def __init__(self, home: Path, **settings: str):
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {"XQ_HOME": str(home), "XQ_WEB_PROCESSES": "1", "XQ_WORKER": "0", **settings}
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        self.lines: list[str] = []
        self.url = ""
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip())
            if line.startswith("ready "):
                self.url = line.split()[1]
                break
        if not self.url:
            raise RuntimeError("the server did not start:\n" + "\n".join(self.lines))

    def close(self) -> None:
        """Stop it in order; kill it if it will not."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
