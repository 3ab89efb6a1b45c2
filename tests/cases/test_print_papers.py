"""批量打印文书: the documents of several cases in one PDF, what the person may see of them, bookmarked by case."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.cases.models import Case
from app.documents.models import Document
from app.inbox import bulk_views, papers

from .test_recusal import ask, key
from .town import Town, actor


@pytest.fixture(scope="module")
def works(town: Town) -> dict[str, tuple[int, int]]:
    """Case and waiting task of a few cases: two of the bureau, one that has no documents, one of a district."""
    found = {}
    for name, until in (
        ("stone-mill", "decide"), ("idle-filter", "notice_approve"), ("dust-heap", "register"), ("rubble-field", "serve"),
    ):  # fmt: skip
        case_id = town.open(name, until)
        found[name] = (case_id, town.work(case_id, until)[0])
    return found


def post(town: Town, login: str, *works: int):
    given = {"work": [f"{work}.1" for work in works], "back": "/inbox?box=mine"}
    return town.caller(login).post("/inbox/print/papers", given, page="/inbox")


def outline(reader: PdfReader) -> list[tuple[str, list[str]]]:
    """Each case with its documents."""
    found: list[tuple[str, list[str]]] = []
    for entry in reader.outline:
        if isinstance(entry, list):
            found[-1] = (found[-1][0], [one.title for one in entry])
        else:
            found.append((entry.title, []))
    return found


def test_the_documents_of_each_case_stand_under_its_number(town, works):
    chosen = ("idle-filter", "stone-mill")
    answer = post(town, "hb-head", *(works[name][1] for name in chosen))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    reader = PdfReader(BytesIO(answer.data))
    with town.read() as session:
        expected, pages = [], 0
        for name in chosen:
            case = session.get_one(Case, works[name][0])
            rows = session.scalars(
                select(Document)
                .where(Document.case_id == case.id, Document.status != "void")
                .order_by(Document.id)
            ).all()
            newest = sorted({row.code: row for row in rows}.values(), key=lambda row: row.id)
            expected.append(
                (f"{case.no} {case.title}", [f"{row.title} {row.number or ''}".strip() for row in newest])
            )
            pages += len(newest)
    assert outline(reader) == expected
    assert len(reader.pages) >= pages
    assert "某建材有限公司" in "".join(page.extract_text() for page in reader.pages)


def test_a_case_comes_once_and_foreign_ones_not_at_all(town, works):
    stone, foreign = works["stone-mill"][1], works["rubble-field"][1]
    found = outline(PdfReader(BytesIO(post(town, "hb-head", stone, foreign, stone).data)))
    assert len(found) == 1
    refused = post(town, "hb-head", foreign)
    assert refused.status_code == 422
    assert papers.NONE in refused.get_data(as_text=True)


def test_nothing_to_print_and_too_much_are_told(town, works, monkeypatch):
    assert papers.NONE in post(town, "hb-head", works["dust-heap"][1]).get_data(as_text=True)
    monkeypatch.setattr(papers, "PAPERS", 1)
    many = post(town, "hb-head", works["stone-mill"][1])
    assert (many.status_code, "请分几次打印" in many.get_data(as_text=True)) == (422, True)
    monkeypatch.setattr(papers, "PAPERS", 200)
    monkeypatch.setattr(papers, "BYTES", 1000)
    assert "合计过大" in post(town, "hb-head", works["stone-mill"][1]).get_data(as_text=True)
    monkeypatch.setattr(bulk_views, "SHEETS", 1)
    assert post(town, "hb-head", *(works[n][1] for n in ("stone-mill", "idle-filter"))).status_code == 422
    assert post(town, "hb-head").status_code == 422


def test_who_was_recused_prints_nothing_of_the_case(town, works):
    case_id, work_id = works["idle-filter"]
    with town.act() as session:
        asked = ask(session, case_id, "hb-officer1", "hb-deputy", "party")
    assert post(town, "hb-deputy", work_id).status_code == 200
    given = {"_key": key(), "decision": "approve", "reason": "属实。"}
    head = town.caller("hb-head")
    assert head.post(f"/cases/{case_id}/recusals/{asked}", given).status_code == 303
    assert post(town, "hb-deputy", work_id).status_code == 422
    with town.read() as session:
        assert actor(session, "hb-deputy").officer_id


def test_the_list_offers_both(town):
    page = town.caller("hb-head").get("/inbox?box=agency").get_data(as_text=True)
    assert "打印文书" in page
    assert "/inbox/print/papers" in page
