"""The demo's three journeys run to their ends through the acts officers use."""

from datetime import date, timedelta

from sqlalchemy import select

from app.audit import service as audit
from app.cases import demo_content
from app.cases.models import Case, CaseStatus, WorkItem, WorkStatus
from app.documents import service as documents

TWELVE = {
    "LA-01",
    "LA-06",
    "DC-01",
    "DC-06",
    "DC-10",
    "DC-19",
    "GZ-02",
    "SH-01",
    "SH-02",
    "JD-01",
    "SD-01",
    "JA-01",
}


def test_the_main_journey_ends_in_the_archive_with_twelve_documents(drive, act):
    main = drive("stone-mill")
    case = act.get(Case, main.case_id)
    assert case.status == CaseStatus.CLOSED
    codes = [d.code for d in documents.of_case(act, case.id)]
    assert set(codes) >= TWELVE
    open_items = act.scalars(
        select(WorkItem).where(WorkItem.case_id == case.id, WorkItem.status == WorkStatus.OPEN)
    ).all()
    assert not open_items
    record = audit.of_case(act, case.id)
    assert [e.seq for e in record] == list(range(1, len(record) + 1))


def test_the_second_journey_ends_in_refusal_to_file(drive, act):
    case = act.get(Case, drive("shop-front").case_id)
    assert case.status == CaseStatus.CLOSED
    assert case.attributes["filing_ok"] is False
    assert "file.reject" in case.passed


def test_the_third_journey_has_a_hearing_and_a_review_that_first_refuses(drive, act):
    case = act.get(Case, drive("road-digger").case_id)
    assert case.status == CaseStatus.CLOSED
    reviews = [
        e.content["data"]
        for e in audit.of_case(act, case.id)
        if e.content.get("form") == "penalty_legal_review"
    ]
    assert len(reviews) == 2
    assert {"hear.hold", "legal.review"} <= set(case.passed)


def test_a_case_under_way_is_always_a_recent_one():
    first = date(2026, 11, 9)
    for day in (first + timedelta(days=n) for n in range(14)):
        case = demo_content.recent(demo_content.case_of("dust-heap"), day)
        moment = date.fromisoformat(case["opened"])
        for _ in range(case["steps"]):
            moment = demo_content.next_weekday(moment)
        assert moment == demo_content.previous_weekday(day) < day
        found = date.fromisoformat(case["found_on"])
        assert date.fromisoformat(case["opened"]) - found == timedelta(days=1), (
            "the dates it tells move along"
        )
    assert demo_content.recent(demo_content.case_of("stone-mill"), first)["opened"] == "2025-05-07"
