"""The measurement of a step starts its cases on the item of the case it drives, whatever else the agency exercises."""

from sqlalchemy import func, select

from app.cases import demo, demo_content
from app.cases.models import Case
from bench import step


def test_cases_are_started_on_the_item_that_is_measured(town, monkeypatch):
    monkeypatch.setattr(step, "WARM", 1)
    with town.act() as session:
        first = demo.Drive(session, demo_content.case_of(step.CASE))
        first.run(step.NODE)
    with town.app.app_context():
        assert step._start(first)["start_p50"] > 0
    with town.read() as session:
        counted = select(Case.item_id, func.count()).group_by(Case.item_id)
        ((_, started),) = session.execute(counted).tuples().all()
    assert started == 1 + 1 + 60, "the driven one, one to warm up, and those that are measured"
