"""Simultaneous requests: one effect, the same answer to the same request, a clear word to the others."""

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from app.audit.models import RecordEntry
from app.cases import acts, demo_content
from app.cases.demo import officers
from app.cases.models import Case, Done, Submission
from app.deadlines import service as deadlines
from app.documents.models import Document, DocumentSeries
from app.kernel import clock
from app.kernel.errors import Conflict
from app.people.models import Posting

from .town import SINCE, Town, actor, post_to

numbers = itertools.count(1)


def key() -> str:
    return f"once{next(numbers):028d}"


def at_once(town: Town, *requests: Callable[[Any], Any]) -> list[Any]:
    """Each request in a thread and transaction of its own, all let go together; answers or errors in order."""
    barrier = threading.Barrier(len(requests))
    found: list[Any] = [None] * len(requests)

    def run(place: int) -> None:
        with town.act() as session:
            session.connection()
            barrier.wait(30)
            found[place] = requests[place](session)

    def caught(place: int) -> None:
        try:
            run(place)
        except Exception as error:
            found[place] = error

    threads = [threading.Thread(target=caught, args=(n,)) for n in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def given(town: Town, name: str, form: str) -> dict[str, Any]:
    plan = demo_content.case_of(name)
    with town.read() as session:
        agency = actor(session, "hb-intake").agency_id
        return demo_content.answers(plan, form, 0, officers(session, agency), clock.now())


def handing_in(login: str, work: tuple[int, int], key: str, data: dict[str, Any]) -> Callable[[Any], Any]:
    return lambda s: acts.hand_in(s, actor(s, login), work[0], work[1], key, lambda *_: data)


def one_and_conflicts(found: Sequence[Any]) -> acts.ActResult:
    """The one answer among errors, which must all be conflicts."""
    answers = [each for each in found if isinstance(each, acts.ActResult)]
    assert [type(each) for each in found if each not in answers] == [Conflict] * (len(found) - 1)
    return answers[0]


def gapless(town: Town) -> None:
    with town.read() as session:
        for series in session.scalars(select(DocumentSeries)):
            if series.type_char == "案":
                year = f"%〔{series.year}〕%"
                n = session.scalar(
                    select(func.count())
                    .select_from(Case)
                    .where(Case.agency_id == series.agency_id, Case.no.like(year))
                )
                assert n == series.last
                continue
            chosen = select(Document.seq).where(
                Document.agency_id == series.agency_id,
                Document.type_char == series.type_char,
                Document.year == series.year,
            )
            assert sorted(session.scalars(chosen)) == list(range(1, series.last + 1))
        by_case: dict[int, list[int]] = {}
        for case_id, seq in session.execute(
            select(RecordEntry.case_id, RecordEntry.seq).order_by(RecordEntry.seq)
        ):
            by_case.setdefault(case_id, []).append(seq)
        for seqs in by_case.values():
            assert seqs == list(range(1, len(seqs) + 1))


def count(town: Town, *where: Any) -> int:
    with town.read() as session:
        return session.scalar(select(func.count()).where(*where)) or 0


@pytest.fixture
def registering(town):
    """A case whose first task waits, with the answers to its form."""
    case_id = town.open("dust-heap", "register")
    return case_id, town.work(case_id, "register"), given(town, "dust-heap", "penalty_lead")


def test_a_double_click_hands_in_once_and_both_get_the_same_answer(town, registering):
    case_id, work, data = registering
    same = key()
    first, second = at_once(town, *[handing_in("hb-intake", work, same, data)] * 2)
    assert first == second
    assert first.outcome == "done"
    assert count(town, Submission.case_id == case_id) == 1
    assert count(town, Document.case_id == case_id) == 1
    later = town.do(acts.hand_in, "hb-intake", *work, same, lambda *_: {"anything": "else"})
    assert later == first
    gapless(town)


def test_two_pages_of_one_task_hand_in_once(town, registering):
    case_id, work, data = registering
    one_and_conflicts(at_once(town, *[handing_in("hb-intake", work, key(), data) for _ in "12"]))
    assert count(town, Submission.case_id == case_id) == 1
    assert count(town, Document.case_id == case_id) == 1
    gapless(town)


def test_a_key_of_another_account_opens_nothing(town, registering):
    _, work, data = registering
    with town.act() as session:
        post_to(session, "hb-archive", "intake")
    same = key()
    town.do(acts.hand_in, "hb-intake", *work, same, lambda *_: data)
    with pytest.raises(Conflict) as caught:
        town.do(acts.hand_in, "hb-archive", *work, same, lambda *_: data)
    assert caught.value.code == "key_reused"


def test_one_key_on_two_cases_at_once_acts_on_one(town):
    works = [town.work(town.open("dust-heap", "register"), "register") for _ in "12"]
    data = given(town, "dust-heap", "penalty_lead")
    same = key()
    one_and_conflicts(at_once(town, *[handing_in("hb-intake", work, same, data) for work in works]))
    gapless(town)


def test_a_confirmation_is_given_once(town):
    case_id = town.open("dust-heap", "check")
    data = given(town, "dust-heap", "penalty_check")
    town.do(acts.hand_in, "hb-officer1", *town.work(case_id, "check"), key(), lambda *_: data)
    work = town.work(case_id, "check")

    def confirming(key: str) -> Callable[[Any], Any]:
        return lambda s: acts.confirm(s, actor(s, "hb-officer2"), *work, key)

    same = key()
    first, second, other = at_once(town, confirming(same), confirming(same), confirming(key()))
    if isinstance(other, acts.ActResult):  # the other page was first: then both of the same click are late
        assert {type(first), type(second)} == {Conflict}
    else:
        assert first == second
    assert count(town, Submission.case_id == case_id, Submission.node == "check") == 1
    gapless(town)


def test_confirming_and_sending_back_at_once_does_one_of_them(town):
    case_id = town.open("dust-heap", "check")
    data = given(town, "dust-heap", "penalty_check")
    town.do(acts.hand_in, "hb-officer1", *town.work(case_id, "check"), key(), lambda *_: data)
    work = town.work(case_id, "check")
    one_and_conflicts(
        at_once(
            town,
            lambda s: acts.confirm(s, actor(s, "hb-officer2"), *work, key()),
            lambda s: acts.send_back(s, actor(s, "hb-officer2"), *work, key(), "再看"),
        )
    )


def test_a_case_is_opened_once(town):
    with town.read() as session:
        item = session.scalars(
            select(Case.item_id).where(Case.agency_id == actor(session, "hb-intake").agency_id)
        )
        item_id = item.first()
    if item_id is None:
        case_id = town.open("dust-heap", "register")
        with town.read() as session:
            item_id = session.get_one(Case, case_id).item_id
    before = count(town, Case.item_id == item_id)

    def opening(key: str) -> Callable[[Any], Any]:
        return lambda s: acts.open_case(s, actor(s, "hb-intake"), item_id, key)

    same = key()
    first, second, other = at_once(town, opening(same), opening(same), opening(key()))
    assert first == second
    assert other.case_id != first.case_id
    assert count(town, Case.item_id == item_id) == before + 2
    assert town.do(acts.open_case, "hb-intake", item_id, same) == first
    gapless(town)


def test_eight_officers_reach_for_one_task_and_one_gets_it(town):
    case_id = town.open("dust-heap", "file_review")
    work_id, _ = town.work(case_id, "file_review")
    team = ["intake", "officer1", "officer2", "officer3", "review", "hearing", "deputy", "archive"]
    logins = [f"hb-{name}" for name in team]
    with town.act() as session:
        for login in logins:
            post_to(session, login, "team_lead")
    won = one_and_conflicts(
        at_once(
            town,
            *[lambda s, login=login: acts.claim(s, actor(s, login), work_id, key()) for login in logins],
        )
    )
    assert won.outcome == "claimed"
    assert count(town, Done.case_id == case_id, Done.result["outcome"].astext == "claimed") == 1
    claims = (RecordEntry.case_id == case_id, RecordEntry.kind == "work.claimed")
    assert count(town, *claims) == 1
    with town.act() as session:
        for posting in session.scalars(select(Posting).where(Posting.valid_from == SINCE)):
            if posting.position_key == "team_lead" and posting.officer_id in {
                actor(session, login).officer_id for login in logins
            }:
                session.delete(posting)


def test_one_officer_claims_once_from_two_pages(town):
    case_id = town.open("dust-heap", "file_review")
    work_id, version = town.work(case_id, "file_review")
    one_and_conflicts(at_once(town, *[lambda s: acts.claim(s, actor(s, "hb-lead"), work_id, key())] * 2))
    assert town.work(case_id, "file_review") == (work_id, version + 1)


def test_eight_cases_take_their_numbers_without_a_gap(town):
    data = given(town, "dust-heap", "penalty_lead")
    works = [town.work(town.open("dust-heap", "register"), "register") for _ in range(8)]
    found = at_once(town, *[handing_in("hb-intake", work, key(), data) for work in works])
    assert [each.outcome for each in found] == ["done"] * 8
    gapless(town)


def test_suspending_waits_for_the_step_under_way(town):
    """Both write to the case's record: without the case's lock they would take the same place in it."""
    case_id = town.open("idle-filter", "invest_plan")
    with town.read() as session:
        [decision] = [c for c in deadlines.of_case(session, case_id) if c.key == "decision"]
    data = given(town, "idle-filter", "penalty_invest_plan")
    work = town.work(case_id, "invest_plan")
    today = clock.today()
    found = at_once(
        town,
        handing_in("hb-officer1", work, key(), data),
        lambda s: (
            deadlines.suspend(
                s, decision.id, "stay", "", "a" * 64, min(today, decision.due_on), actor(s, "hb-deputy")
            ).id
        ),
    )
    assert not [each for each in found if isinstance(each, Exception)]
    gapless(town)
