"""Session fixation: a session or token somebody else knows does not become, or stay, mine.

A token planted before sign-in, and the end of other sessions at a change of password, are held by
`tests/people/test_sign_in.py`, `test_password_change.py` and `test_web_sessions.py`; here also for programs.
"""

import pytest
from api.programs import V1, Program, program, token_of
from callers import Caller
from cases.town import Town, actor

from app.kernel.auth import Role
from app.people import administration, demo, sessions, tokens
from app.people.models import Account


def session_of(browser: Caller) -> str:
    return browser.client.get_cookie(sessions.COOKIE).value


def alive(town: Town, secret: str) -> bool:
    client = town.app.test_client()
    client.set_cookie(sessions.COOKIE, secret)
    return client.get(f"{V1}/me").status_code == 200


def test_every_sign_in_makes_a_new_session_and_ends_the_old(town: Town):
    browser = Caller(town.app)
    seen = []
    for _ in range(3):
        browser.sign_in("yj-intake")
        seen.append(session_of(browser))
        browser.client.get("/healthz")
        if len(seen) < 3:
            page = Caller(town.app)
            page.client.set_cookie(sessions.COOKIE, seen[-1])
            token = page.token("/account")
            form = {"login": "yj-intake", "password": demo.password(), "_csrf": token}
            assert page.bare_post("/sign-in", form).status_code == 303
            assert not alive(town, seen[-1]), "the session it came with has ended"
            browser = Caller(town.app)
    assert len(set(seen)) == 3


def test_the_forgery_token_changes_with_the_session(town: Town):
    browser = Caller(town.app)
    visitor = browser.token("/sign-in")
    browser.sign_in("yj-officer1")
    first = browser.token("/account")
    assert first != visitor
    assert browser.bare_post("/sign-out", {"_csrf": visitor}).status_code == 403
    browser.post("/sign-out", page="/account")
    browser.sign_in("yj-officer1")
    assert browser.token("/account") != first


@pytest.mark.parametrize("planted", ["x" * 43, "", "a" * 5000, "é"])
def test_a_planted_cookie_never_becomes_a_session(town: Town, planted):
    browser = Caller(town.app)
    browser.client.set_cookie(sessions.COOKIE, planted)
    browser.sign_in("yj-lead")
    assert session_of(browser) != planted
    assert not alive(town, planted)


def test_signing_out_kills_the_session_for_the_api_too(town: Town):
    browser = town.caller("yj-head")
    secret = session_of(browser)
    assert alive(town, secret)
    assert browser.post("/sign-out", page="/account").status_code == 303
    assert not alive(town, secret)


def test_a_change_of_password_kills_sessions_and_tokens(town: Town):
    thief, owner = town.caller("yj-legal"), town.caller("yj-legal")
    stolen = program(town, "yj-legal")
    old = session_of(owner)
    new = "Xinmima-2027-abc"
    form = {"current": demo.password(), "new": new, "again": new}
    assert owner.post("/account/password", form).status_code == 303
    assert owner.get("/account").status_code == 200
    for dead in (session_of(thief), old):
        assert not alive(town, dead)
    assert stolen.get("/me").status_code == 401


@pytest.mark.parametrize("act", ["suspend", "reset", "roles"])
def test_what_an_administrator_does_reaches_tokens_at_once(town: Town, act):
    login = {"suspend": "cg-officer1", "reset": "cg-officer2", "roles": "cg-officer3"}[act]
    desk = program(town, login)
    assert desk.get("/inbox").status_code == 200
    with town.act() as session:
        admin, victim = actor(session, "sf-admin"), actor(session, login).account_id
        if act == "suspend":
            administration.set_active(session, admin, victim, False)
        elif act == "reset":
            administration.reset_password(session, admin, victim)
        else:
            session.get_one(Account, victim).roles = [str(Role.ANALYST)]
    assert desk.get("/inbox").status_code == (403 if act == "roles" else 401)
    if act == "suspend":
        with town.act() as session:
            administration.set_active(session, actor(session, "sf-admin"), victim, True)
        assert desk.get("/inbox").status_code == 401, "restored, the account has no tokens"


def test_a_revoked_token_is_dead_at_the_next_request(town: Town):
    owner, made = town.caller("cg-lead"), token_of(town, "cg-lead")
    desk = Program(town.app, made.secret)
    assert desk.get("/me").status_code == 200
    path = f"/account/tokens/{made.id}/revoke"
    assert path in owner.get("/account").get_data(as_text=True)
    assert owner.post(path, page="/account").location == "/account?done=token"
    assert desk.get("/me").status_code == 401
    assert owner.post(path, page="/account").status_code == 404


def test_a_password_that_must_be_changed_stops_tokens_too(town: Town):
    desk = program(town, "cg-head")
    with town.act() as session:
        session.get_one(Account, actor(session, "cg-head").account_id).must_change = True
    answer = desk.get("/inbox")
    assert (answer.status_code, answer.json["code"]) == (403, "password_change_required")


def test_an_account_without_cases_gets_no_token(town: Town):
    admin = town.caller("sf-admin")
    given = {"name": "x", "scope": "act", "days": "30", "password": demo.password()}
    assert admin.post("/account/tokens", given, page="/account").status_code == 403
    with town.act() as session, pytest.raises(Exception, match="执法人员"):
        tokens.create(session, actor(session, "sf-admin").account_id, "x")
