"""The same form in a real browser: conditions, rows, amounts, drafts, restored copies, no CSP breach."""

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request, send_from_directory
from playwright.sync_api import expect
from werkzeug.serving import make_server

from app.forms.service import render
from app.kernel.errors import Invalid
from app.kernel.web import CSP

from .conftest import context_with, make, text

SOURCES = Path(__file__).resolve().parents[2] / "app" / "frontend" / "src"
expect.set_options(timeout=15_000)
CHROMIUM = (
    os.environ.get("XQ_CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH"),
]

FORM = make(
    {"type": "party", "key": "party", "label": "当事人", "required": True},
    {"type": "money", "key": "sum", "label": "罚款"},
    text("why", label="重大理由", required=True, visibleWhen={"field": "sum", "op": "gte", "value": 50000}),
    text("more", label="补充", visibleWhen={"field": "why", "op": "notEmpty"}),
    text("ask", label="处罚说明", requiredWhen={"field": "sum", "op": "gte", "value": 9000000}),
    {
        "type": "note",
        "label": "有证据",
        "visibleWhen": {"field": "evidence", "op": "notEmpty"},
    },
    {"type": "checkboxes", "key": "kinds", "label": "种类", "options": ["警告", "罚款"]},
    {"type": "evidence", "key": "evidence", "label": "证据"},
    {"type": "list", "key": "rows", "label": "明细", "columns": [text("name", label="名称")], "maxRows": 3},
    {"type": "opinion", "key": "opinion", "label": "意见"},
)


class Site:
    """A page with the form, as the task page will have it."""

    def __init__(self) -> None:
        self.drafts: list[dict[str, list[str]]] = []
        self.broken = False
        self.url = ""
        self.app = Flask("site")
        self.app.config["SECRET_KEY"] = "trial"
        self.app.add_url_rule("/", view_func=self.page, methods=["GET", "POST"])
        self.app.add_url_rule("/other", view_func=self.other)
        self.app.add_url_rule("/draft", view_func=self.draft, methods=["POST"])
        self.app.add_url_rule("/src/<path:name>", view_func=lambda name: send_from_directory(SOURCES, name))
        self.app.after_request(self.headers)

    @staticmethod
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    def page(self) -> str:
        answers: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        if request.method == "POST":
            answers = FORM.parse(request.form, request.files)
            try:
                data = FORM.validate(answers, context_with())
                return f"<title>完成</title><pre id=data>{json.dumps(data)}</pre>"
            except Invalid as refused:
                errors = refused.errors
        return (
            '<!doctype html><html lang="zh-CN"><title>试表</title>'
            '<meta name="viewport" content="width=device-width">'
            '<link rel="icon" href="data:,"><link rel="stylesheet" href="/src/css/rooms/forms.css">'
            '<script type="module" src="/src/forms.js"></script><main><h1>试表</h1>'
            '<form method="post" enctype="multipart/form-data" novalidate data-form data-draft="/draft">'
            f'<input type="hidden" name="_csrf" value="token">{render(FORM, answers, errors, context_with())}'
            '<button id="act" class="button primary">提交</button></form></main>'
        )

    @staticmethod
    def other() -> str:
        return '<!doctype html><title>别处</title><script type="module" src="/src/forms.js"></script>'

    def draft(self) -> Any:
        if self.broken:
            return "", 500
        assert request.headers["X-CSRF-Token"] == "token"
        FORM.parse(request.form, request.files)
        self.drafts.append(request.form.to_dict(flat=False))
        return jsonify(saved=True)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def chromium(playwright: Any) -> Iterator[Any]:
    options = ["--no-sandbox", "--disable-background-networking", "--disable-sync", "--no-first-run"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Any, site: Site) -> Iterator[Any]:
    site.drafts.clear()
    site.broken = False
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Content Security" in line.text else None)
    page.goto(site.url)
    yield page
    context.close()
    assert problems == []


def wait_for_draft(page: Any, words: str) -> None:
    page.wait_for_function(
        "words => document.querySelector('[data-draft-status]').textContent.includes(words)", arg=words
    )


def test_conditions_amounts_and_hints_follow_the_typing(page):
    expect(page.locator("#f-why")).to_be_hidden()
    page.fill("#f-sum", "￥50,000")
    expect(page.locator("#f-why")).to_be_visible()
    expect(page.locator("#f-sum-upper")).to_have_text("伍万元整")
    expect(page.locator("#f-more")).to_be_hidden()
    page.fill("#f-why", "较大")
    expect(page.locator("#f-more")).to_be_visible()
    page.fill("#f-sum", "49999.99")
    expect(page.locator("#f-why")).to_be_hidden()
    expect(page.locator("#f-more")).to_be_hidden()
    expect(page.locator("#f-why")).to_be_disabled()
    page.check("#f-party-kind-2")
    page.fill("#f-party-id_code", "91370400XXXC0001X4")
    expect(page.locator("#f-party-hint")).to_contain_text("似有误")
    page.fill("#f-party-id_code", "n2442000xxxd00264f")
    expect(page.locator("#f-party-hint")).to_be_empty()
    expect(page.locator("#f-party-legal_representative")).to_be_visible()
    page.check("#f-party-kind")
    expect(page.locator("#f-party-legal_representative")).to_be_hidden()


