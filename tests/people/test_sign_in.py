"""Signing in: the right password, the wrong one, too many wrong ones, and nothing given away."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from sqlalchemy import func, select

from app.kernel import clock
from app.kernel.transaction import transaction
from app.people import passwords, service
from app.people.models import SignInAttempt, WebSession
from app.people.rules import LIMITS, SignInOutcome

pytestmark = pytest.mark.usefixtures("city")


def attempts(app, login: str) -> list[str]:
    with app.app_context(), transaction() as session:
        found = session.scalars(
            select(SignInAttempt.outcome).where(SignInAttempt.login == login).order_by(SignInAttempt.id)
        )
        return list(found)


def test_the_right_password_leads_home_with_a_safe_cookie(app, caller, person):
    answer = caller.sign_in(person())
    assert answer.status_code == 303
    assert answer.location == app.config["HOME_PATH"]
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("xq_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert caller.get("/account").status_code == 200


def test_the_cookie_is_secure_behind_https(app, caller, person, monkeypatch):
    monkeypatch.setitem(app.config, "SECURE_COOKIES", True)
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://localhost").get_data(as_text=True)
    token = page.split('name="_csrf" value="')[1].split('"')[0]
    data = {"login": person(), "password": "Yanshi-2026-xq", "_csrf": token}
    answer = client.post("/sign-in", data=data, base_url="https://localhost")
    assert all("Secure" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_login_names_are_not_case_sensitive(caller, person):
    assert caller.sign_in(f"  {person().upper()} ").status_code == 303


def test_only_a_digest_of_the_token_is_stored(app, caller, person):
    caller.sign_in(person())
    token = caller.client.get_cookie("xq_session").value
    with app.app_context(), transaction() as session:
        digests = set(session.scalars(select(WebSession.token_digest)))
    assert token.encode() not in digests
    assert len(token) >= 43


@pytest.mark.parametrize("login", ["existing", "nobody-here"])
def test_a_wrong_password_tells_nothing(app, caller, person, login):
    login = person() if login == "existing" else login
    answer = caller.sign_in(login, "wrong-password-1")
    assert answer.status_code == 422
    assert "登录名或密码不正确" in answer.text
    assert 'role="alert"' in answer.text
    assert "wrong-password-1" not in answer.text
    assert caller.get("/account").status_code == 302
    assert attempts(app, login)[-1] == "wrong"


def test_an_unknown_login_costs_the_same_work(app, person, monkeypatch):
    """The same code path: exactly one hash is verified, whether or not the login exists."""
    login = person()
    seen = []
    monkeypatch.setattr(passwords, "verify", lambda stored, password: seen.append(stored) or False)
    for name in (login, "nobody-here-either"):
        with app.app_context(), transaction() as session:
            assert service.sign_in(session, name, "x" * 12).outcome is SignInOutcome.WRONG
    assert len(seen) == 2
    assert seen[1] == passwords.decoy()
    assert seen[0] != seen[1]


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.requirement("S2-11", part="连续5次失败锁定")
def test_five_failures_lock_and_time_unlocks(callers, person, exists):
    """A login that does not exist is locked like any other, so the lock gives nothing away."""
    login = person() if exists else "phantom-login"
    caller = callers()
    start = clock.now()
    with time_machine.travel(start, tick=False):
        for _ in range(5):
            assert caller.sign_in(login, "wrong-password-1").status_code == 422
        locked = caller.sign_in(login)
        assert locked.status_code == 429
        assert "已暂停登录" in locked.text
    with time_machine.travel(start + timedelta(minutes=14), tick=False):
        assert callers().sign_in(login).status_code == 429, "another address does not help"
    with time_machine.travel(start + timedelta(minutes=15), tick=False):
        assert caller.sign_in(login).status_code == (303 if exists else 422)


def test_while_locked_not_even_the_right_password_is_looked_at(app, person, monkeypatch):
    login = person()
    with app.app_context(), transaction() as session:
        for _ in range(5):
            service.sign_in(session, login, "wrong-password-1")
    monkeypatch.setattr(passwords, "verify", lambda *_: pytest.fail("a guess was checked"))
    with app.app_context(), transaction() as session:
        assert service.sign_in(session, login, "Yanshi-2026-xq").outcome is SignInOutcome.LOCKED


def test_parallel_guesses_count_one_after_the_other(app, person, stored):
    """Twelve guesses at the same moment are still only five."""
    login = person()

    def guess(_: int) -> SignInOutcome:
        with app.app_context(), transaction() as session:
            return service.sign_in(session, login, "wrong-password-1").outcome

    with ThreadPoolExecutor(12) as pool:
        outcomes = Counter(pool.map(guess, range(12)))
    assert outcomes == {SignInOutcome.WRONG: 5, SignInOutcome.LOCKED: 7}
    assert stored(login).failed_count == 5


def test_a_success_forgets_the_failures(caller, person, stored):
    login = person()
    for _ in range(4):
        caller.sign_in(login, "wrong-password-1")
    assert stored(login).failed_count == 4
    assert caller.sign_in(login).status_code == 303
    assert stored(login).failed_count == 0


def test_one_address_may_not_try_many_logins(app, person):
    login = person()
    with app.app_context(), transaction() as session:
        for n in range(LIMITS.ip_failures):
            service.sign_in(session, f"guess-{n}", "wrong-password-1", ip="192.0.2.7")
        here = service.sign_in(session, login, "Yanshi-2026-xq", ip="192.0.2.7")
        elsewhere = service.sign_in(session, login, "Yanshi-2026-xq", ip="192.0.2.8")
    assert here.outcome is SignInOutcome.THROTTLED
    assert elsewhere.outcome is SignInOutcome.OK
    with (
        time_machine.travel(clock.now() + LIMITS.ip_window + timedelta(seconds=1)),
        app.app_context(),
        transaction() as session,
    ):
        later = service.sign_in(session, login, "Yanshi-2026-xq", ip="192.0.2.7")
    assert later.outcome is SignInOutcome.OK


def test_a_suspended_account_stays_out(caller, person):
    answer = caller.sign_in(person(active=False))
    assert answer.status_code == 422
    assert "已经停用" in answer.text


def test_a_hash_with_older_parameters_is_renewed(app, person, stored):
    login = person(password_hash=PasswordHasher(1, 16, 1).hash("Yanshi-2026-xq"))
    before = stored(login).password_hash
    with app.app_context(), transaction() as session:
        assert service.sign_in(session, login, "Yanshi-2026-xq").token
    after = stored(login).password_hash
    assert after != before
    assert passwords.verify(after, "Yanshi-2026-xq")
    assert not passwords.outdated(after)


def test_passwords_are_argon2id_with_the_parameters_of_rfc_9106(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher.from_parameters(passwords.RFC_9106_LOW_MEMORY))
    stored = passwords.digest("Yanshi-2026-xq")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.verify(stored, "Yanshi-2026-xq")
    assert not passwords.verify(stored, "Yanshi-2026-xQ")
    assert not passwords.verify("not a hash", "Yanshi-2026-xq")


def test_a_token_planted_before_never_survives_signing_in(app, caller, person):
    """Session fixation: the caller comes with a live token of somebody else."""
    other, login = person(), person()
    caller.sign_in(other)
    planted = caller.client.get_cookie("xq_session").value
    with app.app_context(), transaction() as session:
        answer = service.sign_in(session, login, "Yanshi-2026-xq", ends=planted)
    assert answer.token != planted
    assert caller.get("/account").status_code == 302, "the planted token no longer opens anything"


def test_a_made_up_token_opens_nothing(caller):
    caller.client.set_cookie("xq_session", "made-up-token")
    assert caller.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("/account/password?x=1", "/account/password?x=1"),
        ("https://evil.example/", None),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("javascript:alert(1)", None),
    ],
)
def test_signing_in_leads_only_to_this_site(app, caller, person, target, leads):
    assert caller.sign_in(person(), next=target).location == (leads or app.config["HOME_PATH"])


def test_the_page_asked_for_is_found_again_after_signing_in(caller, person):
    sent = caller.get("/account?done=x")
    assert sent.status_code == 302
    page = caller.get(sent.location)
    assert 'name="next" value="/account?done=x"' in page.text


def test_who_is_signed_in_already_goes_on(caller, person):
    caller.sign_in(person())
    assert caller.get("/sign-in?next=/account/password").location == "/account/password"


@pytest.mark.requirement("S2-11", part="登录、登出、失败均入审计")
def test_signing_in_failing_and_signing_out_are_all_recorded(app, caller, person):
    login = person()
    caller.sign_in(login, "wrong-password-1")
    caller.sign_in(login)
    assert caller.post("/sign-out", page="/account").status_code == 303
    assert attempts(app, login) == ["wrong", "ok", "out"]


def test_every_attempt_is_recorded_and_kept_six_months(app, caller, person):
    login = person()
    caller.sign_in(login, "wrong-password-1")
    caller.sign_in(login)
    assert attempts(app, login) == ["wrong", "ok"]
    with time_machine.travel(clock.now() + timedelta(days=182)), app.app_context(), transaction() as session:
        service.sweep(session)
    assert attempts(app, login) == ["wrong", "ok"]
    with time_machine.travel(clock.now() + timedelta(days=184)), app.app_context(), transaction() as session:
        service.sweep(session)
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0
    assert attempts(app, login) == []


def test_hostile_input_is_just_a_wrong_password(caller):
    for login, password in (
        ("", ""),
        ("a" * 5000, "b" * 5000),
        ("' or 1=1 --", "x"),
        ("甲\x01", "\ud7ff\U0001f600"),
    ):
        assert caller.sign_in(login, password).status_code == 422


def test_what_no_column_can_hold_is_a_clear_error(caller):
    answer = caller.sign_in("hb\x00head", "x")
    assert answer.status_code == 400
    assert "格式不对" in answer.text
