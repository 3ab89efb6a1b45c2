"""Who is asked for an opinion finds the task in the list of what waits for them, when it is their turn."""

import pytest

from app.cases.models import WorkStatus
from app.inbox import queries as inbox
from app.inbox.boxes import Box
from app.kernel import clock
from app.notification import counting

from .signing_table import Table
from .town import actor


@pytest.fixture
def review(stage, desk) -> Table:
    """The review of a case: one officer, with an opinion."""
    return Table(stage("dust-heap", until="pre_review"), desk, "pre_review", "hb-review")


def asked(review, *logins: str) -> list[str]:
    """Whose list shows the task as waiting for an opinion, of these; the digest by mail counts the same."""
    session, found = review.session, []
    for login in logins:
        who = actor(session, login)
        rows = [row.id for row in inbox.page(session, who, Box.OPINIONS).rows]
        assert dict(counting.of(session, who, clock.now()).more).get("等您答复", 0) == len(rows)
        assert (review.work.id in rows) == ("sign_answer" in review.menu(login))
        found += [login] * (review.work.id in rows)
    return found


@pytest.mark.parametrize("kind", ["before", "parallel"])
def test_in_sequence_only_the_one_whose_turn_it_is_finds_it(review, kind):
    review.ask("hb-lead", "hb-deputy", kind=kind, rule="sequence")
    assert asked(review, "hb-lead", "hb-deputy") == ["hb-lead"]
    review.answer("hb-lead")
    assert asked(review, "hb-lead", "hb-deputy") == ["hb-deputy"]
    review.answer("hb-deputy")
    assert asked(review, "hb-lead", "hb-deputy") == []


def test_who_signs_after_the_handing_in_finds_it_then_and_not_before(review):
    review.ask("hb-lead", "hb-deputy", kind="after")
    assert asked(review, "hb-lead", "hb-deputy") == []
    review.hand_in()
    assert review.work.status == WorkStatus.SIGNING
    assert asked(review, "hb-lead", "hb-deputy") == ["hb-lead", "hb-deputy"]
    review.answer("hb-lead")
    assert asked(review, "hb-lead", "hb-deputy") == ["hb-deputy"]


def test_a_parallel_round_is_still_found_when_the_task_waits_for_it(review):
    review.ask("hb-lead", kind="parallel")
    assert asked(review, "hb-lead") == ["hb-lead"]
    review.hand_in()
    assert review.work.status == WorkStatus.SIGNING
    assert asked(review, "hb-lead") == ["hb-lead"]
