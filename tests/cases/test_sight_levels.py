"""运行分析 at three levels: city, county and town see their own, and each number is the sum of those below it."""

from datetime import date

import pytest
import yaml
from sqlalchemy import select

from app.cases import sight
from app.cases.demo import Drive
from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.settings import ROOT
from app.people import demo, passwords
from app.people import service as people
from app.people.models import Account, Agency, Officer, Region

from .town import Town, plan_of

PERIOD = (date(2025, 1, 1), date(2026, 12, 31))
PLACES = {"370400-02": ("stale-sweets", 2), "370402-03": ("shop-front", 1), "370402101": ("shop-front", 3),
          "370402006": ("shop-front", 1)}  # fmt: skip
"""Agencies of the city, a county and two towns: the case they have, and how often."""


@pytest.fixture(scope="module")
def version(town: Town) -> int:
    source = ROOT / "app" / "catalogue" / "data" / "demo_items.yaml"
    items = {item["code"]: item for item in yaml.safe_load(source.read_text(encoding="utf-8"))["items"]}
    with town.act() as session:
        for code, (plan, count) in PLACES.items():
            agency = people.agency_id_of(session, code)
            item = items[plan_of(plan)["item"]]
            if code not in item["agencies"]:
                catalogue.add(session, agency, item)
            for _ in range(count):
                Drive(session, plan_of(plan, agency=code)).run("check")
        return diagrams.current(session, "penalty/ordinary").id


def supervisor(session, region: str) -> Actor:
    agency = session.scalars(select(Agency).where(Agency.region_code == region).limit(1)).one()
    return Actor(0, None, "演示", agency.id, agency.name, region, frozenset({Role.SUPERVISOR}), frozenset())


def numbers(session, version: int, region: str, agency: int | None = None) -> tuple[int, int]:
    """What is counted: cases opened, tasks done."""
    asked = sight.filter_of(session, supervisor(session, region), version, agency, *PERIOD)
    found = sight.sight(session, asked)
    return found.opened, sum(step.done for step in found.steps)


def added(rows: list[tuple[int, int]]) -> tuple[int, int]:
    return sum(row[0] for row in rows), sum(row[1] for row in rows)


@pytest.mark.requirement("S3-1")
def test_each_level_is_the_sum_of_those_below(town: Town, version: int):
    with town.read() as session:
        below = {r.code: r.parent_code for r in session.scalars(select(Region))}
        agencies = {a.id: a.region_code for a in session.scalars(select(Agency))}
        regions = {region for region in agencies.values() if region.startswith("3704")}
        assert {"370400", "370402", "370402101"} <= regions
        totals = {region: numbers(session, version, region) for region in regions}
        for region, total in totals.items():
            own = [numbers(session, version, region, a) for a, place in agencies.items() if place == region]
            parts = [totals[child] for child in regions if below[child] == region]
            assert total == added([*own, *parts]), region
        assert totals["370400"][0] == sum(count for _, count in PLACES.values())
        assert totals["370402"][0] == 5
        assert totals["370402101"][0] == 3


@pytest.mark.requirement("S3-3")
def test_a_town_has_its_own_board(town: Town, version: int):
    with town.act() as session:
        agency = session.scalars(select(Agency).where(Agency.code == "370402101")).one()
        officer = Officer(agency_id=agency.id, name="监督（演示）", pinyin="jian du")
        session.add(officer)
        session.flush()
        session.add(Account(login="sgz-super", agency_id=agency.id, officer_id=officer.id, name=officer.name,
                            roles=["supervisor"], password_hash=passwords.digest(demo.password()), must_change=False,
                            password_changed_at=clock.now()))  # fmt: skip
        mine, other = agency.id, people.agency_id_of(session, "370402-03")
    board = town.caller("sgz-super")
    page = board.get(f"/studio/sight?version={version}&since=2025-01-01&until=2026-12-31")
    told = page.get_data(as_text=True)
    assert page.status_code == 200
    assert f'<option value="{mine}"' in told
    assert "税郭镇人民政府" in told
    assert "市中区综合行政执法局" not in told
    assert board.get(f"/studio/sight?version={version}&agency={other}").status_code == 422
