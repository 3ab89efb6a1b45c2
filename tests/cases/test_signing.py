"""Rounds of signing: who is asked, by which rule they agree, what waits for them, and what nobody can get around."""

import pytest
from sqlalchemy import func, select

from app.archive import soundness
from app.audit.models import RecordEntry
from app.cases import acts, locking, rules, signing, stepping
from app.cases import service as cases
from app.cases.models import Submission, WorkItem, WorkStatus
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from .signing_table import Table
from .town import Town, actor, waiting

AGREE = {"stance": "agree", "text": ""}


@pytest.fixture
def review(stage, desk) -> Table:
    """The review of a case: one officer, with an opinion."""
    return Table(stage("dust-heap", until="pre_review"), desk, "pre_review", "hb-review")


@pytest.fixture
def check(stage, desk) -> Table:
    """The check of a lead: two officers, no opinion, a part of the investigation."""
    return Table(stage("dust-heap", until="check"), desk, "check", "hb-officer1")


def test_those_who_sign_first_hold_the_task_back(review):
    review.ask("hb-lead", "hb-deputy")
    with pytest.raises(Refused) as caught:
        review.hand_in()
    assert caught.value.code == "signing"
    assert "先由" in caught.value.message
    review.answer("hb-lead")
    with pytest.raises(Refused):
        review.hand_in()
    review.answer("hb-deputy")
    assert review.round.state == "agreed"
    assert review.hand_in().outcome == "done"


def test_a_signer_sees_task_and_case_and_answers_once(review, desk):
    outsider = actor(desk, "hb-finance")
    with pytest.raises(NotFound):
        cases.work_item(desk, outsider, review.work.id)
    review.ask("hb-finance")
    assert cases.work_item(desk, outsider, review.work.id)
    assert cases.case(desk, outsider, review.case.case_id)
    assert "sign_answer" in review.menu("hb-finance")
    key, version = review.case.key(), review.work.version
    first = review.answer("hb-finance", key=key, version=version)
    assert review.answer("hb-finance", key=key, version=version) == first
    assert "sign_answer" not in review.menu("hb-finance")
    with pytest.raises(Forbidden):
        review.answer("hb-finance", "disagree")
    assert (review.member("hb-finance").stance, review.round.state) == ("agree", "agreed")


def test_nobody_but_the_signer_answers_and_nobody_but_the_assignee_asks(review):
    review.ask("hb-lead")
    for login in ("hb-review", "hb-deputy"):
        with pytest.raises((Forbidden, NotFound)):
            review.answer(login)
    for name in ("sign_add", "sign_remove", "sign_cancel"):
        with pytest.raises(Forbidden):
            review.act(name, "hb-lead", reason="理由")
    with pytest.raises(NotFound):
        review.act("sign_answer", "szhb-lead", stance="agree", opinion="")


def test_whoever_does_not_agree_says_why(review):
    review.ask("hb-lead")
    for stance in ("disagree", "amend", "abstain"):
        with pytest.raises(Invalid) as caught:
            review.act("sign_answer", "hb-lead", stance=stance, opinion=" ")
        assert set(caught.value.errors) == {"opinion"}
    assert review.act("sign_answer", "hb-lead", stance="agree", opinion="").outcome == "work.sign_answer"


def test_handing_in_against_the_signers_needs_a_reason(review):
    """上下环节意见不一致必须阐述理由 (S2-22)."""
    review.ask("hb-lead")
    review.answer("hb-lead", "disagree", "裁量偏重。")
    assert review.round.state == "failed"
    with pytest.raises(Invalid) as caught:
        review.hand_in(opinion=AGREE)
    assert "不采纳" in str(caught.value.errors)
    assert (
        review.hand_in(opinion={"stance": "agree", "text": "已对照裁量基准复核，档次适当。"}).outcome
        == "done"
    )


