"""Files sent in parts: resumed, checked whole, kept apart by account and page, swept."""

import hashlib
import os
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.forms.models import FormUpload, FormUploadPart
from app.forms.service import chunked
from app.forms.uploads import Uploads
from app.kernel import clock, files
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.transaction import transaction

ALL = ("mp4", "jpg", "pdf", "docx", "txt")
ME = chunked.Place(70001, "work:1", "trial", "photos", ALL)
SMALL = 1000


@pytest.fixture(autouse=True)
def small_parts(app: Flask, monkeypatch):
    with app.app_context():
        monkeypatch.setattr(chunked, "limits", lambda: replace(LIMITS, part=SMALL))
        yield
        with transaction() as session:
            for upload in session.scalars(select(FormUpload)).all():
                chunked._forget(session, [upload.id])


LIMITS = chunked.limits()


def film(size: int = 3500) -> bytes:
    return b"\x00\x00\x00\x18ftypisom" + os.urandom(size - 12)


def begin(content: bytes, name: str = "录像.mp4", place=ME, key: str = "k" * 20, expected: str = ""):
    with transaction() as session:
        return chunked.begin(session, place, key, name, len(content), expected)


def send(upload, content: bytes, *numbers: int, account: int = ME.account_id, scope: str = ME.scope):
    for number in numbers:
        part = content[number * SMALL : (number + 1) * SMALL]
        with transaction() as session:
            upload = chunked.add(session, account, scope, upload.id, number, part)
    return upload


def finish(upload, place=ME):
    with transaction() as session:
        return chunked.complete(session, place, upload.id)


def test_a_file_arrives_in_any_order_and_is_what_it_was():
    content = film()
    upload = begin(content, expected=hashlib.sha256(content).hexdigest())
    assert (upload.part_size, upload.have, upload.token) == (SMALL, [], "")
    assert send(upload, content, 3, 0, 2).have == [0, 2, 3]
    with pytest.raises(Conflict, match="还没有全部到达"):
        finish(upload)
    send(upload, content, 1)
    done = finish(upload)
    assert done.digest == hashlib.sha256(content).hexdigest()
    assert files.get(done.digest) == content
    assert Uploads("trial", "work:1").unseal("photos", done.token) == {
        "name": "录像.mp4", "digest": done.digest, "size": len(content), "type": "video/mp4",
    }  # fmt: skip


def test_a_reloaded_page_goes_on_where_it_was_and_nothing_counts_twice():
    content = film()
    first = send(begin(content), content, 0, 1)
    again = begin(content)
    assert (again.id, again.have) == (first.id, [0, 1])
    send(again, content, 1, 2, 3, 3)
    once, twice = finish(again), finish(again)
    assert once == twice
    assert begin(content).token == once.token
    assert send(again, content, 0).digest == once.digest


def test_what_changed_meanwhile_is_not_mixed():
    content, other = film(), film()
    upload = send(begin(content), content, 0)
    with pytest.raises(Conflict, match="发生了变化"):
        send(upload, other, 0)
    with pytest.raises(Conflict, match="另一个文件"):
        begin(content + b"x")


@pytest.mark.parametrize("stranger", [replace(ME, account_id=70002), replace(ME, scope="work:2")])
def test_to_anybody_else_and_from_another_page_it_does_not_exist(stranger):
    content = film()
    upload = send(begin(content), content, 0, 1, 2, 3)
    with pytest.raises(NotFound):
        send(upload, content, 0, account=stranger.account_id, scope=stranger.scope)
    with pytest.raises(NotFound):
        finish(upload, stranger)
    with transaction() as session:
        with pytest.raises(NotFound):
            chunked.state(session, stranger.account_id, stranger.scope, upload.id)
        chunked.drop(session, stranger.account_id, stranger.scope, upload.id)
    assert finish(upload).digest


def test_another_field_of_the_same_page_gets_no_token():
    content = film()
    upload = send(begin(content), content, 0, 1, 2, 3)
    with pytest.raises(NotFound):
        finish(upload, replace(ME, field="papers"))


