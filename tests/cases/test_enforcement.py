"""Compulsory enforcement: due, surcharged, urged, heard, then by the agency, a substitute or the court; never too early
or too late, never at night."""

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

POINTS = ("subject", "facts", "law", "procedure", "power", "document", "crime")
LEGAL = {"grounds": ["列入本机关重大执法决定法制审核目录"], "materials": [{"name": "全案材料", "pages": 40}],
         **dict.fromkeys(POINTS, "符合"), "conclusion": "同意", "opinion": "同意。"}  # fmt: skip
AGREE = {"stance": "agree", "text": "同意。"}
SERVED = {
    "method": "直接送达",
    "served_place": "演示街61号",
    "receiver": "演示·午",
    "relation": "法定代表人（负责人）",
}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)


def nodes(drive):
    chosen = select(WorkItem.node).where(
        WorkItem.case_id == drive.case_id, WorkItem.kind == "user", WorkItem.status == WorkStatus.OPEN
    )
    return set(drive.session.scalars(chosen))


def papers(drive):
    chosen = select(Document.code).where(Document.case_id == drive.case_id, Document.status == "issued")
    return set(drive.session.scalars(chosen))


def both(drive, node, **changes):
    hand_in(drive, node, "sj-officer1", **changes)
    confirm(drive, node, "sj-officer2")


def given(drive, node, login, answers, second=False):
    """Hand in exactly these answers."""
    hand_in(drive, node, login, given=answers)
    if second:
        confirm(drive, node, "sj-officer2")


def turn(drive, moment):
    """It becomes this moment, and what has run out by then goes off."""
    drive.moment = at(moment)
    due = drive.session.get_one(Case, drive.case_id).next_due
    if due is not None and due <= drive.moment:
        with clock.at(due):
            timers.fire(drive.session, drive.case_id, due)


def refused(code, drive, node, login, **changes):
    with pytest.raises(Refused) as caught:
        hand_in(drive, node, login, **changes)
    assert caught.value.code == code
    return caught.value.message


def test_a_fine_that_was_not_paid_goes_to_the_court_and_to_the_archive(stage, desk):
    drive = stage("late-fine")
    assert desk.get_one(Case, drive.case_id).status == CaseStatus.CLOSED
    assert papers(drive) == {"ZX-03", "ZX-04", "ZX-07", "JA-01"}


def test_the_ten_working_days_after_the_demand_are_the_partys(stage):
    drive = stage("late-fine", until="urge")
    both(drive, "urge")
    assert nodes(drive) == set()
    turn(drive, "2025-09-11T17:00")
    assert nodes(drive) == set()
    turn(drive, "2025-09-12T08:00")
    assert nodes(drive) == {"pay"}


def test_what_the_party_says_is_reviewed_by_another_before_anything_goes_on(stage, desk):
    drive = stage("late-fine", until="urge")
    both(drive, "urge")
    drive.moment += timedelta(hours=4)
    plea = {"received_at": "2025-08-28T14:00", "way": "书面", "content": "已经申请减免。"}
    given(drive, "plea_in", "sj-officer1", plea)
    assert nodes(drive) == {"plea_review"}
    post_to(desk, "sj-officer1", "team_lead")
    judged = {"facts": "没有减免的依据。", "upheld": "no", "result": "不采纳。"}
    refused("separation", drive, "plea_review", "sj-officer1", given=judged)
    given(drive, "plea_review", "sj-lead", judged)
    assert nodes(drive) == set(), "the time goes on where it was"


def test_a_plea_that_holds_ends_the_enforcement(stage):
    drive = stage("late-fine", until="urge")
    both(drive, "urge")
    drive.moment += timedelta(hours=4)
    given(
        drive,
        "plea_in",
        "sj-officer1",
        {"received_at": "2025-08-28T14:00", "way": "书面", "content": "已经缴清。"},
    )
    given(
        drive,
        "plea_review",
        "sj-lead",
        {"facts": "票据属实。", "upheld": "yes", "result": "采纳，不再执行。"},
    )
    assert nodes(drive) == {"terminate"}
    ended = {"ground": "当事人的陈述、申辩成立，不再执行", "reason": "已经缴清。", "opinion": AGREE}
    given(drive, "terminate", "sj-deputy", ended)
    assert nodes(drive) == {"close_propose"}
    assert "ZX-08" in papers(drive)


