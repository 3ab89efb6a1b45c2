"""Who leaves, loses the certificate or is recused while a task waits for signers: nothing takes effect by that, and nothing
waits for somebody who cannot answer."""

import pytest

from app.cases import handover
from app.cases import service as cases
from app.cases.models import WorkStatus
from app.kernel import clock

from .signing_table import Table
from .test_hands_handover import entries, leave, look, revoke, suspend
from .test_recusal import by_part, out
from .test_returning import sound
from .test_returning_under_way import asked
from .town import actor, waiting


@pytest.fixture
def check(stage, desk) -> Table:
    """The check of a lead: two officers."""
    return Table(stage("dust-heap", until="check"), desk, "check", "hb-officer1")


@pytest.fixture
def review(stage, desk) -> Table:
    """The review of a case: one officer, with an opinion."""
    return Table(stage("dust-heap", until="pre_review"), desk, "pre_review", "hb-review")


def handed_in(
    table: Table, *signers: str, kind: str = "after", rule: str = "all", second: str = "hb-officer2"
):
    table.ask(*signers, kind=kind, rule=rule)
    table.hand_in()
    if table.work.officers > 1:
        table.confirm(second)
    assert table.work.status == WorkStatus.SIGNING


@pytest.mark.parametrize("how", [leave, revoke, suspend])
@pytest.mark.parametrize("kind", ["after", "parallel"])
def test_the_assignee_of_what_waits_for_signers_drops_out(check, desk, how, kind):
    handed_in(check, "hb-lead", "hb-legal", kind=kind)
    check.answer("hb-lead")
    was = check.work
    typed = dict(was.pending)
    how(desk, "hb-officer1")
    assert was.id in look(desk)
    work = check.work
    assert (work.status, work.assignee_id, work.cosigner_id) == (WorkStatus.OPEN, None, None)
    assert work.pending == typed
    assert len(entries(desk, check.case)) == 1
    assert (check.member("hb-lead").state == "open") == (kind == "after")
    look(desk)
    assert (check.work.version, len(entries(desk, check.case))) == (work.version, 1)


def test_the_second_officer_of_what_waits_for_signers_drops_out(check, desk):
    handed_in(check, "hb-lead")
    revoke(desk, "hb-officer2")
    look(desk)
    work = check.work
    assert (work.status, work.assignee_id, work.cosigner_id) == (
        WorkStatus.OPEN, check.officer("hb-officer1"), None,
    )  # fmt: skip
    assert asked(desk, "hb-lead") == set()  # asked again once it is handed in anew


def test_whoever_can_still_handle_it_stays(check, desk):
    handed_in(check, "hb-lead")
    revoke(desk, "hb-officer3")
    assert check.work.id not in look(desk)
    assert check.work.status == WorkStatus.SIGNING
    revoke(desk, "hb-lead")  # a signer needs no certificate
    look(desk)
    assert (check.work.status, entries(desk, check.case)) == (WorkStatus.SIGNING, [])


@pytest.mark.parametrize("how", [leave, suspend])
def test_a_signer_who_left_completes_nothing_by_that(review, desk, how):
    handed_in(review, "hb-lead", "hb-deputy")
    review.answer("hb-lead")
    how(desk, "hb-deputy")
    look(desk)
    work = review.work
    assert (work.status, work.assignee_id) == (WorkStatus.OPEN, review.officer("hb-review"))
    told = entries(desk, review.case)
    assert len(told) == 1
    assert asked(desk, "hb-deputy") == set()
    review.hand_in()
    assert review.work.status == WorkStatus.SIGNING
    review.answer("hb-lead")
    assert review.work.status == WorkStatus.DONE


def test_a_round_of_which_nobody_is_left_ends_without_agreeing(review, desk):
    handed_in(review, "hb-deputy")
    leave(desk, "hb-deputy")
    look(desk)
    assert (review.work.status, review.round.state) == (WorkStatus.OPEN, "cancelled")
    assert review.hand_in().outcome == "done"


def test_a_delegate_who_left_is_waited_for_no_longer(check, desk):
    check.act("delegate", to=str(check.officer("hb-officer3")), note="请填写")
    leave(desk, "hb-officer3")
    assert check.work.id in look(desk)
    assert check.hand_in().outcome == "cosign"


