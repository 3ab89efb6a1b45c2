"""Analysts at their desks: signed in, with a draft of the penalty procedure of their own."""

import itertools
import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from app.people import demo as city

_numbers = itertools.count(1)
CHINESE_FREE = r"""() => {
  const words = [];
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const codes = 'pre, code, textarea, .visually-hidden, small, option, datalist';
    if (!node.parentElement.closest(codes)) words.push(node.textContent);
  }
  for (const element of document.querySelectorAll('main [aria-label], main [title], main [placeholder]')) {
    for (const name of ['aria-label', 'title', 'placeholder']) words.push(element.getAttribute(name) ?? '');
  }
  return words.map((text) => text.trim()).filter((text) => /[A-Za-z]{3,}/.test(text) && !/[\u4e00-\u9fff]/.test(text));
}"""


class Analyst:
    """An analyst's window."""

    def __init__(self, new_page: Callable[..., Page], login: str = "sf-analyst"):
        self.page = new_page()
        self.page.goto("/studio")
        self.page.get_by_label("登录名").fill(login)
        self.page.get_by_label("密码").fill(city.password())
        self.page.get_by_role("button", name="登录系统").click()
        self.page.wait_for_url("**/studio")
        self.draft = ""

    def start(self, source: str = "行政处罚普通程序", name: str = "") -> str:
        """A new draft of a procedure under a key of its own; the path of its pages."""
        page = self.page
        page.goto("/studio")
        options = page.get_by_label("以哪个流程为基础").locator("option").all_inner_texts()
        page.get_by_label("以哪个流程为基础").select_option(next(text for text in options if source in text))
        page.get_by_label("流程代码").fill(f"penalty/browser{next(_numbers)}")
        if name:
            page.get_by_label("流程名称").fill(name)
        page.get_by_role("button", name="新建草稿").click()
        page.wait_for_url("**/studio/drafts/*")
        self.draft = page.url.split("#")[0]
        return self.draft

    def content(self) -> dict[str, Any]:
        """The draft as the server has it."""
        return self.page.request.get(f"{self.draft}/content").json()

    def put(self, changes: dict[str, str | None]) -> None:
        """Change parts of the draft behind the page's back."""
        token = self.page.locator('meta[name="csrf-token"]').get_attribute("content")
        answer = self.page.request.post(
            f"{self.draft}/save",
            data=json.dumps({"revision": self.content()["revision"], "changes": changes}),
            headers={"Content-Type": "application/json", "X-CSRF-Token": token, "Accept": "application/json"},
        )
        assert answer.ok, answer.text()

    def saved(self) -> dict[str, str]:
        """Wait until the page has saved everything; the parts as the server has them."""
        expect(self.page.locator("[data-save-state]")).to_contain_text("已保存")
        return self.content()["parts"]

    def untranslated(self) -> list[str]:
        """Visible words without a Chinese character; codes stand in small print and are left out."""
        return self.page.evaluate(CHINESE_FREE)
