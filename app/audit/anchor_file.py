"""The file of anchors beside the database: `anchors.jsonl`, one signed line for each, only ever appended to."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.kernel.errors import Conflict

NAME = "anchors.jsonl"
CONTRADICTS = (
    "锚定文件与数据库中的锚定不一致（第{number}号），没有写入。请运行 script/xq audit verify 查明原因；"
    "确系依法恢复了较早的备份的，运行 script/xq audit restored。"
)

Line = tuple[str, bytes]
"""A signed line and its MAC."""


@dataclass(slots=True)
class Content:
    """What the file says: the anchors that count by number, and what is wrong with its lines (in Chinese)."""

    anchors: dict[int, Line] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def read(folder: Path, sign: Callable[[str], bytes]) -> Content | None:
    """Read and check the file; None where there is none."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    found = Content()
    for place, row in enumerate(text.splitlines(), 1):
        try:
            line, mac = _row(row)
            told = json.loads(line)
            number = int(told["restored"] if "restored" in told else told["anchor"])
        except (ValueError, KeyError, TypeError):
            found.wrong.append(f"锚定文件第{place}行无法识别")
            continue
        if sign(line) != mac:
            found.wrong.append(
                f"锚定文件第{place}行（第{number}号锚定）的签名不符：内容被改动，或签名密钥已更换"
            )
        if "restored" in told:
            found.anchors = {n: each for n, each in found.anchors.items() if n <= number}
            continue
        if number != max(found.anchors, default=0) + 1:
            found.wrong.append(
                f"锚定文件第{place}行是第{number}号锚定，与前一行不连续：有行被删去、插入或调换"
            )
        found.anchors[number] = (line, mac)
    return found


def append(folder: Path, anchors: Sequence[Line]) -> None:
    """Append those the file does not have yet, in order, and see them onto the disk.

    Raises:
        Conflict: what the file has already differs; nothing is written.
    """
    with _open(folder) as file:
        have = _counting(file)
        for number, line in have.items():
            if number > len(anchors) or anchors[number - 1] != line:
                raise Conflict(CONTRADICTS.format(number=number), code="anchors")
        _write(file, anchors[len(have) :])


def give_up(folder: Path, number: int, line: str, mac: bytes) -> int:
    """Append a line that gives up all anchors after a number; how many there were."""
    with _open(folder) as file:
        behind = [n for n in _counting(file) if n > number]
        if behind:
            _write(file, [(line, mac)])
    return len(behind)


@contextmanager
def _open(folder: Path) -> Iterator[IO[str]]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / NAME).open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


def _counting(file: IO[str]) -> dict[int, Line]:
    """The anchors that count, whatever their signatures. A torn last line (power failure) is completed by a line
    break, so that the next one stands alone."""
    text = file.read()
    if text and not text.endswith("\n"):
        file.write("\n")
    found: dict[int, Line] = {}
    for row in text.splitlines():
        try:
            line, mac = _row(row)
            told = json.loads(line)
        except (ValueError, KeyError, TypeError):
            continue
        if "restored" in told:
            found = {n: each for n, each in found.items() if n <= told["restored"]}
        else:
            found[told["anchor"]] = (line, mac)
    return found


def _row(row: str) -> Line:
    signed = json.loads(row)
    return signed["line"], bytes.fromhex(signed["mac"])


def _write(file: IO[str], lines: Sequence[Line]) -> None:
    for line, mac in lines:
        file.write(json.dumps({"line": line, "mac": mac.hex()}, ensure_ascii=False) + "\n")
    file.flush()
    os.fsync(file.fileno())
