"""Personal data at rest: JSON values compressed, encrypted and bound to their column.

A sealed value is

    0x01 | key id (1 byte) | nonce (12 bytes) | AES-256-GCM(encoding byte | raw deflate), tag included

and the name of its column (`submission.data`) is authenticated with it, so that it opens nowhere else. Inside
is canonical JSON (keys sorted, no blanks) in GBK where it has every character (two bytes for a Chinese
character, not three) or lacks few, else in UTF-8, deflated with a preset dictionary of the forms' words. The
dictionary belongs to the format byte and never changes: a better one gets the next byte. Encodings are only added.

A random nonce may serve 2^32 values under one key (NIST SP 800-38D, 8.3): rotate yearly, or with 4 billion.
"""

import codecs
import json
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, TypeDecorator
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.exc import DontWrapMixin

from . import keys
from .errors import XingquanError

FORMAT = 1
HEAD = 14
"""Bytes before the ciphertext: format, key id, nonce."""
DICTIONARY = Path(__file__).parent / "data" / "sealed_1.txt"
ENCODINGS = ("gbk", "utf-8", "gbk", "gbk")
"""By the encoding byte. GBK's table is closed; GB 18030's is revised from time to time and would not do. In the
third one a character that GBK lacks (the sign ¥ of every sum of money) is U+0001, its code point in hexadecimal
digits, `;`: JSON escapes the control character, so that no text can contain it. In the last one, besides, every text
of 64 hexadecimal digits (the SHA-256 of a file) is U+0002 alone, and its 32 bytes follow the deflated text in order:
nothing deflates them."""
GBK, UTF_8, SPELLED, LIFTED = range(4)

_SPELLED = re.compile("\x01([0-9a-f]+);")
_DIGEST = re.compile('"([0-9a-f]{64})"')
_LIFTED = '"\x02"'
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_LEVEL, _WINDOW, _MEMORY = 9, -14, 7
"""A window of 16 kB holds the dictionary and is copied in 3 µs; one of 32 kB spares nothing and costs 8."""
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class NotStorable(XingquanError, DontWrapMixin):
    """A text holds what no column could hold: a NUL or half a character."""

    code = "http_400"


class Unreadable(XingquanError):
    """A sealed value does not open: its key is not in the ring, or it was altered or moved."""

    status = 500
    code = "unreadable"


def canonical(value: Any) -> bytes:
    """The value as JSON, always spelled alike: UTF-8, keys sorted, no blanks.

    Raises:
        NotStorable: a text in it cannot be stored.
        TypeError: it is no JSON value.
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
    except TypeError:  # a number beyond 64 bits, half a surrogate pair, or truly no JSON
        try:
            spelled = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            text = spelled.encode()
        except UnicodeEncodeError:
            raise NotStorable("提交的内容中有不能保存的字符，请删除后重新提交。") from None
    if b"\\u0000" in text and _NUL.search(text):
        raise NotStorable("提交的内容中有不能保存的字符，请删除后重新提交。")
    return text


@lru_cache(maxsize=len(ENCODINGS))
def _dictionary(encoding: str) -> bytes:
    return DICTIONARY.read_text(encoding="utf-8").rstrip("\n").encode(encoding)


@lru_cache(maxsize=len(ENCODINGS))
def _primed(encoding: str) -> Any:
    """A compressor that has read the dictionary: copying it spares reading it again."""
    return zlib.compressobj(
        _LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _dictionary(encoding)
    )


def _spell(error: UnicodeError) -> tuple[bytes, int]:
    """What stands for the characters that GBK lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return b"".join(b"\x01%x;" % ord(one) for one in lacking), error.end


codecs.register_error(_spell.__name__, _spell)


def _packed(text: bytes) -> bytes:
    words = text.decode()
    digests = b"".join(map(bytes.fromhex, _DIGEST.findall(words)))
    number = LIFTED if digests else GBK
    try:
        content = (_DIGEST.sub(_LIFTED, words) if digests else words).encode("gbk")
    except UnicodeEncodeError:
        number = number or SPELLED
        content = (_DIGEST.sub(_LIFTED, words) if digests else words).encode("gbk", _spell.__name__)
        if len(content) + len(digests) > len(text):  # another script
            number, content, digests = UTF_8, text, b""
    compressor = _primed(ENCODINGS[number]).copy()
    return bytes((number,)) + compressor.compress(content) + compressor.flush() + digests


