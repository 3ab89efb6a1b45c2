"""Uploaded files on their way into answers: checked, stored by content, carried from page to page under seal.

A page refers to a stored file by a signed token, never by its digest: otherwise anybody could attach (and
then read) a file whose digest was only seen or guessed. The seal is bound to the form, the field and the
scope of the page.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from app.kernel import files as store
from app.kernel.errors import Invalid

from .definition import MAX_FILE
from .filetypes import Unacceptable, clean_name, media_type

MAX_TOKEN = 2_000

Stored = dict[str, Any]
"""`name`, `digest` (SHA-256), `size` (bytes), `type` (media type)."""


class Uploads:
    """The files of one page of one form."""

    def __init__(self, form: str, scope: str):
        self.form = form
        self.scope = scope

    def _serializer(self, field: str) -> URLSafeSerializer:
        salt = f"forms.stored-file:{self.form}:{field}:{self.scope}"
        return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=salt)

    def seal(self, field: str, stored: Mapping[str, Any]) -> str:
        """The token under which a page may refer to a stored file."""
        return self._serializer(field).dumps(
            [stored["name"], stored["digest"], stored["size"], stored["type"]]
        )

    def unseal(self, field: str, token: str) -> Stored:
        """The stored file a token stands for.

        Raises:
            Invalid: code `forged_file`: the token was not made here for this page.
        """
        try:
            if len(token) > MAX_TOKEN:
                raise BadData("too long")
            name, digest, size, media = self._serializer(field).loads(token)
        except (BadData, ValueError, TypeError):
            raise Invalid(
                "附件的引用无效，未作任何处理。请刷新页面，重新上传附件。", code="forged_file", field=field
            ) from None
        return {"name": name, "digest": digest, "size": size, "type": media}

    def collect(
        self,
        field: str,
        tokens: Iterable[str],
        removed: Iterable[str],
        sent: Iterable[FileStorage],
        allowed: tuple[str, ...],
        most: int,
    ) -> tuple[list[Stored], list[str]]:
        """The files of a field after a post: those kept, then those newly stored; and what was refused.

        `removed` holds digests to let go; they can only shorten the list.
        """
        gone = set(removed)
        kept = [
            each for each in (self.unseal(field, token) for token in tokens) if each["digest"] not in gone
        ]
        problems: list[str] = []
        for upload in sent:
            if len(kept) >= most and most > 1:
                problems.append(f"最多上传 {most} 个文件，其余没有保存。")
                break
            try:
                kept.append(_store(upload, allowed))
            except Unacceptable as refused:
                problems.append(str(refused))
        unique = {each["digest"]: each for each in kept}
        return list(unique.values())[-most:], problems


def _store(upload: FileStorage, allowed: tuple[str, ...]) -> Stored:
    name = clean_name(upload.filename or "")
    content = upload.stream.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise Unacceptable(f"“{name}”超过 {MAX_FILE // 1024 // 1024} MB，请压缩或者分开上传。")
    media = media_type(name, content, allowed)
    return {"name": name, "digest": store.put(content), "size": len(content), "type": media}
