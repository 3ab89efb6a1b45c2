"""Recusal: decided by the head, and from then on the person is out of the case by every door."""

import itertools
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.archive import words
from app.audit import service as audit
from app.cases import acts, clock_acts, recusals, recusing
from app.cases import service as cases
from app.cases.desk_acts import ACTS
from app.cases.models import Handler, Involvement, Recusal, WorkItem, WorkStatus
from app.cases.recusing import Decision, Request
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from . import town as city
from .test_substitutes import away
from .town import actor, waiting

numbers = itertools.count()


def key():
    return f"recusal{next(numbers):025d}"


def ask(session, case_id, by, about, kind="own", **changes):
    asked = {"facts": "是当事人的近亲属。", "brought_by": "当事人本人", "brought_on": "2020-01-01", **changes}
    about = actor(session, about).officer_id
    request = Request(about, kind, asked.pop("ground", "interest"), **asked)
    result = recusals.request(session, actor(session, by), case_id, key(), request)
    return result.work_item_id


def decide(
    session, case_id, number, by="hb-head", approve=True, reason="情况属实。", minutes="", successor=None
):
    follower = actor(session, successor).officer_id if successor else None
    made = Decision(approve, reason, minutes, follower)
    return recusals.decide(session, actor(session, by), case_id, number, key(), made)


def out(session, case_id, about, successor=None, **changes):
    """Somebody's recusal, asked for and approved."""
    number = ask(session, case_id, about, about, **changes)
    decide(session, case_id, number, successor=successor)
    return number


def refused(session, attempt, code="recused"):
    with pytest.raises((Refused, Forbidden)) as caught, session.begin_nested():
        attempt()
    assert caught.value.code == code
    return caught.value


def by_part(session, work):
    """The logins of lead, second and the third investigator."""
    ids = {actor(session, f"hb-officer{n}").officer_id: f"hb-officer{n}" for n in (1, 2, 3)}
    lead, second = (h.officer_id for h in cases.running(session, work).handlers)
    return ids[lead], ids[second], next(login for o, login in ids.items() if o not in (lead, second))


def last(session, case_id):
    return audit.of_case(session, case_id)[-1]


def test_before_the_decision_the_investigation_does_not_stop(stage, desk):
    case = stage("stone-mill", until="report")
    work = waiting(desk, case.case_id, "report")
    lead, second, _ = by_part(desk, work)
    ask(desk, case.case_id, lead, lead)
    assert last(desk, case.case_id).kind == "recusal.requested"
    city.hand_in(case, "report", lead)
    city.confirm(case, "report", second)


def test_a_handler_goes_with_a_successor_and_their_tasks_go_back(stage, desk):
    case = stage("stone-mill", until="report")
    work = waiting(desk, case.case_id, "report")
    lead, second, third = by_part(desk, work)
    city.hand_in(case, "report", lead)
    assert work.status == WorkStatus.COSIGN
    number = ask(desk, case.case_id, second, lead, "party")
    for successor, told in (
        (None, "接替的人员"),
        ("hb-finance", "没有有效的执法证件"),
        ("hb-legal", "不担任执法办案岗"),
    ):
        with pytest.raises(Invalid) as caught:
            decide(desk, case.case_id, number, successor=successor)
        assert told in caught.value.errors["successor"][0]
    decide(desk, case.case_id, number, successor=third)
    assert (work.status, work.assignee_id, work.cosigner_id, work.pending) == (
        WorkStatus.OPEN,
        None,
        None,
        None,
    )
    running = cases.running(desk, work)
    ids = {h.role: h.officer_id for h in running.handlers}
    assert ids == {"lead": actor(desk, third).officer_id, "second": actor(desk, second).officer_id}
    entry = last(desk, case.case_id)
    assert (entry.kind, entry.content["back"]) == ("recusal.approved", ["report"])
    told = words.about(entry, {}, {})
    assert "决定回避" in told
    assert "理由：情况属实。" in told
    city.hand_in(case, "report", third)
    city.confirm(case, "report", second)


