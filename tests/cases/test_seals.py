"""A case row and a published version that the platform did not leave as they are take part in no act."""

import importlib.util
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.cases import acts, locking, seals, stepping, timers
from app.cases.models import Case, WorkItem
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.kernel import sealing
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.settings import ROOT
from bench import sealing as bulk

from .untouched import edited, sql, unchanged

KEY = "sealed0000000000"
numbers = iter(range(10**6))


@pytest.fixture
def case_id(town):
    return town.open("dust-heap", "check")


def try_to_claim(town, case_id) -> Refused:
    with pytest.raises(Refused) as caught:
        town.do(acts.claim, "hb-officer1", town.work(case_id, "check")[0], f"{KEY}{next(numbers)}")
    return caught.value


def broken(town, case_id, session) -> bool:
    case = session.get_one(Case, case_id)
    digest = diagrams.procedure(session, case.procedure_id).digest
    return not seals.holds(seals.row_of(case), digest, case.seal)


# the seal

EDITS = {
    "state": "state = convert_to(replace(convert_from(state, 'UTF8'), 'check', 'checq'), 'UTF8')",
    "one byte of the state": "state = set_byte(state, length(state) - 1, 93)|| '\\x20'::bytea",
    "attributes": "attributes = attributes || '{\"filing_ok\": true}'",
    "an attribute gone": "attributes = attributes - 'major'",
    "passed": 'passed = passed || \'{"legal.review": "2025-06-01T00:00:00+00:00"}\'',
    "a moment": "passed = jsonb_set(passed, '{src.register}', '\"2025-06-01T00:00:00+00:00\"')",
    "held": 'held = \'{"notice": {"fine": 9000000}}\'',
    "late": 'late = \'{"items": [], "state": "", "after": "", "passed": {}}\'',
    "monitor": "monitor = replace(monitor, '-P17.1', 'P17.1')",
    "monitor forgotten": "monitor = null",
    "status": "status = 'closed'",
    "next due": "next_due = now() - interval '1 day'",
    "agency": "agency_id = (select id from agency where id <> agency_id order by id limit 1)",
    "item": "item_id = (select id from power_item where id <> item_id order by id limit 1)",
    "region": "region_code = '370402'",
    "head of the record": "record_seq = record_seq + 1",
    "digest of the record": "record_digest = sha256('x')",
    "seal emptied": "seal = ''",
    "seal of chance": "seal = sha256('x') || '\\x00'",
    "seal cut": "seal = substring(seal from 1 for 32)",
    "one bit of the seal": "seal = set_bit(seal, 100, 1 - get_bit(seal, 100))",
    "key named otherwise": "seal = set_byte(seal, 0, (get_byte(seal, 0) + 1) % 256)",
}


@pytest.fixture(scope="module")
def kept(town):
    """A case that every test leaves as it was."""
    return town.open("dust-heap", "check")


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_row_takes_part_in_no_act(town, kept, name, caplog):
    with edited(town, "case", kept, EDITS[name]), unchanged(town, kept):
        found = try_to_claim(town, kept)
    assert found.code == "seal_broken"
    assert "系统管理员" in found.message
    assert f"seal of case {kept} is broken" in caplog.text


def test_the_seal_of_another_case_or_of_yesterday_does_not_fit(town, case_id):
    other = town.open("dust-heap", "check")
    copied = 'update "case" set seal = (select seal from "case" where id = :other) where id = :id'
    sql(town, copied, other=other, id=case_id)
    assert try_to_claim(town, case_id).code == "seal_broken"

    with town.read() as session:
        before = session.execute(
            text('select state, attributes::text, passed::text, seal from "case" where id = :id'),
            {"id": other},
        ).one()
    town.do(acts.claim, "hb-officer1", town.work(other, "check")[0], f"{KEY}{next(numbers)}")
    sql(town, 'update "case" set record_seq = record_seq + 1 where id = :id', id=other)
    sql(town, 'update "case" set seal = :seal where id = :id', seal=before.seal, id=other)
    with town.read() as session:
        assert broken(town, other, session)


def test_every_act_leaves_a_seal_that_holds(town):
    for name, until in (("dust-heap", "pre_review"), ("stone-mill", "legal_review"), ("shop-front", None)):
        case = town.open(name, until)
        with town.read() as session:
            assert not broken(town, case, session)


