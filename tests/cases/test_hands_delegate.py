"""委派: somebody prepares a task and gives it back; handing it in stays with the assignee."""

import pytest

from app.cases import acts
from app.cases import service as cases
from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from .town import actor, answers, as_post, hand_in, post_to, waiting


def do(desk, case, login, work, name, *, key=None, version=None, **given):
    with clock.at(case.moment):
        return cases.desk_act(
            desk,
            actor(desk, login),
            work.id,
            work.version if version is None else version,
            key or case.key(),
            name,
            given,
        )


def menu(desk, login, work):
    person = actor(desk, login)
    return {entry.name for entry in cases.desk_menu(cases.desk(desk, person, work.id).place(desk, person))}


@pytest.fixture
def asked(stage, desk):
    """officer1 has the check, and has asked officer3 to prepare it."""
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    owner = actor(desk, "hb-officer1")
    acts.claim(desk, owner, work.id, case.key())
    forms.save_draft(desk, owner.account_id, f"work:{work.id}", {"facts": "先看现场"})
    to = str(actor(desk, "hb-officer3").officer_id)
    do(desk, case, "hb-officer1", work, "delegate", to=to, note="请到现场核实后填写")
    return case, work


def test_there_and_back_then_the_assignee_hands_in_what_was_prepared(asked, desk):
    case, work = asked
    scope, owner, delegate = f"work:{work.id}", actor(desk, "hb-officer1"), actor(desk, "hb-officer3")
    assert forms.load_draft(desk, delegate.account_id, scope) == {"facts": "先看现场"}
    assert cases.desk(desk, delegate, work.id).draft == {"facts": "先看现场"}
    with pytest.raises(Refused) as caught:
        hand_in(case, "check", "hb-officer1")
    assert (caught.value.code, "还没有交回" in caught.value.message) == ("delegated", True)
    with pytest.raises(Conflict):
        hand_in(case, "check", "hb-officer3")

    forms.save_draft(desk, delegate.account_id, scope, {"facts": "现场三处料堆"})
    key, version = case.key(), work.version
    done = do(desk, case, "hb-officer3", work, "prepared", key=key, note="已核实，照片另附")
    assert (
        do(desk, case, "hb-officer3", work, "prepared", key=key, version=version, note="已核实，照片另附")
        == done
    )
    assert cases.desk(desk, owner, work.id).draft == {"facts": "现场三处料堆"}
    with pytest.raises(Conflict):
        hand_in(case, "check", "hb-officer3")
    assert hand_in(case, "check", "hb-officer1").outcome == "cosign"
    with pytest.raises((Forbidden, Conflict)):
        do(desk, case, "hb-officer3", work, "prepared", note="再交一次")


def test_it_is_taken_back_at_any_time_and_then_nobody_waits(asked, desk):
    case, work = asked
    assert {"take_back"} <= menu(desk, "hb-officer1", work)
    assert "transfer" in menu(desk, "hb-officer1", work)
    with pytest.raises(Refused) as caught:
        to = str(actor(desk, "hb-officer2").officer_id)
        do(desk, case, "hb-officer1", work, "transfer", to=to, reason="出差")
    assert "先收回委派" in caught.value.message
    with pytest.raises(Refused):
        do(desk, case, "hb-officer1", work, "release", reason="出差")
    with pytest.raises(Forbidden):
        do(desk, case, "hb-officer3", work, "take_back", reason="理由")
    do(desk, case, "hb-officer1", work, "take_back", reason="情况有变")
    with pytest.raises(Forbidden):
        do(desk, case, "hb-officer3", work, "prepared", note="晚了")
    assert "delegate" in menu(desk, "hb-officer1", work)
    assert hand_in(case, "check", "hb-officer1").outcome == "cosign"


