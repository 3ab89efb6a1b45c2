"""What a finished case leaves in the database: little, and nothing of it lost."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.cases import locking
from app.deadlines import past
from app.deadlines import service as deadlines
from app.kernel import writes
from app.people import service as people
from bench._copies import case_tables
from bench.step import stored

from .town import own_town

MOST = {
    "submission": 9_100,
    "record_entry": 7_550,
    "work_item": 4_700,
    "case": 2_400,
    "clock_past": 1_900,
    "clock": 0,
    "supervision_reminder": 400,
    "case_handler": 200,
    "case_binding": 100,
    "case_retention": 500,
    "case_standard": 200,
}
"""Bytes; what a table weighs today, and room for a few more words."""
ODD = {
    "as they ran": "next_light_at = null",
    "another side, another light": "side = 'party', light = 'overdue', extended_by = '5wd+3wd', provisional = true,"
    " earliest_on = due_on - 1, latest_on = due_on + 2, next_light_at = null",
    "another moment, another name": "due_at = due_at + interval '7 hours', due_on = due_on + 3, name = '另名',"
    " started_at = started_at - interval '1 microsecond', next_light_at = null",
    "a rule with gaps": """rule = '{"warn": null, "stages": [{"limit": null}]}', basis = '', next_light_at = null""",
    "no task": "work_item_id = null, task_id = null, kind = 'statutory', key = 'k' || id, next_light_at = null",
}


@pytest.fixture(scope="module")
def untouched(app, database_url):
    """A town of this module's own: in one that many tests share the ids are longer, and with them the rows."""
    with own_town(database_url) as found:
        yield found


def rows(act, source, case_id):
    query = text(f"select to_jsonb(k) from ({source}) k where case_id = :case order by id")  # noqa: S608 - ours
    return list(act.scalars(query, {"case": case_id}))


def there(act, case_id):
    return rows(act, "select * from clock", case_id)


def test_the_main_journey_weighs_less_than_25_kilobytes_besides_its_documents(drive, act):
    main = drive("stone-mill", until="archive")
    before = {row["id"]: row for row in there(act, main.case_id)}
    shown = deadlines.of_case(act, main.case_id)
    main.moment += timedelta(days=13)
    main.do("archive")
    ever = {row["id"]: row for row in rows(act, past.EVER, main.case_id)}
    assert ever.keys() == before.keys()
    assert there(act, main.case_id) == []
    assert [ever[n] for n in ever if before[n]["state"] == "stopped"] == [
        row for row in before.values() if row["state"] == "stopped"
    ]
    assert {row["state"] for row in ever.values()} == {"stopped"}
    assert [view.id for view in deadlines.of_case(act, main.case_id)] == [view.id for view in shown]
    first = next(view for view in shown if view.work_item_id)
    assert deadlines.due_of_work_item(act, first.work_item_id).id == first.id
    assert deadlines.of_work_items(act, [first.work_item_id])[first.work_item_id].limit == first.limit

    act.flush()
    outside = 'select pg_column_toast_chunk_id(state) from "case" where id = :case'
    assert act.scalar(text(outside), {"case": main.case_id}) is None
    names = [table.name for table in case_tables() if table.name != "document"]
    weights = {name: stored(writes.driver(act), main.case_id, [name]) for name in names}
    assert {name: n for name, n in weights.items() if n > MOST.get(name, 0)} == {}
    assert sum(weights.values()) < 25 * 1024


def test_a_clock_with_a_ledger_keeps_its_row(drive, act):
    heard = drive("road-digger").case_id
    kept = {row["id"] for row in there(act, heard)}
    tables = ("suspension", "extension", "due_change")
    ledger = " union ".join(f"select clock_id from {table}" for table in tables)  # noqa: S608
    assert kept
    assert kept <= set(act.scalars(text(ledger)))
    assert kept < {view.id for view in deadlines.of_case(act, heard)}
    assert any(view.suspensions for view in deadlines.of_case(act, heard))


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_every_clock_comes_back_as_the_row_it_was(drive, act, odd):
    case_id = drive("dust-heap", until="file_approve").case_id
    ended = f"update clock set state = 'stopped', stopped_at = now(), {odd}"  # noqa: S608
    act.execute(text(ended.replace(":", chr(92) + ":")))
    before = there(act, case_id)
    for _ in range(2):  # another time nothing is left to do
        writes.run(act, past.FOLD, {"case": case_id})
        assert there(act, case_id) == []
        assert rows(act, past.EVER, case_id) == before


def test_clocks_that_run_stay(drive, act):
    case_id = drive("dust-heap", until="file_approve").case_id
    before = rows(act, past.EVER, case_id)
    writes.run(act, past.FOLD, {"case": case_id})
    assert {row["state"] for row in there(act, case_id)} == {"running"}
    assert rows(act, past.EVER, case_id) == before


def test_who_took_part_in_a_case_is_nobody_elses_affair(drive, act):
    """Through the lock of an act: what other cases handed in at the same steps does not count."""
    alone = drive("dust-heap", until="file_approve")
    (work,) = alone.waiting()
    actor = people.actor_of(act, alone.officers["deputy"][0][0])

    def known(key):
        locking.release(act)
        running, _ = locking.lock_work(act, actor, work.id, key)
        return running.took_part, running.rounds, running.keepers

    before = known("a" * 32)
    assert set(before[1].values()) == {1}
    drive("shop-front")
    drive("road-digger")
    assert known("b" * 32) == before
