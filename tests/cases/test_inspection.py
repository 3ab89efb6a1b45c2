"""Inspections: approved before, or at once afterwards in an emergency; capped a year; told, corrected, looked at again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases.models import Case, CaseStatus, WorkItem, WorkStatus
from app.deadlines import service as deadlines
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import Refused

from .town import confirm, hand_in, post_to


def nodes(drive):
    chosen = select(WorkItem.node).where(
        WorkItem.case_id == drive.case_id, WorkItem.status == WorkStatus.OPEN
    )
    return set(drive.session.scalars(chosen))


def papers(desk, case_id):
    return set(desk.scalars(select(Document.code).where(Document.case_id == case_id)))


def both(drive, node, **changes):
    hand_in(drive, node, "yj-officer1", **changes)
    confirm(drive, node, "yj-officer2")


def test_the_planned_inspection_runs_to_the_archive(stage, desk):
    drive = stage("exit-locked")
    assert desk.get_one(Case, drive.case_id).status == CaseStatus.CLOSED
    assert papers(desk, drive.case_id) == {"JC-01", "JC-02", "JC-03", "JC-04", "JC-07"}


def test_nothing_is_inspected_without_an_approval(stage, desk):
    drive = stage("exit-locked", until="approve")
    hand_in(drive, "approve", "yj-deputy", decision="refuse", note="可以与消防检查联合实施。",
            opinion={"stance": "disagree", "text": "可以合并。"})  # fmt: skip
    assert nodes(drive) == {"archive"}
    assert papers(desk, drive.case_id) == {"JC-01"}


def test_a_plan_does_not_go_beyond_the_yearly_cap(stage):
    drive = stage("exit-locked", until="apply")
    with pytest.raises(Refused, match="频次上限") as caught:
        hand_in(drive, "apply", "yj-officer1", done_this_year=2)
    assert caught.value.code == "step_before"


def test_a_complaint_is_looked_into_whatever_the_cap(stage):
    drive = stage("exit-locked", until="apply")
    hand_in(drive, "apply", "yj-officer1", done_this_year=2, trigger="complaint", plan_ref=None, random=None,
            clue="从业人员举报安全出口上锁。")  # fmt: skip
    assert nodes(drive) == {"review"}


def test_in_an_emergency_it_is_approved_afterwards_or_stops_there(stage, desk):
    drive = stage("exit-locked", until="apply")
    hand_in(drive, "apply", "yj-officer1", urgent="yes", urgent_note="接报车间冒烟。")
    assert nodes(drive) == {"exec"}
    drive.moment = datetime(2026, 9, 14, 11, 30, tzinfo=clock.CHINA)
    both(drive, "exec", notice_given="情况紧急，检查后补送")
    assert nodes(drive) == {"approve_late"}
    late = next(c for c in deadlines.of_case(desk, drive.case_id) if c.name == "补办批准期限")
    assert late.limit == "24小时"
    hand_in(drive, "approve_late", "yj-deputy", decision="refuse", note="不符合当场检查的条件。",
            opinion={"stance": "disagree", "text": "不同意。"})  # fmt: skip
    assert nodes(drive) == {"archive"}


def test_samples_are_judged_when_their_result_is_known(stage):
    drive = stage("exit-locked", until="exec")
    drive.moment = datetime(2026, 9, 16, 11, 30, tzinfo=clock.CHINA)
    samples = [{"name": "面料", "quantity": "2份", "keep": "封样袋编号0061"}]
    both(drive, "exec", sampled="yes", samples=samples, lab="演示检验中心")
    assert nodes(drive) == {"sample"}


def test_what_is_ordered_is_looked_at_again_and_what_stays_wrong_is_handed_over(stage, desk):
    drive = stage("paint-store")
    assert nodes(drive) == {"due"}
    drive.moment += timedelta(days=1)
    hand_in(drive, "due", "yj-officer1")
    again = next(c for c in deadlines.of_case(desk, drive.case_id) if c.name == "复查期限")
    assert again.limit == "10个工作日"
    drive.moment += timedelta(days=1)
    both(drive, "recheck", corrected="no", uncorrected="库内没有设置警示标志。")
    assert nodes(drive) == {"refer"}
    assert {"JC-05", "JC-06"} <= papers(desk, drive.case_id)


def test_what_was_corrected_is_published_and_kept(stage):
    drive = stage("paint-store")
    drive.moment += timedelta(days=1)
    hand_in(drive, "due", "yj-officer1")
    drive.moment += timedelta(days=1)
    both(drive, "recheck")
    assert nodes(drive) == {"publish"}


def test_who_inspects_does_not_approve(stage, desk):
    drive = stage("exit-locked", until="approve")
    post_to(desk, "yj-officer1", "deputy")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "approve", "yj-officer1")
    assert caught.value.code == "separation"
