"""Which tasks are worked on at a page of this room (`inbox.install_bench`)."""

from dataclasses import dataclass

from flask import url_for

from app.cases import service as cases
from app.cases.models import WorkItem
from app.kernel.db import db

from . import hearings, rules


@dataclass(frozen=True, slots=True)
class SittingBench:
    """A page of this room, offered at the head of the task's own page."""

    label: str
    hint: str
    url: str


LABELS = ("安排听证", "听证现场", "听证笔录")


def sitting_bench_of(work: WorkItem) -> SittingBench | None:
    """The page on which a meeting or hearing is held; None: the task has none."""
    waits = work.status == cases.WorkStatus.OPEN
    if waits and cases.matches(work.step, rules.order().steps):
        return SittingBench(
            "集体讨论",
            "在平台上召集会议：负责人各自表决、签名，记录自动填入本表。没有在平台上开会的，填写本表并上传会议记录签名页。",
            url_for("review.meeting_of", work_item_id=work.id),
        )
    if waits and work.step in hearings.STEPS and _arranged(work):
        label = dict(zip(hearings.STEPS, LABELS, strict=True))[work.step]
        hint = "在平台上安排听证、通知参加人、记录笔录和签名，内容自动填入听证各环节的表单。"
        return SittingBench(label, hint, url_for("review.hearing_of", work_item_id=work.id))
    return None


def _arranged(work: WorkItem) -> bool:
    return work.step == hearings.NOTICE or hearings.of_case(db.session(), work.case_id) is not None
