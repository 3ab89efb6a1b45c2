"""Substitutes by period: set by the officer or a head, in force from day to day, never a chain, seen everywhere at once."""

from datetime import date, datetime, timedelta

import pytest
from callers import Caller
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.kernel.transaction import transaction
from app.people import service as people
from app.people import substitution
from app.people.models import Account, Substitution
from app.people.substitution import NewSubstitution


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.CHINA)


@pytest.fixture
def ids(app, city):
    with app.app_context():
        rows = db.session.execute(select(Account.login, Account.officer_id))
        return {login: officer_id for login, officer_id in rows if officer_id}


@pytest.fixture
def act(app, city):
    with app.app_context():
        session = db.session()
        session.info["act"] = True
        yield session
        session.rollback()
        session.info["act"] = False
        db.session.remove()


def new(ids, officer="hb-head", substitute="hb-deputy", first=0, last=6, positions=(), **changes):
    today = clock.today()
    values = {
        "officer_id": ids[officer],
        "substitute_id": ids[substitute],
        "positions": frozenset(positions),
        "valid_from": today + timedelta(days=first),
        "valid_to": today + timedelta(days=last),
        "reason": "出差",
    }
    return NewSubstitution(**{**values, **changes})


def me(session, ids, login):
    return people.actor_of(session, ids[login])


def put(session, ids, by, **given):
    return substitution.set_up(session, me(session, ids, by), new(ids, **given))


def wrong(session, ids, by, **given):
    with pytest.raises(Invalid) as caught:
        put(session, ids, by, **given)
    return caught.value.errors


def test_the_substitute_holds_the_positions_from_the_first_day_to_the_last(act, ids):
    today = clock.today()
    put(act, ids, "hb-legal", officer="hb-legal", substitute="hb-lead", first=1, last=2)
    for days, held in ((0, False), (1, True), (2, True), (3, False)):
        on = today + timedelta(days=days)
        card = people.officer(act, ids["hb-lead"], on)
        assert ("legal_review" in card.positions) is held
        assert "legal_review" not in card.own
        assert (
            card.id in {c.id for c in people.officers_at(act, card.agency_id, "legal_review", on)}
        ) is held
        assert [c.officer_id for c in card.stands_for("legal_review")] == ([ids["hb-legal"]] if held else [])
        assert "legal_review" in people.officer(act, ids["hb-legal"], on).positions
    assert people.officer(act, ids["hb-lead"], today + timedelta(days=1)).certificate("legal") == ""


def test_some_positions_only(act, ids):
    own = people.officer(act, ids["hb-head"]).own
    put(act, ids, "hb-head", officer="hb-head", substitute="hb-officer1", positions=[*own][:1])
    assert len(people.officer(act, ids["hb-officer1"]).covers[0].positions) == 1
    assert "positions" in wrong(
        act, ids, "hb-legal", officer="hb-legal", substitute="hb-officer2", positions=["finance"]
    )


def test_ended_early_it_does_not_count_from_that_day_on(act, ids):
    number = put(act, ids, "hb-legal", officer="hb-legal", substitute="hb-lead", first=0, last=9)
    assert "legal_review" in people.officer(act, ids["hb-lead"]).positions
    with pytest.raises(Invalid):
        substitution.end(act, me(act, ids, "hb-lead"), number, "  ")
    substitution.end(act, me(act, ids, "hb-lead"), number, "代理人也要出差")
    assert "legal_review" not in people.officer(act, ids["hb-lead"]).positions
    (row,) = substitution.listed(act, me(act, ids, "hb-legal"))
    assert (row.state, row.ended, row.may_end) == ("ended", "代理人也要出差", False)
    with pytest.raises(Conflict):
        substitution.end(act, me(act, ids, "hb-legal"), number, "再结束一次")
    put(act, ids, "hb-legal", officer="hb-legal", substitute="hb-officer1", first=0, last=9)


@pytest.mark.parametrize("by", ["hb-officer1", "hb-legal"])
def test_only_the_officer_and_the_heads_set_it(act, ids, by):
    with pytest.raises(Forbidden, match="主要负责人或者分管负责人"):
        put(act, ids, by, officer="hb-lead", substitute="hb-officer2")


def test_heads_set_it_for_their_own_agency_alone(act, ids):
    put(act, ids, "hb-deputy", officer="hb-lead", substitute="hb-officer2")
    put(act, ids, "hb-head", officer="hb-legal", substitute="hb-officer1")
    with pytest.raises(NotFound):
        put(act, ids, "hb-head", officer="szhb-legal", substitute="hb-officer1")
    assert wrong(act, ids, "hb-legal", officer="hb-legal", substitute="szhb-legal") == {
        "substitute": ["只能由本机关的执法工作人员代理，请在列出的人员中选择。"]
    }


def test_who_stands_in_for_a_head_appoints_nobody(act, ids):
    put(act, ids, "hb-head", officer="hb-head", substitute="hb-officer1")
    assert "head" in people.officer(act, ids["hb-officer1"]).positions
    with pytest.raises(Forbidden):
        put(act, ids, "hb-officer1", officer="hb-legal", substitute="hb-officer2")