def test_a_wrong_sum_is_refused_and_nothing_is_stored():
    content = film()
    upload = send(begin(content, expected="0" * 64), content, 0, 1, 2, 3)
    with pytest.raises(Invalid, match="SHA-256 不符"):
        finish(upload)
    with pytest.raises(FileNotFoundError):
        files.get(hashlib.sha256(content).hexdigest())


def test_a_part_damaged_on_its_way_is_refused():
    content = film()
    upload = begin(content)
    with transaction() as session, pytest.raises(Invalid, match="完整到达"):
        chunked.add(session, ME.account_id, ME.scope, upload.id, 0, content[:SMALL], "0" * 64)
    for number, part in ((0, content[: SMALL - 1]), (3, content[:SMALL]), (4, b""), (9999, content[:SMALL])):
        with transaction() as session, pytest.raises(Invalid, match="完整到达"):
            chunked.add(session, ME.account_id, ME.scope, upload.id, number, part)


@pytest.mark.parametrize(
    ("name", "size", "why"),
    [
        ("a.exe", 10, "不是允许的文件类型"),
        ("a", 10, "不是允许的文件类型"),
        ("a.jpg", 0, "空文件"),
        ("a.jpg", 101 * chunked.MB, "上限 100 MB"),
        ("a.mp4", 4097 * chunked.MB, "上限 4096 MB"),
    ],
)
def test_kind_and_size_are_judged_before_anything_is_sent(name, size, why):
    with transaction() as session, pytest.raises(Invalid, match=why):
        chunked.begin(session, ME, "k" * 20, name, size)


@pytest.mark.parametrize("name", ["a.mp4", "a.docx", "a.txt", "a.pdf"])
def test_what_it_is_decides_not_what_it_is_called(name):
    content = b"<html><script>\x00" + b"x" * 3000
    upload = send(begin(content, name), content, 0, 1, 2, 3)
    with pytest.raises(Invalid, match="不符"):
        finish(upload)


def test_a_quota_of_open_uploads(monkeypatch):
    monkeypatch.setattr(chunked, "limits", lambda: replace(LIMITS, part=SMALL, open_files=2, open_total=8000))
    content = film()
    begin(content, key="a" * 20)
    with pytest.raises(Invalid, match="尚未传完"):
        begin(film(5000), key="b" * 20)
    kept = begin(content, key="c" * 20)
    with pytest.raises(Invalid, match="尚未传完"):
        begin(film(500), key="d" * 20)
    finish(send(kept, content, 0, 1, 2, 3))
    begin(film(500), key="d" * 20)


def test_what_expired_is_gone_and_swept_with_its_parts():
    content = film()
    upload = send(begin(content), content, 0)
    name = chunked._part(upload.id, 0, hashlib.sha256(content[:SMALL]).hexdigest())
    assert files.get_beside(name)
    later = clock.now() + LIMITS.unfinished + timedelta(minutes=1)
    with clock.at(later):
        with pytest.raises(NotFound):
            send(upload, content, 1)
        with transaction() as session:
            chunked.sweep(session, later)
    assert files.get_beside(name) is None
    assert db.session.scalar(select(func.count()).select_from(FormUpload)) == 0


def test_parts_of_a_finished_file_are_swept_and_the_file_stays():
    content = film()
    done = finish(send(begin(content), content, 0, 1, 2, 3))
    with transaction() as session:
        chunked.sweep(session, clock.now())
    assert db.session.scalar(select(func.count()).select_from(FormUploadPart)) == 0
    assert finish(done).token == done.token
    assert files.intact(done.digest)


def test_two_at_once_send_the_same_parts_and_finish(app: Flask):
    content = film(8000)
    upload = begin(content)
    seen: list[str] = []

    def run() -> None:
        with app.app_context():
            send(upload, content, *range(8))
            seen.append(finish(upload).digest)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [hashlib.sha256(content).hexdigest()] * 4
    assert db.session.scalar(select(func.count()).select_from(FormUploadPart)) == 8


def test_names_are_sealed_at_rest():
    begin(film(), name="演示当事人姓名.mp4")
    raw = db.session.connection().exec_driver_sql("select said::text from form_upload").scalar()
    assert "演示当事人姓名".encode().hex() not in raw