def test_the_second_handler_goes_and_what_was_handed_in_waits_for_the_successor(stage, desk):
    case = stage("stone-mill", until="report")
    work = waiting(desk, case.case_id, "report")
    lead, second, third = by_part(desk, work)
    city.hand_in(case, "report", lead)
    out(desk, case.case_id, second, successor=third)
    assert (work.status, work.assignee_id) == (WorkStatus.OPEN, actor(desk, lead).officer_id)
    assert work.pending
    refused(desk, lambda: acts.confirm(desk, actor(desk, second), work.id, work.version, key()))
    refused(desk, lambda: acts.send_back(desk, actor(desk, second), work.id, work.version, key(), "退"))
    city.hand_in(case, "report", lead)
    assert work.cosigner_id == actor(desk, third).officer_id


def test_the_reviewer_is_out_by_every_door(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = waiting(desk, case.case_id, "legal_review")
    legal = actor(desk, "hb-legal")
    work.assignee_id, work.claimed_at = legal.officer_id, datetime.now(UTC)
    desk.add(
        Involvement(
            case_id=case.case_id, work_item_id=work.id, agency_id=legal.agency_id, officer_id=legal.officer_id,
            part="signer", by_id=legal.officer_id, at=datetime.now(UTC),
        )
    )  # fmt: skip
    desk.flush()
    away(desk, "hb-legal", "hb-archive")
    out(desk, case.case_id, "hb-legal")
    assert work.assignee_id is None
    states = desk.scalars(select(Involvement.state).where(Involvement.work_item_id == work.id)).all()
    assert set(states) == {"removed"}
    data = city.answers(case, work.form)
    refused(desk, lambda: acts.claim(desk, legal, work.id, key()))
    refused(desk, lambda: acts.hand_in(desk, legal, work.id, work.version, key(), lambda *_: data))
    refused(desk, lambda: cases.desk(desk, legal, work.id))
    for act in ACTS:
        refused(desk, lambda n=act.name: cases.desk_act(desk, legal, work.id, work.version, key(), n, {}))
    refused(desk, lambda: ask(desk, case.case_id, "hb-legal", "hb-officer1", "party"))
    # the substitute was not recused, the person they are counts: what they lack is the qualification to review
    with pytest.raises(Refused, match="法律职业资格证"):
        acts.claim(desk, actor(desk, "hb-archive"), work.id, key())


def test_a_recused_person_comes_back_by_no_substitution(stage, desk):
    case = stage("stone-mill", until="decide")
    out(desk, case.case_id, "hb-deputy")
    away(desk, "hb-head", "hb-deputy")
    work = waiting(desk, case.case_id, "decide")
    work.assignee_id = actor(desk, "hb-head").officer_id
    desk.flush()
    deputy = actor(desk, "hb-deputy")
    assert "head" in deputy.positions
    refused(
        desk, lambda: cases.desk_act(desk, deputy, work.id, work.version, key(), "taken_as_substitute", {})
    )
    refused(desk, lambda: cases.desk_offer(desk, deputy, work.id, "taken_as_substitute"))
    work.assignee_id = None
    desk.flush()
    refused(desk, lambda: city.hand_in(case, "decide", "hb-deputy"))


def test_who_is_only_named_in_a_form_is_kept_out_too(stage, desk):
    case = stage("stone-mill", until="collective")
    deputy = actor(desk, "hb-deputy")
    away(desk, "hb-head", "hb-deputy")  # so that the list of those who may preside has them
    out(desk, case.case_id, "hb-deputy")
    work = waiting(desk, case.case_id, "collective")
    work.assignee_id = None
    desk.flush()
    told = refused(
        desk,
        lambda: city.hand_in(case, "collective", "hb-head", host=str(deputy.officer_id)),
    )
    assert "指定其他人员" in told.message


def test_new_tasks_never_come_to_them_by_themselves(stage, desk):
    case = stage("stone-mill", until="report")
    work = waiting(desk, case.case_id, "report")
    lead, second, third = by_part(desk, work)
    out(desk, case.case_id, lead, successor=third)
    city.hand_in(case, "report", third)
    city.confirm(case, "report", second)
    mine = select(WorkItem.id).where(
        WorkItem.case_id == case.case_id,
        WorkItem.status == "open",
        WorkItem.assignee_id == actor(desk, lead).officer_id,
    )
    assert desk.scalars(mine).all() == []


def test_the_one_concerned_never_decides_and_others_neither(stage, desk):
    case = stage("stone-mill", until="legal_review")
    number = ask(desk, case.case_id, "hb-deputy", "hb-deputy")
    for by in ("hb-deputy", "hb-legal"):
        with pytest.raises(Forbidden):
            decide(desk, case.case_id, number, by=by)
    with pytest.raises(NotFound):
        decide(desk, case.case_id, number, by="szhb-head")
    with pytest.raises(Invalid):
        decide(desk, case.case_id, number, reason="  ")
    decide(desk, case.case_id, number, approve=False, reason="没有利害关系。")
    assert last(desk, case.case_id).kind == "recusal.rejected"
    assert cases.running(desk, waiting(desk, case.case_id, "legal_review")).recused == frozenset()
    with pytest.raises(Conflict):
        decide(desk, case.case_id, number)


def test_about_the_head_the_collective_decides_with_its_minutes(stage, desk):
    case = stage("stone-mill", until="legal_review")
    number = ask(desk, case.case_id, "hb-legal", "hb-head", "party")
    with pytest.raises(Forbidden, match="涉及您本人"):
        decide(desk, case.case_id, number, by="hb-head", minutes="纪要1号")
    with pytest.raises(Invalid) as caught:
        decide(desk, case.case_id, number, by="hb-deputy")
    assert "会议纪要" in caught.value.errors["minutes"][0]
    decide(desk, case.case_id, number, by="hb-deputy", minutes="会议纪要〔2026〕3号，2026年3月2日")
    assert desk.get_one(Recusal, number).said["minutes"].startswith("会议纪要")
    head = actor(desk, "hb-head")
    other = ask(desk, case.case_id, "hb-officer1", "hb-hearing", "party")
    refused(desk, lambda: decide(desk, case.case_id, other, by="hb-head"))
    found = next(c for c in cases.running(desk, waiting(desk, case.case_id, "legal_review")).recused)
    assert found == head.officer_id


def test_clocks_of_the_case_are_not_theirs_either(stage, desk):
    case = stage("stone-mill", until="legal_review")
    out(desk, case.case_id, "hb-deputy")
    from app.deadlines import service as deadlines

    one = next(
        c for c in deadlines.of_case(desk, case.case_id) if c.kind == "statutory" and c.stopped_on is None
    )
    data = {"cause": "x", "basis": "", "proof": [], "from_day": "2025-01-01"}
    refused(
        desk, lambda: clock_acts.suspend(desk, actor(desk, "hb-deputy"), case.case_id, one.id, key(), data)
    )


def test_it_is_lifted_only_by_a_decision_with_a_reason(stage, desk):
    case = stage("stone-mill", until="legal_review")
    number = out(desk, case.case_id, "hb-legal")
    head = actor(desk, "hb-head")
    with pytest.raises(Forbidden):
        recusals.lift(desk, actor(desk, "hb-deputy"), case.case_id, number, key(), "理由")
    with pytest.raises(Invalid):
        recusals.lift(desk, head, case.case_id, number, key(), " ")
    own = key()
    done = recusals.lift(desk, head, case.case_id, number, own, "核查后没有利害关系。")
    assert recusals.lift(desk, head, case.case_id, number, own, "核查后没有利害关系。") == done
    entry = last(desk, case.case_id)
    assert (entry.kind, entry.content["reason"]) == ("recusal.lifted", "核查后没有利害关系。")
    work = waiting(desk, case.case_id, "legal_review")
    acts.claim(desk, actor(desk, "hb-legal"), work.id, key())
    again = ask(desk, case.case_id, "hb-officer1", "hb-legal", "party")
    decide(desk, case.case_id, again)
    assert work.assignee_id is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "own"}, "officer"),
        ({"kind": "ordered"}, "kind"),
        ({"kind": "party", "brought_by": " "}, "brought_by"),
        ({"kind": "party", "brought_on": ""}, "brought_on"),
        ({"kind": "party", "brought_on": "2999-01-01"}, "brought_on"),
        ({"kind": "party", "facts": " "}, "facts"),
        ({"kind": "party", "ground": "dislike"}, "ground"),
        ({"kind": "nothing"}, "kind"),
    ],
)
def test_requests_that_say_too_little(stage, desk, changes, field):
    case = stage("stone-mill", until="legal_review")
    with pytest.raises(Invalid) as caught:
        ask(desk, case.case_id, "hb-officer1", "hb-legal", **changes)
    assert list(caught.value.errors) == [field]


