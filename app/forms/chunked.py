"""Files sent in parts: a lost connection or a reloaded page goes on where it was.

A page announces a file (`begin`: name, size, a key made of what the file is), learns which parts are there, sends the
others, and says `complete`. Then the whole is put together, hashed, looked at (what it is, not what it is called) and
stored by its content; the page gets a sealed token such as the plain upload makes, and the file travels with the form.

Every upload belongs to an account and a page: to anybody else, and from any other page, it does not exist. Parts lie
sealed beside the files and are swept when their time is over. Asking for anything twice changes nothing.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel import clock, files, jobs
from app.kernel.errors import Conflict, Invalid, NotFound

from . import filetypes
from .upload_models import FormUpload, FormUploadPart
from .uploads import Uploads

MB = 1024 * 1024
KEY = re.compile(r"[A-Za-z0-9]{16,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DATA = Path(__file__).parent / "data" / "uploads.yaml"
SWEPT = 200
GONE = "没有这个上传，或者它已经过期。请重新选择文件上传。"


@dataclass(frozen=True, slots=True)
class Limits:
    """What `data/uploads.yaml` says, in bytes and as spans of time."""

    part: int
    largest: dict[str, int]
    open_files: int
    open_total: int
    unfinished: timedelta
    finished: timedelta


@lru_cache(maxsize=1)
def limits() -> Limits:
    """The limits of this installation."""
    raw = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return Limits(
        raw["part"] * MB,
        {kind: most * MB for kind, most in raw["largest"].items()},
        raw["open_files"],
        raw["open_total"] * MB,
        timedelta(hours=raw["unfinished"]),
        timedelta(hours=raw["finished"]),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is going: an account, the page, the form and its field, what may be sent there."""

    account_id: int
    scope: str
    form: str
    field: str
    extensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """An upload as its page sees it. `have` are the numbers (from 0) of the parts that arrived; `token` and what the
    file is are there once it is complete."""

    id: int
    name: str
    size: int
    part_size: int
    have: list[int]
    digest: str = ""
    token: str = ""
    type: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def begin(session: Session, place: Place, key: str, name: str, size: int, expected: str = "") -> State:
    """Announce a file. The same key again gives the same upload: this is how a page resumes.

    Raises:
        Invalid: codes `file` (kind or size not taken) or `quota`.
        Conflict: code `key_reused`: the key stands for another file.
    """
    name = filetypes.clean_name(name)
    _acceptable(place, key, name, size, expected)
    session.execute(text("select pg_advisory_xact_lock(7266, cast(:account % 2147483647 as int))"),
                    {"account": place.account_id})  # fmt: skip
    found = session.scalar(
        select(FormUpload).where(FormUpload.account_id == place.account_id, FormUpload.key == key)
    )
    now = clock.now()
    if found is not None and found.expires_at > now:
        mine = (found.scope, found.form, found.field, found.size, found.said["name"])
        if mine != (place.scope, place.form, place.field, size, name):
            raise Conflict("这个上传标识已用于另一个文件，请重新选择文件。", code="key_reused")
        return _state(session, found)
    if found is not None:
        _forget(session, [found.id])
    _within_quota(session, place.account_id, size, now)
    found = FormUpload(
        account_id=place.account_id,
        scope=place.scope,
        form=place.form,
        field=place.field,
        key=key,
        size=size,
        part_size=limits().part,
        expected=expected,
        said={"name": name},
        begun_at=now,
        expires_at=now + limits().unfinished,
    )
    session.add(found)
    session.flush()
    return _state(session, found)


def state(session: Session, account_id: int, scope: str, upload_id: int) -> State:
    """What is there of an upload.

    Raises:
        NotFound: there is none for this account and page.
    """
    return _state(session, _mine(session, account_id, scope, upload_id))


