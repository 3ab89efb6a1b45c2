"""Take one backup: the database first, then the files, then the manifest.

The order carries the promise: a file is stored before the transaction that refers to it, so every file a row
of the snapshot refers to is in the store when its files are copied.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from .. import postgres, postgres_software
from ..release import version
from . import archiver, content, durable, keys, manifest, programs, wal
from .errors import BackupError, NeedsFull
from .manifest import Kind, Manifest
from .place import Place

INCREMENTAL_SINCE = 17
"""PostgreSQL's first release with incremental backups."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up. `sockets` is the embedded database's, None for one that somebody else runs."""

    address: str
    sockets: Path | None
    home: Path
    files: str
    revision: Sequence[str] = ()
    facts: Mapping[str, Any] | None = None


def take(
    place: Place,
    source: Source,
    kind: Kind,
    *,
    archive: bool = True,
    passphrase: bytes | None = None,
    say: Say = lambda _: None,
) -> Manifest:
    """Take a backup while the platform runs. `archive`: the place is archived into continuously.

    Raises:
        NeedsFull: an incremental one has nothing to stand on.
        BackupError: it failed; nothing that counts was left behind.
    """
    software = postgres_software.find()
    plain = source.address.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True, connect_timeout=10) as connection:
        _same_version(connection, software, exact=kind != Kind.DUMP)
        system, timeline = archiver.identity(connection) if kind != Kind.DUMP else (_name(connection), 1)
        place.claim(system, timeline)
        with place.lock():
            place.clean()
            parent = _parent(place, software) if kind == Kind.INCREMENTAL else None
            begun = _clock(connection)
            ident = f"{begun:%Y%m%dT%H%M%S%f}"[:-3] + f"Z-{kind}"
            folder = place.backups / f"{ident}.part"
            folder.mkdir(mode=0o700)
            try:
                say(f"开始{manifest.WORDS[kind]}备份 {ident}")
                if kind == Kind.DUMP:
                    _dump(source, software, folder, say)
                    start = end = 0
                    moment = begun
                else:
                    _summarize(connection, software)
                    if archive:
                        archiver.ensure_slot(connection)
                    start, end = _base(source, software, folder, place, parent, say)
                    moment = _clock(connection)
                files = _files(place, source, folder, parent, say)
                if passphrase is not None:
                    keys.seal(source.home, folder / keys.NAME, passphrase)
                made = Manifest(
                    id=ident,
                    kind=kind,
                    parent=parent.id if parent else None,
                    begun=begun,
                    moment=moment,
                    system=system,
                    timeline=timeline,
                    start_lsn=start,
                    end_lsn=end,
                    postgres=_major(connection),
                    software=version(),
                    revision=tuple(sorted(source.revision)),
                    parts=_parts(folder),
                    files=files,
                    facts=dict(source.facts or {}) | {"database_bytes": _size(connection)},
                    keys=passphrase is not None,
                )
                manifest.save(made, folder)
                folder.rename(place.backups / ident)
                durable.sync_folder(place.backups)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
    return made


def _same_version(
    connection: psycopg.Connection, software: postgres_software.Software, *, exact: bool
) -> None:
    major = _major(connection)
    if major == software.major or (not exact and major < software.major):
        return
    raise BackupError(
        f"数据库是 PostgreSQL {major}，本机的备份程序是 {software.major}；"
        f"请用 XQ_POSTGRES_BIN 指定 PostgreSQL {major} 的程序目录。"
    )


def _parent(place: Place, software: postgres_software.Software) -> Manifest:
    if software.major < INCREMENTAL_SINCE:
        raise NeedsFull(
            f"PostgreSQL {software.major} 不支持增量备份（17 起支持）。连续归档已覆盖两次全量备份之间的时刻；"
            "请定期做全量备份。"
        )
    before = [each for each in place.all() if each.kind != Kind.DUMP]
    if not before:
        raise NeedsFull("还没有全量备份，不能做增量备份；请先运行 script/xq backup full。")
    place.chain(before[-1])
    return before[-1]


def _summarize(connection: psycopg.Connection, software: postgres_software.Software) -> None:
    """Let the server note which pages change, for the next incremental backup."""
    if software.major >= INCREMENTAL_SINCE:
        row = connection.execute("show summarize_wal").fetchone()
        if row and row[0] != "on":
            connection.execute("alter system set summarize_wal = on")
            connection.execute("select pg_reload_conf()")


def _base(
    source: Source,
    software: postgres_software.Software,
    folder: Path,
    place: Place,
    parent: Manifest | None,
    say: Say,
) -> tuple[int, int]:
    """Copy the database's pages; where in the log the copy begins and ends."""
    programs.need(software, "pg_basebackup")
    address = f"host={source.sockets} user={postgres.USER} dbname=postgres"
    command: list[str | Path] = [
        software.binaries / "pg_basebackup",
        "-D",
        folder,
        "-d",
        address,
        "--progress",
        "--no-sync",
    ]
    command += ["--format=tar", "--compress=client-gzip:1", "--wal-method=stream", "--checkpoint=fast"]
    command += ["--manifest-checksums=SHA256", f"--label={folder.name.removesuffix('.part')}"]
    if parent:
        command.append(f"--incremental={place.backups / parent.id / 'backup_manifest'}")
    try:
        programs.run(command, "复制数据库", say)
    except BackupError as error:
        if parent and ("WAL summar" in error.message or "incremental" in error.message):
            raise NeedsFull(
                f"自上次备份以来的变更记录不完整，不能做增量备份；请做全量备份。\n{error.message}"
            ) from error
        raise
    for entry in folder.iterdir():
        durable.sync_file(entry)
    [reach] = json.loads((folder / "backup_manifest").read_text(encoding="utf-8"))["WAL-Ranges"]
    return wal.position(reach["Start-LSN"]), wal.position(reach["End-LSN"])


