"""Whatever is sent gets a 4xx in Chinese or does no harm; the process lives and nothing is changed by it."""

import contextlib
import dataclasses
import io
import re
import zipfile
from typing import Any

import pypdf
import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.cases import demo_content, locking, stepping
from app.cases.models import Case, WorkItem
from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel.errors import Invalid, XingquanError

from .town import Town, as_post

HAN = re.compile(r"[\u4e00-\u9fff]{4,}")
KEY = "hostile000000000"


@pytest.fixture(scope="module")
def work(town: Town) -> int:
    """The first task of a case."""
    return town.work(town.open("dust-heap", "register"), "register")[0]


@pytest.fixture(scope="module")
def intake(town: Town):
    return town.caller("hb-intake")


@pytest.fixture(scope="module")
def token(intake, work) -> str:
    return intake.token(f"/work/{work}")


def harmless(answer: Any, statuses: tuple[int, ...] = (400, 404, 413, 415, 422)) -> None:
    assert answer.status_code in statuses
    assert HAN.search(answer.get_data(as_text=True))


# forms


def zipped(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in entries:
            container.writestr(name, content)
    return out.getvalue()


POSTS: dict[str, Any] = {
    "two megabytes": {"cause": "长" * 800_000},
    "two megabytes of many": {f"summary.{n}": "x" * 20_000 for n in range(120)},
    "five thousand and one": {f"k{n}": "" for n in range(5_001)},
    "deep name": {".".join(["party"] * 300): "x"},
    "deep row": {"party.0.0.0.0.0.name": "x"},
    "row past all rows": {"materials.99999999999999999999.name": "x"},
    "NUL in a name": {"cau\0se": "x"},
    "NUL in a value": {"cause": "a\0b"},
    "lone surrogate": {"cause": "\udcff".encode("utf-8", "surrogatepass")},
    "format characters": {"cause": "%s%n{0}{{x}}", "received_at": "%s"},
    "brackets": {"cause[]": "x", "cause[0][name]": "y"},
    "number of thousands of digits": {"_version": "9" * 5000},
    "refresh with unknown": {"_refresh": "1", "legal_passed": "true"},
}


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize("multipart", [False, True], ids=["urlencoded", "multipart"])
def test_hostile_forms(town, intake, token, work, name, multipart):
    before = town.rows()
    post = MultiDict({"_csrf": token, "_key": KEY, "_version": "1"} | POSTS[name])
    headers = {"X-CSRF-Token": token}
    for path in (f"/work/{work}", f"/work/{work}/draft"):
        kind = "multipart/form-data" if multipart else "application/x-www-form-urlencoded"
        answer = intake.bare_post(path, post, content_type=kind, headers=headers)
        allowed = (400, 413, 422) if not path.endswith("draft") else (200, 400, 413, 422)
        harmless(answer, allowed)
    assert town.rows() == before


BODIES = {
    "json": ("application/json", b'{"legal_passed": true}'),
    "json deep": ("application/json", b"[" * 100_000),
    "xml": ("application/xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
    "plain": ("text/plain", b"cause=x"),
    "no type": ("", b"cause=x"),
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "cut off": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="cau'),
    "never ends": ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 50_000),
    "nested": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y",
    ),
    "odd charset": ("application/x-www-form-urlencoded; charset=utf-7", b"cause=+ADw-script+AD4-"),
    "bytes": ("application/x-www-form-urlencoded", bytes(range(256)) * 50),
    "percent": ("application/x-www-form-urlencoded", b"%ff%fe%00=%zz&" * 100),
}


@pytest.mark.parametrize("name", BODIES)
def test_hostile_bodies(town, intake, token, work, name):
    kind, body = BODIES[name]
    before = town.rows()
    for path in (f"/work/{work}", f"/work/{work}/confirm", "/cases/new"):
        answer = intake.bare_post(path, body, content_type=kind, headers={"X-CSRF-Token": token})
        harmless(answer)
    assert town.rows() == before


# files

