"""What a person wants to be told, changed by that person alone."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel import clock, jobs
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.transaction import transaction

from . import delivery, encryption, mail, push
from .models import NoticeSetting, PushSubscription

CODE_JOB = "notification.code"
CODE_VALID = timedelta(minutes=30)
CODE_AGAIN = timedelta(minutes=1)
"""How soon another code may be asked for."""
ATTEMPTS = 5
MOST_BROWSERS = 10


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that takes push messages, as its owner knows it."""

    id: int
    agent: str
    created_at: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants: `asked` is an address that waits for its code."""

    mail: bool
    hour: int
    address: str
    asked: str
    browsers: tuple[Browser, ...]


def of(session: Session, account_id: int) -> Wishes:
    """The wishes of an account."""
    row = session.scalar(select(NoticeSetting).where(NoticeSetting.account_id == account_id))
    found = session.scalars(
        select(PushSubscription)
        .where(PushSubscription.account_id == account_id)
        .order_by(PushSubscription.id)
    )
    browsers = tuple(Browser(b.id, b.agent, b.created_at, b.told_at) for b in found)
    if row is None:
        return Wishes(False, 8, "", "", browsers)
    return Wishes(row.mail, row.hour, _address(row.address), _address(_valid(row.asked)), browsers)


def _address(value: Mapping[str, Any] | None) -> str:
    return str(value["address"]) if value else ""


def _valid(asked: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return asked if asked and datetime.fromisoformat(asked["until"]) > clock.now() else None


def _locked(session: Session, account_id: int) -> NoticeSetting:
    row = insert(NoticeSetting).values(account_id=account_id, mail=False, hour=8, updated_at=clock.now())
    session.execute(row.on_conflict_do_nothing())
    return session.scalars(
        select(NoticeSetting).where(NoticeSetting.account_id == account_id).with_for_update()
    ).one()


def set_mail(session: Session, account_id: int, on: bool, hour: int, address: str) -> bool:
    """Turn the daily summary on or off, and say when and where to. True: a code is on its way to a new address.

    Raises:
        Invalid: the hour or the address is wrong, or there is no mail server.
        Conflict: a code was asked for a moment ago.
    """
    if not 0 <= hour <= 23:
        raise Invalid(errors={"hour": ["请选择 0 时至 23 时。"]})
    row = _locked(session, account_id)
    server = mail.configured()
    row.hour, row.updated_at = hour, clock.now()
    if not on:
        row.mail = False
        return False
    if server is None:
        raise Invalid(errors={"mail": ["本系统没有配置邮件服务，不能开通。请联系管理员。"]})
    to = mail.checked(address, server)
    if to == _address(row.address):
        row.mail, row.asked = True, None
        return False
    waiting = _valid(row.asked)
    if waiting and datetime.fromisoformat(waiting["until"]) > clock.now() + CODE_VALID - CODE_AGAIN:
        raise Conflict("验证码刚刚发出，请一分钟以后再试。", code="code_sent")
    until = clock.now() + CODE_VALID
    code = f"{secrets.randbelow(10**6):06d}"
    row.mail = bool(row.address) and row.mail
    row.asked = {"address": to, "code": code, "until": until.isoformat(), "left": ATTEMPTS}
    jobs.enqueue(session, CODE_JOB, {"account_id": account_id, "until": until.isoformat()})
    return True


def confirm(session: Session, account_id: int, code: str) -> str:
    """The code that came by mail: from now on the summary goes to that address. Empty: it does; else what is wrong
    (an attempt is used up, so nothing is raised)."""
    row = _locked(session, account_id)
    asked = _valid(row.asked)
    if asked is None:
        return "验证码已经失效，请重新填写邮箱并获取验证码。"
    if hmac.compare_digest(str(asked["code"]).encode(), code.strip().encode()):
        row.address, row.mail, row.asked, row.updated_at = (
            {"address": asked["address"]},
            True,
            None,
            clock.now(),
        )
        return ""
    left = int(asked["left"]) - 1
    row.asked = {**asked, "left": left} if left > 0 else None
    if left > 0:
        return f"验证码不对，还可以再试 {left} 次。"
    return "验证码不对，已经失效，请重新获取。"


def send_code(payload: Mapping[str, Any], key: str) -> None:
    """The job that mails a code."""
    server = mail.configured()
    with transaction() as session:
        chosen = select(NoticeSetting).where(NoticeSetting.account_id == int(payload["account_id"]))
        row = session.scalar(chosen)
        asked = _valid(row.asked) if row is not None else None
    if server is None or asked is None or asked["until"] != payload["until"]:
        return
    plain = (
        f"您在行权平台通知设置中填写了这个邮箱。验证码：{asked['code']}\n\n"
        "30 分钟内有效。如果不是您本人操作，请不要理会这封邮件。\n"
    )
    html = f'<!doctype html><html lang="zh-CN"><body><p>{plain.strip()}</p></body></html>'.replace(
        "\n\n", "</p><p>"
    )
    made = mail.message(server, str(asked["address"]), "行权邮箱验证码", plain, html, key.replace(":", "."))
    mail.send(server, made)


def digest_of(endpoint: str) -> bytes:
    """What a subscription is found by: its address says whose browser it is, so only its digest stands open."""
    return hashlib.sha256(endpoint.encode()).digest()


def subscribe(session: Session, account_id: int, endpoint: str, p256dh: str, auth: str, agent: str) -> None:
    """Take push messages in this browser. Doing it twice changes nothing more; another person's subscription of the
    same browser ends.

    Raises:
        Invalid: the address or the keys are none that may be used, or there are too many browsers.
    """
    if delivery.turned_off():
        raise Invalid("本系统没有开通浏览器提醒，请联系管理员。", code="push_off")
    delivery.parsed(endpoint)
    try:
        encryption.encrypted(b"{}", p256dh, auth)
    except ValueError:
        raise Invalid("浏览器给出的密钥不能使用，请换一个浏览器。", code="push_keys") from None
    setting = _locked(session, account_id)
    count = session.scalar(select(func.count()).where(PushSubscription.account_id == account_id)) or 0
    mine = digest_of(endpoint)
    known = session.scalar(select(PushSubscription).where(PushSubscription.endpoint_digest == mine))
    if count >= MOST_BROWSERS and (known is None or known.account_id != account_id):
        raise Invalid(f"最多在 {MOST_BROWSERS} 个浏览器上接收提醒，请先关闭不用的。", code="push_most")
    values = {
        "account_id": account_id,
        "content": {"endpoint": endpoint, "p256dh": p256dh, "auth": auth},
        "agent": agent[:60],
        "created_at": clock.now(),
    }
    row = insert(PushSubscription).values(endpoint_digest=mine, **values)
    session.execute(row.on_conflict_do_update(index_elements=[PushSubscription.endpoint_digest], set_=values))
    if not count:  # what arrived before nobody asked to be told of
        setting.looked_at = clock.now()


def unsubscribe(session: Session, account_id: int, subscription_id: int) -> None:
    """Stop push messages to one of the person's browsers.

    Raises:
        NotFound: it is not among the person's browsers.
    """
    ended = session.execute(
        delete(PushSubscription)
        .where(PushSubscription.account_id == account_id, PushSubscription.id == subscription_id)
        .returning(PushSubscription.id)
    )
    if ended.first() is None:
        raise NotFound("没有这个浏览器的提醒，可能已经关闭。")


def unsubscribe_browser(session: Session, account_id: int, endpoint: str) -> None:
    """The same for the browser with this address."""
    session.execute(
        delete(PushSubscription).where(
            PushSubscription.account_id == account_id,
            PushSubscription.endpoint_digest == digest_of(endpoint),
        )
    )


def try_push(session: Session, account_id: int) -> int:
    """Send a message to every browser of the person, to see whether it arrives; to how many."""
    moment = clock.now().replace(second=0, microsecond=0)  # one a minute, however often it is asked for
    return push.ask(session, account_id, {"trial": True}, moment)
