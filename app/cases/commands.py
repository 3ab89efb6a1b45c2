"""`script/xq procedure`: check a procedure as it lies on disk, publish it, list what is published.

It stands in this room because the gate a procedure passes looks at forms, documents and engine together.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import click
from sqlalchemy import func, select

from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion
from app.diagrams.rules import Rules, parse
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.kernel.transaction import transaction

from .models import Case, CaseStatus
from .packages import whence
from .publication import gate

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
        number = diagrams.publish(session, bundle, gate).number
    if newest is not None and number < newest:
        click.echo(f"内容与第 {number} 版相同，没有发布；现行的是第 {newest} 版。")
    elif number == newest:
        click.echo(f"内容与现行的第 {number} 版相同，没有变化。")
    else:
        click.echo(f"“{rules.name}”（{key}）第 {number} 版已发布。")


@procedure.command("list", help="列出流程：磁盘上的和已发布的、各版本的在办数量。")
@click.pass_obj
def listing(opened: Opened) -> None:
    on_disk = {p.parent.relative_to(ROOT / "bpmn").as_posix() for p in (ROOT / "bpmn").rglob("internal.bpmn")}
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