def test_an_agency_without_the_power_never_enforces_itself(stage):
    drive = stage("late-fine", until="propose")
    both(drive, "propose", way="own")
    assert nodes(drive) == {"remedy"}


def test_the_court_is_not_asked_after_its_three_months(stage, desk):
    drive = stage("late-fine", until="court_apply")
    window = next(c for c in deadlines.of_case(desk, drive.case_id) if c.name == "申请法院强制执行期限")
    assert window.due_on.isoformat() == "2026-05-04"
    drive.moment = at("2026-05-06T10:00")
    message = refused("clock", drive, "court_apply", "sj-head", submitted_at="2026-05-06T09:00")
    assert "已满三个月" in message


def test_who_keeps_the_money_does_not_enforce(stage, desk):
    drive = stage("late-fine", until="pay")
    post_to(desk, "sj-officer1", "finance")
    refused("separation", drive, "pay", "sj-officer1")


def test_the_days_of_the_remedies_are_reckoned_not_believed(stage):
    drive = stage("late-fine", until="remedy")
    drive.moment = at("2026-02-09T10:00")
    message = refused("reckoned", drive, "remedy", "sj-legal", ended_on="2026-02-03")
    assert "2026年2月4日" in message
    reviewed = {"remedy": "reviewed", "review_no": "演示复决1号", "review_received": "2026-01-12"}
    refused("reckoned", drive, "remedy", "sj-legal", **reviewed, ended_on="2026-02-04")
    hand_in(drive, "remedy", "sj-legal", **reviewed, ended_on="2026-01-27")
    assert nodes(drive) == {"court_prepare"}


def test_amounts_on_papers_are_those_of_the_account(stage):
    drive = stage("late-fine", until="surcharge")
    drive.moment = at("2025-08-28T10:40")
    assert "972元" in refused("stated", drive, "surcharge", "sj-officer1", amount="1080.00")
    assert "9日" in refused("stated", drive, "surcharge", "sj-officer1", days=10)
    both(drive, "surcharge")


def test_nothing_is_settled_while_something_is_owed(stage):
    drive = stage("late-fine", until="urge")
    both(drive, "urge")
    turn(drive, "2025-09-12T10:00")
    all_but_surcharge = [
        {
            "paid_on": "2025-09-10",
            "part": "罚款",
            "amount": "3600.00",
            "receipt_no": "1",
            "channel": "银行柜台",
        }
    ]
    message = refused("settled", drive, "pay", "sj-finance", payments=all_but_surcharge, performed="yes",
                      unpaid_note=None, on_plan=None, defer_asked=None)  # fmt: skip
    assert "2376元" in message


def test_days_of_a_review_do_not_count(stage):
    drive = stage("late-fine", until="pay")
    stopped = [{"cause": "行政复议", "from": "2025-08-21", "to": "2025-08-25"}]
    drive.moment = at("2025-08-26T10:00")
    hand_in(drive, "pay", "sj-finance", stops=stopped)
    drive.moment = at("2025-08-28T10:00")
    hand_in(drive, "urge_draft", "sj-officer1", as_of="2025-08-28", surcharge="432.00")


