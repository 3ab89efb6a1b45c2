"""A dispute over land: accepted in time, answered, heard, mediated first, decided by others, served on both."""

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


def words(desk, case_id, code):
    paper = desk.scalars(select(Document).where(Document.case_id == case_id, Document.code == code)).one()
    return str(paper.data)


def both(drive, node, **changes):
    hand_in(drive, node, "sgz-officer1", **changes)
    confirm(drive, node, "sgz-officer2")


def pass_by(drive):
    """The night in which the next period has run out."""
    drive.session.expire_all()
    due = drive.session.get_one(Case, drive.case_id).next_due
    assert due is not None
    with clock.at(due):
        timers.fire(drive.session, drive.case_id, due)
    drive.moment = max(drive.moment, due + timedelta(hours=10)).astimezone(clock.CHINA)


def test_the_planned_dispute_is_decided_served_on_both_and_takes_effect(stage, desk):
    drive = stage("yard-between")
    assert desk.get_one(Case, drive.case_id).status == CaseStatus.CLOSED
    assert papers(desk, drive.case_id) == {
        "CJ-01", "CJ-03", "CJ-04", "CJ-05", "CJ-07", "CJ-08", "CJ-09", "CJ-10", "CJ-11",
    }  # fmt: skip
    served = desk.scalars(
        select(Document).where(Document.case_id == drive.case_id, Document.code == "CJ-10")
    ).all()
    assert {("送达申请人" in str(p.data), "送达被申请人" in str(p.data)) for p in served} == {
        (True, False),
        (False, True),
    }


def test_acceptance_copy_and_opinion_have_their_time(stage, desk):
    drive = stage("yard-between", until="investigate")
    limits = {c.name: c for c in deadlines.of_case(desk, drive.case_id)}
    assert limits["受理期限"].limit == "7个工作日"
    assert limits["发送副本期限"].limit == "5个工作日"
    assert limits["答辩期限"].state == "stopped"
    assert limits["提出调查处理意见期限"].state == "running"


def test_an_application_is_refused_in_writing_with_its_reasons(stage, desk):
    drive = stage("yard-between", until="accept")
    refused = {
        "decision": "reject",
        "reason": "属于农村土地承包经营权争议。",
        "basis": "《土地权属争议调查处理办法》第十四条第四项",
        "opinion": {"stance": "amend", "text": "不予受理。"},
    }
    hand_in(drive, "accept", "sgz-deputy", given=refused)
    assert nodes(drive) == {"serve"}
    assert papers(desk, drive.case_id) == {"CJ-02"}
    assert "六十日内向市中区人民政府申请行政复议" in words(desk, drive.case_id, "CJ-02")


def test_silence_for_thirty_days_does_not_hold_it_up(stage, desk):
    drive = stage("yard-between", until="answer")
    pass_by(drive)
    assert nodes(drive) == {"investigate"}


def test_nothing_is_settled_before_the_answer_or_its_thirty_days(stage, desk):
    drive = stage("yard-between", until="answer")
    drive.moment = datetime(2025, 10, 20, 10, tzinfo=clock.CHINA)
    late = {"received_at": "2025-10-20T09:00", "content": "空地归我家。"}
    with pytest.raises(Refused) as caught:
        hand_in(drive, "answer", "sgz-officer1", given=late)
    assert caught.value.code == "out_of_time"


def test_an_agreement_becomes_a_letter_of_mediation(stage, desk):
    drive = stage("yard-between", until="mediate")
    both(drive, "mediate", result="agreed", facts="附图清楚。", agreement="空地归申请人，留出排水通道。")
    assert nodes(drive) == {"mediate_serve"}
    assert "留出排水通道" in words(desk, drive.case_id, "CJ-06")
    drive.moment = datetime(2025, 10, 24, 15, tzinfo=clock.CHINA)
    served = {"both": "yes", "method": "直接送达", "receiver": "双方当事人", "served_place": "本机关"}
    hand_in(drive, "mediate_serve", "sgz-intake", given=served | {"served_at": "2025-10-24T11:00"})
    assert nodes(drive) == {"archive"}


def test_an_application_taken_back_ends_it(stage, desk):
    drive = stage("yard-between", until="mediate")
    both(drive, "mediate", result="withdrawn", note="双方和解，申请人书面撤回申请。")
    assert nodes(drive) == {"stop_serve"}
    assert "CJ-12" in papers(desk, drive.case_id)


def test_what_the_legal_review_sends_back_is_proposed_anew(stage, desk):
    drive = stage("yard-between", until="legal_review")
    hand_in(
        drive, "legal_review", "sgz-legal", facts="存在问题", facts_note="面积未核。", conclusion="补充调查"
    )
    assert nodes(drive) == {"propose"}


def test_who_handled_the_dispute_does_not_decide_it(stage, desk):
    drive = stage("yard-between", until="decide")
    post_to(desk, "sgz-officer1", "head")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "decide", "sgz-officer1")
    assert caught.value.code == "separation"


@pytest.mark.parametrize(
    ("acquired", "told", "untold"),
    [("yes", "应当先自收到本决定书之日起六十日内", "也可以自接到本决定通知之日起三十日内"),
     ("no", "也可以自接到本决定通知之日起三十日内", "应当先自收到本决定书之日起六十日内")],
)  # fmt: skip
def test_review_comes_first_where_a_right_had_been_acquired(stage, desk, acquired, told, untold):
    drive = stage("yard-between", until="award")
    hand_in(drive, "award", "sgz-officer1", acquired=acquired)
    text = words(desk, drive.case_id, "CJ-09")
    assert told in text
    assert untold not in text


def test_a_decision_that_was_challenged_is_not_said_to_be_in_force(stage, desk):
    drive = stage("yard-between", until="effect")
    pass_by(drive)
    hand_in(
        drive, "effect", "sgz-intake", remedy="review", note="被申请人已经申请行政复议。", effective_on=None
    )
    assert nodes(drive) == {"archive"}
    assert "CJ-11" not in papers(desk, drive.case_id)
