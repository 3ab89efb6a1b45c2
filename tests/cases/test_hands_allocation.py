"""派案规则: a new task finds its person by the rule a head set, never somebody the law keeps out."""

import pytest
from sqlalchemy import select, text

from app.audit.models import RecordEntry
from app.cases import acts, demo
from app.cases import service as cases
from app.cases.allocation import Line, fields_of, history, preview, rule_of, set_rule
from app.cases.models import Allocation, Way
from app.kernel import clock, statements
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people
from app.people.models import Account, Officer

from .town import actor, answers, hand_in, plan_of, post_to, waiting


def officer(desk, login):
    return actor(desk, login).officer_id


def rule(desk, position, way, lines=(), login="hb-head"):
    head = actor(desk, login)
    now = rule_of(desk, head.agency_id, position)
    return set_rule(desk, head, position, way, lines, now.id if now else 0)


def register(case):
    """Hand in the registration: the check opens."""
    hand_in(case, "register", "hb-intake")
    return waiting(case.session, case.case_id, "check")


@pytest.fixture
def registering(stage, desk):
    return stage("dust-heap", until="register")


def test_without_a_rule_or_by_hand_a_task_lies_in_the_pool(registering, desk):
    rule(desk, "investigator", Way.HAND)
    assert register(registering).assignee_id is None


def asked(desk):
    """How many statements handing in a registration sends."""
    case = demo.Drive(desk, plan_of("dust-heap"))
    case.run("register")
    work, data = waiting(desk, case.case_id, "register"), answers(case, "penalty_lead")
    person = actor(desk, "hb-intake")
    people.officers_at(desk, person.agency_id)
    with clock.at(case.moment):
        tally = statements.begin()
        acts.hand_in(desk, person, work.id, work.version, case.key(), lambda *_: data)
        return tally.count


def test_an_act_asks_nothing_more_without_a_rule_and_one_question_with_one(desk):
    asked(desk)
    without = asked(desk)
    rule(desk, "investigator", Way.HAND)
    asked(desk)
    assert asked(desk) == without
    rule(desk, "investigator", Way.LOAD)
    asked(desk)
    more = asked(desk) - without
    assert 0 < more <= 5, (
        "the question, the row that says why, its entry in the record, and rows sent before the question"
    )


def test_by_load_the_least_busy_gets_it_with_the_reason_on_page_and_record(registering, desk):
    rule(desk, "investigator", Way.LOAD)
    one, two, three = (officer(desk, f"hb-officer{n}") for n in (1, 2, 3))
    desk.execute(
        text("update work_item set assignee_id = null where status = 'open' and agency_id = :a"),
        {"a": actor(desk, "hb-head").agency_id},
    )
    other = demo.Drive(desk, plan_of("dust-heap", agency="370400-04"))
    other.run("check")
    first = waiting(desk, other.case_id, "check").assignee_id
    assert first in (one, two, three)
    work = register(registering)
    assert work.assignee_id in {one, two, three} - {first}
    told = desk.scalars(select(Allocation).where(Allocation.work_item_id == work.id)).one()
    assert told.officer_id == work.assignee_id
    assert told.reason.startswith("按在办件数最少：")
    assert "0 件" in told.reason
    assert "1 件" in told.reason
    assert actor(desk, "hb-lapsed").name in told.reason.split("；")[-1]
    officers = ("hb-officer1", "hb-officer2", "hb-officer3")
    person = next(login for login in officers if officer(desk, login) == work.assignee_id)
    assert cases.desk(desk, actor(desk, person), work.id).allotted == told.reason
    kinds = (
        select(RecordEntry.kind).where(RecordEntry.case_id == registering.case_id).order_by(RecordEntry.seq)
    )
    assert list(desk.scalars(kinds))[-2:] == ["step.completed", "work.allotted"]