def own(stage):
    """A case of an agency with the power, at its enforcement plan."""
    drive = stage("late-fine", until="register")
    hand_in(drive, "register", "sj-officer1", enforcement_power="yes", power_basis="《演示法》第一条")
    for moment, node, login in (
        ("2025-08-21T10:00", "pay", "sj-finance"), ("2025-08-22T15:00", "urge_draft", "sj-officer1"),
        ("2025-08-25T10:00", "urge_approve", "sj-deputy"),
    ):  # fmt: skip
        drive.moment = at(moment)
        hand_in(drive, node, login)
    drive.moment = at("2025-08-28T10:40")
    both(drive, "surcharge")
    both(drive, "urge")
    turn(drive, "2025-09-12T10:00")
    hand_in(drive, "pay", "sj-finance")
    both(drive, "propose", way="own")
    given(drive, "legal", "sj-legal", LEGAL)
    decided = {"decision": "approve", "reason": "有可供执行的存款。", "basis": "《演示法》第一条", "mode": "划拨存款。",
               "time": "2025年10月9日上午", "opinion": AGREE}  # fmt: skip
    given(drive, "decide", "sj-head", decided)
    drive.moment = at("2025-09-15T10:00")
    given(drive, "serve", "sj-officer1", {**SERVED, "served_at": "2025-09-15T09:30"}, second=True)
    return drive


def plan(**changes):
    return {"planned_from": "2025-10-09T09:00", "planned_to": "2025-10-09T11:00", "off_hours": "no", "urgent": "no",
            "measures": "两名执法人员到场。", "no_cutting": "yes", **changes}  # fmt: skip


def test_money_is_only_taken_when_the_surcharge_has_run_thirty_days(stage):
    drive = own(stage)
    assert nodes(drive) == set(), "thirty days since the surcharge was told"
    turn(drive, "2025-09-29T10:00")
    assert nodes(drive) == {"plan"}
    given(drive, "plan", "sj-officer1", plan())
    assert nodes(drive) == {"exec_money"}
    assert {"ZX-04", "ZX-05", "SH-01"} <= papers(drive)


def test_nothing_is_enforced_at_night_or_on_a_holiday(stage):
    drive = own(stage)
    turn(drive, "2025-09-29T10:00")
    for times in (("2025-10-09T05:30", "2025-10-09T07:00"), ("2025-10-09T21:00", "2025-10-09T22:30"),
                  ("2025-10-01T09:00", "2025-10-01T10:00"), ("2025-10-09T21:00", "2025-10-10T09:00")):  # fmt: skip
        barred = plan(planned_from=times[0], planned_to=times[1])
        refused("quiet_hours", drive, "plan", "sj-officer1", given=barred)
    given(drive, "plan", "sj-officer1", plan(off_hours="yes"))
    assert nodes(drive) == {"plan"}, "it is to be put off"
    at_night = plan(planned_from="2025-10-09T23:00", planned_to="2025-10-09T23:30", off_hours="yes", urgent="yes",
                    urgent_note="财物正在转移。")  # fmt: skip
    given(drive, "plan", "sj-officer1", at_night)
    assert nodes(drive) == {"exec_money"}


def test_a_stay_ends_with_its_reason_or_after_three_years(stage):
    drive = stage("late-fine", until="propose")
    both(drive, "propose", way="suspend")
    stayed = {"ground": "当事人履行行政决定确有困难或者暂无履行能力", "reason": "停产。", "opinion": AGREE}
    given(drive, "suspend", "sj-deputy", stayed)
    assert nodes(drive) == set()
    assert "ZX-08" in papers(drive)
    turn(drive, "2028-09-18T10:00")
    assert nodes(drive) == {"terminate"}


