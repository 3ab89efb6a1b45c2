"""Another agency's business does not exist for you."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped

from app.kernel.auth import Actor, Role
from app.kernel.db import identity
from app.people import demo, service
from app.people.models import Agency
from app.people.scope import administered


class Apart(DeclarativeBase):
    """Keeps the probe out of the product's tables."""


class ScopeProbe(Apart):
    """Stands for any table with an agency and a region on every row."""

    __tablename__ = "scope_probe"

    id: Mapped[int] = identity()
    agency_id: Mapped[int]
    region_code: Mapped[str]


@pytest.fixture
def agencies(session):
    """The demonstration's agencies by code, each with one probe row."""
    demo.load_demo(session)
    ScopeProbe.__table__.create(session.connection(), checkfirst=True)
    found = {a.code: a for a in session.scalars(select(Agency))}
    session.add_all(ScopeProbe(agency_id=a.id, region_code=a.region_code) for a in found.values())
    session.flush()
    return found


def actor(agency: Agency, *roles: Role) -> Actor:
    return Actor(1, 1, "甲子", agency.id, agency.name, agency.region_code, frozenset(roles), frozenset())


def seen(session, scope) -> set[str]:
    rows = session.execute(
        select(Agency.code)
        .join(ScopeProbe, ScopeProbe.agency_id == Agency.id)
        .where(scope.condition(ScopeProbe))
    )
    return {row.code for row in rows}


def test_an_officer_sees_the_own_agency_only(session, agencies):
    """Neither the sister agency nor the branch of the same bureau one level below."""
    city = service.scope(session, actor(agencies["370400-04"], Role.OFFICER))
    county = service.scope(session, actor(agencies["370402-04"], Role.OFFICER))
    assert seen(session, city) == {"370400-04"}
    assert seen(session, county) == {"370402-04"}


@pytest.mark.requirement("S2-4", part="可见全市案件")
def test_a_supervisor_sees_the_region_and_everything_below(session, agencies):
    city = service.scope(session, actor(agencies["370400-01"], Role.SUPERVISOR))
    county = service.scope(session, actor(agencies["370402-01"], Role.SUPERVISOR))
    assert seen(session, city) == set(agencies)
    assert seen(session, county) == {
        "370402-01", "370402-02", "370402-03", "370402-04", "370402101", "370402006",
    }  # fmt: skip


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST])
def test_administrators_and_analysts_see_no_case(session, agencies, role):
    assert seen(session, service.scope(session, actor(agencies["370400-01"], role))) == set()


def test_an_administrator_keeps_the_accounts_of_the_region(session, agencies):
    city, county = agencies["370400-01"], agencies["370402-01"]
    assert len(administered(session, actor(city, Role.ADMIN)).regions) == 10
    codes = session.scalars(
        select(Agency.code).where(administered(session, actor(county, Role.ADMIN)).condition(Agency))
    )
    assert "370403-01" not in set(codes)
    assert administered(session, actor(city, Role.SUPERVISOR)).regions == frozenset()


def test_the_condition_and_the_question_agree(session, agencies):
    scopes = [
        service.scope(session, actor(agency, *roles))
        for agency in agencies.values()
        for roles in ((Role.OFFICER,), (Role.SUPERVISOR,), (Role.OFFICER, Role.SUPERVISOR), (Role.ADMIN,))
    ]
    for scope in scopes:
        asked = {code for code, a in agencies.items() if scope.sees(a.id, a.region_code)}
        assert seen(session, scope) == asked


def test_an_empty_scope_sees_nothing():
    assert not service.Scope().sees(1, "370400")
    assert str(service.Scope().condition(ScopeProbe)) == "false"


@pytest.mark.requirement("S2-6")
def test_a_supervisor_of_a_town_sees_nothing_of_another_town_or_above(session, agencies):
    town = service.scope(session, actor(agencies["370402101"], Role.SUPERVISOR))
    assert seen(session, town) == {"370402101"}
    other = agencies["370402006"]
    assert not town.sees(other.id, other.region_code)
    assert not town.sees(agencies["370402-01"].id, agencies["370402-01"].region_code)