def test_no_chain_no_circle_not_oneself_not_twice(act, ids):
    put(act, ids, "hb-legal", officer="hb-legal", substitute="hb-lead", first=2, last=5)
    told = wrong(act, ids, "hb-lead", officer="hb-lead", substitute="hb-officer1", first=5, last=8)
    assert "不能再转托他人" in told["valid_from"][0]
    told = wrong(act, ids, "hb-lead", officer="hb-lead", substitute="hb-legal", first=5, last=8)
    assert "不能互相代理" in told["substitute"][0]
    told = wrong(act, ids, "hb-officer1", officer="hb-officer1", substitute="hb-legal", first=0, last=2)
    assert "本人不在岗" in told["substitute"][0]
    told = wrong(act, ids, "hb-legal", officer="hb-legal", substitute="hb-officer1", first=0, last=2)
    assert "已由" in told["valid_from"][0]
    told = wrong(act, ids, "hb-legal", officer="hb-legal", substitute="hb-legal", first=9, last=9)
    assert "本人不能代理本人" in told["substitute"][0]
    put(act, ids, "hb-lead", officer="hb-lead", substitute="hb-officer1", first=6, last=8)


def test_what_a_substitute_holds_goes_no_further_even_where_the_table_says_so(act, ids):
    """Structure, not only the check when it is set."""
    put(act, ids, "hb-legal", officer="hb-legal", substitute="hb-lead")
    today = clock.today()
    lead = people.officer(act, ids["hb-lead"])
    act.add(
        Substitution(
            agency_id=lead.agency_id, officer_id=lead.id, substitute_id=ids["hb-officer1"], positions=[],
            valid_from=today, valid_to=today, said={}, set_by=lead.id, set_at=clock.now(),
        )
    )  # fmt: skip
    act.flush()
    last = people.officer(act, ids["hb-officer1"])
    assert lead.own <= last.positions
    assert "legal_review" not in last.positions


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first": -1, "last": 2}, "valid_from"),
        ({"first": 3, "last": 2}, "valid_to"),
        ({"first": 0, "last": 366}, "valid_to"),
    ],
)
def test_periods_that_are_refused(act, ids, given, field):
    assert list(wrong(act, ids, "hb-legal", officer="hb-legal", substitute="hb-officer1", **given)) == [field]


def test_the_request_knows_what_the_register_knows(app, city, ids):
    """One question finds who is behind a request, another says what everybody holds: they agree on every day."""
    today = clock.today()
    with app.app_context(), transaction() as session:
        number = put(session, ids, "hb-legal", officer="hb-legal", substitute="hb-lead", first=0, last=0)
    for day, held in ((today, True), (today + timedelta(days=1), False)):
        with clock.at(noon(day)):
            browser = Caller(app)
            assert browser.sign_in("hb-lead").status_code == 303
            answer = browser.get("/api/v1/me").get_json()
            told = {p["key"] for p in answer["positions"]}
            with app.app_context():
                assert told == people.officer(db.session(), ids["hb-lead"]).positions
            assert ("legal_review" in told) is held
    caller = Caller(app)
    caller.sign_in("hb-lead")
    assert "legal_review" in {p["key"] for p in caller.get("/api/v1/me").get_json()["positions"]}
    with app.app_context(), transaction() as session:
        substitution.end(session, me(session, ids, "hb-legal"), number, "提前回来")
    assert "legal_review" not in {p["key"] for p in caller.get("/api/v1/me").get_json()["positions"]}


def test_the_page_sets_and_ends_with_errors_that_say_what_to_do(app, city, ids):
    caller = Caller(app)
    caller.sign_in("hb-officer2")
    page = caller.post("/substitutions/new", {"reason": "休假", "valid_from": "2026-13-01"})
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    for told in (
        "请选择代理人。",
        "请选择代理全部岗位还是部分岗位。",
        "请填写代理的第一天。",
        "请填写代理的最后一天。",
        "休假",
    ):
        assert told in text
    today = clock.today().isoformat()
    given = {
        "substitute": str(ids["hb-officer1"]), "all": "yes", "valid_from": today, "valid_to": today, "reason": "休假",
    }  # fmt: skip
    done = caller.post("/substitutions/new", given)
    assert done.status_code == 303
    assert "代理已设置" in caller.get(done.location).get_data(as_text=True)
    again = caller.post("/substitutions/new", given)
    assert again.status_code == 422
    assert "已由" in again.get_data(as_text=True)
    with app.app_context():
        number = db.session.scalars(select(Substitution.id).order_by(Substitution.id.desc())).first()
    stranger = Caller(app)
    stranger.sign_in("szhb-officer1")
    own = {"_csrf": stranger.token("/substitutions/new"), "reason": "x"}
    assert stranger.bare_post(f"/substitutions/{number}/end", own).status_code == 404
    refused = caller.post(f"/substitutions/{number}/end", {"reason": ""}, page="/substitutions")
    assert refused.status_code == 422
    assert "请填写提前结束的理由" in refused.get_data(as_text=True)
    ended = caller.post(f"/substitutions/{number}/end", {"reason": "提前回来"}, page="/substitutions")
    assert ended.status_code == 303
    twice = caller.post(f"/substitutions/{number}/end", {"reason": "提前回来"}, page="/substitutions")
    assert twice.status_code == 409
    assert "已经提前结束" in twice.get_data(as_text=True)


@pytest.mark.parametrize("login", ["sf-admin", "sf-super"])
def test_administrators_and_supervisors_have_no_part_in_it(app, city, login):
    caller = Caller(app)
    caller.sign_in(login)
    assert caller.get("/substitutions").status_code == 403
    assert caller.get("/substitutions/new").status_code == 403
