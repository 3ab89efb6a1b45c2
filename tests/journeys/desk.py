"""The desks of the city's people: each signed in at a browser of their own, finding work in their inbox."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import yaml
from filling import fill
from playwright.sync_api import Locator, Page, expect
from running_server import RunningServer
from turning import turn

from app.cases import demo_content
from app.diagrams import service as diagrams
from app.engine import service as engine
from app.forms import service as forms
from app.kernel.clock import CHINA
from app.kernel.settings import ROOT
from app.people import demo as city

CASE_NO = re.compile(r"\S*〔\d{4}〕\S*号")
Look = Callable[[Page], None]


@cache
def form(key: str) -> forms.Form:
    """A form as published."""
    return forms.load(json.loads((ROOT / "forms" / f"{key}.json").read_text(encoding="utf-8")))


@cache
def officers(prefix: str) -> demo_content.Officers:
    """An agency's officers by position, known by name, as `app.cases.demo.officers` orders them."""
    found: dict[str, list[tuple[str, str]]] = {}
    staff = [a for a in city.demo_accounts() if a.login.startswith(f"{prefix}-") and a.positions]
    for account in sorted(staff, key=lambda a: a.certificates in ("", "x")):
        for position in account.positions:
            found.setdefault(position, []).append((account.name, account.name))
    return found


@cache
def nodes(item: str) -> Mapping[str, engine.NodeInfo]:
    """The tasks of the procedure on which an item (by its code) runs: what they are called and whose they are."""
    items = yaml.safe_load((ROOT / "app/catalogue/data/demo_items.yaml").read_text(encoding="utf-8"))["items"]
    key = next(each["procedure"] for each in items if each["code"] == item)
    procedure = diagrams.from_folder(key)
    return engine.nodes(engine.spec(f"journeys {key}", lambda: engine.Source(internal=procedure.whole)))


def login_of(name: str) -> str:
    """Who that is."""
    return next(a.login for a in city.demo_accounts() if a.name == name)


class Desk:
    """`page(login)` is that person's window, signed in and kept open. `on(moment)` turns the calendar."""

    def __init__(self, new_page: Callable[..., Page], server: RunningServer):
        self._new_page = new_page
        self._server = server
        self.windows: dict[str, Page] = {}

    def on(self, moment: datetime | str) -> None:
        """It is this moment (of China, where it does not say otherwise)."""
        told = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        turn(self._server.home, told if told.tzinfo else told.replace(tzinfo=CHINA))

    def page(self, login: str, path: str = "/inbox") -> Page:
        """This person's window at this address; whom the night has signed out, signs in again."""
        if login not in self.windows:
            self.windows[login] = self._new_page()
        page = self.windows[login]
        page.goto(path)
        if "/sign-in" in page.url:
            page.get_by_label("登录名").fill(login)
            page.get_by_label("密码").fill(city.password())
            page.get_by_role("button", name="登录系统").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def open_case(self, login: str, item: str) -> str:
        """Open a case on the item with this code or name; its number. The window is at the first task."""
        page = self.page(login, "/cases/new")
        page.locator("label", has_text=item).click()
        page.get_by_role("button", name="发起办件").click()
        page.wait_for_url("**/work/*")
        return CASE_NO.search(page.locator(".crumbs").inner_text())[0]

    def find(self, login: str, case_no: str, task: str) -> Page:
        """Open this person's task from the list of what has the case's number; take it from the pool where it lies.

        The list is asked for by its address: how a person searches is shown in `tests/browser`.
        """
        for attempt in range(20):
            for box in ("mine", "positions"):
                page = self.page(login, f"/inbox?box={box}&q={case_no}")
                row = page.locator("[data-row]", has_text=case_no).get_by_role("link", name=task, exact=True)
                if row.count():
                    row.first.click()
                    page.wait_for_url("**/work/*")
                    return self.take(page)
            page.wait_for_timeout(200 * attempt)  # a timer that has run out is the worker's to fire
        raise AssertionError(f"{login} finds no {task} of {case_no}")

    def take(self, page: Page) -> Page:
        """Sign for a task that lies in the pool."""
        button = page.get_by_role("button", name="签收办理")
        if button.count():
            button.click()
            expect(page.locator("form[data-form]")).to_be_visible()
        return page


