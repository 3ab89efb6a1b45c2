"""A hearing on the platform: told in time, held phase by phase, given up by who stays away, signed and reported."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.cases import acts
from app.cases import service as cases
from app.cases.models import WorkItem, WorkStatus
from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.review import hearing_acts, hearings
from app.review.hearing_models import Hearing

from .town import actor, waiting

HOST, RECORDER = "cg-hearing", "cg-archive"
RECORD = {
    "check": "到场人员身份均已核对。",
    "discipline": "已宣布纪律，告知权利和义务。",
    "investigator_statement": "当事人擅自挖掘道路，事实清楚。",
    "party_defence": "家中排水不通，请求减轻处罚。",
    "examination": "现场照片 | 调查人员 | 没有异议\n家中积水照片｜当事人｜真实性认可",
    "last_statement": "双方坚持各自的意见。",
    "debate": "",
    "avoid_result": "",
    "recording": "",
}

SAID = ("investigator_statement", "party_defence", "last_statement")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)


class Room:
    """The hearing of a case, each act done under a key of its own at a moment of its own."""

    def __init__(self, case, session):
        self.case, self.session = case, session
        self.now = at("2025-07-28T10:00")
        work = waiting(session, case.case_id, "hearing_notice")
        if work.assignee_id is None:
            acts.claim(session, actor(session, HOST), work.id, case.key())
        self.work_id = work.id

    def officer(self, login: str) -> str:
        return str(actor(self.session, login).officer_id)

    @property
    def hearing(self) -> Hearing | None:
        return hearings.of_case(self.session, self.case.case_id)

    def person(self, role: str = "当事人") -> str:
        return str(next(p for p in hearings.persons_of(self.session, self.hearing.id) if p.role == role).id)

    def plan(self, by: str = HOST, key: str = "", **changes: Any):
        given = {
            "planned_at": "2025-08-08T09:00", "place": "二楼听证室", "openness": "公开", "closed_reason": "",
            "host": self.officer(HOST), "member": "", "recorder": self.officer(RECORDER),
            "persons": "当事人 李某\n案件调查人员 演示·戊 执法队", "bring": "身份证件", "contact_phone": "0632-0000003",
            **changes,
        }  # fmt: skip
        with clock.at(self.now):
            return hearings.plan(
                self.session, actor(self.session, by), self.work_id, key or self.case.key(), given
            )

    def act(self, act: str, login: str = HOST, /, key: str = "", **given: Any):
        with clock.at(self.now):
            return hearing_acts.carry_out(
                self.session, actor(self.session, login), self.hearing.id, act, key or self.case.key(), given
            )

    def hand_in(self, node: str, **changes: Any):
        work = waiting(self.session, self.case.case_id, node)
        if work.assignee_id is None:
            acts.claim(self.session, actor(self.session, HOST), work.id, self.case.key())
        account = actor(self.session, HOST).account_id
        given = {**(forms.load_draft(self.session, account, f"work:{work.id}") or {}), **changes}
        with clock.at(self.now):
            return acts.hand_in(
                self.session,
                actor(self.session, HOST),
                work.id,
                work.version,
                self.case.key(),
                lambda *_: given,
            )

    def called(self, told: str = "2025-07-29T10:00") -> None:
        """Arranged, the notice handed in, both persons told."""
        self.plan()
        assert self.hand_in("hearing_notice").outcome == "done"
        self.now = at("2025-07-30T10:00")
        for role in ("当事人", "案件调查人员"):
            self.act("notify", person=self.person(role), notified_at=told, method="直接送达")
        work = waiting(self.session, self.case.case_id, "hearing_hold")
        if work.assignee_id is None:
            acts.claim(self.session, actor(self.session, HOST), work.id, self.case.key())

    def begun(self, *roles: str) -> None:
        """The hearing sits with these persons."""
        self.called()
        self.now = at("2025-08-08T09:00")
        there = [self.person(role) for role in roles]
        self.act("begin", present=there, checked=there)

    def signed(self) -> None:
        self.now += timedelta(hours=2)
        for person in hearings.persons_of(self.session, self.hearing.id):
            if person.attendance == "present":
                self.act("sign", RECORDER, person=str(person.id), name=person.who["name"])


@pytest.fixture
def room(stage, desk) -> Room:
    return Room(stage("road-digger", until="hearing_notice"), desk)


def test_a_hearing_from_the_notice_to_the_report(room, desk):
    room.begun("当事人", "案件调查人员")
    room.act("end", **RECORD)
    room.signed()
    told = room.act("close")
    assert "填入" in told.message
    done = room.hand_in("hearing_hold")
    assert (done.outcome, [d["title"] for d in done.documents]) == ("done", ["听证笔录"])
    case = desk.get_one(cases.Case, room.case.case_id, populate_existing=True)
    assert case.attributes["hearing_held"] is True
    step = cases.steps(desk, case, cases.running_case(desk, case).procedure)[0]
    shown = {a.key: a for a in step.answers}
    assert [row[0].text for row in shown["examination"].rows] == ["现场照片", "家中积水照片"]
    assert shown["signed"].text == "核对无误并签名"

    report = waiting(desk, case.id, "hearing_report")
    if report.assignee_id is None:
        acts.claim(desk, actor(desk, HOST), report.id, room.case.key())
    room.act("report")
    draft = forms.load_draft(desk, actor(desk, HOST).account_id, f"work:{report.id}")
    assert draft["party_view"] == RECORD["party_defence"]
    assert "二楼听证室" in draft["summary"]
    findings = {"findings": "照片属实。", "suggestion": "维持拟处罚意见", "reason": "处罚适当。"}
    assert room.hand_in("hearing_report", **findings).outcome == "done"


def test_seven_working_days_lie_between_notice_and_hearing(room, desk):
    """行政处罚法第六十四条第二项; 2025-07-28 is a Monday."""
    with pytest.raises(Refused) as caught:
        room.plan(planned_at="2025-08-06T09:00")
    assert (caught.value.code, "第六十四条第二项" in caught.value.article) == ("hearing_notice", True)
    assert "2025年8月7日" in caught.value.message
    room.plan(planned_at="2025-08-07T09:00")
    room.hand_in("hearing_notice")
    room.now = at("2025-07-31T10:00")
    with pytest.raises(Refused):  # served later than planned: it must be put off
        room.act("notify", person=room.person(), notified_at="2025-07-30T10:00", method="邮寄送达")
    room.act("adjourn", planned_at="2025-08-12T09:00", reason="送达延误")
    room.act("notify", person=room.person(), notified_at="2025-07-31T09:00", method="直接送达")
    room.now = at("2025-08-11T09:00")
    with pytest.raises(Refused):  # not before the hour the party was told
        room.act("begin", present=[room.person()], checked=[room.person()])
    room.now = at("2025-08-12T09:00")
    work = waiting(desk, room.case.case_id, "hearing_hold")
    if work.assignee_id is None:
        acts.claim(desk, actor(desk, HOST), work.id, room.case.key())
    room.act("begin", present=[room.person()], checked=[room.person()])
    assert room.hearing.state == "session"


def test_nobody_is_heard_who_was_not_told(room):
    room.plan()
    with pytest.raises(Refused) as caught:
        room.act("notify", person=room.person(), notified_at="2025-07-28T10:00", method="直接送达")
    assert caught.value.code == "notice"
    room.hand_in("hearing_notice")
    room.now = at("2025-08-08T09:00")
    with pytest.raises(Refused) as caught:
        room.act("begin", present=[room.person()], checked=[room.person()])
    assert "还没有登记" in caught.value.message


def test_an_investigator_does_not_preside_or_record(room, desk):
    for name, login in (("host", "cg-officer1"), ("recorder", "cg-officer1"), ("host", "cg-legal")):
        with pytest.raises(Invalid) as caught:
            room.plan(**{name: room.officer(login)})
        assert name in caught.value.errors
    found = {c.id: c for c in hearings.candidates(desk, desk.get_one(WorkItem, room.work_id))}
    assert "第六十四条第四项" in found[int(room.officer("cg-officer1"))].why_not


def test_the_form_says_what_was_arranged(room, desk):
    room.plan()
    with pytest.raises(Refused) as caught, desk.begin_nested():
        room.hand_in("hearing_notice", hearing_at="2025-08-20T09:00")
    assert caught.value.code == "sitting"


def test_identity_is_checked_of_everybody_who_is_there(room):
    room.called()
    room.now = at("2025-08-08T09:00")
    with pytest.raises(Invalid) as caught:
        room.act("begin", present=[room.person()], checked=[])
    assert "李某" in str(caught.value.errors)


def test_a_party_that_stays_away_gives_the_hearing_up(room, desk):
    """行政处罚法第六十四条第六项."""
    room.begun("案件调查人员")
    with pytest.raises(Refused) as caught:
        room.act("end", **RECORD)
    assert (caught.value.code, "第六项" in caught.value.article) == ("absent", True)
    with pytest.raises(Invalid):
        room.act("terminate", ended_reason="")
    room.act("terminate", ended_reason="经两次通知，当事人无正当理由未到场。")
    room.signed()
    room.act("close")
    with pytest.raises(Refused) as caught, desk.begin_nested():
        room.hand_in("hearing_hold", **{k: RECORD[k] for k in SAID}, held="yes")
    assert room.hand_in("hearing_hold").outcome == "done"
    case = desk.get_one(cases.Case, room.case.case_id, populate_existing=True)
    assert case.attributes["hearing_held"] is False


def test_a_party_that_is_there_has_not_given_up(room):
    room.begun("当事人")
    with pytest.raises(Refused) as caught:
        room.act("terminate", ended_reason="主持人另有安排。")
    assert caught.value.code == "present"
    room.act("leave", RECORDER, person=room.person(), note="未经许可中途退场。")
    room.act("terminate", ended_reason="当事人未经许可中途退场。")
    assert (room.hearing.held, room.hearing.state) == (False, "record")


def test_the_record_must_be_whole_and_signed(room):
    room.begun("当事人", "案件调查人员")
    with pytest.raises(Invalid) as caught:
        room.act("end", **{**RECORD, "last_statement": "", "examination": "只有一项"})
    assert set(caught.value.errors) == {"last_statement", "examination"}
    room.act("end", **RECORD)
    with pytest.raises(Invalid):
        room.act("sign", RECORDER, person=room.person(), name="王某")
    room.act("unsigned", person=room.person(), note="认为笔录记载不全，拒绝签名。")
    with pytest.raises(Refused) as caught:
        room.act("close")
    assert re.search("第六十四条第八项", caught.value.article)
    room.act("sign", RECORDER, person=room.person("案件调查人员"), name="演示·戊")
    room.act("close")
    assert room.hearing.state == "closed"
    draft = forms.load_draft(
        room.session, actor(room.session, HOST).account_id,
        f"work:{waiting(room.session, room.case.case_id, 'hearing_hold').id}",
    )  # fmt: skip
    assert (draft["signed"], "拒绝签名" in draft["sign_note"]) == ("拒绝签名", True)


def test_only_those_who_conduct_it_see_it_and_each_does_their_part(room, desk):
    room.begun("当事人")
    for login in ("cg-officer1", "cg-head", "hb-hearing"):
        with pytest.raises(NotFound):
            hearings.bench(desk, actor(desk, login), room.hearing.id)
    for act in ("end", "terminate", "adjourn"):
        with pytest.raises(Forbidden):
            room.act(act, RECORDER, **RECORD)
    with pytest.raises(Conflict):
        room.act("sign", person=room.person(), name="李某")
    kept = hearings.keep_record(
        desk, actor(desk, RECORDER), room.hearing.id, 1, {**RECORD, "debate": "双方辩论。"}
    )
    assert kept.version == 2
    with pytest.raises(Conflict):
        hearings.keep_record(desk, actor(desk, HOST), room.hearing.id, 1, RECORD)


def test_a_hearing_on_paper_still_goes_by_the_form_alone(room, desk):
    given = {
        "hearing_at": "2025-08-08T09:00", "place": "二楼听证室", "openness": "公开", "presider": room.officer(HOST),
        "recorder": "演示·庚", "notified": [{"name": "李某", "role": "当事人"}], "bring": "身份证件",
        "contact_phone": "0632-0000003",
    }  # fmt: skip
    assert room.hand_in("hearing_notice", **given).outcome == "done"
    chosen = select(WorkItem.status).where(WorkItem.id == room.work_id)
    assert desk.scalar(chosen) == WorkStatus.DONE
    assert room.hearing is None
