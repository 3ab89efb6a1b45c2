"""An installation without the demonstration: tables, agencies, items, a procedure, the first administrator."""

import os
import subprocess
import sys

import psycopg
import pytest

from app.kernel.settings import ROOT


@pytest.fixture
def xq(home, database_url, app):
    """Runs a command on an empty database of its own."""
    plain = database_url.replace("postgresql+psycopg://", "postgresql://")
    name = f"new_{os.getpid()}"
    source = psycopg.conninfo.conninfo_to_dict(plain)["dbname"]
    settings = {
        **os.environ,
        "DATABASE_URL": database_url.replace(f"/{source}", f"/{name}", 1),
        "XQ_HOME": str(home),
        "XQ_DEMO": "0",
    }

    def run(*arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "app", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=settings,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    with psycopg.connect(plain, autocommit=True, dbname="postgres") as connection:
        connection.execute(f'create database "{name}"')
        yield run
        connection.execute(f'drop database "{name}" with (force)')


def test_from_an_empty_database_to_the_first_sign_in(xq):
    xq("prepare")
    assert "共 0 个账号" in xq("people", "accounts")
    assert "17 个机关" in xq("people", "agencies", ROOT / "app" / "people" / "data" / "demo_city.yaml")
    assert "第 1 版已发布" in xq("procedure", "publish", "penalty/ordinary")
    assert "已录入" in xq("items", "load", ROOT / "app" / "catalogue" / "data" / "demo_items.yaml")
    assert "枣庄市生态环境局" in xq("items", "list")
    assert "一次性密码" in xq("people", "first-admin", "boss", "演示·管", "370400-01")
    assert "共 1 个账号" in xq("people", "accounts")
    assert "全部数据由当前密钥加密" in xq("keys", "status")
    assert "2 号密钥" in xq("keys", "rotate", "--delay", 24)
    assert "2 号  等待启用" in xq("keys", "status")