def _unpacked(packed: bytes) -> Any:
    encoding = ENCODINGS[packed[0]]
    expander = zlib.decompressobj(_WINDOW, _dictionary(encoding))
    content = expander.decompress(packed[1:])
    if not expander.eof:
        raise zlib.error("truncated")
    text = content if encoding == "utf-8" else content.decode(encoding)
    if packed[0] in (SPELLED, LIFTED):
        text = _SPELLED.sub(lambda found: chr(int(found[1], 16)), text)
    if packed[0] == LIFTED:
        lifted = (expander.unused_data[at : at + 32].hex() for at in range(0, len(expander.unused_data), 32))
        text = re.sub(_LIFTED, lambda _: f'"{next(lifted)}"', text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # numbers beyond 64 bits
        return json.loads(text)


@lru_cache(maxsize=keys.LAST)
def cipher(secret: bytes) -> AESGCM:
    """The cipher of a key, made once."""
    return AESGCM(secret)


def encrypt(plain: bytes, where: str) -> bytes:
    """Encrypt bytes under the newest key, bound to `where`.

    Raises:
        KeysError: there is no ring.
    """
    key = keys.sealing()
    nonce = os.urandom(12)
    return bytes((FORMAT, key.id)) + nonce + cipher(key.secret).encrypt(nonce, plain, where.encode())


def decrypt(blob: bytes, where: str) -> bytes:
    """The bytes that were encrypted for `where`.

    Raises:
        Unreadable: the key is missing from the ring, or the value was altered or belongs elsewhere.
    """
    if len(blob) < HEAD + 16 or blob[0] != FORMAT:
        raise Unreadable(f"加密的内容已损坏或者版本不被支持（{where}），请联系管理员。")
    secret = secret_of(blob[1], where)
    try:
        return cipher(secret).decrypt(blob[2:HEAD], blob[HEAD:], where.encode())
    except InvalidTag:
        raise damaged(where) from None


def secret_of(number: int, where: str) -> bytes:
    """The key with this id, wanted to open something of `where`.

    Raises:
        Unreadable: it is missing from the ring.
    """
    key = keys.ring().keys.get(number) or keys.ring(fresh=True).keys.get(number)
    if key is None:
        raise Unreadable(
            f"解密所需的 {number} 号数据密钥不在密钥文件中（{where}），请联系管理员恢复密钥文件。"
        )
    return key.secret


def damaged(where: str) -> Unreadable:
    """The error for something of `where` that does not open with its key."""
    return Unreadable(f"加密的内容被改动过或者不属于这里（{where}），请联系管理员。")


def seal(value: Any, where: str) -> bytes:
    """A JSON value as it is stored in column `where` (`table.column`).

    Raises:
        NotStorable: a text in it cannot be stored.
        TypeError: it is no JSON value.
        KeysError: there is no ring.
    """
    return encrypt(_packed(canonical(value)), where)


def unseal(blob: bytes, where: str) -> Any:
    """The value that was sealed for column `where`.

    Raises:
        Unreadable: the key is missing from the ring, or the value was altered or belongs elsewhere.
    """
    return _unpacked(decrypt(bytes(blob), where))


def key_of(blob: bytes) -> int:
    """The id of the key under which a value is sealed."""
    return blob[1]


class Damaged(dict[str, Any]):
    """Stands for a value that does not open, where damage is looked for: empty, equal to nothing that was sealed."""


_looking: ContextVar[bool] = ContextVar("looking", default=False)


@contextmanager
def looking_for_damage() -> Iterator[None]:
    """Read rows whose values do not open too, with `Damaged` in place of these: for whoever checks the record.
    Everybody else gets `Unreadable`."""
    token = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(token)


class SealedJson(TypeDecorator[Any]):
    """A JSON column that the database cannot read. `where` is its own name, `table.column`; None stays NULL.

    Values are compared as values; as with JSON columns a change inside one is not noticed: assign a new one.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, where: str):
        super().__init__()
        self.where = where

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(BYTEA())

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        return None if value is None else seal(value, self.where)

    def process_result_value(self, value: bytes | None, dialect: Any) -> Any:
        if value is None:
            return None
        try:
            return unseal(value, self.where)
        except Unreadable:
            if _looking.get():
                return Damaged()
            raise
