"""Brute force: passwords, tokens of programs, codes of documents.

Lock-out, equal answers for unknown logins and throttling of sign-ins: `tests/people/test_sign_in.py`. Machines
at the public verification: `tests/documents/test_verification.py`. Here: tokens, and passwords asked elsewhere.
"""

import hashlib

import pytest
from api.programs import Program, program, token_of
from callers import Caller
from cases.town import Town, actor
from sqlalchemy import func, select, text

from app.kernel.web import PROGRAMS
from app.people import demo, tokens
from app.people.models import AccessToken, Account, SignInAttempt
from app.people.rules import LIMITS
from app.people.tokens import PREFIX
from app.public import service as public
from app.public.rules import Pace


def guesses(town: Town, address: str) -> int:
    with town.read() as session:
        rows = select(func.count()).where(SignInAttempt.ip == address, SignInAttempt.outcome == "token")
        return session.scalar(rows) or 0


def test_guessed_tokens_are_counted_and_slowed_down(town: Town):
    guesser = Program(town.app, PREFIX + "a" * 43)
    first = guesser.get("/me")
    assert (first.status_code, first.json["code"]) == (401, "token")
    assert first.headers["WWW-Authenticate"].startswith("Bearer")
    statuses = [guesser.get("/me").status_code for _ in range(LIMITS.ip_failures + 5)]
    assert statuses[: LIMITS.ip_failures - 1] == [401] * (LIMITS.ip_failures - 1)
    assert set(statuses[LIMITS.ip_failures :]) == {429}
    slowed = guesser.get("/inbox")
    assert slowed.headers["Retry-After"] == "900"
    assert slowed.json["code"] == "too_often"
    assert guesses(town, guesser.address) == LIMITS.ip_failures, "a flood writes no flood"

    honest = program(town, "hb-intake")
    honest.address = guesser.address
    assert honest.get("/me").status_code == 200, "a neighbour with a real token goes on"
    neighbour = Caller(town.app)
    neighbour.address = guesser.address
    assert neighbour.sign_in("hb-archive").status_code == 303, "and may sign in"


@pytest.mark.parametrize(
    "secret", ["", "x", "xqt_", "xqt_" + "é" * 43, "a" * 100_000, "xqt_" + "a" * 44, "\x7f", "' or 1=1--"]
)
def test_whatever_is_no_token_gets_the_same_answer(town: Town, stored, secret):
    before = stored()
    sent = secret.encode("utf-8").decode("latin-1")
    answer = Program(town.app, sent).get("/me")
    assert (answer.status_code, answer.json["code"]) == (401, "token")
    assert stored() == before


def test_ended_revoked_and_unknown_tokens_get_one_answer(town: Town):
    with town.act() as session:
        account_id = actor(session, "hb-lead").account_id
    ended, revoked = token_of(town, "hb-lead"), token_of(town, "hb-lead")
    with town.act() as session:
        session.execute(
            text(
                "update access_token set created_at = now() - interval '9 days', expires_at = now() where id = :id"
            ),
            {"id": ended.id},
        )
        tokens.revoke(session, account_id, revoked.id)
    told = []
    for secret in (ended.secret, revoked.secret, PREFIX + "b" * 43):
        answer = Program(town.app, secret).get("/me")
        told.append((answer.status_code, answer.json["code"], answer.json["detail"]))
    assert len(set(told)) == 1


def test_only_the_digest_of_a_token_is_stored(town: Town):
    made = token_of(town, "hb-lead")
    with town.read() as session:
        digest = session.scalar(select(AccessToken.token_digest).where(AccessToken.id == made.id))
        whole = session.scalar(text("select string_agg(t::text, '') from access_token t"))
    assert digest == hashlib.sha256(made.secret.encode()).digest()
    assert made.secret not in whole
    assert len(made.secret) >= 43


def test_a_token_is_not_made_by_who_sits_at_an_unattended_desk(town: Town):
    """It takes the password, and guessing it there locks the account like guessing it at the door."""
    desk = town.caller("hb-officer3")
    given = {"name": "工具", "scope": "act", "days": "30", "password": "wrong-password-1"}
    for _ in range(LIMITS.failures):
        answer = desk.post("/account/tokens", given, page="/account")
        assert answer.status_code == 422
    with town.read() as session:
        found = session.scalars(select(Account).where(Account.login == "hb-officer3")).one()
        assert found.locked_until is not None
        assert not session.scalar(select(func.count()).where(AccessToken.account_id == found.id))
    assert (
        desk.post("/account/tokens", given | {"password": demo.password()}, page="/account").status_code
        == 422
    )
    assert Caller(town.app).sign_in("hb-officer3").status_code == 429


def test_codes_of_documents_are_tried_slowly_by_either_door(town: Town, monkeypatch):
    monkeypatch.setattr(public, "_pace", Pace(6, 60))
    visitor = Program(town.app, None)
    page = Caller(town.app)
    page.address = visitor.address
    statuses = [visitor.get("/verification/37040004JD01202500012X").status_code for _ in range(3)]
    statuses += [page.get("/v/37040004JD01202500012X").status_code for _ in range(3)]
    assert statuses == [200] * 3 + [404] * 3
    assert visitor.get("/verification/37040004JD01202500012X").status_code == 429
    assert page.get("/v/37040004JD01202500012X").status_code == 429


def test_a_token_is_never_asked_for_in_an_address(town: Town):
    """Addresses end up in logs: a token there is no token."""
    secret = token_of(town, "hb-lead").secret
    client = town.app.test_client()
    for name in ("token", "access_token", "key", "authorization"):
        assert client.get(f"{PROGRAMS}v1/me?{name}={secret}").status_code == 401
    assert client.get(f"{PROGRAMS}v1/me", headers={"X-Api-Key": secret}).status_code == 401
