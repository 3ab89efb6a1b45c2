"""`script/xq law`: take in statutes, say what is in force, record changes, list what they touch."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people.models import Agency

from . import changes, citing, impact, library, statutes, validity
from .changes import NewChange
from .statutes import Statute
from .validity import ChangeKind

Opened = Callable[[], AbstractContextManager[Any]]
MOST = 20
"""Lines of a kind that the command shows without `--all`."""


class Day(click.ParamType):
    """A day as 2026-08-15."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是日期，应写作 2026-08-15。", param, context)


@click.group(help="法律依据：载入、清单、核对引用、废止和修改、影响分析。")
def law() -> None:
    pass


@law.command(
    "load",
    help="载入法律：整部的 Markdown（# 名称，第一条　……）或者 DOCX，或者含 articles 列表的 JSON。各版本并存；"
    "条文中写明“同时废止”的和与前一版本不同的，记为变动并列出受影响的事项。",
)
@click.argument(
    "files",
    metavar="文件…",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--source",
    metavar="出处",
    default="",
    help="条文的出处，例如公报或者网站；不写的用文件中写明的或者文件名。",
)
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
@click.pass_obj
def load(opened: Opened, files: tuple[Path, ...], source: str, dry_run: bool) -> None:
    read = [(file, statutes.read(file, source)) for file in files]
    bad = sum([_tell(file, found) for file, found in read])
    if dry_run:
        click.echo("只作检查，没有写入。")
    elif bad == 0:
        with opened(), transaction() as session:
            for file, found in read:
                _take(session, file, found)
    if bad:
        raise click.ClickException(f"有 {bad} 处错误，没有载入。请修改后重新载入。")


def _tell(file: Path, found: Sequence[Statute]) -> int:
    """Say what is wrong with a file; how many errors stand in the way."""
    problems = [problem for statute in found for problem in statute.problems]
    for problem in problems:
        click.echo(f"{file.name}　{problem.place}　{'错误' if problem.fatal else '提示'}：{problem.message}")
    return sum(problem.fatal for problem in problems)


def _take(session: Session, file: Path, found: Sequence[Statute]) -> None:
    changed = library.load(session, found)
    count = sum(len(statute.articles) for statute in found)
    click.echo(f"{file.name}：读到 {count} 条，新增或者更新 {changed} 条。")
    for statute in found:
        amended = changes.amendment(session, statute) if changed else None
        for new in [*changes.repeals(statute), *([amended] if amended else ())]:
            row, fresh = changes.record(session, new)
            if fresh:
                _told(session, row.id, new)


def _told(session: Session, change_id: int, new: NewChange) -> None:
    what = (
        "废止"
        if new.kind is ChangeKind.REPEALED
        else f"修改 {len(new.articles)} 条"
        if new.articles
        else "修改"
    )
    opened = len(changes.changes_for(session, change_id=change_id, most=100_000))
    click.echo(f"  《{new.law}》自 {new.on} 起{what}（{new.basis}），待调整事项 {opened} 项。")


@law.command("list", help="列出已载入条文的法律。")
@click.pass_obj
def listing(opened: Opened) -> None:
    with opened():
        held = library.holdings(db.session())
    for name, count, version in held:
        click.echo(f"《{name}》  {count} 条  {version or '版本日期未写明'}")
    click.echo(f"共 {len(held)} 部。")


@law.command(
    "known",
    help="登记产品已知的法律废止和修改（app/catalogue/data/legal_basis.yaml），并为受影响的事项开出调整工作。",
)
@click.pass_obj
def known(opened: Opened) -> None:
    with opened(), transaction() as session:
        click.echo(f"新登记 {changes.load_known(session)} 项，共 {len(changes.recorded(session))} 项。")


