"""The commands that run and keep up the platform. Each imports what it needs when it is called."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from .kernel import postgres, settings, work_user
from .kernel.postgres_software import StartFailed

if TYPE_CHECKING:
    from flask import Flask


@contextmanager
def application(*, work: bool = False) -> Iterator["Flask"]:
    """The application inside its context, on a database that runs for at least as long as the command; `work`: as
    the user who may do what acts need and no more."""
    from app import create_app

    try:
        if os.environ.get("DATABASE_URL"):
            made = create_app()
            with made.app_context():
                yield made
        else:
            with postgres.running(settings.home(), say=click.echo) as address:
                chosen = {"SQLALCHEMY_DATABASE_URI": work_user.address(address)} if work else {}
                made = create_app(chosen)
                with made.app_context():
                    yield made
    except StartFailed as failure:
        raise click.ClickException(str(failure)) from failure


@click.command(help="启动平台：数据库、网页服务和后台任务。")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="端口；0 表示自动选择（默认 8000）")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--fresh", is_flag=True, help="先清空内置数据库，重新载入演示数据")
def serve(port: int | None, host: str, fresh: bool) -> None:
    from .serve import DEFAULT_PORT, WEB_PROCESS, Server

    try:
        chosen = DEFAULT_PORT if port is None else port
        server = Server(host, chosen, fresh=fresh, target=os.environ.get("XQ_SERVE_TARGET", WEB_PROCESS))
    except StartFailed as failure:
        raise click.ClickException(str(failure)) from failure
    sys.exit(server.run())


@click.command(help="单独运行后台任务进程，直到 Ctrl-C。网页进程设 XQ_WORKER=0 即不再自带。")
def worker() -> None:
    from .kernel import logs, run_folder

    logs.install()
    run_folder.share_metrics(settings.home())
    with application(work=True) as app:
        from app.kernel import heartbeat
        from app.kernel import worker as background

        heartbeat.start(app, "worker")

        click.echo("后台任务进程已启动，Ctrl-C 结束 · worker running")
        background.run_forever(app)


@click.command(help="只运行内置数据库，直到 Ctrl-C；打印连接地址。")
def database() -> None:
    from .kernel.backup import service as backup

    ended: list[int] = []
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, lambda number, _: ended.append(number))
    supervisor = postgres.Supervisor(
        settings.home(), say=lambda line: click.echo(line, err=True), beside=backup.beside()
    )
    try:
        click.echo(supervisor.start())
        while not ended:
            time.sleep(0.25)
            supervisor.tend()
    except StartFailed as failure:
        raise click.ClickException(str(failure)) from failure
    finally:
        supervisor.stop()


@click.command(help="升级数据表。--autogenerate 按模型与数据库的差别写出下一个迁移。")
@click.option("--autogenerate", metavar="NAME", help="写出名为 NAME 的新迁移，不执行")
@click.option("--check", is_flag=True, help="只检查：有未执行的迁移时以 1 退出")
def migrate(autogenerate: str | None, check: bool) -> None:
    with application():
        from .kernel import migrations
        from .kernel.db import db

        if autogenerate:
            migrations.upgrade(db.engine)
            migrations.write(db.engine, autogenerate)
            return
        if not check:
            migrations.upgrade(db.engine)
        with db.engine.connect() as connection:
            current = migrations.applied(connection) == migrations.heads()
        click.echo("数据表已是最新。" if current else "有未执行的迁移：运行 script/xq migrate。")
        if not current:
            sys.exit(1)


@click.command(help="升级数据表，载入岗位和演示城市；设 XQ_DEMO=0 则不载入演示城市。")
def prepare() -> None:
    with application():
        from .kernel import migrations
        from .kernel.db import db

        migrations.upgrade(db.engine)
        if os.environ.get("XQ_DEMO") != "0":
            _load_demo()
        else:
            _load_positions()
        _load_known_changes()


@click.group(help="演示数据。")
def demo() -> None:
    pass


@demo.command("load", help="载入演示城市；已载入的部分不再重复。")
def load_demo() -> None:
    with application():
        click.echo("演示数据已载入。" if _load_demo() else "演示数据此前已经载入。")


@demo.command("accounts", help="列出演示账号。")
def demo_accounts() -> None:
    with application():
        from .demo import accounts
        from .kernel.db import db

        for login, password, who in accounts(db.session()):
            click.echo(f"{login:<18} {password:<18} {who}")


def _load_demo() -> bool:
    from . import demo as demonstration
    from .kernel import facts
    from .kernel.transaction import transaction
    from .serve import state

    with transaction() as session:
        news = demonstration.load(session)
        facts.put(session, "prepared", state())
    return news


def _load_known_changes() -> None:
    """Statutes by name and day, repeals and amendments that the release knows of, and the work for the items there are."""
    from .catalogue import service as catalogue
    from .kernel.transaction import transaction

    with transaction() as session:
        catalogue.register_statutes(session)
        catalogue.load_known(session)
        catalogue.refresh_citations(session)


def _load_positions() -> None:
    from .kernel import facts
    from .kernel.transaction import transaction
    from .people.demo import load_positions
    from .serve import state

    with transaction() as session:
        load_positions(session)
        facts.put(session, "prepared", state(demo=False))
