"""Restore a place's backup into a fresh home: pages, log up to the wished moment, files, keys."""

import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .. import migrations, postgres, postgres_software
from ..postgres_software import StartFailed
from . import content, durable, keys, programs, recovery, wal
from .errors import BackupError, Damaged, OutOfReach
from .manifest import Kind, Manifest
from .place import Place, shown

Say = Callable[[str], None]
SLACK = timedelta(seconds=60)
"""So much later than the archive is known to reach, its log may still hold a later commit: then it is tried."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored. `last`: the last commit replayed from the log (None: none after the backup);
    `files`: copied; `absent`: digests the place should have and has not, or has spoilt."""

    backup: Manifest
    until: datetime | None
    last: datetime | None
    files: int
    absent: tuple[str, ...]
    keys: tuple[str, ...]


def restore(
    place: Place,
    into: Path,
    *,
    backup: str | None = None,
    until: datetime | None = None,
    with_files: bool = True,
    passphrase: bytes | None = None,
    options: Sequence[str] = (),
    say: Say = lambda _: None,
) -> Restored:
    """Restore into a home that does not exist or is empty; `until` None: as late as possible.

    Raises:
        BackupError: with what to do; the home is left empty then.
    """
    place.check()
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise BackupError(f"{into} 不是空目录；恢复只写入新的数据目录，请另选一个。", code="backup_home")
    with place.lock(shared=True):
        chosen = place.get(backup) if backup else place.best(until)
        _reachable(place, chosen, until)
        chain = place.chain(chosen)
        for link in chain:
            check_parts(place, link)
        into.mkdir(mode=0o711, parents=True, exist_ok=True)
        try:
            if chosen.kind == Kind.DUMP:
                last = _load_dump(place, chosen, into, options, say)
            else:
                last = _physical(place, chain, into, until, options, say)
            copied, absent = _files(place, chain, into / "files", say) if with_files else (0, [])
            opened = keys.unseal(_keys(place, chosen), into, passphrase) if passphrase else []
        except BaseException:
            leave_nothing(into)
            raise
    return Restored(chosen, until, last, copied, tuple(absent), tuple(opened))


def check_parts(place: Place, of: Manifest) -> None:
    """Compare every file of a backup with its manifest.

    Raises:
        Damaged: naming the file.
    """
    for name, known in of.parts.items():
        path = place.backups / of.id / name
        if not path.exists():
            raise Damaged(f"备份 {of.id} 缺少文件 {name}。")
        if path.stat().st_size != known["size"] or durable.digest(path) != known["sha256"]:
            raise Damaged(f"备份 {of.id} 的文件 {name} 已损坏：内容与清单登记的摘要不符。")


def _reachable(place: Place, chosen: Manifest, until: datetime | None) -> None:
    if newer := set(chosen.revision) - migrations.known():
        raise BackupError(
            f"备份由更新版本的平台（{chosen.software}，数据表版本 {'、'.join(sorted(newer))}）写成；请用该版本的平台恢复。"
        )
    if until is None:
        return
    if until > datetime.now(UTC):
        raise OutOfReach(f"{shown(until)} 还没有到；恢复到最新状态请用 --latest。")
    if chosen.kind == Kind.DUMP:
        raise OutOfReach(
            "逻辑导出只能恢复到导出的时刻，不能指定 --until；请用 --backup 选定一份备份"
            f"（该时刻之前最近的一份是 {chosen.id}）。"
        )
    if until < chosen.moment:
        raise OutOfReach(
            f"{shown(until)} 早于备份 {chosen.id} 完成的时刻（{shown(chosen.moment)}）；请改用更早的备份。"
        )
    reached = wal.reached(place.wal)
    latest = max(chosen.moment, reached.moment) if reached else chosen.moment
    if until > latest + SLACK:
        raise OutOfReach(
            f"{shown(until)} 晚于连续归档到达的时刻（{shown(latest)}）；最晚只能恢复到这个时刻。"
        )


def _physical(
    place: Place,
    chain: Sequence[Manifest],
    into: Path,
    until: datetime | None,
    options: Sequence[str],
    say: Say,
) -> datetime | None:
    chosen = chain[-1]
    account, software, cluster = postgres.locate(into)
    if software.major != chosen.postgres:
        raise BackupError(
            f"备份来自 PostgreSQL {chosen.postgres}，本机程序是 {software.major}；"
            f"请用 XQ_POSTGRES_BIN 指定 PostgreSQL {chosen.postgres} 的程序目录。"
        )
    staging = cluster.base / "restoring"
    staging.mkdir(mode=0o700)
    log = staging / "wal"
    log.mkdir(mode=0o700)
    reached = wal.reached(place.wal)
    first = wal.number_at(chosen.end_lsn - 1) + 1
    missing = wal.gaps(place.wal, chosen.timeline, first, reached)
    if missing and until is None:
        raise Damaged(f"缺少预写日志段 {missing[0]}{_before(_completed(place, chosen, missing[0]))}。")
    count = wal.gather(place.wal, chosen.timeline, first - 1, log)
    _lay_out(place, chain, staging, cluster.data, software, say)
    say(f"重放预写日志：{count} 段")
    recovery.own(account, staging)
    recovery.own(account, cluster.data)
    laid = recovery.Laid(account, software, cluster, log)
    try:
        last = recovery.replay(laid, until, options, say)
    except recovery.TooShort as short:
        proven = [chosen.moment, *filter(None, [short.last])]
        if reached is not None and not missing:
            proven.append(reached.moment)
        if until is None or until > max(proven):
            if missing:
                raise Damaged(f"缺少预写日志段 {missing[0]}{_before(max(proven))}。") from short
            raise OutOfReach(
                f"备份只到 {shown(max(proven))}，到不了 {shown(until or max(proven))}。"
            ) from short
        # all that was committed by then is in the log, and nothing after it: take the whole of it
        last = recovery.replay(laid, None, options, say)
    shutil.rmtree(staging)
    return last


