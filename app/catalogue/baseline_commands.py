"""`script/xq baselines`: check discretion baselines, take them in, list them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.people import service as people

from . import baselines as kept
from .baselines import Entry
from .discretion import Severity

Opened = Callable[[], AbstractContextManager[Any]]
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
WORDS = {Severity.BLOCK: "阻止", Severity.WARN: "提示", Severity.NOTE: "说明"}
ORIGINS = {kept.OFFICIAL: "上级标准", kept.LOCAL: "本地起草"}


@click.group(help="裁量基准：检查、载入、清单。")
def baselines() -> None:
    pass


@baselines.command("check", help="检查文件中的裁量基准：幅度、空档、重叠、条件互斥和覆盖。")
@click.argument("file", metavar="文件", type=FILE)
@click.option("--official", is_flag=True, help="上级机关发布的标准：缺陷只提示，不阻止。")
def check(file: Path, official: bool) -> None:
    found = kept.read(file, official=official)
    _tell(found)
    refused = sum(not entry.usable for entry in found)
    click.echo(f"共 {len(found)} 条，可以载入 {len(found) - refused} 条，不能载入 {refused} 条。")
    if refused:
        raise click.exceptions.Exit(1)


@baselines.command(
    "load", help="载入裁量基准；内容相同的不重复，有改动的成为新版本。有一条不能载入就都不载入。"
)
@click.argument("file", metavar="文件", type=FILE)
@click.option("--agency", required=True, metavar="机关代码", help="由哪个机关适用。")
@click.option("--official", is_flag=True, help="上级机关发布的标准：缺陷只提示，不阻止。")
@click.option(
    "--approved",
    default="",
    metavar="文号",
    help="本地起草、此前已经合法性审核的：审核意见的文号。不写的作为未审核的草稿载入，审核公布以前不能引用。",
)
@click.pass_obj
def load(opened: Opened, file: Path, agency: str, official: bool, approved: str) -> None:
    if official and approved:
        raise Invalid("上级机关发布的标准不需要审核文号，请去掉 --official 或者 --approved。")
    found = kept.read(file, official=official)
    _tell(found)
    with opened(), transaction() as session:
        to = people.agency_id_of(session, agency)
        changed = kept.load(session, to, found, official=official, approval=approved)
    click.echo(f"读到 {len(found)} 条，新增或者更新 {changed} 条。")
    if not official and not approved:
        click.echo("未经审核，不能引用：请在事项编制页面以它为底稿，随事项送审。")


@baselines.command("list", help="列出已载入的裁量基准及各版本。")
@click.pass_obj
def listing(opened: Opened) -> None:
    with opened():
        rows = kept.of_agency(db.session())
        names = {row.agency_id: people.agency(db.session(), row.agency_id).name for row in rows}
        for row in rows:
            since = row.effective_from or "施行日期未写明"
            state = (
                ""
                if row.origin == kept.OFFICIAL
                else f"（{'审核：' + row.approval if row.approval else '未审核'}）"
            )
            told = f"第{row.number}版  {ORIGINS[row.origin]}{state}  {since}  {row.violation}"
            click.echo(f"{names[row.agency_id]}  {row.key}  {told}")
    click.echo(f"共 {len(rows)} 条。")


def _tell(found: Sequence[Entry]) -> None:
    for entry in found:
        title = entry.baseline.violation if entry.baseline else "不能读取"
        click.echo(f"第{entry.place}条  {entry.key or '无编号'}  {title}")
        for text in entry.errors:
            click.echo(f"    错误：{text}")
        for problem in entry.problems:
            basis = f"（{problem.basis}）" if problem.basis else ""
            click.echo(f"    {WORDS[problem.severity]}：{problem.message}{basis}")
    if not found:
        raise Invalid("文件中没有裁量基准。")
