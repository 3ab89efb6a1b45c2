"""Uploaded files: what they are is seen from their bytes, and only a sealed reference brings one back."""

import hashlib
import io
import struct
import zipfile

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.forms import definition, uploads
from app.forms.filetypes import EXTENSIONS, Unacceptable, clean_name, media_type
from app.forms.service import Form, render
from app.kernel import files as store
from app.kernel.errors import Invalid

from .conftest import DOCX, PDF, context_with, make, upload, zipped

FORM = make(
    {"type": "file", "key": "attach", "label": "附件", "maxFiles": 2},
    {"type": "evidence", "key": "evidence", "label": "证据"},
)


@pytest.fixture(autouse=True)
def _in_app(app: Flask):
    with app.app_context():
        yield


def post(form: Form = FORM, texts=(), scope: str = "work:1", **sent):
    files = MultiDict([(name.replace("__", "."), each) for name, many in sent.items() for each in many])
    return form.parse(MultiDict(texts), files, scope)


def problems(answers) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        FORM.validate(answers, context_with(scope="work:1"))
    return caught.value.errors


def seals(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="attach.stored" value="')[1:]]


def test_a_good_file_is_stored_once_and_described():
    answers = post(attach=[upload("现场 照片.PDF", PDF), upload("copy.pdf", PDF)])
    [kept] = FORM.validate(answers, context_with())["attach"]
    assert kept["digest"] == hashlib.sha256(PDF).hexdigest()
    assert (kept["size"], kept["type"]) == (len(PDF), "application/pdf")
    assert store.get(kept["digest"]) == PDF


GOOD = {
    "a.pdf": PDF,
    "a.jpg": b"\xff\xd8\xff\xe0demo",
    "a.png": b"\x89PNG\r\n\x1a\ndemo",
    "a.mp4": b"\x00\x00\x00\x18ftypisom",
    "a.mp3": b"ID3\x04demo",
    "b.mp3": b"\xff\xfb\x90\x64demo",
    "a.wav": b"RIFF\x00\x00\x00\x00WAVEfmt ",
    "a.docx": DOCX,
    "a.xlsx": zipped(**{"[Content_Types].xml": "x", "xl/workbook.xml": "x"}),
    "a.ofd": zipped(**{"OFD.xml": "x"}),
    "a.txt": "演示文字\n".encode(),
    "b.txt": "演示文字".encode("gb18030"),
}


@pytest.mark.parametrize("name", GOOD)
def test_allowed_types(name):
    assert media_type(name, GOOD[name], EXTENSIONS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.pdf", b"<html><script>alert(1)</script></html>"),
        ("late.pdf", b"<html>%PDF-1.7"),
        ("a.pdf", b""),
        ("a.jpg", b"\x89PNG\r\n\x1a\n"),
        ("a.svg", b"<svg onload='x'/>"),
        ("a.html", b"<html>"),
        ("a.exe", b"MZ"),
        ("a.pdf.exe", PDF),
        ("noextension", PDF),
        ("a.txt", b"MZ\x00\x01"),
        ("a.txt", b"\x1b[31mred"),
        ("a.docx", PDF),
        ("a.docx", zipped(**{"xl/workbook.xml": "x", "[Content_Types].xml": "x"})),
        (
            "a.docx",
            zipped(**{"[Content_Types].xml": "x", "word/document.xml": "x", "word/vbaProject.bin": "x"}),
        ),
        ("a.docx", b"PK\x03\x04 no directory"),
        ("a.docx", DOCX[:-10]),
        ("a.mp3", b"\xff\xfe\x00\x00utf-16"),
    ],
)
def test_mistyped_files_are_refused_and_not_stored(name, content, monkeypatch):
    monkeypatch.delattr(store, "put")
    answers = post(attach=[upload(name, content)])
    assert answers["attach"] == []
    assert problems(answers)["attach"]


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("[Content_Types].xml", "x")
        container.writestr("word/document.xml", b"\x00" * 30_000_000)
    return buffer.getvalue()