def add(
    session: Session, account_id: int, scope: str, upload_id: int, number: int, content: bytes, said: str = ""
) -> State:
    """Keep one part. `said` is its SHA-256 where the page computed it.

    Raises:
        NotFound: as `state`.
        Invalid: code `part`: its size or number is wrong, or it was damaged on its way.
        Conflict: code `part`: another content arrived under this number before.
    """
    upload = _mine(session, account_id, scope, upload_id, lock=True)
    digest = hashlib.sha256(content).hexdigest()
    count = -(-upload.size // upload.part_size)
    wanted = min(upload.part_size, upload.size - number * upload.part_size) if number < count else -1
    if len(content) != wanted or (said and said != digest):
        raise Invalid("这一部分没有完整到达，请重新发送。", code="part")
    if upload.digest:
        return _state(session, upload)
    earlier = session.get(FormUploadPart, (upload.id, number))
    if earlier is not None and earlier.digest != digest:
        raise Conflict("文件在上传期间发生了变化，请重新选择文件上传。", code="part")
    if earlier is None:
        files.put_beside(_part(upload.id, number, digest), content)
        values = {"upload_id": upload.id, "number": number, "size": len(content), "digest": digest}
        session.execute(insert(FormUploadPart).values(values).on_conflict_do_nothing())
    upload.expires_at = clock.now() + limits().unfinished
    return _state(session, upload)


def complete(session: Session, place: Place, upload_id: int) -> State:
    """Put the parts together and store the file by its content; done twice it gives the same.

    Raises:
        NotFound: as `state`.
        Conflict: code `incomplete`: parts are missing.
        Invalid: code `digest` (not what was announced) or `file` (its content is not taken). What came is kept until
            it expires, but is of no use.
    """
    upload = _mine(session, place.account_id, place.scope, upload_id, lock=True)
    if (upload.form, upload.field) != (place.form, place.field):
        raise NotFound(GONE)
    if upload.digest:
        return _state(session, upload)
    parts = session.scalars(
        select(FormUploadPart).where(FormUploadPart.upload_id == upload.id).order_by(FormUploadPart.number)
    ).all()
    if sum(part.size for part in parts) != upload.size:
        raise Conflict("文件还没有全部到达，请继续上传。", code="incomplete")

    def pieces() -> Iterator[bytes]:
        for part in parts:
            content = files.get_beside(_part(upload.id, part.number, part.digest))
            if content is None or hashlib.sha256(content).hexdigest() != part.digest:
                raise Conflict("已上传的部分在服务器上不完整，请重新选择文件上传。", code="incomplete")
            yield content

    name = upload.said["name"]
    head = next(pieces(), b"")
    try:
        media = filetypes.media_type_of(name, head, upload.size, place.extensions, lambda: b"".join(pieces()))
    except filetypes.Unacceptable as refused:
        raise Invalid(str(refused), code="file", errors={place.field: [str(refused)]}) from None
    digest, _ = _stored(pieces, upload.expected)
    upload.said = {"name": name, "type": media}
    upload.digest = digest
    upload.expires_at = clock.now() + limits().finished
    session.flush()
    return _state(session, upload)


def _stored(pieces: Any, expected: str) -> tuple[str, int]:
    if expected:
        seen = hashlib.sha256()
        for piece in pieces():
            seen.update(piece)
        if seen.hexdigest() != expected:
            raise Invalid("收到的文件与选择的文件不一致（SHA-256 不符），请重新上传。", code="digest")
    return files.put_pieces(pieces)


def drop(session: Session, account_id: int, scope: str, upload_id: int) -> None:
    """Let an upload go. What is not there is gone already."""
    mine = (FormUpload.id == upload_id, FormUpload.account_id == account_id, FormUpload.scope == scope)
    found = session.scalar(select(FormUpload.id).where(*mine).with_for_update())
    if found is not None:
        _forget(session, [found])


def sweep(session: Session, now: datetime) -> None:
    """Let go of uploads whose time is over, and of the parts of finished ones (periodic)."""
    old = session.scalars(
        select(FormUpload.id)
        .where(FormUpload.expires_at <= now)
        .limit(SWEPT)
        .with_for_update(skip_locked=True)
    ).all()
    _forget(session, old)
    done = session.scalars(
        select(FormUpload.id)
        .where(FormUpload.digest != "", FormUpload.id.in_(select(FormUploadPart.upload_id)))
        .limit(SWEPT)
        .with_for_update(skip_locked=True)
    ).all()
    for upload_id in done:
        session.execute(delete(FormUploadPart).where(FormUploadPart.upload_id == upload_id))
        files.drop_beside(f"parts/{upload_id}")


jobs.periodic("forms.uploads", 900, sweep)


def _acceptable(place: Place, key: str, name: str, size: int, expected: str) -> None:
    if not KEY.fullmatch(key):
        raise Invalid("上传的标识格式不对，请刷新页面后重新选择文件。", code="key")
    if expected and not _DIGEST.fullmatch(expected):
        raise Invalid("SHA-256 的格式不对。", code="digest")
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    problem = ""
    if extension not in place.extensions:
        problem = f"“{name}”不是允许的文件类型。可以上传：{'、'.join(place.extensions)}。"
    elif size < 1:
        problem = f"“{name}”是空文件，请重新选择。"
    elif size > (most := limits().largest[filetypes.kind_of(extension)]):
        problem = f"“{name}”超过这类文件的上限 {most // MB} MB，请压缩或者分段后上传。"
    if problem:
        raise Invalid(problem, code="file", errors={place.field: [problem]})


def _within_quota(session: Session, account_id: int, size: int, now: datetime) -> None:
    unfinished = (FormUpload.account_id == account_id, FormUpload.digest == "", FormUpload.expires_at > now)
    count, total = session.execute(
        select(func.count(), func.coalesce(func.sum(FormUpload.size), 0)).where(*unfinished)
    ).one()
    if count >= limits().open_files or total + size > limits().open_total:
        raise Invalid(f"您有 {count} 个文件尚未传完。请先传完或者取消它们，再上传新的文件。", code="quota")


def _mine(session: Session, account_id: int, scope: str, upload_id: int, lock: bool = False) -> FormUpload:
    chosen = select(FormUpload).where(
        FormUpload.id == upload_id,
        FormUpload.account_id == account_id,
        FormUpload.scope == scope,
        FormUpload.expires_at > clock.now(),
    )
    found = session.scalar(chosen.with_for_update() if lock else chosen)
    if found is None:
        raise NotFound(GONE)
    return found


def _state(session: Session, upload: FormUpload) -> State:
    said = upload.said
    if upload.digest:
        kept = {"name": said["name"], "digest": upload.digest, "size": upload.size, "type": said["type"]}
        token = Uploads(upload.form, upload.scope).seal(upload.field, kept)
        return State(
            upload.id, said["name"], upload.size, upload.part_size, [], upload.digest, token, said["type"]
        )
    have = session.scalars(
        select(FormUploadPart.number)
        .where(FormUploadPart.upload_id == upload.id)
        .order_by(FormUploadPart.number)
    )
    return State(upload.id, said["name"], upload.size, upload.part_size, list(have))


def _forget(session: Session, uploads: Any) -> None:
    for upload_id in uploads:
        session.execute(delete(FormUpload).where(FormUpload.id == upload_id))
        files.drop_beside(f"parts/{upload_id}")


def _part(upload_id: int, number: int, digest: str) -> str:
    return f"parts/{upload_id}/{number}-{digest[:16]}"
