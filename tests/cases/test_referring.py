"""A lead handed over becomes a case: once, at the same agency, for whoever registers leads; both cases name each other."""

import pytest
from sqlalchemy import func, select

from app.audit import service as audit
from app.cases import acts, locking, queries, recusals, referring, stepping
from app.cases.models import Case, CaseLink, Recusal, RecusalState
from app.catalogue.models import PowerItem
from app.kernel import clock
from app.kernel.errors import Invalid, Refused

from .test_withdrawing import withdraw
from .town import actor, answers, hand_in, waiting

TARGET = "ZZ-02-YJGL-010　对占用、锁闭、封堵生产经营场所或者员工宿舍出口、疏散通道的处罚"
FOREIGN = "ZZ-02-SCJG-002　对用非食品原料生产食品或者经营添加药品的食品等行为的处罚"


def target_of(desk, drive):
    link = desk.scalars(select(CaseLink).where(CaseLink.source_id == drive.case_id)).one()
    return desk.get_one(Case, link.target_id)


def test_the_lead_waits_at_the_intake_with_what_the_inspection_found(stage, desk):
    drive = stage("exit-locked", until="publish")
    new = target_of(desk, drive)
    work = waiting(desk, new.id, "register")
    assert (work.position_key, work.assignee_id) == ("intake", None)
    running = locking.running(desk, new)
    begun = stepping.form_of(running, work).prefilled(stepping.context_of(running))
    assert begun["party"]["name"] == "某服装有限公司"
    assert begun["cause"] == "锁闭生产经营场所出口"
    assert begun["source"] == "监督检查"
    assert begun["received_at"] == "2026-09-18T09:30"
    assert "东侧安全出口用挂锁锁闭" in begun["summary"]


def test_both_cases_show_and_record_it(stage, desk):
    drive = stage("exit-locked", until="publish")
    old, new = desk.get_one(Case, drive.case_id), target_of(desk, drive)
    head = actor(desk, "yj-head")
    (there,) = referring.links(desk, head, old.id)
    (back,) = referring.links(desk, head, new.id)
    assert (there.no, there.case_id, there.came_from) == (new.no, new.id, False)
    assert (back.no, back.case_id, back.came_from) == (old.no, old.id, True)
    kinds = {case.id: [e.kind for e in audit.of_case(desk, case.id)] for case in (old, new)}
    assert referring.HANDED_OVER in kinds[old.id]
    assert kinds[new.id] == ["case.opened", referring.CAME_FROM]


def test_who_may_not_see_the_other_case_reads_its_number_alone(stage, desk):
    drive = stage("exit-locked", until="publish")
    old = desk.get_one(Case, drive.case_id)
    intake = actor(desk, "yj-intake")
    assert desk.scalar(select(Case.id).where(Case.id == old.id, queries.visible(intake))) is None
    (back,) = referring.links(desk, intake, target_of(desk, drive).id)
    assert (back.case_id, back.no) == (None, old.no)


def test_a_repeated_request_hands_over_once(stage, desk):
    drive = stage("exit-locked", until="refer")
    work = waiting(desk, drive.case_id, "refer")
    told = {"key": "once" * 8, "given": answers(drive, work.form)}
    first = hand_in(drive, "refer", "yj-officer1", **told)
    with clock.at(drive.moment):
        again = acts.hand_in(
            desk, actor(desk, "yj-officer1"), work.id, 1, "once" * 8, lambda *_: told["given"]
        )
    assert again == first
    assert (
        desk.scalar(select(func.count()).select_from(CaseLink).where(CaseLink.source_id == drive.case_id))
        == 1
    )


def test_a_lead_that_was_handed_over_to_an_item_is_not_handed_over_to_it_again(stage, desk):
    drive = stage("exit-locked", until="refer")
    case, work = desk.get_one(Case, drive.case_id), waiting(desk, drive.case_id, "refer")
    other = stage("paint-store")
    item = desk.scalars(select(PowerItem).where(PowerItem.code == TARGET.partition("　")[0])).one()
    desk.add(CaseLink(source_id=case.id, target_id=other.case_id, agency_id=case.agency_id, item_id=item.id,
                      work_item_id=work.id, at=drive.moment, by_id=case.opened_by))  # fmt: skip
    desk.flush()
    with pytest.raises(Refused, match="不能重复移交") as caught:
        hand_in(drive, "refer", "yj-officer1")
    assert caught.value.code == "referral"


@pytest.mark.parametrize(
    "target",
    [FOREIGN, "ZZ-06-YJGL-001　安全生产监督检查", "", "x"],
)
def test_only_penalties_of_the_agency_itself_may_be_chosen(stage, desk, target):
    drive = stage("exit-locked", until="refer")
    with pytest.raises(Invalid) as caught:
        hand_in(drive, "refer", "yj-officer1", target=target)
    assert "target" in caught.value.errors
    assert desk.scalar(select(CaseLink.id).where(CaseLink.source_id == drive.case_id)) is None


def test_who_was_recused_keeps_out_of_the_new_case(stage, desk):
    drive = stage("exit-locked", until="refer")
    head, intake = actor(desk, "yj-head"), actor(desk, "yj-intake")
    row = Recusal(case_id=drive.case_id, agency_id=head.agency_id, officer_id=intake.officer_id, kind="ordered",
                  ground="interest", state=RecusalState.APPROVED, said={"facts": "近亲属在该公司任职。"},
                  requested_by=head.officer_id, requested_at=drive.moment, decided_by=head.officer_id,
                  decided_at=drive.moment)  # fmt: skip
    desk.add(row)
    desk.flush()
    hand_in(drive, "refer", "yj-officer1")
    new = target_of(desk, drive)
    (carried,) = recusals.of_case(desk, new.id)
    assert (carried.officer_id, carried.state) == (intake.officer_id, RecusalState.APPROVED)
    assert locking.running(desk, new).recused == {intake.officer_id}


def test_what_was_handed_over_is_not_taken_back(stage):
    drive = stage("exit-locked", until="publish")
    with pytest.raises(Refused, match="另一办件已经发起"):
        withdraw(drive, "refer", "yj-officer1")
