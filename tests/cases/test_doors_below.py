"""Doors to a decision without its review, below the services: edited rows, smuggled versions, other accounts."""

# ruff: noqa: F811 - fixtures are imported

import dataclasses
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases import acts, clock_acts, locking, migration, stepping, timers
from app.cases.models import Case, WorkStatus
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams

from .doors import (  # noqa: F401 - fixtures among them
    DECIDE,
    answers,
    at_later,
    case_id,
    decide,
    forge,
    forged,
    key,
    no_decision,
    numbers,
    own,
    refused,
    review,
    undecided,
)
from .town import Town, actor, flat, waiting
from .untouched import edited, everything, sql, unchanged

# edited state

PASSED = '{"legal.review": "2025-07-07T08:20:00+00:00", "collective": "2025-07-10T09:00:00+00:00"}'
LEAP = (
    r"""state = convert_to(regexp_replace(convert_from(state, 'UTF8'), """
    r"""'\["legal_call",\d+,\d+,\[\["legal_review",(\d+,\d+,\d+)\]\]\]', '["decide",\1]'), 'UTF8')"""
)
EDITS = {
    "the review's token moved to the decision": LEAP,
    "not major":
        "attributes = attributes || '{\"major\": false, \"hearing_applicable\": false, \"collective_required\": false}'",
    "not major at the root": "attributes = attributes || '{\"fine\": 0, \"harsh\": false, \"major\": false}'",
    "review passed": "attributes = attributes || '{\"legal_passed\": true, \"collective_done\": true}'",
    "steps passed": f"passed = passed || '{PASSED}'",
    "all of it": f"passed = passed || '{PASSED}', attributes = attributes || '{{\"legal_passed\": true, "
                 f"\"collective_done\": true}}', {LEAP}",
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

REAL = flat("penalty/ordinary")


def lawless() -> bundles.Bundle:
    """The procedure without the review, in drawing and rules."""
    rules = deepcopy(dict(REAL.rules))
    rules["reviews"] = []
    rules["required_before"] = [n for n in rules["required_before"] if "legal_passed" not in n["needs"]]
    text = REAL.internal.decode().replace(
        'sourceRef="major_gw" targetRef="legal_call"', 'sourceRef="major_gw" targetRef="collective_merge"'
    )
    new = dataclasses.replace(REAL, internal=text.encode(), rules=rules)
    return dataclasses.replace(new, digest=bundles.named(new))


def by_hand(town: Town) -> int:
    """A version put into the database past the gate, complete with its digest; its number."""
    new = lawless()
    with town.app.app_context():
        from app.diagrams.models import ProcedureVersion
        from app.kernel.db import db

        table = ProcedureVersion.__table__
        with db.engine.begin() as connection:
            chosen = select(table).where(table.c.key == REAL.key).order_by(table.c.number).limit(1)
            real = connection.execute(chosen).one()
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
        approval = diagrams.approved(1, "枣司案〔2026〕1号")
        version = diagrams.publish(session, lawless(), lambda *_: [], approval).id
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
    at_later(town, clock_acts.extend, "hb-head", own, decision, key(), {"number": 10, "reason": "案情复杂"})
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
