"""Pages of the administrator: the accounts of the own region."""

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.kernel import auth, clock
from app.kernel.auth import Role, roles
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from . import administration, directory, qualifications, rostering, schemas, service, training
from .room import room
from .training_rules import EXAMINATIONS

ADMIN = roles(Role.ADMIN)
ROLE_NAMES = {
    Role.OFFICER: "执法工作人员",
    Role.SUPERVISOR: "执法监督人员",
    Role.ANALYST: "流程配置人员",
    Role.ADMIN: "系统管理员",
}
ACT_NAMES = {
    "created": "建立账号",
    "suspended": "停用",
    "restored": "恢复",
    "unlocked": "解除登录锁定",
    "password_reset": "重置密码",
    "posting_added": "增加岗位",
    "posting_ended": "免去岗位",
    "certificate_added": "登记证件",
    "certificate_revoked": "注销证件",
    "certificate_suspended": "暂扣证件",
    "certificate_restored": "解除暂扣",
    "training_entered": "登记培训",
    "training_removed": "撤销培训登记",
    "imported": "名册导入",
    rostering.INSTALLED: "安装时录入名册",
    rostering.PROPOSED: "提出名录变更",
    "audit_exported": "账号审计导出",
    "token_created": "建立程序访问令牌",
    "token_revoked": "撤销程序访问令牌",
}
OUTCOME_NAMES = {
    "ok": "登录成功",
    "wrong": "密码错误",
    "locked": "锁定期间尝试",
    "throttled": "网络限流",
    "inactive": "账号已停用",
    "token": "无效令牌",
    "out": "退出登录",
}


@room.get("/admin/accounts", access=ADMIN)
def accounts() -> str:
    """The accounts of the region, page by page."""
    query = request.args.get("q", "").strip()[:60]
    found = administration.accounts(
        db.session(), auth.current_actor(), query, request.args.get("after", "")[:40]
    )
    page, more = found[: administration.PAGE], len(found) > administration.PAGE
    return render_template(
        "people/accounts.html",
        rows=page,
        query=query,
        role_names=ROLE_NAMES,
        after=page[-1].login if more else "",
    )


@room.get("/admin/accounts/new", access=ADMIN)
def new_account() -> str:
    """The form to enter a person."""
    return _new_page({})


@room.post("/admin/accounts/new", access=ADMIN, endpoint="new_account_submit")
def new_account_submit() -> Any:
    """Enter a person and show the one-time password, once."""
    actor = auth.current_actor()
    try:
        new = schemas.read_account(request.form)
        with transaction() as session:
            account_id, password, order = rostering.create(session, actor, new)
    except Invalid as error:
        return _new_page(error.errors), error.status
    return render_template(
        "people/one_time.html", login=new.login, password=password, account_id=account_id, order=order
    )


def _new_page(errors: dict[str, list[str]]) -> str:
    session = db.session()
    return render_template(
        "people/new_account.html",
        errors=errors,
        post=request.form,
        agencies=administration.agencies(session, auth.current_actor()),
        positions=service.position_names(session),
        role_names=ROLE_NAMES,
        kinds=service.CERTIFICATE_NAMES,
    )


@room.get("/admin/accounts/<int:account_id>", access=ADMIN)
def account_detail(account_id: int) -> str:
    """One account: state, positions, certificates, sign-ins, what was done to it."""
    return detail_page(account_id, {})


def detail_page(account_id: int, errors: dict[str, list[str]], wrong: int = 0) -> str:
    """The page of one account; `wrong` is the certificate whose form has errors."""
    session = db.session()
    card = administration.account(session, auth.current_actor(), account_id)
    return render_template(
        "people/account_detail.html",
        card=card,
        history=directory.history(session, card.officer.id) if card.officer else (),
        training=qualifications.training_of(session, card.officer.id) if card.officer else (),
        standing=training.of_years(session, card.officer) if card.officer else {},
        examinations=EXAMINATIONS,
        wrong=wrong,
        positions=service.position_names(session),
        pending=_pending(session, card),
        role_names=ROLE_NAMES,
        act_names=ACT_NAMES,
        outcome_names=OUTCOME_NAMES,
        kinds=service.CERTIFICATE_NAMES,
        errors=errors,
        post=request.form,
        today=clock.today(),
        done=request.args.get("done", ""),
    )


def _pending(session: Session, card: administration.AccountCard) -> list[tuple[rostering.Pending, str]]:
    """What open orders would change of somebody, each with its words."""
    found = rostering.pending(session, [card.officer.id]) if card.officer else ()
    return [(each, rostering.said(session, each.entry)) for each in found]


def act(account_id: int, done: str, do: Callable[[Session, auth.Actor], object], *fields: str) -> Response:
    """Do something to an account and show its page."""
    only_fields(*fields)
    actor = auth.current_actor()
    with transaction() as session:
        do(session, actor)
    return redirect(url_for("people.account_detail", account_id=account_id, done=done), 303)


@room.post("/admin/accounts/<int:account_id>/suspend", access=ADMIN)
def suspend_account(account_id: int) -> Response:
    """Close an account: its sessions end at once."""
    return act(account_id, "suspended", lambda s, a: administration.set_active(s, a, account_id, False))


@room.post("/admin/accounts/<int:account_id>/restore", access=ADMIN)
def restore_account(account_id: int) -> Response:
    """Open a closed account again."""
    return act(account_id, "restored", lambda s, a: administration.set_active(s, a, account_id, True))


@room.post("/admin/accounts/<int:account_id>/unlock", access=ADMIN)
def unlock_account(account_id: int) -> Response:
    """End the lock-out after failed sign-ins."""
    return act(account_id, "unlocked", lambda s, a: administration.unlock(s, a, account_id))


@room.post("/admin/accounts/<int:account_id>/password", access=ADMIN)
def reset_password(account_id: int) -> str:
    """Set a one-time password and show it, once."""
    only_fields()
    actor = auth.current_actor()
    with transaction() as session:
        password = administration.reset_password(session, actor, account_id)
        login = administration.account(session, actor, account_id).row.login
    return render_template("people/one_time.html", login=login, password=password, account_id=account_id)


@room.post("/admin/accounts/<int:account_id>/postings", access=ADMIN)
def add_posting(account_id: int) -> Response:
    """Propose a position: the agency sends the order in, and the legal office confirms it."""
    position = request.form.get("position", "")
    return act(
        account_id,
        rostering.PROPOSED,
        lambda s, a: rostering.add_posting(s, a, account_id, position),
        "position",
    )


@room.post("/admin/accounts/<int:account_id>/postings/<int:posting_id>/end", access=ADMIN)
def end_posting(account_id: int, posting_id: int) -> Response:
    """Take a position away."""
    return act(
        account_id, "posting_ended", lambda s, a: administration.end_posting(s, a, account_id, posting_id)
    )
