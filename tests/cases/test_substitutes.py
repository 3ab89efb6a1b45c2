"""A substitute holds the absent officer's positions as the person they are: every door sees it, and no gate is passed
by it that the substitute could not pass themself."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.archive import words
from app.audit import service as audit
from app.cases import acts
from app.cases import service as cases
from app.cases.models import Submission, WorkItem, WorkStatus
from app.inbox import queries, substituting
from app.inbox import service as inbox
from app.kernel import clock
from app.kernel.errors import Forbidden, NotFound, Refused
from app.people import service as people
from app.people import substitution
from app.people.substitution import NewSubstitution

from . import town as city
from .town import actor, waiting

AWAY = (date(2020, 1, 1), date(2099, 1, 1))


def away(session, absent, substitute, positions=()):
    """From long ago to long from now: the demonstration's cases have their own days."""
    from app.people.models import Substitution

    person = actor(session, absent)
    row = Substitution(
        agency_id=person.agency_id,
        officer_id=person.officer_id,
        substitute_id=actor(session, substitute).officer_id,
        positions=list(positions),
        valid_from=AWAY[0],
        valid_to=AWAY[1],
        said={"reason": "休假"},
        set_by=person.officer_id,
        set_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def menu(session, login, work):
    person = actor(session, login)
    return [e.name for e in cases.desk_menu(cases.desk(session, person, work.id).place(session, person))]


def take(case, session, login, work, name="taken_as_substitute", **given):
    with clock.at(case.moment):
        return cases.desk_act(session, actor(session, login), work.id, work.version, case.key(), name, given)


def last_entry(session, case_id):
    return audit.of_case(session, case_id)[-1]


def test_the_investigator_who_stands_in_for_the_reviewer_is_kept_out_at_every_door(stage, desk):
    case = stage("stone-mill", until="legal_review")
    away(desk, "hb-legal", "hb-officer1")
    work = waiting(desk, case.case_id, "legal_review")
    investigator = actor(desk, "hb-officer1")
    assert "legal_review" in investigator.positions
    desk.add(
        city.Certificate(
            officer_id=investigator.officer_id, kind="legal", number="演示法-双证", valid_from=AWAY[0]
        )
    )
    work.assignee_id = None
    desk.flush()
    before = (work.version, work.assignee_id)
    for attempt in (
        lambda: acts.claim(desk, investigator, work.id, case.key()),
        lambda: city.hand_in(case, "legal_review", "hb-officer1"),
    ):
        with pytest.raises(Refused) as refused, desk.begin_nested():
            attempt()
        assert refused.value.code == "separation"
        assert "参加过本案“调查”" in refused.value.message
    assert (work.version, work.assignee_id) == before

    work.assignee_id = actor(desk, "hb-legal").officer_id
    desk.flush()
    assert "taken_as_substitute" in menu(desk, "hb-officer1", work)
    _, _, offer = cases.desk_offer(desk, investigator, work.id, "taken_as_substitute")
    assert "参加过本案“调查”" in offer.why_not
    assert "第五十八条" in offer.article
    with pytest.raises(Refused), desk.begin_nested():
        take(case, desk, "hb-officer1", work)


def test_over_http_and_in_the_api_too(town):
    case_id = town.open("stone-mill", "legal_review")
    with town.act() as session:
        row = away(session, "hb-legal", "hb-officer1")
        number = row.id
        session.get_one(WorkItem, waiting(session, case_id, "legal_review").id).assignee_id = None
    work_id, version = town.work(case_id, "legal_review")
    browser = town.caller("hb-officer1")
    page = browser.get(f"/work/{work_id}").get_data(as_text=True)
    assert "签收办理" in page
    key = "a" * 32
    answer = browser.post(
        f"/work/{work_id}/claim", {"_key": key, "_version": str(version)}, page=f"/work/{work_id}"
    )
    assert answer.status_code in (403, 409, 422)
    assert "参加过本案“调查”" in answer.get_data(as_text=True)
    me = browser.get("/api/v1/me").get_json()
    assert "legal_review" in {p["key"] for p in me["positions"]}
    headers = {"Idempotency-Key": "b" * 32, "X-CSRF-Token": me["credential"]["csrf_token"]}
    answer = browser.client.post(f"/api/v1/work-items/{work_id}/claim", headers=headers)
    assert answer.get_json()["code"] == "separation"
    assert town.work(case_id, "legal_review") == (work_id, version)
    with town.act() as session:
        substitution.end(session, actor(session, "hb-legal"), number, "回岗")
    assert browser.get(f"/work/{work_id}").status_code == 404


def test_without_the_certificate_of_their_own_a_substitute_reviews_nothing(stage, desk):
    case = stage("stone-mill", until="legal_review")
    away(desk, "hb-legal", "hb-hearing")
    waiting(desk, case.case_id, "legal_review").assignee_id = None
    desk.flush()
    with pytest.raises(Refused) as refused, desk.begin_nested():
        city.hand_in(case, "legal_review", "hb-hearing")
    assert refused.value.code == "certified_officers"


def test_the_deputy_decides_for_the_head_and_everything_says_so(stage, desk):
    case = stage("stone-mill", until="decide")
    away(desk, "hb-head", "hb-archive")
    work = waiting(desk, case.case_id, "decide")
    head, substitute = actor(desk, "hb-head"), actor(desk, "hb-archive")
    work.assignee_id = None
    desk.flush()
    with clock.at(case.moment):
        acts.claim(desk, substitute, work.id, case.key())
    entry = last_entry(desk, case.case_id)
    assert entry.actor_name == f"{substitute.name}（代{head.name}）"
    city.hand_in(case, "decide", "hb-archive")
    entry = last_entry(desk, case.case_id)
    assert entry.actor_name == f"{substitute.name}（代{head.name}）"
    assert entry.content["for"] == [[substitute.officer_id, head.officer_id]]
    handed = desk.scalars(select(Submission).where(Submission.work_item_id == work.id)).one()
    assert handed.for_ids == [substitute.officer_id, head.officer_id]
    view = cases.case_view(desk, substitute, cases.case(desk, substitute, case.case_id))
    assert view.steps[0].by == [f"{substitute.name}（代{head.name}）"]
    running = cases.running(desk, work)
    told = cases.context_of(running)["history"][-1]
    assert told["by"] == f"{substitute.name}（代{head.name}）"
    assert told["signers"][0]["name"] == f"{substitute.name}（代{head.name}）"
    assert told["signers"][0]["id"] == substitute.officer_id


def test_a_task_of_the_absent_officer_waits_in_a_group_of_its_own_and_is_taken(stage, desk):
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    first = actor(desk, "hb-officer1")
    work.assignee_id = first.officer_id
    desk.flush()
    away(desk, "hb-officer1", "hb-officer3")
    substitute = actor(desk, "hb-officer3")
    assert work.id not in {r.id for r in queries.page(desk, substitute, queries.Box.MINE).rows}
    (group,) = substituting.groups(desk, substitute)
    assert group.name == first.name
    assert work.id in {t.id for t in group.tasks}
    view = inbox.task(desk, substitute, work.id, None, None)
    assert (view.mode, view.absent) == ("read", first.name)
    assert "taken_as_substitute" not in menu(desk, "hb-officer2", work)
    with pytest.raises(Forbidden):
        take(case, desk, "hb-officer2", work)

    version, key = work.version, case.key()
    done = cases.desk_act(desk, substitute, work.id, version, key, "taken_as_substitute", {})
    assert cases.desk_act(desk, substitute, work.id, version, key, "taken_as_substitute", {}) == done
    assert (work.assignee_id, work.for_id) == (substitute.officer_id, first.officer_id)
    entry = last_entry(desk, case.case_id)
    assert entry.kind == "work.taken_as_substitute"
    assert entry.actor_name == f"{substitute.name}（代{first.name}）"
    assert words.KINDS[entry.kind] == "代为办理"
    assert (
        inbox.task(desk, substitute, work.id, None, None).assignee == f"{substitute.name}（代{first.name}）"
    )
    assert work.id in {r.id for r in queries.page(desk, substitute, queries.Box.MINE).rows}
    assert not [t for g in substituting.groups(desk, substitute) for t in g.tasks if t.id == work.id]

    assert "back_from_substitute" in menu(desk, "hb-officer1", work)
    take(case, desk, "hb-officer1", work, "back_from_substitute", reason="提前回岗")
    assert (work.assignee_id, work.for_id) == (first.officer_id, None)


def test_two_officers_stay_two_persons(stage, desk):
    case = stage("stone-mill", until="report")
    work = waiting(desk, case.case_id, "report")
    lead, second = (h.officer_id for h in cases.running(desk, work).handlers)
    by_id = {actor(desk, f"hb-officer{n}").officer_id: f"hb-officer{n}" for n in (1, 2, 3)}
    third = next(login for o, login in by_id.items() if o not in (lead, second))
    away(desk, by_id[lead], third)
    work.assignee_id = lead
    desk.flush()
    take(case, desk, third, work)
    city.hand_in(case, "report", third)
    assert (work.status, work.cosigner_id) == (WorkStatus.COSIGN, second)
    away(desk, by_id[second], by_id[lead])  # never set like this by the page: structure holds all the same
    with pytest.raises((Refused, Forbidden)), desk.begin_nested():
        take(case, desk, third, work)
    city.confirm(case, "report", by_id[second])
    handed = desk.scalars(select(Submission).where(Submission.work_item_id == work.id)).one()
    assert handed.for_ids[:2] == [actor(desk, third).officer_id, lead]
    assert handed.stood_for(second) == []


def test_the_other_handler_of_the_case_does_not_sign_for_both(stage, desk):
    case = stage("stone-mill", until="report")
    work = waiting(desk, case.case_id, "report")
    lead, second = (h.officer_id for h in cases.running(desk, work).handlers)
    by_id = {actor(desk, f"hb-officer{n}").officer_id: f"hb-officer{n}" for n in (1, 2, 3)}
    away(desk, by_id[lead], by_id[second])
    work.assignee_id = lead
    desk.flush()
    _, _, offer = cases.desk_offer(desk, actor(desk, by_id[second]), work.id, "taken_as_substitute")
    assert "不能由一人兼作两人" in offer.why_not


def test_a_confirmation_is_taken_over_too(stage, desk):
    case = stage("stone-mill", until="report")
    work = waiting(desk, case.case_id, "report")
    lead, second = (h.officer_id for h in cases.running(desk, work).handlers)
    by_id = {actor(desk, f"hb-officer{n}").officer_id: f"hb-officer{n}" for n in (1, 2, 3)}
    third = next(login for o, login in by_id.items() if o not in (lead, second))
    city.hand_in(case, "report", by_id[lead])
    away(desk, by_id[second], third)
    take(case, desk, third, work)
    assert work.cosigner_id == actor(desk, third).officer_id
    city.confirm(case, "report", third)
    handed = desk.scalars(select(Submission).where(Submission.work_item_id == work.id)).one()
    assert handed.with_ids == [actor(desk, third).officer_id]
    assert handed.stood_for(handed.with_ids[0]) == [second]


def test_when_it_is_over_the_position_is_gone_and_a_taken_task_can_go_back(stage, desk):
    case = stage("dust-heap", until="file_review")
    work = waiting(desk, case.case_id, "file_review")
    work.assignee_id = actor(desk, "hb-lead").officer_id
    desk.flush()
    row = away(desk, "hb-lead", "hb-archive")
    take(case, desk, "hb-archive", work)
    row.ended_on, row.ended_by, row.ended_at = clock.today(), row.officer_id, clock.now()
    desk.flush()
    substitute = actor(desk, "hb-archive")
    assert "team_lead" not in substitute.positions
    with pytest.raises(Refused) as refused, clock.at(clock.now()), desk.begin_nested():
        data = city.answers(case, work.form)
        acts.hand_in(desk, substitute, work.id, work.version, case.key(), lambda *_: data)
    assert refused.value.code == "position"
    assert "back_from_substitute" in menu(desk, "hb-lead", work)


def test_nobody_outside_the_agency_sees_anything_of_it(stage, desk):
    case = stage("dust-heap", until="file_review")
    work = waiting(desk, case.case_id, "file_review")
    away(desk, "szhb-lead", "szhb-officer1")
    stranger = actor(desk, "szhb-officer1")
    assert "team_lead" in stranger.positions
    with pytest.raises(NotFound):
        cases.desk(desk, stranger, work.id)


def test_the_form_of_the_page_sets_what_the_gates_see(stage, desk):
    """Set by the officer, in force the same day."""
    today = clock.today()
    me = actor(desk, "hb-legal")
    new = NewSubstitution(
        me.officer_id, actor(desk, "hb-archive").officer_id, frozenset(), today, today + timedelta(1), "休假"
    )
    substitution.set_up(desk, me, new)
    assert "legal_review" in actor(desk, "hb-archive").positions
    holders = people.officers_at(desk, me.agency_id, "legal_review")
    assert {c.id for c in holders} >= {me.officer_id, new.substitute_id}
