"""A major case without an approving legal review: no door leads to the decision, and none leaves a trace.

Each door is tried on a committed case; whatever is refused leaves the case as it was, byte for byte: every row of
every table that belongs to it, numbers, jobs and files. What the law does allow (a review that does not pass)
goes its way and is looked at afterwards.
"""

import dataclasses
import itertools
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.cases import acts, clock_acts, demo_content, migration, stepping, timers
from app.cases.demo import officers
from app.cases.models import Case, Submission, WorkItem, WorkStatus
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused, XingquanError

from .town import Town, actor, as_post, post_to, waiting
from .untouched import edited, everything, sql, unchanged

NAME = "stone-mill"
LATER = datetime(2025, 7, 20, 10, tzinfo=clock.CHINA)
"""Long after the party's period."""
SHUT = (Refused, Conflict, Forbidden, NotFound, Invalid)

numbers = itertools.count()


def key() -> str:
    return f"door{next(numbers):028d}"


@pytest.fixture(scope="module")
def case_id(town: Town) -> int:
    """A major case whose legal review waits; every test leaves it as it was."""
    return town.open(NAME, "legal_review")


@pytest.fixture
def own(town: Town) -> int:
    """One of these for a test alone."""
    return town.open(NAME, "legal_review")


def answers(town: Town, form: str, **changes: Any) -> dict[str, Any]:
    with town.read() as session:
        agency = actor(session, "hb-intake").agency_id
        given = demo_content.answers(demo_content.case_of(NAME), form, 0, officers(session, agency), LATER)
    return given | changes


def at_later(town: Town, act: Callable[..., Any], login: str, *given: Any) -> Any:
    with clock.at(LATER):
        return town.do(act, login, *given)


def decide(
    town: Town, work_id: int, version: int, login: str = "hb-head", used: str = "", **changes: Any
) -> Any:
    data = answers(town, "penalty_decide", **changes)
    return at_later(town, acts.hand_in, login, work_id, version, used or key(), lambda *_: data)


def refused(attempt: Callable[[], Any], *codes: str) -> XingquanError:
    with pytest.raises(SHUT) as caught:
        attempt()
    assert not codes or caught.value.code in codes, (caught.value.code, caught.value.message)
    return caught.value


def undecided(town: Town, case_id: int) -> None:
    """What any reader of the case sees: no decision."""
    with town.read() as session:
        case = session.get_one(Case, case_id)
        assert not any(step.startswith("decide") for step in case.passed)
        steps = set(session.scalars(select(Submission.step).where(Submission.case_id == case_id)))
        assert not any(step.startswith("decide") for step in steps)
        papers = set(session.scalars(select(Document.code).where(Document.case_id == case_id)))
        assert not papers & {"JD-01", "JD-02"}


@pytest.fixture(autouse=True)
def no_decision(town, case_id):
    yield
    undecided(town, case_id)


DECIDE = {
    "node": "decide", "name": "作出决定", "step": "decide", "form": "penalty_decide", "position_key": "head", "officers": 0
}  # fmt: skip


def forge(town: Town, case_id: int, **changes: Any) -> int:
    """Somebody with the database puts a task of the decision into an inbox; its number."""
    with town.app.app_context():
        from app.kernel.db import db

        table = WorkItem.__table__
        with db.engine.begin() as connection:
            real = connection.execute(
                select(table).where(table.c.case_id == case_id, table.c.status == "open").limit(1)
            ).one()
            row = {k: v for k, v in real._mapping.items() if k != "id"} | {"task_id": f"f{next(numbers)}"}
            row |= {"assignee_id": None, **DECIDE, **changes}
            return connection.execute(table.insert().values(**row).returning(table.c.id)).scalar_one()


def unforge(town: Town, work_id: int) -> None:
    sql(town, "delete from work_item where id = :id", id=work_id)


@pytest.fixture
def forged(town, case_id):
    """A forged task of the decision, live by its looks."""
    work_id = forge(town, case_id)
    yield work_id
    unforge(town, work_id)


# pages and programs


def test_no_task_of_the_decision_waits_anywhere(town, case_id):
    with town.read() as session:
        assert {w.node for w in stepping.open_work(session, case_id)} == {"legal_review"}


