"""An analyst at the forms and documents of a draft: short ways to its pages and answers."""

import json
from typing import Any

from callers import Caller
from cases.town import Town
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.diagrams.models import ProcedureVersion

JSON = {"Accept": "application/json"}


class Designer:
    """An analyst with a draft of the penalty procedure."""

    def __init__(self, town: Town, login: str = "sf-analyst"):
        self.browser: Caller = town.caller(login)
        with town.read() as session:
            source = session.scalar(
                select(ProcedureVersion.id).where(ProcedureVersion.key == "penalty/ordinary")
            )
        fields = {"source": str(source), "key": "", "name": ""}
        answer = self.browser.post("/studio/drafts", fields, page="/studio")
        self.address = answer.location

    def page(self, path: str) -> TestResponse:
        return self.browser.get(f"{self.address}/{path}")

    def ask(self, path: str, **body: Any) -> TestResponse:
        return post(self.browser, f"{self.address}/{path}", body)

    def answer(self, path: str, **body: Any) -> dict[str, Any]:
        found = self.ask(path, **{"changes": {}} | body)
        assert found.status_code == 200, found.get_data(as_text=True)
        return found.get_json()

    def content(self) -> dict[str, Any]:
        return self.browser.get(f"{self.address}/content", headers=JSON).get_json()

    def part(self, path: str) -> str | None:
        return self.content()["parts"].get(path)

    def put(self, path: str, text: str | None) -> TestResponse:
        return self.ask("save", revision=self.content()["revision"], changes={path: text}, note="")

    def send(self, path: str, **fields: str) -> TestResponse:
        """Post a form of the page of this list."""
        return self.browser.post(f"{self.address}/{path}", fields, page="/studio")


def post(browser: Caller, address: str, body: Any) -> TestResponse:
    headers = {**JSON, "X-CSRF-Token": browser.token("/studio")}
    return browser.bare_post(
        address, json.dumps(body).encode(), headers=headers, content_type="application/json"
    )
