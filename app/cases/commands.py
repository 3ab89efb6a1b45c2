"""`script/xq procedure`: check a procedure as it lies on disk, publish it, list what is published.

It stands in this room because the gate a procedure passes looks at forms, documents and engine together.
"""

import gzip
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion
from app.diagrams.rules import Rules, parse
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.people import service as people

from . import event_log, sight
from .models import Case, CaseStatus
from .moving_commands import actor_named, sign_in
from .packages import whence
from .publication import gate, gate_of_release

Opened = Callable[[], AbstractContextManager[Any]]


@click.group(help="流程：检查、发布、清单、导出和导入。")
def procedure() -> None:
    pass


@procedure.command("check", help="检查 bpmn/流程代码 下的流程能否发布；不能时列出理由并以 1 退出。")
@click.argument("key", metavar="流程代码")
def check(key: str) -> None:
    bundle, rules = _read(key)
    _refuse(key, gate(bundle, rules))
    click.echo(
        f"“{rules.name}”（{key}）可以发布：{len(bundle.forms)} 个表单，{len(rules.clocks)} 个法定计时。"
    )


@procedure.command(
    "publish", help="发布本版平台随附的流程：新发起的办件用新版本，在办的办件仍用原版本。其他内容须送审批准。"
)
@click.argument("key", metavar="流程代码")
@click.pass_obj
def publish(opened: Opened, key: str) -> None:
    bundle, rules = _read(key)
    _refuse(key, gate(bundle, rules))
    with opened(), transaction() as session:
        newest = session.scalar(select(func.max(ProcedureVersion.number)).where(ProcedureVersion.key == key))
        number = diagrams.publish(session, bundle, gate_of_release(session)).number
    if newest is not None and number < newest:
        click.echo(f"内容与第 {number} 版相同，没有发布；现行的是第 {newest} 版。")
    elif number == newest:
        click.echo(f"内容与现行的第 {number} 版相同，没有变化。")
    else:
        click.echo(f"“{rules.name}”（{key}）第 {number} 版已发布。")


@procedure.command(
    "log", help="导出一个版本的事件日志（XES，IEEE 1849），供流程挖掘工具使用；不含人员、当事人和案件内容。"
)
@click.argument("key", metavar="流程代码")
@click.option("--version", "number", metavar="版本号", type=click.IntRange(1), help="默认现行版本")
@click.option("--agency", metavar="机关代码", help="默认账号范围内的全部机关")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="发起自，默认一年前")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="发起至，默认今天")
@click.option(
    "--by", "login", metavar="账号", required=True, help="流程配置人员、执法监督人员或者机关负责人的账号"
)
@click.option(
    "--out",
    "path",
    metavar="文件",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="写到这个文件；以 .gz 结尾则压缩",
)
@click.pass_obj
def log(
    opened: Opened,
    key: str,
    number: int | None,
    agency: str | None,
    since: datetime | None,
    until: datetime | None,
    login: str,
    path: Path,
) -> None:
    with opened():
        sign_in(login)
        session = db.session()
        version = diagrams.by_name(session, f"{key}@{number}") if number else diagrams.current(session, key)
        agency_id = people.agency_id_of(session, agency) if agency else None
        days = (since.date() if since else None, until.date() if until else None)
        asked = sight.filter_of(session, actor_named(session, login), version.id, agency_id, *days)
        with gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb") as file:
            count = event_log.write(session, asked, file)
        click.echo(f"“{version.name}”第 {version.number} 版：{count} 件案件的事件日志已写入 {path}。")


@procedure.command("list", help="列出流程：磁盘上的和已发布的、各版本的在办数量。")
@click.pass_obj
def listing(opened: Opened) -> None:
    on_disk = set(diagrams.on_disk())
    with opened():
        running = (
            select(func.count())
            .where(Case.procedure_id == ProcedureVersion.id, Case.status == CaseStatus.OPEN)
            .scalar_subquery()
        )
        columns = (ProcedureVersion.key, ProcedureVersion.number, ProcedureVersion.name)
        more = (ProcedureVersion.origin, ProcedureVersion.note, ProcedureVersion.effective_on)
        rows = db.session.execute(
            select(*columns, ProcedureVersion.published_at, ProcedureVersion.digest, running, *more).order_by(
                ProcedureVersion.key, ProcedureVersion.number
            )
        ).all()
    for key in sorted(on_disk | {row[0] for row in rows}):
        mine = [row for row in rows if row[0] == key]
        click.echo(f"{key}  {mine[-1][2] if mine else '尚未发布'}{_difference(key, mine, key in on_disk)}")
        for _, number, _, at, _, cases, origin, note, effective_on in mine:
            day = f"  自 {effective_on} 起施行" if effective_on else ""
            click.echo(
                f"  第 {number} 版  {at.astimezone(clock.CHINA):%Y-%m-%d %H:%M} 发布{day}"
                f"  {whence(origin, note)}  在办 {cases} 件"
            )


def _difference(key: str, versions: Sequence[Any], on_disk: bool) -> str:
    if not on_disk:
        return "  [磁盘上已没有]"
    if not versions:
        return ""
    try:
        return "" if diagrams.from_folder(key).digest == versions[-1][4] else "  [磁盘上有未发布的修改]"
    except Invalid as error:
        return f"  [{error.message}]"


def _read(key: str) -> tuple[diagrams.Bundle, Rules]:
    bundle = diagrams.from_folder(key)
    return bundle, parse(bundle.rules, bundle.tables)


def _refuse(key: str, reasons: Sequence[str]) -> None:
    if not reasons:
        return
    click.echo(f"流程“{key}”不能发布，共 {len(reasons)} 处：", err=True)
    for number, reason in enumerate(reasons, 1):
        click.echo(f"  {number}. {reason}", err=True)
    sys.exit(1)
