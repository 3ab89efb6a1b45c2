"""`script/xq audit` and `script/xq case`: check the record, anchor it, hand out a case's file."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.cases.case_commands import migrate, moving
from app.cases.models import Case
from app.kernel.errors import NotFound
from app.kernel.transaction import transaction

from . import export
from . import verify as walk
from .reading import one_moment

Opened = Callable[[], AbstractContextManager[Any]]


def case_id_of(session: Session, no: str) -> int:
    """The case with this number.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(select(Case.id).where(Case.no == no))
    if found is None:
        raise NotFound(f"没有编号为“{no}”的办件。")
    return found


@click.group("audit", help="留痕：核验全部记录、锚定。")
def audit_group() -> None:
    pass


@audit_group.command("verify", help="核验记录链、锚定、文书、提交内容和文件；有任何不符即列出并以 1 退出。")
@click.option("--case", "no", metavar="办件编号", help="只核验一个办件（及锚定）")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@click.option("--no-files", is_flag=True, help="不读文件库")
@click.option("--render", is_flag=True, help="把PDF重新排版后比对（慢）")
@click.pass_obj
def verify(opened: Opened, no: str | None, as_json: bool, no_files: bool, render: bool) -> None:
    depth, count = walk.Depth(files=not no_files, render=render), walk.Count()
    began = time.monotonic()
    found: list[audit.Finding] = []
    with opened(), one_moment() as session:
        findings = (
            walk.one_case(session, case_id_of(session, no), depth, count)
            if no
            else walk.everything(session, depth, count)
        )
        for finding in findings:
            if as_json:
                found.append(finding)
            else:
                click.echo(f"✗ {finding.where}：{finding.message}")
    seconds = time.monotonic() - began
    if as_json:
        told = {"cases": count.cases, "entries": count.entries, "seconds": round(seconds, 3)}
        told["findings"] = [asdict(finding) for finding in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        speed = f"，每秒{count.entries / seconds:,.0f}条" if seconds > 1 else ""
        click.echo(f"已核验{count.cases}个办件、{count.entries}条记录（{seconds:.1f}秒{speed}）。")
        click.echo(f"发现{count.findings}处不符。" if count.findings else "全部相符。")
    if count.findings:
        sys.exit(1)


@audit_group.command("anchor", help="立即锚定全部记录链（平时每天零点自动进行）。")
@click.pass_obj
def anchor(opened: Opened) -> None:
    with opened():
        with transaction() as session:
            told = audit.take(session).told
        with transaction() as session:
            audit.store(session)
    click.echo(f"第{told['anchor']}号锚定：{told['cases']}个办件，根摘要 {told['root']}")


@audit_group.command("restored", help="依法恢复较早的备份之后运行：在锚定文件中注明放弃其后的锚定。")
@click.option("--reason", required=True, metavar="理由", help="恢复的理由，写入锚定文件")
@click.pass_obj
def restored(opened: Opened, reason: str) -> None:
    with opened(), transaction() as session:
        number = audit.restored(session, reason)
    click.echo(f"已注明：{number}个锚定因恢复备份而失效。" if number else "锚定文件没有多于数据库的锚定。")


@click.group(help="案件：导出、核验案卷，迁移到流程的另一版本。")
def case() -> None:
    pass


case.add_command(migrate)
case.add_command(moving)


@case.command("export", help="导出一个办件的案卷（ZIP，内含核验脚本）；导出本身记入办件的记录。")
@click.argument("no", metavar="办件编号")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="写到哪里"
)
@click.pass_obj
def export_case(opened: Opened, no: str, output: Path | None) -> None:
    target = output or Path(f"{no}.zip")
    with opened():
        with transaction() as session:
            case_id = case_id_of(session, no)
            export.enter(session, case_id)
        with one_moment() as session, target.open("wb") as file:
            export.write(session, case_id, file)
    click.echo(f"已导出 {target}（{target.stat().st_size:,} 字节）。核验：python3 verify.py {target}")


@case.command("check", help="核验一个案卷压缩包是否由本平台导出且未被改动。")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def check(opened: Opened, path: Path) -> None:
    with opened():
        wrong = export.check(path)
    for line in wrong:
        click.echo(f"✗ {line}")
    click.echo(f"发现{len(wrong)}处不符。" if wrong else "由本平台导出，未被改动。")
    if wrong:
        sys.exit(1)
