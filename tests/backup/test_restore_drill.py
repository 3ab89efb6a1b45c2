"""The restore drill: back up under load, destroy, restore to a moment and to the end, go on working."""

from pathlib import Path

import pytest
from callers import cheap_hashes
from cases.town import Town
from flask import Flask
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


def nothing_is_wrong(app: Flask, home: Path) -> None:
    """Every check after a restore is content: numbers, files, states, and what else the rooms registered."""
    with app.app_context():
        found = checks.run(db.session(), lambda digest: content.path(home / "files", digest).exists())
        db.session.remove()
    assert found.keys() >= {"数据表版本", "文件", "文号", "案号", "案件流程状态", "案件记录"}
    assert [line for lines in found.values() for line in lines] == []


def differing(found: Rows, known: Rows) -> dict[str, int]:
    """Tables whose rows are not the same, with how many."""
    tables = found.keys() | known.keys()
    return {t: n for t in tables if (n := len(set(found.get(t, [])) ^ set(known.get(t, []))))}


@pytest.mark.requirement("S3-9", part="恢复演练")
def test_the_drill(cheap_hashes):
    """One test, because the city at work is made once."""
    with drill.run() as drilled:
        it_was_backed_up_under_load(drilled)
        restored_to_a_moment_everything_before_is_there_and_nothing_after(drilled)
        restored_to_the_end_nothing_committed_is_lost(drilled)


def it_was_backed_up_under_load(drilled: Drilled) -> None:
    assert drilled.incremental.parent == drilled.full.id
    assert drilled.incremental.parts["base.tar.gz"]["size"] < drilled.full.parts["base.tar.gz"]["size"]
    assert drilled.full.facts["state_formats"] == [1]
    assert len(drilled.at_moment["case"]) >= drill.WRITERS
    assert set(drilled.at_end["act_done"]) > set(drilled.at_moment["act_done"])
    assert list(content.digests(drilled.place.files))
    assert verify.verify(drilled.place) == []


def restored_to_a_moment_everything_before_is_there_and_nothing_after(drilled: Drilled) -> None:
    with drill.fresh_home() as fresh:
        made = restore(drilled.place, fresh, until=drilled.moment, options=drill.SMALL)
        assert (made.backup.id, made.absent) == (drilled.incremental.id, ())
        with postgres.running(fresh, drill.SMALL) as address, drill.opened(address, fresh / "files") as app:
            town = Town(app)
            assert differing(town.rows(), drilled.at_moment) == {}
            nothing_is_wrong(app, fresh)
            a_repeated_request_gets_its_first_answer(town, drilled.case_id)
            the_case_goes_on(town, drilled.case_id)


def restored_to_the_end_nothing_committed_is_lost(drilled: Drilled) -> None:
    with drill.fresh_home() as fresh:
        made = restore(drilled.place, fresh, options=drill.SMALL)
        assert made.last is not None
        assert made.last > drilled.moment
        with postgres.running(fresh, drill.SMALL) as address, drill.opened(address, fresh / "files") as app:
            assert differing(Town(app).rows(), drilled.at_end) == {}
            nothing_is_wrong(app, fresh)


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
