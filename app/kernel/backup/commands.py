"""`script/xq backup` and `script/xq restore`."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from .. import clock, migrations, settings
from ..db import db
from . import checks, content, keys, service, trial
from .errors import BackupError, NeedsFull
from .manifest import Kind, Manifest
from .place import Place, shown
from .prune import prune as prune_place
from .restore import restore as restore_place
from .take import Source, take
from .verify import verify as verify_place

Opened = Callable[[], AbstractContextManager[Any]]
KEEP_FULL, KEEP_DAYS = 5, 35
"""What the scheduled backup keeps."""

place_option = click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="备份位置（目录）；不给出时用 XQ_BACKUP"
)
keys_option = click.option(
    "--with-keys",
    "phrase",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="口令文件",
    help="把密钥用口令加密后一并存入（默认不存）",
)


@click.group(help="备份：全量、增量、清单、核对、清理。")
def backup() -> None:
    pass


@backup.command("full", help="全量备份：整个数据库和全部文件。平台照常运行。")
@place_option
@keys_option
@click.pass_obj
def full(opened: Opened, folder: Path | None, phrase: Path | None) -> None:
    _take(opened, folder, Kind.FULL, phrase)


@backup.command("incremental", help="增量备份：上次备份以来变动的数据和新文件。平台照常运行。")
@place_option
@keys_option
@click.pass_obj
def incremental(opened: Opened, folder: Path | None, phrase: Path | None) -> None:
    _take(opened, folder, Kind.INCREMENTAL, phrase)


@backup.command("scheduled", help="到期才备份（每周全量、每天增量），随后清理旧备份；由后台任务每小时调用。")
@click.pass_obj
def scheduled(opened: Opened) -> None:
    place = Place(_folder(None))
    kind = service.due(place, clock.now())
    if kind is None:
        click.echo("还没有到下一次备份的时间。")
        return
    try:
        _take(opened, None, kind, None)
    except NeedsFull as error:
        click.echo(error.message)
        _take(opened, None, Kind.FULL, None)
    _prune(place, KEEP_FULL, KEEP_DAYS)


@backup.command("list", help="列出备份和可以恢复到的时刻。")
@place_option
def listing(folder: Path | None) -> None:
    place = Place(_folder(folder))
    place.check()
    for each in place.all():
        size = sum(part["size"] for part in each.parts.values()) / 2**20
        click.echo(
            f"{each.id:<36} {each.words}  {shown(each.moment)}  {size:>8.1f} MiB"
            f"  文件 {each.files['total']} 份，新增 {each.files['added']} 份{'  含密钥' if each.keys else ''}"
        )
    told = service.reach(place)
    click.echo(f"可以恢复到的时刻：{shown(told[0])} 至 {shown(told[1])}。" if told else "还没有完整的备份。")


@backup.command(
    "verify", help="核对备份：每个文件的摘要、备份链、预写日志；--restore 再实际恢复一次。有问题时以 1 退出。"
)
@click.argument("ident", metavar="[备份]", required=False)
@click.option("--restore", "really", is_flag=True, help="实际恢复到临时目录，启动数据库并逐项检查")
@place_option
@click.pass_obj
def verify(opened: Opened, ident: str | None, really: bool, folder: Path | None) -> None:
    place = Place(_folder(folder))
    place.check()
    chosen = place.get(ident) if ident else None
    found = verify_place(place, chosen, click.echo)
    if really and not found:
        found = trial.rehearse(place, chosen, opened, click.echo)
    _conclude(found, "备份完好。")


@backup.command("prune", help="清理旧备份及不再需要的预写日志和文件。")
@click.option(
    "--keep-full", type=click.IntRange(1), default=KEEP_FULL, show_default=True, help="至少保留的全量备份数"
)
@click.option(
    "--keep-days", type=click.IntRange(0), default=KEEP_DAYS, show_default=True, help="这些天内的都保留"
)
@place_option
def prune(keep_full: int, keep_days: int, folder: Path | None) -> None:
    _prune(Place(_folder(folder)), keep_full, keep_days)


@click.command(help="把备份恢复到一个新的数据目录：最新状态，或某一时刻。")
@click.option("--from", "folder", required=True, type=click.Path(path_type=Path), help="备份位置")
@click.option("--backup", "ident", metavar="备份", help="从哪一份备份恢复；默认自动选择")
@click.option(
    "--until", metavar="时刻", help='恢复到这一时刻，如 "2026-11-21 14:05:00+08:00"；不写时区即北京时间'
)
@click.option("--latest", is_flag=True, help="恢复到最新状态（默认）")
@click.option("--into", required=True, type=click.Path(path_type=Path), help="新的数据目录（不存在或为空）")
@click.option(
    "--keys",
    "phrase",
    type=click.Path(path_type=Path, exists=True),
    metavar="口令文件",
    help="打开备份中的密钥",
)
@click.pass_obj
def restore(
    opened: Opened,
    folder: Path,
    ident: str | None,
    until: str | None,
    latest: bool,
    into: Path,
    phrase: Path | None,
) -> None:
    if until and latest:
        raise click.UsageError("--until 和 --latest 只能给出一个。")
    place, target = Place(folder.resolve()), into.resolve()
    service.refuse_inside(place.folder, target)
    secret = keys.passphrase(phrase) if phrase else None
    made = restore_place(
        place, target, backup=ident, until=moment(until) if until else None, passphrase=secret, say=click.echo
    )
    click.echo(f"已恢复：备份 {made.backup.id}，文件 {made.files} 份。")
    if made.until:
        click.echo(f"数据库恢复到 {shown(made.until)}：此前提交的都在，此后的都不在。")
    if made.last:
        click.echo(f"最后一笔提交在 {shown(made.last)}。")
    else:
        click.echo(f"备份完成（{shown(made.backup.moment)}）之后没有重放新的提交。")
    found = [f"备份位置缺少或损坏的文件：{digest}" for digest in made.absent]
    found += trial.check(target, target / "files", opened, click.echo)
    if secret is None:
        click.echo(
            f"密钥不在备份内：请把另行保管的 secret_key（和 keys 目录）放进 {target}，否则签名和二维码失效。"
        )
    click.echo(f"启动：XQ_HOME={target} script/server")
    click.echo("恢复出来的数据库须使用新的备份位置（XQ_BACKUP 设为空目录）。")
    _conclude(found, "检查通过。")


def moment(given: str) -> datetime:
    """A moment from the command line; without a zone it is China Standard Time."""
    try:
        found = datetime.fromisoformat(given.strip())
    except ValueError:
        raise click.UsageError(f'看不懂时刻“{given}”；写法如 "2026-11-21 14:05:00+08:00"。') from None
    return (found if found.tzinfo else found.replace(tzinfo=clock.CHINA)).astimezone(UTC)


def _folder(given: Path | None) -> Path:
    folder = given.resolve() if given else settings.backup_place()
    if folder is None:
        raise BackupError("请用 --to 给出备份位置，或设置 XQ_BACKUP。", code="backup_place")
    service.refuse_inside(folder, settings.home())
    return folder


def _take(opened: Opened, folder: Path | None, kind: Kind, phrase: Path | None) -> Manifest:
    place = Place(_folder(folder))
    secret = keys.passphrase(phrase) if phrase else None
    if settings.sockets(settings.load()["SQLALCHEMY_DATABASE_URI"]) is None:
        if kind == Kind.INCREMENTAL:
            raise BackupError(
                "数据库由您自己的 PostgreSQL 提供（DATABASE_URL），平台不能对它做增量备份和任意时刻恢复；"
                "请由数据库管理员设置连续归档。script/xq backup full 可以做逻辑导出（含文件）。"
            )
        click.echo(
            "数据库由 DATABASE_URL 提供：做逻辑导出，只能恢复到导出的时刻；任意时刻恢复请由数据库管理员设置连续归档。"
        )
        kind = Kind.DUMP
    continuous = place.folder == settings.backup_place()
    with opened() as app:
        made = take(place, source_of(app), kind, archive=continuous, passphrase=secret, say=click.echo)
    click.echo(f"备份完成：{made.id}，数据到 {shown(made.moment)}，文件 {made.files['total']} 份。")
    if kind != Kind.DUMP and not continuous:
        click.echo("这个备份位置没有连续归档（XQ_BACKUP 未指向它）：只能恢复到各次备份的时刻。")
    if secret is None:
        _tell_keys()
    return made


def _tell_keys() -> None:
    if os.environ.get("XQ_SECRET_KEY"):
        click.echo("签名密钥来自环境变量 XQ_SECRET_KEY，不在备份内，请另行保管。")
    for _, path in keys.found(settings.home()):
        click.echo(f"密钥不在备份内，请另行保管：{path}")


def source_of(app: Any) -> Source:
    """What is backed up of an application (inside its context)."""
    with db.engine.connect() as connection:
        revision = sorted(migrations.applied(connection))
    address = app.config["SQLALCHEMY_DATABASE_URI"]
    facts = checks.facts(db.session()) if revision else {}
    db.session.remove()
    return Source(address, settings.sockets(address), settings.home(), app.config["FILES"], revision, facts)


def _prune(place: Place, keep_full: int, keep_days: int) -> None:
    stored = set(content.stored(settings.files()))
    removed = prune_place(place, clock.now(), keep_full, keep_days, stored)
    click.echo(f"清理了 {len(removed)} 份旧备份。" if removed else "没有可以清理的旧备份。")


def _conclude(found: list[str], well: str) -> None:
    for line in found:
        click.echo(line, err=True)
    if found:
        click.echo(f"发现 {len(found)} 个问题。", err=True)
        sys.exit(1)
    click.echo(well)
