"""Running cases moved in batches: seen beforehand, decided by a head, carried out case by case, and back again."""

import json
from collections.abc import Callable
from copy import deepcopy

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select, update

from app.audit import service as audit
from app.cases import moving, moving_preview, moving_run
from app.cases.models import BatchStatus, Case, CaseStatus, Move, MoveBatch, MoveStatus, Recusal, RecusalState
from app.cli import xq
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.kernel.models import Job
from app.people import demo as people_demo
from app.people.models import Account, Posting

from .moving_town import (
    AGENCY,
    batch,
    finish,
    key,
    look,
    moves,
    open_cases,
    propose,
    publish,
    release,
    revert,
    run,
)
from .test_migration import REAL, RENAMED, bundle, drawn, ruled
from .town import Town, actor

REASON = "新版本修正了任务名称，在办案件一并更正。"


@pytest.fixture(autouse=True)
def source(town: Town) -> int:
    """The version on which this test's cases are opened."""
    return publish(town, REAL)


@pytest.fixture
def three(town: Town, source: int) -> list[int]:
    """Cases of one agency at two places."""
    return open_cases(town, "legal_review", "legal_review", "decide")


@pytest.fixture
def renamed(town: Town, three: list[int]) -> int:
    """A version that came after them, with other names for two tasks."""
    return publish(town, RENAMED)


@pytest.fixture(autouse=True)
def alone(town: Town):
    """What a test leaves running must not count in the next."""
    yield
    with town.act() as session:
        session.execute(delete(Move))
        session.execute(update(MoveBatch).values(reverts_id=None))
        session.execute(delete(MoveBatch))
        session.execute(delete(Job))
        session.execute(update(Case).values(status=CaseStatus.CLOSED))


def test_an_analyst_sees_numbers_and_no_cases(town: Town, renamed: int, three: list[int]):
    with town.read() as session:
        analyst = actor(session, "sf-analyst")
        [line] = moving_preview.running(session, analyst)
        assert (line.cases, line.newest.id) == (3, renamed)
    number = propose(town, "sf-analyst", renamed)
    run(town)
    found = look(town, "sf-analyst", number)
    assert found.batch.status == BatchStatus.PROPOSED
    assert found.counts == {MoveStatus.READY: 3}
    assert dict(found.places) == {"法制审核": 2, "作出决定": 1}
    assert ("任务名称：法制审核 → 重大决定法制审核", 2) in found.changes
    assert [c.name for c in found.clocks if c.cases == 3] == ["办案期限"]
    with town.read() as session, pytest.raises(Forbidden, match="名单只供本机关负责人"):
        moving_preview.lines(session, actor(session, "sf-analyst"), number, [MoveStatus.READY])


def test_only_a_head_decides_and_only_for_the_own_agency(town: Town, renamed: int, three: list[int]):
    number = propose(town, "sf-analyst", renamed)
    run(town)
    for login in ("sf-analyst", "hb-officer1", "hb-legal", "sf-admin"):
        with pytest.raises(Forbidden):
            release(town, login, number)
    with pytest.raises(NotFound):
        release(town, "cg-head", number)
    with pytest.raises(Invalid, match="理由"):
        release(town, "hb-head", number, "  ")
    for login in ("hb-officer1", "hb-legal", "sf-admin"):
        with pytest.raises(Forbidden):
            look(town, login, number)
        with pytest.raises(Forbidden):
            propose(town, login, renamed)
    with pytest.raises(NotFound):
        propose(town, "cg-head", renamed)
    assert batch(town, number).status == BatchStatus.PROPOSED


