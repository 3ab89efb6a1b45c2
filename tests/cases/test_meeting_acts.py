"""Collective deliberation on the platform: who sits, who votes, what carries, and what the task may then say."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.audit.models import RecordEntry
from app.cases import acts
from app.cases import service as cases
from app.cases.models import Done, WorkItem, WorkStatus
from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.review import meeting_acts, meetings, rules
from app.review.meeting_models import Meeting

from .town import actor, answers, post_to, waiting

HEADS = ("hb-head", "hb-deputy", "hb-lead", "hb-review")


class Table:
    """The meeting of a case, each act done under a key of its own."""

    def __init__(self, case, session):
        self.case, self.session = case, session
        for login in HEADS[2:]:
            post_to(session, login, "deputy")  # the demonstration's bureau has two heads only
        work = waiting(session, case.case_id, "collective")
        acts.claim(session, actor(session, "hb-head"), work.id, case.key())
        self.work_id = work.id

    def officer(self, login: str) -> str:
        return str(actor(self.session, login).officer_id)

    @property
    def work(self) -> WorkItem:
        return self.session.get_one(WorkItem, self.work_id, populate_existing=True)

    @property
    def meeting(self) -> Meeting | None:
        return meetings.of_work(self.session, self.work_id)

    def plan(self, *logins: str, by: str = "hb-head", key: str = "", **changes: Any):
        given = {
            "planned_at": f"{self.case.moment:%Y-%m-%dT%H:%M}", "place": "三楼会议室", "chair": self.officer("hb-head"),
            "recorder": self.officer("hb-archive"), "members": [self.officer(login) for login in logins or HEADS],
            "agenda": "审议拟处理意见", "observers": "演示·甲 政策法规科", "report": "承办人汇报案情。", **changes,
        }  # fmt: skip
        with clock.at(self.case.moment):
            return meetings.plan(
                self.session, actor(self.session, by), self.work_id, key or self.case.key(), given
            )

    def act(self, act: str, login: str, /, key: str = "", later: int = 0, **given: Any):
        with clock.at(self.case.moment + timedelta(minutes=later)):
            return meeting_acts.carry_out(
                self.session, actor(self.session, login), self.meeting.id, act, key or self.case.key(), given
            )

    def begin(self, *logins: str):
        return self.act("begin", "hb-head", present=[self.officer(login) for login in logins or HEADS])

    def vote(self, login: str, stance: str = "agree", **more: Any):
        return self.act("vote", login, stance=stance, statement="事实清楚，处罚适当。", **more)

    def fixed(self):
        return self.act("present", "hb-head", report="汇报。", discussion="", result="同意处罚。", later=60)

    def sign(self, *logins: str):
        for login in logins:
            self.act("sign", login, name=actor(self.session, login).name, later=70)

    def held(self, **votes: str):
        """A meeting from the first word to the last signature."""
        stances = {login: votes.get(login.removeprefix("hb-"), "agree") for login in HEADS}
        self.plan()
        self.begin()
        for login, stance in stances.items():
            self.vote(login, stance)
        self.fixed()
        self.sign(*HEADS)
        return self.act("close", "hb-head", later=80)

    def hand_in(self, **changes: Any):
        draft = forms.load_draft(
            self.session, actor(self.session, "hb-head").account_id, f"work:{self.work_id}"
        )
        given = {**(draft or answers(self.case, "penalty_collective")), **changes}
        with clock.at(self.case.moment + timedelta(minutes=90)):
            return acts.hand_in(
                self.session, actor(self.session, "hb-head"), self.work_id, self.work.version, self.case.key(),
                lambda *_: given,
            )  # fmt: skip


@pytest.fixture
def table(stage, desk) -> Table:
    return Table(stage("stone-mill", until="collective"), desk)


def test_a_majority_carries_and_fills_the_form(table, desk):
    table.held(review="disagree")
    assert table.meeting.outcome == "agreed"
    told = table.hand_in()
    assert (told.outcome, table.work.status) == ("done", WorkStatus.DONE)
    assert [d["title"] for d in told.documents] == ["行政处罚案件集体讨论记录"]
    case = desk.get_one(cases.Case, table.case.case_id, populate_existing=True)
    assert case.attributes["collective_done"] is True
    handed = cases.steps(desk, case, cases.running_case(desk, case).procedure)[0]
    members = next(a for a in handed.answers if a.key == "members")
    assert sorted(row[2].text for row in members.rows) == ["不同意", "同意", "同意", "同意"]
    assert waiting(desk, case.id, "decide")


def test_a_lost_vote_cannot_be_handed_in_as_carried(table, desk):
    """行政处罚法第五十七条第二款: the finding is the meeting's, not the typist's."""
    table.held(lead="disagree", review="disagree")
    assert table.meeting.outcome == "rejected"  # a tie: the chair's vote is not doubled
    with pytest.raises(Refused) as caught, desk.begin_nested():
        table.hand_in(conclusion="同意拟处理意见")
    assert (caught.value.code, "第五十七条第二款" in caught.value.article) == ("sitting", True)
    assert table.hand_in().outcome == "done"
    case = desk.get_one(cases.Case, table.case.case_id, populate_existing=True)
    assert case.attributes["collective_done"] is False
    assert waiting(desk, case.id, "report")


def test_the_record_cannot_be_rewritten_while_handing_in(table, desk):
    table.held(review="disagree")
    draft = forms.load_draft(desk, actor(desk, "hb-head").account_id, f"work:{table.work_id}")
    for changes in (
        {"result": "另行处理。"},
        {"members": [{**m, "stance": "同意"} for m in draft["members"]]},
    ):
        with pytest.raises(Refused) as caught, desk.begin_nested():
            table.hand_in(**changes)
        assert caught.value.code == "sitting"


def test_a_meeting_that_sits_holds_the_task_back(table, desk):
    table.plan()
    with pytest.raises(Refused) as caught, desk.begin_nested():
        table.hand_in()
    assert "还没有结束" in caught.value.message
    table.act("cancel", "hb-head", reason="改期")
    assert table.hand_in().outcome == "done"  # on paper


def test_a_vote_that_was_cast_cannot_be_called_off(table):
    table.plan()
    table.begin()
    table.vote("hb-deputy", "disagree")
    with pytest.raises(Refused) as caught:
        table.act("cancel", "hb-head", reason="不合适")
    assert caught.value.code == "voted"


def test_too_few_cannot_meet(table):
    table.plan()
    with pytest.raises(Refused) as caught:
        table.begin("hb-head", "hb-deputy")
    assert caught.value.code == "quorum"
    with pytest.raises(Invalid):
        table.begin("hb-deputy", "hb-lead", "hb-review")
    table.begin("hb-head", "hb-deputy", "hb-lead")


def test_a_recusal_takes_a_member_out_of_everything(table):
    table.plan()
    with pytest.raises(Invalid):
        table.act("recuse", "hb-lead", ground="")
    table.act("recuse", "hb-lead", ground="与当事人是近亲属")
    table.begin("hb-head", "hb-deputy")
    with pytest.raises(Forbidden):
        table.vote("hb-lead")
    with pytest.raises(Refused):
        table.act("recuse", "hb-head", member=table.officer("hb-head"), ground="应当回避")


def test_everybody_votes_for_themselves_and_once(table, desk):
    table.plan()
    with pytest.raises(Conflict):
        table.vote("hb-deputy")
    table.begin("hb-head", "hb-deputy", "hb-lead")
    key = table.case.key()
    first = table.vote("hb-deputy", key=key)
    assert table.vote("hb-deputy", key=key) == first
    with pytest.raises(Conflict):
        table.vote("hb-deputy", "disagree")
    with pytest.raises(Forbidden):
        table.vote("hb-review")  # absent
    with pytest.raises(Forbidden):
        table.vote("hb-archive")  # the recorder
    with pytest.raises(NotFound):
        table.vote("hb-finance")
    with pytest.raises(NotFound):
        table.vote("szhb-head")
    with pytest.raises(Invalid) as caught:
        table.act("vote", "hb-lead", stance="maybe", statement="")
    assert set(caught.value.errors) == {"stance", "statement"}
    with pytest.raises(Refused) as refused:
        table.fixed()
    assert "还没有表决" in refused.value.message


def test_the_minutes_are_signed_by_those_who_were_there(table):
    table.plan()
    table.begin("hb-head", "hb-deputy", "hb-lead")
    for login in ("hb-head", "hb-deputy", "hb-lead"):
        table.vote(login)
    table.fixed()
    with pytest.raises(Invalid):
        table.act("sign", "hb-deputy", name="别人")
    table.sign("hb-head", "hb-deputy")
    with pytest.raises(Refused):
        table.act("close", "hb-head")
    with pytest.raises(Forbidden):
        table.act("close", "hb-deputy")
    table.act("unsigned", "hb-head", member=table.officer("hb-lead"), refusal="出差，电话核对无误。")
    table.act("close", "hb-head")
    assert table.meeting.state == "closed"


def test_minutes_of_two_writers_do_not_overwrite_one_another(table, desk):
    table.plan()
    recorder, chair = actor(desk, "hb-archive"), actor(desk, "hb-head")
    kept = meetings.keep_minutes(
        desk, recorder, table.meeting.id, 1, {"report": "甲", "discussion": "", "result": ""}
    )
    assert kept.version == 2
    with pytest.raises(Conflict):
        meetings.keep_minutes(
            desk, chair, table.meeting.id, 1, {"report": "乙", "discussion": "", "result": ""}
        )
    with pytest.raises(Forbidden):
        meetings.keep_minutes(desk, actor(desk, "hb-lead"), table.meeting.id, 2, {"report": "丙"})
    assert table.meeting.minutes["report"] == "甲"


def test_who_took_part_in_the_investigation_cannot_sit(table, desk):
    post_to(desk, "hb-officer1", "deputy")
    found = {c.name: c for c in meetings.candidates(desk, table.work)}
    barred = found[actor(desk, "hb-officer1").name]
    assert barred.head
    assert "第五十七条" in barred.why_not
    with pytest.raises(Invalid) as caught:
        table.plan("hb-head", "hb-deputy", "hb-officer1")
    assert "不能选择" in str(caught.value.errors)


def test_who_has_voted_has_taken_part_in_the_decision(table, desk):
    table.plan()
    table.begin("hb-head", "hb-deputy", "hb-lead")
    table.vote("hb-deputy", "disagree")
    running = cases.running_case(desk, desk.get_one(cases.Case, table.case.case_id))
    assert int(table.officer("hb-deputy")) in running.took_part["collective"]
    assert int(table.officer("hb-lead")) not in running.took_part["collective"]
    assert cases.work_item(desk, actor(desk, "hb-deputy"), table.work_id)


def test_a_meeting_is_called_by_who_holds_the_task_and_once(table):
    with pytest.raises((Forbidden, NotFound)):
        table.plan(by="hb-deputy")
    with pytest.raises(Invalid) as caught:
        table.plan("hb-head", place="", chair=table.officer("hb-deputy"))
    assert set(caught.value.errors) == {"members", "chair", "place"}
    key = table.case.key()
    first = table.plan(key=key)
    assert table.plan(key=key) == first
    with pytest.raises(Conflict):
        table.plan()


def test_every_act_has_one_entry_in_the_record(table, desk):
    table.held()
    done = select(func.count()).select_from(Done)
    entries = select(func.count()).select_from(RecordEntry).where(RecordEntry.kind.like("work.meeting%"))
    kept = desk.scalar(done.where(Done.result["outcome"].astext.like("work.meeting%")))
    assert kept == desk.scalar(entries) == 12


@pytest.mark.parametrize(
    ("stances", "outcome"),
    [
        (["agree", "agree", "disagree"], "agreed"),
        (["agree", "disagree"], "rejected"),
        (["amend", "amend", "agree"], "amended"),
        (["agree", "amend"], "rejected"),
        (["agree", "agree", "amend", "disagree"], "rejected"),
        (["agree"], "agreed"),
    ],
)
def test_one_position_must_have_the_majority(stances, outcome):
    assert rules.outcome(stances, rules.order()) == outcome
