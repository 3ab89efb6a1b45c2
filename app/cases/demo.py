"""The demo city's cases, driven through the very acts officers use, at the dates they are said to happen."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.settings import ROOT
from app.kernel.transaction import transaction
from app.people import service as people

from . import acts, stepping
from .models import Case, WorkItem, WorkStatus
from .publication import gate

PROCEDURES = ("penalty/ordinary",)


def read(path: str) -> Any:
    """A data file of the product."""
    return yaml.safe_load((ROOT / "app" / path).read_text(encoding="utf-8"))


def publish_procedures(session: Session) -> None:
    """Publish every procedure that lies below `bpmn/`."""
    for key in PROCEDURES:
        diagrams.publish(session, diagrams.from_folder(key), gate)


def load() -> None:
    """Load the demo city once: people, items, procedures, cases. Loading twice changes nothing."""
    with transaction() as session:
        people.load_demo(session)
        publish_procedures(session)
        for item in read("catalogue/data/demo_items.yaml")["items"]:
            for code in item["agencies"]:
                catalogue.add(session, people.agency_by_code(session, code).id, {"kind": "penalty", **item})
        if session.scalar(select(Case.id).limit(1)):
            return
    for plan in read("cases/data/demo_cases.yaml")["cases"]:
        Drive(plan).run()


@cache
def _answers_library() -> Mapping[str, Any]:
    return read("cases/data/demo_cases.yaml").get("answers", {})


class Drive:
    """Drives one planned case forward, act by act, as its people would."""

    def __init__(self, plan: Mapping[str, Any]):
        self.plan = plan
        self.moment = dt.datetime.fromisoformat(str(plan["opened"])).replace(hour=9, tzinfo=clock.CHINA)
        self.serial = 0

    def run(self) -> int:
        """Open the case and go on until the planned stage waits; the case's id."""
        with clock.at(self.moment), transaction() as session:
            actor = self.holder(session, "intake")
            item = next(
                i for i in catalogue.items_of(session, actor.agency_id) if i.code == self.plan["item"]
            )
            result = acts.open_case(session, actor, item.id, self.key())
        case_id = result.case_id
        while (work := self.next_work(case_id)) is not None:
            self.moment += dt.timedelta(days=1)
            with clock.at(self.moment):
                self.do(work)
        return case_id

    def key(self) -> str:
        self.serial += 1
        return f"demo{self.plan['id']}x{self.serial:012d}"

    def holder(self, session: Session, position: str, exclude: int = 0) -> Any:
        """The actor who does the tasks of a position in this agency."""
        agency = people.agency_by_code(session, self.plan["agency"])
        card = next(c for c in people.officers_at(session, agency.id, position) if c.id != exclude)
        return people.actor_of(session, card.id)

    def next_work(self, case_id: int) -> int | None:
        """The next task to do, or None when the planned stage has been reached."""
        with transaction() as session:
            for work in stepping.open_work(session, case_id):
                if work.node == self.plan.get("until"):
                    return None
                if work.kind == "user" or "penalty_party_response" in self.plan.get("answers", {}):
                    return work.id
        return None

    def do(self, work_id: int) -> None:
        """Do one task, with the second officer's confirmation where it is asked for."""
        with transaction() as session:
            work = session.get_one(WorkItem, work_id)
            actor = (
                people.actor_of(session, work.assignee_id)
                if work.assignee_id
                else self.holder(session, work.position_key)
            )
            given = dict(self.plan["answers"][work.form])
            if work.form == "penalty_check":
                given["second"] = self.holder(session, work.position_key, actor.officer_id).officer_id
            acts.hand_in(session, actor, work.id, work.version, self.key(), lambda form, context: given)
        with transaction() as session:
            work = session.get_one(WorkItem, work_id)
            if work.status == WorkStatus.COSIGN:
                second = people.actor_of(session, work.cosigner_id)
                acts.confirm(session, second, work.id, work.version, self.key())
