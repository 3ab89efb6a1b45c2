"""At the scene on a phone: taken along, worked on without a network, brought back once, nothing overwritten."""

import io
import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from desk import Desk
from PIL import Image
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.kernel import postgres

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 1,
         "permissions": ["geolocation"], "geolocation": {"latitude": 35.085, "longitude": 117.153}}  # fmt: skip


def photo() -> dict:
    out = io.BytesIO()
    Image.frombytes("RGB", (320, 240), os.urandom(320 * 240 * 3)).save(out, "JPEG")
    return {"mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.fixture(scope="module")
def database(server: RunningServer) -> Iterator[psycopg.Connection]:
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def task(database) -> tuple[int, int, str]:
    """The task of investigating a case that nobody else's tests touch: its id, the case's, and the investigator's login."""
    return database.execute(
        'select w.id, c.id, a.login from work_item w join "case" c on c.id = w.case_id'
        " join account a on a.officer_id = w.assignee_id"
        " where w.node = 'investigate' and w.status = 'open' and c.title like '某购销店%'"
    ).fetchone()


@pytest.fixture
def phone(new_page: Callable[..., Page], server: RunningServer, task) -> Page:
    """The investigator's phone, signed in, at the page of the scene, its shell kept."""
    desk = Desk(lambda: new_page(**PHONE), server)
    page = desk.page(task[2], "/scene/")
    expect(page.locator("[data-net]")).to_contain_text("已联网")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Callable[[Page, str], None]:
    def check(page: Page, name: str) -> None:
        page.evaluate("scrollTo(0, 0)")
        shot(name, page)
        axe(page)

    return check


def take(page: Page) -> None:
    page.get_by_role("button", name="带走调查取证").click()
    expect(page.get_by_role("heading", name="调查取证")).to_be_visible()


def open_fold(page: Page, name: str) -> None:
    page.locator("details.card", has=page.get_by_role("heading", name=name)).evaluate(
        "(e) => { e.open = true; }"
    )


def sign(page: Page, name: str) -> None:
    page.get_by_label("签名人姓名").fill(name)
    pad = page.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 30 + step * 18, box["y"] + 30 + (step % 3) * 25)
    page.mouse.up()
    page.get_by_role("button", name="保存签名").click()


def rows(database, query: str, *values: object) -> list:
    return database.execute(query, values).fetchall()


def test_a_whole_visit_without_a_network(phone: Page, database, task, look):
    work, case, _ = task
    look(phone, "scene-list")
    take(phone)
    phone.context.set_offline(True)
    expect(phone.locator("[data-net]")).to_contain_text("没有网络")
    phone.reload()  # the shell and the task are on the phone
    expect(phone.get_by_role("heading", name="调查取证")).to_be_visible()
    assert phone.evaluate("fetch('/healthz').then(() => 'there', () => 'away')") == "away"

    phone.locator("[name=inspect_place]").fill("租用仓库东侧")
    phone.locator("[name=inspect_found]").fill("仓库内堆放烟花爆竹三百六十三箱。")
    phone.locator("[name=inspect_from]").fill("2026-05-11T09:40")
    expect(phone.locator("[data-saved]")).to_contain_text("已保存在本机")
    phone.locator("[data-locate]").check()
    phone.locator("#photo-place").fill("仓库门口")
    phone.locator("#photo").set_input_files(
        [{"name": "门口.jpg", **photo()}, {"name": "货堆.jpg", **photo()}]
    )
    expect(phone.locator("[data-photo-count]")).to_have_text("2")
    expect(phone.locator("[data-photos]")).to_contain_text("35.085000, 117.153000")
    expect(phone.locator("[data-photos] .digest").first).to_contain_text("SHA-256")
    open_fold(phone, "签名")
    sign(phone, "演示·子")
    expect(phone.locator("[data-sign-count]")).to_have_text("1")
    phone.get_by_text("拒绝签名", exact=True).first.click()
    phone.get_by_label("拒绝签名的人").fill("演示·寅")
    phone.get_by_role("button", name="记录拒绝签名").click()
    expect(phone.locator("[data-refuse-error]")).to_be_visible()
    phone.get_by_label("拒绝的理由").fill("称须等负责人到场")
    phone.locator("#refuse-witness").fill("演示·卯（物业）")
    phone.get_by_role("button", name="记录拒绝签名").click()
    expect(phone.locator("[data-pending]")).to_have_text("5 项未同步")
    paper = phone.locator("[data-papers] details").first
    paper.locator("summary").click()
    expect(paper).to_contain_text("租用仓库东侧")
    expect(paper).to_contain_text("草稿（未签发")
    expect(phone.locator("[data-papers]")).to_contain_text("2026年5月11日9时40分")
    look(phone, "scene-task-offline")
    phone.get_by_role("button", name="同步到平台").click()
    expect(phone.locator("[data-synced]")).to_contain_text("没有网络")

    phone.context.set_offline(False)
    expect(phone.locator("[data-pending]")).to_have_text("全部已同步")
    phone.get_by_role("button", name="同步到平台").click()
    expect(phone.locator("[data-synced]")).to_contain_text("没有需要同步的内容")
    brought = rows(database, "select kind, state from scene_item where work_item_id = %s order by kind", work)
    assert brought == [
        ("form", "used"),
        ("photo", "used"),
        ("photo", "used"),
        ("refusal", "used"),
        ("signature", "used"),
    ]
    assert rows(database, "select count(*) from evidence where case_id = %s", case) == [(3,)]
    stored = rows(
        database, "select occurred_at <= entered_at, marks from scene_item where work_item_id = %s", work
    )
    assert all(in_order and marks == [] for in_order, marks in stored)

    phone.goto(f"/work/{work}")
    expect(phone.locator("[name=inspect_place]")).to_have_value("租用仓库东侧")
    look(phone, "scene-desk")
    phone.goto(f"/work/{work}/scene")
    expect(phone.locator("main")).to_contain_text("称须等负责人到场")
    look(phone, "scene-brought")
    phone.goto(f"/work/{work}/evidence")
    expect(phone.locator("main")).to_contain_text("签名：演示·子")
    look(phone, "evidence-work")
    phone.goto(f"/cases/{case}/evidence")
    look(phone, "evidence-list")


