"""`script/xq items import|export|template`: tables of power items in and out."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.sheets import Table
from app.kernel.transaction import transaction
from app.people import service as people
from app.people.models import Agency

from . import citing, intake, outflow
from .intake import Written
from .item_rows import Read

Opened = Callable[[], AbstractContextManager[Any]]
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command(
    "import",
    help="从表格（.xlsx、.csv）导入事项为草稿。逐行列出全部错误；有错误时不写入，除非写明 --valid-only。"
    "同一文件再次导入不会重复。",
)
@click.argument("file", metavar="文件", type=FILE)
@click.option("--agency", metavar="机关代码", help="导入到哪个机关；不写的，文件须有“实施机关代码”列。")
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
@click.option("--valid-only", is_flag=True, help="写入没有错误的行。")
@click.option("--marked", "out", metavar="文件", type=OUT, help="把标出错误的表格另存为这个 .xlsx 文件。")
@click.pass_obj
def take_in(
    opened: Opened, file: Path, agency: str | None, dry_run: bool, valid_only: bool, out: Path | None
) -> None:
    with opened(), transaction() as session:
        agency_id = people.agency_id_of(session, agency) if agency else None
        told = intake.known(session, None, agency_id)
        table, read = intake.check(session, file.read_bytes(), file.name, told)
        _tell(session, table, read, out)
        if dry_run or (read.faults and not valid_only):
            _would(intake.compare(session, read.rows))
        else:
            _written(session, read)
    if read.faults and not (valid_only or dry_run):
        raise click.ClickException(
            "有错误，没有写入。请修改后重新导入，或者用 --valid-only 写入没有错误的行。"
        )
    if read.faults:
        raise click.exceptions.Exit(1)


def _tell(session: Session, table: Table, read: Read, out: Path | None) -> None:
    hints = intake.hints(session, read.rows, clock.today())
    for fault in read.faults:
        click.echo(f"{fault.ref}　错误：{fault.message}")
    for fault in hints:
        click.echo(f"{fault.ref}　提示：{fault.message}")
    if read.unused:
        click.echo(f"没有使用的列：{'、'.join(read.unused)}。")
    told = f"共 {len(table.rows)} 行：可以导入 {len(read.rows)} 行，有错误 {len(read.refused)} 行"
    click.echo(told + (f"，不属于本机关 {len(read.elsewhere)} 行。" if read.elsewhere else "。"))
    if out:
        out.write_bytes(intake.marked(table, [*read.faults, *hints]))


def _would(done: Written) -> None:
    click.echo(f"没有写入。将新增 {done.new} 项，修改草稿 {done.changed} 项，没有变化 {done.same} 项。")


def _written(session: Session, read: Read) -> None:
    done = Written()
    for at in range(0, len(read.rows), intake.PART):
        done += intake.put(session, read.rows[at : at + intake.PART])
        if len(read.rows) > intake.PART:
            click.echo(f"  {min(at + intake.PART, len(read.rows))} / {len(read.rows)}")
    citing.refresh(session)
    click.echo(f"新增草稿 {done.new} 项，修改草稿 {done.changed} 项，没有变化 {done.same} 项。")


@click.command("export", help="导出事项目录或者要素清单；按文件名为 .xlsx 或者 .csv。")
@click.argument("out", metavar="文件", type=OUT)
@click.option("--agency", "codes", multiple=True, metavar="机关代码", help="哪个机关，可以多次；不写为全部。")
@click.option("--elements", is_flag=True, help="要素清单（依据、流程、裁量、人员）。")
@click.pass_obj
def give_out(opened: Opened, out: Path, codes: tuple[str, ...], elements: bool) -> None:
    if out.suffix.lower() not in (".xlsx", ".csv"):
        raise Invalid("文件名应以 .xlsx 或者 .csv 结尾。")
    with opened():
        session = db.session()
        agencies: Collection[int] = [people.agency_id_of(session, code) for code in codes] or list(
            session.scalars(select(Agency.id))
        )
        made = (
            outflow.elements(session, agencies, clock.today())
            if elements
            else outflow.catalogue(session, agencies)
        )
    out.write_bytes(made.as_csv() if out.suffix.lower() == ".csv" else made.as_xlsx())
    click.echo(f"{made.title}　{len(made.rows)} 项 → {out.name}")


@click.command("template", help="写出空的导入模板（.xlsx）。")
@click.argument("out", metavar="文件", type=OUT)
def template(out: Path) -> None:
    out.write_bytes(intake.template())
    click.echo(f"模板 → {out.name}")
