"""Is what lies in a backup place still what was written?"""

from collections.abc import Callable, Sequence

from ..errors import NotFound
from . import content, wal
from .errors import BackupError, Damaged
from .manifest import Kind, Manifest
from .place import Place, shown
from .restore import check_parts

Say = Callable[[str], None]


def verify(place: Place, chosen: Manifest | None = None, say: Say = lambda _: None) -> list[str]:
    """Check backups (one with its chain, or all), their files and the log; Chinese sentences about what is
    wrong.

    Raises:
        WrongPlace: the folder is no backup place.
    """
    place.check()
    with place.lock(shared=True):
        found: list[str] = []
        links = _links(place, chosen, found)
        for link in links:
            say(f"检查备份 {link.id}")
            try:
                check_parts(place, link)
            except BackupError as error:
                found.append(error.message)
        found += _files(place, links, say)
        physical = [link for link in links if link.kind != Kind.DUMP]
        if physical:
            found += _log(place, physical[0], say)
    return found


def _links(place: Place, chosen: Manifest | None, found: list[str]) -> Sequence[Manifest]:
    if chosen is not None:
        return place.chain(chosen)
    links = []
    for folder in sorted(place.backups.iterdir()) if place.backups.exists() else []:
        if folder.name.endswith(".part"):
            continue
        try:
            links.append(place.get(folder.name))
            place.chain(links[-1])
        except NotFound:
            found.append(f"备份 {folder.name} 没有清单，不能使用。")
        except BackupError as error:
            found.append(error.message)
    return sorted(links, key=lambda each: each.moment)


def _files(place: Place, links: Sequence[Manifest], say: Say) -> list[str]:
    """Every listed file is there, and every file is what its name says."""
    listed: set[str] = set()
    for link in links:
        try:
            listed |= set(place.listed(link))
        except (OSError, EOFError, ValueError):
            continue  # its part's digest has told already
    there = set(content.digests(place.files))
    say(f"检查文件 {len(there)} 份")
    found = [f"备份位置缺少文件 {digest}。" for digest in sorted(listed - there)]
    for number, digest in enumerate(sorted(there), 1):
        if not content.whole(place.files, digest):
            found.append(f"备份位置的文件 {digest} 已损坏。")
        if number % 5000 == 0:
            say(f"检查文件：{number}/{len(there)}")
    return found


def _log(place: Place, oldest: Manifest, say: Say) -> list[str]:
    """The log has no gap since the oldest backup, and every segment is what was written."""
    first = wal.number_at(oldest.end_lsn - 1) + 1
    reached = wal.reached(place.wal)
    segments = [s for s in wal.sealed(place.wal) if s.timeline == oldest.timeline and s.number >= first - 1]
    say(f"检查预写日志 {len(segments)} 段")
    known = wal.interrupted(place.wal, oldest.timeline)
    missing = wal.gaps(place.wal, oldest.timeline, first, reached)
    found = [f"缺少预写日志段 {name}。" for name in missing if wal.number_of(name) not in known]
    if lost := [name for name in missing if wal.number_of(name) in known]:
        say(
            f"连续归档曾中断（{lost[0]} 至 {lost[-1]}）：中断期间到下一份备份之间的时刻不能恢复，其余不受影响"
        )
    for segment in segments:
        try:
            wal.unpack(segment, None)
        except Damaged as error:
            found.append(error.message)
    if reached is not None:
        say(f"连续归档到 {shown(reached.moment)}")
    elif segments:
        found.append(f"{wal.REACHED} 缺失或已损坏，不能确定归档到达的时刻。")
    return found
