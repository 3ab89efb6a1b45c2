"""The ordinary licence on the engine: granted after a hearing, accepted by silence, told once what is missing."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases import acts, timers
from app.cases.models import Case, CaseStatus, WorkItem, WorkStatus
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid, Refused

from .town import actor, hand_in, post_to, waiting


def papers(desk, case_id):
    return set(desk.scalars(select(Document.code).where(Document.case_id == case_id)))


@pytest.mark.requirement("S4-11", part="许可流程样例")
def test_the_planned_application_is_granted_after_a_hearing(stage, desk):
    drive = stage("rooftop-sign")
    case = desk.get_one(Case, drive.case_id)
    assert case.status == CaseStatus.CLOSED
    assert case.attributes["major"] is True
    assert papers(desk, case.id) == {
        "XK-01", "XK-02", "XK-04", "XK-07", "XK-08", "XK-09", "XK-10", "XK-11",
    }  # fmt: skip


def nodes(drive):
    chosen = select(WorkItem.node).where(
        WorkItem.case_id == drive.case_id, WorkItem.status == WorkStatus.OPEN
    )
    return set(drive.session.scalars(chosen))


def pass_by(drive, moment):
    """The night in which a period has run out."""
    drive.session.expire_all()
    due = drive.session.get_one(Case, drive.case_id).next_due
    assert due is not None
    assert due <= moment
    with clock.at(due):
        timers.fire(drive.session, drive.case_id, due)


def test_a_hearing_is_not_held_before_seven_working_days(stage, desk):
    drive = stage("rooftop-sign", until="hearing_hold")
    drive.moment = datetime(2026, 6, 24, 11, tzinfo=clock.CHINA)
    with pytest.raises(Refused) as caught:
        hand_in(drive, "hearing_hold", "cg-hearing")
    assert "七个工作日" in caught.value.message


def test_an_office_that_says_nothing_for_five_working_days_has_accepted(stage, desk):
    drive = stage("rooftop-sign", until="receive")
    pass_by(drive, datetime(2026, 6, 9, tzinfo=clock.CHINA))
    assert nodes(drive) == {"accept"}
    drive.moment = datetime(2026, 6, 9, 9, tzinfo=clock.CHINA)
    hand_in(drive, "accept", "cg-intake", by_silence="yes")
    paper = desk.scalars(
        select(Document).where(Document.case_id == drive.case_id, Document.code == "XK-02")
    ).one()
    assert "自收到申请材料之日起即为受理" in json.dumps(paper.data, ensure_ascii=False)


@pytest.mark.parametrize(("full", "then"), [("yes", "accept"), ("no", "terminate")])
def test_what_is_missing_is_told_once(stage, desk, full, then):
    drive = stage("rooftop-sign", until="receive")
    opinion = {"stance": "amend", "text": "缺少结构安全证明。"}
    hand_in(drive, "receive", "cg-intake", complete="no", missing="结构安全证明。", opinion=opinion)
    told = {"missing": "结构安全证明。", "days": "15", "told_at": "2026-06-01T10:00", "way": "当面"}
    drive.moment += timedelta(days=1)
    hand_in(drive, "supplement", "cg-intake", given=told)
    assert "XK-06" in papers(desk, drive.case_id)
    drive.moment += timedelta(days=1)
    supplied = {"received_at": "2026-06-03T09:00", "content": "结构安全证明。", "full": full}
    hand_in(drive, "supplemented", "cg-intake", given=supplied)
    assert nodes(drive) == {then}


@pytest.mark.requirement("S4-51", part="新增材料要求被拒")
def test_nothing_more_is_demanded_once_it_was_told(stage, desk):
    drive = stage("rooftop-sign", until="receive")
    opinion = {"stance": "amend", "text": "缺少结构安全证明。"}
    hand_in(drive, "receive", "cg-intake", complete="no", missing="结构安全证明。", opinion=opinion)
    asked = waiting(desk, drive.case_id, "supplement")
    told = {"missing": "结构安全证明。", "days": "15", "told_at": "2026-06-01T10:00", "way": "当面"}
    drive.moment += timedelta(days=1)
    with pytest.raises(Invalid):  # what the published form does not ask for
        hand_in(drive, "supplement", "cg-intake", given={**told, "more": "无关证明。"})
    hand_in(drive, "supplement", "cg-intake", given=told)
    drive.moment += timedelta(days=1)
    supplied = {"received_at": "2026-06-03T09:00", "content": "结构安全证明。", "full": "no"}
    hand_in(drive, "supplemented", "cg-intake", given=supplied)
    assert "supplement" not in nodes(drive)
    again = {**told, "missing": "另一份证明。"}
    with pytest.raises(Conflict), clock.at(drive.moment):
        acts.hand_in(desk, actor(desk, "cg-intake"), asked.id, asked.version, drive.key(), lambda *_: again)


def test_what_is_not_for_this_office_is_rejected_and_nothing_is_missing(stage):
    drive = stage("rooftop-sign", until="receive")
    opinion = {"stance": "disagree", "text": "不属于本机关职权。"}
    hand_in(
        drive,
        "receive",
        "cg-intake",
        in_scope="no",
        complete=None,
        why_not="由其他机关许可。",
        opinion=opinion,
    )
    assert nodes(drive) == {"reject"}


def test_an_applicant_who_does_not_supplement_in_time_is_told_that_it_ends(stage, desk):
    drive = stage("rooftop-sign", until="receive")
    opinion = {"stance": "amend", "text": "缺少结构安全证明。"}
    hand_in(drive, "receive", "cg-intake", complete="no", missing="结构安全证明。", opinion=opinion)
    told = {"missing": "结构安全证明。", "days": "15", "told_at": "2026-06-01T10:00", "way": "当面"}
    hand_in(drive, "supplement", "cg-intake", given=told)
    pass_by(drive, datetime(2026, 7, 10, tzinfo=clock.CHINA))
    assert nodes(drive) == {"terminate"}


def test_a_refusal_states_its_reasons_and_the_remedies(stage, desk):
    drive = stage("rooftop-sign", until="decide")
    hand_in(
        drive, "decide", "cg-deputy", decision="refuse", content="遮挡交通信号灯，不符合设置规划。",
        opinion={"stance": "amend", "text": "现场复核，设施遮挡交通信号灯，不予准予。"},
    )  # fmt: skip
    reasons = {
        "reason": "遮挡交通信号灯，不符合设置规划。",
        "basis": "《城市市容和环境卫生管理条例》第十一条",
    }
    hand_in(drive, "refuse", "cg-officer2", given=reasons)
    paper = desk.scalars(
        select(Document).where(Document.case_id == drive.case_id, Document.code == "XK-05")
    ).one()
    text = json.dumps(paper.data, ensure_ascii=False)
    assert "遮挡交通信号灯" in text
    assert "六十日内向枣庄市人民政府申请行政复议" in text
    assert "六个月内依法向枣庄市薛城区人民法院提起行政诉讼" in text
    assert nodes(drive) == {"serve"}


def test_who_examined_the_application_neither_hears_nor_decides(stage, desk):
    drive = stage("rooftop-sign", until="decide")
    post_to(desk, "cg-officer2", "deputy")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "decide", "cg-officer2")
    assert caught.value.code == "separation"
