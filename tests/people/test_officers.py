"""Who may do what on a day: officers, positions, certificates."""

from datetime import date

import pytest
from sqlalchemy import select

from app.kernel.errors import NotFound
from app.people import demo, service
from app.people.models import Agency, Certificate, Officer, Posting

DAY = date(2025, 5, 6)


@pytest.fixture
def agency(session) -> Agency:
    demo.load_demo(session)
    return session.scalars(select(Agency).where(Agency.code == "370400-03")).one()


@pytest.fixture
def officer(session, agency) -> Officer:
    made = Officer(agency_id=agency.id, name="癸丑（演示）", pinyin="gui chou")
    session.add(made)
    session.flush()
    return made


def test_the_holders_of_a_position_by_pinyin(session, agency):
    cards = service.officers_at(session, agency.id, "investigator", DAY)
    assert len(cards) == 3
    assert all("investigator" in card.positions for card in cards)
    assert all(card.certificate("enforcement").startswith("演示执-370400-") for card in cards)
    names = [card.name for card in service.officers_at(session, agency.id)]
    assert len(names) == 12
    assert names == sorted(names, key=demo.pinyin)


def test_a_posting_counts_from_its_first_to_its_last_day(session, agency, officer):
    session.add(
        Posting(
            officer_id=officer.id,
            position_key="finance",
            valid_from=date(2025, 5, 6),
            valid_to=date(2025, 5, 7),
        )
    )
    for day, holds in ((5, False), (6, True), (7, True), (8, False)):
        cards = service.officers_at(session, agency.id, "finance", date(2025, 5, day))
        assert (officer.id in {c.id for c in cards}) is holds


def test_who_has_left_is_offered_no_more_but_still_found(session, agency, officer):
    officer.active = False
    session.flush()
    assert officer.id not in {c.id for c in service.officers_at(session, agency.id)}
    assert service.officer(session, officer.id).name == "癸丑（演示）"


def test_certified_means_valid_on_that_day(session, agency, officer):
    session.add(
        Certificate(
            officer_id=officer.id,
            kind="enforcement",
            number="演示-1",
            valid_from=date(2025, 1, 1),
            valid_to=date(2025, 12, 31),
        )
    )
    assert service.certified(session, officer.id, "enforcement", date(2025, 12, 31))
    assert not service.certified(session, officer.id, "enforcement", date(2026, 1, 1))
    assert not service.certified(session, officer.id, "enforcement", date(2024, 12, 31))
    assert not service.certified(session, officer.id, "legal", DAY)
    assert service.officer(session, officer.id, DAY).certificate() == "演示-1"
    assert service.officer(session, officer.id, date(2026, 1, 1)).certificate() == ""


def test_a_revoked_certificate_certifies_nothing(session, agency, officer):
    session.add(
        Certificate(
            officer_id=officer.id,
            kind="legal",
            number="演示-2",
            valid_from=date(2020, 1, 1),
            revoked_on=DAY,
        )
    )
    assert service.certified(session, officer.id, "legal", date(2025, 5, 5))
    assert not service.certified(session, officer.id, "legal", DAY)
    assert service.officer(session, officer.id, DAY).certificates == ()


def test_several_at_once(session, agency):
    ids = [card.id for card in service.officers_at(session, agency.id, on=DAY)]
    legal = service.certified_among(session, ids, "legal", DAY)
    assert len(legal) == 1
    assert set(service.officers(session, ids, DAY)) == set(ids)
    assert service.certified_among(session, [], "legal", DAY) == frozenset()


def test_an_agency_as_documents_print_it(session, agency):
    card = service.agency(session, agency.id)
    assert card.name == "枣庄市城市管理局"
    assert card.abbreviation == "枣城管"
    assert card.region_name == "枣庄市"
    assert card.review_organ == "枣庄市人民政府"
    assert set(card.payment) == {"bank", "name", "account"}
    assert card.as_dict()["court"] == "枣庄市薛城区人民法院"


def test_what_does_not_exist_is_not_found(session):
    with pytest.raises(NotFound):
        service.agency(session, 10**9)
    with pytest.raises(NotFound):
        service.officer(session, 10**9)
