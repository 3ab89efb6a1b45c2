"""Saved filters, columns, the badge: each person's own, or what a head shares, and of nobody else."""

import re

import pytest
from sqlalchemy import select, text

from app.cases.models import Urging, WorkItem
from app.inbox.models import ChosenColumns, DefaultFilter, SavedFilter
from app.kernel import clock

from .town import Town, actor

NAME = "某某食品案专办"


@pytest.fixture(autouse=True)
def nothing_saved(town: Town):
    with town.act() as session:
        for table in ("inbox_default", "inbox_filter", "inbox_columns", "urging"):
            session.execute(text(f"delete from {table}"))  # noqa: S608 - names of our tables


def save(who, box="mine", **given):
    post = {"box": box, "two": "yes", "name": NAME, **given}
    return who.post("/inbox/filters", post, page="/inbox")


def listed(who, path="/inbox/filters") -> bool:
    return NAME in who.get(path).get_data(as_text=True)


def number(town: Town) -> int:
    with town.read() as session:
        return session.scalars(select(SavedFilter.id)).one()


def test_a_filter_of_ones_own_is_nobody_elses(town: Town):
    mine, colleague = town.caller("hb-officer1"), town.caller("hb-officer2")
    assert save(mine).status_code == 303
    assert listed(mine)
    assert listed(mine, "/inbox?box=mine")
    assert not listed(mine, "/inbox?box=done")
    assert not listed(colleague)
    assert not listed(colleague, "/inbox?box=mine")
    path = f"/inbox/filters/{number(town)}"
    for act in ("default", "delete"):
        assert colleague.post(f"{path}/{act}", page="/inbox").status_code == 404
    assert listed(mine)


def test_its_name_is_sealed(town: Town):
    save(town.caller("hb-officer1"))
    with town.read() as session:
        (row,) = session.scalars(text("select f::text from inbox_filter f"))
    for encoding in ("utf-8", "gbk"):
        assert NAME.encode(encoding).hex() not in row
    assert NAME not in row


def test_the_same_name_replaces_the_filter(town: Town):
    who = town.caller("hb-officer1")
    save(who)
    save(who, returned="yes")
    with town.read() as session:
        (row,) = session.scalars(select(SavedFilter)).all()
        assert row.told["chosen"] == {"two": ["yes"], "returned": ["yes"]}


@pytest.mark.parametrize(
    ("given", "told"),
    [({"name": " "}, "请填写筛选的名称"), ({"name": "长" * 31}, "名称不得超过 30 字"),
     ({"two": ""}, "没有选择任何筛选条件"),
     ({"shared": "world"}, "请在列出的共享范围中选择")],
)  # fmt: skip
def test_what_is_wrong_is_said_at_the_field(town: Town, given, told):
    answer = save(town.caller("hb-head"), **given)
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)


def test_heads_share_with_the_agency_and_with_a_position(town: Town):
    head = town.caller("hb-head")
    save(head, shared="agency")
    assert listed(town.caller("hb-officer1"))
    assert not listed(town.caller("szhb-officer1"))
    save(head, shared="position", position="team_lead")
    assert listed(town.caller("hb-lead"))
    assert not listed(town.caller("hb-officer1"))
    assert not listed(town.caller("szhb-lead"))
    assert save(head, shared="position", position="nobody").status_code == 422


def test_others_do_not_share_nor_delete_what_is_shared(town: Town):
    assert save(town.caller("hb-officer1"), shared="agency").status_code == 403
    save(town.caller("hb-head"), shared="agency")
    path = f"/inbox/filters/{number(town)}/delete"
    assert town.caller("hb-officer1").post(path, page="/inbox").status_code == 404
    assert town.caller("hb-head").post(path, page="/inbox").status_code == 303
    with town.read() as session:
        assert session.scalars(select(SavedFilter)).all() == []


def test_a_default_applies_until_it_is_no_longer_shared(town: Town):
    lead = town.caller("hb-lead")
    save(town.caller("hb-head"), shared="position", position="team_lead")
    lead.post(f"/inbox/filters/{number(town)}/default", page="/inbox")
    told = f"默认筛选“{NAME}”"
    assert told in lead.get("/inbox").get_data(as_text=True)
    assert told not in lead.get("/inbox?f=none").get_data(as_text=True)
    assert told not in lead.get("/inbox?box=done").get_data(as_text=True)
    assert told not in town.caller("hb-officer1").get("/inbox").get_data(as_text=True)
    save(town.caller("hb-head"), shared="own")
    assert told not in lead.get("/inbox").get_data(as_text=True)
    assert "没有符合所选条件" not in lead.get("/inbox").get_data(as_text=True)


