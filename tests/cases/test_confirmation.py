"""Work injuries confirmed: told once, the employer heard, in sixty or fifteen days, stayed for another finding, served."""

import json
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


def said_in(desk, case_id, code):
    paper = desk.scalars(select(Document).where(Document.case_id == case_id, Document.code == code)).one()
    return json.dumps(paper.data, ensure_ascii=False)


def limit(desk, drive, name):
    return next(c for c in deadlines.of_case(desk, drive.case_id) if c.name == name)


def both(drive, node, **changes):
    hand_in(drive, node, "rs-officer1", **changes)
    confirm(drive, node, "rs-officer2")


@pytest.mark.requirement("S4-11", part="确认流程样例")
def test_the_planned_application_is_recognised_and_served(stage, desk):
    drive = stage("lathe-hand")
    case = desk.get_one(Case, drive.case_id)
    assert case.status == CaseStatus.CLOSED
    assert case.attributes["major"] is True
    assert papers(desk, case.id) == {"QR-01", "QR-02", "QR-04", "QR-05", "QR-07", "QR-09", "QR-10"}
    text = said_in(desk, case.id, "QR-07")
    assert "六十日内向枣庄市人民政府申请行政复议" in text
    assert "六个月内依法向枣庄市薛城区人民法院提起行政诉讼" in text


def test_who_is_late_or_elsewhere_is_told_why_with_the_remedies(stage, desk):
    drive = stage("lathe-hand", until="receive")
    hand_in(drive, "receive", "rs-intake", in_time="no", complete=None, missing=None,
            why_not="超过一年的申请时限，没有不属于职工自身原因的耽误。",
            opinion={"stance": "disagree", "text": "不予受理。"})  # fmt: skip
    assert nodes(drive) == {"reject"}
    given = {"reason": "超过一年的申请时限。", "basis": "《工伤保险条例》第十七条第二款"}
    hand_in(drive, "reject", "rs-intake", given=given)
    assert nodes(drive) == {"serve"}
    assert "申请行政复议" in said_in(desk, drive.case_id, "QR-03")


def test_what_is_not_supplemented_is_not_accepted(stage):
    drive = stage("lathe-hand", until="supplied")
    drive.moment += timedelta(days=20)
    given = {"received_on": "2026-08-20", "full": "no", "lacking": "没有提交劳动关系的证明。"}
    hand_in(drive, "supplied", "rs-intake", given=given)
    assert nodes(drive) == {"reject"}


def test_an_employer_who_is_silent_has_ten_days(stage, desk):
    drive = stage("lathe-hand", until="employer")
    due = desk.get_one(Case, drive.case_id).next_due
    assert due >= datetime(2026, 8, 22, tzinfo=clock.CHINA)
    with clock.at(due):
        timers.fire(desk, drive.case_id, due)
    assert nodes(drive) == {"invest"}


def test_a_clear_case_takes_fifteen_days_and_nobody_proves_anything(stage, desk):
    drive = stage("ladder-fall")
    assert nodes(drive) == {"propose"}
    assert limit(desk, drive, "事实清楚的认定期限").limit == "15日"
    assert "QR-04" not in papers(desk, drive.case_id)
    assert "受理之日起十五日内" in said_in(desk, drive.case_id, "QR-02")


def test_the_time_stands_still_while_another_finding_is_awaited(stage, desk):
    drive = stage("lathe-hand", until="invest")
    drive.moment = datetime(2026, 8, 21, 16, tzinfo=clock.CHINA)
    both(drive, "invest", awaiting="yes")
    assert nodes(drive) == {"stay"}
    drive.moment += timedelta(hours=1)
    given = {"organ": "公安机关交通管理部门", "matter": "事故责任认定", "reason": "责任关系到是否属于工伤。",
             "told_at": "2026-08-21T16:30", "receiver": "演示·申"}  # fmt: skip
    hand_in(drive, "stay", "rs-officer1", given=given)
    assert limit(desk, drive, "认定期限").state == "paused"
    assert "QR-06" in papers(desk, drive.case_id)
    drive.moment = datetime(2026, 10, 12, 9, tzinfo=clock.CHINA)
    given = {
        "received_on": "2026-10-12",
        "document_no": "事故认定书（演示）",
        "conclusion": "职工负次要责任。",
    }
    hand_in(drive, "resume", "rs-officer1", given=given)
    assert nodes(drive) == {"propose"}
    assert limit(desk, drive, "认定期限").state == "running"


def test_a_refusal_says_on_what_ground_and_how_to_object(stage, desk):
    drive = stage("lathe-hand", until="decide")
    hand_in(drive, "decide", "rs-deputy", decision="refuse", content="不在工作时间和工作场所内受伤。",
            opinion={"stance": "amend", "text": "不予认定。"})  # fmt: skip
    assert nodes(drive) == {"refuse"}
    given = {
        "facts": "职工在住处受伤。",
        "not_ground": "不符合第十四条、第十五条",
        "reason": "没有因工作原因受伤的证据。",
    }
    hand_in(drive, "refuse", "rs-officer1", given=given)
    text = said_in(desk, drive.case_id, "QR-08")
    assert "不符合《工伤保险条例》第十四条、第十五条的规定" in text
    assert "六十日内向枣庄市人民政府申请行政复议" in text


def test_what_is_disputed_is_not_decided_without_a_legal_review(stage):
    drive = stage("lathe-hand", until="legal_review")
    hand_in(drive, "legal_review", "rs-legal", conclusion="补充调查", facts="存在问题",
            facts_note="没有核实考勤。", opinion="请核实考勤记录。")  # fmt: skip
    assert nodes(drive) == {"propose"}


def test_who_investigated_does_not_decide(stage, desk):
    drive = stage("lathe-hand", until="decide")
    post_to(desk, "rs-officer2", "deputy")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "decide", "rs-officer2")
    assert caught.value.code == "separation"
