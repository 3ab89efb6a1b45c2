"""The daily summary by mail: planned once a person and day, sent by a job, with nothing of any case in it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

from flask import current_app, url_for
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.kernel import clock, jobs, words
from app.kernel.transaction import transaction

from . import counting, mail, persons
from .models import DigestSent, DigestState, NoticeSetting

JOB, PLAN = "notification.mail", "notification.digest"
EVERY = 600
"""Seconds between two looks at whose hour has come."""
LATE = 3
"""Hours for which a summary is still sent when its hour was missed; later it would only repeat the next one."""
KEEP = timedelta(days=60)


def plan(session: Session, now: datetime) -> None:
    """Ask for the summaries whose hour has come, on working days. Whoever inserts the row of a person and day first
    asks; everybody else finds it there."""
    if mail.configured() is None:
        return
    here = now.astimezone(clock.CHINA)
    today = here.date()
    session.execute(delete(DigestSent).where(DigestSent.day < today - KEEP))
    calendar = deadlines.calendar(session)
    if not calendar.covers(today) or not calendar.is_working(today):
        return
    chosen = select(NoticeSetting.account_id).where(
        NoticeSetting.mail,
        NoticeSetting.address.is_not(None),
        NoticeSetting.hour <= here.hour,
        NoticeSetting.hour > here.hour - LATE,
    )
    for account_id in session.scalars(chosen.order_by(NoticeSetting.account_id)):
        row = insert(DigestSent).values(account_id=account_id, day=today, state=DigestState.QUEUED, at=now)
        asked = row.on_conflict_do_nothing().returning(DigestSent.account_id)
        if session.execute(asked).first():
            payload = {"account_id": account_id, "day": today.isoformat()}
            jobs.enqueue(session, JOB, payload, key=f"digest:{account_id}:{today.isoformat()}")


def act(payload: Mapping[str, Any], key: str) -> str:
    """Send one summary; what became of it. A repetition after a crash bears the same Message-ID."""
    server, day = mail.configured(), date.fromisoformat(payload["day"])
    account_id = int(payload["account_id"])
    with transaction() as session:
        setting = session.scalar(select(NoticeSetting).where(NoticeSetting.account_id == account_id))
        row = session.get(DigestSent, (account_id, day))
        actor = persons.actor(session, account_id)
        wanted = setting is not None and setting.mail and setting.address is not None
        if server is None or not wanted or actor is None or row is None or clock.today() != day:
            return DigestState.DROPPED
        if row.state != DigestState.QUEUED:
            return row.state
        found = counting.of(session, actor, since(session, clock.now()))
        to = str((setting.address or {})["address"]) if setting else ""
    if not found.anything:
        return DigestState.EMPTY
    subject = "行权待办摘要：" + "，".join(f"{label} {n} 项" for label, n in found.lines())
    made = mail.message(server, to, subject, plain(found), html(found), key.replace(":", "."))
    mail.send(server, made)
    return DigestState.SENT


def since(session: Session, now: datetime) -> datetime:
    """The same hour of the working day before: on Monday what came on Friday is still new."""
    calendar, moment = deadlines.calendar(session), now - timedelta(days=1)
    for _ in range(14):
        day = clock.legal_day(moment)
        if not calendar.covers(day) or calendar.is_working(day):
            break
        moment -= timedelta(days=1)
    return moment


def record(session: Session, payload: Mapping[str, Any], result: str) -> None:
    """Note what became of it."""
    session.execute(
        update(DigestSent)
        .where(
            DigestSent.account_id == int(payload["account_id"]),
            DigestSent.day == date.fromisoformat(payload["day"]),
            DigestSent.state == DigestState.QUEUED,
        )
        .values(state=result, at=clock.now())
    )


def links() -> tuple[str, str]:
    """The addresses of the inbox and of the settings, as they are from outside."""
    base = str(current_app.config["BASE_URL"]).rstrip("/")
    with current_app.test_request_context():
        return base + url_for("inbox.index"), base + url_for("notification.settings")


def _heading() -> str:
    return f"截至 {words.china(clock.now())}，您在行权平台的待办："


NAMES = "涉及环节："
FOOT = "这封邮件只写数量和环节名称，不含案件信息。工作日每天发送一次，没有待办变化时不发送。"


def plain(found: counting.Waiting) -> str:
    """The summary as text."""
    inbox, settings = links()
    lines = [_heading(), "", *(f"  {label}：{n} 项" for label, n in found.lines())]
    if found.names:
        lines += ["", NAMES + "、".join(found.names)]
    lines += ["", f"打开工作台：{inbox}", "", "--", FOOT, f"更改或者关闭：{settings}"]
    return "\n".join(lines) + "\n"


def html(found: counting.Waiting) -> str:
    """The same as HTML: no pictures, no scripts, nothing fetched."""
    inbox, settings = links()
    rows = "".join(
        f'<tr><td style="padding:4px 16px 4px 0">{escape(label)}</td>'
        f'<td style="padding:4px 0;text-align:right"><strong>{n}</strong> 项</td></tr>'
        for label, n in found.lines()
    )
    names = f"<p>{NAMES}{escape('、'.join(found.names))}</p>" if found.names else ""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>行权待办摘要</title></head>'
        '<body style="font-family:sans-serif;color:#1d2129;max-width:560px">'
        f"<p>{escape(_heading())}</p><table>{rows}</table>{names}"
        f'<p><a href="{escape(inbox)}">打开工作台</a></p>'
        f'<hr><p style="color:#4e5969;font-size:13px">{FOOT}<a href="{escape(settings)}">更改或者关闭</a></p>'
        "</body></html>"
    )
