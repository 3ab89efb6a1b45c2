"""One act on many tasks: each for itself, nothing twice, and nothing that is decided."""

import re

import pytest
from sqlalchemy import func, select, text

from app.audit.models import RecordEntry
from app.cases.models import Case, WorkItem
from app.inbox import bulk
from app.inbox.boxes import Box

from .town import Town, actor

NODE = "check"
LOGIN, OTHER = "hb-officer1", "hb-officer2"


@pytest.fixture
def pool(town: Town) -> list[tuple[int, int]]:
    """Three tasks in the pool of the investigators, new ones for every test."""
    made = [town.open("dust-heap", NODE) for _ in range(3)]
    with town.act() as session:
        session.execute(
            text(
                "update work_item set assignee_id = null, claimed_at = null where case_id = any(:c) and node = :n"
            ),
            {"c": made, "n": NODE},
        )
    return [town.work(case_id, NODE) for case_id in made]


def posted(pool) -> list[str]:
    return [f"{number}.{version}" for number, version in pool]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def dialog(who, act: str, works: list[str], **more):
    post = {"act": act, "work": works, "back": "/inbox?box=positions", **more}
    return who.post("/inbox/bulk", post, page="/inbox")


def send(who, act: str, works: list[str], key: str, **given):
    post = {"work": works, "_key": key, "back": "/inbox?box=positions", **given}
    return who.post(f"/inbox/bulk/{act}", post, page="/inbox")


def assignees(town: Town, pool) -> list[int | None]:
    with town.read() as session:
        rows = session.execute(
            select(WorkItem.id, WorkItem.assignee_id).where(WorkItem.id.in_([one for one, _ in pool]))
        )
        found = {row.id: row.assignee_id for row in rows}
    return [found[number] for number, _ in pool]


def entries(town: Town, kind: str) -> int:
    with town.read() as session:
        return session.scalar(select(func.count()).where(RecordEntry.kind == kind))


def officer(town: Town, login: str) -> int:
    with town.read() as session:
        return actor(session, login).officer_id


def test_taking_several_says_what_became_of_each(town: Town, pool):
    who = town.caller(LOGIN)
    page = dialog(who, "claim", posted(pool)).get_data(as_text=True)
    assert "签收 3 项任务" in page
    town.caller(OTHER).post(f"/work/{pool[1][0]}/claim", {"_key": "k" * 20}, page="/inbox")
    told = send(who, "claim", posted(pool), hidden(page, "_key")).get_data(as_text=True)
    assert "完成 2 项，未办理 1 项" in told
    assert "这项任务已由其他人员承办" in told
    assert assignees(town, pool) == [officer(town, LOGIN), officer(town, OTHER), officer(town, LOGIN)]


def test_sent_twice_nothing_is_done_twice(town: Town, pool):
    who, before = town.caller(LOGIN), entries(town, "work.claimed")
    first = send(who, "claim", posted(pool), "a" * 32).get_data(as_text=True)
    again = send(who, "claim", posted(pool), "a" * 32).get_data(as_text=True)
    assert "完成 3 项" in first
    assert "完成 3 项" in again
    assert entries(town, "work.claimed") == before + 3


def test_the_same_key_for_other_tasks_is_another_act(town: Town, pool):
    who = town.caller(LOGIN)
    assert "完成 1 项" in send(who, "claim", posted(pool[:1]), "b" * 32).get_data(as_text=True)
    assert "完成 2 项" in send(who, "claim", posted(pool[1:]), "b" * 32).get_data(as_text=True)


def test_an_act_with_a_reason_asks_for_it_once(town: Town, pool):
    who = town.caller(LOGIN)
    send(who, "claim", posted(pool), "c" * 32)
    works = [f"{number}.{version + 1}" for number, version in pool]
    asked = dialog(who, "release", works)
    page = asked.get_data(as_text=True)
    assert 'name="reason"' in page
    missing = send(who, "release", works, hidden(page, "_key"))
    assert missing.status_code == 422
    assert "请填写理由" in missing.get_data(as_text=True)
    assert assignees(town, pool) == [officer(town, LOGIN)] * 3
    told = send(who, "release", works, hidden(page, "_key"), reason="外出培训两周").get_data(as_text=True)
    assert "完成 3 项" in told
    assert assignees(town, pool) == [None] * 3


def test_a_task_that_moved_on_is_refused_alone(town: Town, pool):
    who = town.caller(LOGIN)
    send(who, "claim", posted(pool), "d" * 32)
    works = [f"{pool[0][0]}.{pool[0][1] + 1}", f"{pool[1][0]}.{pool[1][1]}"]
    told = send(who, "release", works, "e" * 32, reason="外出培训两周").get_data(as_text=True)
    assert "完成 1 项，未办理 1 项" in told
    assert assignees(town, pool[:2]) == [None, officer(town, LOGIN)]


@pytest.mark.parametrize("login", ["szhb-officer1", "hb-finance", "szsf-legal"])
def test_what_does_not_exist_for_somebody_is_not_touched_nor_named(town: Town, pool, login):
    who = town.caller(login)
    page = dialog(who, "claim", posted(pool)).get_data(as_text=True)
    told = send(who, "claim", posted(pool), "f" * 32).get_data(as_text=True)
    assert "完成 0 项" in told
    with town.read() as session:
        titles = session.scalars(select(Case.title).join(WorkItem).where(WorkItem.id == pool[0][0])).all()
    assert titles
    assert not any(title in page + told for title in titles)
    assert assignees(town, pool) == [None] * 3


@pytest.mark.parametrize("act", ["hand_in", "confirm", "send_back", "claimed", "return", "../claim"])
def test_decisions_are_no_acts_of_many(town: Town, pool, act):
    who = town.caller(LOGIN)
    assert dialog(who, act, posted(pool)).status_code == 404
    assert send(who, act, posted(pool), "a" * 32).status_code == 404


@pytest.mark.parametrize(
    ("works", "told"),
    [([], "请先选中"), (["x"], "不完整"), (["1"], "不完整"), (["1.-1"], "不完整"), (["9" * 30 + ".1"], "不完整"),
     ([f"{n}.1" for n in range(501)], "一次最多处理 500 项")],
)  # fmt: skip
def test_a_wrong_choice_says_so(town: Town, works, told):
    who = town.caller(LOGIN)
    for answer in (dialog(who, "claim", works), send(who, "claim", works, "a" * 32)):
        assert answer.status_code == 422
        assert told in answer.get_data(as_text=True)


def test_where_to_go_back_stays_in_the_inbox(town: Town, pool):
    who = town.caller(LOGIN)
    page = dialog(who, "claim", posted(pool), back="//elsewhere.example/inbox?").get_data(as_text=True)
    assert "elsewhere" not in page


def test_sheets_of_paper(town: Town, pool):
    who = town.caller(LOGIN)
    page = who.post("/inbox/print", {"work": posted(pool)}, page="/inbox").get_data(as_text=True)
    assert page.count("task-sheet") == 3
    stranger = town.caller("szhb-officer1").post("/inbox/print", {"work": posted(pool)}, page="/inbox")
    assert "task-sheet" not in stranger.get_data(as_text=True)
    assert "另有 3 项任务不属于您" in stranger.get_data(as_text=True)


def test_every_box_offers_only_acts_the_platform_has():
    for box in Box:
        for act in bulk.acts(box):
            assert act.label
            assert act.name in bulk.ORDER
    assert "claim" in {act.name for act in bulk.acts(Box.POSITIONS)}
