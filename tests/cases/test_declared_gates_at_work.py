"""The gates of the ordinary penalty procedure, met by officers at its tasks."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.audit import service as audit
from app.cases import locking, rules, stepping
from app.cases.gates.order import PeriodOver
from app.cases.models import Submission
from app.deadlines.models import Clock
from app.documents import service as documents
from app.documents.models import Document
from app.engine import service as engine
from app.kernel import clock
from app.kernel.errors import Refused
from app.people.models import Certificate

from .town import actor, answers, confirm, hand_in, post_to, waiting


def refused(drive, node: str, login: str, code: str, **changes) -> Refused:
    with pytest.raises(Refused) as caught:
        hand_in(drive, node, login, **changes)
    assert caught.value.code == code
    assert caught.value.article
    return caught.value


def test_a_fine_beyond_the_law_is_not_even_proposed(stage):
    case = stage("dust-heap", until="report")
    assert "100000元" in refused(case, "report", "hb-officer1", "discretion", fine_amount="100000.01").message
    refused(case, "report", "hb-officer1", "discretion", fine_amount="9999.00")
    assert (
        "吊销许可证件"
        in refused(
            case, "report", "hb-officer1", "discretion", kinds=["罚款", "吊销许可证件"], other_penalty="吊销"
        ).message
    )


@pytest.mark.requirement("S4-52", part="偏离须理由")
def test_a_fine_off_the_tier_needs_its_reason(stage):
    case = stage("dust-heap", until="report")
    assert "从轻" in refused(case, "report", "hb-officer1", "discretion", fine_amount="30000.00").message
    assert hand_in(
        case, "report", "hb-officer1", fine_amount="30000.00", deviation="当事人曾受警告。"
    ).outcome
    confirm(case, "report", "hb-officer2")


def test_a_mitigated_fine_needs_its_reason(stage):
    case = stage("dust-heap", until="report")
    refused(case, "report", "hb-officer1", "discretion", fine_amount="5000.00", tier="减轻")
    done = hand_in(
        case, "report", "hb-officer1", fine_amount="5000.00", tier="减轻", deviation="受他人胁迫，主动供述。"
    )
    assert done.outcome == "cosign"


def test_a_decision_below_the_range_is_refused_too(stage):
    case = stage("stone-mill", until="decide")
    refused(case, "decide", "hb-head", "discretion", fine_amount="50000.00")


@pytest.mark.requirement("S2-23", part="没有系统文书不能送达")
def test_without_a_valid_decision_document_nothing_is_served(stage, desk):
    case = stage("stone-mill", until="serve")
    paper = desk.scalars(
        select(Document).where(Document.case_id == case.case_id, Document.code == "JD-01")
    ).one()
    case.moment += timedelta(days=1)
    documents.void(desk, paper, "文书内容有误", actor(desk, "hb-officer1").officer_id)
    assert "决定书" in refused(case, "serve", "hb-officer1", "document").message


def test_an_investigator_is_not_named_host_of_the_hearing(stage, desk):
    case = stage("road-digger", until="hearing_notice")
    lead = actor(desk, "cg-officer1")
    post_to(desk, "cg-officer1", "hearing")
    own = {"kind": "hearing", "number": "听-演示", "valid_from": clock.today() - timedelta(days=2000)}
    desk.add(Certificate(officer_id=lead.officer_id, **own, valid_to=None))
    desk.flush()
    found = refused(case, "hearing_notice", "cg-hearing", "named_person", presider=str(lead.officer_id))
    assert "第六十四条" in found.article


def decision_clock(case) -> Clock:
    chosen = select(Clock).where(Clock.case_id == case.case_id, Clock.key == "decision")
    return case.session.scalars(chosen).one()


def test_nothing_is_decided_while_the_ninety_days_stand_still(stage, desk):
    case = stage("stone-mill", until="decide")
    decision_clock(case).state = "paused"
    desk.flush()
    assert "恢复计时" in refused(case, "decide", "hb-head", "clock").message


def test_that_the_ninety_days_ran_out_is_no_bar_but_on_record(stage, desk):
    case = stage("stone-mill", until="decide")
    desk.execute(
        update(Clock).where(Clock.case_id == case.case_id).values(due_at=case.moment - timedelta(days=1))
    )
    assert hand_in(case, "decide", "hb-head").outcome == "done"
    kinds = {e.kind: e.content for e in audit.of_case(desk, case.case_id)}
    assert "办案期限" in kinds["gate.marked"]["marks"][0]


def test_an_attribute_that_says_passed_does_not_replace_the_review(stage, desk):
    """The gate reads what the reviewer handed in."""
    case = stage("stone-mill", until="decide")
    review = desk.scalars(
        select(Submission).where(Submission.case_id == case.case_id, Submission.step == "legal.review")
    ).one()
    review.data = {**review.data, "conclusion": "纠正"}
    desk.flush()
    found = refused(case, "decide", "hb-head", "legal_review")
    assert "法制审核" in found.message


def test_a_reviewer_whose_certificate_was_not_valid_did_not_review(stage, desk):
    case = stage("stone-mill", until="decide")
    reviewer = actor(desk, "hb-legal").officer_id
    desk.execute(
        update(Certificate).where(Certificate.officer_id == reviewer).values(valid_from=clock.today())
    )
    refused(case, "decide", "hb-head", "legal_review")


def test_nobody_decides_before_the_party_s_time_is_over(stage, desk):
    """Also where the diagram would let somebody: the gate reckons the period itself."""
    case = stage("stone-mill", until="decide")
    told = desk.scalars(
        select(Submission.at).where(Submission.case_id == case.case_id, Submission.step == "notice")
    ).one()
    work = waiting(desk, case.case_id, "decide")
    for days, gate in ((2, "period"), (20, None)):
        running = locking.lock(desk, case.case_id, told + timedelta(days=days))
        form = stepping.form_of(running, work)
        data = answers(case, "penalty_decide")
        me = stepping.signer(desk, actor(desk, "hb-head").officer_id, running.at)
        after = stepping.attributes_after(running, work, form, data) | {"response_final": False}
        facts = stepping.facts_of(running, work, [me], after, form=form, data=data)
        found = rules.first_refusal(facts, stepping.evaluate, (PeriodOver(),))
        assert (found.gate if found else None) == gate


@pytest.mark.parametrize("until", ["legal_review", "party_response", "investigate"])
def test_what_the_engine_waits_for_and_nothing_else_is_live(stage, desk, until):
    running = locking.lock(desk, stage("stone-mill", until=until).case_id)
    spec, state = running.spec, running.case.state
    for task in engine.live(spec, state):
        assert engine.is_live(spec, state, task.id, task.node)
        for forged in (
            ("f" + task.id, task.node),
            (task.id + ".x", task.node),
            (task.id, "decide"),
            ("", task.node),
        ):
            assert not engine.is_live(spec, state, *forged)
