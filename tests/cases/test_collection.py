"""Compensation for soil and water: assessed by two, told and heard, late fee never above the debt, received by others."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases import timers
from app.cases.models import Case, CaseStatus, WorkItem, WorkStatus
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
    hand_in(drive, node, "sw-officer1", **changes)
    confirm(drive, node, "sw-officer2")


def pass_by(drive):
    """The night in which the next period has run out; the day it is then."""
    drive.session.expire_all()
    due = drive.session.get_one(Case, drive.case_id).next_due
    assert due is not None
    with clock.at(due):
        timers.fire(drive.session, drive.case_id, due)
    drive.moment = max(drive.moment, due + timedelta(hours=10)).astimezone(clock.CHINA)
    return drive.moment.date()


def test_the_planned_levy_is_paid_with_its_late_fee_after_the_reminder(stage, desk):
    drive = stage("quarry-road")
    assert desk.get_one(Case, drive.case_id).status == CaseStatus.CLOSED
    assert papers(desk, drive.case_id) == {
        "ZS-01", "ZS-02", "ZS-03", "ZS-05", "ZS-06", "ZS-07", "ZS-09",
    }  # fmt: skip


def test_who_pays_in_time_is_not_ordered(stage, desk):
    drive = stage("quarry-road", until="order")
    assert nodes(drive) == {"paid_due"}
    drive.moment = datetime(2025, 3, 25, 10, tzinfo=clock.CHINA)
    with pytest.raises(Refused) as caught:
        hand_in(drive, "paid_due", "sw-finance", late_fee="0.01")
    assert "不得收取滞纳金" in caught.value.message
    hand_in(drive, "paid_due", "sw-finance", late_fee="0.00", principal="4400.00", settled="no")
    assert nodes(drive) == {"paid_due"}
    hand_in(drive, "paid_due", "sw-finance", late_fee="0.00", principal="10000.00")
    assert nodes(drive) == {"entry"}


def test_what_is_decided_is_not_more_than_what_was_told(stage, desk):
    drive = stage("quarry-road", until="decide")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "decide", "sw-deputy", amount="14400.01")
    assert caught.value.code == "no_increase"


def test_nothing_is_decided_before_five_working_days_have_passed_in_silence(stage, desk):
    drive = stage("quarry-road", until="plea")
    assert pass_by(drive) >= datetime(2025, 3, 17, tzinfo=clock.CHINA).date()
    assert nodes(drive) == {"decide"}


def test_a_plea_that_holds_leads_to_a_new_assessment_and_a_new_notice(stage, desk):
    drive = stage("quarry-road", until="plea_review")
    hand_in(drive, "plea_review", "sw-officer1", result="again", reason="面积应当核减。")
    assert nodes(drive) == {"verify"}
    both(drive, "verify", area="11000", amount="13200.00")
    hand_in(drive, "review", "sw-review")
    assert nodes(drive) == {"inform"}


EXEMPT = {
    "proposal": "exempt",
    "amount": None,
    "ground": "军事设施",
}


def exempted(stage):
    drive = stage("quarry-road", until="verify")
    drive.moment = datetime(2025, 3, 6, 16, tzinfo=clock.CHINA)
    both(drive, "verify", **EXEMPT)
    hand_in(drive, "review", "sw-review")
    hand_in(drive, "inform", "sw-officer1", content="免征水土保持补偿费。", served_at="2025-03-06T15:30")
    pass_by(drive)
    return drive


def test_an_exemption_is_approved_by_the_head_and_told(stage, desk):
    drive = exempted(stage)
    assert nodes(drive) == {"relief"}
    agreed = {"stance": "agree", "text": "同意。"}
    hand_in(drive, "relief", "sw-head", given={"decision": "yes", "reason": "符合。", "opinion": agreed})
    assert nodes(drive) == {"exempt"}
    told = {"facts": "项目为军事设施。", "ground": "军事设施", "basis": "财综〔2014〕8号"}
    hand_in(drive, "exempt", "sw-officer1", given=told)
    assert "ZS-04" in papers(desk, drive.case_id)
    assert nodes(drive) == {"serve_exempt"}


def test_an_exemption_that_is_not_approved_is_assessed_anew(stage, desk):
    drive = exempted(stage)
    no = {"stance": "disagree", "text": "不属于免征情形。"}
    hand_in(drive, "relief", "sw-head", given={"decision": "no", "reason": "不属于免征情形。", "opinion": no})
    assert nodes(drive) == {"verify"}


def test_a_late_fee_above_the_debt_is_refused_to_the_cent(stage, desk):
    drive = stage("quarry-road", until="late")
    pass_by(drive)
    drive.moment = datetime(2025, 4, 28, 10, tzinfo=clock.CHINA)
    with pytest.raises(Refused) as caught:
        hand_in(drive, "late", "sw-officer1", late_fee="14400.01")
    assert caught.value.code == "no_increase"
    assert "超出了应缴的补偿费" in caught.value.message
    hand_in(drive, "late", "sw-officer1", late_fee="14400.00")
    assert nodes(drive) == {"urge"}


def test_who_assessed_does_not_receive(stage, desk):
    drive = stage("quarry-road", until="paid_urge")
    post_to(desk, "sw-officer1", "finance")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "paid_urge", "sw-officer1")
    assert caught.value.code == "separation"


def test_who_never_pays_is_handed_to_the_court_after_every_period(stage, desk):
    drive = stage("quarry-road", until="paid_urge")
    pass_by(drive)
    assert nodes(drive) == {"paid_court"}
    assert pass_by(drive) >= datetime(2025, 9, 18, tzinfo=clock.CHINA).date()
    asked = {
        "court": "枣庄市薛城区人民法院",
        "no_remedy": "yes",
        "principal": "14400.00",
        "late_fee": "1100.00",
        "requests": "强制执行补偿费及滞纳金。",
        "party_view": "未提出意见",
        "property": "有银行账户。",
        "attachments": [{"name": "征收决定书", "copies": "1"}],
        "head_signed": "yes",
    }
    hand_in(drive, "court", "sw-officer1", given=asked)
    assert "ZS-08" in papers(desk, drive.case_id)
    assert nodes(drive) == {"archive"}
