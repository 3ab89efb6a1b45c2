"""What a backup place refuses and finds: wrong moments, damage, missing links, another database."""

import gzip
import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from app.kernel import files as store
from app.kernel import postgres
from app.kernel.backup import content, keys, manifest, prune, schedule, service, verify, wal
from app.kernel.backup.errors import BackupError, Damaged, NeedsFull, OutOfReach, WrongPlace
from app.kernel.backup.manifest import Kind, Manifest
from app.kernel.backup.place import Place
from app.kernel.backup.restore import restore
from app.kernel.backup.take import Source, take

from . import drill
from .drill import SMALL, eventually

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@dataclass(frozen=True)
class Made:
    """A small database with a full and an incremental backup, and a segment of log after them."""

    place: Place
    full: Manifest
    incremental: Manifest
    middle: datetime
    end: datetime


def tell(address: str, statement: str) -> None:
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def rows(home: Path) -> list[int]:
    with postgres.running(home, SMALL) as address, psycopg.connect(address.replace("+psycopg", "")) as found:
        return [n for (n,) in found.execute("select n from probe order by n")]


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    root = drill.short_folder()
    home, place = root / "home", Place(root / "place")
    (home / "files" / DIGEST[:2]).mkdir(parents=True)
    home.chmod(0o711)
    content.path(home / "files", DIGEST).write_bytes(b"test")
    (home / "secret_key").write_text("s" * 64)
    beside = service.archiver_of(place.folder, home, (home / "files").as_uri())
    with postgres.running(home, SMALL, beside=beside) as address:
        source = Source(address, home / "postgres" / "run", home, (home / "files").as_uri())
        tell(address, "create table probe (n int)")
        with pytest.raises(NeedsFull):
            take(place, source, Kind.INCREMENTAL)
        full = take(place, source, Kind.FULL, passphrase=b"correct horse battery")
        tell(address, "insert into probe values (1)")
        incremental = take(place, source, Kind.INCREMENTAL)
        tell(address, "insert into probe values (2)")
        middle = datetime.now(UTC)
        tell(address, "select pg_switch_wal()")
        tell(address, "insert into probe values (3)")
        end = datetime.now(UTC)
        eventually(lambda: (reached := wal.reached(place.wal)) and reached.moment > end)
    yield Made(place, full, incremental, middle, end)
    shutil.rmtree(root)


@pytest.fixture
def fresh() -> Iterator[Path]:
    with drill.fresh_home() as home:
        yield home


@pytest.fixture
def copied(made: Made) -> Iterator[Place]:
    """The place once more, to be spoilt."""
    folder = drill.short_folder()
    shutil.copytree(made.place.folder, folder / "place", copy_function=os.link)
    yield Place(folder / "place")
    shutil.rmtree(folder)