def liar() -> bytes:
    """A directory that claims one entry but holds very many."""
    with_many = zipped(
        **{f"e{n}": "" for n in range(10_500)} | {"[Content_Types].xml": "", "word/document.xml": ""}
    )
    end = with_many.rfind(b"PK\x05\x06")
    return with_many[: end + 8] + struct.pack("<HH", 1, 1) + with_many[end + 12 :]


@pytest.mark.parametrize("make_content", [bomb, liar])
def test_bombs_are_refused_without_unpacking(make_content):
    with pytest.raises(Unacceptable):
        media_type("a.docx", make_content(), EXTENSIONS)


def test_zip64_detours_are_refused():
    end = DOCX.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + b"\x00" * 16
    with pytest.raises(Unacceptable):
        media_type("a.docx", DOCX[:end] + locator + DOCX[end:], EXTENSIONS)


def test_a_file_beyond_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_FILE", 10)
    assert "超过" in problems(post(attach=[upload("a.pdf", PDF)]))["attach"][0]
    assert definition.MAX_FILE == 200 * 1024 * 1024


def test_no_more_files_than_allowed():
    answers = post(attach=[upload(f"{n}.txt", f"第{n}份".encode()) for n in range(5)])
    assert len(answers["attach"]) == 2
    assert "最多上传 2 个" in problems(answers)["attach"][0]


def test_stored_files_travel_from_page_to_page_and_can_be_removed():
    context = context_with(scope="work:1")
    answers = post(attach=[upload("a.pdf", PDF), upload("b.txt", b"demo")])
    tokens = seals(render(FORM, answers, None, context))
    assert len(tokens) == 2
    again = post(texts=[("attach.stored", token) for token in tokens])
    assert again["attach"] == answers["attach"]
    removed = [("attach.remove", answers["attach"][0]["digest"])]
    fewer = post(texts=[("attach.stored", token) for token in tokens] + removed)
    assert fewer["attach"] == answers["attach"][1:]


def test_evidence_carries_one_file_a_row():
    context = context_with(scope="work:1")
    answers = post(
        texts=[("evidence.2.kind", "书证"), ("evidence.2.name", "报告")],
        evidence__2__file=[upload("a.pdf", PDF)],
    )
    [row] = FORM.validate(answers, context)["evidence"]
    assert row["file"]["name"] == "a.pdf"
    page = render(FORM, answers, None, context)
    token = page.split('name="evidence.0.stored" value="')[1].split('"')[0]
    texts = [("evidence.0.kind", "书证"), ("evidence.0.name", "报告"), ("evidence.0.stored", token)]
    assert post(texts=texts)["evidence"] == answers["evidence"]
    replaced = post(texts=texts, evidence__0__file=[upload("b.txt", b"new")])
    assert replaced["evidence"][0]["file"]["name"] == "b.txt"


def test_only_our_own_seal_for_this_place_brings_a_file_back():
    answers = post(attach=[upload("a.pdf", PDF)])
    token = seals(render(FORM, answers, None, context_with(scope="work:1")))[0]
    other_form = make({"type": "file", "key": "attach", "label": "附件"}, key="other")
    digest = hashlib.sha256(PDF).hexdigest()
    for forged in (
        digest,
        token[:-4] + ("A" if token[-4] != "A" else "B") + token[-3:],
        "x." + token.partition(".")[2],
        "",
        "x" * 9000,
    ):
        with pytest.raises(Invalid) as caught:
            post(texts=[("attach.stored", forged)])
        assert caught.value.code == "forged_file"
    for place in (
        lambda: post(texts=[("attach.stored", token)], scope="work:2"),
        lambda: post(other_form, texts=[("attach.stored", token)]),
        lambda: post(texts=[("evidence.0.stored", token)]),
    ):
        with pytest.raises(Invalid) as caught:
            place()
        assert caught.value.code == "forged_file"


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\文件\\证据.pdf", "证据.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x00\n b.pdf", "a b.pdf"),
        ("<b>\"'.pdf", "_b__'.pdf"),
        (".pdf", "pdf"),
        ("", "未命名"),
        ("...", "未命名"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_file_names(given, cleaned):
    assert clean_name(given) == cleaned


def test_a_refused_file_in_an_otherwise_empty_row_is_reported():
    assert "evidence.0.file" in problems(post(evidence__0__file=[upload("x.exe", b"MZ")]))
