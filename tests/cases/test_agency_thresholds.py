"""重大执法决定目录 and 听证标准 of an agency (S1-16): lower than the law's, from the act on, on what is proposed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cases import service as cases
from app.cases import stepping, thresholds
from app.cases import threshold_editing as editing
from app.cases.models import AgencyThreshold
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from .test_full_legal_review import done_nodes, on_to, row
from .test_returning import give_back, live, sound
from .town import actor, waiting

PROCEDURE = "penalty/ordinary"
MAJOR, HEARING = "agency_major", "agency_hearing"
PERSON, ORGANISATION = "major_fine_person", "major_fine_organisation"


def new(*lines, first="", seen=0, basis="演示目录〔2026〕1号", reason="提高审核标准（演示）"):
    return editing.NewVersion(
        [(most, amount, item) for most, amount, item in lines], first, basis, reason, seen
    )


def set_to(session, attribute, *lines, at=None, by="hb-head", first=""):
    person = actor(session, by)
    rows = session.scalars(
        select(AgencyThreshold.id).where(
            AgencyThreshold.agency_id == person.agency_id, AgencyThreshold.attribute == attribute
        )
    ).all()
    with clock.at(at or clock.now()):
        given = new(*lines, first=first, seen=max(rows, default=0))
        return editing.set_version(session, person, PROCEDURE, attribute, given)


def below(case) -> str:
    """An amount that this case reaches."""
    fine = row(case).attributes["fine"]
    assert 0 < fine < 100000, "the law's own threshold is not reached"
    return str(int(fine))


def table(session, attribute, by="hb-head"):
    return next(one for one in editing.tables(session, actor(session, by)) if one.attribute == attribute)


@pytest.mark.requirement("S1-16")
def test_a_case_that_reaches_the_agencys_amount_is_major_and_must_be_reviewed(drive):
    case = drive("dust-heap", until="lead_review")
    assert not row(case).attributes["major"]
    set_to(case.session, MAJOR, (ORGANISATION, below(case), ""), at=case.moment)
    case.do("lead_review")
    found = row(case).attributes
    assert (found[MAJOR], found["major"], found["review_required"], found["hearing_applicable"]) == (
        True, True, True, False,
    )  # fmt: skip
    sound(case)
    on_to(case, "legal_review")
    assert live(case) == ["legal_review"]
    on_to(case, "decide")
    assert {"legal_review", "collective"} <= set(done_nodes(case))
    on_to(case, "decision_doc")
    sound(case)


def test_above_its_amount_nothing_changes(drive):
    case = drive("dust-heap", until="lead_review")
    higher = str(int(below(case)) + 1)
    set_to(case.session, MAJOR, (ORGANISATION, higher, ""), (PERSON, "0", ""), at=case.moment)
    on_to(case, "decide")
    assert not row(case).attributes["major"]
    assert "legal_review" not in done_nodes(case)
    sound(case)


def test_the_right_to_a_hearing_begins_at_the_agencys_amount_and_is_told(drive):
    case = drive("dust-heap", until="lead_review")
    set_to(case.session, HEARING, (ORGANISATION, below(case), ""), at=case.moment)
    on_to(case, "party_response")
    found = row(case).attributes
    assert (found["hearing_applicable"], found["major"], found[MAJOR]) == (True, True, False)
    codes = case.session.scalars(select(Document.code).where(Document.case_id == case.case_id)).all()
    assert "GZ-02" in codes
    assert "GZ-01" not in codes


def test_one_item_alone_may_have_an_amount_of_its_own(drive):
    case = drive("dust-heap", until="lead_review")
    other = next(i for i, _ in table(case.session, MAJOR).items if i != row(case).item_id)
    set_to(case.session, MAJOR, (ORGANISATION, "0", str(other)), at=case.moment)
    case.do("lead_review")
    assert not row(case).attributes[MAJOR]
    set_to(case.session, MAJOR, (ORGANISATION, "0", str(row(case).item_id)), at=case.moment)
    case.do("pre_review")
    assert row(case).attributes[MAJOR]
    sound(case)


def test_a_changed_proposal_is_judged_anew(drive):
    case = drive("dust-heap", until="lead_review")
    fine = int(below(case))
    set_to(case.session, MAJOR, (ORGANISATION, str(fine + 1), ""), at=case.moment)
    case.do("lead_review")
    running = cases.running_case(case.session, row(case))
    attributes = dict(row(case).attributes)
    assert not attributes[MAJOR]
    for changed, expected in ((fine, False), (fine + 1, True), (fine, False)):
        found = thresholds.of_case(running, {**attributes, "fine": changed})
        assert found == {MAJOR: expected}
    work = waiting(case.session, case.case_id, "pre_review")
    after = stepping.advance(running, work, attributes, {"fine": fine + 1})
    assert (after[MAJOR], after["major"], after["review_required"]) == (True, True, True)
    back = stepping.advance(running, work, after, {"fine": fine})
    assert (back[MAJOR], back["major"]) == (False, False)


def test_what_already_waits_for_the_decision_is_held_and_led_to_the_review(drive):
    case = drive("dust-heap", until="decide")
    set_to(case.session, MAJOR, (ORGANISATION, below(case), ""), at=case.moment)
    with pytest.raises(Refused) as caught:
        case.do("decide")
    assert caught.value.code in ("legal_review", "step_before")
    case.session.expire_all()
    head = actor(case.session, "hb-head")
    work = waiting(case.session, case.case_id, "decide")
    with clock.at(case.moment):
        if work.assignee_id is None:
            cases.claim(case.session, head, work.id, case.key())
        given = {"reason": "本机关标准（演示）"}
        told = cases.desk_act(case.session, head, work.id, work.version, case.key(), "reroute", given)
    assert "转入“法制审核”" in told.message
    assert live(case) == ["legal_review"]
    sound(case)
    on_to(case, "decide")
    on_to(case, "decision_doc")
    sound(case)


def test_acts_taken_back_and_done_again_find_what_they_found(drive):
    case = drive("dust-heap", until="lead_review")
    set_to(case.session, MAJOR, (ORGANISATION, below(case), ""), at=case.moment)
    case.do("lead_review")
    give_back(case, "pre_review", "hb-review", "report")
    sound(case)
    assert row(case).attributes[MAJOR] is False, "the report came before the table"
    for node in ("report", "lead_review"):
        case.do(node)
    assert row(case).attributes[MAJOR]
    sound(case)


def test_who_loosens_a_table_does_so_for_later_cases_alone(drive, act):
    case = drive("dust-heap", until="lead_review")
    set_to(act, MAJOR, (ORGANISATION, below(case), ""), at=case.moment)
    set_to(act, MAJOR, at=case.moment + timedelta(hours=1))
    case.moment += timedelta(days=1)
    case.do("lead_review")
    assert row(case).attributes[MAJOR], "the table was in force while the case was under way"
    on_to(case, "legal_review")
    assert live(case) == ["legal_review"]
    later = drive("dust-heap", until="lead_review", id="dust-heap-later", opened="2026-11-20")
    later.do("lead_review")
    assert not row(later).attributes[MAJOR]


def test_a_version_begins_on_its_day(drive):
    case = drive("dust-heap", until="lead_review")
    first = (clock.legal_day(case.moment) + timedelta(days=30)).isoformat()
    set_to(case.session, MAJOR, (ORGANISATION, below(case), ""), at=case.moment, first=first)
    with clock.at(case.moment):
        (version,) = table(case.session, MAJOR).versions
    assert version.state == "coming"
    case.do("lead_review")
    assert not row(case).attributes[MAJOR]
    case.moment += timedelta(days=31)
    case.do("pre_review")
    assert row(case).attributes[MAJOR]


def test_another_agency_is_not_concerned(drive, act):
    set_to(act, MAJOR, (ORGANISATION, "0", ""), (PERSON, "0", ""))
    case = drive("rubble-field", until="file_review")
    assert not row(case).attributes[MAJOR]


@pytest.mark.parametrize(
    ("lines", "field", "word"),
    [
        ([(ORGANISATION, "100000", "")], "lines", "应低于 100,000 元"),
        ([(ORGANISATION, "100000.01", "")], "lines", "只能比现行规定更严"),
        ([(PERSON, "20000", "")], "lines", "应低于 10,000 元"),
        ([(PERSON, "-1", "")], "lines", "不带符号的数额"),
        ([(PERSON, "1.234", "")], "lines", "最多两位小数"),
        ([(PERSON, "很多", "")], "lines", "不带符号的数额"),
        ([(PERSON, "NaN", "")], "lines", "不带符号的数额"),
        ([(PERSON, "1e3", "")], "lines", "不带符号的数额"),
        ([("nothing", "1", "")], "lines", "请选择标准的种类"),
        ([(PERSON, "1", "999999999")], "lines", "不是本机关"),
        ([(PERSON, "1", "x")], "lines", "不是本机关"),
        ([(PERSON, "1", ""), (PERSON, "2", "")], "lines", "填写了两次"),
        ([], "lines", "至少填写一项"),
    ],
)
def test_it_may_only_be_stricter_and_must_be_readable(act, lines, field, word):
    with pytest.raises(Invalid) as caught:
        set_to(act, MAJOR, *lines)
    assert set(caught.value.errors) == {field}
    assert word in caught.value.errors[field][0]
    assert act.scalars(select(AgencyThreshold)).all() == []


def test_day_basis_and_reason_are_asked_for(act):
    head = actor(act, "hb-head")
    past = (clock.today() - timedelta(days=1)).isoformat()
    far = (clock.today() + timedelta(days=400)).isoformat()
    for given, field in (
        (new((PERSON, "1", ""), first=past), "valid_from"),
        (new((PERSON, "1", ""), first=far), "valid_from"),
        (new((PERSON, "1", ""), first="明天"), "valid_from"),
        (new((PERSON, "1", ""), basis=" "), "basis"),
        (new((PERSON, "1", ""), reason="长" * 501), "reason"),
    ):
        with pytest.raises(Invalid) as caught:
            editing.set_version(act, head, PROCEDURE, MAJOR, given)
        assert set(caught.value.errors) == {field}


def test_only_heads_set_what_the_agency_may_set_and_on_what_they_have_seen(act):
    for login in ("hb-officer1", "hb-legal", "hb-lead"):
        with pytest.raises(Forbidden):
            set_to(act, MAJOR, (PERSON, "1", ""), by=login)
    head = actor(act, "hb-head")
    for procedure, attribute in (("penalty/simple", MAJOR), (PROCEDURE, "major"), ("nothing", MAJOR)):
        with pytest.raises(NotFound):
            editing.set_version(act, head, procedure, attribute, new((PERSON, "1", "")))
    first = set_to(act, MAJOR, (PERSON, "1", ""))
    with pytest.raises(Conflict):
        editing.set_version(act, head, PROCEDURE, MAJOR, new((PERSON, "2", "")))
    set_to(act, MAJOR, by="hb-deputy")
    versions = table(act, MAJOR).versions
    assert [(v.state, len(v.lines)) for v in versions] == [("now", 0), ("over", 1)]
    assert versions[1].id == first


def test_nobody_writes_it_into_a_form(drive):
    case = drive("dust-heap", until="check")
    for form in cases.running_case(case.session, row(case)).procedure.forms.values():
        assert not {MAJOR, HEARING} & set(form.get("writes") or {})


def test_the_page_keeps_what_was_typed_and_is_for_heads(town):
    head, officer = town.caller("hb-head"), town.caller("hb-officer1")
    page = head.get("/inbox/thresholds").get_data(as_text=True)
    assert "达到本机关重大执法决定标准" in page
    assert "10,000 元以上" in page
    assert "本机关标准" in head.get("/inbox").get_data(as_text=True)
    address = f"/inbox/thresholds/{MAJOR}"
    kinds = ["major_fine_person", "major_fine_organisation"]
    given = {
        "procedure": PROCEDURE, "most": kinds, "amount": ["20000", "8000"], "item": ["", ""], "_version": "0",
        "basis": "演示目录〔2026〕2号", "reason": "会议决定（演示）", "valid_from": "",
    }  # fmt: skip
    for other in (officer, town.caller("hb-legal")):
        assert other.get("/inbox/thresholds").status_code == 403
        assert other.post(address, given, page="/inbox").status_code == 403
    assert town.caller("sf-admin").get("/inbox/thresholds").status_code == 403
    assert head.bare_post(address, given).status_code in (400, 403)
    wrong = head.post(address, given, page="/inbox/thresholds")
    assert wrong.status_code == 422
    text = wrong.get_data(as_text=True)
    assert "应低于 10,000 元" in text
    assert 'value="20000"' in text
    assert 'value="8000"' in text
    assert "演示目录〔2026〕2号" in text
    strange = head.post(address, {**given, "force": "1"}, page="/inbox/thresholds")
    assert strange.status_code == 422
    good = {**given, "amount": ["", "8000"]}
    assert head.post(address, good, page="/inbox/thresholds").status_code == 303
    shown = head.get("/inbox/thresholds").get_data(as_text=True)
    assert "施行中" in shown
    assert "8,000 元以上" in shown
    stale = head.post(address, good, page="/inbox/thresholds")
    assert stale.status_code == 409
    assert "已由他人改动" in stale.get_data(as_text=True)
    with town.read() as session:
        rows = session.scalars(select(AgencyThreshold)).all()
        assert [one.lines for one in rows] == [[{"most": ORGANISATION, "amount": "8000", "item": None}]]
