"""Office files that come from outside: opened only where they are what they say and will not grow without measure."""

import io
import zipfile
import zlib

from .errors import Invalid

MOST_ENTRIES = 2_000
MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 200
"""Unpacked bytes for one stored byte; office files stay below 50."""
CHUNK = 256 * 1024


def safe_container(content: bytes, needed: str) -> None:
    """Refuse what is no such container (`needed` is an entry it must have), is encrypted, holds macros or entities, or
    unpacks to far more than it is. Every entry is unpacked piece by piece and counted: a directory may lie.

    Raises:
        Invalid: code `file`; the message says what to do.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            _judge(container, len(content), needed)
    except (zipfile.BadZipFile, ValueError, RuntimeError, EOFError, zlib.error, OSError) as wrong:
        raise _refused("文件已损坏或者不是这种格式。请用办公软件另存后重新上传。") from wrong


def _judge(container: zipfile.ZipFile, size: int, needed: str) -> None:
    infos = container.infolist()
    names = {info.filename for info in infos}
    if needed not in names:
        raise _refused("文件不是所选的格式。请用办公软件另存后重新上传。")
    if any(info.flag_bits & 1 for info in infos):
        raise _refused("文件已加密，无法读取。请去除密码后上传。")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _refused("文件中含有宏。请另存为不含宏的文件后上传。")
    if len(infos) > MOST_ENTRIES or len(names) != len(infos):
        raise _refused("文件中的条目异常，可能有害，已拒绝。请另存后重新上传。")
    left = min(MOST_UNPACKED, max(size, 64 * 1024) * MOST_RATIO)
    for info in infos:
        with container.open(info) as entry:
            first = True
            while piece := entry.read(CHUNK):
                left -= len(piece)
                if left < 0:
                    raise _refused("文件解压后异常庞大，可能有害，已拒绝。请另存后重新上传。")
                if (
                    first
                    and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece)
                    and info.filename.endswith((".xml", ".rels"))
                ):
                    raise _refused("文件中含有实体声明，可能有害，已拒绝。请另存后重新上传。")
                first = False


def _refused(message: str) -> Invalid:
    return Invalid(message, code="file")
