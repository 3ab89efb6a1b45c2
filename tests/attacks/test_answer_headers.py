"""Headers of every answer: policy, no guessing of types, no storing, on pages, papers, errors and the API."""

import pytest
from cases.town import Town
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app

PAPERS = {"private, no-cache"}
"""Issued papers may be kept by the reader's own browser and are asked for again each time."""


def proper(answer: TestResponse, *, paper: bool = False) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Request-Id"]
    kept = answer.headers["Cache-Control"]
    assert "no-store" in kept or (paper and (kept in PAPERS or kept.startswith("private")))
    for name in ("Server", "X-Powered-By", "Via", "Access-Control-Allow-Origin"):
        assert name not in answer.headers


def test_answers_of_every_status(town: Town, people, programs, prey):
    browser, intake, visitor = people("hb-intake"), programs("hb-intake"), town.app.test_client()
    token = browser.token("/account")
    seen = {}
    for answer in (
        browser.get("/inbox"),
        browser.get("/nothing"),
        browser.get(f"/cases/{prey['case_id']}"),
        browser.get("/admin/accounts"),
        browser.bare_post("/cases/new"),
        browser.bare_post("/cases/new", {"_csrf": token}),
        browser.client.put("/cases"),
        visitor.get("/inbox"),
        visitor.get("/"),
        visitor.get("/healthz"),
        visitor.get("/v/X"),
        visitor.get("/api/v1/me"),
        visitor.get("/api/v1/nothing"),
        visitor.delete("/api/v1/me"),
        visitor.get("/api/v1/openapi.json"),
        intake.get("/me"),
        intake.get("/cases/987654321"),
        intake.act("/cases", {"x": 1}),
        intake.open(
            "POST",
            "/cases",
            data=b"{",
            headers={"Idempotency-Key": "k" * 20, "Content-Type": "application/json"},
        ),
        intake.open(
            "POST", "/cases", data=b"{}", headers={"Idempotency-Key": "k" * 20, "Content-Type": "text/plain"}
        ),
    ):
        proper(answer)
        seen[answer.status_code] = answer
    assert {200, 302, 400, 401, 403, 404, 405, 415, 422} <= set(seen)
    assert seen[405].headers["Allow"]


def test_papers_and_files(people, prey):
    owner = prey["owner"]
    for path in (f"/documents/{prey['document_id']}.pdf", f"/documents/{prey['document_id']}.docx",
                 f"/cases/{prey['case_id']}/internal.bpmn"):  # fmt: skip
        answer = owner.get(path)
        assert answer.status_code == 200
        proper(answer, paper=True)
    proper(prey["program"].get(f"/documents/{prey['document_id']}/pdf"))


@pytest.fixture
def broken(town: Town) -> Flask:
    """The application with an address that fails inside."""
    own = create_app({"SQLALCHEMY_DATABASE_URI": town.app.config["SQLALCHEMY_DATABASE_URI"]})

    def fail() -> str:
        raise RuntimeError("secret detail of the inside")

    own.view_functions["health.healthz"] = fail
    own.view_functions["api.description"] = fail
    return own


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/openapi.json"])
def test_a_failure_inside_tells_nothing_and_keeps_the_headers(broken: Flask, path, caplog):
    answer = broken.test_client().get(path)
    assert answer.status_code == 500
    proper(answer)
    text = answer.get_data(as_text=True)
    assert "secret detail" not in text
    assert "Traceback" not in text
    assert "系统暂时无法完成" in text
    assert answer.mimetype == ("application/problem+json" if path.startswith("/api") else "text/html")


def test_cookies_are_out_of_reach_of_scripts(town: Town):
    browser = town.caller("hb-archive")
    answer = browser.get("/sign-in")
    cookies = answer.headers.getlist("Set-Cookie")
    for cookie in cookies:
        assert "HttpOnly" in cookie or cookie.startswith("xq_display")
        assert "SameSite=Lax" in cookie
