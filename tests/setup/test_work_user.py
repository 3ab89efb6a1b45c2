"""Web processes and workers are no superuser of the embedded database: they only add to the record."""

import psycopg
import pytest

from app import create_app
from app.kernel import migrations, postgres, work_user
from app.kernel.db import db


@pytest.fixture
def connection(home):
    supervisor = postgres.Supervisor(home, options=("-c", "fsync=off"))
    try:
        address = supervisor.start()
        app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": address})
        with app.app_context():
            migrations.upgrade(db.engine)
            db.engine.dispose()
        plain = work_user.address(address).replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(plain, autocommit=True) as connection:
            yield connection
    finally:
        supervisor.stop()


def test_who_works_may_act_but_not_bend_the_record(connection):
    who = "select rolname, rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
    assert connection.execute(who).fetchone() == ("xingquan", False, False, False)
    connection.execute("insert into fact (key, value) values ('a', '1')")
    connection.execute("update fact set value = '2'")
    connection.execute("delete from fact")
    row = (
        "insert into record_entry (case_id, at, seq, kind, digest, packed) values (1, now(), 1, 'x', '', '')"
    )
    connection.execute(row)
    for forbidden in (
        "update record_entry set kind = 'y'",
        "delete from record_entry",
        "truncate record_entry",
        "delete from record_anchor",
        "alter table record_entry disable trigger all",
        "drop trigger append_only on record_entry",
        "drop table record_leaves",
        "set session_replication_role = replica",
        "set role postgres",
        "create or replace function record_is_append_only() returns trigger language sql as ''",
    ):
        with pytest.raises(psycopg.errors.Error) as refused:
            connection.execute(forbidden)
        assert refused.value.sqlstate == "42501", forbidden
    assert connection.execute("select count(*) from record_entry").fetchone() == (1,)
