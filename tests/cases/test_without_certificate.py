"""行政处罚法第四十二条: nobody without a valid certificate receives or completes enforcement work, by whatever door; what
ends for a person ends at once, with the tasks in hand."""

import pytest
from sqlalchemy import select

from app.cases import acts, handover, hands
from app.cases import service as cases
from app.cases.models import WorkStatus
from app.kernel import clock
from app.kernel.errors import Invalid, Refused
from app.people import administration, qualifications
from app.people.models import Account, Certificate, Posting, RefusedAct, StaffNotice

from .town import actor, confirm, hand_in, waiting

CODE = "certified_officers"


def paper_of(session, login, kind="enforcement"):
    chosen = select(Certificate).where(
        Certificate.officer_id == actor(session, login).officer_id, Certificate.kind == kind
    )
    return session.scalars(chosen.order_by(Certificate.id)).first()


def expired(session, login):
    paper = paper_of(session, login)
    paper.valid_to = paper.valid_from


def revoked(session, login):
    paper = paper_of(session, login)
    paper.revoked_on = paper.valid_from


def withheld(session, login):
    paper = paper_of(session, login)
    paper.suspended_from = paper.valid_from


def never(session, login):
    session.delete(paper_of(session, login))


HOW = pytest.mark.parametrize("how", [expired, revoked, withheld, never])


def account_of(session, login):
    return session.scalars(select(Account.id).where(Account.login == login)).one()


def take(desk, case, login, node):
    work = waiting(desk, case.case_id, node)
    acts.claim(desk, actor(desk, login), work.id, case.key())
    return work


@HOW
def test_nobody_claims_without(stage, desk, how):
    case = stage("dust-heap", until="check")
    how(desk, "hb-officer1")
    desk.flush()
    work = waiting(desk, case.case_id, "check")
    with pytest.raises(Refused) as refused:
        acts.claim(desk, actor(desk, "hb-officer1"), work.id, case.key())
    assert refused.value.code == CODE
    assert "没有有效的行政执法证" in refused.value.message
    assert work.assignee_id is None


@HOW
def test_nobody_hands_in_without(stage, desk, how):
    case = stage("dust-heap", until="check")
    how(desk, "hb-officer1")
    desk.flush()
    with pytest.raises(Refused) as refused:
        hand_in(case, "check", "hb-officer1")
    assert refused.value.code == CODE


@HOW
def test_nobody_confirms_without(stage, desk, how):
    case = stage("dust-heap", until="check")
    take(desk, case, "hb-officer1", "check")
    hand_in(case, "check", "hb-officer1")
    how(desk, "hb-officer2")
    desk.flush()
    with pytest.raises(Refused) as refused:
        confirm(case, "check", "hb-officer2")
    assert refused.value.code == CODE
    assert waiting(desk, case.case_id, "check").status == WorkStatus.COSIGN


@HOW
@pytest.mark.parametrize(("name", "by"), [("transfer", "hb-officer2"), ("assign", "hb-head")])
def test_nobody_is_given_a_task_without(stage, desk, how, name, by):
    case = stage("dust-heap", until="check")
    work = take(desk, case, "hb-officer2", "check")
    how(desk, "hb-officer1")
    desk.flush()
    given = {"to": str(actor(desk, "hb-officer1").officer_id), "reason": "外出（演示）"}
    with pytest.raises((Invalid, Refused)), clock.at(case.moment):
        cases.desk_act(desk, actor(desk, by), work.id, work.version, case.key(), name, given)
    assert work.assignee_id == actor(desk, "hb-officer2").officer_id


@HOW
def test_no_rule_and_no_handover_gives_a_task_to_somebody_without(stage, desk, how):
    case = stage("dust-heap", until="check")
    work = take(desk, case, "hb-officer2", "check")
    how(desk, "hb-officer1")
    desk.flush()
    head, one, two = (actor(desk, login) for login in ("hb-head", "hb-officer1", "hb-officer2"))
    (outcome,) = handover.hand_over(
        desk, head, two.officer_id, [work.id], one.officer_id, "调离（演示）", case.key()
    )
    assert not outcome.done
    assert "没有有效的行政执法证" in outcome.message
    running = cases.lock(desk, case.case_id)
    barred = [c.id for c in hands.candidates(running, work) if c.why_not]
    assert one.officer_id in barred, "rules of allocation leave them out"


