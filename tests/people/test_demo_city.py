"""The demonstration city is complete, fictional where it must be, and loads once."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from app.kernel import clock
from app.people import demo, passwords, rules, training
from app.people.models import Account, Agency, Certificate, Officer, Position, Posting, Region, Training
from app.people.rules import RegionLevel

DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100—2015: the 31 characters of a credit code."""


@pytest.fixture(autouse=True)
def loaded(session):
    demo.load_demo(session)


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_loading_twice_changes_nothing(session):
    tables = (Region, Agency, Position, Officer, Certificate, Posting, Account)
    before = [count(session, table) for table in tables]
    hashes = set(session.scalars(select(Account.password_hash)))
    assert demo.load_demo(session) == 0
    assert [count(session, table) for table in tables] == before
    assert set(session.scalars(select(Account.password_hash))) == hashes


def test_everybody_has_the_training_that_is_asked_for(session):
    with clock.at(datetime(2026, 11, 2, 2, tzinfo=UTC)):
        demo.load_training(session)
        before = count(session, Training)
        demo.load_training(session)
        assert count(session, Training) == before
        for agency_id in session.scalars(select(Agency.id)):
            for year in (2025, 2026):
                rows = training.rows(session, agency_id, year)
                assert all(one.met for row in rows for one in row.standings)
        assert rows


def test_seventeen_agencies_at_three_levels(session):
    levels = Counter(session.scalars(select(Agency.level)))
    assert levels == {RegionLevel.CITY: 8, RegionLevel.COUNTY: 6, RegionLevel.TOWN: 3}


@pytest.mark.requirement("S0-12")
def test_every_agency_can_run_a_whole_procedure(session):
    """Every lane of the ordinary penalty procedure is held, investigation by two with certificates."""
    lanes = {"intake", "investigator", "team_lead", "case_review", "legal_review"}
    lanes |= {"hearing", "deputy", "head", "finance", "archive"}
    for agency in session.scalars(select(Agency)):
        held = session.execute(
            select(Posting.position_key, Posting.officer_id)
            .join(Officer, Officer.id == Posting.officer_id)
            .where(Officer.agency_id == agency.id)
        ).all()
        assert lanes <= {key for key, _ in held}, agency.name
        certified = set(
            session.scalars(select(Certificate.officer_id).where(Certificate.kind == "enforcement"))
        )
        assert len({o for key, o in held if key == "investigator"} & certified) >= 2, agency.name
        legal = set(session.scalars(select(Certificate.officer_id).where(Certificate.kind == "legal")))
        assert {o for key, o in held if key == "legal_review"} <= legal, agency.name
        parties = {key: {o for k, o in held if k == key} for key in lanes}
        assert not parties["investigator"] & parties["legal_review"]
        assert not parties["investigator"] & parties["finance"]
        assert not parties["legal_review"] & parties["hearing"]


def test_nobody_is_real(session):
    names = list(session.scalars(select(Officer.name)))
    assert all(
        re.fullmatch(r"[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥][二三四]?（演示）", name)
        for name in names
    )
    assert len(set(names)) == len(names), "one name, one person"
    assert all("XXXX" in uscc for uscc in session.scalars(select(Agency.uscc)))
    assert all(number.startswith("演示") for number in session.scalars(select(Certificate.number)))
    assert all("虚构" in a.address and "虚构" in a.payment["bank"] for a in session.scalars(select(Agency)))


def test_credit_codes_have_the_right_check_character(session):
    for uscc in session.scalars(select(Agency.uscc)):
        total = sum(DIGITS.index(c) * pow(3, i, 31) for i, c in enumerate(uscc[:17]))
        assert uscc[17] == DIGITS[(31 - total % 31) % 31], uscc


def test_the_demonstrations_password_is_a_good_one_and_fits_every_account(session):
    hashes = set(session.scalars(select(Account.password_hash)))
    assert len(hashes) == 1, "one computation for all"
    assert passwords.verify(hashes.pop(), demo.password())
    for account in session.scalars(select(Account)):
        found = rules.password_problems(
            demo.password(), login=account.login, name=account.name, common=passwords.common()
        )
        assert found == []


def test_the_accounts_a_tour_needs(session):
    logins = {a.login: a for a in session.scalars(select(Account))}
    for part in ("intake", "officer1", "officer2", "lead", "review", "legal", "hearing", "deputy", "head",
                 "finance", "archive"):  # fmt: skip
        assert f"hb-{part}" in logins
    assert [a.login for a in logins.values() if a.must_change] == ["hb-new"]
    assert logins["sf-super"].roles == ["supervisor"]
    assert logins["sf-admin"].officer_id is None
    assert {a.login for a in demo.demo_accounts()} == set(logins)
