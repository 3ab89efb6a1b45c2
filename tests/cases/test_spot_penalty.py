"""The penalty on the spot: run on the engine as the demo city does, and refused where the law forbids it."""

import pytest
from sqlalchemy import select

from app.cases.models import Case, CaseStatus
from app.documents.models import Document
from app.kernel.errors import Invalid, Refused

from .town import confirm, hand_in, post_to, waiting


def test_the_planned_case_runs_from_the_spot_to_the_archive(stage, desk):
    drive = stage("loud-square")
    case = desk.get_one(Case, drive.case_id)
    assert case.status == CaseStatus.CLOSED
    chosen = select(Document.code, Document.number).where(Document.case_id == case.id).order_by(Document.id)
    papers = dict(desk.execute(chosen).all())
    assert set(papers) == {"JD-04", "JD-03", "JD-05"}
    assert "当罚〔2026〕" in papers["JD-03"]


def test_what_was_collected_on_the_spot_is_handed_in_and_paid_to_the_bank(stage, desk):
    drive = stage("loud-dancers")
    assert waiting(desk, drive.case_id, "record_review").position_key == "team_lead"


def test_too_high_a_fine_is_no_penalty_on_the_spot(stage, desk):
    drive = stage("loud-square", until="onsite")
    hand_in(drive, "onsite", "szzf-officer1", fine_amount="3000.01")
    confirm(drive, "onsite", "szzf-officer2")
    assert waiting(desk, drive.case_id, "refer").step == "src.transfer"


@pytest.mark.parametrize("missing", ["id_shown", "informed", "plea_heard"])
def test_nobody_decides_unheard(stage, desk, missing):
    drive = stage("loud-square", until="onsite")
    with pytest.raises(Invalid) as caught:
        hand_in(drive, "onsite", "szzf-officer1", **{missing: None})
    assert missing in caught.value.errors


def test_a_fine_outside_the_law_s_range_is_refused(stage, desk):
    drive = stage("loud-square", until="onsite")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "onsite", "szzf-officer1", fine_amount="1500.00")
    assert caught.value.code == "discretion"


def test_a_fine_of_more_than_a_hundred_is_collected_on_the_spot_for_a_reason_alone(stage, desk):
    drive = stage("loud-square", until="onsite")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "onsite", "szzf-officer1", collect_now="yes")
    assert (caught.value.code, "第六十八条" in caught.value.article) == ("step_before", True)
    hand_in(drive, "onsite", "szzf-officer1", collect_now="no")
    confirm(drive, "onsite", "szzf-officer2")
    hand_in(drive, "decide", "szzf-officer1")
    confirm(drive, "decide", "szzf-officer2")
    hand_in(drive, "deliver", "szzf-officer1")
    confirm(drive, "deliver", "szzf-officer2")
    assert waiting(desk, drive.case_id, "pay_check").position_key == "finance"


def test_who_acted_on_the_spot_does_not_examine_the_record(stage, desk):
    drive = stage("loud-dancers")
    post_to(desk, "szzf-officer1", "team_lead")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "record_review", "szzf-officer1")
    assert caught.value.code == "separation"
