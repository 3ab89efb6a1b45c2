"""Large files at rest: sealed in segments, read in parts, refused when a single byte is not its own."""

import hashlib
import os

import pytest
from flask import Flask

from app.kernel import files, keys, resealing, sealed, segments, stored

STEP = 1 << segments.LOG2


@pytest.fixture
def store(app: Flask, tmp_path):
    with app.app_context():
        before = app.config["FILES"]
        app.config["FILES"] = tmp_path.as_uri()
        yield tmp_path
        app.config["FILES"] = before


def kept(store, digest: str):
    return store / digest[:2] / digest


@pytest.mark.parametrize("size", [files.LARGE, files.LARGE + 1, 5 * STEP, 5 * STEP - 1, 7 * STEP + 13])
def test_any_part_is_what_was_put_there(store, size):
    content = os.urandom(size)
    digest, counted = files.put_pieces(lambda: (content[n : n + 70_001] for n in range(0, size, 70_001)))
    assert (digest, counted) == (hashlib.sha256(content).hexdigest(), size)
    assert content[:64] not in kept(store, digest).read_bytes()
    assert files.get(digest) == content
    assert files.intact(digest)
    with files.Reader(digest) as reader:
        assert reader.size == size
        for start, stop in ((0, 1), (STEP - 1, STEP + 1), (size - 5, size), (3, size), (size, size + 9)):
            assert b"".join(reader.pieces(start, stop)) == content[start:stop]
    assert stored.whole(digest, kept(store, digest).read_bytes())


def test_a_part_reads_no_more_than_its_segments(store):
    digest = files.put(os.urandom(12 * STEP))
    with files.Reader(digest) as reader:
        asked: list[int] = []
        read = reader._segments._read
        reader._segments._read = lambda offset, length: (asked.append(length), read(offset, length))[1]
        b"".join(reader.pieces(STEP * 6 + 5, STEP * 6 + 10))
    assert asked == [STEP + segments.TAG]


@pytest.mark.parametrize("place", [stored.HEAD + 1, stored.HEAD + 12, stored.HEAD + 40, -1])
def test_one_wrong_byte_is_noticed(store, place):
    digest = files.put(os.urandom(files.LARGE))
    content = bytearray(kept(store, digest).read_bytes())
    content[place] ^= 1
    kept(store, digest).write_bytes(content)
    assert not files.intact(digest)
    with pytest.raises(sealed.Unreadable):
        files.get(digest)


def test_segments_do_not_change_places_and_none_is_left_out(store):
    digest = files.put(os.urandom(6 * STEP))
    whole = kept(store, digest).read_bytes()
    head, body = whole[: stored.HEAD + segments.HEAD], whole[stored.HEAD + segments.HEAD :]
    each = STEP + segments.TAG
    for wrong in (body[each : 2 * each] + body[:each] + body[2 * each :], body[:-each]):
        kept(store, digest).write_bytes(head + wrong)
        assert not files.intact(digest)


def test_a_file_of_another_name_is_refused(store):
    one, two = files.put(os.urandom(files.LARGE)), files.put(os.urandom(files.LARGE))
    kept(store, two).write_bytes(kept(store, one).read_bytes())
    assert not files.intact(two)


def test_it_is_sealed_anew_under_another_key(store, monkeypatch):
    digest = files.put(content := os.urandom(files.LARGE))
    number = keys.sealing().id
    assert not files.reseal(digest, number)
    assert files.reseal(digest, number + 1)
    assert files.get(digest) == content
    assert resealing.FILES_JOB == "keys.reseal_files"


def test_what_lies_beside_is_sealed_and_let_go(store):
    files.put_beside("parts/12/3-ab", b"secret words")
    assert files.get_beside("parts/12/3-ab") == b"secret words"
    assert b"secret" not in (store / "parts" / "12" / "3-ab").read_bytes()
    files.drop_beside("parts/12")
    assert files.get_beside("parts/12/3-ab") is None
    for name in ("../x", "parts", "ab/cd", "parts//x", "parts/.."):
        with pytest.raises(ValueError, match="beside"):
            files.put_beside(name, b"")
