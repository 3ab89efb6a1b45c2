"""What an uploaded file really is: its extension must be allowed and its bytes must agree with it.

Containers (DOCX, XLSX, OFD) are judged by their central directory alone; nothing is ever unpacked here. Pure.
"""

import io
import re
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Mapping

MAX_ENTRIES = 10_000
MAX_DIRECTORY = 4 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_RATIO = 200
"""Unpacked bytes for one stored byte, over the whole container; office files stay below 50."""

_END = struct.Struct("<4s4H2LH")
_BIDI_AND_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]")


class Unacceptable(ValueError):
    """The file is not taken; the message tells the person why and what to do."""


def _pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-")


def _jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff")


def _png(content: bytes) -> bool:
    return content.startswith(b"\x89PNG\r\n\x1a\n")


def _mp4(content: bytes) -> bool:
    return content[4:8] == b"ftyp"


def _mp3(content: bytes) -> bool:
    if content.startswith(b"ID3"):
        return True
    # MPEG frame header: eleven set bits, layer III, a valid bit rate and sample rate
    return (
        len(content) > 3
        and content[0] == 0xFF
        and content[1] & 0xE6 == 0xE2
        and content[2] >> 4 not in (0, 15)
        and content[2] >> 2 & 3 != 3
    )


def _wav(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WAVE"


def _txt(content: bytes) -> bool:
    head = content[: 1024 * 1024]
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in set(head)):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
            return True
        except UnicodeDecodeError as broken:
            if len(content) > len(head) and broken.start > len(head) - 8:
                return True  # a character cut in two by the end of the sample
    return False


def _container(*needed: str) -> Callable[[bytes], bool]:
    def check(content: bytes) -> bool:
        names = _names(content)
        if names is None:
            return False
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Unacceptable("文件中含有宏，请另存为不含宏的文件后上传。")
        return all(name in names for name in needed)

    return check


def _names(content: bytes) -> set[str] | None:
    """The entry names of a ZIP container; None when it is none.

    Raises:
        Unacceptable: it is encrypted or would unpack to far more than it is.
    """
    if not content.startswith(b"PK\x03\x04"):
        return None
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 65_557))
    if end < 0 or end + _END.size > len(content):
        return None
    _, _, _, _, entries, size, offset, _ = _END.unpack_from(content, end)
    if content[max(0, end - 20) : end - 16] == b"PK\x06\x07" or offset == 0xFFFFFFFF:
        return None  # ZIP64: never needed below 200 MB, and a way around the limits here
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY:
        raise Unacceptable("压缩文件中的条目过多，无法查验，请另存后重新上传。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            infos = container.infolist()
    except (zipfile.BadZipFile, ValueError, RuntimeError, struct.error, UnicodeDecodeError):
        return None
    if any(info.flag_bits & 1 for info in infos):
        raise Unacceptable("文件已加密，无法查验，请去除密码后上传。")
    unpacked = sum(info.file_size for info in infos)
    if len(infos) > MAX_ENTRIES or unpacked > min(MAX_UNPACKED, max(len(content), 4096) * MAX_RATIO):
        raise Unacceptable("文件解压后异常庞大，可能有害，已拒绝。请另存后重新上传。")
    return {info.filename for info in infos}


_DOCUMENT = "[Content_Types].xml"

_TYPES: Mapping[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", _pdf),
    "jpg": ("image/jpeg", _jpeg),
    "jpeg": ("image/jpeg", _jpeg),
    "png": ("image/png", _png),
    "mp4": ("video/mp4", _mp4),
    "mp3": ("audio/mpeg", _mp3),
    "wav": ("audio/wav", _wav),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _container(_DOCUMENT, "word/document.xml"),
    ),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _container(_DOCUMENT, "xl/workbook.xml"),
    ),
    "ofd": ("application/ofd", _container("OFD.xml")),
    "txt": ("text/plain", _txt),
}

EXTENSIONS = tuple(_TYPES)


CONTAINERS = frozenset({"docx", "xlsx", "ofd"})
"""What can only be judged whole: its directory stands at the end."""
KINDS: Mapping[str, str] = {
    "jpg": "picture", "jpeg": "picture", "png": "picture", "mp4": "video", "mp3": "audio", "wav": "audio",
}  # fmt: skip


def kind_of(extension: str) -> str:
    """`picture`, `video`, `audio` or `document`: what its limit of size goes by."""
    return KINDS.get(extension, "document")


def media_type_of(
    name: str, head: bytes, size: int, allowed: tuple[str, ...], whole: Callable[[], bytes]
) -> str:
    """The same for a file of which only the first megabyte or more is at hand; `whole` reads it all, and is asked only
    where nothing less will do.

    Raises:
        Unacceptable: with the reason in Chinese.
    """
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in CONTAINERS or size <= len(head):
        return media_type(name, whole(), allowed)
    return media_type(name, head + b"." if extension == "txt" else head, allowed)


def media_type(name: str, content: bytes, allowed: tuple[str, ...]) -> str:
    """The media type of a file whose extension is allowed and whose bytes agree with it.

    Raises:
        Unacceptable: with the reason in Chinese.
    """
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in allowed:
        raise Unacceptable(f"“{name}”不是允许的文件类型。可以上传：{'、'.join(allowed)}。")
    if not content:
        raise Unacceptable(f"“{name}”是空文件，请重新选择。")
    media, agrees = _TYPES[extension]
    if not agrees(content):
        raise Unacceptable(f"“{name}”的内容与扩展名 {extension} 不符，请用原来的软件另存后上传。")
    return media


def clean_name(name: str) -> str:
    """A file name that is safe to show and to offer for download: no folders, no invisible characters."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = _BIDI_AND_INVISIBLE.sub("", name)
    name = "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn"))
    name = re.sub(r'[<>:"|?*]', "_", " ".join(name.split())).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:120] or "未命名"
    return f"{stem[: 119 - len(extension[:20])] or '未命名'}.{extension[:20]}"