def test_in_turn_nobody_gets_a_second_one_before_all_have_one(desk, town):
    rule(desk, "investigator", Way.TURN)
    got = []
    for n in range(4):
        case = demo.Drive(desk, plan_of("dust-heap"))
        case.moment = case.moment.replace(minute=n)
        case.run("check")
        got.append(waiting(desk, case.case_id, "check").assignee_id)
    assert set(got[:3]) == {officer(desk, f"hb-officer{n}") for n in (1, 2, 3)}
    assert got[3] == got[0]


def test_by_field_the_item_s_own_people_come_before_the_kind_s_and_the_rest(registering, desk):
    head = actor(desk, "hb-head")
    code = cases.running_case(desk, cases.case(desk, head, registering.case_id)).item["code"]
    one, two = officer(desk, "hb-officer1"), officer(desk, "hb-officer2")
    rule(
        desk,
        "investigator",
        Way.FIELD,
        [Line("kind:penalty", (one,)), Line(f"item:{code}", (two,)), Line("other", (one,))],
    )
    work = register(registering)
    assert work.assignee_id == two
    reason = desk.scalars(select(Allocation.reason).where(Allocation.work_item_id == work.id)).one()
    assert reason.startswith("按分工（")


def test_a_field_without_its_people_goes_to_the_pool(registering, desk):
    rule(desk, "investigator", Way.FIELD, [Line("item:" + other_code(desk), (officer(desk, "hb-officer1"),))])
    assert register(registering).assignee_id is None


def other_code(desk):
    head = actor(desk, "hb-head")
    plan = plan_of("dust-heap")
    return next(
        of.removeprefix("item:")
        for of in fields_of(desk, head.agency_id)
        if of.startswith("item:") and of != f"item:{plan['item']}"
    )


def test_whom_the_law_keeps_out_gets_nothing_and_nobody_left_means_the_pool(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = waiting(desk, case.case_id, "legal_review")
    acts.claim(desk, actor(desk, "hb-legal"), work.id, case.key())
    rule(desk, "head", Way.LOAD)
    post_to(desk, "hb-legal", "head")
    post_to(desk, "hb-officer1", "head")
    hand_in(case, "legal_review", "hb-legal")
    decision = waiting(desk, case.case_id, "collective")
    assert decision.assignee_id == officer(desk, "hb-head")
    reason = desk.scalars(select(Allocation.reason).where(Allocation.work_item_id == decision.id)).one()
    for login in ("hb-legal", "hb-officer1"):
        assert actor(desk, login).name in reason.split("；")[-1]


def test_who_signs_this_very_step_is_kept_out_of_what_opens_with_it(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = waiting(desk, case.case_id, "legal_review")
    acts.claim(desk, actor(desk, "hb-legal"), work.id, case.key())
    rule(desk, "head", Way.LOAD)
    head = desk.scalars(select(Account).where(Account.login == "hb-head")).one()
    head.active = False
    desk.flush()
    post_to(desk, "hb-legal", "head")
    hand_in(case, "legal_review", "hb-legal")
    assert waiting(desk, case.case_id, "collective").assignee_id is None


def test_what_the_handlers_hand_in_is_no_matter_of_rules(stage, desk):
    case = stage("dust-heap", until="file_approve")
    rule(desk, "investigator", Way.LOAD)
    desk.get(Officer, officer(desk, "hb-officer1")).active = False
    desk.flush()
    hand_in(case, "file_approve", "hb-deputy")
    assert waiting(desk, case.case_id, "invest_plan").assignee_id is None


def test_only_heads_set_rules_and_each_is_kept_with_who_and_when(desk):
    head = actor(desk, "hb-head")
    for login in ("hb-officer1", "hb-lead", "sf-admin"):
        with pytest.raises(Forbidden):
            set_rule(desk, actor(desk, login), "investigator", Way.LOAD, (), 0)
    with pytest.raises(NotFound):
        set_rule(desk, head, "complaint", Way.LOAD, (), 0)
    with pytest.raises(Invalid):
        set_rule(desk, head, "investigator", "vanish", (), 0)
    before = len(history(desk, head.agency_id, "investigator"))
    first = rule(desk, "investigator", Way.TURN)
    assert rule(desk, "investigator", Way.TURN) == first
    with pytest.raises(Conflict):
        set_rule(desk, actor(desk, "hb-deputy"), "investigator", Way.LOAD, (), 0)
    rule(desk, "investigator", Way.LOAD, login="hb-deputy")
    rows = history(desk, head.agency_id, "investigator")
    assert [(r.way, r.set_by) for r in rows[: len(rows) - before]] == [
        ("load", officer(desk, "hb-deputy")),
        ("turn", officer(desk, "hb-head")),
    ]
    assert rule_of(desk, actor(desk, "szhb-head").agency_id, "investigator") is None


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([], "of.0"),
        ([("item:NO-SUCH", ["hb-officer1"])], "of.0"),
        ([("other", [])], "officers.0"),
        ([("other", ["hb-finance"])], "officers.0"),
        ([("other", ["szhb-officer1"])], "officers.0"),
        ([("other", ["hb-officer1"]), ("other", ["hb-officer2"])], "of.1"),
    ],
)
def test_a_division_names_known_items_and_holders_of_the_position(desk, lines, place):
    made = [Line(of, tuple(officer(desk, login) for login in logins)) for of, logins in lines]
    with pytest.raises(Invalid) as caught:
        rule(desk, "investigator", Way.FIELD, made)
    assert list(caught.value.errors) == [place]


