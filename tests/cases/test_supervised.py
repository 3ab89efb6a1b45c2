"""What those who supervise must see by themselves: late entry, late handing over, a step left out, one officer alone."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.cases import acts, routing
from app.cases.gates import StepsBefore
from app.cases.models import WorkItem
from app.cases.rules import ActFacts
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid, Refused
from app.people.models import Posting, RefusedAct

from .doors import forge
from .town import actor, as_post, post_to, waiting
from .untouched import unchanged


def light_of(case, name: str, moment: datetime) -> str:
    """The word of a clock's light, after the worker has looked at that moment."""
    with clock.at(moment):
        while deadlines.turn_lights(case.session, moment, 500):
            pass
        (found,) = [each for each in deadlines.of_case(case.session, case.case_id) if each.name == name]
        return found.light.word


def lights(case, name: str) -> list[str]:
    """The lights of a clock that the record tells of."""
    entries = [e for e in audit.of_case(case.session, case.case_id) if e.kind == "clock.light"]
    return [e.content["light"] for e in entries if e.content["name"] == name]


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=clock.CHINA)


@pytest.mark.requirement("S2-15")
def test_a_penalty_on_the_spot_not_entered_by_the_end_of_the_next_working_day_is_red(stage):
    case = stage("loud-square", until="register")  # delivered on Tuesday, 8 September 2026, in the evening
    name, over = "录入期限", midnight(2026, 9, 10)
    assert light_of(case, name, over - timedelta(minutes=1)) != "超期"
    assert light_of(case, name, over) == "超期"
    assert lights(case, name)[-1] == "overdue"


@pytest.mark.requirement("S2-16")
def test_a_lead_not_handed_over_within_two_working_days_is_red(stage):
    case = stage("stall-lead", until="serve")  # found on Monday, 8 June 2026
    name, over = "移送期限", midnight(2026, 6, 11)
    assert light_of(case, name, over - timedelta(minutes=1)) != "超期"
    assert light_of(case, name, over) == "超期"
    assert lights(case, name)[-1] == "overdue"


@pytest.mark.requirement("S2-18", part="超时亮灯")
def test_a_first_check_that_takes_too_long_lights_up(stage, desk):
    case = stage("dust-heap", until="check")
    due = waiting(desk, case.case_id, "check").due_at
    moments = (case.moment, due - timedelta(days=1), due)
    assert [light_of(case, "线索核查", moment) for moment in moments] == ["正常", "临期", "超期"]


@pytest.mark.requirement("S2-18", part="没有初查结论不能立案")
def test_nothing_is_filed_without_the_conclusion_of_the_first_check(town):
    case_id = town.open("dust-heap", "check")
    work_id, version = town.work(case_id, "check")
    data = town.answers("dust-heap", "penalty_check")
    forged = forge(town, case_id, node="file_review", step="file.review", form="penalty_file_review",
                   position_key="team_lead")  # fmt: skip
    agreed = town.answers("dust-heap", "penalty_file_review")
    with unchanged(town, case_id):
        with pytest.raises(Invalid) as caught:
            town.do(
                acts.hand_in, "hb-officer1", work_id, version, "c" * 20, lambda *_: {**data, "proposal": ""}
            )
        assert "proposal" in caught.value.errors
        with pytest.raises((Conflict, Refused)):
            town.do(acts.hand_in, "hb-lead", forged, 1, "d" * 20, lambda *_: agreed)


STAGES = {
    "立案": ("invest", ["file.approve"]),
    "调查": ("invest.end", ["invest"]),
    "告知": ("decide.penalty", ["notice"]),
    "听证": ("decide", ["hear.hold", "hear.report"]),
    "审核": ("decide", ["legal.review"]),
    "决定": ("decide.penalty", ["decide"]),
    "送达": ("pay.collect", ["serve"]),
    "执行": ("close.propose", ["pay.collect"]),
}
"""By stage: the act after it, and the steps it consists of."""