@pytest.mark.requirement("S1-18")
def test_an_initial_reviewer_without_the_legal_qualification_neither_takes_nor_gives_a_review(stage, desk):
    """行政处罚法第五十八条第二款."""
    case = stage("stone-mill", until="legal_review")
    desk.delete(paper_of(desk, "hb-legal", "legal"))
    desk.flush()
    work = waiting(desk, case.case_id, "legal_review")
    with pytest.raises(Refused) as refused:
        acts.claim(desk, actor(desk, "hb-legal"), work.id, case.key())
    assert "没有有效的法律职业资格证" in refused.value.message
    given = {"to": str(actor(desk, "hb-legal").officer_id), "reason": "分派（演示）"}
    with pytest.raises((Invalid, Refused)), clock.at(case.moment):
        cases.desk_act(desk, actor(desk, "hb-head"), work.id, work.version, case.key(), "assign", given)
    with pytest.raises(Refused):
        hand_in(case, "legal_review", "hb-legal")


WAYS = {
    "revoke": lambda s, a, account, paper: qualifications.revoke_certificate(s, a, account, paper),
    "suspend": lambda s, a, account, paper: qualifications.suspend_certificate(
        s, a, account, paper, None, "演示决定3号"
    ),
    "close": lambda s, a, account, paper: administration.set_active(s, a, account, False),
    "unpost": lambda s, a, account, paper: administration.end_posting(s, a, account, paper),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_ends_takes_the_open_tasks_away_in_the_same_transaction(town, way):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    town.do(cases.claim, "hb-officer1", work_id, f"claim{way:0>15}")
    with pytest.raises(ZeroDivisionError), town.act() as session:
        _end(session, way)
        assert waiting(session, case_id, "check").assignee_id is None
        raise ZeroDivisionError
    with town.read() as session:
        holder = waiting(session, case_id, "check").assignee_id
        assert holder == actor(session, "hb-officer1").officer_id, "taken back with everything else"
    with town.act() as session:
        officer = actor(session, "hb-officer1").officer_id
        _end(session, way)
        work = waiting(session, case_id, "check")
        assert (work.assignee_id, work.status) == (None, WorkStatus.OPEN)
        head = actor(session, "hb-head").officer_id
        told = session.scalars(
            select(StaffNotice.told).where(StaffNotice.to_id == head, StaffNotice.about_id == officer)
        ).all()
        assert any("项任务已退回岗位待办" in line for line in told)
        undo(session, way)


def _end(session, way):
    admin, account = actor(session, "sf-admin"), account_of(session, "hb-officer1")
    if way == "unpost":
        person = actor(session, "hb-officer1")
        chosen = select(Posting.id).where(
            Posting.officer_id == person.officer_id, Posting.position_key == "investigator"
        )
        WAYS[way](session, admin, account, session.scalars(chosen).one())
    else:
        WAYS[way](session, admin, account, paper_of(session, "hb-officer1").id)


def undo(session, way):
    """The next way begins with an officer who can."""
    paper = paper_of(session, "hb-officer1")
    paper.revoked_on = paper.suspended_from = paper.suspended_to = None
    account = session.get(Account, account_of(session, "hb-officer1"))
    if not account.active:
        administration.set_active(session, actor(session, "sf-admin"), account.id, True)
    if way == "unpost":
        for posting in session.scalars(select(Posting).where(Posting.officer_id == account.officer_id)):
            posting.valid_to = None


@pytest.mark.requirement("S0-6")
@HOW
def test_over_http_it_is_refused_and_the_head_sees_that_it_was_tried(town, how):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    with town.act() as session:
        kept = paper_of(session, "hb-officer3")
        row = {c.name: getattr(kept, c.name) for c in Certificate.__table__.columns if c.name != "id"}
        how(session, "hb-officer3")
    browser = town.caller("hb-officer3")
    address = f"/work/{work_id}/claim"
    answer = browser.post(address, {"_key": f"without{how.__name__:0>15}"}, page=f"/work/{work_id}")
    assert answer.status_code == 422
    assert "没有有效的行政执法证" in answer.get_data(as_text=True)
    with town.act() as session:
        assert waiting(session, case_id, "check").assignee_id is None
        officer = actor(session, "hb-officer3").officer_id
        tried = session.scalars(select(RefusedAct).where(RefusedAct.officer_id == officer)).all()
        assert [(one.code, one.endpoint) for one in tried][-1] == (CODE, "inbox.claim")
        found = paper_of(session, "hb-officer3")
        if found is not None:
            session.delete(found)
            session.flush()
        session.add(Certificate(**row))
    assert "没有有效的行政执法证" in town.caller("hb-head").get("/staff/refusals").get_data(as_text=True)
