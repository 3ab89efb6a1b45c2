"""What officers do with tasks, and what the law keeps them from doing, at the door of the room."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.cases import acts
from app.cases.models import Case, CaseStatus, Handler, Submission, WorkItem, WorkStatus
from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people.models import Certificate

from .town import actor, answers, confirm, hand_in, post_to, waiting

KEY = "0123456789abcdef"


def officer_id(drive, login):
    return actor(drive.session, login).officer_id


def refused(drive, node, login, code, **changes):
    """The refusal of an desk, which must have changed nothing about the task."""
    before = waiting(drive.session, drive.case_id, node)
    was = (before.version, before.status, before.assignee_id)
    with pytest.raises(Refused) as caught:
        hand_in(drive, node, login, **changes)
    after = waiting(drive.session, drive.case_id, node)
    assert (after.version, after.status, after.assignee_id) == was
    assert caught.value.code == code
    assert caught.value.article
    return caught.value


# the way of a task


def test_a_task_is_taken_handed_in_sent_back_corrected_and_confirmed(stage, desk):
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    taken = acts.claim(desk, actor(desk, "hb-officer1"), work.id, case.key())
    assert (taken.outcome, work.assignee_id) == ("claimed", officer_id(case, "hb-officer1"))

    asked = hand_in(case, "check", "hb-officer1", facts="第一稿")
    assert asked.outcome == "cosign"
    assert "确认后生效" in asked.message
    assert desk.scalar(select(Submission.id).where(Submission.work_item_id == work.id)) is None

    second = actor(desk, "hb-officer2")
    with pytest.raises(Invalid):
        acts.send_back(desk, second, work.id, work.version, case.key(), "  ")
    back = acts.send_back(desk, second, work.id, work.version, case.key(), "缺少照片")
    assert back.outcome == "returned"
    assert (work.status, work.pending["facts"]) == (WorkStatus.OPEN, "第一稿")

    hand_in(case, "check", "hb-officer1", facts="第二稿")
    done = confirm(case, "check", "hb-officer2")
    assert (done.outcome, done.next[0]["name"]) == ("done", "立案初审")
    submission = desk.scalars(select(Submission).where(Submission.work_item_id == work.id)).one()
    assert submission.data["facts"] == "第二稿"
    assert [submission.by_id, *submission.with_ids] == [
        officer_id(case, "hb-officer1"),
        officer_id(case, "hb-officer2"),
    ]
    handlers = desk.scalars(select(Handler).where(Handler.case_id == case.case_id))
    roles = {handler.officer_id: handler.role for handler in handlers}
    assert roles == {officer_id(case, "hb-officer1"): "lead", officer_id(case, "hb-officer2"): "second"}


def test_a_draft_does_not_come_back_in_place_of_what_was_handed_in(stage, desk):
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    me = actor(desk, "hb-officer1")
    forms.save_draft(desk, me.account_id, f"work:{work.id}", {"facts": "更早的草稿"})
    hand_in(case, "check", "hb-officer1")
    assert forms.load_draft(desk, me.account_id, f"work:{work.id}") is None


def test_only_the_second_officer_confirms_or_sends_back(stage, desk):
    case = stage("dust-heap", until="check")
    hand_in(case, "check", "hb-officer1")
    work = waiting(desk, case.case_id, "check")
    for login in ("hb-officer1", "hb-officer3"):
        with pytest.raises(Forbidden):
            confirm(case, "check", login)
        with pytest.raises(Forbidden):
            acts.send_back(desk, actor(desk, login), work.id, work.version, case.key(), "理由")
    with pytest.raises(NotFound):
        confirm(case, "check", "hb-head")


def test_a_stale_page_is_told_that_the_task_has_moved_on(stage, desk):
    case = stage("dust-heap", until="register")
    with pytest.raises(Conflict) as caught:
        hand_in(case, "register", "hb-intake", version=7)
    assert caught.value.code == "moved_on"


def test_a_task_of_somebody_else_is_not_taken(stage, desk):
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    acts.claim(desk, actor(desk, "hb-officer1"), work.id, case.key())
    with pytest.raises(Conflict):
        acts.claim(desk, actor(desk, "hb-officer3"), work.id, case.key())
    with pytest.raises(Conflict):
        hand_in(case, "check", "hb-officer3", second=officer_id(case, "hb-officer2"))


def test_a_key_answers_for_one_act_on_one_task_only(stage, desk):
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    me = actor(desk, "hb-officer1")
    first = acts.claim(desk, me, work.id, KEY)
    assert acts.claim(desk, me, work.id, KEY) == first
    with pytest.raises(Conflict) as caught:
        hand_in(case, "check", "hb-officer1", key=KEY)
    assert caught.value.code == "key_reused"
    other = stage("idle-filter", until="check")
    with pytest.raises(Conflict) as caught:
        acts.claim(desk, me, waiting(desk, other.case_id, "check").id, KEY)
    assert caught.value.code == "key_reused"


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "0123456789abcde/", "0123456789abcdef'"])
def test_a_key_that_is_none_is_refused(stage, desk, key):
    case = stage("dust-heap", until="register")
    work = waiting(desk, case.case_id, "register")
    with pytest.raises(Invalid):
        acts.hand_in(desk, actor(desk, "hb-intake"), work.id, 1, key, lambda *_: answers(case, work.form))


# who


def test_only_holders_of_the_position_act(stage, desk):
    case = stage("dust-heap", until="file_approve")
    with pytest.raises(NotFound):
        hand_in(case, "file_approve", "hb-officer1")
    work = waiting(desk, case.case_id, "file_approve")
    work.assignee_id = officer_id(case, "hb-officer1")  # even with the task in the inbox
    desk.flush()
    assert refused(case, "file_approve", "hb-officer1", "position")


def test_nobody_without_the_first_position_opens_a_case(stage, desk):
    case = stage("dust-heap", until="register")
    item = desk.get(Case, case.case_id).item_id
    with pytest.raises(Forbidden):
        acts.open_case(desk, actor(desk, "hb-officer1"), item, KEY)
    with pytest.raises(NotFound):
        acts.open_case(desk, actor(desk, "sj-intake"), item, KEY)


@pytest.mark.parametrize("login", ["sf-admin", "sf-analyst"])
def test_accounts_that_are_no_officers_handle_nothing(stage, desk, login):
    case = stage("dust-heap", until="register")
    work = waiting(desk, case.case_id, "register")
    with pytest.raises((Forbidden, NotFound)):
        acts.open_case(desk, actor(desk, login), desk.get(Case, case.case_id).item_id, KEY)
    with pytest.raises(NotFound):
        acts.claim(desk, actor(desk, login), work.id, KEY)


def test_an_expired_certificate_does_not_sign(stage, desk):
    case = stage("dust-heap", until="check")
    found = refused(case, "check", "hb-lapsed", "certified_officers")
    assert "第四十二条" in found.article
    with pytest.raises(Invalid) as caught:
        hand_in(case, "check", "hb-officer1", second=str(officer_id(case, "hb-lapsed")))
    assert "second" in caught.value.errors


def test_a_certificate_that_runs_out_before_the_confirmation_does_not_count(stage, desk):
    case = stage("dust-heap", until="check")
    hand_in(case, "check", "hb-officer1")
    first = officer_id(case, "hb-officer1")
    desk.execute(update(Certificate).where(Certificate.officer_id == first).values(valid_to=date(2024, 1, 1)))
    with pytest.raises(Refused) as caught:
        confirm(case, "check", "hb-officer2")
    assert caught.value.code == "certified_officers"
    assert waiting(desk, case.case_id, "check").status == WorkStatus.COSIGN


def test_two_officers_are_two_persons(stage, desk):
    case = stage("dust-heap", until="check")
    me = officer_id(case, "hb-officer1")
    assert "两名" in refused(case, "check", "hb-officer1", "certified_officers", second=str(me)).message


def test_the_second_officer_is_the_other_handler(stage, desk):
    case = stage("dust-heap", until="report")
    hand_in(case, "report", "hb-officer1")
    assert waiting(desk, case.case_id, "report").cosigner_id == officer_id(case, "hb-officer2")
    with pytest.raises(Forbidden):
        confirm(case, "report", "hb-officer3")


def test_an_officer_who_is_no_handler_does_not_take_part(stage, desk):
    case = stage("dust-heap", until="report")
    waiting(desk, case.case_id, "report").assignee_id = None
    desk.flush()
    with pytest.raises(Refused) as caught:
        hand_in(case, "report", "hb-officer3")
    assert caught.value.code == "handlers"


@pytest.mark.parametrize(
    ("until", "login", "position"),
    [
        ("legal_review", "hb-officer2", "legal_review"),
        ("collective", "hb-officer1", "head"),
        ("collective", "hb-legal", "head"),
        ("decide", "hb-officer1", "head"),
        ("decide", "hb-legal", "head"),
        ("collect", "hb-officer2", "finance"),
    ],
)
def test_who_investigated_or_reviewed_does_not_decide(stage, desk, until, login, position):
    """Also when one person holds both positions (行政处罚法第五十七条、第五十八条、第六十七条)."""
    case = stage("stone-mill", until=until)
    case.moment += timedelta(days=12)
    post_to(desk, login, position)
    own = desk.scalars(select(Certificate).where(Certificate.officer_id == officer_id(case, login))).first()
    paper = {"kind": "legal", "number": "法-演示", "valid_from": own.valid_from, "valid_to": None}
    if login != "hb-legal":
        desk.add(Certificate(officer_id=own.officer_id, **paper))
    work = waiting(desk, case.case_id, until)
    work.assignee_id = None
    desk.flush()
    with pytest.raises(Refused) as caught, clock.at(case.moment):
        acts.claim(desk, actor(desk, login), work.id, case.key())
    assert caught.value.code == "separation"
    assert refused(case, until, login, "separation").article.startswith("《中华人民共和国行政处罚法》")


def test_a_reviewer_without_the_legal_certificate_does_not_review(stage, desk):
    case = stage("stone-mill", until="legal_review")
    post_to(desk, "hb-new", "legal_review")
    waiting(desk, case.case_id, "legal_review").assignee_id = None
    desk.flush()
    refused(case, "legal_review", "hb-new", "certified_officers")


# reasons


@pytest.mark.requirement("S2-22")
def test_an_opinion_against_the_one_before_gives_its_reason(stage, desk):
    case = stage("dust-heap", until="pre_review")
    with pytest.raises(Invalid) as caught:
        hand_in(case, "pre_review", "hb-review", opinion={"stance": "disagree", "text": ""})
    assert "opinion.text" in caught.value.errors
    refused(case, "pre_review", "hb-review", "reason", opinion={"stance": "disagree", "text": "  "})
    hand_in(case, "pre_review", "hb-review", opinion={"stance": "disagree", "text": "证据不足"})
    with pytest.raises(Invalid) as caught:
        case.moment += timedelta(days=1)
        hand_in(case, "report", "hb-officer1")
        confirm(case, "report", "hb-officer2")
        hand_in(case, "lead_review", "hb-lead", opinion={"stance": "agree", "text": ""})
    assert "前一环节" in caught.value.errors["opinion.text"][0]


def test_refusal_to_file_gives_its_reason(stage, desk):
    case = stage("dust-heap", until="file_approve")
    given = answers(case, "penalty_file_approve", decision="not_file", not_file_kind="违法事实不能成立")
    opinion = {"stance": "amend", "text": "不予立案"}
    with pytest.raises(Invalid) as caught:
        hand_in(case, "file_approve", "hb-deputy", given={**given, "opinion": opinion})
    assert "refuse_reason" in caught.value.errors


def test_a_branch_off_the_course_is_refused_below_the_form_too(stage, desk):
    """The gate holds also where the form would let a blank reason pass."""
    from app.cases import locking, rules, stepping

    case = stage("dust-heap", until="file_approve")
    running = locking.lock(desk, case.case_id)
    work = waiting(desk, case.case_id, "file_approve")
    form = stepping.form_of(running, work)
    data = {"decision": "not_file", "refuse_reason": "  ", "opinion": {"stance": "agree", "text": "同意"}}
    me = stepping.signer(desk, officer_id(case, "hb-deputy"), running.at)
    after = stepping.attributes_after(running, work, form, data)
    facts = stepping.facts_of(running, work, [me], after, form=form, data=data)
    assert rules.first_refusal(facts, stepping.evaluate).gate == "reason"


# order and weight


def test_a_decision_is_not_heavier_than_the_notice(stage, desk):
    case = stage("stone-mill", until="decide")
    heavier = [
        {"fine_amount": "250000.01"},
        {"kinds": ["罚款", "没收违法所得"], "confiscated_amount": "1.00"},
        {"kinds": ["罚款", "吊销许可证件"], "other_penalty": "吊销排污许可证"},
    ]
    for more in heavier:
        assert "重于告知" in refused(case, "decide", "hb-head", "no_increase", **more).message
    lighter = hand_in(case, "decide", "hb-head", fine_amount="200000.00")
    assert lighter.outcome == "done"
    assert desk.get(Case, case.case_id).attributes["fine"] == 200000


def test_a_notice_was_not_served_before_it_was_approved(stage, desk):
    """Else the five days in which the party may ask for a hearing would be over before they began."""
    case = stage("stone-mill", until="notice_serve")
    refused(case, "notice_serve", "hb-officer1", "moment_order", served_at="2025-05-01T09:00")
    assert hand_in(case, "notice_serve", "hb-officer1", served_at="2025-06-24T08:00").outcome == "cosign"


@pytest.mark.requirement("S0-21", part="决定后新增前置材料被拒")
def test_nothing_is_added_to_steps_before_the_decision(stage, desk):
    case = stage("stone-mill", until="serve")
    done = desk.scalars(
        select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.node == "investigate")
    ).one()
    with pytest.raises(Conflict):
        acts.hand_in(desk, actor(desk, "hb-officer1"), done.id, done.version, case.key(), lambda *_: {})
    done.status = WorkStatus.OPEN  # a row forged open again
    desk.flush()
    found = refused(case, "investigate", "hb-officer1", "frozen")
    assert "不能再补录" in found.message


def test_a_forged_task_of_a_step_never_taken_moves_nothing(stage, desk):
    case = stage("road-digger", until="serve")
    real = waiting(desk, case.case_id, "serve")
    copied = {c.name: getattr(real, c.name) for c in WorkItem.__table__.columns if c.name != "id"}
    forged = {"task_id": "999", "node": "preserve_do", "step": "evid.preserve", "form": "penalty_preserve_do"}
    desk.add(WorkItem(**copied | forged | {"name": "实施先行登记保存", "officers": 0}))
    desk.flush()
    state = desk.get(Case, case.case_id).state
    given = dict(demo_preserve())
    with pytest.raises((Refused, Conflict)):
        hand_in(case, "preserve_do", "cg-officer1", given=given)
    assert desk.get(Case, case.case_id).state == state


def demo_preserve():
    """Answers to the form of a preservation, from the journey that has one."""
    from app.cases import demo_content

    return demo_content.content()["journeys"]["main"]["answers"]["penalty_preserve_do"]


def test_a_finished_case_takes_no_act(stage, desk):
    case = stage("shop-front")
    assert desk.get(Case, case.case_id).status == CaseStatus.CLOSED
    last = desk.scalars(
        select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.node == "archive")
    ).one()
    last.status = WorkStatus.OPEN
    desk.flush()
    refused(case, "archive", "szzf-archive", "case_closed")
    last.assignee_id = None
    desk.flush()
    with pytest.raises(Refused):
        acts.claim(desk, actor(desk, "szzf-archive"), last.id, case.key())