def test_a_case_is_not_written_by_an_act_that_has_not_locked_it(town, case_id):
    with town.read() as session:
        session.get_one(Case, case_id).cause = "另一案由"
        with pytest.raises(RuntimeError, match="has not locked it"):
            session.flush()


def test_a_former_key_holds_until_the_row_is_written_next(town, case_id):
    config = town.app.config
    secret = config["SECRET_KEY"]
    try:
        config["SECRET_KEY"] = "a new key of the town"
        diagrams._cache.clear()
        assert try_to_claim(town, case_id).code == "procedure_changed"
        config["OLD_SECRET_KEYS"] = ("another", secret)
        with town.act() as session:
            running = locking.lock(session, case_id)
            running.case.cause = "改过的案由"
        with town.read() as session:
            case = session.get_one(Case, case_id)
            digest = diagrams.procedure(session, case.procedure_id).digest
            material = seals.material(seals.row_of(case), digest)
            assert case.seal == sealing.make(seals.LABEL, material), "sealed with the new key"
    finally:
        config["SECRET_KEY"], config["OLD_SECRET_KEYS"] = secret, ()


# time goes on, but mends nothing


def test_the_timers_of_a_broken_case_hold_up_no_others(town):
    broken_one, sound = town.open("idle-filter", "party_response"), town.open("idle-filter", "party_response")
    sql(town, "update \"case\" set attributes = attributes || '{\"major\": false, \"fine\": 1}' where id = :id",
        id=broken_one)  # fmt: skip
    later = datetime.now(UTC) + timedelta(days=60)
    with town.act() as session:
        assert timers.fire_due(session, later, 100) >= 2
    with town.read() as session:
        bad, good = session.get_one(Case, broken_one), session.get_one(Case, sound)
        assert bad.next_due == later + timers.PATIENCE
        assert good.next_due is None
        assert broken(town, broken_one, session)
        assert not broken(town, sound, session)
    with town.read() as session:
        names = {w.node for w in stepping.open_work(session, broken_one)}
    assert names == {"party_response"}


def test_a_light_that_turns_does_not_mend_a_broken_seal(town, case_id):
    sql(town, 'update "case" set held = \'{"x": {}}\' where id = :id', id=case_id)
    with town.act() as session:
        assert case_id in locking.lock_all(session, [case_id], wait=True)
    later = datetime.now(UTC) + timedelta(days=4000)
    with town.act() as session:
        deadlines.turn_lights(session, later, 1000)
    with town.read() as session:
        assert broken(town, case_id, session)
    assert try_to_claim(town, case_id).code == "seal_broken"


# canonical bytes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8).filter(lambda s: "\0" not in s)
    | st.decimals(-1000000, 1000000, places=2).map(float),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab·决", max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(VALUES)
def test_a_value_has_the_same_bytes_after_it_was_stored(value):
    assert sealing.canonical(json.loads(json.dumps(value))) == sealing.canonical(value)


@settings(max_examples=120, deadline=None)
@given(VALUES, VALUES)
def test_different_values_have_different_bytes(one, other):
    same = sealing.canonical(one) == sealing.canonical(other)
    assert same == (plain(one) == plain(other))


