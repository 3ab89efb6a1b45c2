"""Many different acts at once: cases in order of their ids, a case before its clocks before its number series.

PostgreSQL counts the deadlocks it had to break; after all this it has counted none.
"""

import itertools
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from callers import cheap_hashes
from cases.test_exactly_once import gapless, key
from cases.town import Town, actor, own_town
from sqlalchemy import select, text

from app.archive import export as archive
from app.archive import soundness
from app.cases import acts
from app.cases import service as cases
from app.deadlines import ledger
from app.deadlines import service as deadlines
from app.deadlines.models import CalendarEdition
from app.documents import service as documents
from app.documents.models import Document
from app.kernel import clock, jobs
from app.kernel.errors import XingquanError

__all__ = ["cheap_hashes"]
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
FREE = "where state = 'running' and id in (select id from clock order by id for update skip locked)"
TURN = f"update clock set next_light_at = now() {FREE}"  # noqa: S608
LOOSEN = f"update clock set provisional = true {FREE}"  # noqa: S608
WRITERS = 3
LONGEST = 60.0


@pytest.fixture(scope="module")
def town(app: Any, database_url: str, cheap_hashes: None) -> Iterator[Town]:
    with own_town(database_url) as found:
        yield found


def deadlocks(town: Town) -> int:
    with town.read() as session:
        session.execute(text("select pg_stat_force_next_flush()"))
        session.execute(text("select pg_stat_clear_snapshot()"))
        return session.scalar(text(DEADLOCKS))


HARM = {
    "与待办": "update work_item set status = 'cancelled' where status = 'open'",
    "应有一份提交内容": "delete from submission where id = (select max(id) from submission)",
    "操作答复": "delete from act_done where key = (select max(key) from act_done)",
    "应有一个岗位计时": "update clock set state = 'stopped' where kind = 'position' and state = 'running'",
    "仍有": "update clock set state = 'running' where kind = 'position' and state = 'stopped'",
    "没有生成PDF": "delete from job",
    "登记到": "update document_series set last = last + 1",
    "不在文件库中": "update document set pdf_digest = repeat('a', 64)",
}


def test_what_is_missing_or_double_is_found(town):
    town.open("dust-heap", "file_review")
    with town.read() as session:
        assert list(soundness.everything(session)) == []
    for words, harm in HARM.items():
        with town.read() as session:
            session.execute(text(harm))
            assert words in " ".join(soundness.everything(session)), words


def test_many_acts_at_once_never_wait_in_a_circle(town):
    opened = [town.open("dust-heap", "file_review") for _ in range(6)]
    before = deadlocks(town)
    work = iter([town.work(case_id, "file_review") for case_id in opened])
    lead, registered = (
        town.answers("dust-heap", "penalty_file_review"),
        town.answers("dust-heap", "penalty_lead"),
    )
    lock, numbers, failures = threading.Lock(), itertools.count(), []

    def step() -> None:
        with lock:
            mine = next(work, None)
        if mine:
            town.do(acts.hand_in, "hb-lead", *mine, key(), lambda *_: lead)
        case_id = town.open("dust-heap", "register")
        town.do(acts.hand_in, "hb-intake", *town.work(case_id, "register"), key(), lambda *_: registered)

    def suspend() -> None:
        for case_id in opened:
            with town.act() as session:
                deputy, proof = actor(session, "hb-deputy"), "a" * 64
                cases.lock(session, case_id)
                for one in deadlines.of_case(session, case_id):
                    if one.kind == "position" and one.state == "running":
                        deadlines.suspend(session, one.id, "stay", "法", proof, clock.today(), deputy)

    def sweep() -> None:
        with town.act() as session:
            session.execute(text(TURN))
        with town.app.app_context():
            jobs.tick(clock.now() + timedelta(minutes=next(numbers)))

    def calendar() -> None:
        with town.act() as session:
            session.execute(text(LOOSEN))
        with town.act() as session:
            edition = CalendarEdition(
                year=clock.today().year, source="演练", difference=[], by=0, at=clock.now()
            )
            session.add(edition)
            session.flush()
            ledger.recompute(session, edition.id)

    def void() -> None:
        with town.act() as session:
            standing = select(Document).where(Document.status == "issued").order_by(Document.id)
            for document in session.scalars(standing.limit(2)):
                documents.void(session, document, "演练", 1)

    def export() -> None:
        for case_id in opened[:2]:
            with town.act() as session:
                archive.enter(session, case_id)

    def again(work: Any, times: int) -> None:
        for _ in range(times):
            try:
                work()
            except XingquanError:
                continue
            except Exception as error:
                failures.append(error)
                return

    mixed = [(step, 3)] * WRITERS + [
        (suspend, 2),
        (sweep, 8),
        (sweep, 8),
        (calendar, 6),
        (void, 4),
        (export, 3),
    ]
    threads = [threading.Thread(target=again, args=one) for one in mixed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    assert not [thread for thread in threads if thread.is_alive()], "they wait for each other"
    assert failures == []
    assert deadlocks(town) == before
    gapless(town)
