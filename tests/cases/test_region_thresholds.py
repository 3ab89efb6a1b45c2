"""Thresholds that a region's supervising office sets for all its agencies; an agency may only tighten them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cases import threshold_editing as editing
from app.cases.models import AgencyThreshold
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .test_agency_thresholds import HEARING, MAJOR, ORGANISATION, PERSON, PROCEDURE, below, set_to
from .test_agency_thresholds import table as agency_table
from .test_full_legal_review import on_to, row
from .test_returning import sound
from .town import actor

CITY, DISTRICT = "sf-suplead", "szsf-suplead"


def table(session, by=CITY, attribute=MAJOR):
    found = editing.region_tables(session, actor(session, by))
    return next(one for one in found if (one.procedure, one.attribute) == (PROCEDURE, attribute))


def set_region(session, *lines, by=CITY, at=None, attribute=MAJOR, first=None, last=None, **more):
    with clock.at(at or clock.now()):
        versions = table(session, by, attribute).versions
        today = clock.today()
        given = {
            "basis": "枣演规〔2026〕1号（演示）", "reason": "统一全市标准（演示）",
            "valid_from": today.isoformat() if first is None else first,
            "valid_to": (today + timedelta(days=900)).isoformat() if last is None else last,
            "seen": versions[0].id if versions else 0,
        } | more  # fmt: skip
        new = editing.NewVersion([(most, amount, "") for most, amount in lines], **given)
        return editing.set_for_region(session, actor(session, by), PROCEDURE, attribute, new)


def test_every_agency_of_the_region_goes_by_it_and_a_changed_proposal_is_judged_anew(drive):
    case = drive("dust-heap", until="lead_review")
    fine = below(case)
    set_region(case.session, (ORGANISATION, str(int(fine) + 1)), by=CITY, at=case.moment)
    case.do("lead_review")
    assert not row(case).attributes[MAJOR], "a yuan less does not reach it"
    set_region(case.session, (ORGANISATION, fine), at=case.moment)
    case.do("pre_review")
    assert row(case).attributes[MAJOR]
    assert row(case).attributes["review_required"]
    sound(case)
    on_to(case, "legal_review")


def test_the_hearing_too_and_only_while_it_is_valid(drive):
    case = drive("dust-heap", until="lead_review")
    first = clock.legal_day(case.moment) - timedelta(days=0)
    last = (first + timedelta(days=1)).isoformat()
    set_region(case.session, (ORGANISATION, "0"), attribute=HEARING, at=case.moment, last=last)
    case.moment += timedelta(days=5)
    case.do("lead_review")
    assert row(case).attributes[HEARING], "it was valid while the case was under way"
    later = drive("dust-heap", until="lead_review", id="dust-heap-later", opened="2026-11-20")
    later.do("lead_review")
    assert not row(later).attributes[HEARING], "its validity was over when the case was opened"
    with clock.at(later.moment):
        assert table(later.session, attribute=HEARING).versions[0].state == "over"


def test_a_region_elsewhere_or_below_is_not_concerned(drive, act):
    set_region(act, (ORGANISATION, "0"), by=DISTRICT)
    case = drive("dust-heap", until="lead_review")
    case.do("lead_review")
    assert not row(case).attributes[MAJOR], "a district does not bind the city's agencies"


def test_an_agency_may_only_tighten_what_the_region_has_set(act):
    set_to(act, MAJOR, (PERSON, "6000", ""))
    set_region(act, (PERSON, "5000"))
    shown = agency_table(act, MAJOR)
    assert PERSON in shown.regional
    assert {one.most: most for one, most in shown.thresholds}[PERSON] == 5000
    with pytest.raises(Invalid) as caught:
        set_to(act, MAJOR, (PERSON, "5000", ""))
    assert "应低于 5,000 元" in caught.value.errors["lines"][0]
    set_to(act, MAJOR, (PERSON, "4999", ""))
    with pytest.raises(Invalid) as caught:
        set_region(act, (PERSON, "5000"), by=DISTRICT)
    assert "应低于 5,000 元" in caught.value.errors["lines"][0], "nor may a district loosen the city's"
    set_region(act, (PERSON, "10"), by=DISTRICT)
    set_region(act, (PERSON, "8000"))
    assert [one.state for one in table(act).versions] == ["now", "over"], "its own version it may replace"
    set_region(act, (PERSON, "0"))
    with pytest.raises(Invalid) as caught:
        set_to(act, MAJOR, (PERSON, "0", ""))
    assert "不论数额" in caught.value.errors["lines"][0]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first": ""}, "valid_from"),
        ({"last": ""}, "valid_to"),
        ({"last": "2020-01-01"}, "valid_to"),
        ({"last": "2099-01-01"}, "valid_to"),
        ({"basis": " "}, "basis"),
        ({"reason": ""}, "reason"),
    ],
)
def test_basis_and_validity_are_obligatory(act, given, field):
    with pytest.raises(Invalid) as caught:
        set_region(act, (PERSON, "1"), **given)
    assert set(caught.value.errors) == {field}
    assert act.scalars(select(AgencyThreshold)).all() == []


def test_only_who_leads_the_supervision_of_a_region_sets_it(act):
    for login in ("sf-super", "sf-analyst", "sf-admin", "sf-deputy", "hb-head", "hb-officer1"):
        person = actor(act, login)
        with pytest.raises(Forbidden):
            editing.region_tables(act, person)
        with pytest.raises(Forbidden):
            new = editing.NewVersion([(PERSON, "1", "")], "", "x", "x", 0)
            editing.set_for_region(act, person, PROCEDURE, MAJOR, new)
    lead = actor(act, CITY)
    with pytest.raises(Forbidden):
        editing.tables(act, lead)
    new = editing.NewVersion([(PERSON, "1", "")], "", "x", "x", 0)
    with pytest.raises(NotFound):
        editing.set_for_region(act, lead, "governance/item_change", MAJOR, new)
    set_region(act, (PERSON, "1"))
    with pytest.raises(Conflict):
        set_region(act, (PERSON, "2"), seen=0)


def test_the_page_keeps_what_was_typed_and_is_for_those_who_decide(town):
    lead, address = town.caller(CITY), f"/supervision/thresholds/{MAJOR}"
    given = {
        "procedure": PROCEDURE, "most": [PERSON, ORGANISATION], "amount": ["20000", "8000"], "_version": "0",
        "basis": "枣演规〔2026〕2号", "reason": "统一标准（演示）", "valid_from": clock.today().isoformat(), "valid_to": "",
    }  # fmt: skip
    for login, page in (("hb-head", "/inbox"), ("sf-super", "/supervision"), ("sf-admin", "/admin/accounts")):
        other = town.caller(login)
        assert other.get("/supervision/thresholds").status_code == 403
        assert other.post(address, given, page=page).status_code == 403
    assert lead.bare_post(address, given).status_code in (400, 403)
    assert "本地区标准" in lead.get("/supervision").get_data(as_text=True)
    assert "本地区标准" not in town.caller("sf-super").get("/supervision").get_data(as_text=True)
    wrong = lead.post(address, given, page="/supervision/thresholds")
    text = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    for told in ("应低于 10,000 元", "请填写有效期的最后一日", 'value="20000"', "枣演规〔2026〕2号"):
        assert told in text
    good = {**given, "amount": ["", "8000"], "valid_to": (clock.today() + timedelta(days=365)).isoformat()}
    assert lead.post(address, good, page="/supervision/thresholds").status_code == 303
    assert lead.post(address, good, page="/supervision/thresholds").status_code == 409
    shown = lead.get("/supervision/thresholds").get_data(as_text=True)
    assert "施行中" in shown
    assert "枣演规〔2026〕2号" in shown
    agency = town.caller("hb-head").get("/inbox/thresholds").get_data(as_text=True)
    assert "8,000 元以上" in agency
    assert "（本地区标准）" in agency