def plain(value):
    """The value with its types, numbers by their worth."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return ("list", *map(plain, value))
    return (
        isinstance(value, bool),
        isinstance(value, str),
        Decimal(str(value)) if type(value) in (int, float) else value,
    )


def test_the_layout_in_sql_gives_the_same_seals(town, case_id):
    ids = [case_id, town.open("stone-mill", "legal_review"), town.open("idle-filter", "party_response")]
    sealed_before_the_monitor(town, ids[2])
    odd = {"a": 1.50, "b": -0.0, "c": '决定"\\\n', "d": None, "e": {"f": [True, 1e21, "x"]}}
    with town.act() as session:
        case = locking.lock(session, ids[1]).case
        case.held = odd
    with town.read() as session:
        before = dict(
            session.execute(text('select id, seal from "case" where id = any(:ids)'), {"ids": ids}).all()
        )
        address = db.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        connection.execute('update "case" set seal = %s where id = any(%s)', [b"", ids])
        assert bulk.seal(connection, ids, town.app.config["SECRET_KEY"]) == 3
    with town.read() as session:
        after = dict(
            session.execute(text('select id, seal from "case" where id = any(:ids)'), {"ids": ids}).all()
        )
    assert {k: bytes(v) for k, v in after.items()} == {k: bytes(v) for k, v in before.items()}


def sealed_before_the_monitor(town, case_id: int) -> None:
    """The case as a release left it that kept no monitor."""
    sql(town, 'update "case" set monitor = null where id = :id', id=case_id)
    with town.read() as session:
        case = session.get_one(Case, case_id)
        digest = diagrams.procedure(session, case.procedure_id).digest
        row = {name: getattr(case, name) for name in seals.FIELDS}
    sql(town, 'update "case" set seal = :seal where id = :id', seal=seals.made(row, digest), id=case_id)


def test_a_seal_from_before_the_monitor_holds_and_the_next_act_covers_it(town, case_id):
    with town.read() as session:
        kept = session.get_one(Case, case_id).monitor
    sealed_before_the_monitor(town, case_id)
    with edited(town, "case", case_id, f"monitor = '{kept}'"):
        assert try_to_claim(town, case_id).code == "seal_broken", "nothing is put in by hand either"
    town.do(acts.claim, "hb-officer1", town.work(case_id, "check")[0], f"{KEY}{next(numbers)}")
    with town.read() as session:
        case = session.get_one(Case, case_id)
        assert (case.monitor, broken(town, case_id, session)) == (None, False), "a claim moves no step"
    for _ in range(2):
        drive_on(town, case_id)
    with town.read() as session:
        case = session.get_one(Case, case_id)
        assert case.monitor
        assert not broken(town, case_id, session)


def drive_on(town, case_id: int) -> None:
    """The first officer hands the check in, the second one confirms."""
    work_id, version = town.work(case_id, "check")
    with town.read() as session:
        waits = session.get_one(WorkItem, work_id).status
    if waits == "cosign":
        town.do(acts.confirm, "hb-officer2", work_id, version, f"{KEY}{next(numbers)}")
    else:
        data = town.answers("dust-heap", "penalty_check")
        town.do(acts.hand_in, "hb-officer1", work_id, version, f"{KEY}{next(numbers)}", lambda *_: data)


def test_the_upgrade_seals_what_there_is(town, case_id):
    [path] = (ROOT / "migrations" / "versions").glob("*_trust.py")
    spec = importlib.util.spec_from_file_location("trust", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sealed_before_the_monitor(town, case_id)
    with town.app.app_context(), db.engine.connect() as connection:
        before = connection.execute(text('select id, seal from "case" order by id')).all()
        connection.execute(text('alter table "case" drop column seal'))
        connection.execute(text("alter table procedure_version drop column seal"))
        with Operations.context(MigrationContext.configure(connection)):
            module.seals()
        after = connection.execute(text('select id, seal from "case" order by id')).all()
        connection.rollback()
    sound = {row.id for row in before if row.seal}
    assert {r.id for r in after} >= sound
    assert {(r.id, bytes(r.seal)) for r in after if r.id == case_id} == {
        (r.id, bytes(r.seal)) for r in before if r.id == case_id
    }


# published versions

CONTENT = {
    "rules": "rules = rules - 'reviews'",
    "a parameter": "rules = jsonb_set(rules, '{params,major_fine_person,value}', '99999999')",
    "diagram": "internal = convert_to(replace(convert_from(internal, 'UTF8'), 'xq:officers=\"2\"', ''), 'UTF8')",
    "picture": "external = external || '\\x0a'::bytea",
    "form": "forms = jsonb_set(forms, '{penalty_legal_review,writes,legal_passed}', '{\"field\": \"opinion\"}')",
    "digest": "digest = repeat('0', 64)",
    "number": "number = number + 7",
    "key": "key = 'penalty/other'",
    "seal": "seal = ''",
}


@pytest.mark.parametrize("name", CONTENT)
def test_an_edited_version_runs_no_case(town, kept, name):
    with town.read() as session:
        version = session.get_one(Case, kept).procedure_id
    try:
        with edited(town, "procedure_version", version, CONTENT[name]):
            diagrams._cache.clear()
            with unchanged(town, kept):
                assert try_to_claim(town, kept).code == "procedure_changed"
    finally:
        diagrams._cache.clear()


def test_no_case_is_opened_on_an_edited_version(town, kept):
    with town.read() as session:
        version = session.get_one(Case, kept).procedure_id
        item = session.get_one(Case, kept).item_id
    try:
        with edited(town, "procedure_version", version, CONTENT["rules"]):
            diagrams._cache.clear()
            with pytest.raises(Refused):
                town.do(acts.open_case, "hb-intake", item, f"{KEY}{next(numbers)}")
    finally:
        diagrams._cache.clear()
