"""The upgrade that seals: data of the first release are carried over, and the ring is made on the way."""

import json

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from app.cases.models import Case, Submission, WorkItem
from app.documents.models import Document
from app.forms.models import FormDraft
from app.kernel import keys, migrations, searchable
from app.kernel.postgres_software import StartFailed
from app.serve import Server

FIRST = "9bd302a29890"
PARTY = {"kind": "person", "name": "演示·甲", "id_code": "993725196007172230", "phone": "10000000012"}
OPINION = {"stance": "agree", "text": "同意。"}
AT = "2026-01-05T02:00:00Z"
ROWS = {
    '"case"': {
        "no": "演〔2026〕1号",
        "agency_id": 1,
        "region_code": "370400",
        "item_id": 1,
        "procedure_id": 1,
        "title": "演示·甲案",
        "cause": "",
        "party": json.dumps(PARTY),
        "state": b"\1",
        "attributes": "{}",
        "passed": "{}",
        "held": "{}",
        "status": "open",
        "opened_at": AT,
        "opened_by": 1,
        "search": [],
    },
    "work_item": {
        "case_id": 1,
        "agency_id": 1,
        "region_code": "370400",
        "task_id": "1",
        **dict.fromkeys(("node", "name", "kind", "step", "form", "position_key", "status"), "x"),
        "officers": 2,
        "pending": json.dumps({"party": PARTY}),
        "version": 1,
        "opened_at": AT,
        "done_at": AT,
        "done_by": 1,
    },
    "submission": {
        "case_id": 1,
        "agency_id": 1,
        "work_item_id": 1,
        **dict.fromkeys(("node", "name", "step", "form"), "x"),
        "data": json.dumps({"asked_id": "993725196007172230", "view": OPINION}),
        "opinion": json.dumps(OPINION),
        "at": AT,
        "by_id": 1,
        "with_ids": [],
    },
    "form_draft": {"account_id": 1, "scope": "work:1", "answers": json.dumps({"a": "10000000012"}), "updated_at": AT},
    "document": {
        "case_id": 1,
        "agency_id": 1,
        "year": 2026,
        "seq": 1,
        "region_code": "370400",
        **dict.fromkeys(
            ("code", "title", "type_char", "ident_code", "template_digest", "data_digest", "step", "void_reason"),
            "x",
        ),
        "data": json.dumps({"blocks": [PARTY]}),
        "status": "issued",
        "issued_at": AT,
        "issued_on": "2026-01-05",
    },
}  # fmt: skip

BEFORE = (
    "insert into region (code, name, level) values ('370400', '演示', 'city')",
    "insert into agency (code, name, abbreviation, region_code, level, kind, uscc, address, phone, review_organ,"
    " court, payment) values ('1', '演示', '演', '370400', 'city', 'x', '1', '', '', '', '', '{}')",
    "insert into officer (agency_id, name, pinyin, active) values (1, '演示', 'yanshi', true)",
    "insert into power_item (agency_id, code, name, kind, procedure, status, basis, content)"
    " values (1, '1', '演示', 'x', 'x', 'x', '[]', '{}')",
    "insert into procedure_version (key, number, digest, name, kind, external, internal, rules, forms, published_at)"
    " values ('x', 1, 'x', 'x', 'x', '', '', '{}', '{}', now())",
)


@pytest.fixture
def engine(database_url: str, tmp_path, monkeypatch: pytest.MonkeyPatch):
    """A database of the first release with one row of each kind, and no ring yet."""
    monkeypatch.setenv("XQ_DATA_KEYS", str(tmp_path / "data.json"))
    keys.forget()
    plain = database_url.replace("postgresql+psycopg://", "postgresql://")
    source = psycopg.conninfo.conninfo_to_dict(plain)["dbname"]
    with psycopg.connect(plain, autocommit=True, dbname="postgres") as connection:
        connection.execute("create database sealing")
        address = plain.replace(f"/{source}", "/sealing", 1)
        made = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
        yield made
        made.dispose()
        connection.execute("drop database sealing with (force)")
    keys.forget()


def first_release(engine) -> None:
    """Bring the database to the first release and give it its rows."""
    migrations._locked(engine, lambda config: command.upgrade(config, FIRST))
    with engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(text(statement))
        for table, row in ROWS.items():
            places = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"insert into {table} ({', '.join(row)}) values ({places})"), row)  # noqa: S608


def test_an_upgrade_seals_what_was_readable(engine):
    first_release(engine)
    migrations.upgrade(engine)
    with engine.connect() as connection:
        for table in ROWS:
            stored = connection.execute(text(f"select {table}::text from {table}")).scalar_one()  # noqa: S608
            assert "id_code" not in stored
            assert "10000000012" not in stored
        known = migrations.known_keys(connection)
        assert migrations.applied(connection) == migrations.heads()
    assert known == {"fingerprint": keys.ring(fresh=True).fingerprint}
    with Session(engine) as session:
        case = session.scalars(select(Case)).one()
        assert (case.party, case.party_keys) == (PARTY, [searchable.digest(PARTY["id_code"])])
        submission = session.scalars(select(Submission)).one()
        assert (submission.opinion_field, submission.opinion) == ("view", OPINION)
        assert session.scalars(select(WorkItem.pending)).one() == {"party": PARTY}
        assert session.scalars(select(FormDraft.answers)).one() == {"a": "10000000012"}
        assert session.scalars(select(Document.data)).one() == {"blocks": [PARTY]}


def test_without_its_ring_a_sealed_database_is_not_touched(engine):
    migrations.upgrade(engine)
    keys.path().unlink()
    keys.forget()
    with pytest.raises(keys.KeysError, match="没有找到数据密钥文件"):
        migrations.upgrade(engine)
    assert not keys.path().exists()


def test_the_server_does_not_start_without_the_ring(engine):
    migrations.upgrade(engine)
    server = Server("127.0.0.1", 0)
    server.environment["DATABASE_URL"] = engine.url.render_as_string(hide_password=False)
    server._check_keys()
    keys.path().chmod(0o644)
    keys.forget()
    with pytest.raises(StartFailed, match="chmod 600"):
        server._check_keys()


def test_models_and_migrations_agree(engine):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from app import tables

    migrations.upgrade(engine)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(found, tables.load().metadata) == []
