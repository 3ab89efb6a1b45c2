"""Request forgery: another site makes a signed-in browser send something.

The pages' token and the browser's own word are asked of every route in `tests/people/test_csrf.py` and
`tests/house/test_routes.py`. Here: the API, where a cookie and a token of a program could be confused.
"""

import pytest
from api.programs import V1, Program, new_key, token_of

from app.people import sessions


@pytest.fixture
def item(programs):
    return programs("hb-intake").get("/items").json["items"][0]["id"]


def opening(browser, item, **headers):
    return browser.client.post(
        f"{V1}/cases",
        json={"item_id": item},
        headers={"Idempotency-Key": new_key(), **headers},
        environ_base={"REMOTE_ADDR": browser.address},
    )


def test_the_cookie_alone_acts_on_nothing(people, item, stored):
    browser, before = people("hb-intake"), None
    browser.get("/account")
    before = stored()
    answer = opening(browser, item)
    assert (answer.status_code, answer.json["code"]) == (403, "csrf")
    assert opening(browser, item, **{"X-CSRF-Token": "guess"}).json["code"] == "csrf"
    assert stored() == before


def test_the_cookie_with_its_token_acts(people, item):
    browser = people("hb-intake")
    token = browser.get(f"{V1}/me").json["credential"]["csrf_token"]
    assert opening(browser, item, **{"X-CSRF-Token": token}).status_code == 201


@pytest.mark.parametrize("site", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"},
                                  {"Origin": "null"}, {"Origin": "http://["}])  # fmt: skip
def test_another_site_acts_on_nothing_even_with_the_token(people, item, stored, site):
    browser = people("hb-intake")
    token = browser.get(f"{V1}/me").json["credential"]["csrf_token"]
    before = stored()
    answer = opening(browser, item, **{"X-CSRF-Token": token}, **site)
    assert (answer.status_code, answer.json["code"]) == (403, "cross_site")
    assert stored() == before


@pytest.mark.parametrize("header", ["Bearer x", "Bearer ", "Basic aGI6eA==", "", "bearer " + "x" * 5000])
def test_a_made_up_token_does_not_replace_the_forgery_token(people, item, stored, header):
    """The header that spares a program the forgery token must not spare a browser it."""
    browser, before = people("hb-intake"), stored()
    answer = opening(browser, item, Authorization=header)
    assert (answer.status_code, answer.json["code"]) == (400, "two_credentials")
    assert stored() == before


def test_a_real_token_and_a_cookie_together_are_refused(town, people, item, stored):
    secret = token_of(town, "hb-intake").secret
    browser, before = people("hb-intake"), stored()
    answer = opening(browser, item, Authorization=f"Bearer {secret}")
    assert (answer.status_code, answer.json["code"]) == (400, "two_credentials")
    assert stored() == before


def test_a_token_opens_no_page(town, stored):
    """Pages know the cookie alone: a token there would act without the forgery token."""
    secret, before = token_of(town, "hb-intake").secret, None
    client = town.app.test_client()
    before = stored()
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/inbox", headers=headers).status_code == 302
    assert (
        client.post("/cases/new", data={"item": "1", "_key": new_key()}, headers=headers).status_code == 302
    )
    assert client.post("/account/tokens", data={"name": "x"}, headers=headers).status_code == 302
    assert stored() == before


def test_no_answer_invites_another_site(people, town):
    """Without CORS headers no page of another site reads an answer, and no preflight is passed."""
    browser = people("hb-intake")
    origin = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("GET", "OPTIONS"):
        answer = browser.client.open(f"{V1}/me", method=method, headers=origin)
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_a_form_of_another_site_is_no_json(people, item, stored):
    """What a form can send without a preflight is not taken for JSON."""
    browser = people("hb-intake")
    token = browser.get(f"{V1}/me").json["credential"]["csrf_token"]
    before = stored()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = browser.client.post(
            f"{V1}/cases",
            data=b'{"item_id": %d}' % item,
            content_type=kind,
            headers={"Idempotency-Key": new_key(), "X-CSRF-Token": token},
        )
        assert answer.status_code == 415, kind
    assert stored() == before


def test_a_reading_token_acts_on_nothing(town, programs, item, stored):
    reader = Program(town.app, token_of(town, "hb-intake", "read").secret)
    before = stored()
    assert reader.get("/me").json["credential"]["scope"] == "read"
    answer = reader.act("/cases", {"item_id": item})
    assert (answer.status_code, answer.json["code"]) == (403, "token_scope")
    assert stored() == before


def test_the_session_cookie_is_no_token(people, town):
    cookie = people("hb-intake").client.get_cookie(sessions.COOKIE).value
    assert Program(town.app, cookie).get("/me").status_code == 401
