"""The demo city's cases, driven through the very acts officers use, at the dates they are said to happen."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.kernel import clock, files
from app.people import service as people

from . import acts, demo_content, demo_items, following_up, stepping, timers
from .models import Case, WorkItem, WorkStatus
from .publication import gate_of_release

MORNING = dt.time(10)


def load(session: Session) -> None:
    """Load the procedures, items and cases of the demo city once. Loading twice changes nothing."""
    prepare(session)
    if session.scalar(select(Case.id).limit(1)):
        return
    for plan in demo_content.content()["cases"]:
        Drive(session, demo_content.recent(plan, clock.today())).run()


def prepare(session: Session) -> None:
    """Publish the procedures and the agencies' items: all that is needed before a case can be opened."""
    used = (item["procedure"] for item in demo_items.items())
    for key in dict.fromkeys([*used, *diagrams.shipped()]):
        diagrams.publish(session, diagrams.from_folder(key), gate_of_release(session))
    demo_items.load(session)


def officers(session: Session, agency_id: int) -> dict[str, list[tuple[int, str]]]:
    """The agency's officers by position: those with a valid certificate first, in the order of its number."""
    found: dict[str, list[tuple[bool, str, int, str]]] = {}
    for card in people.officers_at(session, agency_id):
        for position in card.positions:
            number = card.certificate()
            found.setdefault(position, []).append((not number, number, card.id, card.name))
    return {position: [(o, name) for *_, o, name in sorted(group)] for position, group in found.items()}


def with_files(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers with a file for every piece of evidence that names none, as the person would upload it."""
    return {key: _attached(value) if key == "evidence" else value for key, value in answers.items()}


def _attached(rows: Any) -> Any:
    if not isinstance(rows, list):
        return rows
    found = []
    for row in rows:
        if not row.get("file"):
            name, content = demo_content.material(row)
            digest = files.put(content)
            file = {"name": name, "digest": digest, "size": len(content), "type": "text/plain"}
            row = {**row, "file": file}
        found.append(row)
    return found


class Drive:
    """Drives one planned case forward, act by act, as its people would."""

    def __init__(self, session: Session, plan: Mapping[str, Any]):
        self.session = session
        self.plan = plan
        self.agency_id = people.agency_id_of(session, plan["agency"])
        self.officers = officers(session, self.agency_id)
        self.filled: dict[str, int] = {}
        self.serial = 0
        self.token = secrets.token_hex(8)
        opened = dt.date.fromisoformat(str(plan["opened"]))
        self.moment = dt.datetime.combine(opened, dt.time(9), clock.CHINA)
        self.case_id = 0

    def run(self, until: str | None = None) -> int:
        """Open the case and go on until the planned task (or `until`) waits; the case's id."""
        self.open()
        stop = until or self.plan["until"]
        if path := demo_content.path_of(self.plan):
            for step in path:
                if step["node"] == stop:
                    break
                self.moment = dt.datetime.fromisoformat(step["at"]).replace(tzinfo=clock.CHINA)
                self.do(step["node"])
        else:
            while (node := self.next_node(stop)) is not None:
                day = demo_content.next_weekday(self.moment.date())
                self.moment = dt.datetime.combine(day, MORNING, clock.CHINA)
                self.do(node)
        return self.case_id

    def open(self) -> None:
        """Open the case on its item, as an officer of the registering position."""
        with clock.at(self.moment):
            opener = self.officers[self.plan.get("opener", "intake")][0][0]
            actor = people.actor_of(self.session, opener)
            items = catalogue.items_of(self.session, self.agency_id)
            item = next(i for i in items if i.code == self.plan["item"])
            opened = (
                following_up.open_following(
                    self.session, actor, self.followed(self.plan["follows"]), item.id, self.key()
                )
                if "follows" in self.plan
                else acts.open_case(self.session, actor, item.id, self.key())
            )
            self.case_id = opened.case_id

    def followed(self, name: str) -> int:
        """The newest case of the plan that this one follows; driven first where there is none yet."""
        plan = demo_content.case_of(name)
        known = select(Case.id).where(Case.title == plan["title"], Case.agency_id == self.agency_id)
        found = self.session.scalar(known.order_by(Case.id.desc()).limit(1))
        return found or Drive(self.session, plan).run()

    def waiting(self) -> list[WorkItem]:
        """The waiting tasks; an event that may be registered comes last."""
        return sorted(stepping.open_work(self.session, self.case_id), key=lambda w: w.kind == "message")

    def next_node(self, stop: str) -> str | None:
        """The next task to do, or None when the planned one waits (or nothing does)."""
        waiting = self.waiting()
        if not waiting or any(w.node == stop for w in waiting):
            return None
        return waiting[0].node

    def do(self, node: str) -> None:
        """Do one task, with the second officer's confirmation where it is asked for. Timers that ran out in the
        meantime fire first."""
        due = self.session.get_one(Case, self.case_id).next_due
        if due is not None and due <= self.moment:
            with clock.at(due):
                timers.fire(self.session, self.case_id, due)
        work = next(w for w in self.waiting() if w.node == node)
        position = work.position_key
        officer_id = work.assignee_id or self.officers[position][0][0]
        actor = people.actor_of(self.session, officer_id)
        given = self.answers(work.form)
        self.filled[work.form] = self.filled.get(work.form, 0) + 1
        with clock.at(self.moment):
            acts.hand_in(self.session, actor, work.id, work.version, self.key(), lambda *_: given)
        if work.status == WorkStatus.COSIGN and work.cosigner_id:
            second = people.actor_of(self.session, work.cosigner_id)
            with clock.at(self.moment + dt.timedelta(minutes=5)):
                acts.confirm(self.session, second, work.id, work.version, self.key())

    def answers(self, form: str) -> dict[str, Any]:
        """What is handed in on a form."""
        filled = self.filled.get(form, 0)
        return with_files(demo_content.answers(self.plan, form, filled, self.officers, self.moment))

    def key(self) -> str:
        """A new idempotency key."""
        self.serial += 1
        return f"demo{self.token}{self.serial:06d}"
