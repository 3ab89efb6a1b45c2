"""From an HTML post to answers: every name accounted for, every text bounded and free of control characters.

Names are `key`, `party.name`, `evidence.0.name`. Those of `PAGE_NAMES` belong to the page (`_csrf`,
`_add_row`) and never reach the answers. Any other name the form does not know is an attack or a
stale page and refused as a whole; what a person can mend is noted in `Answers.errors` instead.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from app.kernel import money
from app.kernel.errors import Invalid

from . import codes
from .definition import (
    EVIDENCE_FIELDS,
    PARTY_FIELDS,
    Choices,
    Definition,
    Evidence,
    Files,
    Item,
    Law,
    Money,
    Number,
    Opinion,
    Party,
    Person,
    Rows,
    Text,
)
from .uploads import Uploads

MAX_NAMES = 4_000
MAX_VALUES = 8_000
MAX_NAME = 120
MAX_FILES = 400
MAX_VALUE = 25_000
MAX_TOTAL = 1_000_000
MAX_CHOSEN = 200
"""Values of one list of check boxes."""

PAGE_NAMES = frozenset({"_csrf", "_key", "_version", "_add_row", "_refresh"})
"""What belongs to the page and not to the form: the forgery token, the act's key, the task's version, buttons."""
_ROW = re.compile(r"(0|[1-9][0-9]{0,2})\Z")
_INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]")

Post = Mapping[str, list[str]]


class Answers(dict[str, Any]):
    """Answers by item key, and what was wrong with them already when they were read.

    `adding` is the table for which the person asked for more rows (a page without JavaScript).
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.errors: dict[str, list[str]] = {}
        self.adding: str = ""


def parse(
    form: Definition, post: MultiDict[str, str], files: MultiDict[str, FileStorage], scope: str
) -> Answers:
    """The answers in a post. Uploaded files that pass are stored; `scope` must be that of the rendered page.

    Raises:
        Invalid: code `unknown_field`, `repeated_field`, `too_large` or `forged_file`: nothing a person
            using the page can cause.
    """
    _bound(post, files)
    reader = _Reader(form, Uploads(form.key, scope))
    texts = {name: post.getlist(name) for name in post if not name.startswith("_")}
    sent = {name: [file for file in files.getlist(name) if file.filename] for name in files}
    reader.read(texts, sent)
    adding = post.get("_add_row", "")
    if adding and isinstance(reader.items.get(adding), (Rows, Evidence)):
        reader.answers.adding = adding
    return reader.answers


