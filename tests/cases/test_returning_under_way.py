"""退回 and 撤回 while others are under way: delegates prepare, signers are asked, a meeting is called, a task waits for
signatures. Nothing of it stays in anybody's inbox, and what goes on elsewhere goes on."""

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.cases import acts, locking, replay
from app.cases import service as cases
from app.cases.models import Case, Involvement, Part, SignRound, WorkItem, WorkStatus
from app.inbox import boxes, queries
from app.kernel import clock
from app.review import meetings
from app.review.meeting_models import Meeting, MeetingState

from .signing_table import Table
from .test_returning import give_back, live, sound
from .town import actor, post_to, waiting

ROUNDS = [
    ("before", "all"),
    ("parallel", "all"),
    ("after", "all"),
    ("parallel", "sequence"),
    ("after", "sequence"),
]


def asked(session, login: str) -> set[int]:
    """The tasks in which something is awaited of a person, as the inbox lists them."""
    person = actor(session, login)
    return {row.id for row in queries.page(session, person, boxes.Box.OPINIONS).rows}


def entry(case, kind: str):
    """The newest entry of a kind in the record."""
    return audit.of_kinds(case.session, [case.case_id], [kind])[case.case_id][-1]


def works(case, node: str) -> list[WorkItem]:
    chosen = select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.node == node)
    found = chosen.order_by(WorkItem.id).execution_options(populate_existing=True)
    return list(case.session.scalars(found))


def open_parts(case) -> list[Involvement]:
    chosen = select(Involvement).where(
        Involvement.case_id == case.case_id,
        Involvement.state == "open",
        Involvement.part.in_((Part.DELEGATE, Part.SIGNER)),
    )
    return list(case.session.scalars(chosen))


def open_rounds(case) -> list[SignRound]:
    chosen = select(SignRound).where(SignRound.case_id == case.case_id, SignRound.state == "open")
    return list(case.session.scalars(chosen.execution_options(populate_existing=True)))


def delegate(table: Table, login: str) -> None:
    table.act("delegate", to=str(table.officer(login)), note="请填写")


def both_branches(drive, login: str = "hb-officer1") -> tuple:
    """The investigation in one branch, the approval of the preservation in the other."""
    case = drive("stone-mill", until="preserve_approve")
    return case, Table(case, case.session, "investigate", login)


def test_the_delegate_of_the_other_branch_is_asked_no_longer(drive):
    case, table = both_branches(drive)
    delegate(table, "hb-officer3")
    assert asked(case.session, "hb-officer3") == {table.work.id}
    give_back(case, "preserve_approve", "hb-deputy", "invest_plan")
    assert asked(case.session, "hb-officer3") == set()
    assert (live(case), open_parts(case)) == (["invest_plan"], [])
    told = entry(case, "work.return").content
    assert told["unasked"] == [table.officer("hb-officer3")]
    sound(case)
    for node in ("invest_plan", "preserve_approve"):
        case.do(node)
    assert [w.status for w in works(case, "investigate")] == [WorkStatus.CANCELLED, WorkStatus.OPEN]
    assert open_parts(case) == []


@pytest.mark.parametrize(("kind", "rule"), ROUNDS)
def test_a_round_of_the_other_branch_ends(drive, kind, rule):
    case, table = both_branches(drive)
    table.ask("hb-lead", "hb-legal", kind=kind, rule=rule)
    if kind != "after":
        table.answer("hb-lead")
    give_back(case, "preserve_approve", "hb-deputy", "invest_plan")
    locking.release(case.session)
    assert (live(case), open_rounds(case), open_parts(case)) == (["invest_plan"], [], [])
    for login in ("hb-lead", "hb-legal"):
        assert asked(case.session, login) == set()
    told = entry(case, "work.return").content
    left = (
        [table.officer("hb-legal")]
        if kind != "after"
        else sorted(map(table.officer, ("hb-lead", "hb-legal")))
    )
    assert (len(told["rounds"]), told["unasked"]) == (1, left)
    row = case.session.get(Case, case.case_id, populate_existing=True)
    frame = replay.replay(case.session, row).frames[-1]
    assert any("不再办理" in line for line in frame.told)
    sound(case)
    took_part = cases.lock(case.session, case.case_id).took_part.get("invest", set())
    assert table.officer("hb-legal") not in took_part
    assert (table.officer("hb-lead") in took_part) == (kind != "after")


