"""Bombs: small things that grow. XML at publication, containers as evidence, packed bodies, queries and forms.

Diagrams with entities, depth and width are thrown at publication in `tests/cases/test_hostile_http.py`,
containers at the forms in `tests/forms/test_files.py`; here they come by the API.
"""

import gzip
import io
import zipfile
from functools import cache

import pytest
from api.programs import new_key

ENTRIES = (
    "[Content_Types].xml",
    "word/document.xml",
    "xl/workbook.xml",
    "OFD.xml",
    "content.xml",
    "mimetype",
)


def container(*more: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ENTRIES:
            made.writestr(name, b"<a/>")
        for name, content in more:
            made.writestr(name, content)
    return out.getvalue()


def lying(content: bytes) -> bytes:
    """A container whose directory tells that all entries are small."""
    made = bytearray(content)
    place = made.find(b"PK\x01\x02")
    while place >= 0:
        made[place + 24 : place + 28] = (10).to_bytes(4, "little")
        place = made.find(b"PK\x01\x02", place + 4)
    return bytes(made)


ZEROS = ("word/media/a.bin", b"\0" * 30_000_000)
LAUGHS = b"<!DOCTYPE l [<!ENTITY a 'ha'>" + b"<!ENTITY b '&a;&a;'>" * 9 + b"]><l>&b;</l>" + b"\0" * 9_000_000
BOMBS = {
    "zeros": lambda: container(ZEROS),
    "eleven thousand entries": lambda: container(*((f"e{n}", b"") for n in range(11_000))),
    "overlapping": lambda: container(ZEROS) * 2,
    "laughing document": lambda: container(("word/styles.xml", LAUGHS)),
    "lying": lambda: lying(container(ZEROS)),
    "nested": lambda: container(("word/media/b.zip", container(ZEROS))),
}
HIDING = ("lying", "nested")


@cache
def built(bomb: str) -> bytes:
    """A bomb, made when a test first throws it: all of them take a second."""
    return BOMBS[bomb]()


@pytest.fixture(scope="module")
def place(town) -> str:
    return f"/work-items/{town.work(town.open('dust-heap', 'register'), 'register')[0]}/files/materials"


@pytest.mark.parametrize("extension", ["docx", "xlsx", "ofd", "odt", "zip"])
@pytest.mark.parametrize("bomb", [name for name in BOMBS if name not in HIDING])
def test_a_container_that_grows_is_refused(programs, place, stored, bomb, extension):
    intake, before = programs("hb-intake"), stored()
    answer = intake.open("POST", place, data={"file": (io.BytesIO(built(bomb)), f"a.{extension}")})
    assert (answer.status_code, answer.json["code"]) == (422, "file")
    assert stored() == before


@pytest.mark.parametrize("bomb", HIDING)
def test_what_hides_in_a_container_is_never_unpacked(monkeypatch, programs, place, bomb):
    """A directory may lie, a container may hold another: nothing here opens either."""
    content = built(bomb)

    def never(*_, **__):
        raise AssertionError("a container was unpacked")

    for name in ("read", "open", "extract", "extractall"):
        monkeypatch.setattr(zipfile.ZipFile, name, never)
    answer = programs("hb-intake").open("POST", place, data={"file": (io.BytesIO(content), "a.docx")})
    assert answer.status_code in (201, 422)


def test_a_packed_body_is_not_unpacked(programs, stored):
    intake, before = programs("hb-intake"), stored()
    packed = gzip.compress(b'{"item_id": 1, "x": "' + b"x" * 5_000_000 + b'"}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json", "Idempotency-Key": new_key()}
    answer = intake.open("POST", "/cases", data=packed, headers=headers)
    assert answer.status_code == 400
    assert stored() == before


def test_long_queries_and_headers_are_bounded(programs):
    intake = programs("hb-intake")
    assert intake.get("/cases?q=" + "环" * 101).status_code == 422
    assert intake.get("/cases?q=" + "环" * 100).status_code == 200
    assert intake.get("/cases?" + "&".join(f"a{n}=1" for n in range(3_000))).status_code == 422
    answer = intake.act("/cases", {"item_id": 1}, key="k" * 10_000)
    assert (answer.status_code, answer.json["code"]) == (422, "key")


def test_many_words_are_searched_as_a_few(people, programs):
    words = " ".join(f"词{n}" for n in range(33))[:100]
    assert programs("hb-intake").get("/inbox", query_string={"q": words}).status_code == 200
    assert people("hb-intake").get("/cases", query_string={"q": "%_\\" * 30_000}).status_code in (
        200,
        400,
        414,
    )