def test_the_page_of_a_forged_task(town, case_id, forged):
    head = town.caller("hb-head")
    head.get(f"/work/{forged}")
    token = head.token("/account")
    post = as_post(answers(town, "penalty_decide")) | {"_csrf": token, "_version": "1", "_key": key()}
    with unchanged(town, case_id):
        for path in (f"/work/{forged}", f"/work/{forged}/claim", f"/work/{forged}/confirm"):
            status = head.bare_post(path, {**post, "_key": key()}).status_code
            assert status in (400, 404, 409, 422), (path, status)


def test_a_draft_becomes_no_decision(town, case_id, forged):
    head = town.caller("hb-head")
    post = as_post(answers(town, "penalty_decide")) | {"_csrf": head.token("/account")}
    head.bare_post(f"/work/{forged}/draft", post, headers={"HX-Request": "true"})
    with unchanged(town, case_id):
        refused(lambda: decide(town, forged, 1))


def test_a_call_of_the_service_names_the_review(town, case_id, forged):
    with unchanged(town, case_id):
        found = refused(lambda: decide(town, forged, 1), "legal_review")
    assert "法制审核" in found.message
    assert "第五十八条" in found.article


@pytest.mark.parametrize("outcome", ["penalty", "no_penalty", "not_established"])
def test_no_kind_of_decision(town, case_id, forged, outcome):
    with unchanged(town, case_id):
        refused(lambda: decide(town, forged, 1, outcome=outcome))


def test_a_repeated_request_with_the_same_and_with_new_keys(town, case_id, forged):
    same = key()
    with unchanged(town, case_id):
        for used in (same, same, key()):
            refused(lambda used=used: decide(town, forged, 1, used=used), "legal_review")


def test_the_key_of_an_act_that_was_done(town, own):
    """The answer to the opening of a case does not pass for a decision."""
    used = key()
    with town.read() as session:
        item = session.get_one(Case, own).item_id
    town.do(acts.open_case, "hb-intake", item, used)
    work = forge(town, own)
    with unchanged(town, own):
        refused(lambda: decide(town, work, 1, used=used))
    undecided(town, own)


@pytest.mark.parametrize("version", [-1, 0, 2, 99])
def test_stale_versions(town, case_id, forged, version):
    with unchanged(town, case_id):
        refused(lambda: decide(town, forged, version), "moved_on")


# return and review


def review(town: Town, work: tuple[int, int], login: str = "hb-legal", **changes: Any) -> Any:
    data = answers(town, "penalty_legal_review", **changes)
    return at_later(town, acts.hand_in, login, *work, key(), lambda *_: data)


def rectify(town: Town, case_id: int) -> None:
    given = demo_content.content()["journeys"]["hearing"]["answers"]["penalty_rectify"]
    data = given[0] if isinstance(given, list) else given
    at_later(town, acts.hand_in, "hb-officer1", *town.work(case_id, "rectify"), key(), lambda *_: data)
    at_later(town, acts.confirm, "hb-officer2", *town.work(case_id, "rectify"), key())


AGAINST = {"conclusion": "纠正", "law": "存在问题", "law_note": "裁量幅度与基准不符。", "opinion": "请纠正。"}


def test_loops_of_disagreement_lead_back_to_the_review(town, own):
    for _ in range(2):
        review(town, town.work(own, "legal_review"), **AGAINST)
        work = forge(town, own)
        with unchanged(town, own):
            refused(lambda work=work: decide(town, work, 1), "legal_review")
        unforge(town, work)
        rectify(town, own)
        with town.read() as session:
            assert {w.node for w in stepping.open_work(session, own)} == {"legal_review"}
    undecided(town, own)


def test_approval_in_words_with_a_defect_found_is_none(town, own):
    """The conclusion says 同意, one point says 存在问题."""
    review(town, town.work(own, "legal_review"), law="存在问题", law_note="幅度不当。", opinion="原则同意。")
    with town.read() as session:
        assert {w.node for w in stepping.open_work(session, own)} == {"rectify"}
    work = forge(town, own)
    with unchanged(town, own):
        refused(lambda: decide(town, work, 1), "legal_review")
    undecided(town, own)


@pytest.mark.parametrize(
    "login", ["hb-officer1", "hb-officer2", "hb-lapsed", "hb-head", "cg-legal", "hb-intake"]
)
def test_an_approval_by_somebody_who_may_not(town, case_id, login):
    work = town.work(case_id, "legal_review")
    with unchanged(town, case_id):
        refused(lambda: review(town, work, login))


