"""`script/xq doctor`: is everything there that the platform needs? One line a check, in plain words."""

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from .commands import application
from .kernel import clock, migrations, settings
from .kernel.backup import service as backup
from .kernel.backup.place import shown
from .kernel.db import db


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `remedy` says what to do when it is not well."""

    well: bool
    words: str
    remedy: str = ""


def python() -> Finding:
    return Finding(sys.version_info >= (3, 11), f"Python {platform.python_version()}", "需要 3.11 或更高版本")


_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)


def dependencies() -> Finding:
    """Are the installed packages those the release was checked with?"""
    pinned = (settings.ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
    differ = []
    for name, version in _PINNED.findall(pinned):
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            installed = "没有安装"
        if installed != version:
            differ.append(f"{name} 应为 {version}，现为 {installed}")
    words = f"软件包与本版一致（{len(_PINNED.findall(pinned))} 个）"
    return Finding(not differ, "；".join(differ) or words, "运行 script/bootstrap")


def home() -> Finding:
    folder = settings.home()
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / 2**30
    well = os.access(folder, os.W_OK) and free > 2
    return Finding(well, f"数据目录 {folder}，剩余 {free:.0f} GiB", "目录须可写，剩余空间须大于 2 GiB")


def secret() -> Finding:
    path = settings.home() / "secret_key"
    if os.environ.get("XQ_SECRET_KEY"):
        return Finding(True, "签名密钥来自环境变量")
    settings.secret_key()
    return Finding(
        not path.stat().st_mode & 0o077, f"签名密钥 {path}", "只允许所有者读取：chmod 600 secret_key"
    )


def database() -> Finding:
    try:
        with db.engine.connect() as connection:
            version = connection.execute(text("show server_version")).scalar_one()
    except SQLAlchemyError as error:
        return Finding(False, f"数据库连接失败：{error}", "检查 DATABASE_URL")
    return Finding(int(version.split(".")[0]) >= 15, f"PostgreSQL {version}", "需要 15 或更高版本")


def schema() -> Finding:
    try:
        with db.engine.connect() as connection:
            current = migrations.applied(connection) == migrations.heads()
    except SQLAlchemyError:
        return Finding(False, "数据表版本未知")
    return Finding(current, "数据表已是最新" if current else "有未执行的迁移", "运行 script/xq migrate")


def front_end() -> Finding:
    built = (settings.ROOT / "app" / "static" / "dist" / "manifest.json").exists()
    return Finding(built, "网页资源已构建" if built else "网页资源未构建", "运行 script/bootstrap")


def fonts() -> Finding:
    found = importlib.util.find_spec("pylopdf_fonts_zh_cn") is not None
    return Finding(found, "中文字体可用" if found else "缺少中文字体包", "运行 script/bootstrap")


def backups() -> Finding:
    found = backup.health()
    if found is None:
        return Finding(True, "没有设置备份位置（XQ_BACKUP）：正式运行前请设置")
    last = shown(found.last) if found.last else "无"
    return Finding(found.state == "ok", f"备份：最近一次 {last}", "运行 script/xq backup full，查看其输出")


CHECKS: tuple[Callable[[], Finding], ...] = (
    python,
    dependencies,
    home,
    secret,
    database,
    schema,
    front_end,
    fonts,
    backups,
)


@click.command(help="检查本机环境、数据库和各项文件；有问题时以 1 退出。")
@click.option(
    "--cases", "whole", is_flag=True, help="改为核对全部办件：任务、提交、文号、计时、记录是否齐全且不重复"
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="把自检报告写入这个文件（JSON），供留存和检查",
)
def doctor(whole: bool, report: Path | None) -> None:
    with application():
        if whole:
            sys.exit(_cases())
        findings = [check() for check in CHECKS]
    if report:
        report.write_text(_report(findings), encoding="utf-8")
        click.echo(f"自检报告已写入 {report}")
    for finding in findings:
        click.echo(("正常  " if finding.well else "异常  ") + finding.words)
        if not finding.well and finding.remedy:
            click.echo(f"      → {finding.remedy}")
    sys.exit(0 if all(finding.well for finding in findings) else 1)


def _report(findings: Sequence[Finding]) -> str:
    """The findings with their moment, for whoever keeps them."""
    told = {
        "at": clock.now().astimezone(clock.CHINA).isoformat(timespec="seconds"),
        "well": all(finding.well for finding in findings),
        "checks": [{"check": c.__name__, **asdict(f)} for c, f in zip(CHECKS, findings, strict=True)],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _cases() -> int:
    from .archive import soundness, verify
    from .archive.reading import one_moment

    count, wrong = verify.Count(), 0
    with one_moment() as session:
        for words in soundness.everything(session):
            wrong += 1
            click.echo(f"异常  {words}")
        for found in verify.everything(session, verify.Depth(), count):
            click.echo(f"异常  {found.where}：{found.message}")
    wrong += count.findings
    click.echo(
        f"已核对{count.cases}个办件、{count.entries}条记录，"
        + (f"{wrong}处不符。" if wrong else "全部相符。")
    )
    return 1 if wrong else 0