BOMB = zipped(("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"\0" * 40_000_000))
FILES = {
    "html as pdf": ("a.pdf", b"<html><script>alert(1)</script></html>"),
    "pdf as exe": ("a.exe", b"%PDF-1.7"),
    "svg": ("a.svg", b"<svg onload=alert(1)>"),
    "bomb": ("a.docx", BOMB),
    "macro": ("a.docx", zipped(("[Content_Types].xml", b""), ("word/document.xml", b""), ("word/vbaProject.bin", b""))),
    "broken zip": ("a.docx", b"PK\x03\x04" + b"\0" * 100),
    "nothing": ("a.pdf", b""),
    "no name ending": ("a", b"%PDF-1.7"),
    "double ending": ("a.pdf.html", b"%PDF-1.7"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_hostile_files(town, intake, token, work, name):
    before = town.rows()
    file, content = FILES[name]
    post = as_post(town.answers("dust-heap", "penalty_lead")) | {"_csrf": token, "_key": KEY, "_version": "1"}
    answer = intake.bare_post(f"/work/{work}", post | {"materials": (io.BytesIO(content), file)})
    harmless(answer, (422,))
    assert town.rows() == before


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.pdf", "..\\..\\a.pdf", 'a"; b=".pdf', "<img src=x>.pdf", "材料\u202efdp.pdf"],
)
def test_a_file_s_name_is_a_name_only(town, intake, name):
    case_id = town.open("dust-heap", "register")
    first, _ = town.work(case_id, "register")
    post = as_post(town.answers("dust-heap", "penalty_lead")) | {"_key": f"{KEY}{case_id}", "_version": "1"}
    file = (io.BytesIO(f"%PDF-1.7 {name}".encode()), name)
    answer = intake.post(f"/work/{first}", post | {"materials": file})
    if (
        answer.status_code == 422
    ):  # a quotation mark ends the name in the header: what is left is no file of ours
        assert '"' in name
        return
    assert answer.status_code == 303
    page = intake.get(f"/cases/{case_id}").get_data(as_text=True)
    assert "<img src=x>" not in page
    [path] = set(re.findall(rf"/cases/{case_id}/files/[0-9a-f]{{64}}", page)) or {""}
    got = intake.get(path)
    assert (got.status_code, got.mimetype) == (200, "application/pdf")
    assert "etc" not in got.headers["Content-Disposition"]
    assert "sandbox" in got.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/cases/{case}/files/..%2f..%2f..%2fetc%2fpasswd",
        "/cases/{case}/files/" + "a" * 64,
        "/cases/{case}/files/" + "A" * 3000,
        "/cases/{case}/files/%00",
        "/cases/{case}/../../etc/passwd",
        "/cases/{case}/evil.bpmn",
        "/work/{work}/preview/..%2f..%2fsecret_key.pdf",
        "/work/{work}/preview/JD-01.pdf",
        "/work/{work}/preview/" + "x" * 3000 + ".pdf",
        "/work/{work}/preview/{{7*7}}.pdf",
        "/work/" + "9" * 5000,
        "/cases/" + "9" * 5000,
        "/documents/" + "9" * 5000 + ".pdf",
        "/documents/0.pdf",
        "/static/..%2f..%2fwsgi.py",
        "/v/..%2f..%2fetc",
    ],
)
def test_addresses_lead_nowhere_else(town, intake, work, path):
    with town.read() as session:
        case = session.scalar(select(WorkItem.case_id).where(WorkItem.id == work))
    answer = intake.get(path.replace("{case}", str(case)).replace("{work}", str(work)))
    harmless(answer, (404,))


@pytest.mark.parametrize(
    "query", ["before=" + "9" * 5000, "q=%00", "q=%25_\\", "after=9999-99-99~1", "box=%ff"]
)
def test_queries_crash_no_list(intake, query):
    for path in ("/cases", "/inbox"):
        assert intake.get(f"{path}?{query}").status_code in (200, 400)


# diagrams

NS = b'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xq="urn:xingquan:bpmn:1"'
LAUGHS = (
    b"<!DOCTYPE l [<!ENTITY a 'ha'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(9))
    + b"]><definitions "
    + NS
    + b">&j;</definitions>"
)
XI = b" xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='/etc/passwd'"
DIAGRAMS = {
    "billion laughs": LAUGHS,
    "external entity": b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><definitions " + NS + b">&x;</definitions>",
    "external subset": b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/x.dtd'><definitions " + NS + b"/>",
    "parameter entity": b"<!DOCTYPE a [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]><a/>",
    "in another encoding": "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>".encode("utf-16"),
    "utf-7": b"<?xml version='1.0' encoding='utf-7'?>+ADwAIQ-DOCTYPE a+AD4-",
    "three megabytes": b"<definitions " + NS + b">" + b"<a/>" * 750_000 + b"</definitions>",
    "deep": b"<definitions " + NS + b">" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"</definitions>",
    "wide": b"<definitions " + NS + b"><process id='p'>" + b"<userTask/>" * 60_000 + b"</process></definitions>",
    "xinclude": b"<definitions " + NS + XI + b"/></definitions>",
    "stylesheet": b"<?xml-stylesheet href='x'?><definitions " + NS + b"/>",
    "empty": b"",
    "NUL": b"\0" * 100,
    "no process": b"<definitions " + NS + b"/>",
}  # fmt: skip


@pytest.mark.parametrize("name", DIAGRAMS)
def test_hostile_diagrams_are_refused_with_a_reason(desk, name):
    content = DIAGRAMS[name]
    problems = engine.check(engine.Source(internal=content), {"fine"}, {"x"})
    assert problems
    assert all(HAN.search(p.message) and len(p.message) < 400 for p in problems)
    real = diagrams.from_folder("penalty/ordinary")
    parts = [(real.external, content)]
    if name not in ("xinclude", "stylesheet", "no process", "wide"):
        parts.append((content, real.internal))
    for external, internal in parts:
        hostile = dataclasses.replace(real, external=external, internal=internal)
        hostile = dataclasses.replace(hostile, digest=bundles.named(hostile))
        with pytest.raises(Invalid, match="流程不能发布") as caught:
            diagrams.publish(desk, hostile, gate)
        assert "root:" not in caught.value.message


# texts

ATTACKS = [
    '\'; drop table "case";--',
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    '#import "x": y; #read("/etc/passwd") $x^2$',
    "\\u{41} @label <tag> `raw` *b* _i_",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", ATTACKS, ids=["sql", "html", "jinja", "typst", "typst marks", "formula"])
def test_what_is_typed_is_text_everywhere(town, intake, text):
    case_id = town.open("dust-heap", "register")
    first, _ = town.work(case_id, "register")
    answers = town.answers("dust-heap", "penalty_lead")
    answers["party"] = dict(
        answers["party"], name=f"甲{text}", address=f"乙{text}", legal_representative=f"丙{text}"
    )
    answers |= {
        "cause": f"丁{text}",
        "place": f"戊{text}",
        "summary": f"己{text}\n{text}",
        "suggestion": f"庚{text}",
    }
    post = as_post(answers) | {"_key": f"{KEY}{case_id}", "_version": "1"}
    preview = intake.post(f"/work/{first}/draft", post, page=f"/work/{first}")
    assert preview.status_code == 200
    assert intake.get(f"/work/{first}/preview/LA-01.pdf").data.startswith(b"%PDF")
    assert intake.post(f"/work/{first}", post).status_code == 303
    with town.read() as session:
        case = session.get_one(Case, case_id)
        assert (case.party["name"], case.cause) == (f"甲{text}", f"丁{text}")
        document = documents.of_case(session, case_id)[0].id
    for path in (f"/cases/{case_id}", f"/work/{first}", "/cases", "/inbox?box=done"):
        page = intake.get(path)
        assert page.status_code == 200
        body = page.get_data(as_text=True)
        assert "<script>alert" not in body
        assert "己49" not in body
    pdf = pypdf.PdfReader(io.BytesIO(intake.get(f"/documents/{document}.pdf").data))
    printed = re.sub(r"\s", "", "".join(page.extract_text() for page in pdf.pages))
    assert re.sub(r"\s", "", f"己{text}") in printed
    word = zipfile.ZipFile(io.BytesIO(intake.get(f"/documents/{document}.docx").data))
    assert b"<script>" not in word.read("word/document.xml")


JUNK = ["昨天", "9" * 40]


@pytest.mark.parametrize("junk", JUNK)
def test_a_preview_prints_whatever_the_draft_holds(stage, junk):
    """A draft may be as wrong as it likes: its preview shows it and never breaks."""
    case = stage("stone-mill", until="decide")
    running = locking.lock(case.session, case.case_id)
    context = stepping.context_of(running)
    journeys = demo_content.content()["journeys"].values()
    given = {form: data for j in journeys for form, data in j["answers"].items()} | demo_content.content()[
        "defaults"
    ]
    for node in engine.nodes(running.spec).values():
        if not node.documents:
            continue
        key = node.attributes["form"]
        form = forms.load(running.procedure.forms[key])
        plain = given[key][0] if isinstance(given[key], list) else given[key]
        post = MultiDict((name, junk) for name in as_post(plain) if "$" not in name)
        try:
            answers = form.parse(post)
        except XingquanError:
            answers = dict.fromkeys(plain, junk)
        told = {**context, "forms": {**context["forms"], key: dict(answers)}}
        for declared in node.documents:
            with contextlib.suppress(XingquanError):  # a word in Chinese is an answer too
                documents.preview_data(declared["code"], told)


def test_the_process_lives(town, intake, work):
    assert intake.get("/healthz").status_code == 200
    assert intake.get(f"/work/{work}").status_code == 200