def test_an_investigator_who_is_also_made_reviewer(town, own):
    with town.act() as session:
        post_to(session, "hb-officer2", "legal_review")
    try:
        with unchanged(town, own):
            refused(lambda: review(town, town.work(own, "legal_review"), "hb-officer2"))
    finally:
        sql(town, "delete from posting where id = (select max(id) from posting)")


# jumps: another node's task, another branch's message, another case's row


@pytest.mark.parametrize("node", ["decide", "decision_doc", "collective", "serve", "archive"])
def test_the_review_s_own_row_renamed_to_another_task(town, case_id, node):
    """The engine's id is right, the row says something else."""
    work_id, version = town.work(case_id, "legal_review")
    with town.read() as session:
        found = stepping.engine.nodes(locking.running(session, session.get_one(Case, case_id)).spec)[node]
    row = {"node": node, "step": found.attributes["step"], "form": found.attributes["form"],
           "position_key": found.position, "officers": int(found.attributes.get("officers", 0))}  # fmt: skip
    login = {"head": "hb-head", "investigator": "hb-officer1", "archive": "hb-archive"}[found.position]
    change = ", ".join(f"{k} = '{v}'" for k, v in row.items())
    data = answers(town, row["form"])
    with edited(town, "work_item", work_id, f"{change}, assignee_id = null"), unchanged(town, case_id):
        refused(lambda: at_later(town, acts.hand_in, login, work_id, version, key(), lambda *_: data))


def test_the_review_s_own_row_with_a_harmless_form(town, case_id):
    """Else the token would pass the review while somebody registers a lead."""
    work_id, version = town.work(case_id, "legal_review")
    change = "step = 'src.register', form = 'penalty_lead', position_key = 'intake', officers = 0, assignee_id = null"
    data = answers(town, "penalty_lead")
    with edited(town, "work_item", work_id, change), unchanged(town, case_id):
        refused(
            lambda: at_later(town, acts.hand_in, "hb-intake", work_id, version, key(), lambda *_: data),
            "task_forged",
        )


def test_a_done_task_opened_again(town, case_id):
    with town.read() as session:
        done = session.scalars(
            select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.node == "notice_serve")
        ).one()
    data = answers(town, "penalty_notice_serve")
    with edited(town, "work_item", done, "status = 'open'"), unchanged(town, case_id):
        version = 3
        for n in range(1, 6):
            version = n
            refused(
                lambda v=version: at_later(town, acts.hand_in, "hb-officer1", done, v, key(), lambda *_: data)
            )


def test_the_message_of_a_branch_that_is_over(town, case_id):
    with town.read() as session:
        message = session.scalars(
            select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.node == "party_response").limit(1)
        ).one()
    data = answers(town, "penalty_party_response")
    for status in ("open", "late", "done"):
        with (
            edited(town, "work_item", message, f"status = '{status}', version = 1"),
            unchanged(town, case_id),
        ):
            refused(lambda: at_later(town, acts.hand_in, "hb-officer1", message, 1, key(), lambda *_: data))


def test_the_decision_of_another_case_lent_to_this_one(town, case_id):
    """A second case, properly reviewed, stands before its decision: its task and its review do not serve here."""
    other = town.open(NAME, "decide")
    work_id, version = town.work(other, "decide")
    with edited(town, "work_item", work_id, f"case_id = {case_id}"), unchanged(town, case_id):
        refused(lambda: decide(town, work_id, version), "legal_review")
    with town.read() as session:
        lent = session.scalars(
            select(Submission.id).where(Submission.case_id == other, Submission.step == "legal.review")
        ).one()
    forged = forge(town, case_id)
    with edited(town, "submission", lent, f"case_id = {case_id}"), unchanged(town, case_id):
        refused(lambda: decide(town, forged, 1), "legal_review")
    unforge(town, forged)


def test_confirming_what_nobody_handed_in(town, case_id):
    data = json.dumps(answers(town, "penalty_decide"))
    with town.read() as session:
        head, deputy = (actor(session, login).officer_id for login in ("hb-head", "hb-deputy"))
    forged = forge(
        town, case_id, status="cosign", assignee_id=deputy, cosigner_id=head, pending=json.loads(data)
    )
    with unchanged(town, case_id):
        refused(lambda: at_later(town, acts.confirm, "hb-head", forged, 1, key()))
        refused(lambda: at_later(town, acts.send_back, "hb-head", forged, 1, key(), "理由"))
    unforge(town, forged)


