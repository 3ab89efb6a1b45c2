"""An analyst at the workbench: what tests of the studio's pages do and look at."""

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from app.people import demo as city

TAG = re.compile(r"[a-z]+(\.[a-z]+)+")
"""A legal step's tag, as findings name it."""
LATIN = re.compile(r"[A-Za-z]{2,}")
VISIBLE = """() => {
  const skipped = 'code, kbd, script, style, .bjs-powered-by, textarea, .djs-container svg text';
  const spoken = ['title', 'aria-label', 'placeholder', 'alt'];
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const holder = node.parentElement;
    if (node.data.trim() && !holder.closest(skipped) && holder.checkVisibility()) found.push(node.data.trim());
  }
  for (const element of document.querySelectorAll(spoken.map((name) => `[${name}]`).join())) {
    if (!element.closest(skipped)) found.push(...spoken.map((name) => element.getAttribute(name)).filter(Boolean));
  }
  return found;
}"""
ELEMENT = """
  const editor = w.editor(a[1]);
  const shape = editor.get('elementRegistry').get(a[0]);
  if (!shape) return null;
  const bo = shape.businessObject;
  const names = ['step', 'form', 'limit', 'warn', 'officers', 'duty', 'basis', 'verb', 'from', 'action', 'abnormal',
    'rounds', 'position'];
  const said = names.map((name) => [name, bo.get('xq:' + name)]).filter(([, value]) => value !== undefined);
  const { x, y, width, height } = shape;
  return {
    name: bo.name, type: bo.$type, x, y, width, height, xq: Object.fromEntries(said),
    condition: bo.conditionExpression?.body,
    lane: editor.get('laneKeeper').laneOf(shape)?.businessObject.get('xq:position'),
    documents: (bo.extensionElements?.values ?? []).map((d) => ({ code: d.code, when: d.when, if: d.get?.('if') })),
  };"""
NODES = """
  const kept = (shape) => shape.parent && !shape.waypoints && shape.type !== 'label'
    && !/Lane|Participant|Collaboration|Process$/.test(shape.type);
  return e.get('elementRegistry').filter(kept).map((shape) => {
    const lane = e.get('laneKeeper').laneOf(shape);
    const { id, x, y, width, height } = shape;
    return { id, x, y, width, height, lane: lane && [lane.y, lane.y + lane.height] };
  });"""
ALLOWED = {"BPMN", "SVG", "PNG", "PDF", "Ctrl", "Tab", "Command", "Esc", "Delete", "UTF"}
"""Names of file kinds and of keys, which have no Chinese."""


