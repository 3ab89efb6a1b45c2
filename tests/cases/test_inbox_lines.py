"""A line of the inbox says of its task's clock what the task page says, and the whole list is asked for at once."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.cases import service as cases
from app.deadlines import service as deadlines
from app.inbox import service as inbox
from app.kernel import clock
from app.people import service as people

from .town import Town

CASE, NODE = "dust-heap", "lead_review"


@pytest.fixture
def waits(drive, act):
    """A case that waits for its lead's review: its task, and the person."""
    found = drive(CASE, until=NODE)
    (work,) = [w for w in cases.open_work(act, found.case_id) if w.node == NODE]
    return found, work, people.actor_of(act, found.officers["team_lead"][0][0])


def line_of(act, actor, work_id: int, **more: bool) -> inbox.RowView | None:
    """The task's line, wherever it stands."""
    act.flush()
    for box in inbox.Box:
        for row in inbox.rows(act, inbox.page(act, actor, box).rows, **more):
            if row.id == work_id:
                return row
    return None


@pytest.mark.parametrize("state", ["running", "paused"])
@pytest.mark.parametrize("days", [0, 3, 6, 40])
def test_a_line_says_what_the_clock_says(waits, act, days, state):
    found, work, actor = waits
    act.flush()
    act.execute(text("update clock set state = :s where work_item_id = :w"), {"s": state, "w": work.id})
    act.expire_all()
    with clock.at(found.moment + timedelta(days=days)):
        line = line_of(act, actor, work.id)
        (view,) = [view for view in deadlines.of_case(act, found.case_id) if view.work_item_id == work.id]
        assert line.due == cases.due_of(view)
    assert (line.name, line.case_id, line.title) == (
        work.name,
        found.case_id,
        cases.case(act, actor, found.case_id).title,
    )


def test_of_what_is_done_the_clock_is_read_where_it_is_asked_for(waits, act):
    found, work, actor = waits
    found.do(NODE)
    assert line_of(act, actor, work.id).due is None
    line = line_of(act, actor, work.id, past=True)
    (view,) = [view for view in deadlines.of_case(act, found.case_id) if view.work_item_id == work.id]
    assert line.due == cases.due_of(view)
    assert line.due.left in ("按时办结", "超期办结")


@pytest.mark.parametrize("box", ["mine", "positions", "done"])
def test_a_page_asks_who_it_is_for_and_for_all_it_shows(town: Town, caplog, box):
    person = town.caller("hb-lead")
    town.open(CASE, NODE)
    person.get(f"/inbox?box={box}")  # learns the names of the positions
    with caplog.at_level(logging.INFO, "xq.request"):
        caplog.clear()
        assert person.get(f"/inbox?box={box}").status_code == 200
    (asked,) = [record for record in caplog.records if record.name == "xq.request"]
    assert asked.statements == 4  # who, how the person wants it, the lines, the counts
