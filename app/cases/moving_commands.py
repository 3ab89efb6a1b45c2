"""`script/xq case moving`: running cases moved to another version in batches. Whoever acts signs in like at a page."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.kernel.auth import Actor, Role
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import service as people
from app.people.models import Account

from . import moving, moving_preview
from .models import MoveBatch

Opened = Callable[[], AbstractContextManager[Any]]
BY = click.option("--by", "login", metavar="账号", required=True, help="流程配置人员或者本机关负责人的账号")
NUMBER = click.argument("number", metavar="批次号", type=click.IntRange(1))


@click.group("moving", help="批量迁移在办案件：提出、预览、决定、暂停、移回。")
def commands() -> None:
    pass


def sign_in(login: str) -> None:
    """Ask for the password of an account.

    Raises:
        ClickException: it is not right, or the account is locked.
    """
    password = click.prompt(f"{login} 的密码", hide_input=True, err=True)
    with transaction() as session:
        signed_in = people.sign_in(session, login, password)
        people.sign_out(session, signed_in.token)
    if signed_in.outcome != people.SignInOutcome.OK:
        raise click.ClickException("账号或者密码不对，或者账号已被锁定、停用。")


def actor_named(session: Session, login: str) -> Actor:
    """Whoever signed in, officer or not."""
    account = session.scalars(select(Account).where(Account.login == login)).one()
    if account.officer_id is not None:
        return people.actor_of(session, account.officer_id)
    agency = people.agency(session, account.agency_id)
    roles = frozenset(Role(role) for role in account.roles)
    return Actor(account.id, None, account.name, agency.id, agency.name, agency.region, roles, frozenset())


@commands.command("list", help="各机关各版本的在办案件数量，和已有的批次。")
@BY
@click.pass_obj
def listing(opened: Opened, login: str) -> None:
    with opened():
        sign_in(login)
        session = db.session()
        actor = actor_named(session, login)
        for line in moving_preview.running(session, actor):
            newest = (
                "（现行）" if line.procedure.id == line.newest.id else f"（现行第 {line.newest.number} 版）"
            )
            click.echo(f"{line.agency}  {line.procedure.version}{newest}  在办 {line.cases} 件")
        for batch in moving.batches(session, actor):
            _tell(session, batch)


@commands.command("propose", help="提出把一个机关在某版本上的在办案件迁移到另一版本；预览由后台任务核对。")
@click.argument("agency", metavar="机关代码")
@click.argument("key", metavar="流程代码")
@click.argument("source", metavar="现版本号", type=click.IntRange(1))
@click.argument("target", metavar="目标版本号", type=click.IntRange(1))
@BY
@click.option("--reason", default="", help="提出迁移的理由")
@click.pass_obj
def propose(opened: Opened, agency: str, key: str, source: int, target: int, login: str, reason: str) -> None:
    with opened():
        sign_in(login)
        with transaction() as session:
            found = moving.propose(
                session,
                actor_named(session, login),
                people.agency_id_of(session, agency),
                diagrams.by_name(session, f"{key}@{source}").id,
                diagrams.by_name(session, f"{key}@{target}").id,
                reason,
                secrets.token_hex(16),
            )
            session.flush()
            click.echo(f"已提出第 {found.id} 号批次。核对完毕后，由本机关负责人审阅并决定。")


@commands.command("show", help="一个批次的预览和进度：数量、位置、期限、不能迁移的理由。")
@NUMBER
@BY
@click.pass_obj
def show(opened: Opened, number: int, login: str) -> None:
    with opened():
        sign_in(login)
        session = db.session()
        found = moving_preview.preview(session, actor_named(session, login), number)
        _tell(session, found.batch)
        counts = "，".join(f"{moving.MOVE_WORDS[s]} {n} 件" for s, n in sorted(found.counts.items()))
        click.echo(f"  共 {found.total} 件：{counts}")
        for title, rows in (
            ("停留环节", found.places),
            ("会改变", found.changes),
            ("不能迁移的理由", found.reasons),
        ):
            for told, n in rows:
                click.echo(f"  {title}：{told}（{n} 件）")
        for clock in found.clocks:
            click.echo(f"  计时：{clock.name}（{clock.cases} 件，最早 {clock.first_due} 到期）")
        for told in found.versions:
            click.echo(f"  版本差别：{told}")


@commands.command("release", help="决定执行一个批次。只有本机关负责人可以决定；理由记入每个案件。")
@NUMBER
@BY
@click.option("--reason", default="", help="决定迁移的理由，记入每个案件")
@click.pass_obj
def release(opened: Opened, number: int, login: str, reason: str) -> None:
    _act(opened, login, lambda session, actor: moving.release(session, actor, number, reason))


@commands.command("pause", help="暂停执行；正在办理的一件办完为止。")
@NUMBER
@BY
@click.pass_obj
def pause(opened: Opened, number: int, login: str) -> None:
    _act(opened, login, lambda session, actor: moving.pause(session, actor, number))


@commands.command("resume", help="继续执行暂停的批次。")
@NUMBER
@BY
@click.pass_obj
def resume(opened: Opened, number: int, login: str) -> None:
    _act(opened, login, lambda session, actor: moving.resume(session, actor, number))


@commands.command("end", help="终止暂停的批次：已迁移的不变，其余不再迁移。")
@NUMBER
@BY
@click.pass_obj
def end(opened: Opened, number: int, login: str) -> None:
    _act(opened, login, lambda session, actor: moving.end(session, actor, number))


@commands.command("withdraw", help="撤回尚未决定的批次。")
@NUMBER
@BY
@click.option("--reason", default="", help="撤回的理由")
@click.pass_obj
def withdraw(opened: Opened, number: int, login: str, reason: str) -> None:
    _act(opened, login, lambda session, actor: moving.withdraw(session, actor, number, reason))


@commands.command("revert", help="提出把一个批次迁移的案件移回原版本；同样须预览并由负责人决定。")
@NUMBER
@BY
@click.option("--reason", default="", help="移回的理由")
@click.pass_obj
def revert(opened: Opened, number: int, login: str, reason: str) -> None:
    def propose_it(session: Session, actor: Actor) -> MoveBatch:
        return moving.propose_revert(session, actor, number, reason, secrets.token_hex(16))

    _act(opened, login, propose_it)


def _act(opened: Opened, login: str, act: Callable[[Session, Actor], MoveBatch]) -> None:
    with opened():
        sign_in(login)
        with transaction() as session:
            found = act(session, actor_named(session, login))
            session.flush()
            _tell(session, found)


def _tell(session: Session, batch: MoveBatch) -> None:
    source, target = (
        diagrams.procedure(session, batch.source_id),
        diagrams.procedure(session, batch.target_id),
    )
    agency = people.agency(session, batch.agency_id).name
    back = f"，移回第 {batch.reverts_id} 号" if batch.reverts_id else ""
    status = moving.STATUS_WORDS[batch.status]
    click.echo(f"第 {batch.id} 号批次（{status}）：{agency}  {source.version} → {target.version}{back}")