def test_the_same_things_sent_twice_come_once(phone: Page, database, task):
    """The answer is lost on its way, so that the phone sends everything again."""
    work = task[0]
    before = rows(database, "select count(*) from scene_item where work_item_id = %s", work)[0][0]
    take(phone)
    lost = []

    def lose(route) -> None:
        route.fetch()
        lost.append(route.request.url)
        route.abort("internetdisconnected")

    phone.route("**/items", lose)
    phone.locator("#photo").set_input_files([{"name": "再拍.jpg", **photo()}])
    expect(phone.locator("[data-pending]")).to_have_text("1 项未同步")
    phone.get_by_role("button", name="同步到平台").click()
    expect(phone.locator("[data-synced]")).to_contain_text("同步中断")
    phone.unroute("**/items")
    phone.get_by_role("button", name="同步到平台").click()
    expect(phone.locator("[data-pending]")).to_have_text("全部已同步")
    assert lost
    assert rows(database, "select count(*) from scene_item where work_item_id = %s", work)[0][0] == before + 1


def test_a_draft_changed_elsewhere_is_not_overwritten(phone: Page, new_page, server, database, task, look):
    work, _, login = task
    take(phone)
    phone.context.set_offline(True)
    phone.locator("[name=inspect_found]").fill("现场重新清点，共三百六十二箱。")
    expect(phone.locator("[data-pending]")).to_have_text("1 项未同步")
    desk = Desk(new_page, server)
    page = desk.page(login, f"/work/{work}")
    page.locator("[name=inspect_found]").fill("在办公室改成的内容。")
    expect(page.locator("[data-draft-status]")).to_contain_text("已自动保存")

    phone.context.set_offline(False)
    expect(phone.locator("[data-conflicts]")).to_contain_text("没有覆盖任何内容")
    expect(phone.locator("[data-conflicts]")).to_contain_text("草稿在别处修改过")
    look(phone, "scene-conflict")
    page.goto(f"/work/{work}")
    expect(page.locator("[name=inspect_found]")).to_have_value("在办公室改成的内容。")
    page.goto(f"/work/{work}/scene")
    row = page.locator("tr", has_text="现场情况")
    expect(row).to_contain_text("现场重新清点，共三百六十二箱。")
    expect(row).to_contain_text("在办公室改成的内容。")
    look(page, "scene-both-states")
    page.get_by_role("button", name="用现场记录替换我的草稿").first.click()
    expect(page.locator("[name=inspect_found]")).to_have_value("现场重新清点，共三百六十二箱。")
    page.goto(f"/work/{work}/scene")
    expect(page.locator("main")).to_contain_text("取用现场记录以前的草稿")


