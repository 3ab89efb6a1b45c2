"""Sealing and seizing: approved before, or within a day in an emergency; told, kept, ended in time, given back."""

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


def both(drive, node, **changes):
    hand_in(drive, node, "sj-officer1", **changes)
    confirm(drive, node, "sj-officer2")


def test_the_planned_seizure_runs_to_the_archive_and_gives_the_goods_back(stage, desk):
    drive = stage("flour-bags")
    assert desk.get_one(Case, drive.case_id).status == CaseStatus.CLOSED
    papers = set(desk.scalars(select(Document.code).where(Document.case_id == drive.case_id)))
    assert papers == {"QC-01", "QC-02", "QC-03", "QC-06", "QC-12", "QC-13"}


def test_the_days_of_an_expertise_are_not_counted(stage, desk):
    drive = stage("flour-bags", until="appraised")
    limit = next(c for c in deadlines.of_case(desk, drive.case_id) if c.name == "查封、扣押期限")
    assert limit.state == "paused"


def test_nothing_is_seized_without_an_approval(stage, desk):
    drive = stage("flour-bags", until="approve")
    hand_in(drive, "approve", "sj-deputy", decision="refuse", note="没有必要，不批准。",
            opinion={"stance": "disagree", "text": "没有必要。"})  # fmt: skip
    assert nodes(drive) == {"archive"}


def test_in_an_emergency_it_is_approved_afterwards_or_ended_at_once(stage, desk):
    drive = stage("flour-bags", until="report")
    both(drive, "report", urgent="yes", urgent_note="当事人正在转移原料。")
    assert nodes(drive) == {"exec"}
    drive.moment = datetime(2026, 5, 11, 11, 30, tzinfo=clock.CHINA)
    both(drive, "exec")
    assert nodes(drive) == {"deliver", "approve_late"}
    late = next(c for c in deadlines.of_case(desk, drive.case_id) if c.name == "补办批准期限")
    assert late.limit == "24小时"
    drive.moment += timedelta(minutes=20)
    both(drive, "deliver")
    hand_in(drive, "approve_late", "sj-deputy", decision="refuse", note="不应当采取强制措施。",
            opinion={"stance": "disagree", "text": "不应当采取。"})  # fmt: skip
    assert nodes(drive) == {"release"}


def test_who_seizes_neither_approves_nor_keeps(stage, desk):
    drive = stage("flour-bags", until="keep")
    post_to(desk, "sj-officer1", "finance")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "keep", "sj-officer1")
    assert caught.value.code == "separation"


def papers(drive):
    return set(drive.session.scalars(select(Document.code).where(Document.case_id == drive.case_id)))


def test_what_is_sealed_in_place_gets_its_strips(stage):
    drive = stage("flour-bags", until="report")
    both(drive, "report", measure="查封")
    for node, login, moment in (("review", "sj-lead", "09:00"), ("approve", "sj-deputy", "09:20")):
        drive.moment = datetime.fromisoformat(f"2026-05-11T{moment}").replace(tzinfo=clock.CHINA)
        hand_in(drive, node, login)
    drive.moment += timedelta(hours=2)
    both(drive, "exec")
    drive.moment += timedelta(minutes=20)
    both(drive, "deliver")
    assert {"QC-02", "QC-03", "QC-04"} <= papers(drive)


def test_what_another_keeps_or_cannot_be_kept_is_put_in_writing(stage):
    drive = stage("flour-bags", until="keep")
    drive.moment = datetime(2026, 5, 11, 16, tzinfo=clock.CHINA)
    sold = [{"name": "鲜面条", "quantity": "20千克", "amount": "160.00"}]
    hand_in(drive, "keep", "sj-finance", keeper="演示仓储有限公司", perishable="yes", disposed_goods=sold,
            disposal_reason="保质期不足一日。", disposal_way="变卖")  # fmt: skip
    assert {"QC-07", "QC-08"} <= papers(drive)
    assert "QC-04" not in papers(drive)
