"""Cases made in bulk are cases like any other: their records hold, they go on, and what falls due fires once."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.audit import service as audit
from app.cases import acts, finding
from app.cases import queries as case_queries
from app.cases.models import Case, WorkItem, WorkStatus
from app.diagrams import service as diagrams
from app.inbox import queries as inbox
from app.kernel import clock, jobs, keys
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import service as people
from bench import _due, data, scale
from bench._site import plain_connection, site

CASES = 200


@pytest.fixture(scope="module")
def city() -> Iterator[Flask]:
    """An installation of this module alone with so many cases, of two agencies."""
    keys.forget()
    diagrams._cache.clear()  # ids of another database
    with site(options=data.FAST) as app, plain_connection() as connection:
        data.generate(connection, CASES, variants=1, agencies=2)
        yield app
        db.session.remove()
    keys.forget()
    diagrams._cache.clear()


@pytest.fixture
def connection(city: Flask) -> Iterator[psycopg.Connection]:
    db.session.remove()
    with plain_connection() as connection:
        yield connection


def test_there_are_as_many_as_asked_for_and_every_record_holds(connection):
    session = db.session()
    cases = {case.id: case for case in session.query(Case)}
    assert len(cases) == CASES
    assert {case.status for case in cases.values()} == {"open"}
    rows = audit.rows_of(session, min(cases), max(cases))
    assert rows.keys() == cases.keys()
    for case in cases.values():
        head = (case.record_seq, case.record_digest)
        assert audit.walk(case.id, case.no, rows[case.id], head).findings == []
    script = [
        sys.executable,
        "-m",
        "app",
        "audit",
        "verify",
        "--case",
        max(cases.values(), key=lambda c: c.id).no,
    ]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_refers_to_one_another_still_does(connection):
    for table in ("work_item", "submission", "clock", "document", "case_handler", "record_entry"):
        orphans = f'select count(*) from {table} t left join "case" c on c.id = t.case_id where c.id is null'  # noqa: S608
        assert connection.execute(orphans.encode()).fetchone() == (0,)
    for table in ("submission", "clock", "document"):
        foreign = (
            f"select count(*) from {table} t left join work_item w on w.id = t.work_item_id"  # noqa: S608
            " where t.work_item_id is not null and w.case_id is distinct from t.case_id"
        )
        assert connection.execute(foreign.encode()).fetchone() == (0,)
    for query in ('select no from "case"', "select ident_code from document", "select id from work_item"):
        found = connection.execute(query.encode()).fetchall()
        assert len(found) == len(set(found)) > 0


def test_a_record_names_the_tasks_and_numbers_of_its_own_case(connection):
    session = db.session()
    case = session.query(Case).order_by(Case.id.desc()).first()
    entries = audit.of_case(session, case.id)
    own = {work.id for work in session.query(WorkItem).filter_by(case_id=case.id)}
    named = {entry.content["work"] for entry in entries if "work" in entry.content}
    assert named <= own
    assert entries[0].content["no"] == case.no
    told = {(d["id"], d["number"]) for entry in entries for d in entry.documents}
    query = "select id, number from document where case_id = %s"
    assert told == set(connection.execute(query, [case.id]).fetchall())
    kinds = ("step.completed", "step.handed_in")
    handed_in = {e.content["data"] for e in entries if e.kind in kinds and "data" in e.content}
    data_of = connection.execute("select count(*) from submission where case_id = %s", [case.id]).fetchone()
    assert len(handed_in) == data_of[0]
    for submission in session.execute(text("select id from submission where case_id = :c"), {"c": case.id}):
        from app.cases.models import Submission

        assert audit.digest_of(session.get(Submission, submission.id).data) in handed_in


def test_a_copy_goes_on(connection):
    with transaction() as session:
        work = session.scalars(
            db.select(WorkItem)
            .where(WorkItem.node == scale.NODE, WorkItem.status == WorkStatus.OPEN)
            .order_by(WorkItem.id.desc())
            .limit(1)
        ).one()
        lead = people.officers_at(session, work.agency_id, "team_lead")[0]
        actor = people.actor_of(session, lead.id)
        result = acts.hand_in(session, actor, work.id, work.version, "k" * 32, lambda *_: scale.ANSWERS)
    assert result.outcome == "done"
    assert [task["name"] for task in result.next] == ["业务审核"]
    with transaction() as session:
        case = session.get_one(Case, result.case_id)
        rows = audit.rows_of(session, case.id, case.id)[case.id]
        assert audit.walk(case.id, "", rows, (case.record_seq, case.record_digest)).findings == []


def test_a_copy_is_found_by_its_own_party(connection):
    session = db.session()
    case = session.scalars(db.select(Case).where(Case.title != "").order_by(Case.id.desc()).limit(1)).one()
    assert case.title.startswith(case.party["name"])
    officer = people.officers_at(session, case.agency_id, "head")[0]
    actor = people.actor_of(session, officer.id)
    found = finding.page(session, actor, [case.party["id_code"]]).cases
    assert case.id in {one.id for one in found}
    assert {one.party["id_code"] for one in found} == {case.party["id_code"]}
    assert [one.id for one in finding.page(session, actor, [case.no]).cases] == [case.id]


def test_lists_show_what_the_plain_conditions_say(connection):
    """Every way into a list together gives exactly what is visible, in order, page after page."""
    session = db.session()
    agency = people.agency_id_of(session, "370400-04")
    for position in ("investigator", "team_lead", "intake", "head", "legal_review"):
        actor = people.actor_of(session, people.officers_at(session, agency, position)[0].id)
        wanted = session.scalars(
            db.select(Case.id).where(case_queries.visible(actor)).order_by(Case.id.desc())
        ).all()
        shown, before = [], None
        while True:
            page = finding.page(session, actor, before=before)
            shown += [case.id for case in page.cases]
            if (before := page.before) is None:
                break
        assert shown == wanted
        for box in (inbox.Box.MINE, inbox.Box.POSITIONS):
            rows, after = [], None
            while True:
                found = inbox.page(session, actor, box, after=after)
                rows += found.rows
                if (after := found.after) is None:
                    break
            keys_of = [(row.due_at or inbox.FAR, row.id) for row in rows]
            assert keys_of == sorted(set(keys_of))
            assert len(rows) == found.counts[box]


def test_nothing_is_due_and_what_becomes_due_fires_once(connection):
    now = clock.now()
    jobs.run_periodic(now)
    while jobs.run_due(clock.now()):
        pass
    assert {"deadlines.lights", "cases.timers"} <= jobs.idle(clock.now())
    with _due.workers() as workers:
        began = clock.now()
        ids = _due.lights(connection, 120)
        assert "deadlines.lights" not in jobs.idle(clock.now())
        _due.fired_once(connection, "clock.light", ids, _due.drain(workers).handled, began)
        cases = _due.timers(connection, 5)
        assert len(cases) == 5
        _due.fired_once(connection, "timer.fired", cases, _due.drain(workers).handled, began)
    session = db.session()
    for case_id in cases:
        case = session.get_one(Case, case_id)
        rows = audit.rows_of(session, case_id, case_id)[case_id]
        assert audit.walk(case_id, "", rows, (case.record_seq, case.record_digest)).findings == []


def test_counts_stop(connection, monkeypatch):
    monkeypatch.setattr(inbox, "MOST", 3)
    session = db.session()
    agency = people.agency_id_of(session, "370400-04")
    actor = people.actor_of(session, people.officers_at(session, agency, "investigator")[0].id)
    assert inbox.page(session, actor, inbox.Box.MINE).counts[inbox.Box.POSITIONS] == 3


def test_the_list_of_measurements_knows_them():
    done = subprocess.run([sys.executable, "-m", "bench"], capture_output=True, text=True, check=True)
    assert {"data", "scale", "start", "step"} <= {line.split()[0] for line in done.stdout.splitlines()[1:]}
