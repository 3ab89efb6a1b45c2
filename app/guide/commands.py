"""`script/xq manual`: the manuals of all published procedures as PDF."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from app.kernel.db import db
from app.people import service as people

from . import manual as book
from .manual_views import in_force

Opened = Callable[[], AbstractContextManager[Any]]


@click.group(help="操作手册：由已发布的流程生成 PDF。")
def manual() -> None:
    pass


@manual.command("write", help="把每个已发布流程的操作手册写到文件夹。")
@click.argument("folder", metavar="文件夹", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def write(opened: Opened, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with opened():
        session = db.session()
        positions = people.position_names(session)
        found = in_force(session)
        for procedure in found:
            file = folder / book.file_name(procedure)
            file.write_bytes(book.pdf(procedure, positions))
            click.echo(f"{file}  《{procedure.name}操作手册》第 {procedure.number} 版")
    click.echo(f"共 {len(found)} 本。")
