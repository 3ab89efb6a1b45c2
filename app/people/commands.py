"""`script/xq people`: what has to be done before anybody can sign in, and a look at the accounts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
import yaml
from sqlalchemy import select

from app.kernel import clock, sheets, words
from app.kernel.auth import Role
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.transaction import transaction

from . import agencies, roster, tokens, training_sheet
from .admin_views import ROLE_NAMES
from .administration import enter_first_admin
from .directory import current
from .models import Account, Agency, Position, Posting
from .rules import LIMITS

Opened = Callable[[], AbstractContextManager[Any]]


@click.group(help="机关、人员和账号。")
def people() -> None:
    pass


@people.command("first-admin", help="为一个区域建立第一个系统管理员；其余账号由其在网页上建立。")
@click.argument("login", metavar="登录名")
@click.argument("name", metavar="姓名")
@click.argument("agency_code", metavar="机关代码")
@click.pass_obj
def first_admin(opened: Opened, login: str, name: str, agency_code: str) -> None:
    with opened(), transaction() as session:
        password = enter_first_admin(session, login, name, agency_code)
    click.echo(f"已建立系统管理员 {login}（{name}）。")
    click.echo(f"一次性密码：{password}")
    click.echo("密码只显示这一次，首次登录时须修改。")


@people.command("agencies", help="从 YAML 文件录入或更新区划和机关（regions、agencies 两个列表）；不删除。")
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def enter_agencies(opened: Opened, file: Path) -> None:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"文件不是 UTF-8 编码的 YAML：{error}") from error
    with opened(), transaction() as session:
        regions, offices = agencies.enter(session, content)
    click.echo(f"已录入或更新 {regions} 个区划、{offices} 个机关。")


@people.command(
    "import", help="从 CSV 或 XLSX 名册录入人员、岗位和证件；--dry-run 只核对。重复导入不会重复录入。"
)
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help="逐行核对并说明将要做什么，不录入")
@click.pass_obj
def import_roster(opened: Opened, file: Path, dry: bool) -> None:
    rows = sheets.rows_of(file.read_bytes())
    with opened():
        report = roster.carry_out(None, rows, dry)
    _told(report, dry)


@people.command("import-training", help="从 CSV 或 XLSX 登记培训；--dry-run 只核对。重复导入不会重复登记。")
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help="逐行核对并说明将要做什么，不登记")
@click.pass_obj
def import_training(opened: Opened, file: Path, dry: bool) -> None:
    rows = sheets.rows_of(file.read_bytes())
    with opened():
        report = roster.rehearsed(lambda session: training_sheet.enter(session, None, rows), dry)
    _told(report, dry)


def _told(report: roster.Report, dry: bool) -> None:
    for one in report.outcomes:
        click.echo(f"第 {one.number} 行  {one.login}  {one.name}  {one.told}")
    done = "将变更" if dry else "已变更"
    click.echo(f"共 {len(report.outcomes)} 行，{done} {report.changed} 行。{'没有录入。' if dry else ''}")
    for login, password in report.passwords.items():
        click.echo(f"一次性密码  {login}  {password}")
    if report.passwords:
        click.echo("密码只显示这一次，首次登录时须修改。")


@people.command("accounts", help="列出账号：登录名、姓名、机关、角色和岗位、状态。")
@click.option("--agency", "agency_code", metavar="机关代码", help="只列一个机关")
@click.pass_obj
def accounts(opened: Opened, agency_code: str | None) -> None:
    with opened():
        session = db.session()
        chosen = select(Account, Agency.name).join(Agency, Agency.id == Account.agency_id)
        if agency_code:
            chosen = chosen.where(Agency.code == agency_code)
        rows = session.execute(chosen.order_by(Agency.region_code, Agency.code, Account.login)).all()
        held: dict[int, list[str]] = {}
        postings = select(Posting.officer_id, Position.name).join(
            Position, Position.key == Posting.position_key
        )
        for officer_id, position in session.execute(
            postings.where(current(Posting, clock.today())).order_by(Posting.id)
        ):
            held.setdefault(officer_id, []).append(position)
    agency = ""
    for account, agency_name in rows:
        if agency_name != agency:
            agency = agency_name
            click.echo(agency)
        roles = [ROLE_NAMES[Role(role)] for role in account.roles]
        words = "、".join([*roles, *held.get(account.officer_id or 0, ())])
        click.echo(f"  {account.login:<20} {account.name}  {words}{_state(account)}")
    click.echo(f"共 {len(rows)} 个账号。")


def _state(account: Account) -> str:
    marks = []
    if not account.active:
        marks.append("已停用")
    if account.locked_until and account.locked_until > clock.now():
        marks.append("暂停登录")
    if account.must_change:
        marks.append("须修改密码")
    return f"  [{'，'.join(marks)}]" if marks else ""


@people.group(help="程序访问令牌（开放接口使用）。")
def token() -> None:
    pass


@token.command("create", help="为一名执法人员建立令牌；令牌只显示这一次。")
@click.argument("login", metavar="登录名")
@click.argument("name", metavar="用途")
@click.option("--act", is_flag=True, help="可以办理；不加则只能查询")
@click.option("--days", metavar="天数", type=int, default=LIMITS.token_days, show_default=True, help="有效期")
@click.pass_obj
def create_token(opened: Opened, login: str, name: str, act: bool, days: int) -> None:
    scope = tokens.TokenScope.ACT if act else tokens.TokenScope.READ
    with opened(), transaction() as session:
        made = tokens.create(session, _account(login).id, name, scope=scope, days=days)
    click.echo(f"已为 {login} 建立令牌 {made.id}（{made.name}，{tokens.SCOPE_NAMES[scope]}）：")
    click.echo(made.secret)
    click.echo(f"令牌只显示这一次，{words.china(made.expires_at)} 到期。")


@token.command("list", help="列出一个账号的有效令牌。")
@click.argument("login", metavar="登录名")
@click.pass_obj
def list_tokens(opened: Opened, login: str) -> None:
    with opened():
        found = tokens.live(db.session(), _account(login).id)
    for t in found:
        used = words.china(t.last_used_at) if t.last_used_at else "尚未使用"
        end = words.china(t.expires_at)
        click.echo(f"  {t.id}  {t.name}  {tokens.SCOPE_NAMES[t.scope]}  最近使用：{used}  到期：{end}")
    click.echo(f"共 {len(found)} 个有效令牌。")


@token.command("revoke", help="撤销一个令牌，立即生效。")
@click.argument("login", metavar="登录名")
@click.argument("number", metavar="令牌编号", type=int)
@click.pass_obj
def revoke_token(opened: Opened, login: str, number: int) -> None:
    with opened(), transaction() as session:
        tokens.revoke(session, _account(login).id, number)
    click.echo(f"已撤销 {login} 的令牌 {number}。")


def _account(login: str) -> Account:
    found = db.session().scalar(select(Account).where(Account.login == login.strip().lower()))
    if found is None:
        raise NotFound(f"没有登录名为“{login}”的账号。")
    return found
