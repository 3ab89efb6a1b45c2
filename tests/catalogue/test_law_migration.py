"""Articles that were taken in before statutes had versions become those of the version of their day, and back again."""

import databases
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from app.kernel import keys, migrations

MINE = "20261130_law"
BEFORE = [
    ("示范法", "1", "中华人民共和国示范法", "旧。", None),
    ("示范法", "2", "中华人民共和国示范法", "新。", "2020-01-02"),
    ("示范条例", "3", "示范条例", "三。", "2021-05-06"),
]
ROWS = "select law_key, article, law, body, version_on::text from law_article order by law_key, article"
NOW = """
select a.law_key, a.article, l.name, a.body, v.adopted_on::text, v.dated
from law_article a join law_version v on v.id = a.version_id join law l on l.key = a.law_key order by 1, 2
"""


@pytest.fixture
def engine(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("XQ_DATA_KEYS", str(tmp_path / "data.json"))
    keys.forget()
    with databases.database(database_url, "law_versions") as url:
        made = create_engine(url)
        yield made
        made.dispose()
    keys.forget()


def test_articles_get_their_version_and_lose_it_again(engine):
    def to(revision: str, way=command.upgrade) -> None:
        migrations._locked(engine, lambda config: way(config, revision))

    found = []
    migrations._locked(
        engine, lambda config: found.append(ScriptDirectory.from_config(config).get_revision(MINE))
    )
    before = found[0].down_revision
    to(before)
    with engine.begin() as connection:
        for row in BEFORE:
            connection.execute(
                text("insert into law_article values (:k, :a, :l, :b, cast(:v as date), '公报', now())"),
                dict(zip("kalbv", row, strict=True)),
            )
    to(MINE)
    with engine.connect() as connection:
        told = [tuple(row) for row in connection.execute(text(NOW))]
    assert sorted(told) == sorted((*row, "adopted" if row[4] else "unknown") for row in BEFORE)
    to(before, command.downgrade)
    with engine.connect() as connection:
        assert sorted(tuple(row) for row in connection.execute(text(ROWS))) == sorted(BEFORE)
    to(MINE)
