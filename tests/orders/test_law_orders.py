"""The legal basis changes by orders alone: proposed by an agency, confirmed by the legal office, counting from the day the
law names (依据变更单)."""

import re
from datetime import date, timedelta

import pytest
from cases.town import actor, post_to
from sqlalchemy import func, select

from app.cases import acts
from app.cases import service as cases
from app.catalogue import library
from app.catalogue.models import LawChange, LawTask, PowerItem
from app.catalogue.validity import Standing
from app.kernel import clock
from app.kernel.errors import Forbidden, Invalid, NotFound, Refused
from app.orders import drafting
from app.orders.models import ChangeOrder, State

from .order_way import EXAMINER, PROPOSER, again, examine, newest, order, send, sign, waiting

PERMITS = "排污许可管理条例"
NEW = "/laws/orders/new"


def said(law: str, day: date, **more: str) -> dict[str, str]:
    return {
        "change": "repealed", "law": law, "by": "演示环境保护法典", "adopted_on": "2026-01-05",
        "effective_on": day.isoformat(), "basis": "《演示环境保护法典》第九十九条", "source": "演示公报2026年第1号",
        "excerpt": "《演示法》同时废止（演示）。", "reason": "上位法废止（演示）。",
    } | more  # fmt: skip


def propose(town, caller, law: str, day: date, **more: str) -> ChangeOrder:
    answer = caller.post(NEW, {**said(law, day, **more), "_version": "1"}, page=NEW)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return newest(town)


def standing(town, law: str, day: date) -> Standing:
    with town.read() as session:
        (history,) = library.histories(session, [law]).values()
        return history.on(day).standing


def recorded(town, law: str) -> list[LawChange]:
    with town.read() as session:
        found = list(session.scalars(select(LawChange).where(LawChange.law == law)))
        session.expunge_all()
        return found


@pytest.mark.requirement("S2-31", part="依据")
def test_a_repeal_counts_only_when_it_is_confirmed_and_from_its_day(town):
    """Proposed with its impact in view, examined, signed: only then is it recorded, with the work for every item; and a
    citation is good up to the day before."""
    day = clock.today() + timedelta(days=60)
    keeper = town.caller(PROPOSER)
    draft = propose(town, keeper, PERMITS, day)
    page = keeper.get(f"/laws/orders/{draft.id}").get_data(as_text=True)
    assert re.search(r"《排污许可管理条例》涉及权力事项 [1-9]", page), "the impact before it is sent in"
    assert "ZZ-02-STHJ" in page
    assert "确认以前，现有数据不变" in page
    assert send(town, keeper, draft.id).status_code == 303
    sent = order(town, draft.id)
    assert (sent.state, bool(sent.case_no)) == (State.SENT, True)
    assert standing(town, PERMITS, day) is not Standing.REPEALED
    examine(town, sent.id, day.isoformat())
    assert recorded(town, PERMITS) == [], "not without the signature"
    sign(town, sent.id, day.isoformat())
    (change,) = recorded(town, PERMITS)
    assert (change.on_date, change.kind) == (day, "repealed")
    assert sent.case_no in change.order_no
    assert standing(town, PERMITS, day) is Standing.REPEALED
    assert standing(town, PERMITS, day - timedelta(days=1)) is not Standing.REPEALED
    with town.read() as session:
        tasks = session.scalar(
            select(func.count()).select_from(LawTask).where(LawTask.change_id == change.id)
        )
    assert tasks > 0
    assert "已经确认并调整" in keeper.get("/staff/notices").get_data(as_text=True)
    assert change.order_no in keeper.get("/laws/changes").get_data(as_text=True)


def test_a_rejected_order_changes_nothing_and_may_be_proposed_anew(town):
    day = clock.today() + timedelta(days=60)
    keeper = town.caller(PROPOSER)
    law = "中华人民共和国大气污染防治法"
    made = propose(town, keeper, law, day)
    assert send(town, keeper, made.id).status_code == 303
    examine(town, made.id, conclusion="不同意")
    sign(town, made.id, conclusion="不同意")
    assert order(town, made.id).state == State.REJECTED
    assert recorded(town, law) == []
    page = keeper.get(f"/laws/orders/{made.id}").get_data(as_text=True)
    assert "来源无法查证（演示）。" in page
    anew = [again(keeper, made.id) for _ in range(2)]
    assert anew[0] == anew[1] != made.id, "asked for twice it is the same draft"
    assert law in keeper.get(f"/laws/orders/{anew[0]}/edit").get_data(as_text=True), "nothing typed is lost"
    assert town.caller("cg-review").post(f"/laws/orders/{made.id}/again", page=NEW).status_code == 404
    draft = keeper.post(f"/laws/orders/{anew[0]}/again", page=NEW)
    assert draft.status_code == 409


