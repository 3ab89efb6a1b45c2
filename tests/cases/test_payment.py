"""The minimum living allowance: surveyed by two, shown to the neighbours, confirmed, paid by others, looked at again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases import timers
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


def pass_by(drive):
    """The night in which the next period has run out; the moment after it."""
    drive.session.expire_all()
    due = drive.session.get_one(Case, drive.case_id).next_due
    assert due is not None
    with clock.at(due):
        timers.fire(drive.session, drive.case_id, due)
    drive.moment = max(drive.moment, due + timedelta(hours=10)).astimezone(clock.CHINA)
    return due.astimezone(clock.CHINA)


def proposed(drive, **changes):
    hand_in(drive, "propose", "sgz-officer1", **changes)
    hand_in(drive, "review", "sgz-lead")


REFUSED = {
    "proposal": "refuse",
    "amount": None,
    "cycle": None,
    "average": "1200.00",
    "reason": "收入高于标准。",
}


def test_the_planned_household_is_paid_and_stopped_after_half_a_year(stage, desk):
    drive = stage("village-couple")
    assert desk.get_one(Case, drive.case_id).status == CaseStatus.CLOSED
    assert papers(desk, drive.case_id) == {
        "JF-01", "JF-05", "JF-06", "JF-07", "JF-09", "JF-10", "JF-11", "JF-12",
    }  # fmt: skip


def test_the_confirmation_has_thirty_working_days_from_acceptance(stage, desk):
    drive = stage("village-couple", until="propose")
    limits = {c.name: c for c in deadlines.of_case(desk, drive.case_id)}
    assert limits["审核确认期限"].limit == "30个工作日"
    assert limits["启动调查期限"].state == "stopped"


def test_nobody_is_confirmed_before_seven_days_of_publicity(stage, desk):
    drive = stage("village-couple", until="again")
    drive.moment = datetime(2025, 6, 23, 9, tzinfo=clock.CHINA)
    hand_in(drive, "again", "sgz-officer1")
    confirm(drive, "again", "sgz-officer2")
    proposed(drive)
    with pytest.raises(Refused) as caught:
        hand_in(drive, "decide", "sgz-deputy")
    assert "公示未满七天" in caught.value.message
    drive.moment = datetime(2025, 6, 25, 9, tzinfo=clock.CHINA)
    hand_in(drive, "decide", "sgz-deputy")
    assert nodes(drive) == {"grant"}


def test_without_an_objection_the_seven_days_lead_to_the_decision(stage, desk):
    drive = stage("village-couple", until="publicise")
    hand_in(drive, "publicise", "sgz-officer1")
    assert pass_by(drive).date() >= datetime(2025, 6, 24, tzinfo=clock.CHINA).date()
    assert nodes(drive) == {"decide"}


def test_who_is_not_to_have_it_is_told_and_refused_in_writing_with_reasons(stage, desk):
    drive = stage("village-couple", until="propose")
    proposed(drive, **REFUSED)
    assert nodes(drive) == {"inform"}
    told = {
        "result": "收入高于标准。",
        "told_at": "2025-06-16T10:00",
        "way": "直接送达",
        "receiver": "演示·申某",
    }
    drive.moment = datetime(2025, 6, 16, 11, tzinfo=clock.CHINA)
    hand_in(drive, "inform", "sgz-officer1", given=told)
    pass_by(drive)
    opinion = {"stance": "agree", "text": "同意。"}
    refused = {"decision": "refuse", "content": "收入高于标准。", "opinion": opinion}
    hand_in(drive, "decide", "sgz-deputy", given=refused)
    hand_in(
        drive,
        "refuse",
        "sgz-officer1",
        given={"reason": "收入高于标准。", "basis": "《社会救助暂行办法》第九条"},
    )
    limit = next(c for c in deadlines.of_case(desk, drive.case_id) if c.name == "书面告知期限")
    assert limit.limit == "3个工作日"
    assert {"JF-13", "JF-08"} <= papers(desk, drive.case_id)
    paper = desk.scalars(
        select(Document).where(Document.case_id == drive.case_id, Document.code == "JF-08")
    ).one()
    assert "六十日内向市中区人民政府申请行政复议" in str(paper.data)


def test_what_was_not_shown_cannot_be_confirmed_but_goes_back(stage, desk):
    drive = stage("village-couple", until="propose")
    proposed(drive, **REFUSED)
    told = {
        "result": "收入高于标准。",
        "told_at": "2025-06-16T10:00",
        "way": "直接送达",
        "receiver": "演示·申某",
    }
    drive.moment = datetime(2025, 6, 16, 11, tzinfo=clock.CHINA)
    hand_in(drive, "inform", "sgz-officer1", given=told)
    pass_by(drive)
    with pytest.raises(Refused) as caught:
        hand_in(drive, "decide", "sgz-deputy", from_month="2025-07-01")
    assert "公示" in caught.value.message
    back = {
        "decision": "again",
        "content": "收入核算有误。",
        "opinion": {"stance": "disagree", "text": "退回。"},
    }
    hand_in(drive, "decide", "sgz-deputy", given=back)
    assert nodes(drive) == {"again"}


def test_relatives_of_those_who_examine_are_visited_at_home(stage, desk):
    drive = stage("village-couple", until="accept")
    hand_in(drive, "accept", "sgz-intake", relative="yes", relative_note="与村民委员会主任系叔侄。")
    for node, login in (("start", "sgz-officer1"), ("survey", "sgz-officer1"), ("verify", "sgz-intake")):
        drive.moment += timedelta(days=1)
        hand_in(
            drive,
            node,
            login,
            **({"at_home": "no", "why_not_home": "视频方式。"} if node == "survey" else {}),
        )
        if node == "survey":
            confirm(drive, node, "sgz-officer2")
    proposed(drive)
    hand_in(drive, "publicise", "sgz-officer1")
    pass_by(drive)
    with pytest.raises(Refused) as caught:
        hand_in(drive, "decide", "sgz-deputy")
    assert "应当入户调查" in caught.value.message


def test_who_examined_does_not_pay(stage, desk):
    drive = stage("village-couple", until="pay")
    post_to(desk, "sgz-officer1", "finance")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "pay", "sgz-officer1")
    assert caught.value.code == "separation"


def test_a_household_that_still_needs_it_goes_on_and_one_with_less_income_gets_more(stage, desk):
    drive = stage("village-couple", until="periodic")
    pass_by(drive)
    kept = {"adjustment": "keep", "reason": None, "average": "660.00", "members": "2"}
    hand_in(drive, "periodic", "sgz-officer1", **kept)
    confirm(drive, "periodic", "sgz-officer2")
    pass_by(drive)
    more = {
        "adjustment": "raise",
        "amount": "760.00",
        "reason": "收入减少。",
        "average": "620.00",
        "members": "2",
    }
    hand_in(drive, "periodic", "sgz-officer1", **more)
    confirm(drive, "periodic", "sgz-officer2")
    hand_in(drive, "adjust", "sgz-deputy", adjustment="raise", amount="760.00", reason="收入减少。")
    hand_in(drive, "adjust_serve", "sgz-intake")
    hand_in(drive, "reorder", "sgz-officer1", amount="760.00")
    hand_in(drive, "repay", "sgz-archive", amount="760.00")
    assert nodes(drive) == {"half_changed"}
    titles = set(desk.scalars(select(Document.title).where(Document.case_id == drive.case_id)))
    assert "最低生活保障金增发决定书" in titles
