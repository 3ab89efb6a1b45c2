"""Processes and databases killed in the middle of work: nothing lost, nothing double.

XQ_FAULT_ROUNDS: how often the database is killed under load (default 3; `script/faults` runs the long form).
"""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import saboteur
from installations import WAYS, Site, all_there, harm, installation, until, way

ROUNDS = int(os.environ.get("XQ_FAULT_ROUNDS", "3"))
WRITERS = 4


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with installation() as found:
        yield found


def in_threads(*works: Any) -> None:
    """All at once; the first failure is the test's."""
    failures: list[BaseException] = []

    def caught(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=caught, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    if failures:
        raise failures[0]


def test_a_worker_killed_in_the_middle_of_a_sweep_fires_every_timer_once(site):
    until(
        lambda: not saboteur.pending(site.home), "somebody dies with a timer fired"
    )  # armed before the start
    saboteur.arm(site.home, "light turned")
    site.sql("update clock set next_light_at = now() where state = 'running' returning id")
    until(lambda: not saboteur.pending(site.home), "somebody dies with a light turned")
    site.kill_server()
    site.start()
    site.sound()
    fired = "select case_id, count(*) from record_entry where kind = 'timer.fired' and case_id = any(%s) group by 1"
    assert dict(site.sql(fired, site.plan["late"])) == dict.fromkeys(site.plan["late"], 1)


def test_a_process_killed_at_every_boundary_of_a_step_loses_and_doubles_nothing(site):
    for point in saboteur.POINTS:
        confirmed: dict[str, Any] = {}
        saboteur.arm(site.home, point)
        way(site, confirmed)
        until(lambda: not saboteur.pending(site.home), f"somebody dies at {point}")
        all_there(site, confirmed)
    site.sound()


def test_four_processes_and_two_workers_on_the_same_tasks(site):
    for n in range(3):
        hammer(site, n)
    site.sound()


def test_every_process_knows_at_once_what_was_changed_in_another(site):
    """A certificate revoked: no process goes on with what it has kept of the register."""
    intake, first = site.person("hb-intake"), site.person("hb-officer1")
    work = intake.act("/cases", {"item_id": site.plan["item"]})[1]["work_item_id"]
    given = {"version": 1, "answers": site.plan["answers"]["penalty_lead"]}
    check = int(intake.act(f"/work-items/{work}/hand-in", given)[1]["next"][0]["id"])
    answers = site.plan["answers"]["penalty_check"]
    second, path = int(answers["second"]), f"/work-items/{check}/hand-in"
    change = "update certificate set revoked_on = {} where officer_id = %s returning id"
    site.sql(change.format("current_date - 1"), second)
    asked: list[int] = []
    try:
        hand_in = [lambda: asked.append(first.act(path, {"version": 1, "answers": answers})[0])]
        for _ in range(3):
            in_threads(*hand_in * 4)
    finally:
        site.sql(change.format("null"), second)
    assert asked == [422] * 12
    assert first.act(path, {"version": 1, "answers": answers})[0] == 200


def hammer(site: Site, n: int) -> None:
    """One case: opened, handed in, confirmed and sent back by several at once, some with the same key."""
    intake, second = site.person("hb-intake"), site.person("hb-officer2")
    opened: list[Any] = []
    body, key = {"item_id": site.plan["item"]}, f"same{n:028d}"
    in_threads(*[lambda: opened.append(intake.act("/cases", body, key)[1])] * 4)
    assert all(answer == opened[0] for answer in opened)

    given = {"version": 1, "answers": site.plan["answers"]["penalty_lead"]}
    path, done = f"/work-items/{opened[0]['work_item_id']}/hand-in", []
    same, other = f"step{n:028d}", f"othr{n:028d}"
    in_threads(*[lambda k=k: done.append(intake.act(path, given, k)) for k in (same, same, same, other)])
    good = [answer for status, answer in done if status == 200]
    assert good
    assert all(answer == good[0] for answer in good)
    assert {status for status, _ in done} <= {200, 409}

    check = int(good[0]["next"][0]["id"])
    checked = {"version": 1, "answers": site.plan["answers"]["penalty_check"]}
    assert site.person("hb-officer1").act(f"/work-items/{check}/hand-in", checked)[0] == 200
    ends: list[int] = []
    for_all = {"version": 2}
    confirm, back = f"/work-items/{check}/confirm", f"/work-items/{check}/send-back"
    in_threads(
        lambda: ends.append(second.act(confirm, for_all)[0]),
        lambda: ends.append(second.act(back, {**for_all, "reason": "再看"})[0]),
    )
    assert sorted(ends) == [200, 409]


def test_a_database_killed_under_load_loses_and_doubles_nothing(site):
    confirmed: dict[str, Any] = {}
    busy, asked = threading.Event(), site.repeated

    def write() -> None:
        while not busy.is_set():
            way(site, confirmed)

    def kill() -> None:
        try:
            for n in range(ROUNDS):
                before = len(confirmed)
                until(lambda b=before: len(confirmed) >= b + 2 * WRITERS, "the writers go on")
                harm(site, WAYS[n % len(WAYS)])
        finally:
            busy.set()

    in_threads(kill, *[write] * WRITERS)
    all_there(site, confirmed)
    told = f"{ROUNDS} 轮，{WRITERS} 个写入者：确认的操作 {len(confirmed)} 项，重发的请求 {site.repeated - asked} 次"
    print(f"{told}。{site.sound().strip()}")
