"""Web push: tells the browsers of those who asked for it that tasks arrived or ran out of time."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.kernel import clock, jobs
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction

from . import counting, delivery, encryption, persons
from .models import NoticeSetting, PushSubscription

log = logging.getLogger(__name__)
JOB, PLAN = "notification.push", "notification.look"
EVERY = 120
"""Seconds between two looks at what is new."""
STALE = timedelta(hours=6)
"""A message that could not be delivered for so long is not sent any more: the next one says as much."""
LOOK = text("""
select s.account_id, s.looked_at from notice_setting s
where exists (select from push_subscription p where p.account_id = s.account_id)
order by s.account_id for update of s skip locked
""")
TAKE = text("""
update push_subscription set token = :token where id = :id and token < :token returning account_id
""")
"""Only the newest worker goes on: one that slept past its lease finds a greater token."""


def plan(session: Session, now: datetime) -> None:
    """Ask for messages to those for whom something arrived, or ran out of time, since the last look."""
    if delivery.turned_off():
        return
    for account_id, looked_at in session.execute(LOOK).all():
        actor = persons.actor(session, account_id)
        session.execute(
            update(NoticeSetting).where(NoticeSetting.account_id == account_id).values(looked_at=now)
        )
        if actor is None or looked_at is None:
            continue
        found = counting.of(session, actor, looked_at)
        if found.new or found.turned:
            ask(
                session,
                account_id,
                {"new": found.new, "turned": found.turned, "names": list(found.names)},
                now,
            )


def ask(session: Session, account_id: int, told: Mapping[str, Any], now: datetime) -> int:
    """Ask for a message to every browser of an account; to how many."""
    chosen = select(PushSubscription.id).where(PushSubscription.account_id == account_id)
    ids = session.scalars(chosen.order_by(PushSubscription.id)).all()
    for subscription_id in ids:
        payload = {"subscription_id": subscription_id, "told": dict(told), "at": now.isoformat()}
        jobs.enqueue(session, JOB, payload, key=f"push:{subscription_id}:{now.isoformat()}")
    return len(ids)


def content(told: Mapping[str, Any]) -> bytes:
    """What the browser shows: numbers and names of steps."""
    if told.get("trial"):
        title, body = "行权：提醒已开通", "以后有任务到达或者超期时，会这样提醒您。"
    else:
        parts = [f"新到达 {told['new']} 项"] if told.get("new") else []
        parts += [f"刚刚超期 {told['turned']} 项"] if told.get("turned") else []
        title = "行权：" + "，".join(parts)
        body = "、".join(str(name) for name in told.get("names", ())) or "打开工作台查看。"
    said = {"title": title, "body": body[:200], "tag": "xq-tasks", "url": "/inbox"}
    return json.dumps(said, ensure_ascii=False).encode()


def contact() -> str:
    """Whom a push service can ask about our messages (RFC 8292, 2.1)."""
    return str(current_app.config["BASE_URL"]).rstrip("/").replace("http://", "https://")


def act(payload: Mapping[str, Any], key: str) -> str:
    """Deliver one message: `sent`, `gone` (the browser ended it), `late`, or `lost` to a later worker."""
    subscription_id = int(payload["subscription_id"])
    if delivery.turned_off() or clock.now() - datetime.fromisoformat(payload["at"]) > STALE:
        return "late"
    with transaction() as session:
        if session.execute(TAKE, {"id": subscription_id, "token": jobs.token()}).first() is None:
            return "lost"
        row = session.get_one(PushSubscription, subscription_id)
        where = dict(row.content)
    body = encryption.encrypted(content(payload["told"]), where["p256dh"], where["auth"])
    headers = {
        "Authorization": encryption.authorization(where["endpoint"], contact(), clock.now().timestamp()),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(STALE.total_seconds())),
        "Topic": "xq-tasks",
        "Urgency": "normal",
    }
    try:
        return "sent" if delivery.deliver(where["endpoint"], body, headers) else "gone"
    except Invalid:
        log.warning("push subscription %s points where no message may go", subscription_id)
        return "gone"


def record(session: Session, payload: Mapping[str, Any], result: str) -> None:
    """Forget a browser that has ended its subscription; note when one was told."""
    mine = PushSubscription.id == int(payload["subscription_id"])
    if result == "gone":
        session.execute(delete(PushSubscription).where(mine))
    elif result == "sent":
        session.execute(update(PushSubscription).where(mine).values(told_at=clock.now()))
