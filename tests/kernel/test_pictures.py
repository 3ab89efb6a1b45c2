"""Thumbnails: upright, small, made once; bombs are never opened."""

import io
import struct
import zlib

import pytest
from flask import Flask
from PIL import Image

from app.kernel import files, pictures


@pytest.fixture(autouse=True)
def store(app: Flask, tmp_path):
    with app.app_context():
        before = app.config["FILES"]
        app.config["FILES"] = tmp_path.as_uri()
        yield
        app.config["FILES"] = before


def photo(orientation: int = 0, size=(800, 600), kind: str = "JPEG") -> bytes:
    """Blue in the upper left quarter, red elsewhere."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((0, 0, 255), (0, 0, size[0] // 2, size[1] // 2))
    said = Image.Exif()
    if orientation:
        said[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, kind, exif=said)
    return out.getvalue()


def small(content: bytes, media: str = "image/jpeg") -> Image.Image:
    return Image.open(io.BytesIO(pictures.thumbnail(files.put(content), media))).convert("RGB")


def test_it_is_small_and_keeps_its_shape():
    image = small(photo(size=(1600, 800), kind="PNG"), "image/png")
    assert image.size == (320, 160)
    assert image.getpixel((10, 10))[2] > 200


def test_a_photograph_taken_upright_stands_upright():
    image = small(photo(orientation=6))  # the camera was turned: blue belongs to the upper right
    assert image.size == (240, 320)
    assert image.getpixel((image.width - 10, 10))[2] > 200
    assert image.getpixel((10, 10))[0] > 150


def test_it_is_made_once(monkeypatch):
    digest = files.put(photo())
    first = pictures.thumbnail(digest, "image/jpeg")
    monkeypatch.setattr(pictures, "_made", lambda *_: pytest.fail("made again"))
    assert pictures.thumbnail(digest, "image/jpeg") == first


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 40,000 × 40,000 pixels."""
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    "content", [bomb(), b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\xff\xd8" + b"\xff\xe1\0\2" * 9]
)
def test_what_is_no_picture_or_a_bomb_is_never_opened(content, monkeypatch):
    monkeypatch.setattr(pictures.typst, "compile", lambda *_, **__: pytest.fail("opened"))
    assert pictures.thumbnail(files.put(content), "image/png") is None


def test_a_picture_that_is_broken_inside_has_none():
    assert pictures.thumbnail(files.put(photo()[:300]), "image/jpeg") is None
    assert pictures.thumbnail(files.put(b"%PDF-1.7"), "application/pdf") is None
