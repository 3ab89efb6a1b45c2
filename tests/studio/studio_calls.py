"""An analyst at the studio, for its tests: starts drafts, saves them, asks and answers in JSON."""

import json
from typing import Any

from callers import Caller
from cases.town import Town
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.diagrams.models import ProcedureVersion

JSON = {"Accept": "application/json"}


class Analyst:
    """A signed-in analyst."""

    def __init__(self, town: Town, login: str = "sf-analyst"):
        self.town = town
        self.browser: Caller = town.caller(login)
        self._token = self.browser.token("/studio")

    def start(self) -> int:
        """A draft of the next version of the penalty procedure."""
        with self.town.read() as session:
            chosen = select(ProcedureVersion.id).where(ProcedureVersion.key == "penalty/ordinary")
            source = session.scalar(chosen)
        answer = self.browser.post("/studio/drafts", {"source": str(source)}, page="/studio")
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return int(answer.location.rsplit("/", 1)[1])

    def get(self, path: str) -> TestResponse:
        return self.browser.get(f"/studio/{path}")

    def ask(self, path: str) -> Any:
        return self.browser.get(f"/studio/{path}", headers=JSON).get_json()

    def send(self, path: str, body: Any) -> TestResponse:
        """Post JSON."""
        return self.browser.bare_post(
            f"/studio/{path}",
            json.dumps(body).encode(),
            headers={**JSON, "X-CSRF-Token": self._token},
            content_type="application/json",
        )

    def post(self, path: str, data: Any = None) -> TestResponse:
        """Post a form."""
        return self.browser.post(f"/studio/{path}", data or {}, page="/studio")

    def content(self, draft_id: int) -> dict[str, str]:
        return self.ask(f"drafts/{draft_id}/content")["parts"]

    def save(
        self, draft_id: int, revision: int, changes: dict[str, str | None], note: str = ""
    ) -> TestResponse:
        return self.send(f"drafts/{draft_id}/save", {"revision": revision, "changes": changes, "note": note})