def test_a_form_without_opinion_waits_for_the_reason_elsewhere(check):
    check.ask("hb-lead")
    check.answer("hb-lead", "amend", "补充现场照片。")
    with pytest.raises(Refused) as caught:
        check.hand_in()
    assert "S2-22" in caught.value.article
    check.act("sign_explain", text="照片已在监测报告附件中。")
    assert check.hand_in().outcome == "cosign"


@pytest.mark.parametrize(
    ("rule", "given", "stances", "state"),
    [
        ("all", {}, ["agree", "disagree"], "failed"),
        ("all", {}, ["agree", "abstain"], "failed"),
        ("any", {}, ["agree"], "agreed"),
        ("any", {}, ["disagree", "abstain"], "open"),
        ("any", {}, ["disagree", "abstain", "amend"], "failed"),
        ("ratio", {"percent": "60"}, ["agree", "agree"], "agreed"),
        ("ratio", {"percent": "67"}, ["agree", "agree"], "open"),
        ("ratio", {"percent": "67"}, ["agree", "disagree"], "failed"),
        ("vote", {}, ["agree", "agree", "agree"], "open"),
    ],
)
def test_a_round_is_settled_by_its_rule(review, rule, given, stances, state):
    logins = ["hb-lead", "hb-deputy", "hb-finance"]
    review.ask(*logins, rule=rule, **given)
    for login, stance in zip(logins, stances, strict=False):
        review.answer(login, stance)
    assert review.round.state == state


def test_in_order_means_in_order(review, desk):
    names = [
        cases.signer(desk, review.officer(login), clock.now()).name for login in ("hb-deputy", "hb-lead")
    ]
    review.ask("hb-lead", "hb-deputy", rule="sequence", order="、".join(names))
    with pytest.raises(Forbidden):
        review.answer("hb-lead")
    review.answer("hb-deputy")
    review.answer("hb-lead")
    assert review.round.state == "agreed"


def test_a_disagreement_in_order_ends_the_round(review):
    review.ask("hb-lead", "hb-deputy", rule="sequence")
    review.answer("hb-lead", "disagree")
    assert review.round.state == "failed"
    with pytest.raises(Forbidden):
        review.answer("hb-deputy")


def test_a_vote_is_counted_with_minutes_among_those_present(review):
    review.ask("hb-lead", "hb-deputy", "hb-finance", "hb-head", rule="vote")
    review.answer("hb-lead")
    review.answer("hb-deputy")
    with pytest.raises(Refused) as caught:
        review.act("sign_close", minutes="两人到会，均同意。")
    assert caught.value.code == "quorum"
    review.answer("hb-finance", "abstain")
    with pytest.raises(Invalid):
        review.act("sign_close", minutes="")
    review.act("sign_close", minutes="四人应到，三人到会，二人同意，一人弃权。")
    assert review.round.state == "agreed"
    with pytest.raises(NotFound):
        review.answer("hb-head")


def test_signers_after_the_handing_in_make_it_take_effect(review, desk):
    review.ask("hb-lead", "hb-deputy", kind="after")
    with pytest.raises(Forbidden):
        review.answer("hb-lead")
    told = review.hand_in()
    assert (told.outcome, review.work.status) == ("signing", WorkStatus.SIGNING)
    assert (
        desk.scalar(
            select(func.count()).select_from(Submission).where(Submission.work_item_id == review.work.id)
        )
        == 0
    )
    review.answer("hb-lead")
    assert review.work.status == WorkStatus.SIGNING
    done = review.answer("hb-deputy")
    assert review.work.status == WorkStatus.DONE
    assert "已办结" in done.message
    kinds = desk.scalars(
        select(RecordEntry.kind)
        .where(RecordEntry.case_id == review.case.case_id)
        .order_by(RecordEntry.seq.desc())
        .limit(2)
    ).all()
    assert set(kinds) == {"sign.completed", "step.completed"}
    assert waiting(desk, review.case.case_id, "notice_approve")