def test_who_may_not_take_part_in_the_step_does_not_prepare_it_either(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = waiting(desk, case.case_id, "legal_review")
    acts.claim(desk, actor(desk, "hb-legal"), work.id, case.key())
    post_to(desk, "hb-officer1", "legal_review")
    excluded = actor(desk, "hb-officer1")
    with clock.at(case.moment):
        _, _, offer = cases.desk_offer(desk, actor(desk, "hb-legal"), work.id, "delegate")
    listed = {o.value: o.why_not for o in offer.fields[0].options}
    assert "参加过本案" in listed[str(excluded.officer_id)]
    for to in (excluded, actor(desk, "hb-officer2"), actor(desk, "szhb-legal")):
        with pytest.raises(Invalid) as caught:
            do(desk, case, "hb-legal", work, "delegate", to=str(to.officer_id), note="请代为起草")
        assert "to" in caught.value.errors


def test_a_delegate_has_taken_part_and_is_kept_out_of_what_excludes_it(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = waiting(desk, case.case_id, "legal_review")
    acts.claim(desk, actor(desk, "hb-legal"), work.id, case.key())
    post_to(desk, "hb-finance", "legal_review")
    post_to(desk, "hb-finance", "head")
    to = str(actor(desk, "hb-finance").officer_id)
    do(desk, case, "hb-legal", work, "delegate", to=to, note="请起草七项审核意见")
    running = cases.lock(desk, case.case_id)
    assert int(to) not in running.took_part.get("legal.review", set())
    cases.spec_of(running.procedure)
    do(desk, case, "hb-finance", work, "prepared", note="已起草")
    hand_in(case, "legal_review", "hb-legal")
    case.moment = case.moment.replace(day=case.moment.day)
    decision = waiting(desk, case.case_id, "collective")
    with clock.at(case.moment), pytest.raises(Refused) as caught:
        acts.claim(desk, actor(desk, "hb-finance"), decision.id, case.key())
    assert "参加过本案“法制审核”" in caught.value.message
    assert caught.value.article


def test_only_the_assignee_asks_and_only_once(asked, desk):
    case, work = asked
    to = str(actor(desk, "hb-officer2").officer_id)
    for login in ("hb-officer1", "hb-officer2", "hb-officer3"):
        with pytest.raises(Forbidden):
            do(desk, case, login, work, "delegate", to=to, note="请办理")
    with pytest.raises(NotFound):
        do(desk, case, "szhb-officer1", work, "delegate", to=to, note="请办理")
    with pytest.raises(Conflict):
        do(desk, case, "hb-officer3", work, "prepared", version=work.version - 1, note="已核实")
    with pytest.raises(Invalid):
        do(desk, case, "hb-officer3", work, "prepared", note="")


def test_over_http_the_delegate_types_gives_back_and_the_assignee_finds_it(town):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    owner, delegate = town.caller("hb-officer1"), town.caller("hb-officer3")
    with town.read() as session:
        to = actor(session, "hb-officer3").officer_id
    tokens = {who: who.token("/account") for who in (owner, delegate)}

    def post(who, path, key, **given):
        version = str(town.work(case_id, "check")[1])
        return who.bare_post(path, {"_csrf": tokens[who], "_key": key * 32, "_version": version, **given})

    assert post(owner, f"/work/{work_id}/claim", "a").status_code == 303
    path = f"/work/{work_id}/acts/delegate"
    assert post(owner, path, "b", to=str(to), note="请填写").status_code == 303
    page = owner.get(f"/work/{work_id}").get_data(as_text=True)
    assert "还没有交回" in page
    assert "data-draft=" not in page
    assert f'href="/work/{work_id}"' in delegate.get(f"/cases/{case_id}").get_data(as_text=True)
    page = delegate.get(f"/work/{work_id}").get_data(as_text=True)
    assert "请填写" in page
    assert "data-primary" in page
    given = as_post({**town.answers("dust-heap", "penalty_check"), "facts": "现场三处料堆没有覆盖"})
    answer = post(delegate, f"/work/{work_id}/prepare", "c", **given)
    assert answer.status_code == 303
    assert answer.location.endswith("/acts/prepared")
    assert post(delegate, f"/work/{work_id}", "d", **given).status_code == 409
    sent = {"_csrf": tokens[delegate], "_key": "e" * 32, "_version": "3", "note": "已核实"}
    path = f"/work/{work_id}/acts/prepared"
    assert [delegate.bare_post(path, sent).status_code for _ in range(2)] == [303, 303]
    page = owner.get(f"/work/{work_id}").get_data(as_text=True)
    assert "现场三处料堆没有覆盖" in page
    assert "已核实" in page
    assert post(delegate, f"/work/{work_id}/prepare", "f", **given).status_code == 403


def test_what_was_typed_is_kept_where_giving_back_is_refused(asked, desk):
    case, work = asked
    assert answers(case, "penalty_check")
    mine = actor(desk, "hb-officer3")
    forms.save_draft(desk, mine.account_id, f"work:{work.id}", {"facts": "现场三处料堆"})
    to = str(actor(desk, "hb-officer2").officer_id)
    with clock.at(case.moment):
        cases.desk_act(
            desk,
            actor(desk, "hb-head"),
            work.id,
            work.version,
            case.key(),
            "assign",
            {"to": to, "reason": "改派"},
        )
    with pytest.raises(NotFound if "investigator" not in mine.positions else Forbidden):
        do(desk, case, "hb-officer3", work, "prepared", note="已核实")
    assert forms.load_draft(desk, mine.account_id, f"work:{work.id}") == {"facts": "现场三处料堆"}