def test_it_is_asked_for_on_the_task_too_and_once(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = waiting(desk, case.case_id, "legal_review")
    officer = actor(desk, "hb-legal")
    given = {
        "kind": "own",
        "officer": str(officer.officer_id),
        "ground": "relation",
        "facts": "曾为其代理人。",
    }
    own = key()
    done = cases.desk_act(desk, officer, work.id, work.version, own, "recuse", given)
    assert cases.desk_act(desk, officer, work.id, work.version, own, "recuse", given) == done
    assert "调查不停止" in done.message
    entry = last(desk, case.case_id)
    assert (entry.kind, entry.content["request"]) == ("work.recuse", "own")
    with pytest.raises(Conflict):
        cases.desk_act(desk, officer, work.id, work.version, key(), "recuse", given)
    (row,) = recusals.waiting(desk, actor(desk, "hb-head"))
    assert (row.officer, row.case_id, row.kind) == (officer.name, case.case_id, "本人申请回避")
    assert recusals.waiting(desk, actor(desk, "hb-deputy")) == []


def test_successors_are_listed_with_the_reason_why_not(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = waiting(desk, case.case_id, "legal_review")
    lead, _, third = by_part(desk, work)
    away(desk, "hb-officer3", "hb-head")
    running = cases.running(desk, work)
    running.took_part = {**running.took_part, "collective": {actor(desk, "hb-head").officer_id}}
    found = {c.id: c for c in recusing.successors(running, actor(desk, lead).officer_id)}
    assert found[actor(desk, third).officer_id].why_not == ""
    assert "参加过本案“决定”" in found[actor(desk, "hb-head").officer_id].why_not
    assert recusing.successors(running, actor(desk, "hb-legal").officer_id) == ()


def test_the_pages_and_programs_refuse_and_tell_why(town):
    case_id = town.open("stone-mill", "legal_review")
    page = f"/cases/{case_id}/recusals"
    officer = town.caller("hb-officer1")
    text = officer.post(page, {"_key": key(), "kind": "party"}).get_data(as_text=True)
    for told in ("请在列出的人员中选择", "请选择应当回避的情形", "请写明事实和理由", "请写明由谁提出"):
        assert told in text
    with town.read() as session:
        legal = actor(session, "hb-legal").officer_id
    given = {
        "kind": "party", "officer": str(legal), "ground": "interest", "facts": "与当事人有亲属关系。",
        "brought_by": "当事人的代理人", "brought_on": "2020-02-03", "_key": key(),
    }  # fmt: skip
    assert officer.post(page, given).status_code == 303
    with town.read() as session:
        number = session.scalars(select(Recusal.id).where(Recusal.case_id == case_id)).one()
    one = f"{page}/{number}"
    assert "回避由本机关主要负责人决定" in officer.get(one).get_data(as_text=True)
    head = town.caller("hb-head")
    wrong = head.post(one, {"_key": key(), "reason": ""})
    assert wrong.status_code == 422
    assert head.post(one, {"_key": key(), "decision": "approve", "reason": "属实。"}).status_code == 303
    assert "已决定回避" in officer.get(f"/cases/{case_id}").get_data(as_text=True)
    work_id, version = town.work(case_id, "legal_review")
    browser = town.caller("hb-legal")
    own = {"_key": key(), "_version": str(version)}
    answer = browser.post(f"/work/{work_id}/claim", own, page=f"/work/{work_id}")
    assert "已被决定回避" in answer.get_data(as_text=True)
    me = browser.get("/api/v1/me").get_json()
    headers = {"Idempotency-Key": key(), "X-CSRF-Token": me["credential"]["csrf_token"]}
    for path, body in (("claim", None), ("hand-in", {"version": version, "answers": {}})):
        answer = browser.client.post(
            f"/api/v1/work-items/{work_id}/{path}", headers={**headers, "Idempotency-Key": key()}, json=body
        )
        assert answer.get_json()["code"] == "recused", answer.get_data(as_text=True)
    assert town.work(case_id, "legal_review")[1] == version
    lifted = head.post(f"{one}/lift", {"_key": key(), "reason": "核查后没有。"}, page=one)
    assert lifted.status_code == 303
    stranger = town.caller("szhb-head")
    for path in (page, one):
        assert stranger.get(path).status_code == 404


def test_handlers_are_exactly_two_afterwards(stage, desk):
    case = stage("stone-mill", until="report")
    work = waiting(desk, case.case_id, "report")
    lead, _, third = by_part(desk, work)
    out(desk, case.case_id, lead, successor=third)
    rows = desk.scalars(select(Handler.role).where(Handler.case_id == case.case_id)).all()
    assert sorted(rows) == ["lead", "second"]
    assert clock.now()
