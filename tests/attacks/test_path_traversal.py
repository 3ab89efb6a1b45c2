"""Path traversal: names of files, codes, digests and static addresses lead nowhere else.

Pages: `tests/cases/test_hostile_http.py`. Here: the API, the file store, templates and fonts by name.
"""

import io

import pytest

from app.documents import service as documents
from app.documents.template import load as template
from app.kernel import files
from app.kernel.errors import XingquanError

PATHS = [
    "/documents/..%2f..%2fetc%2fpasswd",
    "/documents/1%2f..%2f..%2fwsgi.py/pdf",
    "/documents/%00/pdf",
    "/verification/..%2f..%2fetc%2fpasswd",
    "/verification/%2e%2e/%2e%2e/etc/passwd",
    "/cases/..%2f..%2f",
    "/cases/1/record/..%2f..%2f..%2fetc",
    "/work-items/1/files/..%2f..%2fetc",
    "/openapi.json%00.txt",
    "/../../etc/passwd",
    "/..%5c..%5cwindows%5cwin.ini",
    "/" + "../" * 40 + "etc/passwd",
    "/documents/" + "9" * 5000,
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_no_address_of_the_api_leads_elsewhere(programs, path):
    answer = programs("hb-officer1").get(path)
    assert answer.status_code in (404, 405), answer.status_code
    assert answer.mimetype in ("application/problem+json", "text/html")
    assert "root:" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    ["/static/../wsgi.py", "/static/%2e%2e/%2e%2e/wsgi.py", "/static//etc/passwd", "/static/..%5c..%5cwsgi.py",
     "/static/dist/../../__init__.py", "/static/%00", "/static/.gitkeep/../../flow.py"],
)  # fmt: skip
def test_static_files_are_those_of_the_folder(people, path):
    answer = people("hb-officer1").get(path)
    assert answer.status_code in (302, 308, 404)
    assert b"import" not in answer.data


@pytest.mark.parametrize(
    "digest",
    ["../../secret_key", "a" * 63 + "/", "A" * 64, "", "a" * 65, "a" * 63 + "\0", "/etc/passwd", "." * 64],
)
def test_the_store_knows_digests_only(town, digest):
    with town.app.app_context():
        for read in (files.get, files.open_read):
            with pytest.raises(ValueError, match="SHA-256"):
                read(digest)


@pytest.mark.parametrize("code", ["../../wsgi", "/etc/passwd", "JD-01/../../x", "JD-01\0", "", "*", "jd-01/"])
def test_no_template_is_read_from_elsewhere(code):
    for read in (template, documents.kind):
        with pytest.raises(XingquanError):
            read(code)


NAMES = ["../../../etc/cron.d/x.pdf", "..\\..\\x.pdf", "/etc/passwd.pdf", "C:\\x.pdf", "a/../b.pdf", ".htaccess.pdf",
         "con.pdf", "x" * 300 + ".pdf", "a\r\nSet-Cookie: x=1.pdf", "%2e%2e%2fx.pdf", "~/.ssh/x.pdf"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:24]))
def test_a_stored_file_s_name_is_a_name_only(town, programs, name):
    work, _ = town.work(town.open("dust-heap", "register"), "register")
    answer = programs("hb-intake").open(
        "POST", f"/work-items/{work}/files/materials", data={"file": (io.BytesIO(b"%PDF-1.7 x"), name)}
    )
    if answer.status_code == 422:
        assert answer.json["detail"]
        return
    kept = answer.json["name"]
    assert not set(kept) & set("/\\\r\n\0:")
    assert len(kept) <= 120
    assert not kept.startswith(".")