def test_a_disagreement_after_the_handing_in_gives_it_back_and_asks_again(review):
    review.ask("hb-lead", "hb-deputy", kind="after")
    review.hand_in()
    review.answer("hb-lead")
    review.answer("hb-deputy", "disagree", "依据引用有误。")
    assert review.work.status == WorkStatus.OPEN
    assert review.work.pending
    first = review.round.id
    assert review.hand_in().outcome == "signing"
    assert review.round.id != first
    with pytest.raises(Conflict):
        review.act("sign_answer", "hb-lead", version=1, stance="agree", opinion="")
    review.answer("hb-lead")
    review.answer("hb-deputy")
    assert review.work.status == WorkStatus.DONE


def test_the_second_officer_confirms_before_the_signers(check):
    check.ask("hb-lead", kind="after")
    assert check.hand_in().outcome == "cosign"
    with pytest.raises(Forbidden):
        check.answer("hb-lead")
    assert check.confirm("hb-officer2").outcome == "signing"
    check.answer("hb-lead")
    assert check.work.status == WorkStatus.DONE


def test_the_second_officer_does_not_sign_besides(check):
    check.ask("hb-officer2", kind="after")
    with pytest.raises(Refused) as caught:
        check.hand_in()
    assert "协办人员同时是会签人员" in caught.value.message
    check.act("sign_cancel", reason="由其确认")
    assert check.hand_in().outcome == "cosign"


def test_who_is_given_the_task_does_not_sign_it_besides(review):
    review.ask("hb-lead")
    review.work.assignee_id = review.officer("hb-lead")
    review.session.flush()
    assert "sign_answer" not in review.menu("hb-lead")
    assert "sign_remove" in review.menu("hb-lead")


def test_gates_are_checked_again_when_the_last_one_agrees(review, desk):
    review.ask("hb-lead", kind="after")
    review.hand_in()
    from app.people.models import Posting

    posting = desk.scalars(select(Posting).where(Posting.officer_id == review.officer("hb-review"))).all()
    for one in posting:
        one.valid_to = review.case.moment.date().replace(year=2021)
    desk.flush()
    with pytest.raises(Refused) as caught, desk.begin_nested():
        review.answer("hb-lead")
    assert caught.value.code == "position"


def test_signing_at_the_same_time_lets_the_assignee_go_on(review):
    review.ask("hb-lead", kind="parallel")
    assert review.hand_in().outcome == "signing"
    review.answer("hb-lead", "disagree", "不妥。")
    assert review.work.status == WorkStatus.OPEN
    with pytest.raises(Invalid):
        review.hand_in(opinion=AGREE)


def test_who_has_not_answered_is_removed_with_a_reason(review):
    review.ask("hb-lead", "hb-deputy")
    review.answer("hb-lead")
    with pytest.raises(Invalid):
        review.act("sign_remove", member=str(review.member("hb-lead").id), reason="已经签过")
    with pytest.raises(Invalid):
        review.act("sign_remove", member=str(review.member("hb-deputy").id), reason="")
    review.act("sign_remove", member=str(review.member("hb-deputy").id), reason="出差")
    assert review.round.state == "agreed"


def test_a_round_is_never_left_without_members(review):
    with pytest.raises(Invalid):
        review.ask()
    review.ask("hb-lead")
    with pytest.raises(Invalid) as caught:
        review.act("sign_remove", member=str(review.member("hb-lead").id), reason="出差")
    assert "至少保留一人" in str(caught.value.errors)


def test_a_round_called_off_after_the_handing_in_gives_the_task_back(review):
    review.ask("hb-lead", kind="after")
    review.hand_in()
    review.act("sign_cancel", reason="改为口头沟通")
    assert review.work.status == WorkStatus.OPEN
    assert review.work.pending
    assert review.hand_in().outcome == "done"


def test_whom_the_law_keeps_out_cannot_be_asked(stage, desk):
    table = Table(stage("no-permit", until="legal_review"), desk, "legal_review", "hb-legal")
    investigator = str(table.officer("hb-officer1"))
    _, _, offer = cases.desk_offer(desk, actor(desk, table.login), table.work.id, "sign_add")
    options = next(f for f in offer.fields if f.name == "members").options
    barred = next(o for o in options if o.value == investigator)
    assert "第五十八条" in barred.why_not
    assert not next(o for o in options if o.value == str(table.officer("hb-archive"))).why_not
    with pytest.raises(Invalid) as caught:
        table.ask("hb-officer1")
    assert "不能选择" in str(caught.value.errors)


