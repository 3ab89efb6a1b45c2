"""转办: the assignee hands a task on. Who may have it, what goes along, and where it is refused."""

import pytest
from sqlalchemy import select

from app.audit.models import RecordEntry
from app.cases import acts
from app.cases import service as cases
from app.cases.models import CaseStatus, Handler, WorkStatus
from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people.models import Account, Certificate

from .town import actor, answers, confirm, hand_in, post_to, waiting

REASON = {"reason": "外出培训两周"}


def take(desk, case, login, node):
    work = waiting(desk, case.case_id, node)
    acts.claim(desk, actor(desk, login), work.id, case.key())
    return work


def transfer(desk, case, login, work, to, *, key=None, version=None, **given):
    with clock.at(case.moment):
        return cases.desk_act(
            desk,
            actor(desk, login),
            work.id,
            work.version if version is None else version,
            key or case.key(),
            "transfer",
            {"to": str(actor(desk, to).officer_id), **REASON, **given},
        )


def options(desk, login, work, name="transfer", field="to"):
    _, _, offer = cases.desk_offer(desk, actor(desk, login), work.id, name)
    return {o.label: o for o in next(f for f in offer.fields if f.name == field).options}


def kinds(desk, case):
    entries = select(RecordEntry.kind).where(RecordEntry.case_id == case.case_id)
    return list(desk.scalars(entries.order_by(RecordEntry.seq)))


@pytest.fixture
def checked(stage, desk):
    """A task of two officers whose form names the second, taken by the first officer."""
    case = stage("dust-heap", until="check")
    return case, take(desk, case, "hb-officer1", "check")


@pytest.fixture
def investigated(stage, desk):
    """A task of two officers in a case that has its handlers: officer1 leads, officer2 is the second."""
    case = stage("dust-heap", until="investigate")
    return case, waiting(desk, case.case_id, "investigate")


def test_a_task_goes_over_with_what_was_typed_once_and_on_the_record(checked, desk):
    case, work = checked
    giver, receiver = actor(desk, "hb-officer1"), actor(desk, "hb-officer2")
    scope = f"work:{work.id}"
    forms.save_draft(desk, giver.account_id, scope, {"facts": "料堆没有覆盖"})
    key, version = case.key(), work.version
    done = transfer(desk, case, "hb-officer1", work, "hb-officer2", key=key)
    assert (done.outcome, work.assignee_id, work.claimed_at) == ("work.transfer", receiver.officer_id, None)
    assert forms.load_draft(desk, receiver.account_id, scope) == {"facts": "料堆没有覆盖"}
    assert forms.load_draft(desk, giver.account_id, scope) == {"facts": "料堆没有覆盖"}
    assert kinds(desk, case)[-1] == "work.transfer"

    again = transfer(desk, case, "hb-officer1", work, "hb-officer2", key=key, version=version)
    assert again == done
    assert kinds(desk, case).count("work.transfer") == 1
    hand_in(case, "check", "hb-officer2", second=giver.officer_id)
    confirm(case, "check", "hb-officer1")


def test_a_second_submission_with_a_new_key_finds_the_task_gone(checked, desk):
    case, work = checked
    version = work.version
    transfer(desk, case, "hb-officer1", work, "hb-officer2")
    with pytest.raises(Conflict):
        transfer(desk, case, "hb-officer1", work, "hb-officer3", version=version)
    with pytest.raises(Forbidden):
        transfer(desk, case, "hb-officer1", work, "hb-officer3")


def test_who_can_be_chosen_is_listed_with_load_and_with_what_is_in_the_way(checked, desk):
    _, work = checked
    found = options(desk, "hb-officer1", work)
    names = {
        login: actor(desk, login).name for login in ("hb-officer1", "hb-officer2", "hb-new", "hb-lapsed")
    }
    assert names["hb-officer1"] not in found
    assert (found[names["hb-officer2"]].hint[:2], found[names["hb-officer2"]].why_not) == ("在办", "")
    for login in ("hb-new", "hb-lapsed"):
        assert "没有有效的" in found[names[login]].why_not
    assert actor(desk, "hb-finance").name not in found


@pytest.mark.parametrize("to", ["hb-new", "hb-lapsed", "hb-finance", "szhb-officer1"])
def test_nobody_without_certificate_or_position_and_nobody_from_elsewhere(checked, desk, to):
    case, work = checked
    mine, before = work.assignee_id, kinds(desk, case)
    with pytest.raises(Invalid) as caught:
        transfer(desk, case, "hb-officer1", work, to)
    assert "to" in caught.value.errors
    assert (work.assignee_id, kinds(desk, case)) == (mine, before)


