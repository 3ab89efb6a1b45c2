"""There is no way to write to a case beside its record: whatever changes a row of a case writes an entry with it."""

from datetime import datetime

import pytest
from sqlalchemy import text

from app.cases import acts, demo_content, timers
from app.cases import service as cases
from app.cases.demo import Drive
from app.cases.models import Case, WorkItem
from app.kernel import clock

from .town import Town, actor, plan_of

BELONGING = """
    select table_name from information_schema.columns
    where table_schema = 'public' and column_name = 'case_id' and table_name <> all(:beside)
"""
BESIDE = [
    "record_entry", "record_leaves",  # the record itself
    "upload", "form_draft",  # on its way, not handed in
    "supervision_reminder", "power_item_version",  # of other rooms, no part of the case
]  # fmt: skip
UNRECORDED = """
    select count(*) from "{table}" t where t.{key} = :case
    and not exists (select 1 from record_entry r where r.case_id = :case and r.xmin::text = t.xmin::text)
"""
"""Rows last written by a transaction that wrote no entry in the record of their case."""


def unrecorded(town: Town, case_id: int) -> dict[str, int]:
    with town.read() as session:
        tables = dict.fromkeys(session.scalars(text(BELONGING), {"beside": BESIDE}), "case_id")
        found = {}
        for table, key in {**tables, "case": "id"}.items():
            query = text(UNRECORDED.format(table=table, key=key))
            found[table] = session.scalar(query, {"case": case_id})
        return {table: count for table, count in found.items() if count}


def step_by_step(town: Town, drive: Drive, steps: int) -> None:
    """Along the plan, each act a transaction of its own."""
    for step in demo_content.path_of(drive.plan)[:steps]:
        moment = datetime.fromisoformat(step["at"]).replace(tzinfo=clock.CHINA)
        with town.act() as drive.session:
            due = drive.session.get_one(Case, drive.case_id).next_due
            if due is not None and due <= moment:
                with clock.at(due):
                    timers.fire(drive.session, drive.case_id, due)
        assert unrecorded(town, drive.case_id) == {}, "a timer"
        drive.moment = moment
        with town.act() as drive.session:
            drive.do(step["node"])
        assert unrecorded(town, drive.case_id) == {}, step["node"]


@pytest.mark.requirement("S1-11", part="案件各表的每次写入都有记录")
def test_every_row_of_a_case_was_written_with_an_entry_of_its_record(town):
    with town.act() as session:
        drive = Drive(session, plan_of("stone-mill"))
        drive.open()
    assert unrecorded(town, drive.case_id) == {}
    step_by_step(town, drive, 20)

    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    town.do(acts.claim, "hb-officer1", work_id, "r" * 20)
    assert unrecorded(town, case_id) == {}
    with town.read() as session:
        version = session.get_one(WorkItem, work_id).version
        to = str(actor(session, "hb-officer2").officer_id)
    town.do(
        cases.desk_act,
        "hb-officer1",
        work_id,
        version,
        "t" * 20,
        "transfer",
        {"to": to, "reason": "出差（演示）。"},
    )
    assert unrecorded(town, case_id) == {}
    town.do(
        cases.desk_act, "hb-head", work_id, version + 1, "u" * 20, "urge", {"note": "请尽快办理（演示）。"}
    )
    assert unrecorded(town, case_id) == {}