def test_a_default_is_taken_back(town: Town):
    who = town.caller("hb-officer1")
    save(who, default="1")
    assert "默认筛选" in who.get("/inbox").get_data(as_text=True)
    who.post(f"/inbox/filters/{number(town)}/default", {"off": "1"}, page="/inbox")
    assert "默认筛选" not in who.get("/inbox").get_data(as_text=True)
    who.post(f"/inbox/filters/{number(town)}/default", page="/inbox")
    who.post(f"/inbox/filters/{number(town)}/delete", page="/inbox")
    with town.read() as session:
        assert session.scalars(select(DefaultFilter)).all() == []


def heads(page: str) -> list[str]:
    return re.findall(r'<th scope="col">([^<]+)</th>', page.split("<dialog")[0])


def test_columns_in_the_order_a_person_wants(town: Town):
    town.open("dust-heap", "lead_review")
    who, other = town.caller("hb-lead"), town.caller("hb-officer1")
    post = {"box": "done", "columns": ["done", "no"], "place.done": "1", "place.no": "2"}
    assert other.post("/inbox/columns", post, page="/inbox").status_code == 303
    assert heads(other.get("/inbox?box=done").get_data(as_text=True)) == ["任务", "办结时间", "案号"]
    assert "案件" in heads(town.caller("hb-intake").get("/inbox?box=done").get_data(as_text=True))
    other.post("/inbox/columns", {"box": "done", "reset": "1"}, page="/inbox")
    assert heads(other.get("/inbox?box=done").get_data(as_text=True)) == ["任务", "案件", "案号", "办结时间"]
    assert who.post("/inbox/columns", {"box": "done"}, page="/inbox").status_code == 422
    assert who.post("/inbox/columns", {"box": "mine", "columns": "done"}, page="/inbox").status_code == 422
    with town.read() as session:
        assert session.scalars(select(ChosenColumns)).all() == []


def test_the_badge_counts_ones_own_and_what_presses(town: Town):
    case_id = town.open("dust-heap", "lead_review")
    who = town.caller("hb-lead")
    before = who.get("/inbox/badge").get_json()
    with town.act() as session:
        lead = actor(session, "hb-lead").officer_id
        work = session.scalars(
            select(WorkItem).where(WorkItem.case_id == case_id, WorkItem.node == "lead_review")
        ).one()
        mine = work.assignee_id == lead
        session.execute(
            text("update work_item set assignee_id = :o where id = :w"), {"o": lead, "w": work.id}
        )
        session.execute(
            text("update clock set due_at = now() + interval '90 days', light = 'normal',"
                 " next_light_at = now() + interval '80 days' where work_item_id = :w"), {"w": work.id},
        )  # fmt: skip
        number = work.id
    calm = who.get("/inbox/badge").get_json()
    assert calm["open"] == before["open"] + (not mine)
    with town.act() as session:
        session.add(
            Urging(work_item_id=number, case_id=case_id, agency_id=actor(session, "hb-lead").agency_id,
                   officer_id=lead, by_id=lead, at=clock.now(), said={"note": "请抓紧"})
        )  # fmt: skip
    assert who.get("/inbox/badge").get_json() == {"open": calm["open"], "urgent": calm["urgent"] + 1}
    assert who.get(f"/inbox/open/{number}").location == f"/work/{number}"
    assert who.get("/inbox/badge").get_json() == calm
    with town.act() as session:
        session.execute(
            text("update clock set due_at = now() - interval '1 day' where work_item_id = :w"), {"w": number}
        )
    assert who.get("/inbox/badge").get_json()["urgent"] == calm["urgent"] + 1
    assert town.caller("szhb-lead").get("/inbox/badge").get_json() == {"open": 0, "urgent": 0}


def test_the_badge_is_for_those_who_handle_cases(town: Town):
    assert town.caller("sf-admin").get("/inbox/badge").status_code == 403
    assert "data-badge" not in town.caller("sf-admin").get("/account").get_data(as_text=True)
    assert "data-badge" in town.caller("hb-lead").get("/account").get_data(as_text=True)
