"""Deposits frozen: approved before, never more than the violation involves, told in three working days, ended in time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases.models import Case, CaseStatus, WorkItem, WorkStatus
from app.catalogue import service as catalogue
from app.deadlines import service as deadlines
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import NotFound, Refused
from app.people.models import Agency

from .town import confirm, hand_in, post_to


def nodes(drive):
    chosen = select(WorkItem.node).where(
        WorkItem.case_id == drive.case_id, WorkItem.status == WorkStatus.OPEN
    )
    return set(drive.session.scalars(chosen))


def both(drive, node, **changes):
    hand_in(drive, node, "tax-officer1", **changes)
    confirm(drive, node, "tax-officer2")


def papers(drive):
    chosen = select(Document.code, Document.title).where(Document.case_id == drive.case_id)
    return set(drive.session.execute(chosen.order_by(Document.id)).tuples())


def clock_named(drive, name):
    return next(c for c in deadlines.of_case(drive.session, drive.case_id) if c.name == name)


def last_day(found):
    """A clock that ends at midnight ends with the day before."""
    return (found.due_at - timedelta(seconds=1)).astimezone(clock.CHINA).date().isoformat()


def at(drive, text):
    drive.moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)


def test_it_runs_to_the_archive_and_bank_and_party_are_told_of_the_end(stage, desk):
    drive = stage("timber-account")
    assert desk.get_one(Case, drive.case_id).status == CaseStatus.CLOSED
    assert papers(drive) == {
        ("QC-01", "行政强制措施审批表"), ("QC-10", "冻结通知书"), ("QC-14", "冻结现场笔录"),
        ("QC-11", "冻结决定书"), ("QC-11", "解除冻结决定书"),
    }  # fmt: skip


def test_the_decision_is_due_on_the_third_working_day_and_the_freeze_ends_after_thirty_days(stage):
    drive = stage("timber-account", until="deliver")
    told, freeze = clock_named(drive, "冻结决定书交付期限"), clock_named(drive, "冻结期限")
    assert last_day(told) == "2026-07-09"
    assert last_day(freeze) == "2026-08-05"
    at(drive, "2026-07-07T15:00")
    both(drive, "deliver")
    assert clock_named(drive, "冻结决定书交付期限").state == "stopped"
    assert clock_named(drive, "冻结期限").state == "running"


def test_nothing_is_frozen_without_an_approval(stage):
    drive = stage("timber-account", until="approve")
    hand_in(drive, "approve", "tax-deputy", decision="refuse", note="没有转移存款的迹象，不批准。",
            opinion={"stance": "disagree", "text": "没有必要。"})  # fmt: skip
    assert nodes(drive) == {"archive"}
    assert {code for code, _ in papers(drive)} == {"QC-01"}


def test_not_more_is_frozen_than_the_violation_involves(stage):
    drive = stage("timber-account", until="report")
    both(drive, "report", involved="180000.00")
    at(drive, "2026-07-06T09:40")
    hand_in(drive, "review", "tax-lead")
    with pytest.raises(Refused, match="超过违法行为涉及的金额") as caught:
        hand_in(drive, "approve", "tax-deputy")
    assert caught.value.code == "no_increase"


def test_not_more_is_frozen_than_was_approved(stage):
    drive = stage("timber-account", until="exec")
    with pytest.raises(Refused, match="超过批准的数额"):
        hand_in(drive, "exec", "tax-officer1", amount="210000.01")


def test_where_there_is_nothing_to_freeze_nobody_is_told_of_a_freeze(stage):
    drive = stage("timber-account", until="exec")
    both(drive, "exec", outcome="none", none_note="账户没有余额。", results=None, amount=None)
    assert nodes(drive) == {"archive"}
    assert {code for code, _ in papers(drive)} == {"QC-01", "QC-10", "QC-14"}
    assert {c.name for c in deadlines.of_case(drive.session, drive.case_id)}.isdisjoint({"冻结期限"})


def extended(until):
    opinion = {"stance": "agree", "text": "同意延长。"}
    return {"until": until, "reason": "关联企业较多，资金往来需要核实。", "opinion": opinion}


def test_it_is_extended_once_with_the_reason_told(stage):
    drive = stage("timber-account", until="assess")
    at(drive, "2026-07-30T10:00")
    both(drive, "assess", handling="extend", reason="关联企业较多，资金往来需要核实。")
    hand_in(drive, "extend", "tax-deputy", given=extended("2026-09-04"))
    assert ("QC-05", "延长行政强制措施期限决定书") in papers(drive)
    both(drive, "assess", handling="extend", reason="还需要时间。")
    with pytest.raises(Refused, match="只能延长一次"):
        hand_in(drive, "extend", "tax-deputy", given=extended("2026-10-04"))


SETTLED = {
    "decision_title": "税务处理决定书", "decision_no": "枣税处〔2026〕7号", "decided_on": "2026-07-16",
    "basis": "《中华人民共和国税收征收管理法》第四十条第一款第（一）项", "amount": "210000.00",
    "settled_on": "2026-07-17", "rest": "yes", "note": "书面通知金融机构从冻结的存款中扣缴税款。",
}  # fmt: skip


def test_a_decision_uses_the_money_up_only_while_the_freeze_lasts(stage):
    drive = stage("timber-account", until="assess")
    at(drive, "2026-07-17T10:00")
    both(drive, "assess", handling="settle", reason="已经作出税务处理决定。")
    hand_in(drive, "settle", "tax-officer1", given=SETTLED)
    confirm(drive, "settle", "tax-officer2")
    assert nodes(drive) == {"archive"}


def test_after_the_term_the_money_is_free(stage):
    drive = stage("timber-account", until="assess")
    at(drive, "2026-07-17T10:00")
    both(drive, "assess", handling="settle", reason="已经作出税务处理决定。")
    at(drive, "2026-08-07T10:00")
    with pytest.raises(Refused, match="冻结期限已经届满"):
        hand_in(drive, "settle", "tax-officer1", given={**SETTLED, "settled_on": "2026-08-07"})


def test_who_freezes_does_not_approve(stage, desk):
    drive = stage("timber-account", until="approve")
    post_to(desk, "tax-officer1", "deputy")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "approve", "tax-officer1")
    assert caught.value.code == "separation"


def test_only_the_agency_that_the_law_empowers_has_the_power(desk):
    holding = {}
    for agency in desk.scalars(select(Agency)):
        for item in catalogue.items_of(desk, agency.id):
            if item.procedure == "compulsion/freeze":
                holding[agency.name] = item
    assert list(holding) == ["国家税务总局枣庄市税务局"]
    item = holding["国家税务总局枣庄市税务局"]
    other = desk.scalars(select(Agency).where(Agency.code == "370400-04")).one()
    with pytest.raises(NotFound):
        catalogue.published(desk, other.id, item.id)
