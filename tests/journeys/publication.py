"""Drives the publication of a procedure through the services, as the people of the justice office would."""

import itertools
import re
from collections.abc import Mapping
from typing import Any

from cases.town import Town, actor
from sqlalchemy import select

from app.cases import acts
from app.cases.models import WorkItem, WorkStatus
from app.diagrams import service as diagrams
from app.diagrams.models import Draft, Publication
from app.kernel import clock
from app.studio import publish, publish_acts
from app.studio import service as studio

ANALYST, REVIEW, HEAD, LEGAL, ARCHIVE = "sf-analyst", "sf-review", "sf-head", "sf-legal", "sf-archive"
_numbers = itertools.count(1)


def key() -> str:
    """A new idempotency key."""
    return f"publication{next(_numbers):09d}"


GIVEN = publish.Given(
    "《中华人民共和国行政处罚法》第四十七条", "归档环节的名称与档案制度一致。", "2099-01-01"
)
POINTS = ("subject", "authority", "power", "procedure", "limits", "burden", "papers")
GOOD = dict.fromkeys(POINTS, "符合")


class Way:
    """A draft on its way, in a town."""

    def __init__(self, town: Town, login: str = ANALYST) -> None:
        self.town, self.login = town, login
        self.draft_id = 0
        self.case_id = 0

    def draft(self, procedure: str = "penalty/ordinary", **files: str | None) -> int:
        """A draft of the newest version with its archiving step called otherwise, and other files as given."""
        with self.town.act() as session:
            who = actor(session, self.login)
            made = studio.start(session, who, diagrams.current(session, procedure).id, "", "")
            self.draft_id = made.id
        word = f"整理归档（{next(_numbers)}）"
        drawn = re.sub('(id="archive" name=)"[^"]*"', rf'\1"{word}"', self.texts()["internal.bpmn"])
        runs = {path: None for path in self.texts() if path.startswith("runs/")}
        self.save({"internal.bpmn": drawn, **runs, **files})
        return self.draft_id

    def texts(self) -> dict[str, str]:
        with self.town.read() as session:
            return diagrams.drafts.texts(session, session.get_one(Draft, self.draft_id).tree)

    def save(self, changes: Mapping[str, str | None], login: str = "") -> None:
        with self.town.act() as session:
            revision = session.get_one(Draft, self.draft_id).revision
            who = actor(session, login or self.login)
            diagrams.drafts.save(session, who, self.draft_id, revision, changes)

    def status(self) -> str:
        with self.town.read() as session:
            return session.get_one(Draft, self.draft_id).status

    def row(self) -> Publication:
        with self.town.read() as session:
            found = session.scalars(select(Publication).where(Publication.case_id == self.case_id)).one()
            session.expunge(found)
            return found

    def send(self, given: publish.Given = GIVEN, **more: Any) -> acts.ActResult:
        with self.town.act() as session:
            revision = more.pop("revision", None) or session.get_one(Draft, self.draft_id).revision
            who = actor(session, more.pop("login", self.login))
            result = publish.send(
                session, who, self.draft_id, revision, more.pop("key", None) or key(), given
            )
        self.case_id = result.case_id
        return result

    def waiting(self, node: str) -> tuple[int, int]:
        with self.town.read() as session:
            chosen = select(WorkItem).where(WorkItem.case_id == self.case_id, WorkItem.node == node)
            found = session.scalars(chosen.where(WorkItem.status == WorkStatus.OPEN)).one()
            return found.id, found.version

    def nodes(self) -> set[str]:
        """The tasks that wait."""
        with self.town.read() as session:
            chosen = select(WorkItem.node).where(WorkItem.case_id == self.case_id, WorkItem.kind == "user")
            return set(session.scalars(chosen.where(WorkItem.status == WorkStatus.OPEN)))

    def hand_in(self, node: str, login: str, data: Mapping[str, Any]) -> acts.ActResult:
        work_id, version = self.waiting(node)
        return self.town.do(acts.hand_in, login, work_id, version, key(), lambda *_: data)

    def initial(self, stance: str = "agree", text: str = "") -> acts.ActResult:
        given = {
            "checked": ["证明报告和试运行"],
            "departments": [{"name": "执法监督科", "opinion": "同意"}],
            "opinion": {"stance": stance, "text": text},
        }
        return self.hand_in("initial", REVIEW, given)

    def collective(self, conclusion: str = "通过", **more: Any) -> acts.ActResult:
        with self.town.read() as session:
            host = actor(session, HEAD).officer_id
        held = f"{clock.today().isoformat()}T00:01"
        given = {
            "held_at": held,
            "place": "三楼会议室",
            "host": str(host),
            "attendees": "局领导班子成员",
            "discussion": "一致同意。",
            "conclusion": conclusion,
        }
        return self.hand_in("collective", HEAD, given | more)

    def submit(self, day: str = "2099-01-01") -> acts.ActResult:
        return self.hand_in("submit", self.login, {"effective_on": day})

    def audit(self, conclusion: str = "审核通过", **more: Any) -> acts.ActResult:
        given: dict[str, Any] = {**GOOD, "conclusion": conclusion}
        if conclusion == "审核通过":
            given |= {"effective_on": clock.today().isoformat(), "opinion": "依据充分，同意公布。"}
        else:
            given |= {"reason": "增加的环节没有法律依据。"}
        return self.hand_in("audit", LEGAL, given | more)

    def to_audit(self) -> None:
        """Sent in and brought before the legal office."""
        self.send()
        self.initial()
        self.collective()
        self.submit()

    def archive(self) -> acts.ActResult:
        return self.hand_in("archive", ARCHIVE, {"papers": ["审核意见书"], "pages": 12})


def stated(town: Town, login: str, draft_id: int) -> dict[str, Any]:
    """What the platform writes into the form of a draft, with what an analyst adds."""
    with town.read() as session:
        draft = diagrams.drafts.draft(session, actor(session, login), draft_id)
        found = publish_acts.checked(session, draft)
        return {
            **publish_acts.statement(draft, found),
            "matter": "流程变动审核",
            "basis": GIVEN.basis,
            "reason": GIVEN.reason,
            "effective_on": GIVEN.effective_on,
        }
