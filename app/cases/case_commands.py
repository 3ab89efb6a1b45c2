"""`script/xq case`: acts on one case that have no page yet. Whoever carries one out signs in like at a page."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.kernel.auth import Actor
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound
from app.kernel.transaction import transaction
from app.people import service as people
from app.people.models import Account

from . import migration
from .models import Case
from .moving_commands import commands as moving
from .moving_commands import sign_in

__all__ = ["migrate", "moving"]

Opened = Callable[[], AbstractContextManager[Any]]


@click.command("migrate", help="把在办案件迁移到其流程的另一个已发布版本；不加 --do 只显示会改变什么。")
@click.argument("no", metavar="案号")
@click.argument("version", metavar="版本号", type=click.IntRange(1))
@click.option("--by", "login", metavar="账号", required=True, help="本机关分管负责人或者主要负责人的账号")
@click.option("--reason", default="", help="迁移的理由，记入案件")
@click.option("--do", "really", is_flag=True, help="执行迁移")
@click.pass_obj
def migrate(opened: Opened, no: str, version: int, login: str, reason: str, really: bool) -> None:
    with opened():
        sign_in(login)
        if not really:
            session = db.session()
            _show(migration.plan(session, _actor(session, login), *_ids(session, no, version)))
            return
        with transaction() as session:
            ids = _ids(session, no, version)
            key = secrets.token_hex(16)
            result = migration.migrate(session, _actor(session, login), *ids, reason, key)
        click.echo(result.message)


def _show(plan: migration.Plan) -> None:
    if plan.reasons:
        click.echo(f"{plan.version} → {plan.target}：不能迁移，共 {len(plan.reasons)} 处：")
        for number, reason in enumerate(plan.reasons, 1):
            click.echo(f"  {number}. {reason}")
        raise SystemExit(1)
    click.echo("可以迁移，会改变：")
    for change in plan.changes:
        click.echo(f"  {change}")
    click.echo("没有执行。加 --do 和 --reason 执行。")


def _actor(session: Session, login: str) -> Actor:
    officer_id = session.scalar(select(Account.officer_id).where(Account.login == login))
    if officer_id is None:
        raise Forbidden("案件迁移由本机关分管负责人或者主要负责人决定。")
    return people.actor_of(session, officer_id)


def _ids(session: Session, no: str, version: int) -> tuple[int, int]:
    """The case with this number, and this version of its procedure."""
    found = session.scalar(select(Case).where(Case.no == no))
    if found is None:
        raise NotFound("没有这个案件，或者它不属于您的机关和岗位。")
    key = diagrams.procedure(session, found.procedure_id).key
    return found.id, diagrams.by_name(session, f"{key}@{version}").id
