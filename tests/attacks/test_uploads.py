"""Uploads: too large, and not what they say.

What a file must be is held by `tests/forms/test_files.py`; here at both doors, and how a file that passed is given back.
"""

import io
import re

import pytest
from cases.town import as_post
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.forms import uploads
from app.forms.definition import MAX_FILE

PDF = b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF"
WRONG = {
    "svg": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "svg as png": ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "html": ("a.html", b"<script>alert(1)</script>"),
    "html as jpg": ("a.jpg", b"<script>alert(1)</script>"),
    "html as txt with NUL": ("a.txt", b"<script>\0"),
    "double ending": ("a.pdf.exe", b"%PDF-1.7"),
    "program as pdf": ("a.pdf", b"MZ\x90\0"),
    "script as docx": ("a.docx", b"#!/bin/sh\n"),
    "gif and script": ("a.gif", b"GIF89a/*<script>*/"),
    "empty": ("a.pdf", b""),
    "no ending": ("pdf", b"%PDF-1.7"),
    "ending in the dark": ("a.pdf\u202etxt.exe", b"%PDF-1.7"),
    "shortcut": ("a.url", b"[InternetShortcut]"),
    "old office": ("a.doc", b"\xd0\xcf\x11\xe0"),
}


@pytest.fixture(scope="module")
def work(town) -> int:
    return town.work(town.open("dust-heap", "register"), "register")[0]


@pytest.mark.parametrize("kind", WRONG)
def test_a_mistyped_file_is_refused_at_both_doors(town, people, programs, work, stored, kind):
    name, content = WRONG[kind]
    browser, intake = people("hb-intake"), programs("hb-intake")
    token, before = browser.token(f"/work/{work}"), stored()
    answer = intake.open(
        "POST", f"/work-items/{work}/files/materials", data={"file": (io.BytesIO(content), name)}
    )
    assert (answer.status_code, answer.json["code"]) == (422, "file")
    post = as_post(town.answers("dust-heap", "penalty_lead")) | {
        "_csrf": token, "_key": "uploaduploadupload", "_version": "1"}  # fmt: skip
    page = browser.bare_post(f"/work/{work}", post | {"materials": (io.BytesIO(content), name)})
    assert page.status_code == 422
    after = stored()
    assert {name for name in after if after[name] != before[name]} <= {"form_draft"}, "what was typed is kept"


def test_a_file_of_two_kinds_is_given_back_as_one(town, people, programs):
    """A PDF that is a page as well: shown as PDF, in a sandbox, and never guessed at."""
    case_id = town.open("dust-heap", "register")
    work, _ = town.work(case_id, "register")
    intake, browser = programs("hb-intake"), people("hb-intake")
    kept = intake.open(
        "POST", f"/work-items/{work}/files/materials", data={"file": (io.BytesIO(PDF), "a.pdf")}
    ).json
    text = intake.open("POST", f"/work-items/{work}/files/materials",
                       data={"file": (io.BytesIO(b"<script>alert(1)</script>"), "b.txt")}).json  # fmt: skip
    given = {k: v for k, v in town.answers("dust-heap", "penalty_lead").items() if v not in (None, "", [])}
    body = {"version": 1, "answers": {**given, "materials": [kept, text]}}
    assert intake.act(f"/work-items/{work}/hand-in", body).status_code == 200
    page = browser.get(f"/cases/{case_id}").get_data(as_text=True)
    types = {}
    for path in set(re.findall(rf"/cases/{case_id}/files/[0-9a-f]{{64}}", page)):
        answer = browser.get(path)
        types[answer.mimetype] = answer.headers["Content-Disposition"].partition(";")[0]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert types == {"application/pdf": "inline", "application/octet-stream": "attachment"}


class Untouched(io.RawIOBase):
    """A body nobody may read."""

    def readable(self) -> bool:
        return True

    def readinto(self, _) -> int:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("size", [221 * 1024 * 1024, 10**12, 10**18])
def test_a_body_past_the_limit_is_refused_unread(town, people, programs, work, size):
    """By its Content-Length alone, before a byte of it is looked at."""
    cookie = people("hb-intake").client.get_cookie("xq_session").value
    secret = programs("hb-intake").secret
    ways = [(f"/work/{work}", {"Cookie": f"xq_session={cookie}"}),
            (f"/api/v1/work-items/{work}/files/materials", {"Authorization": f"Bearer {secret}"})]  # fmt: skip
    for path, headers in ways:
        kind = "multipart/form-data; boundary=x"
        environ = EnvironBuilder(path, method="POST", headers=headers, content_type=kind).get_environ()
        environ |= {"CONTENT_LENGTH": str(size), "wsgi.input": Untouched()}
        body, status, _ = run_wsgi_app(town.app, environ)
        assert status.startswith("413"), path
        assert "200 MB" in b"".join(body).decode()


def test_a_file_one_byte_past_the_limit_is_refused(monkeypatch, programs, work, stored):
    assert MAX_FILE == 200 * 1024 * 1024
    monkeypatch.setattr(uploads, "MAX_FILE", 100_000)
    intake, before = programs("hb-intake"), stored()
    for size, status in ((100_001, 422), (100_000, 201)):
        content = b"%PDF-1.7" + b"x" * (size - 8)
        answer = intake.open("POST", f"/work-items/{work}/files/materials",
                             data={"file": (io.BytesIO(content), "a.pdf")})  # fmt: skip
        assert answer.status_code == status
    assert stored() == before, "a stored file is no row until it is handed in"


def test_a_json_body_is_no_place_for_files(programs, work):
    answer = programs("hb-intake").act(
        f"/work-items/{work}/hand-in", {"version": 1, "answers": {"cause": "长" * 800_000}}
    )
    assert answer.status_code == 413
