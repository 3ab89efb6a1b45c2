"""工作移交: an officer leaves, loses the position or the certificate; tasks go on, to whom the law allows."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.audit.models import RecordEntry
from app.cases import acts, lapses
from app.cases import service as cases
from app.cases.handover import hand_over, held, people_with_tasks, to_replace
from app.cases.models import CaseStatus, WorkItem, WorkStatus
from app.kernel import clock, jobs
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.people.models import Account, Certificate, Officer, Posting

from .town import actor, hand_in, waiting


def ident(desk, login):
    return actor(desk, login).officer_id


def leave(desk, login):
    desk.get(Officer, ident(desk, login)).active = False
    desk.flush()


def end_posting(desk, login, position="investigator"):
    held_ = select(Posting).where(Posting.officer_id == ident(desk, login), Posting.position_key == position)
    desk.scalars(held_).one().valid_to = clock.today() - timedelta(days=1)
    desk.flush()


def revoke(desk, login):
    paper = select(Certificate).where(
        Certificate.officer_id == ident(desk, login), Certificate.kind == "enforcement"
    )
    desk.scalars(paper).one().revoked_on = clock.today()
    desk.flush()


def suspend(desk, login):
    desk.scalars(select(Account).where(Account.login == login)).one().active = False
    desk.flush()


def entries(desk, case, kind="work.released_by_rule"):
    chosen = select(RecordEntry).where(RecordEntry.case_id == case.case_id, RecordEntry.kind == kind)
    return desk.scalars(chosen.order_by(RecordEntry.seq)).all()


def look(desk):
    """What the workers do: look, then carry out what was asked for; the tasks asked for."""
    lapses.look(desk, clock.now())
    asked = desk.execute(
        text("select payload from job where kind = :kind and state = 'queued' order by id"),
        {"kind": lapses.JOB},
    ).scalars()
    found = list(asked)
    for payload in found:
        lapses.put_back_job(desk, payload)
    return [payload["work"] for payload in found]


def work_of(desk, work_id):
    return desk.get(WorkItem, work_id, populate_existing=True)


@pytest.fixture
def taken(stage, desk):
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    acts.claim(desk, actor(desk, "hb-officer1"), work.id, case.key())
    return case, work.id


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        (leave, "不再是本机关在职人员"),
        (end_posting, "不再担任执法办案岗"),
        (revoke, "行政执法证已经失效"),
        (suspend, "账号已停用"),
    ],
)
def test_a_task_of_somebody_who_no_longer_can_goes_back_to_the_pool_once(taken, desk, how, cause):
    case, work_id = taken
    assert work_id not in look(desk)
    how(desk, "hb-officer1")
    assert work_id in look(desk)
    work = work_of(desk, work_id)
    assert (work.assignee_id, work.claimed_at, work.status) == (None, None, WorkStatus.OPEN)
    assert len(entries(desk, case)) == 1
    version = work.version
    lapses.put_back(desk, case.case_id, work_id)
    look(desk)
    assert (work_of(desk, work_id).version, len(entries(desk, case))) == (version, 1)
    told = lapses.cause(
        desk, _id_of(desk, "hb-officer1"), "investigator", "enforcement", actor(desk, "hb-head").agency_id
    )
    assert cause in told
    acts.claim(desk, actor(desk, "hb-officer2"), work_id, case.key())


def _id_of(desk, login):
    return desk.scalars(select(Account.officer_id).where(Account.login == login)).one()


def test_what_needs_no_certificate_stays_where_only_the_certificate_is_gone(stage, desk):
    case = stage("dust-heap", until="file_review")
    work = waiting(desk, case.case_id, "file_review")
    acts.claim(desk, actor(desk, "hb-lead"), work.id, case.key())
    revoke(desk, "hb-lead")
    look(desk)
    assert work_of(desk, work.id).assignee_id == ident(desk, "hb-lead")
    end_posting(desk, "hb-lead", "team_lead")
    look(desk)
    assert work_of(desk, work.id).assignee_id is None


def test_a_confirmation_nobody_can_give_goes_back_to_the_first_officer(taken, desk):
    case, work_id = taken
    hand_in(case, "check", "hb-officer1")
    second = waiting(desk, case.case_id, "check").cosigner_id
    desk.get(Officer, second).active = False
    desk.flush()
    look(desk)
    work = work_of(desk, work_id)
    assert (work.status, work.assignee_id, work.cosigner_id) == (
        WorkStatus.OPEN,
        ident(desk, "hb-officer1"),
        None,
    )
    assert work.pending
    assert len(entries(desk, case)) == 1


def test_a_case_that_is_closed_or_a_task_that_is_done_stays(taken, desk):
    case, work_id = taken
    leave(desk, "hb-officer1")
    running = cases.lock(desk, case.case_id)
    running.case.status = CaseStatus.CLOSED
    desk.execute(text("select 1"))
    assert work_id not in look(desk)
    assert work_of(desk, work_id).assignee_id is not None


def test_a_head_hands_over_and_hears_of_each_task(stage, desk, taken):
    case, work_id = taken
    other = stage("stone-mill", until="legal_review")
    review = waiting(desk, other.case_id, "legal_review").id
    head, one = actor(desk, "hb-head"), ident(desk, "hb-officer1")
    card, tasks = held(desk, head, one)
    assert (card.id, work_id in {t.id for t in tasks}) == (one, True)
    three = ident(desk, "hb-officer3")
    key = case.key()
    given = (head, one, [work_id, review], three, "调离执法岗位", key)
    first = hand_over(desk, *given)
    assert [(o.work_id, o.done) for o in first] == [(work_id, True), (review, False)]
    assert "已经被办理或者已由其他人员承办" in first[1].message
    assert work_of(desk, work_id).assignee_id == three
    assert hand_over(desk, *given) == first
    assert len(entries(desk, case, "work.assign")) == 1
    assert work_of(desk, review).assignee_id is None


def test_a_successor_who_may_not_gets_only_what_the_law_allows(stage, desk, taken):
    case, work_id = taken
    head, one = actor(desk, "hb-head"), ident(desk, "hb-officer1")
    outcome = hand_over(desk, head, one, [work_id], ident(desk, "hb-lapsed"), "调离", case.key())[0]
    assert (outcome.done, "没有有效的" in outcome.message) == (False, True)
    assert work_of(desk, work_id).assignee_id == one
    (outcome,) = hand_over(desk, head, one, [work_id], None, "调离", case.key())
    assert outcome.done
    assert work_of(desk, work_id).assignee_id is None


def test_a_case_with_handlers_asks_for_another_second_where_the_successor_is_the_second(stage, desk):
    case = stage("dust-heap", until="investigate")
    work = waiting(desk, case.case_id, "investigate")
    head, one = actor(desk, "hb-head"), ident(desk, "hb-officer1")
    (outcome,) = hand_over(desk, head, one, [work.id], ident(desk, "hb-officer2"), "调离", case.key())
    assert (outcome.done, "另一名承办人" in outcome.message) == (False, True)
    (outcome,) = hand_over(desk, head, one, [work.id], ident(desk, "hb-officer3"), "调离", case.key())
    assert outcome.done


@pytest.mark.parametrize(
    ("works", "successor", "reason", "field"),
    [(False, "hb-officer3", "调离", "work"), (True, "hb-officer3", " ", "reason"), (True, "szhb-officer1", "调离", "to"),
     (True, "hb-officer1", "调离", "to")],
)  # fmt: skip
def test_nothing_is_handed_over_half_said(taken, desk, works, successor, reason, field):
    case, work_id = taken
    head, one = actor(desk, "hb-head"), ident(desk, "hb-officer1")
    with pytest.raises(Invalid) as caught:
        hand_over(desk, head, one, [work_id] if works else [], ident(desk, successor), reason, case.key())
    assert field in caught.value.errors


def test_only_heads_of_the_own_agency_hand_over(taken, desk):
    case, work_id = taken
    one = ident(desk, "hb-officer1")
    for login in ("hb-officer2", "hb-lead"):
        with pytest.raises(Forbidden):
            hand_over(desk, actor(desk, login), one, [work_id], None, "调离", case.key())
        with pytest.raises(Forbidden):
            people_with_tasks(desk, actor(desk, login))
    with pytest.raises(NotFound):
        hand_over(desk, actor(desk, "szhb-head"), one, [work_id], None, "调离", case.key())


def test_a_head_sees_who_can_no_longer_and_which_cases_need_other_handlers(stage, desk):
    case = stage("dust-heap", until="investigate")
    head = actor(desk, "hb-head")
    assert case.case_id not in {r.case_id for r in to_replace(desk, head)}
    one = ident(desk, "hb-officer1")
    end_posting(desk, "hb-officer1")
    found = next(r for r in to_replace(desk, head) if r.case_id == case.case_id)
    assert (found.role, found.why) == ("主办", "不再担任执法办案岗")
    assert found.work_id == waiting(desk, case.case_id, "investigate").id
    person = next(p for p in people_with_tasks(desk, head) if p.id == one)
    assert person.unable >= 1
    look(desk)
    work = waiting(desk, case.case_id, "investigate")
    assert work.assignee_id is None
    three = ident(desk, "hb-officer3")
    with clock.at(case.moment):
        given = {"lead": str(three), "second": "", "reason": "原主办人员调离"}
        cases.desk_act(desk, head, work.id, work.version, case.key(), "handler", given)
    assert work_of(desk, work.id).assignee_id == three
    assert case.case_id not in {r.case_id for r in to_replace(desk, head)}


def test_an_event_to_register_follows_the_handlers(stage, desk):
    case = stage("stone-mill", until="party_response")
    event = waiting(desk, case.case_id, "party_response")
    lead = event.assignee_id
    assert lead
    desk.get(Officer, lead).active = False
    desk.flush()
    look(desk)
    assert work_of(desk, event.id).assignee_id is None


def test_over_http_each_result_is_reported_and_a_repetition_says_the_same(town):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    head, clerk, stranger = (town.caller(login) for login in ("hb-head", "hb-officer1", "szhb-head"))
    clerk.bare_post(
        f"/work/{work_id}/claim", {"_csrf": clerk.token("/account"), "_key": "a" * 32, "_version": "1"}
    )
    with town.read() as session:
        one, two = (actor(session, login).officer_id for login in ("hb-officer1", "hb-officer2"))
    assert "工作移交" in head.get("/inbox/handover").get_data(as_text=True)
    assert clerk.get("/inbox/handover").status_code == 403
    assert stranger.get(f"/inbox/handover?officer={one}").status_code == 404
    page = head.get(f"/inbox/handover?officer={one}").get_data(as_text=True)
    assert f'value="{work_id}"' in page
    post = {
        "_csrf": head.token("/account"),
        "officer": str(one),
        "work": [str(work_id)],
        "to": str(two),
        "reason": "调离",
    }
    assert head.bare_post("/inbox/handover", {**post, "_key": "b" * 32, "to": ""}).status_code == 422
    for _ in range(2):
        answer = head.bare_post("/inbox/handover", {**post, "_key": "c" * 32})
        assert (answer.status_code, "已移交 1 项" in answer.get_data(as_text=True)) == (200, True)
    refused = {**post, "_csrf": clerk.token("/account"), "_key": "d" * 32}
    assert clerk.bare_post("/inbox/handover", refused).status_code == 403
    refused = {**post, "_csrf": stranger.token("/account"), "_key": "e" * 32}
    assert stranger.bare_post("/inbox/handover", refused).status_code == 404
    with town.read() as session:
        assert session.get(WorkItem, work_id).assignee_id == two


def test_the_workers_do_it_by_themselves(town):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    town.do(acts.claim, "hb-officer2", work_id, "f" * 32)
    with town.act() as session:
        officer = session.get(Officer, actor(session, "hb-officer2").officer_id)
        officer.active = False
    try:
        assert jobs._registry.periodics["cases.lapses"][0] == lapses.EVERY
        with town.act() as session:
            lapses.look(session, clock.now())
        with town.app.app_context():
            jobs.run_due(clock.now() + timedelta(seconds=1))
        with town.read() as session:
            work = session.get(WorkItem, work_id)
            assert (work.assignee_id, work.status) == (None, WorkStatus.OPEN)
            kinds = select(RecordEntry.kind).where(RecordEntry.case_id == case_id).order_by(RecordEntry.seq)
            assert list(session.scalars(kinds))[-1] == "work.released_by_rule"
    finally:
        with town.act() as session:
            found = session.scalars(select(Account.officer_id).where(Account.login == "hb-officer2")).one()
            session.get(Officer, found).active = True