class Board:
    """The workbench in a browser window."""

    def __init__(self, page: Page, login: str = "sf-analyst"):
        self.page = page
        self.untranslated: list[str] = []
        page.on(
            "console",
            lambda m: self.untranslated.append(m.text) if m.text.startswith("untranslated") else None,
        )
        page.goto("/studio")
        if "/sign-in" not in page.url:
            return
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(city.password())
        page.get_by_role("button", name="登录系统").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def start(self, source: str = "行政处罚普通程序", key: str = "", name: str = "") -> "Board":
        """A new draft, and its workbench."""
        self.page.goto("/studio")
        options = self.page.locator("#new-source option")
        values = {o.inner_text(): o.get_attribute("value") for o in options.all()}
        chosen = next((value for text, value in values.items() if source and text.startswith(source)), "")
        self.page.locator("#new-source").select_option(chosen)
        self.page.locator("#new-key").fill(key)
        self.page.locator("#new-name").fill(name)
        self.page.get_by_role("button", name="新建草稿").click()
        self.page.wait_for_url(re.compile(r"/studio/drafts/\d+$"))
        return self.ready()

    def open(self, url: str) -> "Board":
        self.page.goto(url)
        return self.ready()

    def ready(self) -> "Board":
        """Both diagrams are drawn, and the lists of the law have come."""
        expect(self.page.locator("[data-canvas='internal'] .djs-container")).to_be_visible()
        self.run("await w.vocabulary.ready")
        for _ in range(200):
            if self.run("return Boolean(document.querySelector('[data-workbench]').workbench)"):
                return self
            self.page.wait_for_timeout(25)
        raise AssertionError("the workbench did not open")

    def run(self, body: str, argument: Any = None) -> Any:
        """Ask the page's workbench `w` something; `e` is the editor in use, `a` the argument."""
        script = (
            "async (a) => { const host = document.querySelector('[data-workbench]');"
            " for (let i = 0; i < 400 && !host.workbench; i += 1) await new Promise((r) => setTimeout(r, 25));"
            f" const w = host.workbench; const e = w?.editor(w.active); {body} }}"
        )
        return self.page.evaluate(script, argument)

    def view(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def select(self, ident: str, which: str = "internal") -> None:
        self.run(f"w.select('{which}', a, {{ reveal: true }})", ident)

    def element(self, ident: str, which: str = "internal") -> dict[str, Any] | None:
        """Attributes and place of an element."""
        return self.run(ELEMENT, [ident, which])

    def nodes(self) -> list[dict[str, Any]]:
        """Every node of the diagram in use with its place, and from where to where its lane reaches."""
        return self.run(NODES)

    def until(self, body: str) -> None:
        """Wait until the page's workbench says yes (see `run`)."""
        for _ in range(400):
            if self.run(body):
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(f"never true: {body}")

    def appears(self, ident: str, which: str = "internal") -> dict[str, Any]:
        """The element, once it is drawn: what a dialog chose comes a moment after it closed."""
        self.until(f"return Boolean(w.editor('{which}').get('elementRegistry').get('{ident}'))")
        found = self.element(ident, which)
        assert found
        return found

    def selected(self) -> str | None:
        return self.run("return e.get('selection').get()[0]?.id ?? null")

    def xml(self, which: str = "internal") -> str:
        return self.run(f"return (await w.editor('{which}').saveXML({{ format: true }})).xml")

    def saved(self) -> None:
        """Wait until everything is with the server."""
        self.run("await w.flush()")
        expect(self.page.locator("[data-save-state]")).to_have_text("已保存")

    def stored(self) -> dict[str, str]:
        """The draft's texts as the server has them."""
        url = self.page.locator("[data-draft]").get_attribute("data-content-url")
        return json.loads(self.page.request.get(url or "").text())["parts"]

    def overlapping(self) -> list[tuple[str, str]]:
        """Nodes that stand on one another."""
        nodes = self.nodes()
        return [
            (a["id"], b["id"])
            for i, a in enumerate(nodes)
            for b in nodes[i + 1 :]
            if a["x"] < b["x"] + b["width"]
            and b["x"] < a["x"] + a["width"]
            and a["y"] < b["y"] + b["height"]
            and b["y"] < a["y"] + a["height"]
        ]

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("tabpanel", name="属性")

    def tool(self, name: str) -> Locator:
        return self.page.locator("[data-bar]").get_by_role("button", name=name, exact=True)

    def palette(self, name: str, which: str = "internal") -> Locator:
        return self.page.locator(f"[data-canvas='{which}'] .canvas-palette").get_by_role(
            "button", name=name, exact=True
        )

    def pad(self, action: str) -> Locator:
        return self.page.locator(f".djs-context-pad.open [data-action='{action}']")

    def focus_canvas(self, which: str = "internal") -> None:
        self.page.locator(f"[data-canvas='{which}'] .djs-container > svg").focus()

    def speaks_chinese(self, *names: str) -> None:
        """No Latin word stands on the page as it is, but names of files and keys (and `names`: the user's own)."""
        wrong = []
        names = tuple(sorted(names, key=len, reverse=True))
        for text in self.page.evaluate(VISIBLE):
            rest = TAG.sub("", text)
            for name in names:
                rest = rest.replace(name, "")
            if set(LATIN.findall(rest)) - ALLOWED:
                wrong.append(text)
        assert not wrong, wrong
        assert not self.untranslated, self.untranslated
