"""Prepare a running demonstration for the reviewer's pages: a case that waits for its second review with a remark of the
first one, and decided cases of the same item. A program; prints the case's id."""

from callers import hashing_cheaply
from cases.town import Town
from review.rounds import answers, confirm, hand_in, take
from sqlalchemy import select

from app import create_app
from app.cases.models import Submission, WorkItem
from app.review.models import ReviewRemark

NAME = "road-digger"
SAID = "裁量理由没有说明与裁量基准面积分档的对应关系"


def second_review(town: Town) -> int:
    """A case of its second review; its id."""
    town.open(NAME, "serve")
    case_id = town.open(NAME, "legal_review")
    work_id = take(town, case_id, "cg-legal")
    with town.act() as session:
        task = session.get_one(WorkItem, work_id)
        report = session.scalar(
            select(Submission.id)
            .join(WorkItem, WorkItem.id == Submission.work_item_id)
            .where(Submission.case_id == case_id, WorkItem.form == "penalty_report")
        )
        session.add(
            ReviewRemark(
                case_id=case_id, work_item_id=work_id, agency_id=task.agency_id, officer_id=task.assignee_id,
                key="prepared", kind="problem", point="law", source=f"step:{report}", source_digest="",
                passage="discretion.0", start=0, at=task.opened_at,
                said={"quote": "属一般阶次", "text": SAID, "title": "调查终结报告"},
            )
        )  # fmt: skip
    hand_in(town, case_id, "legal_review", "cg-legal", answers(town, NAME, "penalty_legal_review"))
    hand_in(town, case_id, "rectify", "cg-officer1", answers(town, NAME, "penalty_rectify"))
    confirm(town, case_id, "rectify", "cg-officer2")
    return case_id


if __name__ == "__main__":
    application = create_app({"TESTING": True})
    with hashing_cheaply():
        print(second_review(Town(application)))