def test_a_task_that_moved_on_keeps_what_was_brought(phone: Page, database, task, look):
    work = task[0]
    take(phone)
    phone.context.set_offline(True)
    phone.locator("#photo").set_input_files([{"name": "晚到.jpg", **photo()}])
    phone.locator("[name=inspect_comment]").fill("无异议")
    expect(phone.locator("[data-pending]")).to_have_text("2 项未同步")
    before = rows(database, "select assignee_id from work_item where id = %s", work)[0][0]
    other = rows(database, "select officer_id from posting where position_key = 'investigator' and officer_id <> %s"
                 " and officer_id in (select id from officer where agency_id ="
                 " (select agency_id from officer where id = %s)) limit 1", before, before)  # fmt: skip
    database.execute(
        "update work_item set assignee_id = %s, version = version + 1 where id = %s", [other[0][0], work]
    )
    phone.context.set_offline(False)
    expect(phone.locator("[data-conflicts]")).to_contain_text("有 2 项内容与平台上的任务冲突")
    expect(phone.locator("[data-conflicts]")).to_contain_text("任务已由")
    look(phone, "scene-moved-on")
    kept = rows(
        database,
        "select kind from scene_item where work_item_id = %s and state = 'kept' order by id desc limit 2",
        work,
    )
    assert {kind for (kind,) in kept} == {"photo", "form"}
    database.execute(
        "update work_item set assignee_id = %s, version = version + 1 where id = %s", [before, work]
    )


def test_signing_out_leaves_nothing_on_the_phone(phone: Page):
    take(phone)
    phone.locator("[name=inspect_comment]").fill("退出以前")
    expect(phone.locator("[data-saved]")).to_contain_text("已保存在本机")
    held = phone.evaluate("""async () => {
        const open = indexedDB.open('xq-scene');
        const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
        const all = await new Promise((done) => {
            const asked = db.transaction('things').objectStore('things').getAll();
            asked.onsuccess = () => done(asked.result);
        });
        db.close();
        return all.map((row) => new TextDecoder('utf-8').decode(row.sealed)).join('');
    }""")
    assert held
    assert "退出以前" not in held
    assert "inspect_comment" not in held
    phone.goto("/inbox")
    phone.on("dialog", lambda dialog: dialog.accept())
    phone.locator("details.menu summary").click()
    phone.get_by_role("button", name="退出登录").click()
    phone.wait_for_url("**/sign-in**")
    left = phone.evaluate("""async () => ({
        databases: (await indexedDB.databases()).map((one) => one.name),
        caches: await caches.keys(),
        workers: (await navigator.serviceWorker.getRegistrations()).length,
    })""")
    assert left == {"databases": [], "caches": [], "workers": 0}


def test_it_can_be_installed_and_the_shell_says_nothing_of_anybody(phone: Page, server, task):
    manifest = phone.evaluate("fetch('/scene/manifest.webmanifest').then((answer) => answer.json())")
    assert manifest["display"] == "standalone"
    assert manifest["scope"] == manifest["start_url"] == "/scene/"
    for icon in manifest["icons"]:
        assert phone.evaluate("(src) => fetch(src).then((answer) => answer.ok)", icon["src"])
    kept = phone.evaluate("""async () => {
        const found = [];
        for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
        }
        return found;
    }""")
    assert "/scene/" in kept
    assert all(path == "/scene/" or path.startswith("/static/") for path in kept)
    shell = phone.evaluate("caches.match('/scene/').then((answer) => answer.text())")
    assert "csrf" not in shell
    assert phone.locator("[data-net]").inner_text().split()[-1] not in shell


def test_a_document_is_filled_in_without_a_network_and_what_is_refused_comes_back(
    phone: Page, database, task, look
):
    work, case, _ = task
    made = "select count(*) from document where case_id = %s"
    before = rows(database, made, case)
    take(phone)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="制作《抽样记录").first.click()
    expect(phone.get_by_role("heading", name="制作《抽样记录")).to_be_visible()
    look(phone, "scene-document")
    phone.get_by_role("button", name="填写完毕，制作文书").click()
    expect(phone.locator("[data-made]")).to_contain_text("未同步")
    phone.context.set_offline(False)
    expect(phone.locator("[data-made] .field-error")).to_be_visible()
    look(phone, "scene-document-refused")
    phone.get_by_role("button", name="修改后重新制作").click()
    expect(phone.get_by_role("heading", name="制作《抽样记录")).to_be_visible()
    assert rows(database, made, case) == before
    assert rows(database, "select status from work_item where id = %s", work) == [("open",)]