def test_a_deferral_is_answered_in_writing_whatever_the_answer(stage):
    drive = stage("late-fine", until="pay")
    drive.moment = at("2025-08-21T10:00")
    hand_in(drive, "pay", "sj-finance", defer_asked="yes")
    parts = [{"due_on": "2025-10-31", "amount": "1800.00"}, {"due_on": "2025-11-28", "amount": "1800.00"}]
    asked = {"applied_on": "2025-08-20", "kind": "分期缴纳", "reason": "受灾停产。", "proof": "受灾证明",
             "instalments": parts, "proposal": "建议批准。"}  # fmt: skip
    given(drive, "defer_propose", "sj-officer1", asked)
    given(drive, "defer_review", "sj-lead", {"opinion": AGREE})
    answer = {"decision": "approve", "from": "2025-08-21", "instalments": parts, "until": "2025-11-28",
              "note": "同意分期。", "opinion": AGREE}  # fmt: skip
    given(drive, "defer", "sj-deputy", answer)
    assert nodes(drive) == {"pay"}
    assert {"ZX-01", "ZX-02"} <= papers(drive)
    drive.moment = at("2025-10-30T10:00")
    half = [
        {
            "paid_on": "2025-10-30",
            "part": "罚款",
            "amount": "1800.00",
            "receipt_no": "2",
            "channel": "银行柜台",
        }
    ]
    hand_in(drive, "pay", "sj-finance", payments=half, on_plan="yes", defer_asked=None)
    assert nodes(drive) == {"pay"}
    drive.moment = at("2025-11-27T10:00")
    rest = [
        {
            "paid_on": "2025-11-27",
            "part": "罚款",
            "amount": "1800.00",
            "receipt_no": "3",
            "channel": "银行柜台",
        }
    ]
    paid = {"payments": rest, "performed": "yes", "unpaid_note": None, "on_plan": None, "defer_asked": None}
    assert "108元" in refused("settled", drive, "pay", "sj-finance", **paid), (
        "one day late before it was asked for"
    )
    rest.append(
        {
            "paid_on": "2025-11-27",
            "part": "加处罚款",
            "amount": "108.00",
            "receipt_no": "4",
            "channel": "银行柜台",
        }
    )
    hand_in(drive, "pay", "sj-finance", **paid)
    assert nodes(drive) == {"close_propose"}


def test_nobody_waits_for_a_plan_that_was_not_approved(stage):
    drive = stage("late-fine", until="pay")
    refused("step_before", drive, "pay", "sj-finance", on_plan="yes", defer_asked=None)


def test_a_danger_in_the_way_is_cleared_at_once_by_a_substitute(stage):
    drive = stage("late-fine", until="register")
    hand_in(
        drive,
        "register",
        "sj-officer1",
        immediate="yes",
        immediate_note="道路上有遗洒物。",
        fine_amount="0.00",
    )
    decided = {"decision": "approve", "reason": "遗洒物危害交通安全。", "basis": "《演示法》第二条", "mode": "立即清除。",
               "subject": "遗洒物", "budget": "800.00", "performer": "演示清运有限公司", "opinion": AGREE}  # fmt: skip
    given(drive, "perform_now", "sj-deputy", decided)
    assert nodes(drive) == {"perform"}
    assert papers(drive) == {"ZX-06"}


def test_a_substitute_comes_three_working_days_after_the_reminder(stage):
    drive = stage("late-fine", until="propose")
    both(drive, "propose", way="perform")
    given(drive, "legal", "sj-legal", LEGAL)
    decided = {"decision": "approve", "reason": "污染环境。", "basis": "《演示法》第二条", "mode": "清运。",
               "subject": "废料", "budget": "1200.00", "performer": "演示清运有限公司", "opinion": AGREE}  # fmt: skip
    given(drive, "perform_decide", "sj-head", decided)
    drive.moment = at("2025-09-17T10:00")
    given(drive, "perform_doc", "sj-officer1", {**SERVED, "served_at": "2025-09-17T09:00"}, second=True)
    reminded = {"term": "三日内", **SERVED, "served_at": "2025-09-17T09:10"}
    given(drive, "perform_urge", "sj-officer1", reminded, second=True)
    turn(drive, "2025-09-22T17:00")
    assert nodes(drive) == set()
    turn(drive, "2025-09-23T08:00")
    assert nodes(drive) == {"perform_check"}
    checked = {"checked_at": "2025-09-23T07:50", "performed": "yes", "found": "已经自行清运。"}
    given(drive, "perform_check", "sj-officer1", checked, second=True)
    assert nodes(drive) == {"close_propose"}, "who performs in time is spared the substitute"
