"""Fills a rendered form as a person does: every control of the definition that is shown, in order.

Answers have the shape the demo's cases have (`app.cases.demo_content`): what a person would type or choose.
Officers are chosen by their names.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from app.cases import demo_content
from app.forms import service as forms

Fill = Callable[["Filler", Any, Any], None]


def fill(page: Page, form: forms.Form, answers: Mapping[str, Any]) -> None:
    """Give the answers. A choice may bring further items to light, so it goes over the form until all is said.

    Raises:
        AssertionError: an answer belongs to an item that never shows.
    """
    filler = Filler(page.locator("[data-form-body]"))
    left = dict(answers)
    while left:
        before = len(left)
        for item in form.items:
            if item.key in left and filler.box(item.key).is_visible():
                FILL[item.type](filler, item, left.pop(item.key))
        if len(left) == before:
            refresh = page.get_by_role("button", name="按已选内容更新表单")  # shown where no script runs
            assert refresh.count(), f"{form.key}: no place for {sorted(left)}"
            refresh.click()


class Filler:
    """Controls of one form by their names."""

    def __init__(self, body: Locator):
        self.body = body

    def box(self, key: str) -> Locator:
        return self.body.locator(f'[data-item="{key}"]')

    def control(self, name: str) -> Locator:
        return self.body.locator(f'[name="{name}"]')

    def choose(self, name: str, value: str) -> None:
        self.body.locator(f'input[name="{name}"][value="{value}"]').check()

    def typed(self, item: Any, value: Any) -> None:
        self.control(item.key).fill(str(value))

    def chosen(self, item: Any, value: str) -> None:
        self.choose(item.key, value)

    def selected(self, item: Any, value: str) -> None:
        self.control(item.key).select_option(value)

    def ticked(self, item: Any, values: Sequence[str]) -> None:
        for option in item.options:
            tick = self.body.locator(f'input[name="{item.key}"][value="{option.value}"]')
            tick.set_checked(option.value in values)

    def officer(self, item: Any, name: Any) -> None:
        if item.multiple:
            for each in name:
                self.box(item.key).get_by_label(each).check()
        else:
            self.control(item.key).select_option(label=name)

    def money(self, item: Any, value: Any) -> None:
        self.typed(item, value)
        if float(value):
            expect(self.box(item.key).locator("[data-upper-of]")).to_contain_text("元")

    def parts(self, item: Any, parts: Mapping[str, str]) -> None:
        for part, value in parts.items():
            if part in ("kind", "stance"):
                self.choose(f"{item.key}.{part}", value)
            else:
                self.control(f"{item.key}.{part}").fill(value)

    def files(self, item: Any, paths: Sequence[Path]) -> None:
        self.control(item.key).set_input_files(list(paths))
        self.arrived()

    def arrived(self) -> None:
        """Wait until what is being sent in parts is there; without script it travels with the form."""
        expect(self.body.locator(".uploading")).to_have_count(0)

    def pieces(self, item: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """Evidence, each with its file: one of the demo's own where the answers name none and the row holds none."""
        self.rows(item, rows)
        table = self.box(item.key).locator("tbody tr")
        for number, row in enumerate(rows):
            if not row.get("file") and not table.nth(number).locator(".stored-files li").count():
                name, content = demo_content.material(row)
                payload = {"name": name, "mimeType": "text/plain", "buffer": content}
                table.nth(number).locator('[name$=".file"]').set_input_files(payload)
        self.arrived()

    def rows(self, item: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        box = self.box(item.key)
        table = box.locator("tbody tr")
        while table.count() < len(rows):
            box.get_by_role("button", name="增加一行").click()
        while (
            table.count() > len(rows) + 1 and (remove := table.last.locator("[data-remove-row]")).is_visible()
        ):
            remove.click()  # without script there is no such button, and a row left empty is no row
        for number, row in enumerate(rows):
            for column, value in row.items():
                self._cell(table.nth(number).locator(f'[name$=".{column}"]'), value)

    @staticmethod
    def _cell(control: Locator, value: Any) -> None:
        if isinstance(value, Path):
            control.set_input_files(value)
        elif control.evaluate("(e) => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(str(value))


FILL: Mapping[str, Fill] = {
    **dict.fromkeys(("text", "textarea", "number", "date", "datetime"), Filler.typed),
    **dict.fromkeys(("radio", "yesno"), Filler.chosen),
    **dict.fromkeys(("party", "opinion", "law"), Filler.parts),
    "list": Filler.rows,
    "evidence": Filler.pieces,
    "money": Filler.money,
    "select": Filler.selected,
    "checkboxes": Filler.ticked,
    "person": Filler.officer,
    "file": Filler.files,
}
