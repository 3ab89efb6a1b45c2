"""分派、改派、更换承办人: what heads do with other people's tasks, and a team lead with those of investigators."""

import pytest
from sqlalchemy import select

from app.cases import acts
from app.cases import service as cases
from app.cases.models import Handler, WorkItem, WorkStatus
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people.models import Account, Certificate, Posting

from .town import actor, confirm, hand_in, post_to, waiting

REASON = {"reason": "均衡在办件数"}


def do(desk, case, login, work, name, *, key=None, version=None, **given):
    with clock.at(case.moment):
        return cases.desk_act(
            desk,
            actor(desk, login),
            work.id,
            work.version if version is None else version,
            key or case.key(),
            name,
            {**REASON, **given},
        )


def ident(desk, login):
    return str(actor(desk, login).officer_id)


def pair(desk, case):
    chosen = select(Handler.role, Handler.officer_id).where(Handler.case_id == case.case_id)
    return dict(desk.execute(chosen).tuples().all())


@pytest.fixture
def checking(stage, desk):
    case = stage("dust-heap", until="check")
    return case, waiting(desk, case.case_id, "check")


@pytest.fixture
def investigated(stage, desk):
    case = stage("dust-heap", until="investigate")
    return case, waiting(desk, case.case_id, "investigate")


@pytest.mark.parametrize("login", ["hb-head", "hb-deputy", "hb-lead"])
def test_heads_and_the_lead_of_investigators_give_a_free_task_out(checking, desk, login):
    case, work = checking
    key, version = case.key(), work.version
    done = do(desk, case, login, work, "assign", key=key, to=ident(desk, "hb-officer2"))
    assert (work.assignee_id, done.outcome) == (actor(desk, "hb-officer2").officer_id, "work.assign")
    again = do(desk, case, login, work, "assign", key=key, version=version, to=ident(desk, "hb-officer2"))
    assert again == done
    with pytest.raises(Conflict):
        do(desk, case, login, work, "assign", version=version, to=ident(desk, "hb-officer3"))
    hand_in(case, "check", "hb-officer2", second=actor(desk, "hb-officer1").officer_id)


def test_what_is_assigned_is_given_to_another_or_back_to_the_pool(checking, desk):
    case, work = checking
    acts.claim(desk, actor(desk, "hb-officer1"), work.id, case.key())
    do(desk, case, "hb-head", work, "assign", to=ident(desk, "hb-officer3"))
    with pytest.raises(Conflict):
        hand_in(case, "check", "hb-officer1")
    do(desk, case, "hb-head", work, "assign", to="pool")
    assert (work.assignee_id, work.status) == (None, WorkStatus.OPEN)
    with pytest.raises(Invalid):
        do(desk, case, "hb-head", work, "assign", to="pool")


def test_nobody_else_gives_out_and_the_lead_gives_out_no_other_tasks(stage, desk, checking):
    case, work = checking
    for login in ("hb-officer1", "hb-officer2"):
        with pytest.raises(Forbidden):
            do(desk, case, login, work, "assign", to=ident(desk, "hb-officer3"))
    for login in ("szhb-head", "hb-finance"):
        with pytest.raises(NotFound):
            do(desk, case, login, work, "assign", to=ident(desk, "hb-officer3"))
    other = stage("stone-mill", until="legal_review")
    review = waiting(desk, other.case_id, "legal_review")
    with pytest.raises(Forbidden):
        do(desk, other, "hb-lead", review, "assign", to=ident(desk, "hb-legal"))


def test_a_head_gives_nothing_to_whom_the_law_or_the_certificate_keeps_out(stage, desk, checking):
    case, work = checking
    for login in ("hb-new", "hb-lapsed", "hb-finance", "szhb-officer1"):
        with pytest.raises(Invalid):
            do(desk, case, "hb-head", work, "assign", to=ident(desk, login))
    other = stage("stone-mill", until="legal_review")
    review = waiting(desk, other.case_id, "legal_review")
    post_to(desk, "hb-officer1", "legal_review")
    desk.add(
        Certificate(
            officer_id=int(ident(desk, "hb-officer1")),
            kind="legal",
            number="演示法-9",
            valid_from="2020-01-01",
        )
    )
    desk.flush()
    with pytest.raises(Invalid) as caught:
        do(desk, other, "hb-head", review, "assign", to=ident(desk, "hb-officer1"))
    assert "参加过本案" in caught.value.errors["to"][0]
    assert review.assignee_id is None


def test_what_waits_for_confirmation_is_not_given_out(checking, desk):
    case, _ = checking
    hand_in(case, "check", "hb-officer1")
    work = waiting(desk, case.case_id, "check")
    with pytest.raises(Refused) as caught:
        do(desk, case, "hb-head", work, "assign", to=ident(desk, "hb-officer3"))
    assert "先退回修改" in caught.value.message