def spoil(path: Path, at: int | None = None) -> None:
    """Change one byte, by default in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    replace(path, bytes(data))


def replace(path: Path, data: bytes) -> None:
    """Put another content in the place of a file, which other names may share."""
    path.unlink()
    path.write_bytes(data)


def change(place: Place, of: Manifest, **changes: object) -> None:
    path = place.backups / of.id / manifest.NAME
    replace(path, json.dumps(json.loads(path.read_text()) | changes).encode())


def after(made: Made) -> wal.Segment:
    """The first sealed segment behind the incremental backup."""
    first = wal.number_at(made.incremental.end_lsn - 1) + 1
    return next(segment for segment in wal.sealed(made.place.wal) if segment.number == first)


def test_a_moment_in_silence_after_the_last_commit_can_be_restored(made, fresh):
    """PostgreSQL alone refuses a target behind the last commit; the place knows that nothing came until then."""
    restore(made.place, fresh, until=made.end, options=SMALL)
    assert rows(fresh) == [1, 2, 3]


def test_a_moment_between_full_and_incremental_starts_from_the_full_one(made, fresh):
    told = restore(
        made.place, fresh, until=made.full.moment, options=SMALL, passphrase=b"correct horse battery"
    )
    assert (told.backup.id, told.keys) == (made.full.id, ("secret_key",))
    assert (fresh / "secret_key").read_text() == "s" * 64
    assert content.path(fresh / "files", DIGEST).read_bytes() == b"test"
    assert rows(fresh) == []


def test_moments_out_of_reach_are_refused(made, fresh):
    for until, words in (
        (made.full.begun - timedelta(seconds=1), "早于第一份备份"),
        (datetime.now(UTC) + timedelta(hours=1), "还没有到"),
    ):
        with pytest.raises(OutOfReach, match=words):
            restore(made.place, fresh, until=until)
    with pytest.raises(OutOfReach, match="早于备份"):
        restore(made.place, fresh, backup=made.incremental.id, until=made.full.moment)
    assert not fresh.exists()


def test_a_moment_behind_the_archive_is_refused(made, copied, fresh):
    reached = wal.reached(copied.wal)
    early = made.middle - timedelta(minutes=5)
    wal.tell(copied.wal, wal.Reached(early, reached.lsn, reached.files))
    change(copied, made.full, moment=early.isoformat())
    change(copied, made.incremental, moment=early.isoformat())
    with pytest.raises(OutOfReach, match="晚于连续归档"):
        restore(copied, fresh, until=made.end)
    assert not fresh.exists()


def test_only_an_empty_home_and_a_backup_place_will_do(made, fresh, tmp_path):
    with pytest.raises(WrongPlace, match="不是备份位置"):
        restore(Place(tmp_path), fresh)
    fresh.mkdir()
    (fresh / "something").touch()
    with pytest.raises(BackupError, match="不是空目录"):
        restore(made.place, fresh)
    assert [entry.name for entry in fresh.iterdir()] == ["something"]


def test_a_place_belongs_to_one_history_of_one_database(made, tmp_path):
    identity = made.place.identity()
    with pytest.raises(WrongPlace, match="另一个数据库"):
        made.place.claim("1", identity["timeline"])
    with pytest.raises(WrongPlace, match="恢复出来"):
        made.place.claim(identity["system"], 2)
    (tmp_path / "photo").touch()
    with pytest.raises(WrongPlace, match="不是空目录"):
        Place(tmp_path).claim("1", 1)
    with pytest.raises(BackupError, match="互相包含"):
        service.refuse_inside(tmp_path / "home" / "backup", tmp_path / "home")


@pytest.mark.parametrize("part", ["base.tar.gz", "pg_wal.tar.gz", "backup_manifest", content.LIST, keys.NAME])
def test_a_changed_byte_of_a_backup_is_found(made, copied, fresh, part):
    spoil(copied.backups / made.full.id / part)
    assert [line for line in verify.verify(copied) if part in line and "已损坏" in line]
    with pytest.raises(Damaged, match=part):
        restore(copied, fresh)
    assert not fresh.exists()


def test_a_changed_file_and_a_lost_file_are_found(made, copied):
    file = content.path(copied.files, DIGEST)
    spoil(file)
    assert verify.verify(copied) == [f"备份位置的文件 {DIGEST} 已损坏。"]
    file.unlink()
    assert verify.verify(copied) == [f"备份位置缺少文件 {DIGEST}。"]


def test_a_changed_segment_of_the_log_is_found(made, copied, fresh):
    spoil(
        copied.wal / after(made).path.name, at=200
    )  # behind the records all is zeros, however they are packed
    assert [line for line in verify.verify(copied) if after(made).name in line]
    with pytest.raises(Damaged, match=after(made).name):
        restore(copied, fresh, options=SMALL)
    assert list(fresh.iterdir()) == []


def test_a_missing_segment_is_named_and_what_lies_before_can_be_restored(made, copied, fresh):
    (copied.wal / after(made).path.name).unlink()
    assert verify.verify(copied) == [f"缺少预写日志段 {after(made).name}。"]
    for until in (None, made.end):
        with pytest.raises(Damaged, match=f"缺少预写日志段 {after(made).name}.*--until"):
            restore(copied, fresh, until=until, options=SMALL)
        assert list(fresh.iterdir()) == []
    restore(copied, fresh, until=made.incremental.moment, options=SMALL)
    assert rows(fresh) == [1]


def test_a_cut_tail_of_the_log_is_found(made, copied):
    for raw in wal.loose(copied.wal, 1):
        raw.unlink()
    assert [line for line in verify.verify(copied) if line.startswith("缺少预写日志段")]


def test_a_missing_link_is_named(made, copied, fresh):
    shutil.rmtree(copied.backups / made.full.id)
    assert [line for line in verify.verify(copied) if f"上一环 {made.full.id} 已缺失" in line]
    with pytest.raises(Damaged, match="上一环"):
        restore(copied, fresh)


def test_a_backup_without_manifest_does_not_exist(made, copied):
    (copied.backups / made.incremental.id / manifest.NAME).unlink()
    assert [each.id for each in copied.all()] == [made.full.id]
    assert verify.verify(copied) == [f"备份 {made.incremental.id} 没有清单，不能使用。"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"postgres": 12}, "PostgreSQL 12"),
        ({"revision": ["29990101_far"]}, "更新版本"),
        ({"format": 9}, "更新版本"),
    ],
)
def test_backups_of_other_software_are_refused(made, copied, fresh, changes, words):
    for each in (made.full, made.incremental):
        change(copied, each, **changes)
    with pytest.raises(BackupError, match=words):
        restore(copied, fresh)
    assert not fresh.exists() or list(fresh.iterdir()) == []


def test_keys_open_with_their_passphrase_only(made, tmp_path):
    sealed = made.place.backups / made.full.id / keys.NAME
    assert b"s" * 64 not in sealed.read_bytes()
    with pytest.raises(Damaged, match="口令不对"):
        keys.unseal(sealed, tmp_path, b"wrong horse battery")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "short").write_text("short\n")
    with pytest.raises(BackupError, match="至少"):
        keys.passphrase(tmp_path / "short")
    assert not (made.place.backups / made.incremental.id / keys.NAME).exists()


def test_pruning_keeps_what_is_needed(made, copied):
    later = datetime.now(UTC) + timedelta(days=60)
    assert prune.prune(copied, later, 1, 7, set()) == []
    second = copied.backups / "29990101T000000000Z-full"
    shutil.copytree(copied.backups / made.full.id, second)
    start = (after(made).number + 1) * wal.SEGMENT
    moments = {"begun": later.isoformat(), "moment": later.isoformat()}
    path = second / manifest.NAME
    known = json.loads(path.read_text())
    path.write_text(
        json.dumps(known | moments | {"id": second.name, "start_lsn": start, "end_lsn": start + 9})
    )
    with gzip.open(second / content.LIST, "wt") as listed:
        listed.write("")
    assert prune.prune(copied, later, 2, 7, set()) == []
    assert prune.prune(copied, later, 1, 90, set()) == []
    assert content.path(copied.files, DIGEST).exists()
    assert prune.prune(copied, later, 1, 7, {DIGEST}) == [made.incremental.id, made.full.id]
    assert content.path(copied.files, DIGEST).exists()
    assert [s.number for s in wal.sealed(copied.wal) if s.number <= after(made).number] == []


def test_one_backup_at_a_time_and_readers_beside_readers(made):
    refused = pytest.raises(BackupError, match="正在备份")
    with made.place.lock(shared=True), made.place.lock(shared=True), refused, made.place.lock():
        pass


def test_what_is_due_and_how_it_is_told(made, monkeypatch):
    moment = made.incremental.moment
    assert service.due(made.place, moment + timedelta(hours=1)) is None
    assert service.due(made.place, moment + timedelta(hours=24)) == Kind.INCREMENTAL
    assert service.due(made.place, moment + timedelta(days=8)) == Kind.FULL
    assert service.health() is None
    monkeypatch.setenv("XQ_BACKUP", str(made.place.folder))
    archived = wal.reached(made.place.wal).moment
    assert service.health(archived).state == "ok"
    assert service.health(archived + timedelta(minutes=30)).state == "stale"
    monkeypatch.setenv("XQ_BACKUP", str(made.place.folder / "nothing"))
    assert service.health().state == "none"


def test_a_place_that_never_answers_holds_nobody_up(made, monkeypatch):
    monkeypatch.setenv("XQ_BACKUP", str(made.place.folder))
    answer = threading.Event()
    monkeypatch.setattr(service, "health", lambda now: answer.wait(60) and service.Health("ok"))
    monkeypatch.setattr(service, "_look", service._Look())
    try:
        assert service.health_soon(made.end, patience=0.05).state == "unreadable"
        assert service.health_soon(made.end, patience=0.05).state == "unreadable"
    finally:
        answer.set()
    assert service.health_soon(made.end, patience=30).state == "ok"


def test_the_worker_starts_one_backup_at_a_time_and_only_with_a_place(monkeypatch):
    class Running:
        ended = None

        def poll(self):
            return self.ended

    started: list[Running] = []
    monkeypatch.setattr(schedule, "start", lambda: started.append(Running()) or started[-1])
    monkeypatch.setattr(schedule, "_running", None)
    schedule.look(None, datetime.now(UTC))
    assert started == []
    monkeypatch.setenv("XQ_BACKUP", "somewhere")
    schedule.look(None, datetime.now(UTC))
    schedule.look(None, datetime.now(UTC))
    assert len(started) == 1
    started[0].ended = 0
    schedule.look(None, datetime.now(UTC))
    assert len(started) == 2


def test_a_spoilt_file_of_the_store_is_not_copied(tmp_path):
    folder = tmp_path / "files"
    (folder / "00").mkdir(parents=True)
    (folder / "00" / ("0" * 64)).write_bytes(b"not what its name says")
    mirror = content.Mirror(folder, tmp_path / "copy")
    mirror.follow(lambda: datetime.now(UTC))
    assert mirror.spoilt == {"0" * 64}
    assert list(content.digests(tmp_path / "copy")) == []


def test_a_growing_store_is_followed(app, tmp_path):
    with app.app_context():
        app.config["FILES"], before = (tmp_path / "files").as_uri(), app.config["FILES"]
        try:
            mirror = content.Mirror(tmp_path / "files", tmp_path / "copy")
            digests = set()
            for n in range(20):
                digests.add(store.put(b"%d" % n))
                mirror.follow(lambda: datetime.now(UTC))
        finally:
            app.config["FILES"] = before
    assert set(content.digests(tmp_path / "copy")) == digests