def test_a_batch_moves_every_case_under_the_heads_reason(town: Town, renamed: int, three: list[int]):
    number = propose(town, "sf-analyst", renamed)
    with pytest.raises(Conflict, match="还没有核对完毕"):
        release(town, "hb-head", number)
    run(town)
    release(town, "hb-head", number, REASON)
    finish(town)
    found = batch(town, number)
    assert (found.status, found.decided_by_name) == (BatchStatus.DONE, "癸酉（演示）")
    assert found.history[-1]["note"] == "已迁移 3 件"
    assert moves(town, number) == dict.fromkeys(three, MoveStatus.MOVED)
    with town.read() as session:
        for case_id in three:
            assert session.get_one(Case, case_id).procedure_id == renamed
            entry = audit.of_case(session, case_id)[-1]
            assert (entry.kind, entry.content["batch"]) == ("case.migrated", number)
            assert (entry.content["reason"], entry.actor_name) == (REASON, "癸酉（演示）")


BLOCKING: dict[str, tuple[Callable, str]] = {
    "the place is gone": (lambda: drawn(("legal_review", "legal_check")), "法制审核”在新版本中不存在"),
    "another position": (
        lambda: drawn(('xq:position="legal_review"', 'xq:position="case_review"')), "换了岗位"),
    "a step passed is gone": (lambda: drawn(('xq:step="check"', 'xq:step="checked"')), "“check”在新版本中不存在"),
    "a gate is gone": (lambda: ruled(lambda rules: rules.update(reviews=[])), "缺少现有的闸门（reviews"),
    "an answer is lost": (lambda: bundle(forms=without_answer()), "已经填写的“核查情况”在新版本中不存在"),
}  # fmt: skip


def without_answer() -> dict:
    forms = json.loads(json.dumps(dict(REAL.forms)))
    form = forms["penalty_check"]
    field = next(item for item in form["items"] if item.get("key") == "facts")
    field["key"] = "another_key"
    return forms


@pytest.mark.parametrize("name", BLOCKING)
def test_who_cannot_move_and_why_is_told_beforehand(town: Town, name: str):
    make, word = BLOCKING[name]
    cases = open_cases(town, "legal_review", "legal_review")
    version = publish(town, make())
    number = propose(town, "hb-head", version)
    run(town)
    found = look(town, "hb-head", number)
    assert found.counts == {MoveStatus.BLOCKED: 2}
    assert [n for told, n in found.reasons if word in told] == [2], found.reasons
    with pytest.raises(Invalid, match="没有可以迁移的案件"):
        release(town, "hb-head", number)
    with town.read() as session:
        shown, after = moving_preview.lines(session, actor(session, "hb-head"), number, [MoveStatus.BLOCKED])
        assert ([line.case.id for line in shown], after) == (cases, None)
        assert shown[0].places == ["法制审核"]
        assert "办案期限" in dict(shown[0].clocks)


def test_what_changed_since_the_preview_is_refused_at_its_turn(town: Town, renamed: int, three: list[int]):
    number = propose(town, "hb-head", renamed)
    run(town)
    with town.act() as session:
        session.execute(update(Case).where(Case.id == three[0]).values(late={"items": []}))
    release(town, "hb-head", number)
    finish(town)
    with town.read() as session:
        one = session.get_one(Move, (number, three[0]))
        assert one.status == MoveStatus.REFUSED
        assert "与平台封存的不一致" in one.reasons[0], "a row that somebody edited is not moved"
        assert session.get_one(Case, three[0]).procedure_id != renamed
    assert batch(town, number).history[-1]["note"] == "已迁移 2 件，执行时不能迁移 1 件"


def test_a_paused_batch_stops_and_goes_on(town: Town, monkeypatch):
    cases = open_cases(town, *["legal_review"] * 5)
    renamed = publish(town, RENAMED)
    number = propose(town, "hb-head", renamed)
    run(town)
    release(town, "hb-head", number)
    done = []
    real = moving_run._move_one

    def pausing(payload, case_id, token):
        done.append(case_id)
        going = real(payload, case_id, token)
        if len(done) == 2:
            town.do(moving.pause, "hb-head", number)
        return going

    monkeypatch.setattr(moving_run, "_move_one", pausing)
    finish(town)
    assert sorted(moves(town, number).values()).count(MoveStatus.MOVED) == 2
    assert batch(town, number).status == BatchStatus.PAUSED
    monkeypatch.setattr(moving_run, "_move_one", real)
    finish(town)
    assert sorted(moves(town, number).values()).count(MoveStatus.MOVED) == 2, "paused is paused"
    town.do(moving.resume, "hb-head", number)
    finish(town)
    assert moves(town, number) == dict.fromkeys(cases, MoveStatus.MOVED)
    assert [line["act"] for line in batch(town, number).history] == [
        "proposed", "released", "paused", "resumed", "done",
    ]  # fmt: skip