def test_other_handlers_take_the_case_over_with_its_task(investigated, desk):
    case, work = investigated
    one, two, three = (int(ident(desk, f"hb-officer{n}")) for n in (1, 2, 3))
    assert work.assignee_id == one
    key, version = case.key(), work.version
    done = do(desk, case, "hb-head", work, "handler", key=key, lead=str(three), second="")
    assert pair(desk, case) == {"lead": three, "second": two}
    assert work.assignee_id == three
    assert (
        do(desk, case, "hb-head", work, "handler", key=key, version=version, lead=str(three), second="")
        == done
    )
    hand_in(case, "investigate", "hb-officer3")
    confirm(case, "investigate", "hb-officer2")


def test_a_second_officer_is_replaced_although_the_confirmation_waits(investigated, desk):
    case, _ = investigated
    hand_in(case, "investigate", "hb-officer1")
    work = waiting(desk, case.case_id, "investigate")
    do(desk, case, "hb-head", work, "handler", lead="", second=ident(desk, "hb-officer3"))
    work = waiting(desk, case.case_id, "investigate")
    assert (work.status, work.cosigner_id) == (WorkStatus.OPEN, None)
    assert work.pending
    hand_in(case, "investigate", "hb-officer1")
    confirm(case, "investigate", "hb-officer3")


@pytest.mark.parametrize(
    ("lead", "second", "field"),
    [("", "", "lead"), ("hb-officer2", "", "second"), ("hb-lapsed", "", "lead"), ("", "hb-officer1", "second"),
     ("", "hb-finance", "second")],
)  # fmt: skip
def test_handlers_are_two_certified_officers_of_the_position(investigated, desk, lead, second, field):
    case, work = investigated
    before = pair(desk, case)
    with pytest.raises(Invalid) as caught:
        do(
            desk,
            case,
            "hb-head",
            work,
            "handler",
            lead=ident(desk, lead) if lead else "",
            second=ident(desk, second) if second else "",
        )
    assert field in caught.value.errors
    assert pair(desk, case) == before


def test_who_stays_a_handler_must_still_be_able_to(investigated, desk):
    case, work = investigated
    two = int(ident(desk, "hb-officer2"))
    for posting in desk.scalars(select(Posting).where(Posting.officer_id == two)):
        posting.valid_to = case.moment.date().replace(year=2021)
    desk.flush()
    with pytest.raises(Invalid) as caught:
        do(desk, case, "hb-head", work, "handler", lead=ident(desk, "hb-officer3"), second="")
    assert "另选一名" in caught.value.errors["second"][0]


def test_only_heads_replace_handlers(investigated, desk):
    case, work = investigated
    for login in ("hb-officer1", "hb-lead"):
        with pytest.raises(Forbidden):
            do(desk, case, login, work, "handler", lead=ident(desk, "hb-officer3"), second="")
    with pytest.raises(NotFound):
        do(desk, case, "szhb-head", work, "handler", lead=ident(desk, "hb-officer3"), second="")


def test_from_the_case_s_page_to_the_assignment_over_http(town):
    case_id = town.open("dust-heap", "check")
    work_id, version = town.work(case_id, "check")
    head, lead, clerk = (town.caller(login) for login in ("hb-head", "hb-lead", "hb-officer1"))
    for who in (head, lead):
        assert f"/work/{work_id}/acts/assign" in who.get(f"/cases/{case_id}").get_data(as_text=True)
        page = who.get(f"/work/{work_id}/acts/assign").get_data(as_text=True)
        assert "返回案件" in page
        assert f'href="/work/{work_id}"' not in page
        assert who.get(f"/work/{work_id}").status_code == 404
    assert f"/work/{work_id}/acts/assign" not in clerk.get(f"/cases/{case_id}").get_data(as_text=True)
    with town.read() as session:
        to = actor(session, "hb-officer2").officer_id
    path = f"/work/{work_id}/acts/assign"
    assert "在办" in head.get(path).get_data(as_text=True)
    assert clerk.get(path).status_code == 403
    post = {
        "_csrf": head.token("/account"),
        "_key": "a" * 32,
        "_version": str(version),
        "to": str(to),
        **REASON,
    }
    assert [head.bare_post(path, post).status_code for _ in range(2)] == [303, 303]
    assert (
        clerk.bare_post(path, {**post, "_csrf": clerk.token("/account"), "_key": "b" * 32}).status_code == 403
    )
    with town.read() as session:
        work = session.get(WorkItem, work_id)
        assert (work.assignee_id, work.version) == (to, version + 1)
    with town.read() as session:
        assert session.scalars(select(Account.login).where(Account.officer_id == to)).one() == "hb-officer2"