def _dump(source: Source, software: postgres_software.Software, folder: Path, say: Say) -> None:
    """Export the database logically."""
    programs.need(software, "pg_dump")
    plain = source.address.replace("postgresql+psycopg://", "postgresql://")
    command: list[str | Path] = [
        software.binaries / "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
    ]
    say("导出数据库（外部数据库，逻辑导出）")
    programs.run([*command, "--file", folder / "database.dump", "--dbname", plain], "导出数据库", say)
    durable.sync_file(folder / "database.dump")


def _files(place: Place, source: Source, folder: Path, parent: Manifest | None, say: Say) -> dict[str, Any]:
    """Copy the content-addressed files that are not in the place yet, and list those new to this chain."""
    before = {name for link in (place.chain(parent) if parent else []) for name in place.listed(link)}
    there = set(content.digests(place.files))
    opened = content.opener(source.files)
    added: list[str] = []
    absent: list[str] = []
    size = copied = total = 0
    local = content.local(source.files)
    for digest in content.stored(source.files):
        total += 1
        stamp = content.stamp_of(local, digest)
        if digest not in there or content.newer(stamp, place.files, digest):
            written = content.copy(digest, opened, place.files, stamp)
            if written < 0:
                absent.append(digest)
                continue
            size += written
            copied += 1
            if copied % 1000 == 0:
                say(f"复制文件：新增 {copied} 份")
        if digest not in before:
            added.append(digest)
    content.write_list(folder / content.LIST, added)
    if absent:
        say(f"文件存储中有 {len(absent)} 份文件内容已损坏，没有备份：{'、'.join(absent[:3])}")
    return {"total": total, "added": len(added), "copied": copied, "bytes": size, "absent": absent}


def _parts(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        entry.name: {"size": entry.stat().st_size, "sha256": durable.digest(entry)}
        for entry in sorted(folder.iterdir())
    }


def _clock(connection: psycopg.Connection) -> datetime:
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None  # noqa: S101 - a select without from has a row
    moment: datetime = row[0]
    return moment.astimezone(UTC)


def _size(connection: psycopg.Connection) -> int:
    row = connection.execute("select pg_database_size(current_database())").fetchone()
    return row[0] if row else 0


def _major(connection: psycopg.Connection) -> int:
    return connection.info.server_version // 10000


def _name(connection: psycopg.Connection) -> str:
    """Which database a dump belongs to: server and name."""
    return f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"
