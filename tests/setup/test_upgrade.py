"""A database that a released version left behind is taken over: nothing lost, and its cases go on.

`releases/<revision>.dump` is written once by `record_release.py` and never changed.
"""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cases.town import Town, plan_of
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.cases import demo_content
from app.cases.demo import Drive
from app.cases.models import Case, CaseStatus, Submission
from app.diagrams import service as diagrams
from app.engine import service as engine
from app.kernel import migrations, postgres_software
from app.kernel.backup import checks
from app.kernel.clock import CHINA
from app.kernel.db import db
from app.kernel.sealed import unseal

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.dump"))
REWRITTEN: dict[tuple[str, str], str] = {
    ("alembic_version", "version_num"): "which migrations are applied",
    ("record_entry", "id"): "numbered anew when the record became a chain",
    ("record_entry", "agency_id"): "the case says it",
    ("record_entry", "content"): "in the chained line, which the room's own tests compare",
    ("record_entry", "digests"): "in the chained line",
    ("submission", "opinion"): "a field of the sealed data",
    ("submission", "agency_id"): "the case says it",
    ("work_item", "region_code"): "the case says it",
    **dict.fromkeys(
        [("submission", name) for name in ("node", "name", "step", "form", "at", "by_id")],
        "the task says it, and never changes",
    ),
    ("submission", "with_ids"): "words instead of a list",
}
"""Columns a later migration writes anew on purpose, and why. Everything else must stay as it was."""
GROWN = {"fact": 1}
"""Tables to which an upgrade adds rows: the fingerprint of the data keys."""
SEALED = {("case", "party"), ("work_item", "pending"), ("submission", "data"), ("form_draft", "answers"),
          ("document", "data")}  # fmt: skip
"""Columns that were JSON and are now sealed: opened, they must say the same."""


@pytest.fixture(params=RELEASES, ids=lambda path: path.stem)
def taken_over(request, database_url: str) -> Iterator[tuple[str, Path]]:
    """The address of a database with what the release left, and the release's dump."""
    plain = database_url.replace("postgresql+psycopg://", "postgresql://")
    source = psycopg.conninfo.conninfo_to_dict(plain)["dbname"]
    name = f"release_{os.getpid()}"
    with psycopg.connect(plain, autocommit=True, dbname="postgres") as connection:
        connection.execute(f'create database "{name}"')
        try:
            target = plain.replace(f"/{source}", f"/{name}", 1)
            program = postgres_software.find().binaries / "pg_restore"
            subprocess.run([program, "--exit-on-error", "--dbname", target, request.param], check=True)
            yield database_url.replace(f"/{source}", f"/{name}", 1), request.param
        finally:
            connection.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def opened(app: Flask, taken_over: tuple[str, Path]) -> Iterator[Flask]:
    own = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": taken_over[0]})
    diagrams._cache.clear()  # ids of another database
    yield own
    diagrams._cache.clear()
    with own.app_context():
        db.session.remove()
        db.engine.dispose()


def contents() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, column by column."""
    with db.engine.connect() as connection:
        tables = connection.scalars(
            text("select tablename from pg_tables where schemaname = 'public' order by 1")
        ).all()
        found = {}
        for table in tables:
            query = f'select to_jsonb(t)::text from "{table}" t'  # noqa: S608 - names of our own tables
            found[table] = [json.loads(row) for row in connection.scalars(text(query))]
        return found


def kept(rows: list[dict[str, Any]], columns: set[str]) -> Counter[str]:
    """The rows with these columns only, in an order that does not matter."""
    return Counter(
        json.dumps({c: row.get(c) for c in columns}, ensure_ascii=False, sort_keys=True) for row in rows
    )


def opened_again(table: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        for column, value in row.items():
            if (table, column) in SEALED and value is not None:
                row[column] = unseal(bytes.fromhex(value.removeprefix("\\x")), f"{table}.{column}")


def test_a_released_database_is_taken_over_with_all_its_data(opened, taken_over):
    with opened.app_context():
        before = contents()
        assert [row["version_num"] for row in before["alembic_version"]] == [taken_over[1].stem]
        assert len(before["case"]) == 4
        migrations.upgrade(db.engine)
        with db.engine.connect() as connection:
            assert migrations.applied(connection) == migrations.heads()
        after = contents()
        for table, rows in before.items():
            columns = {c for row in rows for c in row if (table, c) not in REWRITTEN}
            opened_again(table, after[table])
            assert len(after[table]) == len(rows) + GROWN.get(table, 0), table
            changed = [c for c in sorted(columns) if kept(rows, {c}) - kept(after[table], {c})]
            assert changed == [], table
            assert not kept(rows, columns) - kept(after[table], columns), table
        found = checks.run(db.session(), lambda digest: True)
        assert [line for lines in found.values() for line in lines] == []
        every_state_is_read()
    the_case_under_way_goes_on(Town(opened))


def every_state_is_read() -> None:
    session = db.session()
    for case in session.query(Case):
        procedure = diagrams.procedure(session, case.procedure_id)
        spec = engine.spec(procedure.digest, lambda p=procedure: engine.Source(internal=p.internal))
        assert bool(engine.live(spec, case.state)) == (case.status == CaseStatus.OPEN)
    db.session.remove()


class OlderDrive(Drive):
    """Answers what the forms of the case's own version ask for, and nothing that later ones ask besides."""

    def answers(self, form):
        keys = {item.get("key") for item in self.forms[form]["items"]}
        return {key: value for key, value in super().answers(form).items() if key in keys}


def the_case_under_way_goes_on(town: Town) -> None:
    """Three steps further, with the acts officers use."""
    with town.act() as session:
        case = session.query(Case).filter_by(status=CaseStatus.OPEN).one()
        drive = OlderDrive(session, plan_of("dust-heap"))
        drive.forms = diagrams.procedure(session, case.procedure_id).forms
        drive.case_id = case.id
        handed_in = session.query(Submission).filter_by(case_id=case.id).order_by(Submission.id).all()
        for each in handed_in:
            drive.filled[each.form] = drive.filled.get(each.form, 0) + 1
        drive.moment = handed_in[-1].at.astimezone(CHINA)
        node = drive.next_node("")
        for _ in range(3):
            day = demo_content.next_weekday(drive.moment.date())
            drive.moment = drive.moment.replace(year=day.year, month=day.month, day=day.day)
            drive.do(node)
            node = drive.next_node("")
        assert session.query(Submission).filter_by(case_id=case.id).count() == len(handed_in) + 3