def test_who_has_taken_part_elsewhere_in_the_case_is_shut_out_whatever_the_posting(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = take(desk, case, "hb-legal", "legal_review")
    post_to(desk, "hb-officer1", "legal_review")
    officer = desk.scalars(select(Account).where(Account.login == "hb-officer1")).one().officer_id
    desk.add(
        Certificate(officer_id=officer, kind="legal", number="演示法-0001", valid_from=case.moment.date())
    )
    desk.flush()
    with clock.at(case.moment):
        assert "参加过本案" in options(desk, "hb-legal", work)[actor(desk, "hb-officer1").name].why_not
    with pytest.raises(Invalid) as caught:
        transfer(desk, case, "hb-legal", work, "hb-officer1")
    assert "参加过本案" in caught.value.errors["to"][0]


def test_a_suspended_account_takes_nothing(checked, desk):
    case, work = checked
    desk.scalars(select(Account).where(Account.login == "hb-officer2")).one().active = False
    desk.flush()
    with pytest.raises(Invalid) as caught:
        transfer(desk, case, "hb-officer1", work, "hb-officer2")
    assert "账号" in caught.value.errors["to"][0]


def test_only_who_holds_it_hands_it_on_and_with_a_reason(checked, desk):
    case, work = checked
    with pytest.raises(Forbidden):
        transfer(desk, case, "hb-officer2", work, "hb-officer3")
    for login in ("hb-head", "szhb-officer1"):
        with pytest.raises(NotFound):
            transfer(desk, case, login, work, "hb-officer3")
    with pytest.raises(Invalid) as caught:
        transfer(desk, case, "hb-officer1", work, "hb-officer2", reason=" ")
    assert "reason" in caught.value.errors


def test_what_waits_for_the_second_officer_is_not_handed_on(checked, desk):
    case, work = checked
    hand_in(case, "check", "hb-officer1")
    work = waiting(desk, case.case_id, "check")
    assert work.status == WorkStatus.COSIGN
    with pytest.raises(Refused) as caught:
        transfer(desk, case, "hb-officer1", work, "hb-officer3")
    assert "先退回修改" in caught.value.message


def test_the_receiver_becomes_a_handler_beside_the_second_who_stays(investigated, desk):
    case, work = investigated
    one, two, three = (actor(desk, f"hb-officer{n}").officer_id for n in (1, 2, 3))
    assert work.assignee_id == one
    done = transfer(desk, case, "hb-officer1", work, "hb-officer3")
    assert "本案承办人现为" in done.message
    pair = select(Handler.role, Handler.officer_id).where(Handler.case_id == case.case_id)
    assert dict(desk.execute(pair).tuples().all()) == {"lead": three, "second": two}
    assert work.assignee_id == three
    hand_in(case, "investigate", "hb-officer3")
    assert waiting(desk, case.case_id, "investigate").cosigner_id == two


def test_given_to_the_second_officer_another_one_must_be_chosen(investigated, desk):
    case, work = investigated
    with pytest.raises(Invalid) as caught:
        transfer(desk, case, "hb-officer1", work, "hb-officer2")
    assert "另选一名" in caught.value.errors["second"][0]
    two = str(actor(desk, "hb-officer2").officer_id)
    with pytest.raises(Invalid):
        transfer(desk, case, "hb-officer1", work, "hb-officer2", second=two)
    with pytest.raises(Invalid):
        transfer(
            desk, case, "hb-officer1", work, "hb-officer2", second=str(actor(desk, "hb-lapsed").officer_id)
        )
    three = str(actor(desk, "hb-officer3").officer_id)
    transfer(desk, case, "hb-officer1", work, "hb-officer2", second=three)
    pair = select(Handler.role, Handler.officer_id).where(Handler.case_id == case.case_id)
    assert dict(desk.execute(pair).tuples().all()) == {"lead": int(two), "second": int(three)}


def test_nothing_is_handed_on_in_a_closed_case(checked, desk):
    case, work = checked
    running = cases.lock(desk, case.case_id)
    running.case.status = CaseStatus.CLOSED
    with pytest.raises(Refused):
        transfer(desk, case, "hb-officer1", work, "hb-officer2")


def test_over_http_once_however_often_it_is_sent(town):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    giver = town.caller("hb-officer1")
    giver.bare_post(
        f"/work/{work_id}/claim", {"_csrf": giver.token("/account"), "_key": "a" * 32, "_version": "1"}
    )
    with town.read() as session:
        to = {login: actor(session, login).officer_id for login in ("hb-officer2", "hb-new")}
    path = f"/work/{work_id}/acts/transfer"
    page = giver.get(path).get_data(as_text=True)
    assert "转办以后" in page
    assert "没有有效的" in page
    post = {"_csrf": giver.token("/account"), "_version": "2", **REASON}
    refused = giver.bare_post(path, {**post, "_key": "b" * 32, "to": str(to["hb-new"])})
    assert (refused.status_code, "没有有效的" in refused.get_data(as_text=True)) == (422, True)
    assert REASON["reason"] in refused.get_data(as_text=True)
    assert town.caller("szhb-officer1").bare_post(path, {"_csrf": "x"}).status_code in (400, 403, 404)
    given = {**post, "_key": "c" * 32, "to": str(to["hb-officer2"])}
    assert [giver.bare_post(path, given).status_code for _ in range(2)] == [303, 303]
    with town.read() as session:
        work = waiting(session, case_id, "check")
        assert (work.assignee_id, work.version) == (to["hb-officer2"], 3)


def test_the_form_s_own_second_officer_needs_no_choice(checked, desk):
    case, work = checked
    _, _, offer = cases.desk_offer(desk, actor(desk, "hb-officer1"), work.id, "transfer")
    assert [f.name for f in offer.fields] == ["to", "reason"]
    assert answers(case, "penalty_check")["second"]
