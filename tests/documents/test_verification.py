"""What the public is told of a paper, and what it is not told."""

import pytest
from werkzeug.test import TestResponse

from app.documents import numbering
from app.kernel import auth
from app.public import service, views
from app.public.rules import Pace

from .conftest import Paper


@pytest.fixture
def hall(app):
    service._pace = Pace(1000, 60)
    return app.test_client()


@pytest.fixture
def paper(committed) -> Paper:
    return committed("JD-01")


def page(response: TestResponse) -> str:
    return response.get_data(as_text=True)


@pytest.mark.requirement("S2-24", part="扫码验真")
def test_a_genuine_paper(hall, paper):
    response = hall.get(paper.link)
    assert response.status_code == 200
    for shown in (
        "现行有效",
        "枣庄市生态环境局",
        "行政处罚决定书",
        paper.number,
        "2025年7月16日",
        paper.ident_code,
    ):
        assert shown in page(response)


def test_nothing_personal_is_shown(hall, paper, decided):
    text = page(hall.get(paper.link))
    for hidden in (*decided["party"].values(), decided["case"]["cause"], "250,000", "乙丑102", "排放"):
        if hidden != "organisation":
            assert hidden not in text


def test_a_void_paper(hall, paper, void):
    void(paper, "涉及秘密的理由")
    response = hall.get(paper.link)
    assert response.status_code == 200
    assert "已经作废" in page(response)
    assert "现行有效" not in page(response)
    assert "秘密" not in page(response)


def test_a_forged_link_shows_nothing_of_the_real_paper(hall, paper):
    for mac in ("A" * 16, "", "x", numbering.code_mac(paper.ident_code, "another key")):
        response = hall.get(f"/v/{paper.ident_code}", query_string={"k": mac})
        assert response.status_code == 404
        assert "验真未通过" in page(response)
        assert paper.number not in page(response)


def test_a_code_that_was_never_issued(hall):
    code = numbering.identification_code("370400-04", "JD-01", 2025, 99999)
    response = hall.get(f"/v/{code}")
    assert response.status_code == 404
    assert "没有查到" in page(response)


@pytest.mark.requirement("S2-24", part="输码验真")
def test_by_code_alone_the_same_restrained_answer(hall, paper):
    typed = paper.ident_code.lower()[:8] + " " + paper.ident_code.lower()[8:]
    response = hall.get("/v/", query_string={"code": typed}, follow_redirects=True)
    assert "现行有效" in page(response)
    assert "本次按标识码查询" in page(response)


def test_a_mistyped_code_is_answered_at_the_field(hall):
    response = hall.get("/v/", query_string={"code": "37040004JD0120250002"})
    assert response.status_code == 422
    assert "不是完整的文书标识码" in page(response)
    assert hall.get("/v/").status_code == 200


def test_internal_papers_are_not_for_the_public(hall, committed):
    form = committed("LA-06")
    assert "没有查到" in page(hall.get(f"/v/{form.ident_code}"))
    link = numbering.verification_link("", form.ident_code, hall.application.config["SECRET_KEY"])
    assert "没有查到" in page(hall.get(link))


def test_markup_in_an_address_stays_text(hall):
    assert "<script>" not in page(hall.get("/v/<script>alert(1)<script>"))


def test_a_machine_is_slowed_down(hall):
    service._pace = Pace(3, 60)
    accept = {"Accept": "application/json"}
    answers = [hall.get("/v/XX", headers=accept).status_code for _ in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    pace = Pace(2, 10, addresses=2)
    assert [pace.allows("a", t) for t in (0, 1, 2, 10.5)] == [True, True, False, True]
    assert all(pace.allows(address, 3) for address in "bcd")
    assert len(pace._seen) == 2


def test_the_page_is_public(hall):
    assert views.room.access["public.verify_form"] == views.room.access["public.verify"] == auth.PUBLIC
    assert set(views.room.access.values()) == {auth.PUBLIC}, "whatever stands in the public hall"
