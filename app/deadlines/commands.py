"""`script/xq calendar`: how far the working calendar is published, and the import of a year's notice."""

import csv
import getpass
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction

from . import service
from .calendar import Kind
from .calendars import DayChange
from .clocks import open_states
from .models import CalendarEdition, Clock

Opened = Callable[[], AbstractContextManager[Any]]
WORDS = {Kind.WORK: "上班", Kind.REST: "休息"}
READ = {**{str(kind): kind for kind in Kind}, **{word: kind for kind, word in WORDS.items()}}
WEEKDAYS = "一二三四五六日"


@click.group(help="工作日历：状态、导入放假通知。")
def calendar() -> None:
    pass


@calendar.command("status", help="日历公布到哪一天、最近的导入、尚不确定的计时；缺下一年安排时提示。")
@click.pass_obj
def status(opened: Opened) -> None:
    with opened():
        session = db.session()
        days = service.calendar(session)
        click.echo(f"已公布至：{days.official_until}（此后为推算，期限显示为暂定）")
        editions = select(CalendarEdition).order_by(CalendarEdition.id.desc()).limit(5)
        for edition in session.scalars(editions):
            at = edition.at.astimezone(clock.CHINA)
            where = f"，仅 {edition.region}" if edition.region else ""
            click.echo(
                f"  {edition.year} 年{where}：{edition.source}；{at:%Y-%m-%d %H:%M} {edition.by_name or '系统'}导入，"
                f"改动 {len(edition.difference)} 天，重算 {edition.recomputed} 个计时"
            )
        waiting = session.scalar(
            select(func.count()).where(Clock.provisional, Clock.state.in_(open_states()))
        )
        click.echo(f"暂定期限的在办计时：{waiting} 个")
        if year := service.missing_year(days, clock.today()):
            click.echo(f"缺少 {year} 年的放假安排：请用 script/xq calendar import 导入国务院办公厅的通知。")


@calendar.command("import", help="导入一年的放假通知：CSV 文件，列 date,kind（work 上班 / rest 休息）。")
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="通知的名称和文号，例如“国办发明电〔2026〕7号”")
@click.option("--dry-run", is_flag=True, help="只显示改动，不导入")
@click.option("--yes", is_flag=True, help="不再询问，直接导入")
@click.pass_obj
def import_(opened: Opened, file: Path, source: str, dry_run: bool, yes: bool) -> None:
    rows = read(file)
    year = max(day.year for day, _ in rows)
    with opened():
        with transaction() as session:
            changes = service.preview_notice(session, year, rows)
        _show(year, changes)
        if dry_run:
            click.echo("只作预览，没有导入。")
            return
        if not yes:
            click.confirm("确认导入？", abort=True)
        with transaction() as session:
            done = service.import_notice(session, year, rows, source=source, actor=_operator())
    more = "，其余在后台继续" if done.pending else ""
    click.echo(f"已导入 {year} 年安排：改动 {len(done.changes)} 天，重算 {done.recomputed} 个计时{more}。")


def read(file: Path) -> list[tuple[date, Kind]]:
    """The days of a notice from a CSV file with the columns `date` and `kind`; lines with # are remarks.

    Raises:
        Invalid: the file has other columns, a line that is not understood, or no day at all.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Invalid("文件不是 UTF-8 编码，请另存为 UTF-8 的 CSV。") from error
    table = csv.DictReader(line for line in lines if line.strip() and not line.startswith("#"))
    if not {"date", "kind"} <= set(table.fieldnames or ()):
        raise Invalid("文件第一行应为列名 date,kind。")
    found = []
    for number, row in enumerate(table, 1):
        try:
            found.append((date.fromisoformat((row["date"] or "").strip()), READ[(row["kind"] or "").strip()]))
        except (ValueError, KeyError) as error:
            raise Invalid(
                f"第 {number} 天“{row['date']},{row['kind']}”不能识别：日期写成 2027-01-01，类型写成 work 或 rest。"
            ) from error
    if not found:
        raise Invalid("文件中没有日期。")
    return found


def _show(year: int, changes: Sequence[DayChange]) -> None:
    click.echo(f"{year} 年与现行日历不同的日期：{len(changes)} 天")
    for change in changes:
        day = f"{change.date}（周{WEEKDAYS[change.date.weekday()]}）"
        click.echo(f"  {day} {WORDS[change.before]} → {WORDS[change.after]}")


def _operator() -> Actor:
    """Whoever sits at the machine: the record names the system's user, there is no account behind it."""
    name = f"命令行（{getpass.getuser()}）"
    return Actor(0, None, name, 0, "", "", frozenset({Role.ADMIN}), frozenset())
