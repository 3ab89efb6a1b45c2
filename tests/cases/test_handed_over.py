"""A penalty case that is not the agency's to decide: to the police, to another agency, and back, much later."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cases import locking, referring, stepping
from app.cases.models import Case, CaseLink, CaseStatus, Submission, WorkItem, WorkStatus
from app.deadlines import service as deadlines
from app.kernel.errors import Refused

from .town import actor, confirm, hand_in, waiting

AGREE = {"stance": "agree", "text": "同意。"}
FILED = {
    "organ": "枣庄市公安局", "number": "立案决定书（演示）1号", "result": "filed", "note": "有犯罪事实，决定立案侦查。",
}  # fmt: skip
REFUSED = FILED | {"number": "不予立案通知书（演示）2号", "result": "refused", "note": "情节显著轻微。"}
BACK = FILED | {
    "number": "撤销案件决定书（演示）3号", "result": "returned", "returned_kind": "公安机关撤销案件",
    "note": "不构成犯罪。",
}  # fmt: skip
ENDED = FILED | {"result": "ended", "ended_kind": "已经追究刑事责任，同一行为不再处罚", "note": "判处刑罚。"}
RESUMED = {
    "paper": "撤销案件决定书（演示）3号", "returned": [{"name": "案卷材料"}], "in_time": "yes", "more": "no",
    "reason": "不追究刑事责任，应当给予行政处罚。",
}  # fmt: skip


def nodes(drive):
    chosen = select(WorkItem.node).where(
        WorkItem.case_id == drive.case_id, WorkItem.status.in_((WorkStatus.OPEN, WorkStatus.COSIGN))
    )
    return set(drive.session.scalars(chosen))


def clocks(drive):
    return {found.key: found for found in deadlines.of_case(drive.session, drive.case_id) if found.key}


def later(drive, **time):
    drive.moment += timedelta(**time)
    return drive.moment.isoformat(timespec="minutes")


def both(drive, node, given=None, agency="sj", **changes):
    """Two officers hand a task in: who has the case, and the other one."""
    session = drive.session
    work = waiting(session, drive.case_id, node)
    mine, other = f"{agency}-officer1", f"{agency}-officer2"
    hand_in(drive, node, mine, given=given, **changes)
    confirm(drive, node, other)
    return work


def reply(drive, given, login="sj-officer1"):
    return hand_in(
        drive, "handed_reply", login, given=given | {"received_at": drive.moment.strftime("%Y-%m-%dT%H:%M")}
    )


@pytest.fixture
def handed(stage):
    """Handed to the police; their decision is waited for."""
    drive = stage("spiked-pills", until="transfer_do")
    assert {"crime_send"} == {key for key, one in clocks(drive).items() if one.state == "running"} & {
        "crime_send", "crime_decide",
    }  # fmt: skip
    later(drive, hours=2)
    both(drive, "transfer_do")
    assert nodes(drive) == {"handed_reply"}
    return drive


def test_the_head_decides_in_three_days_and_the_police_get_it_in_one(handed):
    found = clocks(handed)
    assert (found["crime_decide"].limit, found["crime_decide"].state) == ("3日", "stopped")
    assert (found["crime_send"].limit, found["crime_send"].state, found["crime_send"].left) == (
        "24小时", "stopped", "按时办结",
    )  # fmt: skip
    assert found["police_decide"].state == "running"
    assert found["decision"].state == "paused"


def test_eighteen_months_later_it_is_examined_anew_with_the_days_that_were_left(handed, desk):
    reply(handed, FILED)
    assert (nodes(handed), clocks(handed)["crime_goods"].state) == ({"goods_hand"}, "running")
    both(handed, "goods_hand")
    assert nodes(handed) == {"handed_reply"}
    before = clocks(handed)["decision"]
    gone = handed.moment.date()
    later(handed, days=548)
    reply(handed, BACK)
    assert nodes(handed) == {"resume"}
    back = handed.moment.date()
    both(handed, "resume", RESUMED | {"returned_on": back.isoformat()})
    assert nodes(handed) == {"report"}
    after = clocks(handed)["decision"]
    assert after.state == "running"
    assert after.due_on - before.due_on == timedelta(days=(back - gone).days)
    case = desk.get_one(Case, handed.case_id)
    assert not {"decide", "decide.transfer", "invest.end"} & case.passed.keys()
    assert {"file.approve", "invest"} <= case.passed.keys(), "it was filed in time, and stays so"


def test_a_refusal_to_file_is_objected_to_within_three_days_or_taken(handed, desk):
    reply(handed, REFUSED)
    assert clocks(handed)["crime_object"].state == "running"
    sent = {
        "answer": "disputed",
        "way": "提请作出决定的公安机关复议",
        "to": "枣庄市公安局",
        "reason": "证据足以证明有犯罪事实。",
    }
    both(handed, "police_object", sent | {"sent_at": handed.moment.strftime("%Y-%m-%dT%H:%M")})
    assert nodes(handed) == {"handed_reply"}
    later(handed, days=3)
    reply(handed, REFUSED | {"number": "复议决定书（演示）4号"})
    both(handed, "police_object", {"answer": "returned", "reason": "不予立案正确。"})
    both(handed, "resume", RESUMED | {"more": "yes", "returned_on": handed.moment.date().isoformat()})
    assert nodes(handed) == {"invest_plan"}
    assert "invest" in desk.get_one(Case, handed.case_id).passed, "voided only by the plan that follows"
    both(handed, "invest_plan")
    assert "investigate" in nodes(handed)
    assert "invest" not in desk.get_one(Case, handed.case_id).passed


def test_nothing_is_reported_closed_before_the_police_have_answered(handed, desk):
    reply(handed, FILED)
    both(handed, "goods_hand")
    reply(handed, ENDED)
    assert nodes(handed) == {"close_propose"}
    assert clocks(handed)["decision"].state == "paused", "until it is reported closed"
    both(handed, "close_propose")
    hand_in(handed, "close_approve", "sj-deputy")
    hand_in(handed, "archive", "sj-archive")
    assert desk.get_one(Case, handed.case_id).status == CaseStatus.CLOSED
    assert all(one.state == "stopped" for one in clocks(handed).values())


@pytest.fixture
def elsewhere(stage):
    """Examined and found to be another agency's."""
    drive = stage("spiked-pills", until="report")
    said = {
        "outcome": "elsewhere",
        "to_agency": "演示区市场监督管理局",
        "crime": None,
        "proposal": "违法行为地在演示区，建议移送。",
    }
    both(drive, "report", **said)
    hand_in(drive, "lead_review", "sj-lead")
    later(drive, hours=3)
    hand_in(drive, "pre_review", "sj-review")
    assert nodes(drive) == {"refer_do"}
    return drive


