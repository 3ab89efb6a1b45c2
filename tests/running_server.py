"""A real server in a process of its own, for tests that need one."""

import fcntl
import os
import shutil
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


RUN_FOLDER = "XQ_TEST_RUN"
"""Names the folder that all processes of one run of the tests share; `conftest.py` makes it and takes it away."""
IN_NO_HURRY_TO_DISK = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n"


def furnish(home: Path) -> None:
    """Put into a new home what a server leaves there that has loaded the demonstration and was stopped in order.

    The first of the run really does so, from nothing; the others get a copy of its home, keys, files and database.
    """
    shared = Path(os.environ[RUN_FOLDER])
    model = shared / "home"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "made").exists():
            shutil.rmtree(model, ignore_errors=True)
            model.mkdir(mode=0o711)
            RunningServer(model).close()
            (shared / "made").touch()
    data = model / "postgres" / "data"
    if not data.exists():
        return  # the cluster had to lie elsewhere (`app.kernel.postgres`): this server makes its own
    subprocess.run(["cp", "-a", f"{model}/.", str(home)], check=True)
    with (home / "postgres" / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.write(IN_NO_HURRY_TO_DISK)
