"""Workers that move a batch: killed in the middle, several at once, always each case exactly once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.audit.models import RecordEntry
from app.cases import moving, moving_run
from app.cases.models import BatchStatus, Case, Done, Move, MoveStatus
from app.kernel.db import db
from app.kernel.settings import ROOT

from .moving_town import batch, finish, moves, open_cases, propose, publish, release, run
from .test_migration import REAL, RENAMED
from .town import Town

Start = Callable[..., subprocess.Popen]


@pytest.fixture
def start(town: Town, tmp_path: Path) -> Iterator[Start]:
    """A worker process on the town's database: `start(10, "die", "3")`."""
    started = []

    def begin(*arguments: object) -> subprocess.Popen:
        environment = os.environ | {
            "DATABASE_URL": town.app.config["SQLALCHEMY_DATABASE_URI"],
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, str(Path(__file__).with_name("moving_process.py")), *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, env=environment, **pipes))
        assert started[-1].stdout.readline() == "ready\n"
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def go(process: subprocess.Popen) -> str:
    """Let a process work; the last it said."""
    told, _ = process.communicate("go\n", timeout=120)
    return told.strip()


def released(town: Town, count: int) -> tuple[int, list[int]]:
    """A released batch of so many cases."""
    publish(town, REAL)
    cases = open_cases(town, *["legal_review"] * count)
    number = propose(town, "hb-head", publish(town, RENAMED), source=source_of(town, cases[0]))
    run(town)
    release(town, "hb-head", number)
    return number, cases


def source_of(town: Town, case_id: int) -> int:
    with town.read() as session:
        return session.get_one(Case, case_id).procedure_id


def recorded(town: Town, cases: list[int]) -> Counter:
    """How often the record says of each case that it was moved."""
    with town.read() as session:
        chosen = select(RecordEntry.case_id, func.count()).where(
            RecordEntry.case_id.in_(cases), RecordEntry.kind == "case.migrated"
        )
        return Counter(dict(session.execute(chosen.group_by(RecordEntry.case_id)).tuples().all()))


def test_a_worker_killed_in_the_middle_leaves_nothing_half_done(town: Town, start: Start):
    number, cases = released(town, 7)
    killed = start(1, "die", 4)
    assert go(killed) == "dying"
    assert killed.returncode == -9
    after = moves(town, number)
    assert Counter(after.values()) == {MoveStatus.MOVED: 3, MoveStatus.WAITING: 4}
    with town.read() as session:
        target = batch(town, number).target_id
        there = {case_id for case_id in cases if session.get_one(Case, case_id).procedure_id == target}
    assert there == {case_id for case_id, status in after.items() if status == MoveStatus.MOVED}
    assert set(recorded(town, cases)) == there
    assert batch(town, number).status == BatchStatus.RELEASED

    assert go(start(1)) == "0", "its lease has not run out"
    assert go(start(20)) == "4"
    assert moves(town, number) == dict.fromkeys(cases, MoveStatus.MOVED)
    assert recorded(town, cases) == dict.fromkeys(cases, 1)
    assert batch(town, number).status == BatchStatus.DONE
    with town.read() as session:
        keys = select(func.count()).select_from(Done).where(Done.case_id.in_(cases))
        assert session.scalar(keys.where(Done.result["outcome"].astext == "migrated")) == len(cases)


def test_a_case_that_ends_its_worker_every_time_is_given_up_alone(town: Town, start: Start):
    number, cases = released(town, 4)
    for minutes in (1, 20, 40):
        assert go(start(minutes, "poison", cases[0])) == "dying"
    assert go(start(60, "poison", cases[0])) == "0"
    found = moves(town, number)
    assert Counter(found.values()) == {MoveStatus.MOVED: 3, MoveStatus.REFUSED: 1}
    with town.read() as session:
        [given_up] = session.scalars(
            select(Move).where(Move.status == MoveStatus.REFUSED, Move.batch_id == number)
        )
        assert (given_up.case_id, given_up.reasons) == (cases[0], [moving_run.CRASHED])
        assert session.get_one(Case, given_up.case_id).procedure_id == batch(town, number).source_id
    assert batch(town, number).status == BatchStatus.DONE


def test_two_workers_share_a_batch(town: Town, start: Start):
    number, cases = released(town, 12)
    both = [start(1), start(1)]
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [int(process.communicate(timeout=120)[0]) for process in both]
    assert sum(told) == 12, told
    assert moves(town, number) == dict.fromkeys(cases, MoveStatus.MOVED)
    assert recorded(town, cases) == dict.fromkeys(cases, 1)
    assert batch(town, number).status == BatchStatus.DONE


def test_a_worker_that_slept_past_its_lease_moves_nothing_more(town: Town):
    number, cases = released(town, 3)
    payload = {"batch": number, "run": 1, "lane": 0}
    with town.app.app_context():
        assert moving_run._take(payload, 100) == cases
        assert moving_run._take(payload, 101) == cases[:1], "taken over, one by one"
        assert not moving_run._move_one(payload, cases[0], 100), "the earlier one has to stop"
        assert moving_run._move_one(payload, cases[0], 101)
    assert moves(town, number)[cases[0]] == MoveStatus.MOVED
    town.do(moving.pause, "hb-head", number)
    town.do(moving.resume, "hb-head", number)
    with town.app.app_context():
        assert moving_run._take(payload, 102) == [], "work of an earlier run stops by itself"
    finish(town)
    assert moves(town, number) == dict.fromkeys(cases, MoveStatus.MOVED)


def test_a_case_somebody_works_on_is_asked_again(town: Town, monkeypatch):
    monkeypatch.setattr(moving_run, "PATIENCE", "set local lock_timeout = '50ms'")
    number, cases = released(town, 2)
    with town.app.app_context():
        other = db.engine.connect()
    with other:
        other.execute(text('select 1 from "case" where id = :id for update'), {"id": cases[0]})
        finish(town)
        assert moves(town, number)[cases[1]] == MoveStatus.MOVED
    found = moves(town, number)[cases[0]]
    with town.read() as session:
        one = session.get_one(Move, (number, cases[0]))
        assert (found, one.attempts, one.reasons) == (MoveStatus.REFUSED, 3, [moving_run.BUSY])
    assert batch(town, number).status == BatchStatus.DONE