def test_another_agencys_case_is_approved_and_sent_in_a_case_of_its_own(elsewhere, desk):
    target = "ZZ-10-AJYS-001　案件移送和指定管辖"
    both(elsewhere, "refer_do", target=target)
    assert nodes(elsewhere) == {"handed_reply"}
    assert clocks(elsewhere)["decision"].state == "paused"
    link = desk.scalars(select(CaseLink).where(CaseLink.source_id == elsewhere.case_id)).one()
    new = desk.get_one(Case, link.target_id)
    running = locking.running(desk, new)
    begun = stepping.form_of(running, waiting(desk, new.id, "propose")).prefilled(
        stepping.context_of(running)
    )
    assert begun["party"]["name"] == "李某某"
    assert (begun["cause"], begun["reason"]) == (
        "经营添加药品的食品",
        "违法行为发生在该机关的辖区，由其管辖。",
    )
    (there,) = referring.links(desk, actor(desk, "sj-head"), elsewhere.case_id)
    assert (there.no, there.came_from) == (new.no, False)
    with pytest.raises(Refused) as caught:
        reply(elsewhere, FILED)
    assert caught.value.code == "step_before"
    assert "没有移送公安机关" in caught.value.message
    refused = BACK | {
        "organ": "演示区市场监督管理局",
        "returned_kind": "移送未经负责人批准",
        "note": "属于本机关管辖。",
    }
    reply(elsewhere, refused)
    both(elsewhere, "resume", RESUMED | {"returned_on": elsewhere.moment.date().isoformat()})
    assert nodes(elsewhere) == {"report"}
    said = desk.scalars(select(Submission.form).where(Submission.case_id == elsewhere.case_id)).all()
    assert said.count("penalty_report") == 1