@law.command("change", help="登记一部法律的废止或者修改，并为受影响的事项开出调整工作。")
@click.argument("name", metavar="法律")
@click.option(
    "--kind",
    type=click.Choice([*ChangeKind]),
    default=ChangeKind.REPEALED,
    help="repealed 废止，amended 修改。",
)
@click.option("--on", "day", type=Day(), required=True, help="自哪一天起。")
@click.option("--by", metavar="法律", required=True, help="由哪部法律或者决定。")
@click.option("--basis", metavar="条款", required=True, help="写明这一变动的条款。")
@click.option("--source", metavar="出处", required=True, help="从哪里得知。")
@click.option(
    "--article",
    "articles",
    multiple=True,
    metavar="条号",
    help="修改涉及的条（如 54、36-1），可以多次；不写为全部。",
)
@click.pass_obj
def change(
    opened: Opened,
    name: str,
    kind: str,
    day: date,
    by: str,
    basis: str,
    source: str,
    articles: tuple[str, ...],
) -> None:
    new = NewChange(name.strip("《》 "), ChangeKind(kind), day, by.strip("《》 "), basis, source, articles)
    with opened(), transaction() as session:
        row, fresh = changes.record(session, new)
        click.echo("已登记。" if fresh else "此前已经登记。")
        _told(session, row.id, new)


@law.command("resolve", help="核对一段法律依据：每一处引用在某一天是否有效，并显示条文。")
@click.argument("words", metavar="依据")
@click.option("--on", "day", type=Day(), help="哪一天（默认今天）。")
@click.pass_obj
def resolve(opened: Opened, words: str, day: date | None) -> None:
    with opened():
        found = library.resolve(db.session(), words, day or clock.today())
    for each in found:
        click.echo(f"{each.name}　{each.problem or validity.WORDS[each.standing]}")
        for line in each.words.splitlines():
            click.echo(f"    {line}")
    if not found:
        raise click.ClickException(
            "这段文字没有引用条文（写法如：《中华人民共和国行政处罚法》第五十四条第一款）。"
        )
    if any(each.problem for each in found):
        raise click.exceptions.Exit(1)


@law.command("impact", help="一部法律废止或者修改，涉及哪些事项、裁量基准、流程、文书模板和在办案件。")
@click.argument("name", metavar="法律")
@click.option("--on", "day", type=Day(), help="哪一天（默认今天）。")
@click.option("--article", "articles", multiple=True, metavar="条号", help="只看引用这些条的。")
@click.option("--all", "everything", is_flag=True, help=f"全部列出；不写时每类只列前 {MOST} 项。")
@click.pass_obj
def impact_(opened: Opened, name: str, day: date | None, articles: tuple[str, ...], everything: bool) -> None:
    with opened(), transaction() as session:
        citing.refresh(session)
        on = day or clock.today()
        found = impact.of(
            session, name.strip("《》 "), on, articles, most_cases=100_000 if everything else MOST
        )
        names = dict(session.execute(select(Agency.id, Agency.name)).tuples().all())
    held = found.held
    click.echo(f"《{found.history.name}》　{on}　{validity.WORDS[held.standing]}")
    if held.change:
        click.echo(f"  {held.change.on}　《{held.change.by}》　{held.change.basis}")
    for title, touched in (
        ("权力事项", found.items), ("裁量基准", found.baselines), ("流程", found.procedures), ("文书模板", found.templates),
    ):  # fmt: skip
        click.echo(f"{title}　{len(touched)} 项")
        for each in touched if everything else touched[:MOST]:
            whose = f"{names.get(each.agency_id or 0, '')}　" if each.agency_id else ""
            click.echo(f"  {whose}{each.label}　{'、'.join(each.cited)}")
    click.echo(f"在办案件　{found.cases.total} 件")
    for agency_id, number in sorted(found.cases.by_agency.items()):
        click.echo(f"  {names.get(agency_id, agency_id)}　{number} 件")
    for case in found.cases.first:
        click.echo(f"    {case.no}")


@law.command("tasks", help="法律变动引起的事项调整工作：负责机关、状态、申报期限。")
@click.option("--all", "everything", is_flag=True, help="已处理的也列出。")
@click.pass_obj
def tasks(opened: Opened, everything: bool) -> None:
    with opened():
        found = changes.changes_for(db.session(), open_only=not everything, most=100_000)
    for task in found:
        what = "废止" if task.change.kind is ChangeKind.REPEALED else "修改"
        click.echo(
            f"{task.due_on}　{task.told}　{task.agency}　{task.code} {task.item}　《{task.law}》{task.change.on}{what}"
        )
    click.echo(f"共 {len(found)} 项。")
