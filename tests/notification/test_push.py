"""Web push: only to browsers that asked, decrypted by nobody else, by a job that two workers cannot do twice."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cases.town import Town, plan_of
from sqlalchemy import select, text

from app.cases import demo_content
from app.cases.demo import Drive
from app.kernel import clock, jobs
from app.notification import push, settings
from app.notification.models import PushSubscription
from app.people.models import Account

from .conftest import WORKDAY, later
from .sinks import Browser, PushService

LOGIN = "yj-officer1"


@pytest.fixture
def person(town: Town):
    with town.read() as session:
        account_id = session.scalars(select(Account.id).where(Account.login == LOGIN)).one()
    yield account_id
    with town.act() as session:
        session.execute(text("update work_item set opened_at = :at"), {"at": later(days=-30)})
        for table in ("push_subscription", "notice_setting", "job"):
            session.execute(text(f"delete from {table}"))  # noqa: S608 - names of our own tables


def subscribe(town: Town, account_id: int, browser: Browser) -> None:
    with clock.at(WORKDAY), town.act() as session:
        settings.subscribe(session, account_id, **browser.fields(), agent="Chrome · Windows")


def arrive(town: Town) -> None:
    """A task of this officer comes up."""
    with clock.at(WORKDAY + timedelta(minutes=1)), town.act() as session:
        case = dict(demo_content.recent(plan_of("firework-store"), clock.today()))
        Drive(session, case).run("investigate")
        session.execute(
            text("update work_item set opened_at = :at where status = 'open'"), {"at": later(minutes=2)}
        )


def tick(town: Town, minutes: int) -> None:
    at = later(minutes=minutes)
    with clock.at(at), town.app.app_context():
        with town.act() as session:
            push.plan(session, at)
        jobs.run_effects(at)


def subscriptions(town: Town) -> list[Any]:
    """Id and moment of the last message of each."""
    chosen = select(PushSubscription.id, PushSubscription.told_at).order_by(PushSubscription.id)
    with town.read() as session:
        return list(session.execute(chosen))


def test_a_browser_is_told_of_what_arrived_once(town: Town, person: int, service: PushService):
    browser = Browser()
    subscribe(town, person, browser)
    tick(town, 1)
    assert service.kept == []
    arrive(town)
    for minutes in (4, 4, 6):
        tick(town, minutes)
    ((path, headers, body),) = service.kept
    assert path == "/send/1"
    assert headers["Content-Encoding"] == "aes128gcm"
    assert headers["Authorization"].startswith("vapid t=")
    assert int(headers["TTL"]) > 0
    told = json.loads(browser.read(body))
    assert told["title"].startswith("行权：新到达")
    assert "调查取证" in told["body"]
    assert told["url"] == "/inbox"
    with town.read() as session:
        secrets = session.execute(text('select no, title from "case"')).all()
    for secret in (value for row in secrets for value in row):
        assert secret not in told["title"] + told["body"]
    assert subscriptions(town)[0].told_at is not None


def test_a_subscription_that_is_gone_is_forgotten(town: Town, person: int, service: PushService):
    subscribe(town, person, Browser())
    service.status = 410
    with clock.at(later()), town.act() as session:
        settings.try_push(session, person)
    tick(town, 1)
    assert len(service.kept) == 1
    assert subscriptions(town) == []


def test_a_service_that_is_busy_is_asked_again_later(town: Town, person: int, service: PushService):
    subscribe(town, person, Browser())
    with clock.at(later()), town.act() as session:
        settings.try_push(session, person)
    service.status = 503
    tick(town, 0)
    service.status = 201
    tick(town, 1)
    assert [len(service.kept), len(subscriptions(town))] == [2, 1]


def test_a_worker_that_slept_past_its_lease_sends_nothing(town: Town, person: int, service: PushService):
    subscribe(town, person, Browser())
    with clock.at(later()), town.act() as session:
        settings.try_push(session, person)
        subscription_id = session.scalars(select(PushSubscription.id)).one()
        session.execute(text("update push_subscription set token = 1000000"))  # a later worker was here
    payload = {"subscription_id": subscription_id, "told": {"trial": True}, "at": later().isoformat()}
    before = jobs._token.set(5)
    try:
        with clock.at(later()), town.app.app_context():
            assert push.act(payload, "key") == "lost"
    finally:
        jobs._token.reset(before)
    assert service.kept == []


def test_a_message_of_yesterday_is_not_sent(town: Town, person: int, service: PushService):
    subscribe(town, person, Browser())
    with clock.at(later()), town.act() as session:
        settings.try_push(session, person)
    tick(town, 24 * 60)
    assert service.kept == []


def test_pages_turn_it_on_and_off(town: Town, person: int, service: PushService):
    officer, browser = town.caller(LOGIN), Browser(7)
    assert officer.post("/notifications/push", browser.fields(), page="/notifications").status_code == 200
    assert officer.post("/notifications/push", browser.fields(), page="/notifications").status_code == 200
    (row,) = subscriptions(town)
    assert browser.endpoint not in str(officer.get("/notifications").data)
    with town.read() as session:
        raw = session.execute(text("select content from push_subscription")).scalar_one()
    assert b"push.example.org" not in bytes(raw)
    other = town.caller("hb-officer1")
    assert other.post(f"/notifications/push/{row.id}/end", page="/notifications").status_code == 404
    assert len(subscriptions(town)) == 1, "another person's subscription is not theirs to end"
    assert officer.post(f"/notifications/push/{row.id}/end", page="/notifications").status_code == 303
    assert subscriptions(town) == []
    officer.post("/notifications/push", browser.fields(), page="/notifications")
    officer.post("/notifications/push/here/end", {"endpoint": browser.endpoint}, page="/notifications")
    assert subscriptions(town) == []


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://push.example.org/x"},
        {"endpoint": "https://10.0.0.1/x"},
        {"p256dh": "AAAA"},
        {"auth": ""},
    ],
)
def test_a_forged_subscription_is_refused_in_words(town: Town, person: int, change):
    officer = town.caller(LOGIN)
    answer = officer.bare_post(
        "/notifications/push",
        {**Browser().fields(), **change, "_csrf": officer.token("/notifications")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert "浏览器" in answer.json["message"]
    assert subscriptions(town) == []


def test_an_installation_without_a_way_out_says_so(town: Town, person: int, monkeypatch):
    monkeypatch.setenv("XQ_PUSH", "0")
    officer = town.caller(LOGIN)
    assert "没有开通浏览器提醒" in officer.get("/notifications").get_data(as_text=True)
    answer = officer.post("/notifications/push", Browser().fields(), page="/notifications")
    assert answer.status_code == 422


def test_the_worker_touches_no_page(town: Town):
    answer = town.caller(LOGIN).get("/notifications/push-worker.js")
    script = answer.get_data(as_text=True)
    assert answer.mimetype == "text/javascript"
    assert "Service-Worker-Allowed" not in answer.headers
    assert "fetch" not in script.replace("It fetches", "")