def _before(moment: datetime) -> str:
    """What can still be done about a missing segment."""
    return f"，之后的变更不能恢复；可用 --until 恢复到不晚于约 {shown(moment)} 的时刻"


def _completed(place: Place, chosen: Manifest, name: str) -> datetime:
    """About when the log before a missing segment was complete."""
    number = wal.number_of(name)
    whole = [s for s in wal.sealed(place.wal) if s.timeline == chosen.timeline and s.number < number]
    if whole and whole[-1].number >= wal.number_at(chosen.end_lsn):
        return max(chosen.moment, datetime.fromtimestamp(whole[-1].path.stat().st_mtime, UTC))
    return chosen.moment


def _lay_out(
    place: Place,
    chain: Sequence[Manifest],
    staging: Path,
    data: Path,
    software: postgres_software.Software,
    say: Say,
) -> None:
    """Unpack the chain and put its pages together."""
    folders = []
    for number, link in enumerate(chain):
        say(f"展开{link.words}备份 {link.id}")
        folder = staging / str(number)
        _extract(place.backups / link.id / "base.tar.gz", folder)
        shutil.copyfile(place.backups / link.id / "backup_manifest", folder / "backup_manifest")
        folders.append(folder)
    _extract(place.backups / chain[-1].id / "pg_wal.tar.gz", folders[-1] / "pg_wal")
    if len(folders) == 1:
        folders[0].rename(data)
    else:
        programs.need(software, "pg_combinebackup")
        how = ["--link"] if software.major >= 18 else []  # what it links to is ours and goes at once
        programs.run(
            [software.binaries / "pg_combinebackup", *how, "-o", data, *folders], "合并增量备份", say
        )
        for folder in folders:
            shutil.rmtree(folder)
    data.chmod(0o700)
    (data / "backup_manifest").unlink(missing_ok=True)


def _extract(archive: Path, folder: Path) -> None:
    """Unpack folders and plain files, which is all a cluster of ours has; tarfile's own way takes ten times
    as long over a thousand small files."""
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as packed:
            for member in packed:
                target = folder / member.name
                if member.name.startswith("/") or ".." in Path(member.name).parts:
                    raise Damaged(f"{archive} 含有越出目录的路径 {member.name}。")
                if member.isdir():
                    target.mkdir(mode=0o700, parents=True, exist_ok=True)
                elif (content_of := packed.extractfile(member)) is not None and member.isreg():
                    with target.open("wb") as file:
                        shutil.copyfileobj(content_of, file, durable.CHUNK)
                else:
                    raise Damaged(f"{archive} 含有平台不使用的内容 {member.name}（表空间或链接）。")
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Damaged(f"{archive} 不能展开（{error}）。") from error


def _load_dump(
    place: Place, chosen: Manifest, into: Path, options: Sequence[str], say: Say
) -> datetime | None:
    """Load a logical copy into a new cluster of our own."""
    _, software, _ = postgres.locate(into)
    programs.need(software, "pg_restore")
    dump = place.backups / chosen.id / "database.dump"
    say("建立数据库并载入逻辑导出")
    try:
        with postgres.running(into, options, say) as address:
            plain = address.replace("postgresql+psycopg://", "postgresql://")
            command: list[str | Path] = [
                software.binaries / "pg_restore",
                "--exit-on-error",
                "--no-owner",
                "--no-privileges",
            ]
            programs.run([*command, "--dbname", plain, dump], "载入数据库", say)
    except StartFailed as failure:
        raise BackupError(str(failure)) from failure
    return None


def _files(place: Place, chain: Sequence[Manifest], target: Path, say: Say) -> tuple[int, list[str]]:
    """Copy every file of the place: also those stored after the backup belong to the log's commits."""
    opened = content.opener(place.files.as_uri())
    copied, absent = 0, []
    there = set(content.digests(place.files))
    for digest in sorted(there | {name for link in chain for name in place.listed(link)}):
        if digest not in there or content.copy(digest, opened, target) < 0:
            absent.append(digest)
            continue
        copied += 1
        if copied % 1000 == 0:
            say(f"恢复文件：{copied} 份")
    target.mkdir(mode=0o700, exist_ok=True)
    return copied, absent


def _keys(place: Place, chosen: Manifest) -> Path:
    for each in reversed([m for m in place.all() if m.moment <= chosen.moment]):
        if each.keys:
            return place.backups / each.id / keys.NAME
    raise BackupError("这份备份及更早的备份都没有密封密钥；请不用 --keys，恢复后手工放回密钥。")


def leave_nothing(into: Path) -> None:
    """Take back what an unsuccessful restore wrote, wherever the cluster lies."""
    if not into.exists():
        return
    try:
        _, _, cluster = postgres.locate(into)
        shutil.rmtree(cluster.base, ignore_errors=True)
        shutil.rmtree(cluster.sockets, ignore_errors=True)
    except StartFailed:
        pass
    for entry in into.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            os.unlink(entry)
