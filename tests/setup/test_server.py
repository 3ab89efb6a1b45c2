"""`script/server`'s parent process: ready, and gone without a trace however it ends."""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_server import RunningServer, furnish

from app.serve import free_port

from .test_postgres import eventually, servers


def family(server: RunningServer) -> list[int]:
    """Every process of a server: the database's by folder, the web's by its XQ_HOME."""
    mark = f"XQ_HOME={server.home}".encode()
    found = set(servers(server.home))
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
            except OSError:
                continue
    return sorted(found)


@pytest.fixture
def server(home: Path) -> Iterator[RunningServer]:
    """On a home that a first start has prepared: `furnish` begins from nothing."""
    furnish(home)
    running = RunningServer(home)
    yield running
    running.close()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_it_serves_and_leaves_no_process(server: RunningServer, signum: int):
    with urllib.request.urlopen(f"{server.url}/readyz") as answer:  # noqa: S310 - our own address
        assert answer.status == 200
    assert len(family(server)) > 3
    server.process.send_signal(signum)
    server.process.wait()
    eventually(lambda: not family(server))


def test_a_killed_web_server_comes_back(server: RunningServer):
    parents = [
        pid
        for pid in family(server)
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
    if not Path(f"/proc/{pid}").exists():  # a database connection that has ended meanwhile
        return 0
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
