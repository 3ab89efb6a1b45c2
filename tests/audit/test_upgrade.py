"""Rows the first release wrote become a chain that holds, and nothing of them is lost."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app import create_app
from app.archive import verify
from app.audit import service as audit
from app.kernel import migrations
from app.kernel.db import db

RELEASED = json.loads((Path(__file__).parent / "assets" / "first_release.json").read_text(encoding="utf-8"))
FIRST = "9bd302a29890"
LOOSE = """
do $$ declare c record; begin
    for c in select conrelid::regclass as owner, conname from pg_constraint where contype = 'f'
        and conrelid in ('"case"'::regclass, 'work_item'::regclass, 'submission'::regclass)
    loop execute format('alter table %s drop constraint %I', c.owner, c.conname); end loop;
end $$
""".replace(":", r"\:")


@pytest.fixture(scope="module")
def upgraded(app, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A database of the first release with two cases, brought to today's schema."""
    name = f"upgrade_{os.getpid()}"
    plain = database_url.replace("postgresql+psycopg://", "postgresql://")
    source = psycopg.conninfo.conninfo_to_dict(plain)["dbname"]
    with psycopg.connect(plain, autocommit=True, dbname="postgres") as connection:
        connection.execute(f'create database "{name}"')
        # the stored rows come without those they refer to
        connection.execute(f'alter database "{name}" set session_replication_role = replica')
    url = database_url.replace(f"/{source}", f"/{name}", 1)
    anchors = str(tmp_path_factory.mktemp("anchors"))  # not those of other tests
    own = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "ANCHORS": anchors})
    with own.app_context():
        migrations.upgrade(db.engine, FIRST)
        with db.engine.begin() as connection:
            for table, rows in RELEASED.items():
                insert = (
                    f'insert into "{table}" overriding system value'  # noqa: S608 - our tables
                    f' select * from jsonb_populate_recordset(null::"{table}", cast(:rows as jsonb))'
                )
                connection.execute(text(insert), {"rows": json.dumps(rows)})
            connection.execute(text(LOOSE))  # these rows stand alone: what they refer to is not among them
        migrations.upgrade(db.engine)
        yield
        db.session.remove()
        db.engine.dispose()
    with psycopg.connect(plain, autocommit=True, dbname="postgres") as connection:
        connection.execute(f'drop database "{name}" with (force)')


def test_the_carried_over_record_holds(upgraded):
    count = verify.Count()
    found = verify.everything(db.session(), verify.Depth(), count)
    # the procedure they ran on is not among the rows, and without it no seal can be told
    assert [f for f in found if f.code != "seal"] == []
    assert (count.cases, count.entries) == (2, len(RELEASED["record_entry"]))


def test_nothing_of_it_is_lost(upgraded):
    names = {officer["id"]: officer["name"] for officer in RELEASED["officer"]}
    new = [entry for case in RELEASED["case"] for entry in audit.of_case(db.session(), case["id"])]
    old = sorted(RELEASED["record_entry"], key=lambda row: (row["case_id"], row["seq"]))
    for entry, row in zip(new, old, strict=True):
        content = row["content"]
        assert (entry.case_id, entry.seq, entry.kind, entry.actor_id) == (
            row["case_id"],
            row["seq"],
            row["kind"],
            row["actor_id"],
        )
        assert entry.actor_name == names.get(row["actor_id"], "")
        assert entry.digests == row["digests"]
        if "data" in content:
            assert entry.content["data"] == audit.digest_of(content["data"])
        if entry.kind == "step.completed":
            assert entry.position
            assert entry.content["with"] if len(content["with"]) > 1 else "with" not in entry.content
        for name in ("steps", "actions", "reason", "light", "finished"):
            assert entry.content.get(name, content.get(name)) == content.get(name)


def test_the_table_of_the_first_release_is_gone(upgraded):
    found = db.session().scalar(text("select to_regclass('record_entry_old')"))
    assert found is None