def test_the_preview_says_who_is_next(desk):
    agency = actor(desk, "hb-head").agency_id
    (found,) = preview(desk, agency, "investigator", rule(desk, "investigator", Way.LOAD))
    assert found.name
    assert found.reason.startswith("按在办件数最少")
    lines = [Line("other", (officer(desk, "hb-officer2"),))]
    (found,) = preview(desk, agency, "investigator", rule(desk, "investigator", Way.FIELD, lines))
    assert (found.of, found.name) == ("其他事项", actor(desk, "hb-officer2").name)
    assert preview(desk, agency, "investigator", rule(desk, "investigator", Way.HAND)) == []


def test_heads_set_rules_on_their_page_and_others_do_not_reach_it(town):
    head, clerk = town.caller("hb-head"), town.caller("hb-officer1")
    assert clerk.get("/inbox/allocation").status_code == 403
    assert clerk.get("/inbox/allocation/investigator").status_code == 403
    assert head.get("/inbox/allocation").status_code == 200
    assert head.get("/inbox/allocation/complaint").status_code == 404
    assert head.get("/inbox/allocation/vanish").status_code == 404
    token = head.token("/inbox/allocation/investigator")
    given = {"_csrf": token, "_version": "0", "way": "field", "of.0": "other", "officers.0": ""}
    answer = head.bare_post("/inbox/allocation/investigator", given)
    assert (answer.status_code, "请选择办理这一事项的人员" in answer.get_data(as_text=True)) == (422, True)
    given = {"_csrf": token, "_version": "0", "way": "load"}
    assert [head.bare_post("/inbox/allocation/investigator", given).status_code for _ in range(2)] == [
        303,
        303,
    ]
    page = head.get("/inbox/allocation").get_data(as_text=True)
    assert "按在办件数" in page
    assert "下一件" in page
    with town.read() as session:
        agency = actor(session, "hb-head").agency_id
        assert len(history(session, agency, "investigator")) == 1
    token = clerk.token("/account")
    assert clerk.bare_post("/inbox/allocation/investigator", {**given, "_csrf": token}).status_code == 403
    assert head.bare_post("/inbox/allocation/investigator", {**given, "way": "turn"}).status_code == 409
    with town.act() as session:
        now = history(session, agency, "investigator", 1)[0].id
        set_rule(session, actor(session, "hb-head"), "investigator", Way.HAND, (), now)