def test_who_proposes_confirms_nothing_and_nobody_else_proposes(town):
    """Not the agency's own people, not the legal office's who proposed it, not who examined it."""
    day = clock.today() + timedelta(days=60)
    own = town.caller("sf-review")
    law = "中华人民共和国食品安全法"
    made = propose(town, own, law, day)
    assert send(town, own, made.id).status_code == 303, "an office with none above examines its own"
    with town.act() as session:
        post_to(session, "sf-review", "legal_review")
        post_to(session, EXAMINER, "deputy")
    with pytest.raises(Refused):
        examine(town, made.id, day.isoformat(), login="sf-review")
    with pytest.raises(NotFound):
        examine(town, made.id, day.isoformat(), login="hb-legal")
    examine(town, made.id, day.isoformat())
    with pytest.raises(Refused, match="审核"):
        sign(town, made.id, day.isoformat(), login=EXAMINER)
    with pytest.raises(NotFound):
        sign(town, made.id, day.isoformat(), login="hb-deputy")
    assert order(town, made.id).state == State.SENT
    assert town.caller("hb-head").get(NEW).status_code == 403
    assert town.caller("sf-super").get(NEW).status_code == 403
    stranger = town.caller("cg-review")
    assert stranger.get(f"/laws/orders/{made.id}").status_code == 404
    token = {"_csrf": stranger.token("/account"), "_version": "1"}
    for act in ("send", "drop"):
        assert stranger.bare_post(f"/laws/orders/{made.id}/{act}", token).status_code == 404
    assert town.caller("sf-super").get(f"/laws/orders/{made.id}").status_code == 200


def test_the_day_is_the_law_s_and_no_message_replaces_the_order(town):
    """The legal office confirms no other day; a case opened without an order goes nowhere."""
    day = clock.today() + timedelta(days=60)
    keeper = town.caller(PROPOSER)
    made = propose(town, keeper, "城市道路管理条例", day, change="amended", articles="第五十九条、60")
    assert made.content["articles"] == ["59", "60"]
    assert send(town, keeper, made.id).status_code == 303
    assert send(town, keeper, made.id).status_code == 303, "sent twice is sent once"
    assert send(town, town.caller("hb-head"), made.id).status_code == 403
    later = (day + timedelta(days=1)).isoformat()
    examine(town, made.id, later)
    with pytest.raises(Invalid) as wrong:
        sign(town, made.id, later)
    assert "不能另定" in wrong.value.errors["effective_on"][0]
    sign(town, made.id, day.isoformat())
    assert [row.articles for row in recorded(town, "城市道路管理条例")] == [["59", "60"]]
    with town.act() as session:
        item = session.scalars(select(PowerItem).where(PowerItem.procedure == "governance/base_data")).first()
        who = actor(session, "sf-review")
        opened = cases.open_case(session, who, item.id, "openedwithoutorder01")
        case_id = opened.case_id
    work = waiting(town, case_id)
    forged = {
        "matter": "依据变更", "kind": "依据", "order_no": "变更单〔2026〕1号", "agency": "某局", "fingerprint": "0" * 64,
        "effective_on": day.isoformat(), "reason": "无", "source": "无",
    }  # fmt: skip
    with pytest.raises(Refused, match="不一致"):
        town.do(acts.hand_in, "sf-review", work.id, work.version, "forgedchangeorder01", lambda *_: forged)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"law": "从未有过的条例"}, "没有登记《从未有过的条例》"),
        ({"effective_on": "2025-12-31"}, "生效日期不能早于公布"),
        ({"adopted_on": "2099-01-01", "effective_on": "2099-02-01"}, "还没有公布的，公布以后再提出"),
        ({"change": "amended", "articles": "某某"}, "不是条号"),
        ({"by": "中华人民共和国安全生产法"}, "不是被修改、废止的法律"),
        ({"excerpt": ""}, "请填写"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(town, changes, told):
    keeper = town.caller(PROPOSER)
    given = said("中华人民共和国安全生产法", date(2026, 12, 31)) | changes
    answer = keeper.post(NEW, {**given, "_version": "1"}, page=NEW)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert given["reason"] in page


def test_a_new_statute_replaces_old_ones(town):
    """It is registered with its days, and what it replaces is repealed from the same day."""
    day = clock.today() + timedelta(days=90)
    keeper = town.caller(PROPOSER)
    old = "中华人民共和国水土保持法"
    made = propose(
        town, keeper, "演示水保护条例", day, change="new", level="行政法规", replaces=f"《{old}》", by=""
    )
    assert send(town, keeper, made.id).status_code == 303
    examine(town, made.id, day.isoformat())
    sign(town, made.id, day.isoformat())
    assert standing(town, old, day) is Standing.REPEALED
    assert standing(town, "演示水保护条例", day) is not Standing.UNKNOWN
    assert standing(town, "演示水保护条例", day - timedelta(days=1)) is Standing.NOT_YET


def test_no_page_writes_the_legal_basis_without_an_order(town):
    """The only acts of a page on what is recorded of statutes are those of orders and of the work that changes make."""
    laws = [
        (rule.rule, rule.endpoint)
        for rule in town.app.url_map.iter_rules()
        if rule.rule.startswith("/laws") and "POST" in (rule.methods or ())
    ]
    assert {endpoint for rule, endpoint in laws if "orders" not in rule} == {"law.close_task"}
    with pytest.raises(Forbidden):
        town.do(drafting.save, "hb-head", "law", None, 0, {}, {}, date(2026, 12, 1))
