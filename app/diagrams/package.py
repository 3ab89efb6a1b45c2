"""A procedure as a ZIP, carried from one installation to another. Pure.

The same content gives the same bytes: entries in order, stored as they are, without time or owner. What comes in is
refused unless it is exactly that: known files only, each with the SHA-256 that the manifest names.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Invalid

from . import bundle, draft_tree, texts

MANIFEST = "manifest.json"
FORMAT = 1
MOST_BYTES = 25_000_000
"""Of a ZIP that comes in; one of ours is hardly larger than what it holds."""
_FOLDERS = frozenset({"forms/", "documents/", "tables/", "runs/", "called/"})
_EPOCH = (1980, 1, 1, 0, 0, 0)
_END, _END64 = b"PK\x05\x06", b"PK\x06\x07"
_HOW = "请使用“导出”得到的原文件，不要解压后重新打包或者修改其中的内容。"


@dataclass(frozen=True, slots=True)
class Package:
    """What a ZIP holds. `digest` is that of the bundle, empty for a draft that is none yet; `number` is that of
    the published version, None for a draft."""

    key: str
    name: str
    digest: str
    number: int | None
    release: str
    tree: Mapping[str, str]
    manifest: Mapping[str, Any]


def write(tree: Mapping[str, str], about: Mapping[str, Any]) -> bytes:
    """The ZIP of a tree. `about` is what the manifest tells beside the files: key, name, digest, number, release,
    and what else may be of use to the reader."""
    files = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in tree.items()}
    manifest = {"format": FORMAT, "kind": "xingquan-procedure", **about, "files": dict(sorted(files.items()))}
    entries = {
        MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1) + "\n",
        **dict(sorted(tree.items())),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in entries.items():
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, text.encode())
    return made.getvalue()


def read(content: bytes) -> Package:
    """What a ZIP holds, checked in every respect but whether the procedure is lawful.

    Raises:
        Invalid: it is no ZIP of ours; the Chinese message says what is wrong with it.
    """
    if len(content) > MOST_BYTES:
        raise _wrong(f"文件超过 {MOST_BYTES // 1_000_000} MB。", "too_large")
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = _entries(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        EOFError,
        ValueError,
        OSError,
    ) as e:
        raise _wrong("文件已损坏，或者不是流程的 ZIP 文件。") from e
    return _checked(found)


def _wrong(message: str, code: str = "package") -> Invalid:
    return Invalid(f"不能导入：{message}{_HOW}", code=code)


def _check_directory(content: bytes) -> None:
    """Refuse by the table of contents alone what would be laborious to open."""
    end = content.rfind(_END, max(0, len(content) - 65_557))
    if end < 0 or len(content) < end + 22:
        raise _wrong("文件已损坏，或者不是流程的 ZIP 文件。")
    count = int.from_bytes(content[end + 10 : end + 12], "little")
    if count > draft_tree.MOST_PATHS + 1 + len(_FOLDERS) or content[max(0, end - 20) :][:4] == _END64:
        raise _wrong(f"其中的文件超过 {draft_tree.MOST_PATHS} 个。", "too_large")


def _entries(archive: zipfile.ZipFile) -> dict[str, str]:
    found: dict[str, str] = {}
    entries = [entry for entry in archive.infolist() if entry.filename not in _FOLDERS]
    bundle.check_sizes((entry.filename, entry.file_size) for entry in entries if entry.filename != MANIFEST)
    for entry in entries:
        path = entry.filename
        if path != MANIFEST:
            bundle.part_of(path)
        if path in found:
            raise _wrong(f"“{path}”出现了两次。")
        if entry.flag_bits & 0x1:
            raise _wrong("文件被加密。")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _wrong("文件用了不支持的压缩方式。")
        limit = draft_tree.MOST_BYTES
        with archive.open(entry) as file:
            content = file.read(limit + 1)
        if len(content) > limit or len(content) != entry.file_size:
            raise _wrong(f"“{path}”的大小与目录不符或者过大。", "too_large")
        try:
            found[path] = content.decode()
        except UnicodeDecodeError:
            raise _wrong(f"“{path}”不是 UTF-8 编码。", "encoding") from None
    return found


def _checked(found: dict[str, str]) -> Package:
    if MANIFEST not in found:
        raise _wrong(f"缺少 {MANIFEST}。")
    manifest = texts.read_json(found.pop(MANIFEST), MANIFEST)
    if not isinstance(manifest, Mapping) or manifest.get("kind") != "xingquan-procedure":
        raise _wrong(f"{MANIFEST} 不是流程的清单。")
    if manifest.get("format") != FORMAT:
        raise Invalid("不能导入：文件由更新版本的平台导出，请先升级本平台。", code="package_format")
    files = manifest.get("files")
    if not isinstance(files, Mapping) or set(files) != set(found):
        told = set(files) if isinstance(files, Mapping) else set()
        differ = "、".join(sorted(told ^ set(found))[:5])
        raise _wrong(f"其中的文件与清单不一致：{differ}。")
    for path, text in found.items():
        if hashlib.sha256(text.encode()).hexdigest() != files[path]:
            raise _wrong(f"“{path}”的内容与清单中的摘要不符，可能被修改过。", "package_digest")
    values = {name: manifest.get(name) for name in ("key", "name", "digest", "release")}
    number = manifest.get("number")
    if not all(isinstance(value, str) for value in values.values()) or not isinstance(number, int | None):
        raise _wrong(f"{MANIFEST} 的内容不完整。")
    draft_tree.key(values["key"])
    if values["digest"] and bundle.from_tree(found, values["key"]).digest != values["digest"]:
        raise _wrong("流程的内容与清单中的摘要不符，可能被修改过。", "package_digest")
    return Package(
        values["key"], values["name"], values["digest"], number, values["release"], found, manifest
    )