def test_who_signed_in_the_investigation_has_taken_part_in_it(check, desk):
    check.ask("hb-legal", kind="parallel")
    check.answer("hb-legal")
    running = locking.running(desk, desk.get_one(cases.Case, check.case.case_id))
    assert check.officer("hb-legal") in running.took_part["check"]
    assert running.rounds.get("check", 0) == 0
    later = WorkItem(
        node="legal_review", name="法制审核", step="legal.review", position_key="legal_review", officers=1
    )
    me = stepping.signer(desk, check.officer("hb-legal"), clock.now())
    with pytest.raises(Refused) as caught:
        stepping.guard(stepping.facts_of(running, later, [me], running.case.attributes), rules.PERSON_GATES)
    assert caught.value.code == "separation"


def test_a_task_that_goes_another_way_ends_its_rounds(review, desk):
    review.ask("hb-lead", "hb-deputy")
    review.answer("hb-lead")
    running, work = locking.lock_work(desk, actor(desk, "hb-review"), review.work.id, review.case.key())
    assert signing.end_all(running, work, "退回补充调查") == [review.round.id]
    assert (review.round.state, review.member("hb-deputy").state) == ("cancelled", "removed")
    assert review.member("hb-lead").state == "done"
    assert signing.end_all(running, work, "再次") == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rule": "ratio"}, "percent"),
        ({"rule": "all", "percent": "50"}, "percent"),
        ({"rule": "ratio", "percent": "101"}, "percent"),
        ({"rule": "sequence", "order": "不是成员"}, "order"),
        ({"rule": "all", "order": "甲"}, "order"),
        ({"rule": "vote"}, "members"),
        ({"kind": "never"}, "kind"),
        ({"note": " "}, "note"),
    ],
)
def test_what_does_not_go_together_is_told_at_the_field(review, given, field):
    with pytest.raises(Invalid) as caught:
        review.ask("hb-lead", **given)
    assert field in caught.value.errors


def test_two_who_answer_at_the_same_time_settle_a_round_once(town: Town):
    from .test_exactly_once import at_once, key

    case_id = town.open("dust-heap", "pre_review")
    work_id, _ = town.work(case_id, "pre_review")
    with town.act() as session:
        acts.claim(session, actor(session, "hb-review"), work_id, key())
    with town.act() as session:
        members = [str(actor(session, login).officer_id) for login in ("hb-lead", "hb-deputy")]
        given = {"kind": "after", "rule": "all", "members": members, "note": "请会签。"}
        cases.desk_act(session, actor(session, "hb-review"), work_id, 2, key(), "sign_add", given)
    data = town.answers("dust-heap", "penalty_pre_review")
    with town.act() as session:
        acts.hand_in(session, actor(session, "hb-review"), work_id, 3, key(), lambda *_: data)

    def answer(login: str):
        mine = key()
        given = {"stance": "agree", "opinion": ""}
        return lambda session: cases.desk_act(
            session, actor(session, login), work_id, 4, mine, "sign_answer", given
        )

    told = at_once(town, answer("hb-lead"), answer("hb-deputy"))
    assert sorted(type(one).__name__ for one in told) == ["ActResult", "ActResult"], told
    with town.read() as session:
        work = session.get_one(WorkItem, work_id)
        count = select(func.count()).select_from(Submission).where(Submission.work_item_id == work_id)
        assert (work.status, session.scalar(count)) == (WorkStatus.DONE, 1)
        assert waiting(session, case_id, "notice_approve")
        apart = [line for line in soundness.everything(session) if "PDF" not in line and "文件库" not in line]
        assert apart == [], "acts, tasks, clocks and record fit together"
