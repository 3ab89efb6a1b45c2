"""`script/xq procedure export`, `import`, `shipped`: procedures between installations, and what a release ships."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.kernel.auth import Actor
from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.kernel.transaction import transaction
from app.people import service as people
from app.people.models import Account

from . import packages
from .commands import procedure

Opened = Callable[[], AbstractContextManager[Any]]


@procedure.command(
    "export", help="导出一个已发布的版本为 ZIP，供另一安装导入。流程代码后可加 @版本号，不加为最新版。"
)
@click.argument("name", metavar="流程代码[@版本号]")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def export(opened: Opened, name: str, file: Path) -> None:
    with opened():
        session = db.session()
        version = packages.version_named(session, name)
        found = diagrams.procedure(session, version)
        _, content = packages.of_version(session, version)
    file.write_bytes(content)
    click.echo(
        f"“{found.name}”（{found.version}）已导出到 {file}：{len(content) // 1024} KB，摘要 {found.digest}。"
    )


@procedure.command("import", help="把另一安装导出的 ZIP 导入为草稿；送审批准后才能发布。")
@click.argument("file", metavar="文件", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.option("--by", "login", metavar="账号", required=True, help="流程配置人员的账号，草稿归其机关")
@click.pass_obj
def take_in(opened: Opened, file: Path, login: str) -> None:
    password = click.prompt(f"{login} 的密码", hide_input=True, err=True)
    with opened():
        with transaction() as session:
            signed_in = people.sign_in(session, login, password)
            people.sign_out(session, signed_in.token)
        if signed_in.outcome != people.SignInOutcome.OK:
            raise click.ClickException("账号或者密码不对，或者账号已被锁定、停用。")
        with transaction() as session:
            draft = packages.take_in(session, _actor(session, login), file.read_bytes())
            click.echo(
                f"已导入为草稿 {draft.id}：“{draft.name}”（{draft.key}），请在流程工作室中证明、试运行后送审。"
            )


def _actor(session: Session, login: str) -> Actor:
    officer_id = session.scalar(select(Account.officer_id).where(Account.login == login))
    if officer_id is None:
        raise Forbidden("流程草稿由流程配置岗的人员维护。")
    return people.actor_of(session, officer_id)


@procedure.command("shipped", help="发行：列出磁盘上各流程的内容摘要；--write 写出随附流程清单。")
@click.option("--write", is_flag=True, help="按磁盘上的流程重写随附流程清单")
def shipped(write: bool) -> None:
    found = on_disk()
    if write:
        diagrams.write_shipped(found)
    known = found if write else diagrams.shipped()
    for key, digest in found.items():
        click.echo(f"{digest}  {key}{'' if known.get(key) == digest else '  [与随附流程清单不符]'}")


def on_disk() -> Mapping[str, str]:
    """The digest of every procedure below `bpmn/`, by its key."""
    return {key: diagrams.from_folder(key).digest for key in diagrams.on_disk()}
