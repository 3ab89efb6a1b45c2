"""What this machine lets the platform have: its memory, or the part of it that a container or a service unit allows."""

import os
from pathlib import Path

GUESS = 2048
"""MiB, where the system does not say."""
_GROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def memory(groups: Path = _GROUPS, own: Path = _OWN) -> int:
    """MiB that the processes of this installation may use together.

    A limit of a control group counts (docker --memory, MemoryMax= of a unit), of this process's own group or of any
    above it: what is planned beyond it is not slow, it is killed.
    """
    return max(1, min([_whole(), *_limits(groups, own)]) // 2**20)


def _whole() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return GUESS * 2**20


def _limits(groups: Path, own: Path) -> list[int]:
    """The limits in bytes, under version 2 of control groups (`0::/path`) and version 1 (`4:memory:/path`)."""
    found = []
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if names and "memory" not in names.split(","):
            continue
        root, file = (groups / "memory", "memory.limit_in_bytes") if names else (groups, "memory.max")
        parts = Path(path).parts[1:]
        if ".." in parts:
            continue
        # inside a container the group may be mounted as the root, under whatever name the path tells
        for depth in range(len(parts), -1, -1):
            try:
                told = root.joinpath(*parts[:depth], file).read_text().strip()
            except OSError:
                continue
            if told.isascii() and told.isdecimal():  # else `max`: no limit
                found.append(int(told))
    return found
