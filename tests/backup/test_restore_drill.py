"""The restore drill: back up under load, destroy, restore to a moment and to the end, go on working."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from callers import cheap_hashes
from cases.town import Town
from sqlalchemy import select

from app.cases import acts
from app.cases.models import Case, Done
from app.kernel import postgres
from app.kernel.backup import checks, content, verify
from app.kernel.backup.restore import restore
from app.kernel.db import db
from app.people import service as people

from . import drill
from .drill import Drilled, Rows

__all__ = ["cheap_hashes"]


@pytest.fixture(scope="module")
def drilled(cheap_hashes: None) -> Iterator[Drilled]:
    yield from drill.run()


@pytest.fixture
def fresh() -> Iterator:
    folder = drill.short_folder()
    yield folder / "home"
    shutil.rmtree(folder)


def findings(home) -> dict[str, list[str]]:
    """What the checks after a restore find."""
    return checks.run(db.session(), lambda digest: content.path(home / "files", digest).exists())


def differing(found: Rows, known: Rows) -> dict[str, int]:
    """Tables whose rows are not the same, with how many."""
    tables = found.keys() | known.keys()
    return {t: n for t in tables if (n := len(set(found.get(t, [])) ^ set(known.get(t, []))))}


def test_it_was_backed_up_under_load(drilled):
    assert drilled.incremental.parent == drilled.full.id
    assert drilled.incremental.parts["base.tar.gz"]["size"] < drilled.full.parts["base.tar.gz"]["size"]
    assert drilled.full.facts["state_formats"] == [1]
    assert len(drilled.at_moment["case"]) >= drill.WRITERS
    assert set(drilled.at_end["act_done"]) > set(drilled.at_moment["act_done"])
    assert len(list(content.digests(drilled.place.files))) >= 2
    assert verify.verify(drilled.place) == []


def test_restored_to_a_moment_everything_before_is_there_and_nothing_after(drilled, fresh):
    made = restore(drilled.place, fresh, until=drilled.moment, options=drill.SMALL)
    assert (made.backup.id, made.absent) == (drilled.incremental.id, ())
    with postgres.running(fresh, drill.SMALL) as address, drill.opened(address, fresh / "files") as app:
        town = Town(app)
        assert differing(town.rows(), drilled.at_moment) == {}
        with app.app_context():
            found = findings(fresh)
            assert found.keys() >= {"数据表版本", "文件", "文号", "案号", "案件流程状态"}
            assert not [line for lines in found.values() for line in lines]
        a_repeated_request_gets_its_first_answer(town, drilled.case_id)
        the_case_goes_on(town, drilled.case_id)


def a_repeated_request_gets_its_first_answer(town: Town, case_id: int) -> None:
    with town.act() as session:
        done = session.scalars(select(Done).where(Done.case_id == case_id).order_by(Done.at)).first()
        case = session.get_one(Case, case_id)
        opener = people.actor_of(session, case.opened_by)
        again = acts.open_case(session, opener, case.item_id, done.key)
        assert again.case_id == case_id


def the_case_goes_on(town: Town, case_id: int) -> None:
    before = town.rows(case_id)
    journey = drill.resumed(town, case_id)
    journey.act()
    after = town.rows(case_id)
    assert len(after["submission"]) == len(before["submission"]) + 1
    assert len(after["record_entry"]) > len(before["record_entry"])


def test_restored_to_the_end_nothing_committed_is_lost(drilled, fresh):
    made = restore(drilled.place, fresh, options=drill.SMALL)
    assert made.last is not None
    assert drilled.moment < made.last <= drilled.end + timedelta(seconds=5)
    with postgres.running(fresh, drill.SMALL) as address, drill.opened(address, fresh / "files") as app:
        assert differing(Town(app).rows(), drilled.at_end) == {}
        with app.app_context():
            assert not [line for lines in findings(fresh).values() for line in lines]


def test_a_moment_in_silence_after_the_last_commit_is_the_end(drilled, fresh):
    """PostgreSQL itself refuses a target after the last commit; that nothing happened until then is known."""
    made = restore(drilled.place, fresh, until=drilled.end, options=drill.SMALL)
    with postgres.running(fresh, drill.SMALL) as address, drill.opened(address, fresh / "files") as app:
        assert differing(Town(app).rows(), drilled.at_end) == {}
    assert made.until == drilled.end
