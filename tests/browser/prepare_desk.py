"""Prepare a running demonstration for the inbox: tasks in the pool, one given back, urged, copied and watched ones, and
their texts read. A program."""

from datetime import timedelta

from callers import hashing_cheaply
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import create_app
from app.cases import acts, demo, demo_content, full_text
from app.cases.models import Involvement, Part, Urging, WorkItem
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.transaction import transaction
from app.people import service as people
from app.people.models import Account

POOL = 5
REASON = "现场照片没有注明拍摄时间，请补正。"
URGED = "当事人来电询问进展，请本周内办结。"
ASKED = "请核对罚款数额是否在一般档次以内。"
COPIED = "请法制机构提前了解本案。"


def person(session: Session, login: str) -> Actor:
    account = session.scalars(select(Account).where(Account.login == login)).one()
    return people.actor_of(session, account.officer_id)


def opened(session: Session, name: str, number: int, until: str) -> demo.Drive:
    drive = demo.Drive(session, {**demo_content.case_of(name), "id": f"desk{name[:4]}{number:04d}"})
    drive.run(until)
    return drive


def waiting(session: Session, case_id: int, node: str) -> WorkItem:
    chosen = select(WorkItem).where(WorkItem.case_id == case_id, WorkItem.node == node)
    return session.scalars(chosen.where(WorkItem.status.in_(("open", "cosign")))).one()


def pool(session: Session) -> None:
    """Tasks that nobody has taken, one of them overdue and urged."""
    for number in range(POOL):
        drive = opened(session, "dust-heap", number, "check")
        session.execute(
            text(
                "update work_item set assignee_id = null, claimed_at = null where case_id = :c and node = 'check'"
            ),
            {"c": drive.case_id},
        )


def given_back(session: Session) -> None:
    """A task that the second officer gave back with a reason."""
    drive = opened(session, "dust-heap", 10, "investigate")
    work = waiting(session, drive.case_id, "investigate")
    form = demo_content.answers(drive.plan, work.form, 0, drive.officers, drive.moment)
    lead, second = person(session, "hb-officer1"), person(session, "hb-officer2")
    if work.assignee_id != lead.officer_id:
        lead, second = second, lead
    with clock.at(drive.moment):
        acts.hand_in(session, lead, work.id, work.version, "h" * 32, lambda *_: form)
        work = waiting(session, drive.case_id, "investigate")
        acts.send_back(session, second, work.id, work.version, "b" * 32, REASON)


def sent(session: Session) -> None:
    """What others sent: a copy, a request for an opinion, an urging, a case that is watched."""
    drive = opened(session, "dust-heap", 11, "lead_review")
    work = waiting(session, drive.case_id, "lead_review")
    lead = person(session, "hb-lead")
    base = {
        "case_id": work.case_id,
        "work_item_id": work.id,
        "agency_id": work.agency_id,
        "by_id": lead.officer_id,
    }
    for login, part, said in (
        ("hb-officer1", Part.COPY, COPIED),
        ("hb-officer1", Part.SIGNER, ASKED),
        ("hb-officer1", Part.WATCH, None),
    ):
        told = {"note": said} if said else None
        officer_id = person(session, login).officer_id
        session.add(Involvement(**base, officer_id=officer_id, part=part, at=clock.now(), said=told))
    mine = session.scalars(
        select(WorkItem).where(
            WorkItem.assignee_id == person(session, "hb-officer1").officer_id,
            WorkItem.status == "open",
            WorkItem.kind == "user",
        )
    ).first()
    base |= {"case_id": mine.case_id, "work_item_id": mine.id}
    for hours in (30, 2):
        session.add(
            Urging(
                **base,
                officer_id=mine.assignee_id,
                at=clock.now() - timedelta(hours=hours),
                said={"note": URGED},
            )
        )


if __name__ == "__main__":
    with create_app({"TESTING": True}).app_context(), hashing_cheaply():
        for make in (pool, given_back, sent):
            with transaction() as session:
                make(session)
        for _ in range(20):
            with transaction() as session:
                full_text.read_new(session, clock.now())
                session.execute(text("delete from job where kind = 'cases.read_texts'"))
