"""A fine after the decision: what is owed, what came in, paying later or by instalments, enforcement."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.cases import locking, on_demand, overview, queries, stepping
from app.cases.models import Case, CaseLink, WorkItem, WorkStatus
from app.cases.money import accounts, reading
from app.cases.money.reckoning import stand
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.documents.models import Document
from app.documents.template import DocumentError, texts_of
from app.kernel import clock
from app.kernel.errors import Refused

from .town import actor, confirm, hand_in, post_to, waiting

AGREE = {"stance": "agree", "text": "同意。"}
PLAN = [{"due_on": "2025-10-15", "amount": "4000.00"}, {"due_on": "2025-11-17", "amount": "6000.00"}]
ASKED = {"applied_on": "2025-09-10", "kind": "分期缴纳", "reason": "家庭经济困难。", "proof": "居民委员会证明",
         "instalments": PLAN, "proposal": "情况属实，建议批准。"}  # fmt: skip
OWING = {"paid": "no", "unpaid_note": "尚未缴清。"}
TARGET = "ZZ-03-ZHZF-010　对逾期不履行城市管理行政处罚决定的强制执行"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)


def paid(day, amount, part="罚款"):
    row = {
        "paid_on": day,
        "part": part,
        "amount": amount,
        "receipt_no": f"演示票据{day}",
        "channel": "银行柜台",
    }
    return {"payments": [row]}


def nodes(drive):
    chosen = select(WorkItem.node).where(
        WorkItem.case_id == drive.case_id, WorkItem.kind == "user", WorkItem.status == WorkStatus.OPEN
    )
    return set(drive.session.scalars(chosen))


def papers(desk, case_id):
    return set(
        desk.scalars(select(Document.code).where(Document.case_id == case_id, Document.status == "issued"))
    )


def collect(drive, **given):
    return hand_in(drive, "collect", "cg-finance", given=OWING | given)


def both(drive, node, given):
    hand_in(drive, node, "cg-officer1", given=given)
    confirm(drive, node, "cg-officer2")


def account(drive, day):
    running = locking.running(drive.session, drive.session.get_one(Case, drive.case_id), at(f"{day}T10:00"))
    return stand(accounts.of(running, accounts.filed(running)), date.fromisoformat(day))


def granted(stage):
    """Instalments were asked for, proposed, reviewed and approved."""
    drive = stage("road-digger", until="collect")
    drive.moment = at("2025-09-11T10:00")
    collect(drive, late="defer")
    both(drive, "defer_propose", ASKED)
    hand_in(drive, "defer_review", "cg-review", given={"opinion": AGREE})
    answer = {"decision": "approve", "from": "2025-09-11", "instalments": PLAN, "until": "2025-11-17"}
    hand_in(drive, "defer", "cg-deputy", given=answer | {"note": "同意分期。", "opinion": AGREE})
    return drive


def test_three_days_late_is_three_days_of_three_per_cent(desk, stage):
    stage("road-digger", until="collect")
    rules = diagrams.current(desk, "penalty/ordinary").rules
    filed = [
        ("penalty_decide", {"fine_amount": "3600.00", "confiscated_amount": "420.00"}),
        ("penalty_collect", paid("2025-06-19", "4020.00", "")),
    ]
    found = stand(reading.account_of(rules, filed, lambda *_: date(2025, 6, 16)), date(2025, 7, 1))
    assert (found.surcharge, found.days, found.unpaid) == (Decimal("324.00"), 3, Decimal(0))
    assert [part.name for part in found.parts] == ["罚款", "没收款"]
    late = stand(reading.account_of(rules, filed[:1], lambda *_: date(2025, 6, 16)), date(2026, 6, 16))
    assert (late.surcharge, late.capped) == (Decimal("3600.00"), True), "never more than the fine"


def test_fifteen_days_after_service_with_the_rest_day_at_the_end(stage):
    drive = stage("road-digger", until="urge")
    assert account(drive, "2025-09-15").surcharge == 0, "13 September was a Saturday"
    assert account(drive, "2025-09-16").surcharge == Decimal("300.00")


def test_instalments_are_applied_for_approved_and_kept(stage, desk):
    drive = granted(stage)
    assert {"ZX-01", "ZX-02"} <= papers(desk, drive.case_id)
    assert nodes(drive) == {"collect"}
    assert account(drive, "2025-10-15").surcharge == 0
    drive.moment = at("2025-10-15T15:00")
    collect(drive, late="on_plan", **paid("2025-10-15", "4000.00"))
    assert nodes(drive) == {"collect"}
    assert account(drive, "2025-11-19").surcharge == Decimal("360.00"), "two days on the second part alone"
    drive.moment = at("2025-11-17T15:00")
    hand_in(drive, "collect", "cg-finance", given={"paid": "yes"} | paid("2025-11-17", "6000.00"))
    assert nodes(drive) == {"close_propose"}
    running = locking.running(desk, desk.get_one(Case, drive.case_id))
    begun = stepping.form_of(running, waiting(desk, drive.case_id, "close_propose"))
    said = begun.prefilled(stepping.context_of(running))
    assert (said["paid_amount"], said["receipt_no"]) == ("10000", "演示票据2025-10-15、演示票据2025-11-17")


def test_nobody_keeps_a_plan_that_was_not_approved(stage):
    drive = stage("road-digger", until="collect")
    with pytest.raises(Refused) as caught:
        collect(drive, late="on_plan")
    assert caught.value.code == "step_before"


def test_what_is_owed_is_not_reported_as_paid(stage):
    drive = stage("road-digger", until="collect")
    drive.moment = at("2025-09-18T10:00")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "collect", "cg-finance", given={"paid": "yes"} | paid("2025-09-18", "10000.00"))
    assert caught.value.code == "settled"
    assert "加处罚款900元" in caught.value.message


def test_who_investigated_does_not_collect(stage, desk):
    drive = stage("road-digger", until="collect")
    post_to(desk, "cg-officer1", "finance")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "collect", "cg-officer1", given=OWING | {"late": "urge"})
    assert caught.value.code == "separation"


def test_a_demand_says_what_the_account_says_and_waits_for_the_term(stage):
    drive = stage("road-digger", until="collect")
    collect(drive, late="urge")
    drive.moment = at("2025-09-12T10:00")
    with pytest.raises(Refused) as caught:
        hand_in(
            drive, "urge", "cg-officer1", surcharge="0.00", as_of="2025-09-12", served_at="2025-09-12T09:00"
        )
    assert caught.value.code == "period"
    drive.moment = at("2025-09-19T16:00")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "urge", "cg-officer1", surcharge="1500.00")
    assert caught.value.code == "stated"
    assert "1200元" in caught.value.message
    both(drive, "urge", None)


def surcharge_paper(drive, login, **changes):
    """加处罚款决定书, made at the task of urging."""
    work = waiting(drive.session, drive.case_id, "urge")
    deputy = actor(drive.session, "cg-deputy")
    told = {"fact": "逾期没有缴清罚款。", "approver": str(deputy.officer_id), "contact_phone": "0632-0000000"}
    told["approved_on"] = drive.moment.date().isoformat()
    with clock.at(drive.moment):
        me = actor(drive.session, login)
        return on_demand.make(drive.session, me, work.id, drive.key(), "ZX-04", lambda *_: told | changes)


def test_the_surcharge_is_decided_on_demand_and_says_what_the_account_says(stage, desk):
    drive = stage("road-digger", until="collect")
    drive.moment = at("2025-09-12T15:00")
    collect(drive, late="urge", **paid("2025-09-12", "4000.00"))
    drive.moment = at("2025-09-15T10:00")
    with pytest.raises(DocumentError) as caught:
        surcharge_paper(drive, "cg-officer1")
    assert "没有逾期的不制作" in caught.value.message
    drive.moment = at("2025-09-18T10:00")
    made = surcharge_paper(drive, "cg-officer1")
    (document,) = desk.scalars(
        select(Document).where(Document.case_id == drive.case_id, Document.code == "ZX-04")
    )
    told = texts_of(document.data["blocks"])
    assert made.documents[0]["number"] in told
    assert "自2025年9月16日起" in told
    assert "逾期3日，加处罚款人民币伍佰肆拾元整（¥540.00）" in told, "three per cent of what was left to pay"
    assert "城管" in told
    assert nodes(drive) == {"urge"}
    drive.moment = at("2026-09-18T10:00")
    again = surcharge_paper(drive, "cg-officer1")
    last = desk.get_one(Document, int(again.documents[0]["id"]))
    assert "已达到罚款的数额，不再增加" in texts_of(last.data["blocks"])


def court(drive):
    (found,) = [one for one in deadlines.of_case(drive.session, drive.case_id) if one.key == "court"]
    return found


def test_the_time_to_apply_to_the_court_is_seen_from_service_on(stage):
    drive = stage("road-digger", until="collect")
    found = court(drive)
    assert (found.state, found.started_on, found.limit) == ("running", date(2025, 8, 29), "9个月")
    assert found.due_on == date(2026, 5, 29), "six months to sue and three to apply"
    drive.moment = at("2025-09-11T10:00")
    collect(drive, late="urge")
    assert court(drive).state == "running", "looked at, not paid"


def test_the_time_to_apply_to_the_court_ends_with_performance(stage):
    drive = stage("road-digger", until="collect")
    drive.moment = at("2025-09-12T15:00")
    hand_in(drive, "collect", "cg-finance", given={"paid": "yes"} | paid("2025-09-12", "10000.00"))
    assert court(drive).state == "stopped"


def test_an_unpaid_fine_becomes_an_enforcement_case_that_knows_what_was_paid(stage, desk):
    drive = stage("road-digger", until="collect")
    drive.moment = at("2025-09-19T10:00")
    collect(drive, late="refer", **paid("2025-09-18", "4000.00"))
    given = {
        "target": TARGET, "cause": "逾期不履行行政处罚决定", "decision_title": "行政处罚决定书",
        "decision_no": "枣城管罚〔2025〕1号", "decided_on": "2025-08-27", "served_at": "2025-08-29T10:00",
        "due_on": "2025-09-15", "fine_amount": "10000.00", "confiscated_amount": "0.00", "unpaid": "6000.00",
        "as_of": "2025-09-19", "surcharge": "1080.00", "duty": "缴纳罚款一万元。", "summary": "只缴了一部分。",
    }  # fmt: skip
    with pytest.raises(Refused) as caught:
        hand_in(drive, "enforce_refer", "cg-officer1", given=given | {"surcharge": "1000.00"})
    assert caught.value.code == "stated"
    both(drive, "enforce_refer", given)
    assert nodes(drive) == {"close_propose"}
    assert court(drive).state == "stopped", "the enforcement has its own"
    link = desk.scalars(select(CaseLink).where(CaseLink.source_id == drive.case_id)).one()
    new = desk.get_one(Case, link.target_id)
    running = locking.running(desk, new)
    begun = stepping.form_of(running, waiting(desk, new.id, "register")).prefilled(
        stepping.context_of(running)
    )
    assert begun["party"]["name"] == "李某"
    assert (begun["fine_amount"], begun["due_on"]) == ("10000", "2025-09-15")
    register = [("enforce_register", {"fine_amount": "10000.00", "due_on": "2025-09-15"})]
    found = stand(accounts.of(running, register), date(2025, 9, 19))
    assert (found.paid, found.unpaid, found.surcharge) == (Decimal(4000), Decimal(6000), Decimal("1080.00"))
    view = overview.case(
        desk, actor(desk, "cg-head"), queries.case(desk, actor(desk, "cg-head"), drive.case_id)
    )
    assert view.account["received"] == "4000"