@pytest.mark.parametrize("rule", ["all", "sequence"])
def test_what_waits_for_signers_in_the_other_branch_falls_with_it(drive, rule):
    case, table = both_branches(drive)
    table.ask("hb-lead", "hb-legal", kind="after", rule=rule)
    table.hand_in()
    table.confirm("hb-officer2")
    assert table.work.status == WorkStatus.SIGNING
    table.answer("hb-lead")
    assert asked(case.session, "hb-legal") == {table.work.id}
    give_back(case, "preserve_approve", "hb-deputy", "invest_plan")
    old = table.work
    assert (old.status, live(case), open_rounds(case), open_parts(case)) == (
        "cancelled",
        ["invest_plan"],
        [],
        [],
    )
    assert asked(case.session, "hb-legal") == set()
    sound(case)
    case.do("invest_plan")
    again = waiting(case.session, case.case_id, "investigate")
    assert (again.pending, again.status, bool(old.pending)) == (None, WorkStatus.OPEN, True)


def test_what_waits_in_a_branch_that_stays_takes_effect_with_the_last_signature(drive):
    """The preservation goes back to its own branch's step; the investigation waits for its signers as before."""
    case = drive("stone-mill", until="preserve_do")
    table = Table(case, case.session, "investigate", "hb-officer1")
    table.ask("hb-lead", "hb-legal", kind="parallel")
    table.hand_in()
    table.confirm("hb-officer2")
    give_back(case, "preserve_do", "hb-officer1", "preserve_approve")
    assert live(case) == ["investigate", "preserve_approve"]
    assert (table.work.status, len(open_parts(case))) == (WorkStatus.SIGNING, 2)
    assert "unasked" not in entry(case, "work.return").content
    sound(case)
    table.answer("hb-lead")
    table.answer("hb-legal")
    assert (table.work.status, live(case)) == (WorkStatus.DONE, ["preserve_approve"])
    sound(case)


def test_one_is_taken_back_while_the_other_branch_waits_for_signers(drive):
    case = drive("stone-mill", until="preserve_approve")
    table = Table(case, case.session, "investigate", "hb-officer1")
    table.ask("hb-lead", kind="after")
    table.hand_in()
    table.confirm("hb-officer2")
    work = waiting(case.session, case.case_id, "preserve_approve")
    case.do("preserve_approve")
    with clock.at(case.moment):
        done = case.session.get_one(WorkItem, work.id, populate_existing=True)
        cases.desk_act(
            case.session, actor(case.session, "hb-deputy"), work.id, done.version, case.key(), "withdraw",
            {"reason": "看漏一项"},
        )  # fmt: skip
    assert live(case) == ["investigate", "preserve_approve"]
    assert (table.work.status, table.round.state) == (WorkStatus.SIGNING, "open")
    sound(case)
    table.answer("hb-lead")
    assert live(case) == ["preserve_approve"]
    sound(case)


@pytest.mark.parametrize("kind", ["parallel", "after"])
def test_the_waiting_task_itself_is_taken_back_and_its_signers_are_asked_again(drive, kind):
    case, table = both_branches(drive)
    table.ask("hb-lead", "hb-legal", kind=kind)
    table.hand_in()
    table.confirm("hb-officer2")
    table.answer("hb-lead")
    with clock.at(case.moment):
        _, _, offer = cases.desk_offer(
            case.session, actor(case.session, "hb-officer1"), table.work.id, "withdraw"
        )
    assert any(("再次签署" in line) == (kind == "after") for line in offer.consequences[1:])
    table.act("withdraw", reason="补一张照片")
    assert (table.work.status, live(case)) == (WorkStatus.OPEN, ["investigate", "preserve_approve"])
    assert asked(case.session, "hb-legal") == (set() if kind == "after" else {table.work.id})
    table.hand_in()
    table.confirm("hb-officer2")
    if kind == "after":
        table.answer("hb-lead")
    table.answer("hb-legal")
    assert (table.work.status, live(case)) == (WorkStatus.DONE, ["preserve_approve"])
    sound(case)


