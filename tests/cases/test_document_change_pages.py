"""The pages of changed documents: the form, the decision, the case page, the register and its spreadsheet."""

import csv
import io

import pytest
from sqlalchemy import select

from app.cases.models import DocumentChange
from app.documents import service as documents
from app.documents.models import Document
from app.kernel import sheets

from .test_exactly_once import key


@pytest.fixture(scope="module")
def second(town):
    """Who handles the case."""
    return town.caller("hb-officer1")


@pytest.fixture(scope="module")
def head(town):
    return town.caller("hb-head")


@pytest.fixture(scope="module")
def replaced(town, second, head):
    """A case with a corrected filing form: its id, the old and the new document's."""
    case_id = town.open("dust-heap", "lead_review")
    with town.read() as session:
        chosen = select(Document.id).where(Document.case_id == case_id, Document.code == "LA-06")
        old = session.scalars(chosen).one()
        words = documents.passages(documents.by_id(session, old).data)
    page = f"/cases/{case_id}/papers/{old}"
    word = next(text for text in words if len(text) > 8)[:6]
    wrong = {"kind": "correct", "old": ["没有的文字"], "new": ["更正"], "reason": "", "_key": key()}
    refused = second.post(page, wrong)
    assert refused.status_code == 422
    for told in ("请写明理由", "没有“没有的文字”", 'value="没有的文字"'):
        assert told in refused.text
    more = second.post(page, {**wrong, "more": "1"})
    assert more.status_code == 200
    assert 'value="没有的文字"' in more.text
    asked = {"kind": "correct", "old": [word], "new": ["更正后的文字"], "reason": "打印有误。", "_key": key()}
    given = second.post(page, asked)
    assert given.status_code == 303, given.text
    assert "待审批" in second.get(given.headers["Location"]).text
    with town.read() as session:
        number = session.scalars(select(DocumentChange.id).where(DocumentChange.document_id == old)).one()
    assert f"/cases/{case_id}/changes/{number}" in head.get("/inbox").text
    decision = f"/cases/{case_id}/changes/{number}"
    assert "由本机关分管负责人或者主要负责人审批" in second.get(decision).text
    barred = second.post(decision, {"decision": "approve", "reason": "同意", "_key": key()}, page=page)
    assert barred.status_code == 403
    assert "批准以后" in head.get(decision).text
    empty = head.post(decision, {"reason": "", "_key": key()})
    assert empty.status_code == 422
    done = head.post(decision, {"decision": "approve", "reason": "情况属实。", "_key": key()})
    assert done.status_code == 303, done.text
    assert "已批准更正" in head.get(done.headers["Location"]).text
    with town.read() as session:
        new = session.scalars(select(Document.id).where(Document.replaces_id == old)).one()
    return case_id, old, new


def test_the_case_page_shows_both_with_a_link_to_what_holds(second, replaced):
    case_id, old, new = replaced
    page = second.get(f"/cases/{case_id}").text
    assert "已更正" in page
    assert "代替" in page
    assert page.count(f"/documents/{new}.pdf") >= 2
    assert f"/documents/{old}.pdf" in page


def test_the_replaced_pdf_says_so(second, replaced):
    import pypdf

    _, old, new = replaced
    for number, marked in ((old, True), (new, False)):
        answer = second.get(f"/documents/{number}.pdf")
        pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
        assert all(("已更正" in "".join(p.extract_text().split())) == marked for p in pages)


def test_the_register_is_searched_and_checked_for_gaps(town, head, second, replaced):
    _, old, _ = replaced
    with town.read() as session:
        ident = session.get_one(Document, old).ident_code
    page = head.get("/register", query_string={"code": "LA-06"}).text
    assert "没有缺号" in page
    assert "已更正" in page
    assert "打印有误。" in page
    found = head.get("/register", query_string={"q": ident}).text
    assert found.count(f"/documents/{old}.pdf") == 1
    assert "没有这样的文书" in head.get("/register", query_string={"q": "无此文号"}).text
    assert "编号核对" not in second.get("/register").text
    assert "没有这样的文书" in town.caller("cg-head").get("/register", query_string={"q": ident}).text


def test_the_spreadsheet_says_what_the_page_says(town, head, replaced):
    _, old, new = replaced
    answer = head.get("/register.csv", query_string={"code": "LA-06"})
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    with town.read() as session:
        names = [session.get_one(Document, n).ident_code for n in (old, new)]
    by_code = {row["文书标识码"]: row for row in rows}
    assert by_code[names[0]]["状态"] == "已更正"
    assert by_code[names[1]]["状态"] == "有效"
    assert by_code[names[1]]["代替的文书"]
    assert by_code[names[0]]["由何文书代替"]


def test_a_formula_is_a_text_in_a_spreadsheet():
    assert [sheets.harmless(v) for v in ("=1+1", "@a", "-", "12", "枣")] == ["'=1+1", "'@a", "'-", "12", "枣"]


def test_another_agencys_papers_do_not_exist(town, replaced):
    case_id, old, _ = replaced
    other = town.caller("cg-head")
    assert other.get(f"/cases/{case_id}/papers/{old}").status_code == 404
    assert other.get(f"/documents/{old}.ofd").status_code == 404
