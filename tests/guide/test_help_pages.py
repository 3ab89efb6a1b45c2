"""Help over HTTP: as a part of a page and as a page, to those who may see the task; the tour, once an account."""

import re
from datetime import date
from pathlib import Path

import pytest
from cases.town import Town
from click.testing import CliRunner
from pypdf import PdfReader
from sqlalchemy import select

from app.catalogue import service as catalogue
from app.diagrams.models import ProcedureVersion
from app.guide import commands, manual, tours

PART = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def version(town: Town) -> int:
    with town.read() as session:
        chosen = select(ProcedureVersion.id).where(ProcedureVersion.key == "penalty/ordinary")
        return session.scalars(chosen).one()


@pytest.fixture(scope="module")
def task(town: Town) -> int:
    case_id = town.open("no-permit", "legal_review")
    return town.work(case_id, "legal_review")[0]


def test_the_help_of_a_task_is_a_part_of_its_page_and_a_page(town: Town, task: int):
    reviewer = town.caller("hb-legal")
    part = reviewer.get(f"/work/{task}/help", headers=PART).get_data(as_text=True)
    assert "提交时系统核对" in part
    assert "<html" not in part
    whole = reviewer.get(f"/work/{task}/help").get_data(as_text=True)
    assert "<html" in whole
    page = reviewer.get(f"/work/{task}").get_data(as_text=True)
    assert f'data-lazy="/work/{task}/help"' in page
    assert re.search(r'href="/help/articles\?law=[^"]+&amp;no=58" data-article', page)


@pytest.mark.parametrize("login", ["szhb-officer1", "szsf-super", "hb-finance"])
def test_it_does_not_exist_for_who_may_not_see_the_task(town: Town, task: int, login: str):
    assert town.caller(login).get(f"/work/{task}/help").status_code in (403, 404)


def test_articles_that_were_taken_in_are_shown_and_others_named(town: Town):
    with town.act() as session:
        article = catalogue.Article(
            "中华人民共和国行政处罚法", "58", "有下列情形之一<b>的", date(2021, 1, 22), "公报"
        )
        statute = catalogue.Statute(article.law, "法律", "", article.version, None, "公报", (article,))
        catalogue.load_statutes(session, [statute])
    reader = town.caller("hb-officer1")
    page = reader.get("/help/articles?law=中华人民共和国行政处罚法&no=58,59").get_data(as_text=True)
    assert "有下列情形之一&lt;b&gt;的" in page
    assert "2021年1月22日文本" in page
    assert "没有载入这一条的原文" in page
    assert reader.get("/help/articles?law=x&no=abc").status_code == 404
    assert reader.get("/help/articles?no=58").status_code == 404


def test_the_manual_is_a_page_and_a_pdf(town: Town, version: int, tmp_path: Path):
    reader = town.caller("hb-officer1")
    page = reader.get(f"/help/procedures/{version}").get_data(as_text=True)
    assert page.count('class="card manual-step"') == 46
    answer = reader.get(f"/help/procedures/{version}/manual.pdf")
    assert answer.mimetype == "application/pdf"
    file = tmp_path / "manual.pdf"
    file.write_bytes(answer.data)
    pdf = PdfReader(file)
    words = "".join(page.extract_text() for page in pdf.pages[:12])
    assert pdf.metadata.title == "行政处罚普通程序操作手册"
    for heading in (
        "目录",
        "一、法定流程",
        "二、岗位和环节一览",
        "三、各环节办理",
        "案源登记",
        "提交时系统核对",
    ):
        assert heading in words.replace(" ", ""), heading
    assert pdf.outline, "a reader can go to a step"


def test_the_same_content_gives_the_same_pdf(penalty):
    assert manual.pdf(penalty, {}) == manual.pdf(penalty, {})


def test_manuals_of_all_procedures_are_written_at_once(town: Town, tmp_path: Path):
    run = CliRunner().invoke(commands.manual, ["write", str(tmp_path / "out")], obj=town.app.app_context)
    assert run.exit_code == 0, run.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "adjudication-ordinary-1.pdf",
        "collection-ordinary-1.pdf",
        "compulsion-enforcement-1.pdf",
        "compulsion-freeze-1.pdf",
        "compulsion-seizure-1.pdf",
        "confirmation-ordinary-1.pdf",
        "governance-base-data-1.pdf",
        "governance-item-change-1.pdf",
        "governance-item-review-1.pdf",
        "governance-publication-1.pdf",
        "inspection-ordinary-1.pdf",
        "licence-ordinary-1.pdf",
        "payment-ordinary-1.pdf",
        "penalty-ordinary-1.pdf",
        "penalty-simple-1.pdf",
        "remedy-ordinary-1.pdf",
        "transfer-lead-1.pdf",
        "transfer-reception-1.pdf",
    ]
    assert "共 18 本" in run.output


def test_a_step_that_does_not_exist_is_not_found(town: Town, version: int):
    reader = town.caller("hb-officer1")
    for path in ("steps/nothing", "steps/nothing/example", "examples/LC-01.pdf", "examples/../x.pdf"):
        assert reader.get(f"/help/procedures/{version}/{path}").status_code == 404, path
    assert reader.get("/help/procedures/99999/manual.pdf").status_code == 404
    assert reader.get(f"/help/procedures/{version}/steps/decide/example").status_code == 200
    assert reader.get(f"/help/procedures/{version}/examples/JD-01.pdf").data.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("login", "key"),
    [
        ("hb-officer1", "officer"),
        ("hb-legal", "reviewer"),
        ("hb-head", "head"),
        ("hb-deputy", "head"),
        ("sf-analyst", "analyst"),
        ("sf-super", "supervisor"),
        ("sf-admin", "admin"),
    ],
)
def test_each_account_is_shown_its_tour_once(town: Town, login: str, key: str):
    person = town.caller(login)
    told = person.get("/help/tour").json
    assert (told["key"], told["pending"]) == (key, True)
    assert person.get(told["page"]).status_code == 200
    for _ in range(2):
        assert person.post("/help/tour", {"outcome": "dismissed"}, page="/account").status_code == 204
    assert person.get("/help/tour").json["pending"] is False
    assert town.caller(login).get("/help/tour").json["pending"] is False, "in another browser, too"
    assert person.post("/help/tour", {"outcome": "sold"}, page="/account").status_code == 422


def test_tours_have_four_to_eight_stops():
    for tour in tours.all_tours():
        assert 4 <= len(tour.stops) <= 8, tour.key
        assert all(stop.title and stop.text for stop in tour.stops)
        assert len({stop.title for stop in tour.stops}) == len(tour.stops)


def test_the_menu_is_on_the_pages_with_a_search_of_persons(town: Town):
    """They have a `person` of their own."""
    reader = town.caller("hb-officer1")
    for path in ("/inbox", "/cases"):
        assert "data-open-tour" in reader.get(path).get_data(as_text=True), path
