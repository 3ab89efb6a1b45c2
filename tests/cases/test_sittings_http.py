"""Signing together and sitting together over HTTP: the doors, what is told where it is wrong, and who finds nothing."""

import re

import pytest
from sqlalchemy import select

from app.cases import acts
from app.cases.models import Involvement, SignRound, WorkItem
from app.kernel import clock
from app.review.meeting_models import Meeting, MeetingMember

from .town import Town, actor

numbers = iter(range(1, 1000))


def key() -> str:
    return f"http{next(numbers):028d}"


def officer(town: Town, login: str) -> str:
    with town.read() as session:
        return str(actor(session, login).officer_id)


@pytest.fixture(scope="module")
def asked(town: Town) -> int:
    """A task of the review whose assignee has asked two others to sign; its id."""
    case_id = town.open("dust-heap", "pre_review")
    work_id, _ = town.work(case_id, "pre_review")
    town.do(acts.claim, "hb-review", work_id, key())
    post = {
        "kind": "before", "rule": "all", "note": "请会签。", "_key": key(), "_version": "2",
        "members": [officer(town, "hb-lead"), officer(town, "hb-deputy")],
    }  # fmt: skip
    answer = town.caller("hb-review").post(f"/work/{work_id}/acts/sign_add", post)
    assert answer.status_code == 303, answer.text
    return work_id


def version(town: Town, work_id: int) -> str:
    with town.read() as session:
        return str(session.get_one(WorkItem, work_id).version)


def test_the_signer_finds_the_questions_on_the_task(town: Town, asked: int):
    page = town.caller("hb-lead").get(f"/work/{asked}").text
    assert "请您签署意见" in page
    assert 'name="stance"' in page
    assert "签署意见" not in re.sub(
        r"<nav.*?</nav>", "", town.caller("hb-head").get(f"/work/{asked}").text, flags=re.S
    )


def test_a_wrong_answer_comes_back_with_what_was_typed(town: Town, asked: int):
    post = {"stance": "disagree", "opinion": "", "_key": key(), "_version": version(town, asked)}
    answer = town.caller("hb-lead").post(f"/work/{asked}/acts/sign_answer", post)
    assert answer.status_code == 422
    assert "请写明理由" in answer.text
    assert re.search(r'value="disagree" checked', answer.text)


def test_a_double_click_signs_once(town: Town, asked: int):
    lead, mine = town.caller("hb-lead"), key()
    post = {"stance": "agree", "opinion": "同意。", "_key": mine, "_version": version(town, asked)}
    answers = [lead.post(f"/work/{asked}/acts/sign_answer", post, page="/account") for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    with town.read() as session:
        signed = select(Involvement).where(Involvement.work_item_id == asked, Involvement.state == "done")
        assert len(session.scalars(signed).all()) == 1
        assert session.scalars(select(SignRound.state).where(SignRound.work_item_id == asked)).all() == [
            "open"
        ]


def test_others_neither_sign_nor_ask(town: Town, asked: int):
    post = {"stance": "agree", "opinion": "", "_key": key(), "_version": version(town, asked)}
    assert (
        town.caller("szhb-lead").post(f"/work/{asked}/acts/sign_answer", post, page="/account").status_code
        == 404
    )
    assert (
        town.caller("hb-finance").post(f"/work/{asked}/acts/sign_answer", post, page="/account").status_code
        == 404
    )
    assert (
        town.caller("hb-review").post(f"/work/{asked}/acts/sign_answer", post, page="/account").status_code
        == 403
    )
    assert town.caller("hb-deputy").get(f"/work/{asked}/acts/sign_add").status_code == 403


@pytest.fixture(scope="module")
def called(town: Town) -> int:
    """A meeting that was called over HTTP; its id."""
    case_id = town.open("stone-mill", "collective")
    work_id, _ = town.work(case_id, "collective")
    town.do(acts.claim, "hb-head", work_id, key())
    head = town.caller("hb-head")
    wrong = head.post(f"/review/work/{work_id}/meeting", {"_key": key(), "place": "三楼会议室"})
    assert wrong.status_code == 422
    assert "不少于 2 名" in wrong.text
    assert "三楼会议室" in wrong.text
    post = {
        "planned_at": f"{clock.today()}T00:00", "place": "三楼会议室", "chair": officer(town, "hb-head"),
        "recorder": officer(town, "hb-archive"), "agenda": "审议", "observers": "", "report": "汇报。", "_key": key(),
        "members": [officer(town, "hb-head"), officer(town, "hb-deputy")],
    }  # fmt: skip
    first, again = (head.post(f"/review/work/{work_id}/meeting", post, page="/account") for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location.partition("?")[0] == again.location.partition("?")[0]
    return int(first.location.partition("?")[0].rsplit("/", 1)[1])


def test_a_meeting_exists_for_its_persons_alone(town: Town, called: int):
    for login, status in (("hb-deputy", 200), ("hb-archive", 200), ("hb-lead", 404), ("szhb-head", 404)):
        assert town.caller(login).get(f"/review/meetings/{called}").status_code == status, login
    assert f"/review/meetings/{called}" in town.caller("hb-deputy").get("/review/sittings").text
    assert f"/review/meetings/{called}" not in town.caller("hb-lead").get("/review/sittings").text
    assert (
        town.caller("hb-lead")
        .post(f"/review/meetings/{called}/begin", {"_key": key()}, page="/account")
        .status_code
        == 404
    )


def test_minutes_are_kept_as_they_are_typed(town: Town, called: int):
    recorder = town.caller("hb-archive")
    typed = {"report": "汇报一。", "discussion": "", "result": "", "_version": "1"}
    kept = recorder.post(f"/review/meetings/{called}/minutes", typed, page="/account")
    assert (kept.status_code, kept.headers["X-Version"]) == (200, "2")
    assert (
        recorder.post(
            f"/review/meetings/{called}/minutes", {**typed, "report": "汇报二。"}, page="/account"
        ).status_code
        == 409
    )
    assert (
        town.caller("hb-deputy")
        .post(f"/review/meetings/{called}/minutes", typed, page="/account")
        .status_code
        == 403
    )
    assert (
        recorder.post(
            f"/review/meetings/{called}/minutes", {**typed, "outcome": "agreed"}, page="/account"
        ).status_code
        == 422
    )


def test_a_vote_over_http_counts_once(town: Town, called: int):
    head, deputy, mine = town.caller("hb-head"), town.caller("hb-deputy"), key()
    present = [officer(town, "hb-head"), officer(town, "hb-deputy")]
    assert (
        head.post(
            f"/review/meetings/{called}/begin", {"_key": key(), "present": present}, page="/account"
        ).status_code
        == 303
    )
    wrong = deputy.post(
        f"/review/meetings/{called}/vote", {"_key": key(), "stance": "", "statement": "不妥。"}
    )
    assert wrong.status_code == 422
    assert "不妥。" in wrong.text
    post = {"_key": mine, "stance": "disagree", "statement": "不妥。"}
    assert [
        deputy.post(f"/review/meetings/{called}/vote", post, page="/account").status_code for _ in range(2)
    ] == [303, 303]
    other = {"_key": key(), "stance": "agree", "statement": "改变主意。"}
    assert deputy.post(f"/review/meetings/{called}/vote", other, page="/account").status_code == 409
    with town.read() as session:
        stances = session.scalars(
            select(MeetingMember.stance).where(MeetingMember.meeting_id == called)
        ).all()
        assert sorted(stances) == ["", "disagree"]
        assert session.get_one(Meeting, called).state == "session"
