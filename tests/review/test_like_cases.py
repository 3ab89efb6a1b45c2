"""Like cases: of the own agency and the same item, without anybody's name."""

import pytest
from cases.town import Town, actor
from sqlalchemy import select

from app.cases import service as cases
from app.cases.models import Case
from app.review import legal_bench, legal_precedents

from .rounds import take


@pytest.fixture(scope="module")
def found(town: Town) -> legal_precedents.Discretion:
    for name in ("stone-mill", "stone-mill"):
        town.open(name, "serve")
    town.open("road-digger", "serve")  # another agency's
    case_id = town.open("stone-mill", "legal_review")
    work_id = take(town, case_id, "hb-legal")
    with town.read() as session:
        who = actor(session, "hb-legal")
        desk = legal_bench.desk_of(session, who, work_id)
        return legal_precedents.discretion(session, who, desk, cases.decision_ahead(desk.running))


def test_decided_cases_of_the_item_are_shown_with_what_they_are_compared_by(found):
    assert found.tier == "从轻"
    assert len(found.precedents) == 2
    first = found.precedents[0]
    assert (first.tier, first.amount, first.same_cause) == ("从轻", 250000, True)
    assert "枣环罚〔" in first.number
    assert dict(first.chosen)["从轻、减轻情节"].startswith("主动消除")
    assert (found.compared, found.low, found.high, found.middle) == (2, 250000, 250000, 250000)


def test_nothing_tells_who_they_were(found):
    assert "某建材" not in repr(found)
    assert "91370400" not in repr(found)


def test_the_agency_of_a_stranger_has_none_of_them(town: Town, found):
    with town.read() as session:
        case = session.scalars(select(Case).where(Case.id == found.precedents[0].case_id)).one()
        who = actor(session, "cg-legal")
        procedure = cases.running_case(session, case).procedure
        band = procedure.rules.bands[0]
        assert legal_precedents.decided(session, who, case, band, procedure) == []
