"""Small pictures of stored ones, made at first use and kept beside the files.

The typesetter that sets the documents draws them (it turns a photograph upright by its EXIF), so that nothing else needs
to read what a stranger's camera wrote. What a picture says of its size is read first: one that would unpack to more than
`MOST` pixels is never opened.
"""

import struct
import tempfile
from pathlib import Path
from threading import Lock

import typst

from . import files

EDGE = 320
"""Pixels of the longer side."""
MOST = 60_000_000
"""Pixels; a phone's largest photographs have some 50 million."""
BYTES = 60 * 1024 * 1024
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png"}
_SOURCE = """
#set page(width: auto, height: auto, margin: 0pt)
#let picture = "picture.SUFFIX"
#context {
  let size = measure(image(picture))
  let part = calc.min(160pt / size.width, 160pt / size.height)
  image(picture, width: size.width * part)
}
"""
_one_at_a_time = Lock()  # a decoded photograph takes a hundred megabytes
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as a JPEG or PNG says them itself; None where it says none."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if not content.startswith(b"\xff\xd8"):
        return None
    place = 2
    while place + 9 <= len(content):
        if content[place] != 0xFF:
            return None
        marker = content[place + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD9:
            place += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return None


def drawable(content: bytes) -> bool:
    """Whether a picture may be opened: it says how large it is, and that is not too large."""
    size = size_of(content)
    return size is not None and 0 < size[0] * size[1] <= MOST


def thumbnail(digest: str, media: str) -> bytes | None:
    """A picture no larger than `EDGE` of a stored one, as PNG, upright; None where none can be made of it. Asked for
    again it is what was made before.

    Raises:
        FileNotFoundError: nothing is stored under the digest.
        Unreadable: what is stored is not what was put there.
    """
    if media not in SUFFIXES:
        return None
    name = f"thumbs/{digest}-{EDGE}"
    kept = files.get_beside(name)
    if kept is None:
        kept = _made(digest, SUFFIXES[media])
        files.put_beside(name, kept)
    return kept or None


def _made(digest: str, suffix: str) -> bytes:
    with files.Reader(digest) as reader:
        if reader.size > BYTES:
            return b""
        content = b"".join(reader.pieces())
    if not drawable(content):
        return b""
    memory = Path("/dev/shm")  # noqa: S108 - no plain copy on a disk where it can be helped
    with _one_at_a_time, tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        (Path(folder) / f"picture.{suffix}").write_bytes(content)
        source = Path(folder) / "main.typ"
        source.write_text(_SOURCE.replace("SUFFIX", suffix), encoding="utf-8")
        try:
            made = typst.compile(source, root=folder, format="png", ppi=144, ignore_system_fonts=True)
        except (
            RuntimeError
        ):  # the typesetter cannot read it: there is no thumbnail, the file stays what it is
            return b""
    return made if isinstance(made, bytes) else b""