def test_claiming_a_forged_task(town, case_id, forged):
    with unchanged(town, case_id):
        refused(lambda: at_later(town, acts.claim, "hb-head", forged, key()), "task_forged")


# edited state

PASSED = '{"legal.review": "2025-07-07T08:20:00+00:00", "collective": "2025-07-10T09:00:00+00:00"}'
EDITS = {
    "the review's token moved to the decision":
        "state = convert_to(replace(convert_from(state, 'UTF8'), '\"legal_review\"', '\"decide\"'), 'UTF8')",
    "not major":
        "attributes = attributes || '{\"major\": false, \"hearing_applicable\": false, \"collective_required\": false}'",
    "not major at the root": "attributes = attributes || '{\"fine\": 0, \"harsh\": false, \"major\": false}'",
    "review passed": "attributes = attributes || '{\"legal_passed\": true, \"collective_done\": true}'",
    "steps passed": f"passed = passed || '{PASSED}'",
    "all of it": f"passed = passed || '{PASSED}', attributes = attributes || '{{\"legal_passed\": true, "
                 "\"collective_done\": true}', state = convert_to(replace(convert_from(state, 'UTF8'), "
                 "'\"legal_review\"', '\"decide\"'), 'UTF8')",
    "transfer needs no review": "attributes = attributes || '{\"outcome\": \"transfer\", \"major\": false}'",
    "status": "status = 'closed'",
    "an old seal": "seal = substring(seal from 1 for 1) || sha256(state)",
    "no seal": "seal = '', attributes = attributes || '{\"major\": false}'",
    "a timer that is due": "next_due = '2020-01-01'",
    "a late letter": "late = '{\"items\": [1], \"state\": \"\", \"passed\": {}, \"after\": \"\"}'",
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_state_opens_nothing(town, case_id, forged, name):
    work_id, version = town.work(case_id, "legal_review")
    with edited(town, "case", case_id, EDITS[name]):
        with town.read() as session:
            live = stepping.engine.live(
                locking.running(session, session.get_one(Case, case_id)).spec,
                session.get_one(Case, case_id).state,
            )
        named = ", ".join(f"{k} = '{v}'" for k, v in DECIDE.items()) + ", assignee_id = null"
        with unchanged(town, case_id):
            refused(lambda: decide(town, forged, 1), "seal_broken")
            refused(lambda: review(town, (work_id, version)), "seal_broken")
            refused(lambda: at_later(town, acts.claim, "hb-head", forged, key()), "seal_broken")
        real = f"{named}, task_id = 'live{live[0].id}'"
        with edited(town, "work_item", forged, real), unchanged(town, case_id):
            refused(lambda: decide(town, forged, 1), "seal_broken")


def test_timers_do_not_move_an_edited_case(town, own):
    with edited(town, "case", own, EDITS["all of it"] + ", next_due = '2020-01-01'"):
        before = everything(town, own)
        with town.act() as session:
            timers.fire_due(session, datetime.now(UTC), 1000)
        after = everything(town, own)
        assert {k: v for k, v in before.items() if k != "case"} == {
            k: v for k, v in after.items() if k != "case"
        }
    undecided(town, own)


def test_timers_lead_nowhere(town, case_id):
    with unchanged(town, case_id), town.act() as session:
        timers.fire_due(session, datetime.now(UTC) + timedelta(days=3650), 1000)


# another version

REAL = diagrams.from_folder("penalty/ordinary")


def lawless() -> bundles.Bundle:
    """The procedure without the review, in drawing and rules."""
    rules = deepcopy(dict(REAL.rules))
    rules["reviews"] = []
    rules["required_before"] = [n for n in rules["required_before"] if "legal_passed" not in n["needs"]]
    text = REAL.internal.decode().replace('targetRef="legal_merge" name', 'targetRef="collective_merge" name')
    text = text.replace(
        'sourceRef="major_gw" targetRef="legal_merge"', 'sourceRef="major_gw" targetRef="collective_merge"'
    )
    new = dataclasses.replace(REAL, internal=text.encode(), rules=rules)
    return dataclasses.replace(
        new, digest=bundles.digest(new.key, new.external, new.internal, new.rules, new.forms)
    )


def by_hand(town: Town) -> int:
    """A version put into the database past the gate, complete with its digest; its number."""
    new = lawless()
    with town.app.app_context():
        from app.diagrams.models import ProcedureVersion
        from app.kernel.db import db

        table = ProcedureVersion.__table__
        with db.engine.begin() as connection:
            real = connection.execute(select(table).order_by(table.c.number).limit(1)).one()
            row = {k: v for k, v in real._mapping.items() if k != "id"} | {
                "number": 900 + next(numbers), "digest": new.digest, "internal": new.internal, "rules": dict(new.rules)
            }  # fmt: skip
            return connection.execute(table.insert().values(**row).returning(table.c.id)).scalar_one()


@pytest.fixture
def smuggled(town):
    version = by_hand(town)
    yield version
    sql(town, "delete from procedure_version where id = :id", id=version)
    diagrams._cache.clear()


def test_a_version_put_in_by_hand_runs_no_case(town, case_id, forged, smuggled):
    with edited(town, "case", case_id, f"procedure_id = {smuggled}"), unchanged(town, case_id):
        refused(lambda: decide(town, forged, 1), "procedure_changed")
        refused(lambda: review(town, town.work(case_id, "legal_review")), "procedure_changed")
    with unchanged(town, case_id):
        refused(
            lambda: at_later(town, migration.migrate, "hb-head", case_id, smuggled, "理由", key()),
            "procedure_changed",
        )
    with town.read() as session:
        item = session.get_one(Case, case_id).item_id
    refused(lambda: town.do(acts.open_case, "hb-intake", item, key()), "procedure_changed")


def test_a_version_published_past_the_gate_takes_no_running_case(town, case_id, forged):
    with town.act() as session:
        version = diagrams.publish(session, lawless(), lambda *_: []).id
    try:
        with unchanged(town, case_id):
            found = refused(
                lambda: at_later(town, migration.migrate, "hb-head", case_id, version, "理由", key()),
                "migration",
            )
            assert "reviews" in found.message
        with edited(town, "case", case_id, f"procedure_id = {version}"), unchanged(town, case_id):
            refused(lambda: decide(town, forged, 1), "seal_broken")
    finally:
        sql(town, "delete from procedure_version where id = :id", id=version)
        diagrams._cache.clear()


# other accounts, other acts


@pytest.mark.parametrize(
    "login",
    [
        "sf-admin",
        "sf-analyst",
        "sf-supervisor",
        "hb-officer1",
        "hb-deputy",
        "hb-legal",
        "cg-head",
        "szsf-legal",
    ],
)
def test_no_other_account_decides(town, case_id, forged, login):
    with town.read() as session:
        try:
            actor(session, login)
        except Exception:
            pytest.skip("no such account in the town")
    with unchanged(town, case_id):
        refused(lambda: decide(town, forged, 1, login))
        refused(lambda: at_later(town, acts.confirm, login, forged, 1, key()))
        refused(
            lambda: review(town, town.work(case_id, "legal_review"), login)
        ) if login != "hb-legal" else None


def test_acts_on_clocks_do_not_move_the_case(town, own):
    from app.deadlines import service as deadlines

    with town.read() as session:
        [decision] = [c.id for c in deadlines.of_case(session, own) if c.key == "decision"]
        state = session.get_one(Case, own).state
    at_later(town, clock_acts.extend, "hb-head", own, decision, {"number": 10, "reason": "案情复杂"})
    with town.read() as session:
        assert session.get_one(Case, own).state == state
    work = forge(town, own)
    with unchanged(town, own):
        refused(lambda: decide(town, work, 1), "legal_review")
    undecided(town, own)


def test_with_the_review_the_same_door_opens(town, own):
    """The tests above fail for want of the review and of nothing else."""
    review(town, town.work(own, "legal_review"))
    data = answers(town, "penalty_collective")
    at_later(town, acts.hand_in, "hb-head", *town.work(own, "collective"), key(), lambda *_: data)
    assert decide(town, *town.work(own, "decide")).outcome == "done"
    with town.read() as session:
        assert waiting(session, own, "decision_doc").status == WorkStatus.OPEN