def test_a_paused_batch_can_be_ended(town: Town, renamed: int, three: list[int]):
    number = propose(town, "hb-head", renamed)
    run(town)
    release(town, "hb-head", number)
    town.do(moving.pause, "hb-head", number)
    finish(town)
    town.do(moving.end, "hb-head", number)
    assert moves(town, number) == dict.fromkeys(three, MoveStatus.LEFT_OUT)
    assert batch(town, number).status == BatchStatus.DONE


def test_a_head_who_is_none_any_more_moves_nothing(town: Town, renamed: int, three: list[int]):
    number = propose(town, "sf-analyst", renamed)
    run(town)
    release(town, "hb-head", number)
    with town.act() as session:
        officer = session.scalar(select(Account.officer_id).where(Account.login == "hb-head"))
        posting = session.scalars(select(Posting).where(Posting.officer_id == officer)).one()
        kept = {"position_key": posting.position_key, "valid_from": posting.valid_from}
        session.delete(posting)
    finish(town)
    found = batch(town, number)
    assert found.status == BatchStatus.PAUSED
    assert "现任负责人" in found.history[-1]["note"]
    assert moves(town, number) == dict.fromkeys(three, MoveStatus.WAITING)
    with town.act() as session:
        session.add(Posting(officer_id=officer, **kept))


def test_a_head_who_was_recused_moves_every_case_but_that_one(town: Town, renamed: int, three: list[int]):
    number = propose(town, "sf-analyst", renamed)
    run(town)
    with town.act() as session:
        head, deputy = actor(session, "hb-head"), actor(session, "hb-deputy")
        decided = {"decided_by": deputy.officer_id, "decided_at": clock.now()}
        asked = {
            "requested_by": deputy.officer_id,
            "requested_at": clock.now(),
            "said": {"facts": "近亲属。"},
        }
        about = {"case_id": three[0], "agency_id": head.agency_id, "officer_id": head.officer_id}
        state = {"kind": "ordered", "ground": "interest", "state": RecusalState.APPROVED}
        session.add(Recusal(**about, **state, **asked, **decided))
    release(town, "hb-head", number)
    finish(town)
    found = moves(town, number)
    assert found == {three[0]: MoveStatus.REFUSED, three[1]: MoveStatus.MOVED, three[2]: MoveStatus.MOVED}
    with town.read() as session:
        assert "回避" in session.get_one(Move, (number, three[0])).reasons[0]


def test_back_to_where_they_came_from(town: Town, renamed: int, three: list[int], source: int):
    number = propose(town, "hb-head", renamed)
    run(town)
    release(town, "hb-head", number)
    finish(town)
    back = revert(town, "hb-head", number)
    run(town)
    found = look(town, "hb-head", back)
    assert (found.counts, found.target.id, found.batch.reverts_id) == ({MoveStatus.READY: 3}, source, number)
    release(town, "hb-head", back, "移回原版本。")
    finish(town)
    assert moves(town, back) == dict.fromkeys(three, MoveStatus.MOVED)
    assert look(town, "hb-head", number).reverted == 3
    with town.read() as session:
        kinds = [entry.kind for entry in audit.of_case(session, three[0])]
        assert kinds.count("case.migrated") == 2
    with pytest.raises(Invalid, match="没有可以移回的案件"):
        revert(town, "hb-head", number)