def _bound(post: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> None:
    for name in (*post, *files):
        if len(name) > MAX_NAME or (name.startswith("_") and name not in PAGE_NAMES):
            raise unknown(name)
    lists = [values for _, values in post.lists()]
    lengths = [len(value) for values in lists for value in values]
    if (
        len(post) > MAX_NAMES
        or len(lengths) > MAX_VALUES
        or sum(len(sent) for _, sent in files.lists()) > MAX_FILES
        or max(lengths, default=0) > MAX_VALUE
        or sum(lengths) > MAX_TOTAL
    ):
        raise Invalid("提交的内容过多，请删减或者改为上传文件。", code="too_large")


def unknown(name: str) -> Invalid:
    """A name the form does not have."""
    shown = "".join(char for char in name[:60] if char.isprintable())
    return Invalid(
        f"提交了表单中没有的内容“{shown}”，未作任何处理。请刷新页面后重新填写。",
        code="unknown_field",
        field=shown,
    )


def read_only(item: Item) -> Invalid:
    """A field that this step may not write."""
    return Invalid(
        f"“{item.label}”在本环节不能填写，未作任何处理。请刷新页面后重新填写。",
        code="read_only_field",
        field=item.key,
    )


class _Reader:
    def __init__(self, form: Definition, uploads: Uploads):
        self.items: dict[str, Item] = {item.key: item for item in form.keyed()}
        self.closed = form.restricted
        self.uploads = uploads
        self.answers = Answers()

    def read(self, texts: Mapping[str, list[str]], files: Mapping[str, list[FileStorage]]) -> None:
        posts: dict[str, dict[str, list[str]]] = {}
        uploads: dict[str, dict[str, list[FileStorage]]] = {}
        for name, values in texts.items():
            key, _, rest = name.partition(".")
            posts.setdefault(key, {})[rest] = values
        for name, sent in files.items():
            key, _, rest = name.partition(".")
            uploads.setdefault(key, {})[rest] = sent
        for key in (*posts, *uploads):
            if key not in self.items:
                raise unknown(key)
            if key in self.closed:
                raise read_only(self.items[key])
        for key, item in self.items.items():
            if key in self.closed:
                continue
            self.answers[key] = self._item(item, posts.get(key, {}), uploads.get(key, {}))

    def _item(self, item: Item, post: Post, sent: Mapping[str, list[FileStorage]]) -> Any:
        key = item.key
        if isinstance(item, Files):
            _only(key, post, ("stored", "remove"))
            _only(key, sent, ("",))
            return self._files(item, key, post, sent.get("", []), "", item.most)
        if isinstance(item, Evidence):
            return self._evidence(item, post, sent)
        if sent:
            raise unknown(key)
        if isinstance(item, Rows):
            return self._rows(item, post)
        if isinstance(item, Party):
            return self._parts(key, post, tuple(PARTY_FIELDS), {"address": 300})
        if isinstance(item, Opinion):
            return self._parts(key, post, ("stance", "text"), {"text": 2_000})
        if isinstance(item, Law):
            return self._parts(key, post, ("law", "article"), {})
        _only(key, post, ("",))
        values = post.get("", [])
        if isinstance(item, Choices) or (isinstance(item, Person) and item.multiple):
            if len(values) > MAX_CHOSEN:
                raise Invalid("选择的项目过多。", code="too_large")
            chosen = (self._line(key, value) for value in values)
            return list(dict.fromkeys(value for value in chosen if value))
        return self._single(item, key, values)

    def _single(self, item: Item, place: str, values: list[str]) -> str | None:
        value = _one(place, values)
        if isinstance(item, Text) and item.multiline:
            return self._block(place, value)
        text = self._line(place, value)
        if text and isinstance(item, (Number, Money)):
            return money.plain(text)
        return text

    def _parts(
        self, key: str, post: Post, names: tuple[str, ...], blocks: Mapping[str, int]
    ) -> dict[str, str] | None:
        _only(key, post, names)
        parts: dict[str, str] = {}
        for name in names:
            place = f"{key}.{name}"
            value = _one(place, post.get(name, []))
            text = self._block(place, value) if name in blocks else self._line(place, value)
            if text:
                parts[name] = codes.normalise(text) if name == "id_code" else text
        return parts or None

    def _by_row(self, key: str, most: int, *posts: Mapping[str, Any]) -> list[tuple[dict[str, Any], ...]]:
        """The parts of every row, by ascending number in the post; numbers may have gaps."""
        rows: dict[int, tuple[dict[str, Any], ...]] = {}
        for place, post in enumerate(posts):
            for rest, value in post.items():
                number, _, column = rest.partition(".")
                if not _ROW.match(number) or not column:
                    raise unknown(f"{key}.{rest}")
                row = rows.setdefault(int(number), tuple({} for _ in posts))
                row[place][column] = value
        if len(rows) > most + 20:  # the page may show some empty rows beyond the limit
            raise Invalid(f"明细表行数过多，最多 {most} 行。", code="too_large")
        return [rows[number] for number in sorted(rows)]

    def _rows(self, item: Rows, post: Post) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for (texts,) in self._by_row(item.key, item.max_rows, post):
            place = f"{item.key}.{len(rows)}"
            _only(item.key, texts, tuple(column.key for column in item.columns))
            row = {
                column.key: self._single(column, f"{place}.{column.key}", texts.get(column.key, []))
                for column in item.columns
            }
            if any(row.values()):
                rows.append({key: value for key, value in row.items() if value})
        return rows

    def _evidence(
        self, item: Evidence, post: Post, sent: Mapping[str, list[FileStorage]]
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for texts, files in self._by_row(item.key, item.max_rows, post, sent):
            place = f"{item.key}.{len(rows)}"
            _only(item.key, texts, (*EVIDENCE_FIELDS, "stored", "remove"))
            _only(item.key, files, ("file",))
            row: dict[str, Any] = {}
            for name in ("kind", "name", "proves", "pages"):
                value = _one(f"{place}.{name}", texts.get(name, []))
                text = self._block(f"{place}.{name}", value) if name == "proves" else self._line(place, value)
                if text:
                    row[name] = money.plain(text) if name == "pages" else text
            kept = self._files(item, f"{place}.file", texts, files.get("file", []), item.key, 1)
            if kept:
                row["file"] = kept[-1]
            if row:
                rows.append(row)
        return rows

    def _files(
        self,
        item: Files | Evidence,
        place: str,
        post: Post,
        sent: Iterable[FileStorage],
        field: str,
        most: int,
    ) -> list[dict[str, Any]]:
        kept, problems = self.uploads.collect(
            field or item.key, post.get("stored", []), post.get("remove", []), sent, item.extensions, most
        )
        if problems:
            self.answers.errors.setdefault(place, []).extend(problems)
        return kept

    def _line(self, place: str, value: str | None) -> str | None:
        text = self._clean(place, (value or "").replace("\r\n", "\n"))
        if "\n" in text or "\t" in text or "\r" in text:
            text = re.sub(r"[\r\n\t]+", " ", text)
        return text.strip() or None

    def _block(self, place: str, value: str | None) -> str | None:
        text = (value or "").replace("\r\n", "\n").replace("\r", "\n")
        return self._clean(place, text).strip() or None

    def _clean(self, place: str, text: str) -> str:
        """Text in NFC; control and direction characters are taken out and complained about."""
        bare = "".join(
            char for char in text if char in "\t\n\r" or unicodedata.category(char) not in ("Cc", "Cs")
        )
        bare = _INVISIBLE.sub("", bare)
        if bare != text:
            self.answers.errors.setdefault(place, []).append(
                "含有不可见的控制字符，已去除，请核对后重新提交。"
            )
        return unicodedata.normalize("NFC", bare)


def _only(key: str, post: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for rest in post:
        if rest not in names:
            raise unknown(f"{key}.{rest}" if rest else key)


def _one(place: str, values: list[str]) -> str | None:
    if len(values) > 1:
        raise Invalid(
            f"“{place}”重复提交，未作任何处理。请刷新页面后重新填写。", code="repeated_field", field=place
        )
    return values[0] if values else None
