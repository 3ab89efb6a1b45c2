"""Header injection, poisoned hosts and open redirects.

Signing in leads only to this site: `tests/people/test_sign_in.py`. Here: every other address that leads on,
and every header an answer is made of.
"""

import pytest
from api.programs import Program
from cases.town import Town

from app.documents import numbering

ELSEWHERE = [
    "http://evil.example",
    "https:evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    " //evil.example",
    "//evil.example@127.0.0.1",
    "javascript:alert(1)",
    "data:text/html,x",
    "//[",
    "http://[::1",
    "/\r\nSet-Cookie: a=b",
    "/x\0y",
    "x" * 5000,
]


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("path", ["/display", "/sign-in"])
def test_no_address_leads_to_another_site(town: Town, people, path, target):
    for who in (people("hb-intake").client, town.app.test_client()):
        answer = who.get(path, query_string={"next": target, "contrast": "high"})
        assert answer.status_code < 500
        location = answer.headers.get("Location", "/")
        assert location.startswith("/"), location
        assert not location.startswith(("//", "/\\"))
        assert "\t" not in location
        assert "Set-Cookie: a" not in str(answer.headers)


HOSTS = ["evil.example", "evil.example:80", "127.0.0.1:99999", "[::1", "a b", "x" * 3000, "evil.example/path",
         "evil.example\\@localhost", "", "localhost, evil.example"]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_a_poisoned_host_is_written_nowhere(town: Town, people, host):
    cookie = people("hb-intake").client.get_cookie("xq_session").value
    client = town.app.test_client(use_cookies=False)
    for path in (
        "/",
        "/sign-in",
        "/inbox",
        "/cases",
        "/v/",
        "/api/v1/me",
        "/api/v1/openapi.json",
        "/nothing",
        "/sign-in?next=/cases",
    ):
        for headers in ({"Cookie": f"xq_session={cookie}"}, {}):
            answer = client.get(path, headers={**headers, "Host": host, "X-Forwarded-Host": "evil.example"})
            assert answer.status_code < 500, path
            assert "evil.example" not in answer.get_data(as_text=True), path
            assert "evil.example" not in str(answer.headers), path


def test_a_qr_code_names_the_declared_address(town: Town):
    link = numbering.verification_link(town.app.config["BASE_URL"], "X" * 20, "k")
    assert link.startswith(town.app.config["BASE_URL"])


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "_method"])
def test_a_get_stays_a_get(town: Town, people, stored, name):
    browser, before = people("hb-intake"), stored()
    assert browser.get("/cases/new", headers={name: "POST"}).status_code == 200
    assert browser.get(f"/api/v1/cases?{name}=POST", headers={name: "POST"}).status_code == 422
    assert stored() == before


def test_an_address_that_claims_to_be_forwarded_is_not_believed(town: Town):
    guesser = Program(town.app, "xqt_" + "c" * 43)
    for n in range(62):
        guesser.get("/me", headers={"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"})
    assert guesser.get("/me").status_code == 429, "throttled by the address it comes from"


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "\x00", "é" * 100])
def test_what_is_sent_in_a_header_breaks_no_answer(town: Town, value):
    client = town.app.test_client()
    sent = value.replace("\r", "").replace("\n", "")
    for name in ("Accept", "Accept-Language", "HX-Request", "If-Match", "If-None-Match", "Range", "Cookie",
                 "Idempotency-Key", "X-CSRF-Token", "Referer", "User-Agent"):  # fmt: skip
        answer = client.get("/sign-in", headers={name: sent})
        assert answer.status_code < 500, name
        assert "X-Evil" not in answer.headers