def test_there_is_no_way_back_over_a_new_gate_or_an_answer_the_old_version_does_not_know(town: Town):
    def stricter(rules):
        needs = rules["required_before"]
        rules["required_before"] = [*needs, {**deepcopy(needs[0]), "message": "新增的要求"}]

    cases = open_cases(town, "legal_review")
    version = publish(town, ruled(stricter))
    number = propose(town, "hb-head", version)
    run(town)
    release(town, "hb-head", number)
    finish(town)
    assert moves(town, number) == dict.fromkeys(cases, MoveStatus.MOVED)
    back = revert(town, "hb-head", number)
    run(town)
    [(told, count)] = look(town, "hb-head", back).reasons
    assert (told, count) == ("原版本缺少现有的闸门（needs：新增的要求）", 1)


def test_one_batch_at_a_time_and_a_repeated_request_is_the_same_one(
    town: Town, renamed: int, three: list[int]
):
    mine = key()
    first = propose(town, "hb-head", renamed, key=mine)
    assert propose(town, "hb-head", renamed, key=mine) == first
    with pytest.raises(Conflict, match=f"第 {first} 号"):
        propose(town, "sf-analyst", renamed)
    with pytest.raises(Conflict, match="标识已被使用"):
        propose(town, "sf-analyst", renamed, key=mine)
    town.do(moving.withdraw, "sf-analyst", first, "先等一等")
    assert propose(town, "sf-analyst", renamed) != first
    with town.read() as session:
        assert session.scalar(select(func.count()).select_from(MoveBatch)) == 2


def test_looked_at_again_a_batch_knows_the_cases_opened_since(
    town: Town, renamed: int, three: list[int], source: int
):
    number = propose(town, "hb-head", renamed)
    run(town)
    later = open_cases(town, "legal_review")
    with town.act() as session:
        session.execute(update(Case).where(Case.id == later[0]).values(procedure_id=source))
    town.do(moving.check_again, "hb-head", number)
    assert batch(town, number).status == BatchStatus.CHECKING
    run(town)
    assert look(town, "hb-head", number).total == 4


def test_a_proposal_says_what_is_missing(town: Town, renamed: int, source: int):
    with pytest.raises(Invalid, match="理由"):
        propose(town, "hb-head", renamed, reason=" ")
    with pytest.raises(Invalid) as caught:
        propose(town, "hb-head", source, source=renamed)
    assert "没有在第" in caught.value.errors["source"][0]
    with pytest.raises(Invalid) as caught:
        propose(town, "hb-head", source, source=source)
    assert "不同的版本" in caught.value.errors["target"][0]


def test_the_commands(town: Town, renamed: int, source: int):
    def xq_moving(*line, login="hb-head"):
        password = f"{people_demo.password()}\n"
        command = ["case", "moving", *map(str, line), "--by", login]
        return CliRunner().invoke(xq, command, obj=town.app.app_context, input=password)

    with town.read() as session:
        first, target = (diagrams.procedure(session, one).number for one in (source, renamed))
    listed = xq_moving("list", login="sf-analyst")
    assert "在办 3 件" in listed.output, listed.output
    from_to = (AGENCY, "penalty/ordinary", first, target)
    done = xq_moving("propose", *from_to, "--reason", REASON, login="sf-analyst")
    assert "已提出第" in done.output, done.output
    with town.read() as session:
        number = session.scalar(select(MoveBatch.id))
    run(town)
    assert "可以迁移 3 件" in xq_moving("show", number).output
    assert xq_moving("release", number, "--reason", REASON, login="sf-analyst").exit_code == 1
    assert "正在执行" in xq_moving("release", number, "--reason", REASON).output
    assert "已暂停" in xq_moving("pause", number).output
    assert "正在执行" in xq_moving("resume", number).output
    finish(town)
    assert "移回第" in xq_moving("revert", number, "--reason", "移回").output
    with town.read() as session:
        newest = session.scalar(select(func.max(MoveBatch.id)))
    assert "已撤回" in xq_moving("withdraw", newest).output
