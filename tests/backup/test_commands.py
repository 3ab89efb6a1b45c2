"""`script/xq backup` and `restore`: what a person at the terminal sees; databases that others run."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from running_server import RunningServer

from app.cli import xq
from app.kernel import migrations, postgres
from app.kernel.backup import commands, wal
from app.kernel.backup.place import Place

from . import drill
from .drill import SMALL, eventually


@pytest.fixture
def root() -> Iterator[Path]:
    with drill.fresh_home() as home:
        yield home.parent


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command and gives what it says; its exit code must be as expected."""

    def run(*arguments: object, code: int = 0, **settings: object) -> str:
        for name in ("DATABASE_URL", "XQ_HOME", "XQ_FILES", "XQ_BACKUP"):
            monkeypatch.delenv(name, raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(name, str(value))
        answer = CliRunner().invoke(xq, [str(each) for each in arguments])
        assert answer.exit_code == code, (answer.output, answer.exception)
        return answer.output

    return run


def readiness(server: RunningServer) -> dict[str, object]:
    with urllib.request.urlopen(f"{server.url}/readyz", timeout=30) as answer:  # noqa: S310 - our own server
        return json.load(answer)


def test_a_running_platform_is_backed_up_verified_and_restored(root, say):
    """The commands as the guide tells them, beside a real server."""
    place = Place(root / "place")
    settings = {"XQ_HOME": str(root / "home"), "XQ_BACKUP": str(place.folder)}
    phrase = root / "phrase"
    phrase.write_text("correct horse battery\n")
    server = RunningServer(root / "home", XQ_BACKUP=str(place.folder), XQ_DEMO="0")
    try:
        assert readiness(server)["backup"] == "none"
        told = say("backup", "full", "--with-keys", phrase, **settings)
        assert "备份完成" in told
        assert "密钥不在备份内" not in told
        assert "还没有到下一次备份" in say("backup", "scheduled", **settings)
        found = readiness(server)
        assert (found["status"], found["backup"], found["backup_age_hours"]) == ("ok", "ok", 0.0)
        [made] = place.all()
        eventually(lambda: (reached := wal.reached(place.wal)) and reached.moment > made.moment)
    finally:
        server.close()
    assert made.revision == tuple(sorted(migrations.heads()))
    assert made.id in say("backup", "list", **settings)
    told = say("restore", "--from", place.folder, "--into", root / "fresh", "--keys", phrase)
    assert "检查通过" in told
    assert f"XQ_HOME={root / 'fresh'} script/server" in told
    assert (root / "fresh" / "secret_key").read_text() == (root / "home" / "secret_key").read_text()
    told = say("restore", "--from", place.folder, "--into", root / "fresh", code=1)
    assert "不是空目录" in told


def test_moments_are_read_with_and_without_a_zone(root, say):
    given = ["restore", "--from", root / "place", "--into", root / "fresh"]
    assert "看不懂时刻" in say(*given, "--until", "yesterday", code=2)
    assert "不是备份位置" in say(*given, "--until", "2026-11-21 14:05", code=1)
    assert commands.moment("2026-11-21 14:05") == datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
    assert commands.moment("2026-11-21 14:05:00+00:00") == datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    assert "XQ_BACKUP" in say("backup", "full", code=1, XQ_HOME=root / "home")


def test_a_database_that_others_run_is_dumped_and_restored(scratch_database, root, say):
    plain = scratch_database.replace("postgresql+psycopg://", "postgresql://")
    settings = {"DATABASE_URL": scratch_database, "XQ_HOME": str(root / "home")}
    place = root / "place"
    assert "不能对它做增量备份" in say("backup", "incremental", "--to", place, code=1, **settings)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("insert into fact values ('known', '7')")
    told = say("backup", "full", "--to", place, **settings)
    assert "逻辑导出" in told
    assert "任意时刻恢复请由数据库管理员" in told
    assert "备份完好" in say("backup", "verify", "--restore", "--to", place, **settings)
    told = say("restore", "--from", place, "--into", root / "x", "--until", "2099-01-01", code=1)
    assert "还没有到" in told
    told = say("restore", "--from", place, "--into", root / "fresh")
    assert "检查通过" in told
    with (
        postgres.running(root / "fresh", SMALL) as address,
        psycopg.connect(address.replace("+psycopg", "")) as found,
    ):
        assert found.execute("select value from fact where key = 'known'").fetchone() == (7,)
