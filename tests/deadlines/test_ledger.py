"""Suspension, resumption and extension: only with a provision, only as far as it goes, all on record."""

from datetime import date

import pytest
from sqlalchemy import select

from app.deadlines import service
from app.deadlines.models import DueChange, Extension
from app.kernel.errors import Conflict, Invalid, NotFound, Refused

from .acts import AGENCY, CASE, actor, only, step
from .conftest import PROOF

pytestmark = pytest.mark.usefixtures("procedure")
BASIS = "市场监督管理行政处罚程序规定第六十四条"


@pytest.fixture
def case(session, at, moved):
    """A case filed on 2 March 2026; its 90 days end on 31 May."""
    step(session, "file.approve", filing_ok=True)
    return only(session).id


def pause(session, clock_id, day, cause="testing", **kw):
    values = {"basis": BASIS, "proof_digest": PROOF, "actor": actor()} | kw
    return service.suspend(session, clock_id, cause, from_day=date.fromisoformat(day), **values)


def test_a_suspended_clock_is_paused_and_goes_on_later(session, case, at, moved):
    at("2026-03-10 09:00")
    suspension = pause(session, case, "2026-03-10")
    view = only(session)
    assert (view.state, view.light.shape, view.light.word, view.left) == (
        "paused",
        "◇",
        "暂停",
        "已暂停计时",
    )
    at("2026-03-25 09:00")
    assert only(session).excluded_days == 15
    service.resume(session, suspension.id, date(2026, 3, 25), actor())
    view = only(session)
    assert (view.state, view.due_on, view.light.word) == ("running", date(2026, 6, 15), "正常")
    assert [event.cause for event in moved] == ["suspend", "resume"]
    changes = list(session.scalars(select(DueChange).order_by(DueChange.id)))
    assert [(c.cause, c.before_on, c.after_on, c.by) for c in changes] == [
        ("suspend", date(2026, 5, 31), date(2026, 5, 31), 5),
        ("resume", date(2026, 5, 31), date(2026, 6, 15), 5),
    ]


def test_days_with_two_causes_are_left_out_once(session, case, at):
    at("2026-03-30 09:00")
    first = pause(session, case, "2026-03-10")
    second = pause(session, case, "2026-03-15", cause="hearing")
    service.resume(session, first.id, date(2026, 3, 20), actor())
    assert only(session).state == "paused", "the second cause still runs"
    service.resume(session, second.id, date(2026, 3, 25), actor())
    view = only(session)
    assert (view.state, view.excluded_days, view.due_on) == ("running", 15, date(2026, 6, 15))
    assert [s.basis for s in view.suspensions] == [BASIS, BASIS]


def test_a_clock_that_ends_while_paused_counts_no_day_after_the_pause_began(session, case, at):
    pause(session, case, "2026-03-02")
    at("2026-06-20 09:00")
    step(session, "decide.penalty")
    view = only(session)
    assert (view.state, view.left) == ("stopped", "按时办结")
    assert view.suspensions[0].until_day == date(2026, 6, 20)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cause": "holiday"}, "cause"),
        ({"basis": "  "}, "basis"),
        ({"proof_digest": "none"}, "proof"),
        ({"day": "2026-03-03"}, "from_day"),
        ({"day": "2026-03-01"}, "from_day"),
    ],
)
def test_a_suspension_needs_cause_basis_proof_and_a_possible_day(session, case, change, field):
    with pytest.raises(Invalid) as refused:
        pause(session, case, **({"day": "2026-03-02"} | change))
    assert set(refused.value.errors) == {field}


def test_days_after_the_end_cannot_be_left_out(session, case, at):
    at("2026-06-02 09:00")
    with pytest.raises(Invalid) as refused:
        pause(session, case, "2026-06-01")
    assert "已于5月31日（周日）届满" in refused.value.errors["from_day"][0]


def test_the_same_cause_twice_another_agency_and_an_ended_clock_are_refused(session, case):
    suspension = pause(session, case, "2026-03-02")
    with pytest.raises(Conflict):
        pause(session, case, "2026-03-02")
    with pytest.raises(NotFound):
        pause(session, case, "2026-03-02", actor=actor(agency=AGENCY + 1))
    with pytest.raises(NotFound):
        service.resume(session, suspension.id, date(2026, 3, 2), actor(agency=AGENCY + 1))
    with pytest.raises(Invalid):
        service.resume(session, suspension.id, date(2026, 3, 1), actor())
    service.resume(session, suspension.id, date(2026, 3, 2), actor())
    with pytest.raises(Conflict):
        service.resume(session, suspension.id, date(2026, 3, 2), actor())
    service.stop_all(session, CASE, only(session).due_at)
    with pytest.raises(Refused, match="已经结束计时"):
        pause(session, case, "2026-03-02")


def test_the_head_extends_once_by_thirty_days_and_the_collective_further(session, case, moved):
    service.extend(session, case, "30d", "案情复杂", actor("head"))
    view = only(session)
    assert (view.due_on, view.extended) == (date(2026, 6, 30), "30日")
    service.extend(session, case, "45d", "仍不能作出处理决定", actor("collective"))
    assert only(session).due_on == date(2026, 8, 14)
    capped = list(session.scalars(select(Extension.capped).order_by(Extension.id)))
    assert capped == [True, False]
    assert [event.cause for event in moved] == ["extend", "extend"]
    with pytest.raises(Refused) as refused:
        service.extend(session, case, "1d", "再延", actor("collective"))
    assert refused.value.code == "extension_used"


@pytest.mark.parametrize(
    ("limit", "reason", "positions", "code", "words"),
    [
        ("31d", "复杂", ["head"], "extension_cap", "本次最多延长30日，不能延长31日"),
        ("30d", "复杂", ["deputy"], "extension_approver", "须由主要负责人批准"),
        ("30wd", "复杂", ["head"], "invalid", ""),
        ("30d", " ", ["head"], "invalid", ""),
        ("x", "复杂", ["head"], "limit", "写法不对"),
    ],
)
def test_an_extension_beyond_the_provision_is_refused(session, case, limit, reason, positions, code, words):
    with pytest.raises((Refused, Invalid), match=words or None) as refused:
        service.extend(session, case, limit, reason, actor(*positions))
    assert refused.value.code == code
    assert only(session).due_on == date(2026, 5, 31)


def test_no_provision_no_extension(session, at, moved):
    step(session, "evid.preserve")
    with pytest.raises(Refused, match="没有法律、法规、规章规定") as refused:
        service.extend(session, only(session, "preserve").id, "1wd", "复杂", actor("head"))
    assert refused.value.article == "行政处罚法第五十六条"


def test_after_the_end_it_is_too_late_to_extend(session, case, at):
    at("2026-06-01 00:00")
    with pytest.raises(Refused) as refused:
        service.extend(session, case, "30d", "复杂", actor("head"))
    assert refused.value.code == "extension_late"
    at("2026-05-31 23:59")
    service.extend(session, case, "30d", "复杂", actor("head"))
    assert only(session).due_on == date(2026, 6, 30)