@pytest.mark.requirement("S2-34")
def test_each_of_the_eight_stages_is_missed_where_it_was_left_out(town):
    with town.read() as session:
        rules = diagrams.current(session, "penalty/ordinary").rules
    steps = {step for need in rules.needs for step in (*need.steps, *need.before) if "*" not in step}
    said = {"outcome": "penalty", "decided_outcome": "penalty", "party_kind": "organisation", "fine": 200000}
    true = {name: True for name, attribute in rules.attributes.items() if attribute.type == "boolean"}
    values = {**rules.initial(), **true, **said, "review_required": True, "collective_required": True,
              "hearing_applicable": True, "major": True}  # fmt: skip

    def missed(act: str, passed: set[str]) -> str | None:
        facts = ActFacts(rules=rules, node="", name=act, step=act, position="head", officers=0, certificate="",
                         signers=(), before=values, after=values, passed=dict.fromkeys(passed, clock.now()),
                         took_part={}, case_open=True)  # fmt: skip
        found = StepsBefore().check(facts, lambda tree, data, params: routing.evaluate(tree, data, params))
        return found.message if found else None

    for stage, (act, left_out) in STAGES.items():
        assert missed(act, steps) is None, stage
        assert missed(act, steps - set(left_out)), stage


@pytest.mark.requirement("S2-32")
def test_a_case_handled_by_one_officer_alone_is_refused_and_reported(town):
    case_id = town.open("dust-heap", "check")
    work_id, version = town.work(case_id, "check")
    browser = town.caller("hb-officer1")
    data = town.answers("dust-heap", "penalty_check")
    with town.read() as session:
        me = actor(session, "hb-officer1").officer_id
    posted = as_post({**data, "second": str(me)})
    answer = browser.post(f"/work/{work_id}", {**posted, "_key": "alone" * 4, "_version": str(version)})
    assert answer.status_code == 422
    assert "两名" in answer.get_data(as_text=True)
    with town.read() as session:
        (tried,) = session.scalars(select(RefusedAct).where(RefusedAct.officer_id == me)).all()
        assert tried.code == "certified_officers"
    assert "两名" in town.caller("hb-head").get("/staff/refusals").get_data(as_text=True)


@pytest.mark.requirement("S4-33", part="超时")
def test_a_licence_not_decided_in_time_is_red(stage):
    case = stage("rooftop-sign", until="decide")
    (limit,) = [
        c
        for c in deadlines.of_case(case.session, case.case_id)
        if c.basis.startswith("《中华人民共和国行政许可法》第四十二条")
    ]
    assert light_of(case, limit.name, limit.due_at) == "超期"
    assert lights(case, limit.name)[-1] == "overdue"


@pytest.mark.requirement("S4-33", part="越权")
def test_who_lost_the_position_and_goes_on_with_a_licence_is_refused_and_reported(town):
    case_id = town.open("rooftop-sign", "decide")
    work_id, version = town.work(case_id, "decide")
    with town.act() as session:
        work = session.get_one(WorkItem, work_id)
        post_to(session, "cg-finance", work.position_key)
        work.assignee_id = actor(session, "cg-finance").officer_id
        position = work.position_key
    browser = town.caller("cg-finance")
    token = browser.token(f"/work/{work_id}")
    with town.act() as session:  # past the platform, which would take the task away
        holder = actor(session, "cg-finance").officer_id
        chosen = select(Posting).where(Posting.officer_id == holder, Posting.position_key == position)
        session.delete(session.scalars(chosen).one())
    posted = as_post(town.answers("rooftop-sign", "licence_decide", "cg"))
    with unchanged(town, case_id):
        answer = browser.bare_post(f"/work/{work_id}", {**posted, "_csrf": token, "_key": "beyond" * 4,
                                                        "_version": str(version)})  # fmt: skip
        assert answer.status_code == 422
    with town.read() as session:
        (tried,) = session.scalars(select(RefusedAct).where(RefusedAct.officer_id == holder)).all()
        code, told = tried.code, tried.told
    assert code == "position"
    assert told in town.caller("cg-head").get("/staff/refusals").get_data(as_text=True)
