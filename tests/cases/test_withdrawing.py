"""撤回: who has just handed a task in takes it back, as long as nobody has acted on it."""

import pytest
from sqlalchemy import select

from app.cases import acts
from app.cases import service as cases
from app.cases.models import Submission, TokenStep, WorkItem, WorkStatus
from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, NotFound, Refused
from app.people import service as people

from .test_exactly_once import at_once, given, key
from .test_returning import live, sound
from .town import actor, confirm, hand_in, waiting


def done(case, node):
    """The newest done task of a node."""
    chosen = select(WorkItem).where(
        WorkItem.case_id == case.case_id, WorkItem.node == node, WorkItem.status == WorkStatus.DONE
    )
    return case.session.scalars(chosen.order_by(WorkItem.id.desc())).first()


def withdraw(case, node, login, reason="填错了金额", key=None):
    work = done(case, node)
    with clock.at(case.moment):
        return cases.desk_act(
            case.session, actor(case.session, login), work.id, work.version, key or case.key(), "withdraw",
            {"reason": reason},
        )  # fmt: skip


def why_not(case, node, login):
    with clock.at(case.moment):
        return cases.desk_offer(case.session, actor(case.session, login), done(case, node).id, "withdraw")[
            2
        ].why_not


def test_what_was_just_handed_in_is_taken_back_with_all_that_was_typed(drive):
    case = drive("dust-heap", until="lead_review")
    assert why_not(case, "report", "hb-officer1") == ""
    told = withdraw(case, "report", "hb-officer1")
    assert "已撤回" in told.message
    assert live(case) == ["report"]
    again = waiting(case.session, case.case_id, "report")
    first = case.session.scalars(
        select(Submission).where(Submission.work_item_id == done(case, "report").id)
    ).one()
    assert (again.pending, again.assignee_id) == (first.data, first.by_id)
    sound(case)
    assert why_not(case, "report", "hb-officer1")
    with pytest.raises(Refused):
        withdraw(case, "report", "hb-officer1")
    case.do("report")
    assert live(case) == ["lead_review"]
    sound(case)


def test_a_repeated_request_withdraws_once(drive):
    case = drive("dust-heap", until="lead_review")
    same = case.key()
    assert withdraw(case, "report", "hb-officer1", key=same) == withdraw(
        case, "report", "hb-officer1", key=same
    )
    sound(case)


def test_both_who_signed_may_withdraw_and_nobody_else(drive):
    case = drive("dust-heap", until="file_review")
    with pytest.raises(NotFound):
        withdraw(case, "check", "hb-lead")
    with pytest.raises(Forbidden):
        withdraw(case, "check", "hb-officer3")
    withdraw(case, "check", "hb-officer2")
    work = waiting(case.session, case.case_id, "check")
    assert work.assignee_id == actor(case.session, "hb-officer1").officer_id
    sound(case)


@pytest.mark.parametrize("touch", ["claim", "draft", "done"])
def test_not_once_somebody_has_acted_on_it(drive, touch):
    case = drive("dust-heap", until="pre_review")
    work = waiting(case.session, case.case_id, "pre_review")
    reviewer = actor(case.session, "hb-review")
    assert work.assignee_id is None
    if touch == "claim":
        acts.claim(case.session, reviewer, work.id, case.key())
    elif touch == "draft":
        forms.save_draft(case.session, reviewer.account_id, f"work:{work.id}", {"checked": []})
    else:
        case.do("pre_review")
    assert why_not(case, "lead_review", "hb-lead")
    with pytest.raises(Refused):
        withdraw(case, "lead_review", "hb-lead")
    assert live(case) == ["notice_approve" if touch == "done" else "pre_review"]
    sound(case)


def test_what_came_to_a_person_by_itself_may_be_withdrawn_until_it_is_touched(drive):
    case = drive("dust-heap", until="lead_review")
    case.do("lead_review")
    withdraw(case, "lead_review", "hb-lead")
    case.do("lead_review")
    assert withdraw(case, "lead_review", "hb-lead").outcome == "work.withdraw"
    sound(case)


def test_a_notice_that_was_served_is_not_withdrawn(drive):
    case = drive("idle-filter", until="party_response")
    assert "已经告知当事人" in why_not(case, "notice_serve", "hb-officer1")
    with pytest.raises(Refused):
        withdraw(case, "notice_serve", "hb-officer1")


def test_what_waits_for_the_second_officer_is_taken_back(drive):
    case = drive("dust-heap", until="check")
    hand_in(case, "check", "hb-officer1", facts="第一稿")
    work = waiting(case.session, case.case_id, "check")
    mine = actor(case.session, "hb-officer1")
    for login in ("hb-officer2", "hb-officer3"):
        with pytest.raises(Forbidden):
            cases.desk_act(
                case.session,
                actor(case.session, login),
                work.id,
                work.version,
                case.key(),
                "withdraw",
                {"reason": "x"},
            )
    cases.desk_act(case.session, mine, work.id, work.version, case.key(), "withdraw", {"reason": "金额有误"})
    work = waiting(case.session, case.case_id, "check")
    assert (work.status, work.assignee_id, work.pending["facts"]) == (
        WorkStatus.OPEN,
        mine.officer_id,
        "第一稿",
    )
    with pytest.raises(Conflict):
        confirm(case, "check", "hb-officer2")
    sound(case)
    hand_in(case, "check", "hb-officer1", facts="第二稿")
    assert confirm(case, "check", "hb-officer2").outcome == "done"


def test_a_closed_case_is_left_as_it_is(drive):
    case = drive("shop-front")
    work = done(case, "archive")
    person = people.actor_of(case.session, work.done_by)
    for name in ("withdraw", "return"):
        with pytest.raises(Refused) as caught:
            cases.desk_act(case.session, person, work.id, work.version, case.key(), name, {"reason": "x"})
        assert caught.value.code == "closed"
    assert case.session.scalars(select(TokenStep).where(TokenStep.case_id == case.case_id)).all() == []


def test_withdrawing_and_the_next_hand_in_at_once_do_one_of_them(town):
    for _ in range(3):
        case_id = town.open("dust-heap", "lead_review")
        data = given(town, "dust-heap", "penalty_lead_review")
        work = town.work(case_id, "lead_review")
        with town.read() as session:
            chosen = select(WorkItem.id, WorkItem.version).where(WorkItem.case_id == case_id)
            report = session.execute(chosen.where(WorkItem.node == "report")).one()
        found = at_once(
            town,
            lambda s, r=report: cases.desk_act(
                s, actor(s, "hb-officer1"), r.id, r.version, key(), "withdraw", {"reason": "填错"}
            ),
            lambda s, w=work, d=data: acts.hand_in(s, actor(s, "hb-lead"), *w, key(), lambda *_: d),
        )
        won = [one for one in found if isinstance(one, acts.ActResult)]
        lost = [one for one in found if one not in won]
        assert len(won) == 1
        assert isinstance(lost[0], Conflict | Refused)
        with town.read() as session:
            nodes = session.scalars(
                select(WorkItem.node).where(WorkItem.case_id == case_id, WorkItem.status == WorkStatus.OPEN)
            ).all()
        assert nodes == (["report"] if won[0].outcome == "work.withdraw" else ["pre_review"])
