"""An analyst's window at the workbench, for tests in a real browser."""

from collections.abc import Callable
from typing import Any

from desk import Desk
from playwright.sync_api import Page, expect

SOURCE = "行政处罚普通程序（第 1 版）"
READY = "() => document.querySelector('[data-workbench]')?.workbench !== undefined"
WAIT_SAVED = "() => document.querySelector('[data-save-state]').textContent === '已保存'"


class Workbench:
    """One analyst at one draft."""

    def __init__(self, page: Page, path: str):
        self.page = page
        self.path = path

    @classmethod
    def start(cls, desk: Desk, login: str = "sf-analyst") -> "Workbench":
        """A new draft of the next version of the penalty procedure."""
        page = desk.page(login, "/studio")
        page.get_by_label("以哪个流程为基础").select_option(label=SOURCE)
        page.get_by_role("button", name="新建草稿").click()
        page.wait_for_url("**/studio/drafts/*")
        return cls(page, page.url[page.url.index("/studio") :]).ready()

    def beside(self, desk: Desk, login: str) -> "Workbench":
        """The same draft at another analyst's window."""
        return Workbench(desk.page(login, self.path), self.path).ready()

    def ready(self) -> "Workbench":
        self.page.wait_for_function(READY)
        return self

    def again(self) -> "Workbench":
        """Open the page anew."""
        self.page.goto(self.path)
        return self.ready()

    def do(self, program: str, argument: Any = None) -> Any:
        """Run `(workbench, editor, argument) => …` with the editor of the internal diagram."""
        return self.page.evaluate(
            f"(argument) => {{ const workbench = document.querySelector('[data-workbench]').workbench;"
            f"return ({program})(workbench, workbench.editor('internal'), argument); }}",
            argument,
        )

    def rename(self, element: str, name: str) -> None:
        """As a change of the drawing, through its command stack."""
        self.do(
            "(w, e, [id, name]) => e.get('modeling').updateProperties(e.get('elementRegistry').get(id), { name })",
            [element, name],
        )

    def condition(self, flow: str, text: str) -> None:
        """Give a flow another condition, as a change of the drawing."""
        self.do(
            "(w, e, [id, text]) => { const flow = e.get('elementRegistry').get(id);"
            "e.get('modeling').updateProperties(flow, { conditionExpression: text ?"
            "e.get('bpmnFactory').create('bpmn:FormalExpression', { body: text }) : undefined }); }",
            [flow, text],
        )

    def name_of(self, element: str) -> str:
        return self.do("(w, e, id) => e.get('elementRegistry').get(id).businessObject.name", element)

    def set(self, path: str, text: str | None) -> None:
        """Change a file as its own page would."""
        self.do("(w, e, [path, text]) => w.draft.set(path, text)", [path, text])

    def text(self, path: str) -> str | None:
        return self.do("(w, e, path) => w.draft.text(path) ?? null", path)

    def saved(self) -> None:
        """Wait until the server has everything."""
        self.page.wait_for_function(
            "() => { const { draft } = document.querySelector('[data-workbench]').workbench;"
            "return !draft.unsaved && !draft.drawn() && draft.state === 'saved'; }"
        )

    def stored(self) -> dict[str, str]:
        """What the server has."""
        return self.page.evaluate(
            "async (path) => (await (await fetch(`${path}/content`,"
            " { headers: { Accept: 'application/json' } })).json()).parts",
            self.path,
        )

    def panel(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()


def no_conflict(*benches: Workbench) -> None:
    for bench in benches:
        expect(bench.page.locator("[data-conflict]")).to_be_hidden()


Look = Callable[[Page], None]
