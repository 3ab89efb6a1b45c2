"""通知设置 in a real browser: off until its owner presses the button, then the worker shows what comes."""

import json
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from desk import Desk
from playwright.sync_api import Browser, BrowserType, Page, expect
from running_server import RunningServer

from app.notification import encryption

ENDPOINT = "https://push.example.org/send/one"
KEY = encryption.b64(encryption.public_bytes(ec.generate_private_key(ec.SECP256R1())))
STUB = """
const raw = (text) => Uint8Array.from(
  atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0)).buffer;
const made = {
  endpoint: 'ENDPOINT',
  getKey: (name) => raw(name === 'auth' ? 'AAECAwQFBgcICQoLDA0ODw' : 'KEY'),
  unsubscribe: async () => { localStorage.removeItem('made'); return true; },
};
PushManager.prototype.subscribe = async () => { localStorage.setItem('made', '1'); return made; };
PushManager.prototype.getSubscription = async () => (localStorage.getItem('made') ? made : null);
""".replace("ENDPOINT", ENDPOINT).replace("'KEY'", f"'{KEY}'")
"""A push service needs the open Internet: what the browser would get from it."""


@pytest.fixture(scope="module")
def browser(
    browser_type: BrowserType, browser_type_launch_args: dict, whole_chromium: str
) -> Iterator[Browser]:
    """The whole browser: another refuses notifications whatever its owner says."""
    launched = browser_type.launch(**browser_type_launch_args | {"executable_path": whole_chromium})
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def with_mail(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A demonstration whose mail server is named, and never called: nobody asks for mail at its hour."""
    return serve_application(
        XQ_SMTP="smtp://127.0.0.1:9", XQ_MAIL_FROM="xq@example.gov.cn", XQ_MAIL_DOMAINS="example.gov.cn"
    )


@pytest.fixture
def base_url(with_mail: RunningServer) -> str:
    return with_mail.url


@pytest.fixture
def desk(new_page: Callable[..., Page], with_mail: RunningServer) -> Desk:
    def opened(**options) -> Page:
        page = new_page(**options)
        page.add_init_script(STUB)
        page.context.grant_permissions(["notifications"])
        return page

    return Desk(opened, with_mail)


def looked_at(page: Page, axe: Callable, shot: Callable, name: str) -> None:
    page.wait_for_load_state("networkidle")
    shot(name, page)
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_mail_is_asked_for_and_confirmed(desk: Desk, axe, shot):
    page = desk.page("hb-officer1", "/notifications")
    expect(page.get_by_label("每日发送邮件摘要")).not_to_be_checked()
    looked_at(page, axe, shot, "notifications")
    page.get_by_label("每日发送邮件摘要").check()
    page.get_by_label("邮箱", exact=True).fill("someone@elsewhere.org")
    page.get_by_role("button", name="保存邮件设置").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("只能填写本单位的邮箱")
    expect(page.get_by_label("邮箱", exact=True)).to_have_value("someone@elsewhere.org")
    expect(page.get_by_label("每日发送邮件摘要")).to_be_checked()
    looked_at(page, axe, shot, "notifications-wrong")
    page.get_by_label("邮箱", exact=True).fill("someone@example.gov.cn")
    page.get_by_role("button", name="保存邮件设置").click()
    expect(page.get_by_label("寄往 someone@example.gov.cn 的验证码")).to_be_visible()
    page.get_by_label("寄往 someone@example.gov.cn 的验证码").fill("12")
    page.get_by_role("button", name="确认邮箱").click()
    expect(page.get_by_role("alert")).to_contain_text("还可以再试 4 次")


def test_this_browser_is_told_after_its_owner_said_so(desk: Desk, axe, shot):
    page = desk.page("hb-officer2", "/notifications")
    expect(page.get_by_text("这个浏览器还没有开通提醒。")).to_be_visible()
    page.get_by_role("button", name="在此浏览器开通").click()
    expect(page.get_by_text("1 个浏览器")).to_be_visible()
    expect(page.get_by_text("这个浏览器已经开通提醒。")).to_be_visible()
    looked_at(page, axe, shot, "notifications-push")
    scope = page.evaluate(
        "navigator.serviceWorker.getRegistrations().then((all) => all.map((one) => one.scope))"
    )
    assert [address.rpartition("/notifications/")[2] for address in scope] == [""], "it touches no other page"
    title = delivered(
        page, {"title": "行权：新到达 2 项", "body": "线索核查", "tag": "xq-tasks", "url": "/inbox"}
    )
    assert title == ["行权：新到达 2 项", "线索核查"]
    page.get_by_role("button", name="在此浏览器关闭").click()
    expect(page.get_by_text("这个浏览器还没有开通提醒。")).to_be_visible()
    expect(page.get_by_text("1 个浏览器")).to_have_count(0)


UNTIL = """async (what) => {
  for (const end = Date.now() + 15000; Date.now() < end; await new Promise((go) => setTimeout(go, 20))) {
    const one = await navigator.serviceWorker.getRegistration('/notifications/');
    if (what === 'active' && one?.active) return true;
    const [ shown ] = (await one?.getNotifications()) ?? [];
    if (what === 'shown' && shown) return [ shown.title, shown.body ];
  }
  return false;
}"""
"""What becomes of the worker: a promise, which `wait_for_function` would take for an answer at once."""


def delivered(page: Page, told: dict) -> list[str]:
    """What the worker shows when a push service brings this."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    assert page.evaluate(UNTIL, "active")
    while not found:  # the protocol's events come in while the page answers
        page.evaluate("1")
    origin = page.evaluate("location.origin")
    message = {"origin": origin, "registrationId": found[0], "data": json.dumps(told)}
    session.send("ServiceWorker.deliverPushMessage", message)
    return page.evaluate(UNTIL, "shown")
