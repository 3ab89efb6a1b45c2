"""`script/server`'s parent process: ready, and gone without a trace however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.settings import ROOT
from app.serve import free_port

from .test_postgres import eventually, servers


class Running:
    """A `python -m app serve` on its own home."""

    def __init__(self, home: Path):
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**environment, "XQ_HOME": str(home), "XQ_WEB_PROCESSES": "1", "XQ_WORKER": "0"},
        )
        self.url = next(line.split()[1] for line in self.process.stdout if line.startswith("ready "))

    def family(self) -> list[int]:
        """Every process of this server: the database's by folder, the web's by its XQ_HOME."""
        mark = f"XQ_HOME={self.home}".encode()
        found = set(servers(self.home))
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.add(int(entry.name))
                except OSError:
                    continue
        return sorted(found)


@pytest.fixture
def server(home: Path) -> Iterator[Running]:
    running = Running(home)
    yield running
    running.process.kill()
    running.process.wait()
    running.process.stdout.close()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_it_serves_and_leaves_no_process(server: Running, signum: int):
    with urllib.request.urlopen(f"{server.url}/readyz") as answer:  # noqa: S310 - our own address
        assert answer.status == 200
    assert len(server.family()) > 3
    server.process.send_signal(signum)
    server.process.wait()
    eventually(lambda: not server.family())


def test_a_killed_web_server_comes_back(server: Running):
    parents = [
        pid
        for pid in server.family()
        if _parent(pid) == server.process.pid and pid not in servers(server.home)
    ]
    os.kill(parents[0], signal.SIGKILL)

    def answers() -> bool:
        try:
            return urllib.request.urlopen(f"{server.url}/healthz").status == 200  # noqa: S310
        except OSError:
            return False

    time.sleep(0.5)
    eventually(answers, 30)


def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"端口 {port} 已被占用"):
            free_port("127.0.0.1", port)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