def test_a_signer_before_who_left_holds_nothing_back(review, desk):
    review.ask("hb-lead", "hb-deputy", kind="before")
    review.answer("hb-lead")
    leave(desk, "hb-deputy")
    look(desk)
    assert (review.work.status, review.round.state) == (WorkStatus.OPEN, "agreed")
    assert review.hand_in().outcome == "done"


@pytest.mark.parametrize("kind", ["after", "parallel"])
def test_a_recused_assignee_has_handed_in_nothing(review, desk, kind):
    handed_in(review, "hb-lead", "hb-deputy", kind=kind)
    review.answer("hb-lead")
    out(desk, review.case.case_id, "hb-review")
    work = review.work
    assert (work.status, work.assignee_id, work.pending) == (WorkStatus.OPEN, None, None)
    sound(review.case)


def test_a_recused_handler_takes_what_waits_for_signers_along(stage, desk):
    case = stage("stone-mill", until="report")
    lead, second, third = by_part(desk, waiting(desk, case.case_id, "report"))
    table = Table(case, desk, "report", lead)
    handed_in(table, "hb-legal", second=second)
    out(desk, case.case_id, second, successor=third)
    work = table.work
    assert (work.status, work.assignee_id, work.cosigner_id) == (WorkStatus.OPEN, table.officer(lead), None)
    assert work.pending
    table.hand_in()
    table.confirm(third)
    assert table.work.status == WorkStatus.SIGNING
    table.answer("hb-legal")
    assert table.work.status == WorkStatus.DONE
    sound(case)


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("kind", ["after", "parallel"])
def test_the_opinion_of_a_recused_signer_does_not_count(review, desk, kind, answered):
    handed_in(review, "hb-lead", "hb-deputy", kind=kind)
    if answered:
        review.answer("hb-deputy")
    out(desk, review.case.case_id, "hb-deputy")
    work = review.work
    assert (work.status, work.assignee_id) == (WorkStatus.OPEN, review.officer("hb-review"))
    review.hand_in()
    assert review.work.status == WorkStatus.SIGNING
    review.answer("hb-lead")
    assert review.work.status == WorkStatus.DONE
    sound(review.case)


def test_an_agreed_round_is_open_again_without_the_recused_one(review, desk):
    """One agreement was enough, and it came from who must keep out."""
    review.ask("hb-lead", "hb-deputy", kind="before", rule="any")
    review.answer("hb-deputy")
    assert review.round.state == "agreed"
    out(desk, review.case.case_id, "hb-deputy")
    assert (review.round.state, review.round.settled_at) == ("open", None)
    review.answer("hb-lead")
    assert review.hand_in().outcome == "done"


def test_a_head_gives_it_to_others_once_it_was_taken_back(check, desk):
    handed_in(check, "hb-lead")
    with clock.at(check.case.moment):
        _, _, offer = cases.desk_offer(desk, actor(desk, "hb-head"), check.work.id, "assign")
    assert "撤回" in offer.why_not
    head = actor(desk, "hb-head")
    assert check.work.id in {one.id for one in handover.held(desk, head, check.officer("hb-officer1"))[1]}


def test_handing_over_what_waits_for_signers_of_who_left(review, desk):
    handed_in(review, "hb-lead")
    leave(desk, "hb-review")
    found = handover.hand_over(
        desk, actor(desk, "hb-head"), review.officer("hb-review"), [review.work.id], None, "离职", review.case.key()
    )  # fmt: skip
    assert [one.done for one in found] == [True]
    assert (review.work.status, review.work.assignee_id) == (WorkStatus.OPEN, None)


def test_other_handlers_hand_in_anew_what_waits_for_signers(stage, desk):
    case = stage("stone-mill", until="report")
    lead, second, third = by_part(desk, waiting(desk, case.case_id, "report"))
    table = Table(case, desk, "report", lead)
    handed_in(table, "hb-legal", second=second)
    table.act("handler", "hb-head", lead="", second=str(table.officer(third)), reason="工作调整")
    work = table.work
    assert (work.status, work.cosigner_id, bool(work.pending)) == (WorkStatus.OPEN, None, True)
    table.hand_in()
    table.confirm(third)
    assert table.work.status == WorkStatus.SIGNING
    sound(case)
