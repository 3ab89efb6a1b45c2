"""Files with power items that mean harm: bombs, macros, entities, formulas, files that are not what they say; and people
who have no business with them."""

import io
import zipfile

import openpyxl
import pytest

from app.catalogue.models import ItemImport, PowerItem
from app.kernel import clock, jobs, sheets
from app.kernel.errors import Invalid

HEADS = ["事项编码", "事项名称", "权力类型", "法律依据"]


def book(*rows) -> bytes:
    made = openpyxl.Workbook()
    for row in (HEADS, *rows):
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_entry(content: bytes, name: str, extra: bytes) -> bytes:
    """The same file with one entry put in or exchanged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, extra)
    return out.getvalue()


PLAIN = book(["攻-1", "名称", "行政处罚", "《演示条例》第一条"])
SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
)
HARM = {
    "zeros": with_entry(PLAIN, "xl/media/a.bin", b"\0" * 60_000_000),
    "macros": with_entry(PLAIN, "xl/vbaProject.bin", b"x"),
    "entities": with_entry(PLAIN, SHEET, ENTITIES),
    "no workbook": with_entry(PLAIN, "[Content_Types].xml", b"<a/>")[:400],
    "broken sheet": with_entry(PLAIN, SHEET, b"<worksheet><sheetData><row><c t='s'><v>999999</v></c></row>"),
    "text": b"PK\x03\x04 not a zip",
    "document": with_entry(b"PK\x05\x06" + b"\0" * 18, "word/document.xml", b"<a/>"),
    "far row": with_entry(PLAIN, SHEET, (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>')),
}  # fmt: skip


@pytest.mark.parametrize("kind", HARM)
def test_a_harmful_file_is_refused(kind):
    with pytest.raises(Invalid) as refused:
        sheets.read(HARM[kind], "事项.xlsx")
    assert refused.value.code == "file"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xls", b"\xd0\xcf\x11\xe0"), ("a.csv", b"\xff\xfe\0a\0b"), ("a.csv", b"a,b\n\0,1"), ("a.xlsx", b""),
     ("a.csv", b"\n\n"),
     ("a.csv", ("列," * 80 + "\n1\n").encode()), ("a.csv", ("x\n" * 20_003).encode()), ("a.html", b"<script>")],
)  # fmt: skip
def test_a_file_of_another_kind_or_without_measure_is_refused(name, content):
    with pytest.raises(Invalid):
        sheets.read(content, name)


def import_of(town, login: str, content: bytes, name: str = "事项.xlsx", agency: str = "") -> tuple[int, str]:
    """Hand a file in; status, and where it leads."""
    browser = town.caller(login)
    page = browser.get("/items/imports").get_data(as_text=True)
    number = agency or page.partition('name="agency_id"')[2].partition('value="')[2].partition('"')[0]
    post = {"agency_id": number, "file": (io.BytesIO(content), name)}
    answer = browser.post("/items/imports", post, page="/items/imports")
    return answer.status_code, answer.location or answer.get_data(as_text=True)


def work(town) -> None:
    with town.app.app_context():
        while jobs.run_due(clock.now()):
            pass


def test_the_way_of_a_file_on_the_pages(town):
    content = book(
        ["页-1", "=危险", "行政处罚", "《演示条例》第一条"],
        ["页-2", "<script>alert(1)</script>", "行政处罚", "《演示条例》第一条"],
        ["页-3", "好的", "行政处罚", "《演示条例》第一条"],
        ["页-4", "", "", ""],
    )
    status, where = import_of(town, "hb-review", content)
    assert status == 303
    keeper = town.caller("hb-review")
    assert "正在检查" in keeper.get(where).get_data(as_text=True)
    work(town)
    page = keeper.get(where).get_data(as_text=True)
    assert "写入没有错误的 2 行" in page
    assert "单元格是公式" in page
    for ref in ("B2", "B5", "C5", "D5"):
        assert f">{ref}<" in page
    marked = keeper.get(f"{where}/marked.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(marked.data)).active["B5"].comment.text == "没有填写事项名称。"
    assert keeper.post(f"{where}/take", page=where).status_code == 303
    work(town)
    page = keeper.get(where).get_data(as_text=True)
    assert "已写入" in page
    assert keeper.bare_post(f"{where}/take", {"_csrf": keeper.token("/items/imports")}).status_code == 409
    with town.read() as session:
        found = session.query(PowerItem).filter(PowerItem.code.like("页-%")).all()
        assert {(item.code, item.status) for item in found} == {("页-2", "draft"), ("页-3", "draft")}
    given = keeper.get("/items/exports/file?what=catalogue&kind=csv").get_data(as_text=True)
    assert "<script>" in given, "as it was typed: a text in a table"
    index = keeper.get("/items/imports").get_data(as_text=True)
    assert "<script>alert" not in index


def test_nobody_imports_for_others(town):
    status, where = import_of(town, "hb-review", book(["外-1", "名称", "行政处罚", "《演示条例》第一条"]))
    assert status == 303
    for login in ("cg-head", "hb-officer1", "sf-super", "sf-admin"):
        browser = town.caller(login)
        for path in ("/items/imports", where, f"{where}/marked.xlsx"):
            assert browser.get(path).status_code == 403, (login, path)
        token = browser.token("/account")
        assert browser.bare_post(f"{where}/take", {"_csrf": token}).status_code == 403
    other = town.caller("cg-review")
    for path in (where, f"{where}/marked.xlsx"):
        assert other.get(path).status_code == 404
    assert other.bare_post(f"{where}/take", {"_csrf": other.token("/account")}).status_code == 404
    with town.read() as session:
        environment = session.get(ItemImport, int(where.rsplit("/", 1)[1])).agency_id
    assert import_of(town, "cg-review", PLAIN, agency=str(environment))[0] == 404
    assert other.get(f"/items/exports/file?what=catalogue&kind=xlsx&agency={environment}").status_code == 404
    assert "外-1" not in other.get("/items/exports/file?what=catalogue&kind=csv").get_data(as_text=True)


def test_a_wrong_file_is_told_and_nothing_is_kept(town):
    before = None
    with town.read() as session:
        before = session.query(ItemImport).count()
    for content, name, words in ((b"", "a.xlsx", "请选择"), (b"x", "a.exe", "只能导入")):
        status, page = import_of(town, "hb-review", content, name)
        assert (status, words in page) == (422, True)
    with town.read() as session:
        assert session.query(ItemImport).count() == before
    status, where = import_of(town, "hb-review", HARM["zeros"])
    assert status == 303
    work(town)
    assert "异常庞大" in town.caller("hb-review").get(where).get_data(as_text=True)


def test_the_same_file_under_way_is_taken_once(town):
    content = book(["次-1", "名称", "行政处罚", "《演示条例》第一条"])
    first, second = (import_of(town, "hb-review", content)[1] for _ in "12")
    assert first == second
    work(town)
