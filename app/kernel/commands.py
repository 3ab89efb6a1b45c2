"""`script/xq keys`: the keys of sealed data."""

from datetime import UTC, datetime, timedelta

import click

from . import keys, resealing
from .clock import CHINA
from .db import db
from .transaction import transaction


@click.group("keys", help="数据密钥：状态、更换、重新加密。")
def commands() -> None:
    pass


@commands.command("status", help="列出各把密钥，以及每类数据分别由哪把密钥加密。")
@click.pass_obj
def status(opened) -> None:
    with opened():
        ring = keys.ring(fresh=True)
        current, now = ring.sealing().id, datetime.now(UTC)
        click.echo(f"密钥环 {keys.path() or 'XQ_DATA_KEYS'}，指纹 {ring.fingerprint}")
        for key in sorted(ring.keys.values(), key=lambda key: key.id):
            state = "正在使用" if key.id == current else "等待启用" if key.since > now else "只用于解密"
            click.echo(f"  {key.id:>3} 号  {state}  自 {key.since.astimezone(CHINA):%Y-%m-%d %H:%M}")
        older = 0
        for where, counts in resealing.counts(db.session()).items():
            older += sum(count for number, count in counts.items() if number != current)
            words = "，".join(f"{number} 号 {count}" for number, count in counts.items()) or "无数据"
            click.echo(f"  {where:<22} {words}")
        click.echo(
            f"还有 {older} 条数据由旧密钥加密：script/xq keys reencrypt"
            if older
            else "全部数据由当前密钥加密。"
        )


@commands.command("rotate", help="加入一把新密钥，此后的数据用它加密；旧数据仍可读取。")
@click.option(
    "--delay", type=click.IntRange(0, 24 * 30), default=0, help="多少小时后启用（先把文件复制到各台机器）"
)
def rotate(delay: int) -> None:
    key = keys.rotate(timedelta(hours=delay))
    click.echo(f"已加入 {key.id} 号密钥，自 {key.since.astimezone(CHINA):%Y-%m-%d %H:%M} 起启用。")
    click.echo(
        f"请立即另行备份 {keys.path()}，与数据库备份分开保管。旧数据改用新密钥：script/xq keys reencrypt"
    )


@commands.command("reencrypt", help="用当前密钥重新加密旧密钥加密的数据和文件（后台分批进行）。")
@click.pass_obj
def reencrypt(opened) -> None:
    with opened(), transaction() as session:
        asked = resealing.begin(session)
    click.echo(f"已提交 {asked} 个后台任务，进度见 script/xq keys status。")
