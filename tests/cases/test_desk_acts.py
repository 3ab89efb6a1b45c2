"""The acts on a task besides handing it in: offered to the right person, refused to others, done once."""

import pytest

from app.cases import acts
from app.cases import service as cases
from app.cases.models import WorkStatus
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .town import actor, waiting


@pytest.fixture
def claimed(stage, desk):
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    acts.claim(desk, actor(desk, "hb-officer1"), work.id, case.key())
    return case, work


def menu(desk, login, work):
    person = actor(desk, login)
    return [entry.name for entry in cases.desk_menu(cases.desk(desk, person, work.id).place(desk, person))]


def test_a_claimed_task_is_given_back_once_with_its_reason(claimed, desk):
    case, work = claimed
    mine, key = actor(desk, "hb-officer1"), case.key()
    assert "release" in menu(desk, "hb-officer1", work)
    assert "release" not in menu(desk, "hb-officer2", work)
    with pytest.raises(Invalid) as caught:
        cases.desk_act(desk, mine, work.id, work.version, key, "release", {"reason": " "})
    assert caught.value.errors == {"reason": ["请填写理由。"]}
    assert work.assignee_id == mine.officer_id

    given = {"reason": "出差一周"}
    version = work.version
    done = cases.desk_act(desk, mine, work.id, version, key, "release", given)
    assert (done.outcome, work.assignee_id, work.status) == ("work.release", None, WorkStatus.OPEN)
    assert cases.desk_act(desk, mine, work.id, version, key, "release", given) == done
    assert work.version == version + 1


def test_an_act_is_refused_to_others_and_when_the_task_has_moved_on(claimed, desk):
    case, work = claimed
    given = {"reason": "理由"}
    with pytest.raises(Forbidden):
        cases.desk_act(desk, actor(desk, "hb-officer2"), work.id, work.version, case.key(), "release", given)
    with pytest.raises(Conflict):
        cases.desk_act(
            desk, actor(desk, "hb-officer1"), work.id, work.version + 1, case.key(), "release", given
        )
    with pytest.raises(NotFound):
        cases.desk_act(desk, actor(desk, "hb-officer1"), work.id, work.version, case.key(), "vanish", given)
    with pytest.raises(NotFound):
        cases.desk_act(
            desk, actor(desk, "szhb-officer1"), work.id, work.version, case.key(), "release", given
        )


def test_where_nobody_can_be_chosen_the_page_says_so_instead_of_asking(stage, desk):
    case = stage("dust-heap", until="pre_review")
    work = waiting(desk, case.case_id, "pre_review")
    acts.claim(desk, actor(desk, "hb-review"), work.id, case.key())
    for name, who in (("transfer", "接手人员"), ("delegate", "受委派人员")):
        _, act, offer = cases.desk_offer(desk, actor(desk, "hb-review"), work.id, name)
        assert offer.fields == ()
        assert offer.why_not == f"没有可以选择的“{who}”，现在不能{act.verb}。"
