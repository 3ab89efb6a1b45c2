"""A new data key, and everything sealed anew under it, in batches that a crash may interrupt."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app.forms.models import FormDraft
from app.kernel import files, jobs, keys, resealing, searchable, stored
from app.kernel.sealed import Unreadable

NUMBER = "993725196007172230"


@pytest.fixture
def ring(app, monkeypatch: pytest.MonkeyPatch, tmp_path):
    """A ring and a file store of this test alone."""
    monkeypatch.setitem(app.config, "FILES", (tmp_path / "files").as_uri())
    monkeypatch.setenv("XQ_DATA_KEYS", str(tmp_path / "data.json"))
    keys.forget()
    yield keys.ensure(None)
    keys.forget()


@pytest.fixture
def work(session, ring, monkeypatch: pytest.MonkeyPatch):
    """Carries out what was asked for, in this test's session, until nothing is due; the number of jobs."""
    asked: list[tuple[str, dict]] = []

    def enqueue(_, kind, payload, run_at=None, key=None):
        asked.append((kind, dict(payload)))
        return len(asked)

    monkeypatch.setattr(jobs, "enqueue", enqueue)
    monkeypatch.setattr(resealing, "BATCH", 2)

    def run() -> int:
        done = 0
        while asked:
            kind, payload = asked.pop(0)
            {resealing.ROWS_JOB: resealing.reseal_rows, resealing.FILES_JOB: resealing.reseal_files}[kind](
                session, payload
            )
            done += 1
        return done

    return run


def drafts(session, count: int) -> None:
    for number in range(count):
        session.add(
            FormDraft(
                account_id=number, scope="x", answers={"asked_id": NUMBER}, updated_at=datetime.now(UTC)
            )
        )
    session.flush()


def test_every_row_and_file_gets_the_new_key(session, work, app):
    drafts(session, 5)
    before = searchable.digest(NUMBER)
    digest = files.put(b"%PDF " + NUMBER.encode())
    keys.rotate()
    assert resealing.counts(session)["form_draft.answers"] == {1: 5}
    resealing.begin(session)
    assert work() > 256 + 3  # the files' prefixes, and several batches of drafts
    assert resealing.counts(session)["form_draft.answers"] == {2: 5}
    session.expire_all()
    assert {draft.answers["asked_id"] for draft in session.query(FormDraft)} == {NUMBER}
    assert files.get(digest) == b"%PDF " + NUMBER.encode()
    assert not files.reseal(digest, 2)
    assert searchable.digest(NUMBER) == before  # the key of the search is not rotated


def test_an_older_request_gives_way_to_a_newer_key(session, work):
    drafts(session, 1)
    keys.rotate()
    resealing.begin(session)
    keys.rotate()
    work()
    assert resealing.counts(session)["form_draft.answers"] == {1: 1}


def test_a_stored_file_is_not_readable_and_bears_the_digest_of_its_content(app, ring):
    with app.app_context():
        content = NUMBER.encode() * 100
        digest = files.put(content)
        filesystem, root = files._store()
        kept = filesystem.cat_file(files._path(root, digest))
        assert digest == hashlib.sha256(content).hexdigest()
        assert NUMBER.encode() not in kept
        assert files.get(digest) == files.open_read(digest).read() == files.opened(digest, kept) == content
        with pytest.raises(Unreadable):
            files.opened(digest, kept[:-1] + bytes([kept[-1] ^ 1]))
        with pytest.raises(Unreadable):
            files.opened("0" * 64, kept)


@pytest.mark.parametrize("size", [0, 5, 11, 42, 43, 100_000])
@pytest.mark.parametrize("piece", [1, 7, 1_000_000])
def test_a_copy_is_checked_without_a_key(size: int, piece: int):
    """By a backup that reads in pieces: whole files pass, changed and cut ones do not."""
    content = stored.MARK[: size % 7] + b"x" * size
    piece = max(piece, size // 100)
    digest = hashlib.sha256(content).hexdigest()
    for kept in (content, stored.wrapped(content)):
        for copy, whole in ((kept, True), (kept + b"x", False), (kept[:-1] if kept else b"y", False)):
            check = stored.Check(digest)
            for start in range(0, len(copy), piece):
                check.update(copy[start : start + piece])
            assert check.whole() == whole


def test_a_file_of_the_first_release_is_read_until_it_is_sealed(app, ring, monkeypatch: pytest.MonkeyPatch):
    with app.app_context():
        monkeypatch.setitem(app.config, "SEAL_FILES", False)
        digest = files.put(b"an old paper")
        filesystem, root = files._store()
        assert filesystem.cat_file(files._path(root, digest)) == b"an old paper"
        monkeypatch.setitem(app.config, "SEAL_FILES", True)
        assert files.get(digest) == b"an old paper"
        assert files.reseal(digest, 1)
        assert b"an old paper" not in filesystem.cat_file(files._path(root, digest))
        assert files.get(digest) == b"an old paper"
        with pytest.raises(Unreadable):
            files.opened(digest, b"another paper")


def test_the_jobs_run_as_jobs(app, ring):
    """The worker knows them, and a batch asks for the next one in its own transaction."""
    with app.app_context():
        from app.kernel.db import db

        session = db.session()
        asked = resealing.begin(session)
        waiting = session.execute(
            text("select count(*) from job where kind in ('keys.reseal', 'keys.reseal_files')")
        ).scalar_one()
        assert asked == waiting > 256
        assert {"keys.reseal", "keys.reseal_files"} <= set(jobs._registry.handlers)
        session.rollback()