def submit(page: Page, button: Locator | None = None) -> str:
    """Do what the page's primary button says; what the platform answers."""
    (button or page.locator("[data-primary]")).click()
    page.wait_for_load_state("domcontentloaded")
    notice = page.locator("[data-focus], [data-error-summary]").first
    notice.wait_for()
    text = notice.inner_text()
    assert "done=" in page.url, text
    return text


@dataclass
class Journey:
    """One planned case on its way: what was said, by whom, and the numbers it was given."""

    desk: Desk
    plan: Mapping[str, Any]
    prefix: str
    """What the sign-in names of its agency begin with."""
    looks: Mapping[str, Look] = field(default_factory=dict)
    """What a person looks at before the click, by node."""
    case_no: str = ""
    case_path: str = ""
    filled: dict[str, int] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def open(self) -> None:
        """Open the case as its registrar."""
        first = demo_content.path_of(self.plan)[0]
        self.desk.on(first["at"])
        login = self._login(nodes(self.plan["item"])[first["node"]].position)
        self.case_no = self.desk.open_case(login, self.plan["item"])
        self.seen.add(login)

    def run(self, until: str | None = None) -> None:
        """Go on to the end of the plan, or until this node is next."""
        path = demo_content.path_of(self.plan)
        for step in path[sum(self.filled.values()) :]:
            if step["node"] == until:
                return
            self.do(step["node"], step["form"], step["at"])

    def do(self, node: str, key: str, at: str, said: Mapping[str, Any] | None = None) -> None:
        """One task on its day, with the second officer's confirmation where it is asked for. `said` instead of what
        the plan says."""
        self.desk.on(at)
        task = nodes(self.plan["item"])[node].name
        login = self._login(nodes(self.plan["item"])[node].position)
        self.seen.add(login)
        page = self._registering(task, login) if nodes(self.plan["item"])[node].kind == "message" else None
        page = page or self.desk.find(login, self.case_no, task)
        moment = datetime.fromisoformat(at)
        given = self._answers(key, moment) if said is None else self._resolved(said, moment)
        self.filled[key] = self.filled.get(key, 0) + 1
        fill(page, form(key), given)
        if look := self.looks.get(node):
            look(page)
        notice = submit(page)
        if "确认后生效" in notice:
            notice = self._confirm(node, task, notice)
        self.notices[node] = notice

    def numbered(self, node: str, begins: str) -> str:
        """The paper the page said it issued, 《title》 and number. The number itself depends on who else issued
        papers of this agency in the town before."""
        found = re.search(f"{re.escape(begins)}[1-9]\\d*号", self.notices[node])
        assert found, f"{begins} is not in what the page said: {self.notices[node]}"
        return found[0]

    def page(self, who: str) -> Page:
        """The case's page in this person's window, found in the list of cases by its number."""
        page = self.desk.page(f"{self.prefix}-{who}", f"/cases?q={self.case_no}")
        page.locator("[data-row]", has_text=self.case_no).get_by_role("link").click()
        page.wait_for_url("**/cases/*")
        return page

    def _answers(self, key: str, moment: datetime) -> dict[str, Any]:
        return demo_content.answers(self.plan, key, self.filled.get(key, 0), officers(self.prefix), moment)

    def _resolved(self, said: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
        return demo_content.resolve(said, self.plan, officers(self.prefix), moment)

    def _confirm(self, node: str, task: str, said: str) -> str:
        name = re.search("待(.+?)确认后生效", said)[1]
        second = login_of(name)
        self.seen.add(second)
        page = self.desk.find(second, self.case_no, task)
        expect(page.get_by_role("heading", name="请您作为协办人员确认")).to_be_visible()
        if look := self.looks.get(f"{node}:second"):
            look(page)
        return submit(page)

    def _registering(self, task: str, login: str) -> Page:
        page = self.page(login.removeprefix(f"{self.prefix}-"))
        waiting = page.locator("li", has_text=f"等待：{task}")
        waiting.get_by_role("link", name="登记").click()
        page.wait_for_url("**/work/*")
        return self.desk.take(page)

    def _login(self, position: str) -> str:
        return login_of(officers(self.prefix)[position][0][1])