def test_who_gives_a_task_back_ends_what_was_asked_at_it(drive):
    """The reviewer asked two to sign first, one of whom has, and gives the case back."""
    case = drive("dust-heap", until="pre_review")
    table = Table(case, case.session, "pre_review", "hb-review")
    table.ask("hb-lead", "hb-deputy", rule="sequence")
    table.answer("hb-lead", "disagree", "事实不清。")
    assert (table.round.state, len(open_parts(case))) == ("failed", 1)
    give_back(case, "pre_review", "hb-review", "report")
    assert (open_parts(case), asked(case.session, "hb-deputy")) == ([], set())
    assert entry(case, "work.return").content["unasked"] == [table.officer("hb-deputy")]
    took_part = cases.lock(case.session, case.case_id).took_part.get("case.review", set())
    assert table.officer("hb-deputy") not in took_part
    sound(case)


def test_the_delegate_of_a_task_that_is_given_back_is_asked_no_longer(drive):
    case = drive("dust-heap", until="pre_review")
    post_to(case.session, "hb-officer3", waiting(case.session, case.case_id, "pre_review").position_key)
    table = Table(case, case.session, "pre_review", "hb-review")
    delegate(table, "hb-officer3")
    give_back(case, "pre_review", "hb-review", "report")
    assert (open_parts(case), asked(case.session, "hb-officer3")) == ([], set())
    sound(case)


def test_who_reads_a_copy_or_watches_goes_on_doing_so(drive):
    case, table = both_branches(drive)
    table.act("copy", to=[str(table.officer("hb-finance"))], note="")
    table.act("watch", "hb-lead")
    give_back(case, "preserve_approve", "hb-deputy", "invest_plan")
    chosen = select(Involvement.part, Involvement.state).where(Involvement.case_id == case.case_id)
    assert sorted(case.session.execute(chosen).tuples()) == [("copy", "open"), ("watch", "open")]
    assert cases.case(case.session, actor(case.session, "hb-finance"), case.case_id)


def test_a_meeting_called_for_a_task_that_is_given_back_is_called_off(drive):
    case = drive("stone-mill", until="collective")
    post_to(case.session, "hb-lead", "deputy")
    head = actor(case.session, "hb-head")
    work = waiting(case.session, case.case_id, "collective")
    acts.claim(case.session, head, work.id, case.key())
    members = [str(actor(case.session, login).officer_id) for login in ("hb-head", "hb-deputy", "hb-lead")]
    given = {
        "planned_at": f"{case.moment:%Y-%m-%dT%H:%M}", "place": "三楼会议室", "chair": members[0],
        "recorder": str(actor(case.session, "hb-archive").officer_id), "members": members,
        "agenda": "审议拟处理意见", "observers": "", "report": "承办人汇报案情。",
    }  # fmt: skip
    with clock.at(case.moment):
        meetings.plan(case.session, head, work.id, case.key(), given)
    assert len(meetings.waiting(case.session, actor(case.session, "hb-lead"))) == 1
    give_back(case, "collective", "hb-head", "legal_review", "补充类案")
    meeting = case.session.scalars(select(Meeting).where(Meeting.case_id == case.case_id)).one()
    assert meeting.state == MeetingState.CANCELLED
    assert "补充类案" in meeting.minutes["reason"]
    assert meetings.waiting(case.session, actor(case.session, "hb-lead")) == []
    assert entry(case, "work.return").content["sittings"] == 1
    sound(case)
