"""The law of the act or today's, the lighter one (行政处罚法 37), in a case during which the law changes."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.cases import locking, stepping
from app.cases.models import Case
from app.catalogue import item_versions
from app.catalogue.models import ItemVersion, PowerItem
from app.documents import service as documents
from app.kernel.errors import Refused

from .town import confirm, hand_in, waiting

ITEM = "ZZ-02-STHJ-007"
REASON = "新的规定罚款上限较低，适用新的规定。"
CHANGED = [
    {"min": 10000, "max": 100000, "unit": "元", "until": "2026-08-15"},
    {"min": 10000, "max": 50000, "unit": "元"},
]


@pytest.fixture
def changed(act, drive):
    """A case on an act of 7 August 2026; on 15 August the fine becomes lighter."""
    item = act.scalars(select(PowerItem).where(PowerItem.code == ITEM)).one()
    for version in act.scalars(select(ItemVersion).where(ItemVersion.item_id == item.id)):
        version.content = {**version.content, "fine": CHANGED}
    item_versions.touch(act, item.id)
    act.flush()

    def begin(until="report", **changes):
        return drive("dust-heap", until, **{"opened": "2026-08-10", "found_on": "2026-08-07"} | changes)

    return begin


def running_of(case):
    return locking.running(case.session, case.session.get_one(Case, case.case_id), case.moment)


def report(case, **changes):
    return hand_in(case, "report", "hb-officer1", **changes)


def refused(case, code, **changes):
    with pytest.raises(Refused) as caught:
        report(case, **changes)
    assert caught.value.code == code
    return caught.value


def go_on(case, until):
    """As planned from here, a task a working day."""
    while (node := case.next_node(until)) is not None:
        day = case.moment.date() + dt.timedelta(days=1 if case.moment.weekday() < 4 else 3)
        case.moment = dt.datetime.combine(day, dt.time(10), case.moment.tzinfo)
        case.do(node)


def test_the_form_begins_with_what_the_comparison_says(changed):
    case = changed()
    running = running_of(case)
    begun = stepping.form_of(running, waiting(case.session, case.case_id, "report")).prefilled(
        stepping.context_of(running)
    )
    assert (begun["acted_on"], begun["applied_law"]) == ("2026-08-07", "new")
    assert begun["applied_law_reason"].startswith("违法行为终了于2026年8月7日")
    assert "罚款上限降低" in begun["applied_law_reason"]
    assert "行政处罚法》第三十七条，适用新的规定。" in begun["applied_law_reason"]


def test_another_choice_than_the_lighter_law_says_why(changed):
    case = changed()
    told = refused(case, "applied_law", applied_law="old")
    assert "适用新的规定（从轻）" in told.message
    assert "第三十七条" in told.article
    refused(case, "applied_law", applied_law="new", applied_law_reason=" ")
    assert (
        report(case, applied_law="old", applied_law_reason="当事人书面选择适用旧的规定。").outcome == "cosign"
    )


def test_the_fine_lies_in_the_range_of_the_chosen_law(changed):
    case = changed()
    more = {"fine_amount": "60000.00", "tier": "一般", "applied_law_reason": REASON}
    assert "50000元" in refused(case, "discretion", applied_law="new", **more).message
    assert report(case, applied_law="old", **more).outcome == "cosign"


def test_where_nothing_changed_nothing_is_to_be_explained(changed):
    case = changed(found_on="2026-08-16", opened="2026-08-17")
    assert report(case).outcome == "cosign"


def test_the_decision_states_which_law_was_applied(changed):
    case = changed()
    report(case, applied_law="new", applied_law_reason=REASON)
    confirm(case, "report", "hb-officer2")
    case.filled["penalty_report"] = 1
    go_on(case, "serve")
    papers = {
        paper.code: documents.text_of(paper.data) for paper in documents.of_case(case.session, case.case_id)
    }
    assert REASON in papers["JD-01"]
    assert REASON in papers["GZ-01"]


def test_a_law_that_changes_after_the_report_is_weighed_before_the_decision(changed):
    """On the day of the report nothing had changed; on that of the decision it has."""
    case = changed(opened="2026-07-20", found_on="2026-07-17")
    assert case.moment.date() < dt.date(2026, 8, 15)
    report(case)
    confirm(case, "report", "hb-officer2")
    case.filled["penalty_report"] = 1
    go_on(case, "decide")
    case.moment = dt.datetime(2026, 8, 18, 10, tzinfo=case.moment.tzinfo)
    with pytest.raises(Refused) as caught:
        case.do("decide")
    assert caught.value.code == "applied_law"
    assert "重新提出" in caught.value.message