def test_what_must_be_answered_follows_the_typing(page):
    ask = page.locator("#f-ask")
    star = page.locator("[data-item=ask] [data-star]")
    expect(star).to_be_hidden()
    expect(ask).not_to_have_attribute("aria-required", re.compile(""))
    page.fill("#f-sum", "9,000,000")
    expect(star).to_be_visible()
    expect(ask).to_have_attribute("aria-required", "true")
    page.fill("#f-sum", "8,999,999.99")
    expect(star).to_be_hidden()
    expect(ask).not_to_have_attribute("aria-required", re.compile(""))


def test_rows_come_go_and_are_numbered(page):
    rows = page.locator("[data-rows=rows] tbody tr")
    add = page.locator("[data-rows=rows] [data-add-row]")
    page.fill("[name='rows.0.name']", "甲")
    add.click()
    assert page.evaluate("document.activeElement.name") == "rows.1.name"
    page.keyboard.type("乙")
    add.click()
    add.click()
    expect(rows).to_have_count(3)
    page.click("[data-rows=rows] [aria-label='删除第 1 行']")
    expect(rows).to_have_count(2)
    expect(rows.nth(0).locator("input")).to_have_value("乙")
    expect(rows.nth(0).locator("input")).to_have_attribute("aria-label", "第 1 行 名称")
    expect(page.locator("text=有证据")).to_be_hidden()
    page.select_option("[name='evidence.0.kind']", "书证")
    expect(page.locator("text=有证据")).to_be_visible()


def test_the_answers_of_the_page_are_the_answers_of_the_server(page):
    page.check("#f-party-kind")
    page.fill("#f-party-name", "演示·甲")
    page.fill("#f-sum", "250,000")
    page.fill("#f-why", "罚款较大")
    page.check("[name=kinds][value=罚款]")
    page.fill("[name='rows.0.name']", "甲")
    page.set_input_files(
        "[name='evidence.0.file']", files=[{"name": "a.exe", "mimeType": "x/y", "buffer": b"MZ"}]
    )
    page.click("#act")
    page.wait_for_selector("[data-error-summary]:focus")
    page.click("[data-error-summary] a >> nth=0")
    assert page.evaluate("document.activeElement.id").startswith("f-evidence-0")
    page.set_input_files("[name='evidence.0.file']", files=[])
    page.click("#act")
    page.wait_for_selector("#data")
    data = json.loads(page.inner_text("#data"))
    assert (data["sum"], data["why"], data["kinds"], data["rows"]) == (
        "250000",
        "罚款较大",
        ["罚款"],
        [{"name": "甲"}],
    )


def test_drafts_are_saved_while_typing(page, site):
    page.fill("#f-sum", "88")
    wait_for_draft(page, "已自动保存")
    assert site.drafts[-1]["sum"] == ["88"]
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_what_could_not_be_saved_stays_here_and_comes_back(page, site):
    site.broken = True
    page.fill("#f-sum", "60000")
    page.fill("#f-why", "重大")
    page.check("[name=kinds][value=警告]")
    page.fill("[name='rows.0.name']", "甲")
    page.click("[data-rows=rows] [data-add-row]")
    page.fill("[name='rows.1.name']", "乙")
    wait_for_draft(page, "暂存本机")
    assert "token" not in page.evaluate("JSON.stringify(localStorage)")
    site.broken = False
    page.reload()
    wait_for_draft(page, "尚未上传")
    page.click("text=恢复")
    expect(page.locator("#f-why")).to_have_value("重大")
    expect(page.locator("#f-why")).to_be_visible()
    expect(page.locator("[name='rows.1.name']")).to_have_value("乙")
    expect(page.locator("[name=kinds][value=警告]")).to_be_checked()
    wait_for_draft(page, "已自动保存")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_an_act_that_arrived_leaves_nothing_behind(page, site):
    page.check("#f-party-kind")
    page.fill("#f-party-name", "演示·甲")
    page.click("#act")
    page.wait_for_selector("#data")
    page.goto(site.url + "/other")
    page.wait_for_load_state()
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_no_sideways_scrolling_on_a_phone(page, site):
    page.set_viewport_size({"width": 360, "height": 800})
    page.click("[data-rows=rows] [data-add-row]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_works_without_script(chromium, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url)
    expect(page.locator("#f-why")).to_be_hidden()
    page.fill("#f-sum", "60000")
    page.check("#f-party-kind")
    page.fill("#f-party-name", "演示·甲")
    page.fill("[name='rows.0.name']", "甲")
    page.click("#act")
    expect(page.locator("#f-why")).to_be_visible()
    expect(page.locator("#f-sum")).to_have_value("60000")
    expect(page.locator("[name='rows.0.name']")).to_have_value("甲")
    page.fill("#f-why", "重大")
    page.click("#act")
    expect(page).to_have_title("完成")
    context.close()
