"""`script/xq`: the table of commands, and the worker that runs alone."""

import os
import signal
import subprocess
import sys

import databases
import psycopg
import pytest
from click.testing import CliRunner

from app.cli import COMMANDS, _exists, xq
from app.kernel.settings import ROOT

from .test_postgres import eventually


def test_every_command_of_the_table_is_there_and_explains_itself():
    listed = CliRunner().invoke(xq, ["--help"]).output
    for name, (module, _, words) in COMMANDS.items():
        assert _exists(module), f"{name}: no module {module}"
        assert words in listed
        answer = CliRunner().invoke(xq, [name, "--help"])
        assert answer.exit_code == 0, answer.output


def test_every_command_of_a_group_has_chinese_help():
    context = xq.make_context("xq", [], resilient_parsing=True)
    for name in xq.list_commands(context):
        command = xq.get_command(context, name)
        for part in [command, *getattr(command, "commands", {}).values()]:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in part.help or ""), f"{name} {part.name}"


def test_an_unknown_command_names_the_known_ones():
    answer = CliRunner().invoke(xq, ["nothing"])
    assert answer.exit_code == 2
    assert "可用的命令" in answer.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["procedure", "runs", "penalty/simple"],
        ["items", "list"],
        ["baselines", "list"],
        ["law", "list"],
        ["people", "accounts"],
    ],
)
def test_a_database_that_is_not_prepared_is_told_in_words(database_url, home, arguments, monkeypatch):
    monkeypatch.setenv("XQ_HOME", str(home))
    with databases.database(database_url, f"empty_{os.getpid()}") as url:
        monkeypatch.setenv("DATABASE_URL", url)
        answer = CliRunner().invoke(xq, arguments)
    assert answer.exit_code == 1, answer.output
    assert "请先运行 script/xq prepare" in answer.output
    assert "SELECT" not in answer.output


def test_saved_runs_ask_for_regions_first(scratch_database, home, monkeypatch):
    """The tables are there and nothing is in them."""
    monkeypatch.setenv("DATABASE_URL", scratch_database)
    monkeypatch.setenv("XQ_HOME", str(home))
    answer = CliRunner().invoke(xq, ["procedure", "runs", "penalty/simple"])
    assert (answer.exit_code, "script/xq prepare" in answer.output) == (1, True), answer.output


def test_a_database_that_does_not_answer_is_told_in_words(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    monkeypatch.setenv("XQ_HOME", str(home))
    answer = CliRunner().invoke(xq, ["items", "list"])
    assert (answer.exit_code, "数据库连接不上" in answer.output) == (1, True), answer.output


def test_a_worker_alone_runs_until_it_is_asked_to_end(scratch_database, home):
    worker = subprocess.Popen(
        [sys.executable, "-m", "app", "worker"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": scratch_database, "XQ_HOME": str(home)},
    )
    try:
        assert "后台任务进程已启动" in worker.stdout.readline()
        # its first tick opens the slots of periodic work; the handlers of signals stand before that
        plain = scratch_database.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(plain, autocommit=True) as connection:
            eventually(lambda: connection.execute("select 1 from periodic_run").fetchone())
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.stdout.close()
