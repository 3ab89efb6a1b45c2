"""Requests forged by another site change nothing."""

import pytest

pytestmark = pytest.mark.usefixtures("city")


def refused(answer, code: str) -> bool:
    return answer.status_code == 403 and answer.json["code"] == code


JSON = {"Accept": "application/json"}


def test_a_post_without_the_token_is_refused(caller, person):
    caller.sign_in(person())
    assert refused(caller.bare_post("/sign-out", headers=JSON), "csrf")
    assert refused(caller.bare_post("/sign-out", {"_csrf": "wrong"}, headers=JSON), "csrf")
    assert refused(caller.bare_post("/sign-out", {"_csrf": "错误"}, headers=JSON), "csrf")
    assert caller.get("/account").status_code == 200


def test_the_refusal_is_a_page_that_says_what_to_do(caller, person):
    caller.sign_in(person())
    answer = caller.bare_post("/sign-out")
    assert answer.status_code == 403
    assert "刷新后重新提交" in answer.text


def test_the_token_may_come_as_a_header(caller, person):
    caller.sign_in(person())
    token = caller.token("/account")
    assert caller.bare_post("/sign-out", headers={"X-CSRF-Token": token}).status_code == 303


def test_the_token_of_another_session_does_not_fit(callers, person):
    one, two = callers(), callers()
    one.sign_in(person())
    two.sign_in(person())
    token = two.token("/account")
    assert refused(one.bare_post("/sign-out", {"_csrf": token}, headers=JSON), "csrf")


def test_signing_in_needs_the_token_of_this_visitors_own_page(callers, person):
    login, one, two = person(), callers(), callers()
    data = {"login": login, "password": "Yanshi-2026-xq"}
    assert refused(one.bare_post("/sign-in", data, headers=JSON), "csrf")
    foreign = two.token("/sign-in")
    one.get("/sign-in")
    assert refused(one.bare_post("/sign-in", data | {"_csrf": foreign}, headers=JSON), "csrf")
    assert one.bare_post("/sign-in", data | {"_csrf": one.token("/sign-in")}).status_code == 303


def test_an_empty_visitor_cookie_signs_nothing(caller):
    caller.client.set_cookie("xq_visitor", "")
    assert refused(caller.bare_post("/sign-in", {"_csrf": ""}, headers=JSON), "csrf")


def test_the_visitors_token_stays_the_same_across_pages(caller):
    assert caller.token("/sign-in") == caller.token("/sign-in")


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "https://localhost"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_what_the_browser_says_of_the_origin_is_the_second_fence(caller, person, headers, passes):
    caller.sign_in(person())
    data = {"_csrf": caller.token("/account")}
    answer = caller.bare_post("/sign-out", data, headers={**headers, **JSON})
    assert answer.status_code == 303 if passes else refused(answer, "cross_site")


def test_a_visitors_huge_body_is_not_even_read(caller):
    answer = caller.bare_post("/sign-in", {"login": "a" * (1024 * 1024 + 1)})
    assert answer.status_code == 413
